// The way out in Firefox, and in Firefox with Tor Browser's preferences, where pages never see Shift.
import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, test } from "node:test";
import type { Page } from "puppeteer-core";
import { StubHub } from "../stub_hub.ts";
import { launchFirefox } from "./firefox.ts";

const HANG_MS = 300_000;
const KEYS: readonly (readonly [string, RegExp])[] = [
  ["en", /or press Esc three times/],
  ["uk", /тричі натисніть Esc$/],
  ["ru", /трижды нажмите Esc$/],
];

for (const kind of ["firefox", "tor browser"] as const) {
  describe(kind, async () => {
    const browser = await launchFirefox(kind);
    let hub: StubHub;
    let page: Page;
    let complaints: string[] = [];

    beforeEach(async () => {
      hub = await StubHub.start();
      page = await browser.newPage();
      page.setDefaultTimeout(HANG_MS);
      complaints = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(hub.link());
      await page.waitForSelector("#door-write");
    });
    afterEach(async () => {
      await page.close();
      await hub.stop();
      assert.deepEqual(complaints, []);
    });
    after(() => browser.close());

    const press = async (key: "Escape" | "Shift", times: number): Promise<void> => {
      for (let i = 0; i < times; i++) await page.keyboard.press(key);
    };
    const set = (id: string, text: string): Promise<void> =>
      page.evaluate(
        (selector, value) => {
          const field = document.querySelector<HTMLTextAreaElement>(selector);
          if (!field) throw new Error(`no ${selector}`);
          field.value = value;
          field.dispatchEvent(new Event("input"));
        },
        id,
        text,
      );
    const textOf = (id: string): Promise<string> => page.$eval(id, (element) => element.textContent ?? "");

    test("Escape three times leaves, and the texts promise no other key", async () => {
      for (const [language, hint] of KEYS) {
        await page.select("#language", language);
        assert.match(await textOf("#leave-hint"), hint);
        assert.match(await textOf(".facts"), /Esc/);
        assert.doesNotMatch(await textOf("body"), /Shift/);
      }
      const entries = await page.evaluate(() => history.length);
      await page.click("#door-write");
      await page.type("#text", "to be forgotten");
      await press("Escape", 2);
      assert.equal(
        await page.$eval("#text", (field) => (field as HTMLTextAreaElement).value),
        "to be forgotten",
      );
      await press("Escape", 1);
      await page.waitForFunction(() => location.href === "about:blank");
      assert.equal(await page.evaluate(() => history.length), entries);
      assert.equal(await page.evaluate(() => document.documentElement.textContent), "");
    });

    test("with a phrase on the screen, leaving works as well", async () => {
      await page.click("#door-write");
      await page.type("#text", "words");
      await page.click("#send");
      await page.waitForSelector("#phrase");
      await press("Escape", 3);
      await page.waitForFunction(() => location.href === "about:blank");
    });

    test("whatever is pasted, nothing is thrown, and the way out answers", async () => {
      await page.click("#door-write");
      for (const text of [
        "x".repeat(120_000),
        "y".repeat(16_000),
        `7${"A".repeat(9000)}1`,
        "\n".repeat(100_000),
      ]) {
        await set("#text", text);
      }
      await page.click(".back");
      await page.click("#door-return");
      for (const text of ["x".repeat(120_000), `a${"\u0301\u0323".repeat(50_000)}`])
        await set("#phrase-input", text);
      await press("Escape", 3);
      await page.waitForFunction(() => location.href === "about:blank");
    });
  });
}
