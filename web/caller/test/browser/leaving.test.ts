// What leaves the page and what does not, and that it answers whatever is pasted, in Chromium.
import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { StubHub } from "../stub_hub.ts";
import { launchChromium } from "./chromium.ts";

const browser = await launchChromium();
let context: BrowserContext;
let page: Page;
let hub: StubHub;
let complaints: string[] = [];

beforeEach(async () => {
  hub = await StubHub.start();
  context = await browser.newContext({ locale: "en-GB", viewport: { width: 390, height: 800 } });
  page = await context.newPage();
  complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(hub.link());
  await page.waitForSelector("#door-write");
});

afterEach(async () => {
  await context.close();
  await hub.stop();
  assert.deepEqual(complaints, []);
});

after(() => browser.close());

const three = async (gesture: () => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < 3; i++) await gesture();
};

const leavesByEscape = async (): Promise<void> => {
  await three(() => page.keyboard.press("Escape"));
  await page.waitForURL("about:blank");
};

test("the keys that leave are named, and each leaves", async () => {
  for (const [language, hint] of [
    ["en", "or press Esc (or Shift) three times"],
    ["uk", "або тричі натисніть Esc (або Shift)"],
    ["ru", "или трижды нажмите Esc (или Shift)"],
  ] as const) {
    await page.selectOption("#language", language);
    assert.equal(await page.textContent("#leave-hint"), hint);
    assert.match((await page.textContent(".facts")) ?? "", /Esc \(.+ Shift\)/);
  }
  await leavesByEscape();
});

test("layout switching, selecting and clicking with Shift lose nothing", async () => {
  await page.click("#door-write");
  await page.fill("#text", "kept");
  await page.focus("#text");
  for (const modifier of ["Alt", "Control", "Meta"]) {
    await page.keyboard.down(modifier);
    await three(() => page.keyboard.press("Shift"));
    await page.keyboard.up(modifier);
    await three(() => page.keyboard.press(`${modifier}+Shift`));
    await three(() => page.keyboard.press(`Shift+${modifier}`));
  }
  await three(() => page.click("#text", { modifiers: ["Shift"] }));
  await three(() => page.keyboard.press("Shift+ArrowLeft"));
  await three(async () => {
    await page.keyboard.press("Shift");
    await page.mouse.click(200, 400);
  });
  await page.mouse.down();
  await three(() => page.keyboard.press("Shift"));
  await page.mouse.up();
  await page.focus("#text");
  await page.keyboard.press("End");
  await page.keyboard.type("AB");
  assert.equal(await page.inputValue("#text"), "keptAB");
  await leavesByEscape();
});

test("Escape that closes the list of words does not leave", async () => {
  await page.click("#door-return");
  await page.focus("#phrase-input");
  await three(async () => {
    await page.evaluate(() => {
      const field = document.querySelector<HTMLTextAreaElement>("#phrase-input");
      if (field) field.value = "aba";
    });
    await page.keyboard.press("n");
    await page.waitForSelector("#suggestions:not([hidden])");
    await page.keyboard.press("Escape");
    await page.waitForSelector("#suggestions", { state: "hidden" });
  });
  assert.equal(await page.inputValue("#phrase-input"), "aban");
  await leavesByEscape();
});

test("a file that is dropped on the page is not opened in its place", async () => {
  await page.click("#door-write");
  await page.fill("#text", "kept");
  const session = await context.newCDPSession(page);
  const files = [fileURLToPath(new URL("../../package.json", import.meta.url))];
  for (const [x, y] of [
    [200, 60],
    [200, 450],
  ] as const) {
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await session.send("Input.dispatchDragEvent", {
        type,
        x,
        y,
        data: { items: [], files, dragOperationsMask: 1 },
      });
    }
  }
  // What a drop begins would have begun by the next answer.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  assert.equal(await page.inputValue("#text"), "kept");
  assert.match(page.url(), /^http:/);
});

test("a double click means what was under its first half", async () => {
  await page.dblclick("#door-return");
  await page.waitForSelector("#phrase-input");
  assert.equal(await page.isVisible("#open"), true);
  await page.click(".back");
  await page.dblclick("#door-write");
  assert.equal(await page.isVisible("#text"), true);
});

const AWFUL = [
  "x".repeat(120_000),
  "ab12".repeat(4000),
  `7${"A".repeat(9000)}1`,
  "\n".repeat(5000),
  "\ud800".repeat(20_000),
  "👩‍👩‍👧 ".repeat(5000),
  `a${"\u0301\u0323".repeat(2000)}`,
];

/** As a value, because the browser's own editing commands take a minute for thousands of lines. */
const put = (field: string, text: string): Promise<void> =>
  page.locator(field).evaluate((element, value) => {
    (element as HTMLTextAreaElement).value = value;
    element.dispatchEvent(new Event("input"));
  }, text);

test("whatever is pasted, the page goes on, and leaving answers", async () => {
  for (const text of AWFUL) {
    await page.goto("about:blank");
    await page.goto(hub.link());
    await page.click("#door-write");
    await put("#text", text);
    await page.click("#send");
    await page.waitForSelector("#write-problem:not([hidden]), #phrase");
    await page.goto("about:blank");
    await page.goto(hub.link());
    await page.click("#door-return");
    await put("#phrase-input", text);
    assert.match((await page.textContent("#phrase-note")) ?? "", /too long/);
    await page.click("#open");
    assert.match((await page.textContent("#return-problem")) ?? "", /too long/);
    await page.click("#leave");
    await page.waitForURL("about:blank");
  }
});

test("a long text is judged after the event that brought it, slice by slice", async () => {
  await page.click("#door-write");
  const atOnce = await page.evaluate(() => {
    const field = document.querySelector<HTMLTextAreaElement>("#text");
    if (!field) return "no field";
    field.value = `+380 67 123 45 67 ${"word ".repeat(3000)}John Smith`;
    field.dispatchEvent(new Event("input"));
    return document.querySelector("#warnings")?.textContent ?? "";
  });
  assert.match(atOnce, /380/);
  assert.doesNotMatch(atOnce, /John/);
  await page.waitForFunction(() => /John Smith/.test(document.querySelector("#warnings")?.textContent ?? ""));
});

test("where an answer is lost, the page says what it does not know, and sends the same message again", async () => {
  let lost = 0;
  const told = hub.hub.lie;
  await page.click("#door-write");
  await page.fill("#text", "אחת\nдві");
  hub.hub.lie = () => {
    lost++;
    throw new Error("the line broke");
  };
  await page.click("#send");
  const phrase = await page.textContent("#phrase");
  assert.equal(phrase?.split(" ").length, 10);
  await page.waitForFunction(() =>
    /^Not known whether/.test(document.querySelector("#tick")?.textContent ?? ""),
  );
  assert.equal(await page.getAttribute("#tick", "data-state"), "waiting");
  assert.ok(lost > 0);
  const text = page.locator(".message-text");
  assert.equal(await text.getAttribute("dir"), "auto");
  assert.equal(await text.evaluate((element) => getComputedStyle(element).direction), "rtl");
  const first = await hub.nextPart();
  hub.hub.lie = told;
  await page.waitForSelector('#tick[data-state="stored"]');
  const opened = await Promise.all(hub.hub.cells.map((cell) => hub.desk.openCell(cell)));
  const ids = opened.flatMap(({ payload }) => (payload ? [payload.id] : []));
  assert.ok(ids.length > 1 && ids.every((id) => id === first.id));
});

test("leaving pushes phrases out of the browser's memory", async () => {
  await page.evaluate(() => {
    const derive = SubtleCrypto.prototype.deriveBits;
    const counted = globalThis as unknown as { dummies: number };
    counted.dummies = 0;
    SubtleCrypto.prototype.deriveBits = function (this: SubtleCrypto, ...given) {
      if ((given[0] as Pbkdf2Params).iterations === 1) counted.dummies++;
      return derive.apply(this, given);
    };
    location.hash = "00".repeat(32);
  });
  await page.waitForSelector("#problem");
  assert.ok(((await page.evaluate("dummies")) as number) > 150);
});
