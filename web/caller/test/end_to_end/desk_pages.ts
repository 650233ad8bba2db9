// Every page of the desk, one behind the other, as operators meet them: for the tests of access, and for the pictures of the guide.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { sendAnswer } from "./answering.ts";
import type { Hotline } from "./hotline.ts";
import { comeWithCode, joinColleague, lineOf } from "./joining.ts";

/** One page that stands open. */
export interface Shown {
  name: string;
  page: Page;
}

// Callers as the guide shows them: nothing in here is anybody's.
const CALLS: { track: string; lang: string; safe?: string; text: string }[] = [
  {
    track: "called-up",
    lang: "uk",
    safe: "Увечері після восьмої, коли я сам.",
    text: "Сьогодні дали повістку, до п'ятниці треба відповісти. Що буде, якщо не прийду? Чи можна спитати, нічого не вирішуючи?",
  },
  { track: "relative", lang: "ru", text: "Брат не пишет вторую неделю. Как узнать, жив ли он?" },
  { track: "witness", lang: "en", text: "I saw something that I should not have seen. Who reads this?" },
  { track: "field", lang: "uk", text: "Нас четверо. Як зробити так, щоб у нас не стріляли?" },
];
const ANSWER =
  "You can ask anything without deciding anything. Nobody here knows who you are.\n\nWhat does the paper say that you must do, and by which day? No names and no places, please.";

const HALF = "An answer of which half is written";

/** Leads one browser through all pages of a desk that nobody has entered yet, in a language; a step that fails is told with the page before it. */
export async function* deskPages(hotline: Hotline, browser: Browser, locale = "en"): AsyncGenerator<Shown> {
  let last = "the start";
  try {
    for await (const shown of walk(hotline, browser, locale)) {
      last = shown.name;
      yield shown;
    }
  } catch (error) {
    throw new Error(`the walk through the pages does not get on behind ${last}`, { cause: error });
  }
}

async function* walk(hotline: Hotline, browser: Browser, locale: string): AsyncGenerator<Shown> {
  const context = await browser.newContext({ locale });
  const page = await context.newPage();
  yield* entering(hotline, page);
  for (const name of ["search", "follow-ups"]) {
    await page.goto(at(page, `/${name}`));
    yield { name: `${name}-empty`, page };
  }
  const callSign = await calls(hotline, page);
  yield { name: "board-busy", page };
  yield* answering(page, callSign);
  yield* followingUp(page, callSign);
  yield* noting(page, callSign);
  yield* checking(hotline, page, callSign);
  yield* sifting(hotline, page);
  yield* searching(page);
  yield* besideColleague(hotline, page, callSign);
  yield* handingOver(hotline, page, callSign);
  yield* takingTurns(hotline, page);
  yield* endingShift(hotline, page);
  yield* changingPeople(hotline, page);
  yield* inviting(hotline, page);
  yield* helping(page);
  yield* refused(hotline, page, () => browser.newContext({ locale }));
  await context.close();
}

async function* entering(hotline: Hotline, page: Page): AsyncGenerator<Shown> {
  await page.goto(hotline.desk);
  yield { name: "unlock", page };
  await page.fill("#passphrase", "not this one");
  await page.click("#unlock");
  await page.waitForSelector("#problems .problem");
  yield { name: "unlock-wrong", page };
  await page.fill("#passphrase", hotline.passphrase);
  await page.click("#unlock");
  await page.waitForSelector("#board");
  yield { name: "board-empty", page };
}

async function calls(hotline: Hotline, page: Page): Promise<string> {
  const sent: string[] = [];
  for (const { track, lang, safe, text } of CALLS) {
    const when = safe ? ["--safe-times", safe] : [];
    const args = ["call", "send", "--json", "--hub", hotline.ready.caller, "--track", track, "--lang", lang];
    sent.push((await hotline.run([...args, ...when, "-"], text)).call_sign);
  }
  // The list of those who were answered is not empty either.
  await openCall(page, sent[1] as string);
  await page.fill("#reply", "We are looking. Come back tomorrow at the hour that is safe for you.");
  await sendAnswer(page, "#send-now");
  await page.waitForSelector("#said .said");
  await page.goto(at(page, "/"));
  return sent[0] as string;
}

async function* answering(page: Page, callSign: string): AsyncGenerator<Shown> {
  await openCall(page, callSign);
  yield { name: "case", page };
  await page.click("#look-over");
  await page.waitForSelector("#problems .problem");
  yield { name: "case-refused", page };
  await page.fill("#reply", ANSWER);
  await page.click("#look-over");
  await page.waitForSelector("#preview-sheet[open] #send");
  yield { name: "case-preview", page };
  await page.click("#send");
  await page.waitForSelector("#said .said");
  yield { name: "case-answered", page };
  // Whoever only looks opens nothing.
  await page.goto(at(page, "/"));
  const other = await page.locator("#waiting a").last().getAttribute("href");
  await page.goto(at(page, `${other}?look=1`));
  yield { name: "case-unopened", page };
}

async function* followingUp(page: Page, callSign: string): AsyncGenerator<Shown> {
  await openCall(page, callSign);
  await page.click("#follow-ups");
  await page.waitForSelector("form.follow-up");
  yield { name: "case-follow-ups-empty", page };
  for (const [ahead, text] of [
    [0, "Has the paper come? Read the answer before writing."],
    [3, "Ask how Friday went."],
  ] as const) {
    const day = new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
    const form = page.locator("form.follow-up").last();
    await form.locator("[name=due]").fill(day);
    await form.locator("[name=text]").fill(text);
    await form.locator("button").click();
    await page.waitForSelector(`text=${text}`);
  }
  await page.click("summary >> nth=0");
  yield { name: "case-follow-ups", page };
  await openCall(page, callSign);
  yield { name: "case-with-follow-ups", page };
  await page.click("#to-follow-ups");
  await page.waitForSelector("#due .due li");
  yield { name: "follow-ups", page };
}

async function* noting(page: Page, callSign: string): AsyncGenerator<Shown> {
  await openCall(page, callSign);
  await page.fill("#reply", HALF);
  for (const text of ["He is alone until eight. Ask nothing that takes long.", "Not for this call."]) {
    await page.click("#write-note");
    await page.fill("#note-text", text);
    await page.click("#keep-note");
    await page.waitForSelector(`#notes :text("${text}")`);
  }
  await page.locator("#notes summary").last().click();
  await page.locator("#notes details[open] button").click();
  await page.waitForSelector("#notes .struck");
  await page.click("#write-note");
  await page.fill("#note-text", "Osyka knows the paper that");
  yield { name: "case-with-notes", page };
  await page.fill("#note-text", "");
  await page.click("#write-note");
  await page.selectOption("#close-why", "answered");
  await page.click(".closing button");
  await page.waitForSelector("#reopen");
  yield { name: "case-closed", page };
  await page.click("#reopen");
  await page.waitForSelector("#close-why");
  // Nothing of it has changed what is being written to the caller.
  const stands = await page.inputValue("#reply");
  if (stands !== HALF) throw new Error(`the answer is another one now: ${stands}`);
  if (await page.locator(".side .problem").count()) throw new Error("a form beside the conversation failed");
  await page.fill("#reply", "");
}

// A list of steps beside the call, and brackets that stop the answer until they are meant.
async function* checking(hotline: Hotline, page: Page, callSign: string): AsyncGenerator<Shown> {
  const folder = join(hotline.data, "content");
  const kept = async (name: string, head: string, text: string) => {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(
      join(folder, name, "paper.md"),
      `---\nkeyword: paper\nlanguage: uk\n${head}---\n${text}\n`,
    );
  };
  await kept("templates", "title: Повістка\n", "Напишіть нам до [day], і ми відповімо.");
  await kept(
    "checklists",
    "title: Повістка\ntrack: called-up\n",
    "- Спитати, чи він сам.\n- Сказати, що нічого не вирішено.",
  );
  await hotline.run(["desk", "content", "import", "--json", "--data", hotline.deskData, folder]);
  await openCall(page, callSign);
  await page.click("#step-0-1");
  await page.waitForSelector("#step-0-1[aria-pressed=true]");
  await page.fill("#reply", "Напишіть нам [коли зможете], і ми відповімо.");
  await page.click("#look-over");
  await page.waitForSelector("#brackets");
  yield { name: "case-brackets", page };
  await page.fill("#reply", "");
}

// Calls that nobody has opened, by when they came, and one act on all of them that is taken back.
async function* sifting(hotline: Hotline, page: Page): AsyncGenerator<Shown> {
  await hotline.run(["desk", "sync", "--json", "--data", hotline.deskData]);
  await page.goto(at(page, "/flood"));
  await page.waitForSelector("#flood-steps a");
  yield { name: "flood", page };
  await page.click("#flood-steps a");
  await page.check('#sift [value="junk"]');
  yield { name: "flood-chosen", page };
  await page.click("#preview");
  await page.waitForSelector("#previewed li");
  yield { name: "flood-preview", page };
  await page.click("#do");
  await page.waitForSelector("#siftings form button");
  yield { name: "flood-said", page };
  await page.click("#siftings form button");
  await page.waitForSelector("#siftings li:not(:has(form))");
}

async function* searching(page: Page): AsyncGenerator<Shown> {
  for (const [name, query] of [
    ["search-hits", "повістка"],
    ["search-nothing", "пароплав"],
    ["search-wrong", "ок"],
  ] as const) {
    await page.goto(at(page, "/search"));
    await page.fill("#query", query);
    await page.click("#search-form button");
    await page.waitForSelector("#results > *");
    yield { name, page };
  }
}

// A colleague has the case: what is written is held, and may be taken back.
async function* besideColleague(hotline: Hotline, page: Page, callSign: string): AsyncGenerator<Shown> {
  await joinColleague(hotline, page, "Калина");
  const data = ["--json", "--data", join(hotline.data, "Калина")];
  await hotline.run(["desk", "claim", ...data, "--call-sign", callSign]);
  await openCall(page, callSign);
  await page.waitForSelector("#holder .banner");
  yield* readingOver(hotline, page, callSign, data);
  await page.fill("#reply", "Come back on Friday: we shall have read the paper by then.");
  await sendAnswer(page);
  await page.waitForSelector("#conversation .held");
  await page.click("#take-over summary");
  await page.click("#levels summary");
  yield { name: "case-of-colleague", page };
  await page.fill("#reason", "She went home, and he is here now.");
  await page.click("#take-over button");
  await page.waitForSelector("#release");
  await page.locator('#conversation .held form[action$="/take-back"] button').click();
  await page.waitForSelector("#said .said");
  yield { name: "case-taken-over", page };
}

// The colleague wants an answer read before it leaves, to a caller who may be under duress.
async function* readingOver(
  hotline: Hotline,
  page: Page,
  callSign: string,
  data: string[],
): AsyncGenerator<Shown> {
  const reply = ["desk", "reply", ...data, "--call-sign", callSign, "--second-reader", "--text"];
  await hotline.run([...reply, "Come back on Friday, and bring no paper along."]);
  await page.click("#flags summary");
  await page.click('#flags button[value="coerced"]');
  await page.waitForSelector("#said .said");
  await page.click("#safe-hours summary");
  await page.fill("#safe-from", "22:30");
  await page.fill("#safe-to", "01:00");
  await page.fill("#safe-zone", "+03:00");
  await page.click("#safe-hours button");
  await page.waitForSelector("#said .said");
  await page.waitForSelector('form[action$="/approve"]');
  await page.click('details[id^="refuse-"] summary');
  await page.fill('details[id^="refuse-"] input[name="text"]', "It names a paper");
  await page.evaluate(() => scrollTo(0, 0));
  yield { name: "case-to-read", page };
  await page.click('form[action$="/approve"] button');
  await page.waitForSelector("#said .said");
  await page.click('form[action$="/lift"] button');
  await page.waitForSelector("#facts:not(:has(.banner))");
}

// A case is offered, taken by the colleague, and comes back by an offer of theirs.
async function* handingOver(hotline: Hotline, page: Page, callSign: string): AsyncGenerator<Shown> {
  const data = ["--json", "--data", join(hotline.data, "Калина")];
  const say = async (...more: string[]) => {
    await hotline.run(["desk", "sync", ...data]);
    return hotline.run(["desk", "transfer", ...data, "--call-sign", callSign, ...more]);
  };
  // The colleague's device hears whose the case is now without waiting for a beat.
  const own = ["desk", "sync", "--json", "--data", hotline.deskData];
  await hotline.run(own);
  await page.locator("#main").press("t");
  await page.selectOption("#transfer-to", "anyone");
  await page.fill("#transfer-text", "My shift ends at six");
  await say("--ask", "--text", "I know the paper");
  await page.waitForSelector("#handover .banner");
  // What came in has swapped the form, and nothing of what was typed.
  const typed = [await page.inputValue("#transfer-to"), await page.inputValue("#transfer-text")];
  if (typed.join() !== "anyone,My shift ends at six") throw new Error(`the form has ${typed} now`);
  await page.evaluate(() => scrollTo(0, 0));
  yield { name: "case-handing-over", page };
  await page.click("#transfer button");
  await page.waitForSelector("#withdraw-offer");
  // At once, and not with the next beat.
  await hotline.run(own);
  await say("--accept");
  await page.waitForSelector("#ask-for");
  await say("--to", "anyone", "--text", "It is yours, I think");
  await page.waitForSelector("#accept-offer");
  yield { name: "case-offered", page };
  await page.goto(at(page, "/?mine=yes"));
  yield { name: "board-mine", page };
}

// Among others a call that waits is offered to who has said that they are ready.
async function* takingTurns(hotline: Hotline, page: Page): AsyncGenerator<Shown> {
  // Whoever's device has written nothing for ten beats is not there.
  await hotline.run(["desk", "sync", "--json", "--data", join(hotline.data, "Калина")]);
  await page.goto(at(page, "/"));
  await page.click("#next");
  await page.waitForSelector("#take-offered");
  yield { name: "board-offered", page };
  await page.click("#take-offered");
  await page.waitForSelector("#release");
}

async function* endingShift(hotline: Hotline, page: Page): AsyncGenerator<Shown> {
  const data = ["--json", "--data", join(hotline.data, "Калина")];
  await hotline.run([
    "desk",
    "handover",
    ...data,
    "--end",
    "--note",
    "The brother's letter may come today: look first.",
  ]);
  await page.goto(at(page, "/"));
  await page.click("#to-handover");
  await page.waitForSelector("[data-shift]");
  await page.fill("#shift-note", "Two wait for an answer about the paper.");
  yield { name: "handover", page };
  await page.click("#end-shift");
  await page.waitForSelector("[data-shift] >> nth=1");
  yield { name: "handover-ended", page };
}

async function* changingPeople(hotline: Hotline, page: Page): AsyncGenerator<Shown> {
  const lost = await joinColleague(hotline, page, "Осика");
  await page.fill("#name", "Кастодіан\u{200b}");
  await page.check("#add [name=leader]");
  await page.click("#add button");
  await page.waitForSelector(".problem");
  yield { name: "people-refused", page };
  await page.goto(at(page, "/people"));
  await page.click(`[data-device="${lost}"] summary.grave`);
  yield { name: "people", page };
  await page.check(`[data-device="${lost}"] [name=sure]`);
  await page.click(`[data-device="${lost}"] button.grave`);
  await page.waitForSelector("#steps");
  yield { name: "people-shut-out", page };
  await page.click("#back-to-people");
  const them = lineOf("Осика");
  await page.click(`${them} details[id^="leave-"] > summary`);
  await page.fill(`${them} [name=typed]`, "Осика");
  await page.click(`${them} button.grave`);
  await page.click("#left > summary");
  await page.waitForSelector("#left .away:visible");
  yield { name: "people-left", page };
}

// The page goes on by itself when the device has come.
async function* inviting(hotline: Hotline, page: Page): AsyncGenerator<Shown> {
  await page.goto(at(page, "/people"));
  await page.click('form[action="/people/invite"] button');
  await page.waitForSelector("div.code");
  yield { name: "invite-code", page };
  const joined = comeWithCode(hotline, page, "new");
  await page.waitForSelector(".check-words");
  yield { name: "invite-words", page };
  await page.check("#sure");
  await page.click('form[action="/people/invite/admit"] button');
  await page.waitForSelector(".said");
  await joined;
}

async function* helping(page: Page): AsyncGenerator<Shown> {
  await page.goto(at(page, "/"));
  await page.click("#to-help");
  await page.waitForSelector("#sheet[open] .keys");
  yield { name: "help-sheet", page };
  await page.goto(at(page, "/help"));
  await page.waitForSelector("#keys .keys");
  yield { name: "help", page };
}

async function* refused(
  hotline: Hotline,
  page: Page,
  another: () => Promise<BrowserContext>,
): AsyncGenerator<Shown> {
  await page.goto(at(page, "/nowhere"));
  yield { name: "not-found", page };
  await page.goto(at(page, "/lock"));
  yield { name: "not-possible", page };
  const stranger = await another().then((context) => context.newPage());
  await stranger.goto(hotline.desk);
  yield { name: "not-let-in", page: stranger };
  await stranger.context().close();
  // Another tab has locked the desk, and this one has not heard of it.
  await page.route("**/events", (route) => route.abort());
  await page.goto(at(page, "/"));
  await page.click("#waiting a >> nth=0");
  await page.fill("#reply", ANSWER);
  await page.request.post(at(page, "/lock"), { headers: { origin: new URL(page.url()).origin } });
  await page.$eval("#reply-form", (form) => (form as HTMLFormElement).submit());
  await page.waitForSelector(".unsent");
  yield { name: "unsent", page };
  await page.goto(at(page, "/"));
  await page.waitForSelector("#passphrase");
  yield { name: "lock", page };
}

async function openCall(page: Page, callSign: string): Promise<void> {
  await page.goto(at(page, "/"));
  await page.click(`#board .cases li:has-text("${callSign}") a`);
  await page.waitForSelector("#conversation .from-caller .text");
}

const at = (page: Page, path: string) => new URL(path, page.url()).href;
