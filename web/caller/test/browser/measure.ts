// Prints what the built page weighs, and how long its slow steps take in Chromium, with and without a JIT.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { wordLists } from "../../word_lists.mjs";
import { StubHub } from "../stub_hub.ts";
import { launchChromium } from "./chromium.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Runs in the page; its address is a secure context, and its policy does not hold for what the test adds. */
const STEPS = `
  import { sealCell } from "${here("../../src/protocol/cell.ts")}";
  import { Caller } from "${here("../../src/protocol/caller.ts")}";
  import { dropTable } from "${here("../../src/protocol/drop.ts")}";
  import { partPayload, splitMessage } from "${here("../../src/protocol/message.ts")}";
  import { verifyNotice } from "${here("../../src/protocol/notice.ts")}";

  import { makeStamp } from "${here("../../src/protocol/stamp.ts")}";
  import { browserWorld } from "${here("../../src/visit/world.ts")}";

  const times = {};
  async function time(name, runs, step) {
    await step();
    const all = [];
    for (let i = 0; i < runs; i++) {
      const start = performance.now();
      await step();
      all.push(performance.now() - start);
    }
    times[name] = all.sort((a, b) => a - b)[runs >> 1];
  }
  globalThis.measureSteps = async () => {
    const random = (n) => crypto.getRandomValues(new Uint8Array(n));
    const envelope = new Uint8Array(await (await fetch("v1/notice")).arrayBuffer());
    const notice = await verifyNotice(envelope, null, Date.now());
    const key = notice.inboxKeys[0];
    let caller;
    await time("phrase to keys (PBKDF2)", 3, async () => {
      caller = await Caller.fromPhrase("abandon ability able", notice.fingerprint);
    });
    await time("verify a notice", 5, () => verifyNotice(envelope, null, Date.now()));
    await time("seal cover", 21, () => sealCell(notice, key, new Uint8Array(0), random(64)));
    const [part] = splitMessage({ track: "", language: "en", text: "x".repeat(2000), safeTimes: "" }, random(16));
    await time("seal a part", 21, async () =>
      sealCell(notice, key, await partPayload(part, caller, notice.answerKey, key.epoch), random(64)));
    await time("addresses of a day", 5, () => dropTable(caller, key.epoch));
    // As many tries as effort 16 takes in the mean; the greatest effort is not found in them, and the search is left.
    await time("65,536 tries for a stamp", 5, () => {
      const leaving = new AbortController();
      let turns = 0;
      const turn = () => {
        if (++turns === 256) leaving.abort();
        return browserWorld().turn();
      };
      const bound = { fingerprint: new Uint8Array(32), cell: new Uint8Array(4096) };
      return makeStamp({ effort: 20, round: 0 }, bound, new Uint8Array(8), turn, leaving.signal);
    });
    return times;
  };
`;

async function weights(stub: StubHub): Promise<void> {
  const files = ["index.html", "app.js", "style.css"].map(
    (name) => [name, here(`../../dist/${name}`)] as const,
  );
  const parts = await Promise.all(files.map(async ([name, path]) => [name, await readFile(path)] as const));
  const sent = [...parts, ["notice", Buffer.from(stub.hub.envelope)] as const];
  const rows = sent.map(([name, bytes]) => ({
    name,
    plain: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  }));
  const sum = (key: "plain" | "gzip" | "brotli"): number => rows.reduce((total, row) => total + row[key], 0);
  console.table([...rows, { name: "all", plain: sum("plain"), gzip: sum("gzip"), brotli: sum("brotli") }]);
}

async function timings(stub: StubHub, script: string, ...flags: string[]): Promise<Record<string, number>> {
  const browser = await launchChromium(...flags);
  const page = await browser.newPage({ bypassCSP: true });
  // Only the steps are to be measured, not the visit that goes on beside them.
  stub.hub.callsTaken = false;
  await page.goto(stub.link());
  await page.waitForSelector("#problem");
  await page.addScriptTag({ content: script });
  const times = (await page.evaluate("measureSteps()")) as Record<string, number>;
  await browser.close();
  stub.hub.callsTaken = true;
  return times;
}

const stub = await StubHub.start();
const bundle = await build({
  stdin: { contents: STEPS, resolveDir: here("."), loader: "js" },
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  plugins: [wordLists],
  write: false,
});
const script = bundle.outputFiles[0]?.text ?? "";
await weights(stub);
const jit = await timings(stub, script);
const jitless = await timings(stub, script, "--js-flags=--jitless");
const rounded = (ms: number | undefined): number => Math.round((ms ?? 0) * 10) / 10;
console.table(
  Object.keys(jit).map((step) => ({
    step,
    "ms with JIT": rounded(jit[step]),
    "ms without": rounded(jitless[step]),
  })),
);
await stub.stop();
