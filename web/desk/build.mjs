// Builds the script of the desk's pages into dist: one file, the same bytes from the same sources.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: { desk: "src/main.ts" },
  outdir: "dist",
  bundle: true,
  // It is served on loopback alone, where whoever asks what it does can read it.
  minify: false,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  loader: { ".ftl": "text" },
});
