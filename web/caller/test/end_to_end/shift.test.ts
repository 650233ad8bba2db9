// A whole shift: three people at four desks and twenty callers, with all that goes wrong on such a day.
//
// Kalyna works at two devices, a computer and a tablet, Osyka at one, and Verba alone behind a line that is nearly always cut. For Verba's hour
// stands all that the others do meanwhile, some twenty of their beats and more: from the seventh call until most are answered, and once more
// from the last answers until the end. In between Verba hears of everything for a moment.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launchChromium } from "../browser/chromium.ts";
import { comeWithCode, joinColleague } from "./desk_pages.ts";
import { Hotline } from "./hotline.ts";
import { Line } from "./line.ts";
import { eachOf, NAMES, type Name, TwentyCallers } from "./twenty_callers.ts";
import { until, Workplace } from "./workplace.ts";

/** In notes alone; no caller ever reads it. */
const NOTE_SECRET = "для колег: 7Qd-сова";

/** What somebody writes who has found the tablet; it reaches nobody. */
const FOUND = "Це пише той, хто знайшов планшет";

/** What whoever is answered by turns reads first. */
const READ = {
  en: "We have read it, and think about it.",
  ru: "Мы прочли, и думаем над этим.",
  uk: "Ми прочитали, і думаємо над цим.",
};

let hotline: Hotline;
let browser: Browser;
let line: Line;
let callers: TwentyCallers;
let kalyna: Workplace;
let tablet: Workplace;
let osyka: Workplace;
let verba: Workplace;

/** What each caller is to have got at the end, in its order. */
const promised = new Map<Name, string[]>(NAMES.map((name) => [name, []]));

before(async () => {
  hotline = await Hotline.start(2);
  browser = await launchChromium();
  line = await Line.to(hotline.ready.hub);
  callers = new TwentyCallers(hotline);
});

after(async () => {
  await browser.close();
  await hotline.stop();
  await line.stop();
});

test("a whole shift", async () => {
  await step("the desks come together", comeTogether);
  await step("six call before the line to Verba is cut, fourteen behind it", callersWrite);
  await step("the urgent one is first everywhere", urgentFirst);
  await step("two take one case", takenTwice);
  await step("two answer one case", answeredTwice);
  await step("a case is handed over", handedOver);
  await step("the program dies while somebody writes", crashWhileWriting);
  await step("a desk is locked while somebody writes", lockWhileWriting);
  await step("a device is lost", deviceLost);
  await step("Verba works on without the hub", workOffline);
  await step("Verba's hour is over", comeBack);
  await step("the others are answered by turns", answerTheRest);
  await step("the shift ends", handover);
  await step("all desks show the same, and callers have got each answer once", allAlike);
});

async function step(what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the shift stops where ${what}: ${why}`, { cause });
  }
}

async function comeTogether(): Promise<void> {
  kalyna = await Workplace.of(hotline, browser, "Kalyna");
  osyka = await Workplace.of(hotline, browser, "Osyka");
  await joinColleague(hotline, kalyna.page, "Verba", line.link(hotline.ready.caller));
  await kalyna.page.click('form[action="/people/invite"] button');
  await kalyna.page.waitForSelector("div.code");
  const comes = comeWithCode(hotline, kalyna.page, "tablet");
  await kalyna.page.waitForSelector(".check-words");
  await kalyna.page.check("#sure");
  await kalyna.page.click('form[action="/people/invite/admit"] button');
  await comes;
  verba = await Workplace.joined(hotline, browser, "Verba");
  tablet = await Workplace.joined(hotline, browser, "tablet");
  await kalyna.toBoard();
}

async function callersWrite(): Promise<void> {
  await callers.write(NAMES.slice(0, 6));
  for (const desk of [kalyna, tablet, osyka, verba]) await desk.counts(6);
  for (const name of ["sister", "student"] as const) await take(verba, name);
  await verba.beat();
  for (const desk of [kalyna, osyka]) await showsHolder(desk, "student", "Verba");
  // From one removal to the next all devices have to be ready.
  const devices = async () => (await kalyna.run("devices")).devices as { ready: boolean }[];
  await until("all devices are ready", devices, (all) => all.length === 4 && all.every(({ ready }) => ready));
  line.cut();
  await callers.write(NAMES.slice(6));
  for (const desk of [kalyna, tablet, osyka]) await desk.counts(20);
  await verba.says("#health .trouble", /cut off from the hub/);
  await verba.counts(6);
}

async function urgentFirst(): Promise<void> {
  await open(osyka, "urgent");
  await osyka.keys("u", "Tab", "Enter");
  await osyka.says("#said .said", /level is set/);
  for (const desk of [kalyna, tablet]) {
    await desk.page.waitForSelector(`#waiting > li:first-child:has-text("${callers.callSign("urgent")}")`);
  }
  // It is offered to a person, at whichever of her devices she is.
  await kalyna.keys("n");
  for (const desk of [kalyna, tablet]) {
    await desk.page.waitForSelector("#take-offered");
    await desk.says("#turn", new RegExp(callers.callSign("urgent")));
  }
  await kalyna.picture("03-offered");
  await kalyna.keys("n");
  await kalyna.page.waitForSelector("#release");
  await kalyna.says("h1", new RegExp(callers.callSign("urgent")));
  await kalyna.page.fill("#reply", promise("urgent", "Идите без оружия. Напишите, как только решите."));
  await kalyna.page.click("#look-over");
  await kalyna.page.click("#send-now");
  await kalyna.says("#said .said", /Posted/);
  assert.deepEqual(await callers.answersTo("urgent"), promised.get("urgent"));
  for (const desk of [tablet, osyka]) {
    await desk.toBoard();
    await showsHolder(desk, "urgent", "Kalyna");
  }
}

async function takenTwice(): Promise<void> {
  await Promise.all([open(kalyna, "mother"), open(osyka, "mother")]);
  await Promise.all([kalyna.page.click("#claim"), osyka.page.click("#claim")]);
  const holder = await holderAtBoth("mother");
  const [first, second] = holder === "Kalyna" ? [kalyna, osyka] : [osyka, kalyna];
  await second.says("#holder .banner", new RegExp(`${holder} has this case`));
  await second.says("#health .quiet", /Somebody was faster/);
  await second.page.waitForSelector("#said:not(:has(.said))", { state: "attached" });
  await second.picture("04-second");
  // What the second sends is held, and said to be so before it is sent.
  await second.page.fill("#reply", "Це не дійде: справу має колега.");
  await second.page.press("#reply", "Control+Enter");
  await second.says("#preview-leaves", /held/);
  await second.picture("04-second-preview");
  await second.page.keyboard.press("Control+Enter");
  await second.says("#conversation .held", new RegExp(`Held: ${holder} has this case`));
  await first.answer(promise("mother", "Він міг не мати права сказати. Почекайте до неділі."));
  await first.says("#conversation .held", /Held/);
  await first.picture("04-first");
  await second.keys("Escape", "z");
  for (const desk of [first, second]) await desk.says("#conversation .from-desk", /Taken back/);
  for (const desk of [first, second]) await desk.says("#conversation .from-desk", /posted/);
  await second.picture("04-taken-back");
}

async function answeredTwice(): Promise<void> {
  const texts = new Map([
    [kalyna, "Only people of this desk read it."],
    [osyka, "Two of us have read it now."],
  ]);
  await Promise.all([open(kalyna, "witness"), open(osyka, "witness")]);
  await Promise.all([...texts].map(([desk, text]) => desk.answer(text)));
  const holder = await holderAtBoth("witness");
  const [first, second] = holder === "Kalyna" ? [kalyna, osyka] : [osyka, kalyna];
  await second.page.waitForSelector("#said:not(:has(.said))", { state: "attached" });
  for (const desk of [first, second]) {
    await desk.says("#conversation .held", new RegExp(texts.get(second) as string));
    assert.equal(await desk.page.locator("#conversation .held").count(), 1);
  }
  await first.picture("05-held");
  await second.picture("05-held");
  promise("witness", texts.get(first) as string);
  await first.says("#conversation .from-desk", /posted/);
  // The holder lets it leave, and it does so once.
  await first.page.click("#release");
  await second.page.waitForSelector('#conversation form[action$="/let-go"]');
  await second.picture("05-free");
  await second.page.click('#conversation form[action$="/let-go"] button');
  promise("witness", texts.get(second) as string);
  for (const desk of [first, second]) await desk.page.waitForSelector("#conversation:not(:has(.held))");
}

async function handedOver(): Promise<void> {
  await take(kalyna, "summoned");
  const offer = async (text: string) => {
    await kalyna.keys("t");
    await kalyna.page.selectOption("#transfer-to", { label: "Osyka" });
    await kalyna.page.fill("#transfer-text", text);
    await kalyna.page.press("#transfer-text", "Enter");
    await kalyna.page.waitForSelector("#withdraw-offer");
  };
  await offer("Ти знаєш цей папір");
  await osyka.toBoard();
  await osyka.says(osyka.row(callers.callSign("summoned")), /offered by Kalyna/);
  await osyka.keys("m");
  await osyka.page.click(`${osyka.row(callers.callSign("summoned"))} a`);
  await osyka.says("#handover .banner", /Kalyna offers this case to you/);
  await osyka.picture("06-offered");
  await osyka.page.click("#refuse-offer summary");
  await osyka.page.fill("#refuse-text", "Спершу дочитаю інший");
  await osyka.page.press("#refuse-text", "Enter");
  await kalyna.says("#handover .banner", /Osyka does not take this case/);
  await kalyna.picture("06-refused");
  await offer("Тепер?");
  await osyka.page.click("#accept-offer");
  await kalyna.page.waitForSelector("#ask-for");
  await osyka.page.waitForSelector("#release");
  await osyka.answer(promise("summoned", "До п'ятниці відповідати не треба. Що написано внизу?"));
  // A note is for colleagues, at each of their devices, and for no caller.
  await osyka.keys("Escape", "i");
  await osyka.page.keyboard.type(NOTE_SECRET);
  await osyka.page.keyboard.press("Control+Enter");
  await open(tablet, "summoned");
  for (const desk of [kalyna, tablet]) await desk.says("#notes", new RegExp(NOTE_SECRET));
  await tablet.picture("06-note");
}

async function crashWhileWriting(): Promise<void> {
  await take(tablet, "four");
  const kept = "Підніміть білу тканину";
  const whole = `${kept} і йдіть без зброї, удвох, не разом.`;
  await tablet.page.locator("#reply").pressSequentially(kept);
  await tablet.page.waitForSelector("#discard");
  await tablet.page.locator("#reply").pressSequentially(whole.slice(kept.length));
  await tablet.crash();
  await tablet.says("#away, #announce, .trouble, .problem", /does not answer/);
  await tablet.picture("07-crashed");
  // What is not kept yet stands on the page.
  assert.equal(await tablet.page.inputValue("#reply"), whole);
  await tablet.start();
  await open(tablet, "four");
  assert.ok((await tablet.page.inputValue("#reply")).startsWith(kept));
  await tablet.says("#holder .person", /Kalyna \(you\)/);
  await tablet.picture("07-back");
  await tablet.answer(promise("four", whole));
  // Before a beat has taken it along, perhaps.
  await tablet.crash();
  await tablet.start();
  await open(tablet, "four");
  await tablet.beat();
  await tablet.says("#conversation .from-desk", /posted/);
  assert.equal(await tablet.page.locator("#conversation .from-desk").count(), 1);
  assert.equal(await tablet.page.inputValue("#reply"), "");
  assert.deepEqual(await callers.answersTo("four"), promised.get("four"));
}

async function lockWhileWriting(): Promise<void> {
  await open(kalyna, "clerk");
  await kalyna.answer(promise("clerk", "Не показывайте их никому из знакомых. Напишите нам, что в них."));
  await take(kalyna, "deserter");
  const address = kalyna.page.url();
  const text = "Оставайтесь, где вы есть, до темноты.";
  await kalyna.page.locator("#reply").pressSequentially("Оставайтесь, где вы есть");
  await kalyna.page.keyboard.press("Escape");
  await kalyna.page.keyboard.press("Escape");
  await kalyna.page.waitForSelector("#passphrase");
  assert.ok(!(await kalyna.page.content()).includes("Оставайтесь"));
  await kalyna.picture("08-locked");
  // A locked desk goes on working, and its other device was never locked.
  await until(
    "the answer is posted",
    () => callers.answersTo("clerk"),
    (got) => got.length > 0,
  );
  await tablet.toBoard();
  await osyka.toBoard();
  await osyka.says("#presence", /Kalyna/);
  await osyka.picture("08-other-is-locked");
  await kalyna.page.fill("#passphrase", hotline.passphrase);
  await kalyna.page.click("#unlock");
  await kalyna.page.waitForURL((url) => url.pathname === new URL(address).pathname);
  await kalyna.page.keyboard.type(text.slice("Оставайтесь, где вы есть".length));
  assert.equal(await kalyna.page.inputValue("#reply"), text);
  await kalyna.send();
  promise("deserter", text);
}

async function deviceLost(): Promise<void> {
  await take(tablet, "father");
  await tablet.beat();
  await kalyna.toBoard();
  await showsHolder(kalyna, "father", "Kalyna");
  await tablet.page.locator("#reply").pressSequentially(FOUND);
  const own = (await tablet.run("devices")).devices.find((device: { own: boolean }) => device.own).id;
  await kalyna.keys("Escape", "e");
  await kalyna.page.click(`[data-device="${own}"] summary.grave`);
  await kalyna.page.check(`[data-device="${own}"] [name=sure]`);
  await kalyna.page.click(`[data-device="${own}"] button.grave`);
  await kalyna.says("#steps", /Steps done: 5 of 5/);
  await kalyna.picture("09-shut-out");
  await tablet.says("#health .trouble", /does not belong to the desk any more/);
  await tablet.page.press("#reply", "Control+Enter");
  await tablet.page.waitForSelector("#preview-sheet[open] #send, #problems .problem");
  if (await tablet.page.locator("#problems .problem").count()) {
    // It has read of its removal before the hub refused it.
    await tablet.says(
      "#problems .problem",
      /Nothing was sent: another device of the desk has shut this one out/,
    );
    assert.equal(await tablet.page.inputValue("#reply"), FOUND);
  } else {
    await tablet.page.keyboard.press("Control+Enter");
    await tablet.says("#said .said", /does not leave: this device does nothing for the desk now/);
    await tablet.says("#conversation .from-desk", /does not leave/);
  }
  await tablet.picture("09-outside");
  // The case was a person's, and she has it still.
  await open(kalyna, "father");
  await kalyna.says("#holder .person", /Kalyna \(you\)/);
  assert.equal(await kalyna.page.locator("#conversation .from-desk").count(), 0);
  await kalyna.answer(promise("father", "Питайте через нас: ваше ім'я не потрібне."));
}

// Everything that Verba does here is kept on her computer, and nobody hears of it yet.
async function workOffline(): Promise<void> {
  await verba.says("#health .trouble", /cut off from the hub/);
  await open(verba, "sister");
  await verba.answer(promise("sister", "Три недели ещё ничего не значат. Мы спросим."));
  await verba.says("#conversation .from-desk", /kept on this computer/);
  await verba.says("#said .said", /Not yet/);
  await verba.picture("10-kept-here");
  await open(verba, "student");
  await verba.answer("Это письмо задержат: дело уже у Калины.");
  // She does not know that it was answered, and that its caller wrote again.
  await take(verba, "mother");
  await verba.page.selectOption("#close-why", "answered");
  await verba.page.click(".closing button");
  await verba.page.waitForSelector("#reopen");
  await open(verba, "wife");
  await verba.keys("u", "Tab", "Enter");
  await verba.says("#said .said", /level is set/);
  await verba.picture("10-level");
  assert.deepEqual(await callers.answersTo("sister"), []);
}

async function comeBack(): Promise<void> {
  await callers.writeAgain("mother", "Він подзвонив! Що йому казати?");
  // Nobody can ask her, so a leader takes a case over that she has.
  await open(kalyna, "student");
  await kalyna.page.click("#take-over summary");
  await kalyna.page.fill("#reason", "Nothing comes from her computer, and he waits.");
  await kalyna.page.click("#take-over button");
  await kalyna.page.waitForSelector("#release");
  await kalyna.answer(promise("student", "Пока ничего не подписывайте. Когда вам сказали прийти?"));
  await open(kalyna, "wife");
  await kalyna.keys("u", "Tab", "Tab", "Enter");
  await kalyna.says("#said .said", /level is set/);
  await kalyna.toBoard();
  await kalyna.says(`${kalyna.row(callers.callSign("student"))} .person`, /Kalyna/);
  await osyka.toBoard();
  await showsHolder(osyka, "student", "Kalyna");
  line.mend();
  await verba.beat();
  await verba.toBoard();
  await verba.page.waitForSelector("#health:not(:has(.trouble))");
  await verba.says("#health .quiet", /the closing of a case/);
  await showsHolder(verba, "urgent", "Kalyna");
  // Of two levels the more urgent stays, whoever was late.
  for (const desk of [kalyna, verba]) {
    await desk.page.waitForSelector(`#waiting > li:first-child:has-text("${callers.callSign("wife")}")`);
  }
  await verba.picture("11-back");
  await open(osyka, "student");
  await osyka.says("#conversation .held", /Это письмо задержат/);
  await open(verba, "student");
  await verba.says("#conversation .held", /Kalyna has this case/);
  await verba.keys("Escape", "z");
  await verba.says("#conversation .from-desk", /Taken back/);
  line.cut();
  // Verba's closing was void: a colleague had the case, and its caller had written again.
  const holder = (await holderAtBoth("mother")) === "Kalyna" ? kalyna : osyka;
  await open(holder, "mother");
  await holder.page.waitForSelector("#release");
  await holder.answer(promise("mother", "Передайте, що ми на зв'язку, і більше нічого."));
}

// By the keyboard alone: each is given the next call, and none is given to two.
async function answerTheRest(): Promise<void> {
  const given: Name[] = [];
  const work = async (desk: Workplace) => {
    await desk.toBoard();
    await desk.keys("n");
    while (await takeNext(desk)) {
      const heading = await desk.reads("h1");
      const name = NAMES.find((name) => heading.includes(callers.callSign(name)));
      assert.ok(name, `${heading} is nobody's`);
      given.push(name);
      await desk.page.waitForSelector("#conversation .from-caller .text");
      await desk.keys("r");
      await desk.page.keyboard.type(promise(name, `${READ[callers.language(name)]} ${given.length}`));
      await desk.send();
      await desk.keys("Escape");
    }
  };
  await Promise.all([work(kalyna), work(osyka)]);
  assert.deepEqual([...new Set(given)], given, "a call was given to two");
  assert.equal(given.length, 10);
}

async function handover(): Promise<void> {
  await osyka.toBoard();
  await osyka.keys("h");
  await osyka.page.waitForSelector("#end-shift");
  await osyka.page.fill('#mine input[name^="next-"] >> nth=0', NOTE_SECRET);
  await osyka.page.fill("#shift-note", "Мати чекає на дзвінок у неділю.");
  await osyka.picture("13-handover");
  await osyka.page.press("#shift-note", "Enter");
  await osyka.page.waitForSelector("[data-shift]");
  await osyka.says("#mine", /You have no call/);
  for (const desk of [kalyna, verba]) await desk.page.goto(new URL("/handover", desk.page.url()).href);
  // Verba hears of the sheet, and of nothing that comes behind it.
  line.mend();
  for (const desk of [kalyna, verba]) await desk.says("[data-shift]", /Osyka ended their shift/);
  await verba.page.waitForSelector("#health:not(:has(.trouble))");
  line.cut();
  await kalyna.picture("13-sheet");
  await kalyna.page.click("[data-shift] button");
  await osyka.says("[data-shift]", /Taken over by Kalyna/);
  await verba.page.click("[data-shift] button");
  await verba.says("[data-shift]", /Taken over by Verba/);
  await verba.picture("13-taken-offline");
}

async function allAlike(): Promise<void> {
  line.mend();
  await verba.beat();
  const desks = [kalyna, osyka, verba];
  await verba.says("[data-shift]", /Taken over by Kalyna/);
  await verba.picture("14-second");
  // Who is at a call is of the moment, and of others: all else is the same.
  const boards = () =>
    Promise.all(desks.map((desk) => desk.run("board"))).then((all) =>
      all.map((rows) =>
        rows.map(({ here, ...row }: { here: unknown; answer: string | null; state: string }) => row),
      ),
    );
  const isAlike = ([first, ...others]: { answer: string | null; state: string }[][]) =>
    others.every((other) => JSON.stringify(other) === JSON.stringify(first)) &&
    first?.every(({ answer, state }) => answer === null && state !== "waiting");
  const [board] = await until("the boards are alike", boards, (all) => isAlike(all) === true);
  assert.equal(board?.length, NAMES.length);
  const sheets = await Promise.all(desks.map((desk) => desk.run("handover")));
  for (const { sheets: one } of sheets) assert.deepEqual(one, sheets[0].sheets);
  for (const desk of desks) {
    await desk.toBoard();
    await desk.counts(0);
    await desk.picture("15-end");
  }
  await eachOf(NAMES, async (name) =>
    assert.deepEqual(await callers.answersTo(name), promised.get(name), name),
  );
}

/** Goes to the call that is offered; false once nobody waits any more. */
async function takeNext(desk: Workplace): Promise<boolean> {
  for (;;) {
    const nobody = '#next-place[data-waiting="0"]';
    await desk.page.waitForSelector(`${nobody}, #next-place:has-text("a call for you")`);
    if (await desk.page.locator(nobody).count()) return false;
    const before = desk.page.url();
    await desk.keys("n");
    await desk.page.waitForURL((url) => url.href !== before);
    if (await desk.page.locator("#release").count()) return true;
  }
}

/** Notes that a caller is to get a text, once. */
function promise(name: Name, text: string): string {
  promised.get(name)?.push(text);
  return text;
}

const open = (desk: Workplace, name: Name) => desk.open(callers.callSign(name));

async function take(desk: Workplace, name: Name): Promise<void> {
  await open(desk, name);
  await desk.page.click("#claim");
  await desk.page.waitForSelector("#release");
}

const showsHolder = (desk: Workplace, name: Name, person: string) =>
  desk.says(`${desk.row(callers.callSign(name))} .person`, new RegExp(person));

/** Who has a case, once Kalyna's and Osyka's devices agree. */
async function holderAtBoth(name: Name): Promise<string> {
  const holders = async () => {
    const show = ["show", "--call-sign", callers.callSign(name)] as const;
    return Promise.all([kalyna.run(...show), osyka.run(...show)]).then((all) =>
      all.map(({ claimed_by }) => claimed_by as string),
    );
  };
  const [holder] = await until(`one has ${name}`, holders, ([one, other]) => one !== null && one === other);
  return holder as string;
}
