// How the desk's pages look and are worked: axe finds nothing on any of them, in both themes, wide and narrow; colours and
// single keys are as the operator has chosen, with and without scripts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../browser/chromium.ts";
import { deskPages } from "./desk_pages.ts";
import { Hotline } from "./hotline.ts";

let browser: Browser;
const hotlines: Hotline[] = [];

before(async () => {
  browser = await launchChromium();
});

after(async () => {
  await browser.close();
  for (const hotline of hotlines) await hotline.stop();
});

async function start(): Promise<Hotline> {
  const hotline = await Hotline.start();
  hotlines.push(hotline);
  return hotline;
}

const WIDTHS = [
  { width: 1280, height: 800 },
  { width: 320, height: 640 },
];

/** What axe has to say with each of its rules, those too that it leaves out by itself. */
async function findings(page: Page): Promise<string[]> {
  // What is scrolled half away lies under the head, which stays: no press is meant for it.
  await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    const rules = Object.fromEntries(axe.getRules().map(({ ruleId }) => [ruleId, { enabled: true }]));
    const { violations } = await axe.run(document, { rules });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  });
}

/** Chooses something, and returns once the desk program has taken it and the page says so. */
async function choose(page: Page, act: () => Promise<void>): Promise<void> {
  const taken = page.waitForResponse((response) => response.url().endsWith("/looks"));
  await act();
  await taken;
  await page.waitForSelector("#looks-said:has-text('Kept')");
}

test("axe finds nothing on any page, and none is wider than its window", async () => {
  const found: string[] = [];
  const seen: string[] = [];
  for await (const { name, page } of deskPages(await start(), browser)) {
    seen.push(name);
    for (const size of WIDTHS) {
      await page.setViewportSize(size);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const where = `${name}, ${size.width} px, ${colorScheme}`;
        found.push(...(await findings(page)).map((finding) => `${where}: ${finding}`));
        const wider = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
        if (wider) found.push(`${where}: is wider than its window`);
      }
    }
    await page.setViewportSize(WIDTHS[0] as (typeof WIDTHS)[0]);
  }
  assert.deepEqual(found, []);
  assert.ok(seen.length > 20, String(seen));
});

// Names of keys and of what is typed, which no language translates.
const EVERYWHERE =
  /\b(?:Callsign|Caps Lock|Ctrl|Enter|Esc|Tab|Tor|UTC|English|callsign|due|lang|none|since|track)\b/gu;

/** Words of ours that are said in English. */
async function english(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    // What others wrote, names, and what is typed.
    const others =
      "[lang=en], bdi, code, kbd, q, dt, option, textarea, script, style, noscript, .text, .person, .home, .words-of-caller, .what, .line, h1, #notes, .follow-ups, .left a, .cases a, .due a, .turn strong, .text.answer-shown";
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: string[] = [];
    while (walk.nextNode()) {
      const text = walk.currentNode.textContent ?? "";
      if (!walk.currentNode.parentElement?.closest(others)) texts.push(text);
    }
    const named = [...document.querySelectorAll("[aria-label]")].map(
      (one) => one.getAttribute("aria-label") ?? "",
    );
    return [...texts, ...named, document.title];
  });
  return texts.filter((text) => /[a-z]{3}/iu.test(text.replace(EVERYWHERE, "")));
}

test("in Ukrainian axe finds nothing either, no page is too wide, and nothing of ours is left in English", async () => {
  const found: string[] = [];
  for await (const { name, page } of deskPages(await start(), browser, "uk-UA")) {
    assert.equal(await page.getAttribute("html", "lang"), "uk", name);
    found.push(...(await english(page)).map((text) => `${name}: ${text}`));
    for (const size of WIDTHS) {
      await page.setViewportSize(size);
      const where = `${name}, ${size.width} px`;
      found.push(...(await findings(page)).map((finding) => `${where}: ${finding}`));
      const wider = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
      if (wider) found.push(`${where}: is wider than its window`);
    }
    await page.setViewportSize(WIDTHS[0] as (typeof WIDTHS)[0]);
  }
  assert.deepEqual(found, []);
});

test("a language is chosen at the foot, and what comes in afterwards speaks it, too", async () => {
  const hotline = await start();
  const page = await browser.newContext().then((context) => context.newPage());
  await page.goto(hotline.desk);
  await page.click(".languages [value=uk]");
  await page.waitForSelector("html[lang=uk]");
  assert.equal(new URL(page.url()).pathname, "/unlock");
  await page.fill("#passphrase", hotline.passphrase);
  await page.click("#unlock");
  await page.waitForSelector("#board");
  // Another tab chooses otherwise, and this one goes on as it is.
  const other = await page.context().newPage();
  await other.goto(new URL("/help", page.url()).href);
  await other.click(".languages [value=en]");
  await other.waitForSelector("html[lang=en]");
  await hotline.run(["call", "send", "--json", "--hub", hotline.ready.caller, "-"], "hello");
  await page.waitForSelector("#waiting li:has-text('чекає')");
  assert.match(await page.title(), /Дошка/);
  await page.waitForFunction(
    () => document.getElementById("announce")?.textContent === "Нове повідомлення. Чекають: 1.",
  );
  await page.keyboard.press("Shift+Slash");
  await page.waitForSelector("#sheet[open] .keys:has-text('Замкнути одразу')");
  await page.reload();
  await page.waitForSelector("html[lang=en]");
  await page.context().close();
});

test("colours and single keys are as they were chosen, on every page, until they are chosen anew", async () => {
  const hotline = await start();
  const context = await browser.newContext({ colorScheme: "light" });
  const page = await context.newPage();
  await hotline.enterDesk(page);
  const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
  const light = await paper();
  await page.keyboard.press("Shift+Slash");
  await page.waitForSelector("#sheet[open]");
  assert.match((await page.textContent("#sheet .keys")) ?? "", /B \/ ИBoard/);
  await choose(page, () => page.check("#looks [value=dark]"));
  const dark = await paper();
  assert.notEqual(dark, light);
  await choose(page, () => page.uncheck("#letters"));
  await page.goto(new URL("/search", page.url()).href);
  assert.equal(await paper(), dark);
  await page.keyboard.press("Escape");
  await page.keyboard.press("KeyB");
  await page.keyboard.press("Shift+Slash");
  assert.equal(new URL(page.url()).pathname, "/search");
  assert.equal(await page.locator("#sheet[open]").count(), 0);
  await page.click("#to-help");
  const keys = (await page.textContent("#sheet .keys")) ?? "";
  assert.ok(/Esc/.test(keys) && !/Board/.test(keys), keys);
  // Pages that know nothing of the desk follow it, too.
  await page.goto(new URL("/nowhere", page.url()).href);
  assert.equal(await paper(), dark);

  const still = await browser.newContext({
    javaScriptEnabled: false,
    colorScheme: "dark",
    storageState: await context.storageState(),
  });
  const plain = await still.newPage();
  await plain.goto(new URL("/help", page.url()).href);
  await plain.check("#looks [value=light]");
  await plain.check("#letters");
  await plain.click("#looks button");
  await plain.waitForSelector("#looks [value=light]:checked");
  await page.goto(new URL("/search", page.url()).href);
  assert.equal(await paper(), light);
  assert.equal(await page.evaluate("localStorage.length + sessionStorage.length"), 0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("KeyB");
  await page.waitForSelector("#board");
  await context.close();
  await still.close();
});

test("each key goes where the table says, and none with Ctrl or Alt", async () => {
  const hotline = await start();
  const page = await browser.newContext().then((context) => context.newPage());
  await hotline.enterDesk(page);
  await hotline.run(["call", "send", "--json", "--hub", hotline.ready.caller, "-"], "hello");
  await page.waitForSelector("#next");
  const focused = () => page.evaluate("document.activeElement?.id || document.activeElement?.localName");
  assert.equal(await focused(), "body", "no focus moves by itself");
  for (const held of ["Control", "Alt"]) await page.keyboard.press(`${held}+KeyD`);
  assert.equal(new URL(page.url()).pathname, "/");
  await page.keyboard.press("KeyD");
  await page.waitForSelector("#due");
  await page.keyboard.press("Slash");
  await page.waitForSelector("#query:focus");
  await page.keyboard.type("bn");
  assert.equal(await page.inputValue("#query"), "bn");
  await page.keyboard.press("Escape");
  await page.keyboard.press("KeyN");
  await page.waitForSelector("#conversation .from-caller .text");
  await page.keyboard.press("KeyR");
  assert.equal(await focused(), "reply");
  await page.keyboard.type("r");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("#preview-sheet[open]");
  assert.equal(await page.locator("#conversation .from-desk").count(), 0, "it is looked over first");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("#conversation .from-desk");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+Slash");
  await page.waitForSelector("#sheet[open]");
  // Under the sheet no key reaches the page, and the sheet goes by the key that it came by.
  await page.keyboard.press("KeyB");
  await page.keyboard.press("Shift+Slash");
  await page.waitForSelector("#sheet:not([open])", { state: "attached" });
  assert.ok(new URL(page.url()).pathname.startsWith("/case/"));
  await page.context().close();
});
