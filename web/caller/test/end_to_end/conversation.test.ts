// From the page to the desk and back, and between page and command line, with everything real.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../browser/chromium.ts";
import { sendAnswer } from "./answering.ts";
import { Hotline } from "./hotline.ts";

const CALL = "Добрий день 👋\n«Як це буде?»  \t <b>не тег</b>";
const ANSWER = "Зачекайте до ранку 🕯\n  другий рядок & <i>так</i>";

let hotline: Hotline;
let browser: Browser;

before(async () => {
  hotline = await Hotline.start();
  browser = await launchChromium();
});

after(async () => {
  await browser.close();
  await hotline.stop();
});

async function open(link: string): Promise<Page> {
  const context = await browser.newContext({ locale: "uk-UA" });
  const page = await context.newPage();
  await page.goto(link);
  return page;
}

async function write(page: Page, text: string): Promise<{ phrase: string; sign: string }> {
  await page.click("#door-write");
  await page.selectOption("#track", "field");
  await page.fill("#text", text);
  await page.click("#send");
  const phrase = (await page.textContent("#phrase")) ?? "";
  const sign = (await page.textContent("#call-sign")) ?? "";
  await page.waitForSelector('#tick[data-state="stored"]');
  return { phrase, sign };
}

async function phraseFile(phrase: string): Promise<string> {
  const path = join(hotline.data, "phrase");
  await writeFile(path, phrase);
  return path;
}

test("a call from the page is opened and answered at the desk, and the page shows it", async () => {
  const desk = await browser.newContext().then((context) => context.newPage());
  await hotline.enterDesk(desk);
  const page = await open(hotline.ready.caller);
  assert.equal(await page.getAttribute("#trust", "data-state"), "checked");
  const { sign } = await write(page, CALL);

  // The call appears on the board without a reload.
  await desk.click(`li:has-text("${sign}") a`);
  await desk.waitForSelector("#conversation .from-caller .text");
  assert.equal(await desk.textContent("#conversation .from-caller .text"), CALL);
  await page.waitForSelector('#tick[data-state="opened"]');

  await desk.fill("#reply", ANSWER);
  await sendAnswer(desk);
  await page.waitForSelector(".answer .answer-text");
  assert.equal(await page.textContent(".answer .answer-text"), ANSWER);
});

test("a call from the page is read with the command line, and the other way round", async () => {
  const page = await open(hotline.ready.caller);
  const { phrase, sign } = await write(page, CALL);
  const desk = ["--json", "--data", hotline.deskData, "--call-sign", sign];
  await hotline.run(["desk", "reply", ...desk, "-"], ANSWER);
  const file = await phraseFile(phrase);
  const read = await hotline.run([
    "call",
    "read",
    "--json",
    "--hub",
    hotline.ready.caller,
    "--phrase-file",
    file,
  ]);
  assert.equal(read.call_sign, sign);
  assert.deepEqual(
    read.answers.map((answer: { text: string }) => answer.text),
    [ANSWER],
  );

  assert.match(read.desk_seen, /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/);
  assert.equal(read.lists_current, true);

  const sent = await hotline.run(
    ["call", "send", "--json", "--hub", hotline.ready.caller, "-"],
    "from a command",
  );
  await hotline.run(["desk", "reply", ...desk.slice(0, -1), sent.call_sign, "-"], ANSWER);
  const other = await open(hotline.ready.caller);
  await other.click("#door-return");
  await other.fill("#phrase-input", sent.phrase);
  await other.click("#open");
  await other.waitForSelector(".answer .answer-text");
  assert.equal(await other.textContent("#call-sign"), sent.call_sign);
  assert.equal(await other.textContent(".answer .answer-text"), ANSWER);
  assert.match((await other.textContent("#desk-seen")) ?? "", /\d\d:\d\d UTC/);
  assert.equal(await other.locator("#lists-in-doubt").count(), 0);
});

test("who is shown lists without what the desk signs is warned, and reads the answer all the same", async () => {
  const send = ["call", "send", "--json", "--hub", hotline.ready.caller, "-"];
  const sent = await hotline.run(send, "held back");
  const reply = ["desk", "reply", "--json", "--data", hotline.deskData, "--call-sign"];
  await hotline.run([...reply, sent.call_sign, "-"], ANSWER);
  const page = await (await browser.newContext({ locale: "uk-UA" })).newPage();
  await page.route("**/v1/exchange", async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    // The minute and the signature.
    await route.fulfill({ response, body: body.fill(0, 2, 4).fill(0, 28, 92) });
  });
  await page.goto(hotline.ready.caller);
  await page.click("#door-return");
  await page.fill("#phrase-input", sent.phrase);
  await page.click("#open");
  await page.waitForSelector("#lists-in-doubt");
  await page.waitForSelector(".answer .answer-text");
  assert.equal(await page.locator("#desk-seen").count(), 0);
});
