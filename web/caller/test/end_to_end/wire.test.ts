// On the wire a call, a pick-up and a mere visit are the same: count, order, lengths and headers of what goes each way.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../browser/chromium.ts";
import { Hotline } from "./hotline.ts";
import { RecordingProxy, type Seen } from "./recording_proxy.ts";

/** Requests of each visit that are compared: some before the first exchange, the rest exchanges. */
const COMPARED = 16;

let hotline: Hotline;
let browser: Browser;
let phrase: string;

before(async () => {
  hotline = await Hotline.start();
  browser = await launchChromium();
  phrase = (await hotline.run(["call", "send", "--json", "--hub", hotline.ready.caller, "-"], "earlier"))
    .phrase;
});

after(async () => {
  await browser.close();
  await hotline.stop();
});

const isExchange = (seen: Seen) => seen.request.includes("/v1/exchange");

/** What a browser sends when a person does something on the page. */
async function watchPage(act: (page: Page) => Promise<void>): Promise<Seen[]> {
  const proxy = await RecordingProxy.before(hotline.ready.hub);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(proxy.link(hotline.ready.caller));
  await act(page);
  while (proxy.seen().length < COMPARED) await page.waitForEvent("requestfinished");
  await context.close();
  const seen = proxy.seen().slice(0, COMPARED);
  await proxy.stop();
  // Where the first slot falls among the content packs is drawn anew for each visit, whatever it is for.
  return [...seen.filter((one) => !isExchange(one)), ...seen.filter(isExchange)];
}

/** What the command line sends. */
async function watchCommand(args: string[], input = ""): Promise<Seen[]> {
  const proxy = await RecordingProxy.before(hotline.ready.hub);
  const [name = "", ...rest] = args;
  const common = ["--json", "--slots", "8", "--hub", proxy.link(hotline.ready.caller)];
  await hotline.run(["call", name, ...common, ...rest], input);
  const seen = proxy.seen();
  await proxy.stop();
  return seen;
}

test("in Chromium", async () => {
  const visits = await Promise.all([
    watchPage(async () => {}),
    watchPage(async (page) => {
      await page.click("#door-write");
      await page.fill("#text", "Це виклик. ".repeat(300));
      await page.click("#send");
    }),
    watchPage(async (page) => {
      await page.click("#door-return");
      await page.fill("#phrase-input", phrase);
      await page.click("#open");
    }),
  ]);
  const [visit, call, pickUp] = visits as [Seen[], Seen[], Seen[]];
  assert.ok(visit.filter(isExchange).length >= 6);
  assert.ok(
    visit.filter(isExchange).every((seen) => seen.requestBytes === 4_192 && seen.answerBytes === 32_896),
  );
  assert.deepEqual(call, visit);
  assert.deepEqual(pickUp, visit);
});

test("from the command line", async () => {
  const file = join(hotline.data, "phrase");
  await writeFile(file, phrase);
  const visits = await Promise.all([
    watchCommand(["visit"]),
    watchCommand(["send", "--cover", "-"], "Це виклик. ".repeat(200)),
    watchCommand(["read", "--cover", "--phrase-file", file]),
  ]);
  const [visit, call, pickUp] = visits as [Seen[], Seen[], Seen[]];
  assert.equal(visit.filter(isExchange).length, 8);
  // A visit that is not done by then goes on, and says so; up to there all are the same.
  assert.deepEqual(call.slice(0, visit.length), visit);
  assert.deepEqual(pickUp.slice(0, visit.length), visit);
  // What comes after is more of the same.
  for (const seen of [...call, ...pickUp].slice(visit.length)) {
    if (isExchange(seen)) assert.deepEqual(seen, visit.at(-1));
  }
});
