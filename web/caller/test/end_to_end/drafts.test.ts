// Drafts and locks in a real browser: what is written is kept by the desk program, in its own case, and never by the browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchChromium } from "../browser/chromium.ts";
import { sendAnswer } from "./answering.ts";
import { Hotline } from "./hotline.ts";

let hotline: Hotline;
let browser: Browser;
let context: BrowserContext;
let desk: Page;

before(async () => {
  hotline = await Hotline.start();
  browser = await launchChromium();
  context = await browser.newContext();
  desk = await context.newPage();
  await hotline.enterDesk(desk);
});

after(async () => {
  await browser.close();
  await hotline.stop();
});

/** Somebody writes; the address of their case. */
async function openCase(page: Page, text: string): Promise<string> {
  const sent = await hotline.run(["call", "send", "--json", "--hub", hotline.ready.caller, "-"], text);
  await page.goto(new URL("/", hotline.desk).href);
  await page.click(`li[data-call-sign="${sent.call_sign}"] a`);
  await page.waitForSelector("#conversation .from-caller .text");
  return page.url();
}

const isKept = (page: Page) => page.waitForSelector("#discard");

/** Once this is what stands in the box. */
const boxHolds = (page: Page, text: string) =>
  page.waitForFunction((text) => document.querySelector<HTMLTextAreaElement>("#reply")?.value === text, text);

async function unlock(page: Page): Promise<void> {
  await page.fill("#passphrase", hotline.passphrase);
  await page.click("#unlock");
}

test("a tab that is killed loses nothing, two cases never mix, and the browser stores none of it", async () => {
  const [first, second] = [await openCase(desk, "one"), await openCase(desk, "two")];
  for (const [address, text] of [
    [first, "to the first"],
    [second, "to the second"],
  ] as const) {
    const page = await context.newPage();
    await page.goto(address);
    await page.locator("#reply").pressSequentially(text);
    await isKept(page);
    const stored = await page.evaluate(async () => [
      localStorage.length + sessionStorage.length,
      (await indexedDB.databases()).length,
      (await caches.keys()).length,
      JSON.stringify(history.state),
    ]);
    assert.deepEqual(stored, [0, 0, 0, "null"]);
    // The process of the page is gone, so nothing of it runs any more.
    const gone = page.waitForEvent("crash");
    page.goto("chrome://crash").catch(() => {});
    await gone;
    await page.close();
  }
  for (const [address, text] of [
    [first, "to the first"],
    [second, "to the second"],
  ] as const) {
    await desk.goto(address);
    assert.equal(await desk.inputValue("#reply"), text);
  }
});

test("what was written a moment ago is kept by a page that is left", async () => {
  const address = await openCase(desk, "leaving");
  await desk.locator("#reply").pressSequentially("half a wor");
  await desk.goto(new URL("/follow-ups", hotline.desk).href);
  await desk.goto(address);
  assert.equal(await desk.inputValue("#reply"), "half a wor");
});

test("Esc twice while writing keeps the text, and unlocking leads back to its place", async () => {
  const address = await openCase(desk, "locking");
  const other = await context.newPage();
  await other.goto(address);
  await desk.bringToFront();
  await desk.locator("#reply").pressSequentially("first and last");
  for (let n = 0; n < 5; n += 1) await desk.keyboard.press("ArrowLeft");
  await desk.keyboard.press("Escape");
  assert.equal(await desk.locator("#loss").count(), 0, "nothing is lost, so nothing is said");
  await desk.keyboard.press("Escape");
  for (const page of [desk, other]) {
    await page.waitForSelector("#passphrase");
    assert.ok(!(await page.content()).includes("first and last"));
  }
  await unlock(desk);
  await desk.waitForURL(address);
  assert.equal(await desk.inputValue("#reply"), "first and last");
  // The writer goes on where they were.
  await desk.keyboard.type(", then");
  assert.equal(await desk.inputValue("#reply"), "first and, then last");
  await other.close();
});

test("another tab of the case shows what one has kept, and of two texts both are there", async () => {
  const address = await openCase(desk, "tabs");
  const other = await context.newPage();
  await other.goto(address);
  await desk.locator("#reply").pressSequentially("by one tab");
  await boxHolds(other, "by one tab");
  // Neither hears of the other now.
  await other.route("**/draft", (route) => route.abort());
  await other.fill("#reply", "by the other");
  await other.waitForSelector("#draft-told .problem");
  assert.match((await other.textContent("#draft-told")) ?? "", /What you wrote last is not kept/);
  // What is said to be kept is the text of before, and said to be that.
  assert.match((await other.textContent("#draft")) ?? "", /what stood in the box at \d\d:\d\d UTC/);
  const kept = desk.waitForResponse((response) => response.url().endsWith("/draft"));
  await desk.fill("#reply", "by one tab, and more");
  await kept;
  await other.unroute("**/draft");
  await other.fill("#reply", "by the other, too");
  await other.waitForFunction(() =>
    /both texts/i.test(document.getElementById("draft-told")?.textContent ?? ""),
  );
  await other.click("#older summary");
  assert.equal(await other.textContent("#older .text"), "by one tab, and more");
  await other.click("#put-back");
  await boxHolds(other, "by one tab, and more");
  await other.close();
});

test("an answer that was sent leaves no draft, and one that was discarded can be taken back", async () => {
  const address = await openCase(desk, "sent");
  await desk.locator("#reply").pressSequentially("an answer");
  await isKept(desk);
  await sendAnswer(desk);
  await desk.waitForSelector("#said .said");
  await boxHolds(desk, "");
  await desk.goto(address);
  assert.equal(await desk.inputValue("#reply"), "");
  assert.equal(await desk.locator("#discard").count(), 0);
  await desk.locator("#reply").pressSequentially("another");
  await isKept(desk);
  await desk.click("#discard");
  await boxHolds(desk, "");
  await desk.click("#older summary");
  await desk.click("#put-back");
  await boxHolds(desk, "another");
});

test("a page without scripts is filled from the draft and keeps one by a button", async () => {
  const address = await openCase(desk, "plain");
  const plain = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await context.storageState(),
  });
  const page = await plain.newPage();
  await page.goto(address);
  await page.fill("#reply", "by hand");
  await page.click("#keep");
  await page.waitForSelector("#discard");
  assert.equal(await page.inputValue("#reply"), "by hand");
  await desk.goto(address);
  assert.equal(await desk.inputValue("#reply"), "by hand");
  await plain.close();
});
