// The end of a shift: all are answered, the sheet is handed over, and nothing differs anywhere.
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { NOTE_SECRET, type Shift } from "./shift.ts";
import { eachOf, NAMES, type Name } from "./twenty_callers.ts";
import { until, type Workplace } from "./workplace.ts";

/** What whoever is answered by turns reads first. */
const READ = {
  en: "We have read it, and think about it.",
  ru: "Мы прочли, и думаем над этим.",
  uk: "Ми прочитали, і думаємо над цим.",
};

// By the keyboard alone: each is given the next call, and none is given to two.
export async function answerTheRest(shift: Shift): Promise<void> {
  const { kalyna, osyka, callers } = shift;
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
      await desk.keys("c", "Space");
      await desk.page.waitForSelector('#checklist .check[aria-pressed="true"]');
      await desk.keys("r");
      await desk.page.keyboard.type(shift.promise(name, `${READ[callers.language(name)]} ${given.length}`));
      await desk.send();
      await desk.keys("Escape");
    }
  };
  await Promise.all([work(kalyna), work(osyka)]);
  assert.deepEqual([...new Set(given)], given, "a call was given to two");
  assert.equal(given.length, 10);
}

// By the keyboard alone: a word that somebody remembers leads back to its call.
export async function lookThingsUp({ kalyna, osyka, callers }: Shift): Promise<void> {
  const lookUp = async (desk: Workplace, word: string, name: Name) => {
    await desk.keys("/");
    await desk.page.waitForSelector("#query:focus");
    await desk.page.keyboard.type(word);
    await desk.keys("Enter");
    await desk.page.waitForSelector("#results .cases a");
    await desk.keys("ArrowDown", "Enter");
    await desk.says("#conversation .from-caller", new RegExp(word));
    await desk.says("h1", new RegExp(callers.callSign(name)));
  };
  await Promise.all([lookUp(kalyna, "списки", "clerk"), lookUp(osyka, "перевели", "mother")]);
}

export async function handover(shift: Shift): Promise<void> {
  const { kalyna, osyka, verba, line } = shift;
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
  await kalyna.says("[data-shift]", /Osyka ended their shift/);
  // Verba hears of the sheet, and of nothing that comes behind it.
  line.mend();
  await verba.beat();
  await verba.says("[data-shift]", /Osyka ended their shift/);
  await verba.page.waitForSelector("#health:not(:has(.trouble))");
  line.cut();
  await kalyna.picture("13-sheet");
  await kalyna.page.click("[data-shift] button");
  await osyka.says("[data-shift]", /Taken over by Kalyna/);
  await verba.page.click("[data-shift] button");
  await verba.says("[data-shift]", /Taken over by Verba/);
  await verba.picture("13-taken-offline");
}

export async function allAlike(shift: Shift): Promise<void> {
  const { kalyna, osyka, verba, callers, line } = shift;
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
    assert.deepEqual(await callers.answersTo(name), shift.promisedTo(name), name),
  );
  assert.equal(callers.atPage.length, 2);
  for (const name of callers.atPage) {
    const isWhole = (got: string[]) => isDeepStrictEqual(got, shift.promisedTo(name));
    await until(`${name}'s page shows each answer`, () => callers.answersOnPage(name), isWhole);
  }
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
