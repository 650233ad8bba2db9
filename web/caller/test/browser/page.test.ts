// The built page in a real browser: people write, wait, come back and leave, and the page keeps its promises.
import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import type { BrowserContext, Page, Request } from "playwright-core";
import { hex } from "../../src/protocol/bytes.ts";
import { dayOf } from "../../src/protocol/day.ts";
import { fingerprintWords } from "../../src/protocol/fingerprint.ts";
import { wordsOf } from "../../src/protocol/words.ts";
import { StubHub } from "../stub_hub.ts";
import { type Json, sha256, TestDesk } from "../test_desk.ts";
import { launchChromium } from "./chromium.ts";

const browser = await launchChromium();
let context: BrowserContext;
let page: Page;
let stub: StubHub | null = null;
/** Everything that the browser complained of. */
let complaints: string[] = [];

beforeEach(async () => {
  context = await browser.newContext({ locale: "en-GB", viewport: { width: 390, height: 800 } });
  page = await context.newPage();
  complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // The network's own failures are what some tests are about.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
      complaints.push(message.text());
  });
});

afterEach(async () => {
  await context.close();
  await stub?.stop();
  stub = null;
  assert.deepEqual(complaints, []);
});

after(() => browser.close());

async function startHub(change?: (body: Json) => Json): Promise<StubHub> {
  stub = await StubHub.start(change);
  return stub;
}

/** Waits from one request of the page to the next. */
async function requestsUntil(reached: () => boolean): Promise<void> {
  while (!reached()) await nextRequest();
}

const nextRequest = (): Promise<unknown> =>
  new Promise((resolve) => {
    page.once("requestfinished", resolve);
    page.once("requestfailed", resolve);
  });

/** What the page asks for while its clock, which the test must have taken over, runs on by a minute. */
async function askedInAMinute(): Promise<string[]> {
  const asked: string[] = [];
  const listen = (request: Request): unknown => asked.push(request.url());
  page.on("request", listen);
  await page.clock.runFor(60_000);
  page.off("request", listen);
  return asked;
}

const state = (id: string): Promise<string | null> => page.getAttribute(id, "data-state");
const waitForTick = (tick: string) => page.waitForSelector(`#tick[data-state="${tick}"]`);

async function write(text: string): Promise<string> {
  await page.click("#door-write");
  await page.fill("#text", text);
  await page.click("#send");
  return (await page.textContent("#phrase")) ?? "";
}

const TEXT = "Мене викликали 🙏\nЩо буде? «так»  \t ні";

test("write, first tick, answer, second tick", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.click("#door-write");
  await page.selectOption("#track", "home");
  await page.fill("#text", TEXT);
  await page.fill("#safe-times", "evenings");
  await page.click("#send");
  const phrase = (await page.textContent("#phrase")) ?? "";
  assert.match(phrase, /^[a-z]+( [a-z]+){9}$/);
  assert.match((await page.textContent("#call-sign")) ?? "", /^[a-z]+-[a-z]+-\d\d$/);
  const part = await hub.nextPart();
  assert.equal(part.text, TEXT);
  assert.equal(part.json.track, "home");
  assert.equal(part.json.safe_times, "evenings");
  await waitForTick("stored");
  const answer = "Не йдіть туди.\n  Зачекайте 🕯 <b>до</b> ранку\n";
  await hub.answer(part, answer.slice(0, 20), answer.slice(20));
  await hub.post(part, { opened: [part.id] });
  await waitForTick("opened");
  await page.waitForSelector(".answer");
  assert.equal(await page.textContent(".answer .answer-text"), answer);
  assert.equal(await page.isVisible("#gap"), false);
});

test("come back with the phrase, read, write on", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  const phrase = await write("first");
  const sign = await page.textContent("#call-sign");
  const part = await hub.nextPart();
  await hub.answer(part, "an answer");
  await waitForTick("stored");

  await page.goto("about:blank");
  await page.goto(hub.link());
  await page.click("#door-return");
  await page.fill("#phrase-input", `  ${phrase.toUpperCase().replace(/ /g, " - ")}`);
  await page.click("#open");
  await page.waitForSelector(".answer");
  assert.equal(await page.textContent("#call-sign"), sign);
  assert.equal(await page.textContent(".answer-text"), "an answer");
  await page.click("#write-on");
  await page.fill("#text", "second");
  await page.click("#send");
  await waitForTick("stored");
  let next = await hub.nextPart();
  while (next.text === "first") next = await hub.nextPart();
  assert.equal(next.text, "second");
  assert.equal(next.json.caller, part.json.caller);
});

/** Runs in the page: which of these words take more than one line of the phrase. */
function brokenWords(words: string[]): string[] {
  const last = document.querySelector<HTMLElement>("#phrase span:last-child");
  if (!last) return words;
  const word = last.textContent;
  last.textContent = "a";
  const line = last.offsetHeight;
  // One function, for what the bundler adds to a named one inside is not there in the page.
  const broken = words.filter((text) => {
    last.textContent = text;
    return last.offsetHeight > line;
  });
  last.textContent = word;
  return broken;
}

test("a phrase is in the language shown, and its call sign stays in that language wherever it is read", async () => {
  const hub = await startHub();
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto(hub.link());
  await page.selectOption("#language", "uk");
  const phrase = await write("перше");
  assert.match(phrase, /^[а-щьюяєії]+( [а-щьюяєії]+){9}$/);
  assert.equal(await page.getAttribute("#phrase", "lang"), "uk");
  const sign = (await page.textContent("#call-sign")) ?? "";
  assert.match(sign, /^[а-щьюяєії]+-[а-щьюяєії]+-\d\d$/);
  assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"));
  assert.deepEqual(await page.evaluate(brokenWords, [...wordsOf("uk"), ...wordsOf("ru")]), []);
  await waitForTick("stored");
  await page.selectOption("#language", "en");
  assert.equal(await page.textContent("#call-sign"), sign);
  assert.equal(await page.getAttribute("#call-sign", "lang"), "uk");
  assert.equal(await page.textContent("#phrase"), phrase);

  await page.goto("about:blank");
  await page.goto(hub.link());
  await page.click("#door-return");
  await page.fill("#phrase-input", phrase.toUpperCase().replace(/А/g, "A").replace(/О/g, "O"));
  await page.keyboard.type(" ");
  assert.match((await page.textContent("#phrase-note")) ?? "", /10$/);
  await page.click("#open");
  await page.waitForSelector("#call-sign");
  assert.equal(await page.textContent("#call-sign"), sign);
});

test("a typing mistake shows another call sign and no error", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.click("#door-return");
  await page.fill("#phrase-input", "abandon abandon abandonn");
  const note = async (): Promise<string> => (await page.textContent("#phrase-note")) ?? "";
  assert.match(await note(), /^Not in the list: abandonn\..* 3$/);
  // Half a word is no mistake while it is typed, and is one when the field is left.
  await page.fill("#phrase-input", "abandon aban");
  assert.match(await note(), /^Words so far: 2$/);
  await page.locator("#phrase-input").blur();
  assert.match(await note(), /^Not in the list: aban\./);
  // Letters that both scripts have may still become a word of either.
  for (const begun of ["хм", "co", "Ё", "вор"]) {
    await page.fill("#phrase-input", `abandon ${begun}`);
    assert.match(await note(), /^Words so far: 2$/, begun);
  }
  await page.fill("#phrase-input", "abandon abandonn");
  await page.click("#open");
  await page.waitForSelector("#call-sign");
  assert.equal(await page.isVisible(".mistake"), false);
  await page.click("#not-mine");
  await page.waitForSelector("#phrase-input");
});

test("a phrase that is typed late finds what was broadcast before", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  const phrase = await write("hello");
  await hub.answer(await hub.nextPart(), "early");
  await waitForTick("stored");
  await page.goto("about:blank");
  await page.goto(hub.link());
  await page.click("#door-return");
  // The visit has read all lists in the meantime, as every visit does.
  const before = hub.exchanges();
  await requestsUntil(() => hub.exchanges() >= before + 60);
  await page.fill("#phrase-input", phrase);
  await page.click("#open");
  await page.waitForSelector(".answer");
});

test("send without waiting", async () => {
  const hub = await startHub((body) => ({
    ...body,
    cover: { ...(body.cover as Json), gap_ms: 60_000, gap_max_ms: 60_000 },
  }));
  await page.goto(hub.link());
  await write("ж".repeat(4000));
  assert.equal(await state("#tick"), "waiting");
  await page.click("#send-now");
  await waitForTick("stored");
  assert.ok(hub.exchanges() >= 4);
});

test("the link's fingerprint is checked, and a wrong one sends no exchange", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.waitForSelector('#trust[data-state="checked"]');
  const words = await page.textContent("#fingerprint");
  assert.equal(words?.split(" ").length, 12);

  await page.goto("about:blank");
  await page.goto(hub.link(null));
  await page.waitForSelector('#trust[data-state="unchecked"]');
  assert.equal(await page.textContent("#fingerprint"), words);

  await page.goto("about:blank");
  await page.clock.install();
  const before = hub.exchanges();
  for (const wrong of ["00".repeat(32), "abc", "%", `${hex(hub.desk.fingerprint)}0`]) {
    await page.goto("about:blank");
    await page.goto(hub.link(wrong));
    await page.waitForSelector("#problem");
    assert.equal(await state("#trust"), "refused");
    assert.equal(await page.isVisible("#door-write"), false);
    assert.deepEqual(await askedInAMinute(), []);
  }
  assert.equal(hub.exchanges(), before);
  const spaced = (hex(hub.desk.fingerprint).toUpperCase().match(/.{4}/g) ?? []).join("%20");
  await page.goto("about:blank");
  await page.goto(hub.link(spaced));
  await page.waitForSelector('#trust[data-state="checked"]');
});

test("a new fingerprint that the desk has signed is shown with its day, and one that it has not stops the page", async () => {
  const [next, from] = [sha256(new Uint8Array(1)), dayOf(Date.now()) + 30];
  const signed = (await TestDesk.create()).successor(next, from);
  const announcing = await startHub((body) => ({ ...body, successor: signed }));
  await page.goto(announcing.link());
  const words = fingerprintWords(sha256(next)).join(" ");
  assert.equal(await page.textContent("#successor"), words);
  const day = new Intl.DateTimeFormat("en", { dateStyle: "long", timeZone: "UTC" }).format(from * 86_400_000);
  assert.ok((await page.textContent("#trust"))?.includes(`From ${day}`));
  await announcing.stop();
  const forging = await startHub((body) => ({ ...body, successor: { ...signed, from: from + 1 } }));
  await page.goto(forging.link());
  await page.waitForSelector('#problem[data-problem="tampered"]');
});

test("another fingerprint in the address begins anew", async () => {
  const hub = await startHub();
  await page.clock.install();
  await page.goto(hub.link());
  await page.click("#door-write");
  await page.fill("#text", "secret words");
  await page.evaluate(() => {
    location.hash = "00".repeat(32);
  });
  await page.waitForSelector("#problem");
  assert.doesNotMatch(await page.content(), /secret words/);
  assert.deepEqual(await askedInAMinute(), []);
});

test("expired and tampered notices are refused, each in its words", async () => {
  const twoDays = 172_800;
  const issued = Math.floor(Date.now() / 1000) - 3 * twoDays;
  const hub = await startHub((body) => ({ ...body, issued, expires: issued + twoDays }));
  await page.goto(hub.link());
  await page.waitForSelector('#problem[data-problem="expired"]');
  const { envelope } = hub.hub;
  hub.hub.envelope = envelope.map((byte, i) => (i === 300 ? byte ^ 1 : byte));
  await page.reload();
  await page.waitForSelector('#problem[data-problem="tampered"]');
  assert.equal(hub.exchanges(), 0);
});

test("leave now blanks the page with the network cut, and leaves no entry to go back to", async () => {
  const hub = await startHub();
  for (const leave of ["click", "keys"] as const) {
    await page.goto("about:blank");
    await page.goto(hub.link());
    const entries = await page.evaluate(() => history.length);
    await write("to be forgotten");
    hub.unplugged = true;
    await context.setOffline(true);
    if (leave === "click") await page.click("#leave");
    else for (let i = 0; i < 3; i++) await page.keyboard.press("Shift");
    await page.waitForURL("about:blank");
    assert.equal(await page.evaluate(() => document.documentElement.textContent), "");
    assert.equal(await page.evaluate(() => history.length), entries);
    await page.goBack().catch(() => null);
    assert.doesNotMatch(await page.content(), /forgotten|phrase/);
    await context.setOffline(false);
    hub.unplugged = false;
  }
});

test("while a stamp is made, typing goes on and leave now works", async () => {
  const hub = await startHub();
  hub.hub.toll = { effort: 20, round: 7 };
  await page.clock.install();
  await page.goto(hub.link());
  await page.click("#door-write");
  await requestsUntil(() => hub.exchanges() > 0);
  const text = "typed while the page is searching";
  await page.locator("#text").pressSequentially(text);
  assert.equal(await page.inputValue("#text"), text);
  await page.click("#leave");
  await page.waitForURL("about:blank");
  const before = hub.exchanges();
  assert.ok(before < 6, "no key waited for a search to end, which takes a million hashes in the mean");
  assert.deepEqual(await askedInAMinute(), []);
});

test("a busy hub is served by a page that makes stamps", async () => {
  const hub = await startHub();
  hub.hub.toll = { effort: 10, round: 7 };
  const exchange = hub.hub.exchange.bind(hub.hub);
  hub.hub.exchange = (request) => {
    hub.hub.outcome = request[16] === 10 ? 0 : 1;
    return exchange(request);
  };
  await page.goto(hub.link());
  await write("with a stamp");
  assert.equal((await hub.nextPart()).text, "with a stamp");
  await waitForTick("stored");
});

test("capital letters do not leave", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.click("#door-write");
  await page.focus("#text");
  for (let i = 0; i < 4; i++) await page.keyboard.press("Shift+A");
  assert.equal(await page.inputValue("#text"), "AAAA");
});

test("leave now stays in view and is first, at 320 pixels too", async () => {
  const hub = await startHub();
  await page.setViewportSize({ width: 320, height: 560 });
  await page.goto(hub.link());
  await page.waitForSelector("#door-write");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "leave");
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  const box = await page.locator("#leave").boundingBox();
  assert.ok(box && box.y >= 0 && box.y + box.height < 100);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 320);
});

test("without crypto.subtle the page says so and asks for nothing", async () => {
  const hub = await startHub();
  await page.clock.install();
  await page.goto(hub.link(undefined, "plain.test"));
  await page.waitForSelector('#problem[data-problem="no_crypto"]');
  assert.deepEqual(await askedInAMinute(), []);
  assert.deepEqual(
    hub.requests.filter((request) => request.includes("v1/")),
    [],
  );
  await page.selectOption("#language", "uk");
  assert.equal(await page.isVisible('#problem[data-problem="no_crypto"]'), true);
});

test("an address that takes no calls says so; reading stays", async () => {
  const hub = await startHub();
  hub.hub.callsTaken = false;
  await page.goto(hub.link());
  await page.waitForSelector('#problem[data-problem="not_taken"]');
  assert.equal(await page.isVisible("#door-write"), false);
  await page.click("#door-procedures");
  await page.waitForSelector(".procedure");
  assert.equal(hub.exchanges(), 1);
});

test("a hub that is away at first, and again while something waits", async () => {
  const hub = await startHub();
  hub.hub.away = true;
  await page.goto(hub.link());
  await page.waitForFunction(() => /does not answer/.test(document.body.textContent ?? ""));
  hub.hub.away = false;
  await page.waitForSelector("#door-write");
  await page.click("#door-write");
  await page.fill("#text", "patience");
  hub.unplugged = true;
  await page.waitForSelector("#hub-away");
  await page.click("#send");
  await page.waitForSelector("#tick");
  const tried = hub.requests.length;
  await requestsUntil(() => hub.requests.length >= tried + 2);
  assert.equal(await state("#tick"), "waiting");
  hub.unplugged = false;
  await waitForTick("stored");
  assert.equal((await hub.nextPart()).text, "patience");
  assert.equal(await page.isVisible("#hub-away"), false);
});

test("a used-up visit says so, keeps what waits, and goes on when asked", async () => {
  const hub = await startHub((body) => ({ ...body, cover: { ...(body.cover as Json), visit_exchanges: 4 } }));
  hub.hub.outcome = 1;
  await page.goto(hub.link());
  await write("unsent");
  await page.waitForSelector("#go-on");
  assert.equal(hub.exchanges(), 4);
  hub.hub.outcome = 0;
  await page.click("#go-on");
  await waitForTick("stored");
  assert.equal((await hub.nextPart()).text, "unsent");
  assert.equal(hub.requests.filter((request) => request.includes("content")).length, 6);
});

test("while a message waits, leaving is not called enough, and a used-up visit points to going on", async () => {
  const hub = await startHub((body) => ({ ...body, cover: { ...(body.cover as Json), visit_exchanges: 6 } }));
  hub.hub.outcome = 1;
  await page.goto(hub.link());
  await write("waits");
  assert.doesNotMatch((await page.textContent("#done")) ?? "", /Leaving is enough/);
  await page.waitForSelector("#go-on");
  assert.match((await page.textContent("#tick")) ?? "", /used up.*Go on with a new visit/);
  assert.equal(await page.isVisible("#send-now"), false);
  hub.hub.outcome = 0;
  await page.click("#go-on");
  await waitForTick("stored");
  assert.match((await page.textContent("#done")) ?? "", /Leaving is enough/);
});

test("a double click on going on makes one visit, and another fingerprint stops it", async () => {
  const exchanges = 4;
  const hub = await startHub((body) => ({
    ...body,
    cover: { ...(body.cover as Json), visit_exchanges: exchanges },
  }));
  await page.clock.install();
  await page.goto(hub.link());
  await page.waitForSelector("#go-on");
  await page.dblclick("#go-on");
  await page.evaluate(() => {
    const button = document.querySelector<HTMLElement>("#go-on");
    button?.click();
    button?.click();
  });
  await requestsUntil(() => hub.exchanges() >= 2 * exchanges);
  await page.waitForSelector("#go-on");
  assert.deepEqual(await askedInAMinute(), []);
  assert.equal(hub.exchanges(), 2 * exchanges);

  await page.evaluate(() => {
    document.querySelector<HTMLElement>("#go-on")?.click();
    location.hash = "00".repeat(32);
  });
  await page.waitForSelector("#problem");
  assert.deepEqual(await askedInAMinute(), []);
  assert.equal(hub.exchanges(), 2 * exchanges);
});

test("a problem in the middle of a visit stands above the open call, which stays", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  const phrase = await write("first");
  await waitForTick("stored");
  hub.hub.outcome = 1;
  await page.click("#write-on");
  await page.fill("#text", "second");
  await page.click("#send");
  await waitForTick("waiting");
  hub.hub.outcome = 2;
  await page.waitForSelector('#problem[data-problem="outdated"]');
  assert.equal(await page.textContent("#phrase"), phrase);
  assert.equal(await page.isVisible("#call-sign"), true);
  const banner = (await page.textContent("#problem")) ?? "";
  assert.match(banner, /What is not marked as stored has not been sent/);
  assert.doesNotMatch(banner, /sent nothing/);
  assert.deepEqual(
    await page
      .locator(".tick")
      .evaluateAll((ticks) => ticks.map((tick) => (tick as HTMLElement).dataset.state)),
    ["stored", "waiting"],
  );
  assert.match((await page.textContent("#tick")) ?? "", /Not stored/);
  assert.equal(await page.isVisible("#write-on"), false);
  for (const language of ["uk", "ru"]) {
    await page.selectOption("#language", language);
    assert.equal(await page.textContent("#phrase"), phrase);
    assert.equal(await page.isVisible("#problem"), true);
  }
});

test("a problem while something is being written on leaves the text", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await write("first");
  await page.click("#write-on");
  await page.fill("#text", "not lost");
  hub.hub.outcome = 2;
  await page.waitForSelector("#problem");
  assert.equal(await page.inputValue("#text"), "not lost");
  assert.equal(await page.isDisabled("#send"), true);
  await page.click(".back");
  await page.waitForSelector("#phrase");
  assert.equal(await page.isVisible("#problem"), true);
});

test("a 404 in the middle of a visit is a hub that is away", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.waitForSelector("#door-write");
  await requestsUntil(() => hub.exchanges() >= 2);
  hub.hub.callsTaken = false;
  await write("patience");
  await page.waitForSelector("#hub-away");
  assert.equal(await page.isVisible("#problem"), false);
  hub.hub.callsTaken = true;
  await waitForTick("stored");
});

test("one message makes one phrase, whatever is pressed while it is made", async () => {
  const hub = await startHub();
  await page.addInitScript(() => {
    const derive = SubtleCrypto.prototype.deriveBits;
    const mayDerive = new Promise<void>((resolve) => {
      Object.assign(globalThis, { letDerive: resolve });
    });
    SubtleCrypto.prototype.deriveBits = async function (this: SubtleCrypto, ...given) {
      const { name } = given[0] as Algorithm;
      if (name === "PBKDF2") await mayDerive;
      return derive.apply(this, given);
    };
  });
  await page.goto(hub.link());
  await page.click("#door-write");
  await page.fill("#text", "only once");
  await page.click("#send");
  for (const render of ["language", "back"]) {
    if (render === "language") await page.selectOption("#language", "uk");
    else {
      await page.click(".back");
      await page.click("#door-return");
      assert.equal(await page.isDisabled("#open"), true);
      await page.click(".back");
      await page.click("#door-write");
    }
    assert.equal(await page.inputValue("#text"), "only once");
    assert.equal(await page.isDisabled("#text"), true);
    assert.equal(await page.isDisabled("#send"), true);
    await page.evaluate(() => document.querySelector<HTMLElement>("#send")?.click());
  }
  await page.evaluate("letDerive()");
  await page.waitForSelector("#phrase");
  await waitForTick("stored");
  assert.equal(await page.locator(".message").count(), 1);
  assert.equal((await hub.nextPart()).text, "only once");
  const before = hub.exchanges();
  await requestsUntil(() => hub.exchanges() >= before + 5);
  const opened = await Promise.all(hub.hub.cells.map((cell) => hub.desk.openCell(cell)));
  assert.equal(opened.filter(({ payload }) => payload).length, 1);
  await page.click("#write-on");
  assert.equal(await page.inputValue("#text"), "");
});

test("the browser is asked not to translate, in every language", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.waitForSelector("#door-write");
  for (const language of ["en", "uk", "ru"]) {
    await page.selectOption("#language", language);
    assert.equal(await page.getAttribute("html", "translate"), "no");
    assert.equal(await page.getAttribute('meta[name="google"]', "content"), "notranslate");
  }
});

test("with several shards a typed phrase waits for the move, and who looks now is there at once", async () => {
  const today = Math.floor(Date.now() / 86_400_000);
  const hub = await startHub((body) => ({
    ...body,
    plan: [{ from: today - 20, shards: 256, drop_period_s: 60 }],
    cover: { ...(body.cover as Json), move_after_ms: 600_000 },
  }));
  // All that is drawn is a quarter of the most: the first walk is in shard 64, and not in that of the phrase.
  await page.addInitScript(() => {
    const { getRandomValues } = Crypto.prototype;
    Crypto.prototype.getRandomValues = function <T extends ArrayBufferView | null>(array: T): T {
      const filled = getRandomValues.call(this, array as never) as T;
      if (array?.byteLength === 8) new Uint8Array(array.buffer).set([0x40, 0, 0, 0, 0, 0, 0, 0]);
      return filled;
    };
  });
  await page.goto(hub.link());
  assert.match((await page.textContent(".facts")) ?? "", /a false page/);
  await page.click("#door-return");
  assert.equal(await page.locator("input[type=radio]").count(), 0, "there is nothing to choose");
  await page.fill("#phrase-input", "abandon ability");
  await page.click("#open");
  await page.waitForSelector("#look-now:not([hidden])");
  assert.match((await page.textContent("#look-now-price")) ?? "", /that moment shows/);
  await page.click("#look-now");
  await requestsUntil(() => hub.hub.asked.some(({ day, shard }) => day === 0 && shard !== 64));
  await page.waitForSelector("#look-now", { state: "hidden" });
  assert.match((await page.textContent("#looking")) ?? "", /last 14 days/);
});

test("too long a text is refused before anything is made", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.click("#door-write");
  await page.fill("#text", "x".repeat(25_000));
  await page.click("#send");
  await page.waitForSelector("#write-problem:not([hidden])");
  assert.equal(await page.isVisible("#phrase"), false);
  assert.equal((await page.inputValue("#text")).length, 25_000);
});

test("warnings are shown while writing, and never stop anyone", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.click("#door-write");
  await page.fill("#text", "I am John Smith, +380 67 123 45 67");
  assert.match((await page.textContent("#warnings")) ?? "", /John Smith/);
  await page.click("#send");
  await waitForTick("stored");
  assert.match((await hub.nextPart()).text, /John Smith/);
});

test("procedures show who promises them, and what is past its date is gone", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.click("#door-procedures");
  await page.waitForSelector(".procedure");
  const text = (await page.textContent("#procedures")) ?? "";
  assert.match(text, /Not reviewed yet/);
  assert.match(text, /Sample/);
  assert.match(text, /Legal group/);
  assert.doesNotMatch(text, /Long gone/);
  await page.selectOption("#procedure-track", "home");
  assert.equal(await page.locator(".procedure").count(), 1);
  const content = hub.requests.filter((request) => request.includes("content"));
  assert.equal(content.length, 3);
  assert.deepEqual(
    content,
    content.slice().sort((a, b) => order(hub, a) - order(hub, b)),
  );
});

function order(hub: StubHub, request: string): number {
  return [...hub.hub.packs.keys()].indexOf(request.slice(-64));
}

test("the language changes everything and loses nothing", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.click("#door-write");
  await page.fill("#text", "kept");
  await page.selectOption("#language", "uk");
  assert.equal(await page.getAttribute("html", "lang"), "uk");
  assert.equal(await page.inputValue("#text"), "kept");
  assert.equal(await page.textContent("#send"), "Надіслати");
  await page.evaluate(() => document.documentElement.setAttribute("dir", "rtl"));
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
});

test("the keyboard alone is enough", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.waitForSelector("#door-return");
  const reach = async (id: string): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${id} cannot be reached`);
  };
  await reach("door-write");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1");
  await reach("text");
  await page.keyboard.type("by keys");
  await reach("send");
  await page.keyboard.press("Enter");
  const phrase = ((await page.textContent("#phrase")) ?? "").split(" ");
  await waitForTick("stored");
  await hub.answer(await hub.nextPart(), "seen");
  await page.reload();
  await page.waitForSelector("#door-return");
  await reach("door-return");
  await page.keyboard.press("Enter");
  await reach("phrase-input");
  for (const word of phrase) {
    // The first four letters of every word of the list are its own.
    await page.keyboard.type(word.slice(0, 4));
    const offered = await page.locator("#suggestions li").allTextContents();
    if (word.length < 4 || offered.length === 0) {
      await page.keyboard.type(`${word.slice(4)} `);
      continue;
    }
    for (let i = 0; i <= offered.indexOf(word); i++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
  }
  assert.equal((await page.inputValue("#phrase-input")).trim(), phrase.join(" "));
  await reach("open");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".answer");
});

test("the phrase can be hidden while it is typed and after it was made", async () => {
  const hub = await startHub();
  await page.goto(hub.link());
  await page.click("#door-return");
  await page.fill("#phrase-input", "aban");
  await page.click("#phrase-mask");
  await page.keyboard.type("d");
  assert.equal(await page.isVisible("#suggestions"), false);
  assert.match((await page.getAttribute("#phrase-input", "class")) ?? "", /masked/);
});

test("nothing is left in the browser, and nobody else is asked", async () => {
  const hub = await startHub();
  const hosts = new Set<string>();
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(hub.link());
  assert.equal(await page.title(), "Information");
  const phrase = await write("nothing is left");
  await waitForTick("stored");
  assert.equal(phrase.split(" ").length, 10);
  assert.deepEqual(await context.cookies(), []);
  const stored = await page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    state: history.state,
  }));
  assert.deepEqual(stored, { local: 0, session: 0, databases: 0, caches: 0, workers: 0, state: null });
  assert.deepEqual([...hosts], [`127.0.0.1:${hub.port}`]);
});

test("every exchange has the same headers and the same sizes", async () => {
  const hub = await startHub();
  const seen = new Set<string>();
  page.on("request", (request) => {
    if (request.method() !== "POST") return;
    const headers = Object.entries(request.headers()).sort();
    seen.add(JSON.stringify([headers, request.postDataBuffer()?.length]));
  });
  await page.goto(hub.link());
  await write("x".repeat(5000));
  await waitForTick("stored");
  assert.equal(seen.size, 1);
  assert.match([...seen][0] ?? "", /4192/);
});
