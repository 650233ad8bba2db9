// The page of the desk's people, by the keyboard alone: a device that is lost is shut out.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { launchChromium } from "../browser/chromium.ts";
import { Hotline } from "./hotline.ts";
import { comeWithCode, joinColleague } from "./joining.ts";

const browser = await launchChromium();
const hotline = await Hotline.start();
after(async () => {
  await browser.close();
  await hotline.stop();
});

// The link lets one browser in, once.
const page = await (await browser.newContext()).newPage();
await hotline.enterDesk(page);

const STEPS_MAX = 60;

/** Goes on with Tab until something has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((it) => document.activeElement?.matches(it) === true, selector)) return;
  }
  assert.fail(`Tab does not lead to ${selector}`);
}

test("by keys alone a device is shut out, and the hub refuses it", async () => {
  const lost = await joinColleague(hotline, page, "Osyka");
  const sync = ["desk", "sync", "--json", "--data", join(hotline.data, "Osyka")];
  await page.goto(new URL("/", page.url()).href);
  await page.keyboard.press("e");
  const device = `[data-device="${lost}"]`;
  await page.waitForSelector(device);
  await tabTo(page, `${device} summary.grave`);
  await page.keyboard.press("Enter");
  await page.waitForSelector(`${device} [name=sure]`, { state: "visible" });
  await tabTo(page, `${device} [name=sure]`);
  await page.keyboard.press("Space");
  await tabTo(page, `${device} button.grave`);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#steps");
  assert.match((await page.textContent("#steps")) ?? "", /Steps done: 5 of 5/);
  await assert.rejects(hotline.run(sync), /ended with/);
  await tabTo(page, "#back-to-people");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#people");
  assert.equal(await page.locator(device).count(), 0);
});

test("by keys alone a device is invited, and let in once the words were compared", async () => {
  await page.goto(new URL("/", page.url()).href);
  await page.keyboard.press("e");
  await page.waitForSelector("#people");
  const before = await page.locator("[data-device]").count();
  await tabTo(page, 'form[action="/people/invite"] button');
  await page.keyboard.press("Enter");
  await page.waitForSelector("div.code");
  // Whoever is about to stop, when the words come, stops.
  await tabTo(page, 'form[action="/people/invite/stop"] button');
  const stopped = comeWithCode(hotline, page, "stopped").then(
    () => assert.fail("it was let in"),
    () => "it was not",
  );
  await page.waitForSelector(".check-words");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".said >> text=nobody comes in by it");
  assert.equal(await stopped, "it was not");
  await tabTo(page, 'form[action="/people/invite"] button');
  await page.keyboard.press("Enter");
  await page.waitForSelector("div.code");
  const joined = comeWithCode(hotline, page, "invited");
  await page.waitForSelector(".check-words");
  await tabTo(page, "#sure");
  await page.keyboard.press("Space");
  await tabTo(page, 'form[action="/people/invite/admit"] button');
  await page.keyboard.press("Enter");
  await page.waitForSelector("#people");
  assert.equal(await page.locator("[data-device]").count(), before + 1);
  await joined;
});
