// The desk's pages in a real browser: answers that are sent twice or on a bad day, keys, and what is asked for.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../browser/chromium.ts";
import { sendAnswer } from "./answering.ts";
import { Hotline } from "./hotline.ts";

let hotline: Hotline;
let browser: Browser;
let desk: Page;

before(async () => {
  hotline = await Hotline.start();
  browser = await launchChromium();
  desk = await browser.newContext().then((context) => context.newPage());
  await hotline.enterDesk(desk);
});

after(async () => {
  await browser.close();
  await hotline.stop();
});

/** Somebody writes; the desk's page of the case. */
async function openCase(text: string): Promise<string> {
  const sent = await hotline.run(["call", "send", "--json", "--hub", hotline.ready.caller, "-"], text);
  await desk.goto(new URL("/", hotline.desk).href);
  await desk.click(`li[data-call-sign="${sent.call_sign}"] a`);
  await desk.waitForSelector("#conversation .from-caller .text");
  return sent.call_sign;
}

const answers = (page: Page) => page.locator("#conversation .from-desk .text").allTextContents();

test("a double click answers once, with and without scripts", async () => {
  await openCase("twice");
  await desk.fill("#reply", "once");
  // The second half of a double click sends nothing that nobody has looked over.
  await desk.dblclick("#look-over");
  await desk.waitForSelector("#preview-sheet[open]");
  assert.deepEqual(await answers(desk), []);
  await desk.dblclick("#send");
  await desk.waitForSelector("#conversation .from-desk");
  await desk.waitForFunction("document.getElementById('reply').value === ''");
  assert.deepEqual(await answers(desk), ["once"]);
  const plain = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await desk.context().storageState(),
  });
  const page = await plain.newPage();
  await page.goto(desk.url());
  await page.fill("#reply", "once more");
  await page.click("#look-over");
  // A page of its own, and back without a loss.
  await page.waitForSelector("#preview-form");
  await page.click("#back-to-text");
  assert.equal(await page.inputValue("#reply"), "once more");
  await page.click("#look-over");
  await page.dblclick("#send");
  await page.waitForSelector("#said .said");
  assert.deepEqual(await answers(page), ["once", "once more"]);
  await plain.close();
});

test("an answer whose reply was lost is sent again and is there once", async () => {
  await openCase("lost");
  await desk.fill("#reply", "an answer that arrives");
  await desk.click("#look-over");
  await desk.waitForSelector("#send");
  await desk.route("**/reply", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await desk.click("#send");
  await desk.waitForSelector("#problems .problem");
  assert.equal(await desk.inputValue("#reply"), "an answer that arrives");
  await desk.unroute("**/reply");
  // It is known, so there is nothing to look over any more.
  await desk.click("#look-over");
  await desk.waitForSelector("#said .said");
  assert.deepEqual(await answers(desk), ["an answer that arrives"]);
});

test("a desk that was locked meanwhile keeps what was written, and takes it once", async () => {
  await openCase("locked");
  // This page does not hear of the lock, as over a connection that hangs.
  await desk.route("**/events", (route) => route.abort());
  await desk.reload();
  await desk.fill("#reply", "kept");
  const other = await browser.newContext({
    storageState: await desk.context().storageState(),
    javaScriptEnabled: false,
  });
  const locking = await other.newPage();
  await locking.goto(desk.url());
  await locking.click("#lock");
  await locking.waitForSelector("#passphrase");
  await desk.click("#look-over");
  await desk.waitForSelector("#problems .problem");
  assert.match((await desk.textContent("#problems")) ?? "", /the desk is locked/);
  assert.equal(await desk.inputValue("#reply"), "kept");
  await locking.fill("#passphrase", hotline.passphrase);
  await locking.click("#unlock");
  // Back to where the desk was locked.
  await locking.waitForSelector("#reply");
  await other.close();
  await sendAnswer(desk);
  await desk.waitForSelector("#said .said");
  assert.deepEqual(await answers(desk), ["kept"]);
  await desk.unroute("**/events");
});

test("a preview is laid over the case, takes no single key, and leads back to the text by Esc", async () => {
  await openCase("look first");
  await desk.fill("#reply", "half […] a word");
  await desk.press("#reply", "Control+Enter");
  await desk.waitForSelector("#problems .problem");
  assert.match((await desk.textContent("#problems")) ?? "", /still to be filled in: \[…\]/);
  await desk.fill("#reply", "half a word");
  await desk.press("#reply", "Control+Enter");
  await desk.waitForSelector("#preview-sheet[open] #send");
  assert.equal(await desk.textContent("#preview-sheet .answer-shown"), "half a word");
  assert.equal(await desk.textContent("#problems"), "");
  const address = desk.url();
  for (const key of ["KeyB", "KeyR", "Enter"]) await desk.keyboard.press(key);
  assert.ok(await desk.isVisible("#preview-sheet #send"));
  await desk.keyboard.press("Escape");
  await desk.waitForSelector("#preview-sheet:not([open])", { state: "attached" });
  assert.equal(desk.url(), address);
  assert.equal(await desk.inputValue("#reply"), "half a word");
  assert.equal(await desk.evaluate("document.activeElement.id"), "reply");
  assert.deepEqual(await answers(desk), []);
  // What another page writes meanwhile is not what was looked over.
  await desk.click("#look-over");
  await desk.waitForSelector("#send");
  await desk.evaluate(() => {
    (document.getElementById("reply") as HTMLTextAreaElement).value = "another word";
  });
  await desk.click("#send");
  await desk.waitForSelector("#preview-sheet .problem");
  assert.equal(await desk.textContent("#preview-sheet .answer-shown"), "another word");
  assert.deepEqual(await answers(desk), []);
  await desk.keyboard.press("Control+Enter");
  await desk.waitForSelector("#conversation .from-desk");
  assert.deepEqual(await answers(desk), ["another word"]);
});

test("a template is searched by P and put in where the writer is, and Tab goes to what is to be filled in", async () => {
  const content = await mkdtemp(join(tmpdir(), "callsign-content-"));
  await mkdir(join(content, "templates"));
  for (const [keyword, text] of [
    ["when", "Come on [day], at […]."],
    ["who", "Nobody here knows who you are."],
  ]) {
    const head = `---\nkeyword: ${keyword}\ntitle: A title\nlanguage: en\n---\n`;
    await writeFile(join(content, "templates", `${keyword}.md`), head + text);
  }
  const data = ["--json", "--data", hotline.deskData];
  assert.equal((await hotline.run(["desk", "content", "import", ...data, content])).imported, 2);
  const sent = await hotline.run(
    ["call", "send", "--json", "--hub", hotline.ready.caller, "--lang", "en", "-"],
    "t",
  );
  await desk.goto(new URL("/", hotline.desk).href);
  await desk.click(`li[data-call-sign="${sent.call_sign}"] a`);
  await desk.waitForSelector("#conversation .from-caller .text");
  await desk.fill("#reply", "Yes. Until then.");
  await desk.$eval("#reply", (box) => (box as HTMLTextAreaElement).setSelectionRange(5, 5));
  await desk.$eval("#reply", (box) => (box as HTMLTextAreaElement).blur());
  await desk.keyboard.press("KeyP");
  await desk.waitForSelector("#template-query:focus");
  await desk.keyboard.type("DAY come");
  assert.equal(await desk.locator("#template option").count(), 1);
  await desk.keyboard.press("Enter");
  assert.equal(await desk.inputValue("#reply"), "Yes. Come on [day], at […].Until then.");
  await desk.keyboard.type("Friday");
  await desk.keyboard.press("Tab");
  await desk.keyboard.type("six");
  assert.equal(await desk.inputValue("#reply"), "Yes. Come on Friday, at six.Until then.");
  assert.equal(await desk.evaluate("document.activeElement.id"), "reply");
  // Behind the last one Tab leaves the box.
  await desk.keyboard.press("Tab");
  assert.notEqual(await desk.evaluate("document.activeElement.id"), "reply");
  await desk.fill("#reply", "Come on [day].");
  await desk.press("#reply", "Control+Enter");
  await desk.waitForFunction(() => /\[day\]/.test(document.querySelector("#problems")?.textContent ?? ""));
  await desk.fill("#reply", "");
  await rm(content, { recursive: true });
});

test("Send now leaves at once in browsers that leave the button out of a form", async () => {
  await openCase("old browser");
  await desk.evaluate(() => {
    const { FormData: Known } = window;
    window.FormData = class extends Known {
      constructor(form?: HTMLFormElement) {
        super(form);
      }
    } as typeof FormData;
  });
  await desk.fill("#reply", "now");
  await sendAnswer(desk, "#send-now");
  await desk.waitForSelector("#said .said");
  assert.match((await desk.textContent("#said")) ?? "", /Posted/);
});

test("keys work by their letters where a browser hides the keyboard, and no icon is asked for", async () => {
  const asked: string[] = [];
  desk.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await openCase("keys");
  await desk.evaluate(() => {
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "к", code: "", bubbles: true }));
  });
  assert.equal(await desk.evaluate("document.activeElement.id"), "reply");
  await desk.goto(new URL("/", hotline.desk).href);
  await desk.evaluate(() => {
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "о", code: "", bubbles: true }));
  });
  assert.equal(await desk.evaluate("document.activeElement.closest('.cases') !== null"), true);
  assert.ok(!asked.includes("/favicon.ico"), String(asked));
});

test("each paragraph stands by its own first letter", async () => {
  await openCase("first in English\nשורה בעברית");
  const style = await desk.$eval("#conversation .text", (element) => {
    return { bidi: getComputedStyle(element).unicodeBidi, dir: element.getAttribute("dir") };
  });
  assert.deepEqual(style, { bidi: "plaintext", dir: "auto" });
});

test("the reply box refuses what cannot be laid out, takes many lines at once, and sends nothing that shows nothing", async () => {
  await openCase("bounds");
  await desk.fill("#reply", "kept");
  for (const text of ["\n".repeat(1_000_000), "x".repeat(120_000), `a${"\u0301".repeat(1000)}`]) {
    await desk.focus("#reply");
    await desk.keyboard.insertText(text);
    assert.equal(await desk.inputValue("#reply"), "kept");
    assert.match((await desk.textContent("#problems")) ?? "", /None of that was put in/);
  }
  await desk.keyboard.insertText("!");
  assert.equal(await desk.textContent("#problems"), "");
  const lines = "line\n".repeat(1000);
  await desk.fill("#reply", lines);
  assert.equal(await desk.inputValue("#reply"), lines);
  assert.match((await desk.textContent("#reply-count")) ?? "", /^6,000 of/);
  for (const blank of ["\u200b", "\u3164\u2800"]) {
    await desk.fill("#reply", blank);
    await desk.click("#look-over");
    await desk.waitForFunction(() => /is empty/.test(document.querySelector("#problems")?.textContent ?? ""));
  }
  assert.deepEqual(await answers(desk), []);
  await desk.fill("#reply", "");
});

test("a row keeps the focus while another comes, and Esc twice blanks and locks all tabs", async () => {
  await openCase("before");
  const other = await desk.context().newPage();
  for (const page of [desk, other]) await page.goto(new URL("/", hotline.desk).href);
  const focused = "document.activeElement.closest('[data-key]')?.dataset.key";
  await desk.locator("#waiting a").last().focus();
  const key = await desk.evaluate(focused);
  const rows = await desk.locator("#waiting > li").count();
  const sent = await hotline.run(["call", "send", "--json", "--hub", hotline.ready.caller, "-"], "after");
  // Both hear of it, although one alone listens.
  for (const page of [desk, other]) await page.waitForSelector(`li[data-call-sign="${sent.call_sign}"]`);
  assert.equal(await desk.locator("#waiting > li").count(), rows + 1);
  assert.ok(key);
  assert.equal(await desk.evaluate(focused), key);
  assert.match((await desk.textContent("#announce")) ?? "", /^A new message\. Waiting: \d+\.$/);
  await desk.keyboard.press("Escape");
  await desk.keyboard.press("Escape");
  for (const page of [desk, other]) await page.waitForSelector("#passphrase");
  await other.close();
});
