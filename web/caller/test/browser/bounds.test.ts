// What no browser can lay out in time: refused before it stands in a field, with a sentence, and nothing else is lost.
import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { StubHub } from "../stub_hub.ts";
import { launchChromium } from "./chromium.ts";

const browser = await launchChromium();
const hub = await StubHub.start();
let context: BrowserContext;
let page: Page;

beforeEach(async () => {
  context = await browser.newContext({ locale: "en-GB", permissions: ["clipboard-read", "clipboard-write"] });
  page = await context.newPage();
  await page.goto(hub.link());
});

afterEach(() => context.close());

after(async () => {
  await browser.close();
  await hub.stop();
});

const TOO_MUCH = {
  "a million line breaks": "\n".repeat(1_000_000),
  "letters without a blank": "x".repeat(120_000),
  "marks on one letter": `a${"\u0301".repeat(100_000)}`,
  "marks within the length": `a${"\u0301".repeat(80)}`,
  "skin tones": "\u{1f3fd}".repeat(45),
  joiners: "a\u200d\u0301".padEnd(95, "\u200d\u0301"),
};

for (const [field, refused] of [
  ["#text", "#text-refused"],
  ["#safe-times", "#safe-times-refused"],
] as const) {
  test(`what ${field} cannot take is refused as a whole, and leaving answers`, async () => {
    await page.click("#door-write");
    await page.fill(field, "kept");
    for (const [what, text] of Object.entries(TOO_MUCH)) {
      await page.focus(field);
      await page.keyboard.insertText(text);
      assert.equal(await page.inputValue(field), "kept", what);
      assert.match((await page.textContent(refused)) ?? "", /None of that was put in/);
      assert.equal(await page.isVisible(refused), true, what);
      await page.keyboard.type("!");
      assert.equal(await page.isVisible(refused), false, what);
      await page.keyboard.press("Backspace");
    }
    await page.click("#leave");
    await page.waitForURL("about:blank");
  });
}

test("what cannot be a phrase is refused, and the words that stand there open", async () => {
  await page.click("#door-return");
  await page.fill("#phrase-input", "abandon ability");
  for (const text of Object.values(TOO_MUCH)) {
    await page.focus("#phrase-input");
    await page.keyboard.insertText(text);
    assert.equal(await page.inputValue("#phrase-input"), "abandon ability");
    assert.match((await page.textContent("#phrase-note")) ?? "", /too long/);
  }
  await page.click("#open");
  await page.waitForSelector("#call-sign");
  await page.click("#leave");
  await page.waitForURL("about:blank");
});

test("a paste of thousands of lines is put in where the cursor is, and one that is too long is not", async () => {
  await page.click("#door-write");
  await page.fill("#text", "ab");
  await page.keyboard.press("ArrowLeft");
  const lines = "line\n".repeat(5000);
  const paste = async (text: string): Promise<void> => {
    await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
    await page.keyboard.press("Control+V");
  };
  await paste(lines);
  assert.equal(await page.inputValue("#text"), `a${lines}b`);
  assert.match((await page.textContent("#room")) ?? "", /Too long by/);
  await paste(lines);
  assert.equal(await page.inputValue("#text"), `a${lines}b`);
  assert.equal(await page.isVisible("#text-refused"), true);
});

test("each paragraph of a text has its own direction, and the field has none to weigh", async () => {
  await page.click("#door-write");
  await page.fill("#text", "שלום\nhello");
  assert.equal(await page.getAttribute("#text", "dir"), null);
  assert.equal(
    await page.locator("#text").evaluate((field) => getComputedStyle(field).unicodeBidi),
    "plaintext",
  );
});

test("a text that shows nothing is not sent", async () => {
  await page.click("#door-write");
  for (const blank of ["\u200b", "\u3164\n", "\u2800 \u2800", "\u202e\u00a0\u{e0041}"]) {
    await page.fill("#text", blank);
    await page.click("#send");
    assert.match((await page.textContent("#write-problem")) ?? "", /Write something first/);
    assert.equal(await page.isVisible("#phrase"), false);
  }
});
