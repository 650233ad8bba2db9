// Builds the page: three static files in dist, plain and compressed, the same bytes from the same sources.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { wordLists } from "./word_lists.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await rm(here("dist"), { recursive: true, force: true });
await mkdir(here("dist"), { recursive: true });
await build({
  absWorkingDir: here("."),
  entryPoints: { app: "src/main.ts", style: "src/style.css" },
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  charset: "utf8",
  legalComments: "none",
  plugins: [wordLists],
});
await cp(here("src/index.html"), here("dist/index.html"));
// The hub serves these to browsers that take them; compressed once, so that every visitor gets the same bytes.
for (const name of ["index.html", "app.js", "style.css"]) {
  const bytes = await readFile(here(`dist/${name}`));
  await writeFile(here(`dist/${name}.br`), brotliCompressSync(bytes));
  await writeFile(here(`dist/${name}.gz`), gzipSync(bytes, { level: 9 }));
}
