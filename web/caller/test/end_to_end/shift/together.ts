// Several at one thing: who is given it, who was faster, and what passes from hand to hand.
import assert from "node:assert/strict";
import { NOTE_SECRET, type Shift } from "./shift.ts";

export async function urgentFirst(shift: Shift): Promise<void> {
  const { kalyna, tablet, osyka, callers } = shift;
  await shift.open(osyka, "urgent");
  await osyka.keys("u", "Tab", "Enter");
  await osyka.says("#said .said", /level is set/);
  await shift.showsFirst(kalyna, "urgent");
  await tablet.beat();
  await shift.showsFirst(tablet, "urgent");
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
  await kalyna.page.fill("#reply", shift.promise("urgent", "Идите без оружия. Напишите, как только решите."));
  await kalyna.page.click("#look-over");
  await kalyna.page.click("#send-now");
  await kalyna.says("#said .said", /Posted/);
  assert.deepEqual(await callers.answersTo("urgent"), shift.promisedTo("urgent"));
  for (const desk of [tablet, osyka]) {
    await desk.toBoard();
    await shift.showsHolder(desk, "urgent", "Kalyna");
  }
}

export async function takenTwice(shift: Shift): Promise<void> {
  const { kalyna, osyka } = shift;
  await Promise.all([shift.open(kalyna, "mother"), shift.open(osyka, "mother")]);
  await Promise.all([kalyna.page.click("#claim"), osyka.page.click("#claim")]);
  const holder = await shift.holderAtBoth("mother");
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
  await first.answer(shift.promise("mother", "Він міг не мати права сказати. Почекайте до неділі."));
  await first.says("#conversation .held", /Held/);
  await first.picture("04-first");
  await second.keys("Escape", "z");
  for (const desk of [first, second]) await desk.says("#conversation .from-desk", /Taken back/);
  for (const desk of [first, second]) await desk.says("#conversation .from-desk", /posted/);
  await second.picture("04-taken-back");
}

export async function answeredTwice(shift: Shift): Promise<void> {
  const { kalyna, osyka } = shift;
  const texts = new Map([
    [kalyna, "Only people of this desk read it."],
    [osyka, "Two of us have read it now."],
  ]);
  await Promise.all([shift.open(kalyna, "witness"), shift.open(osyka, "witness")]);
  await Promise.all([...texts].map(([desk, text]) => desk.answer(text)));
  const holder = await shift.holderAtBoth("witness");
  const [first, second] = holder === "Kalyna" ? [kalyna, osyka] : [osyka, kalyna];
  await second.page.waitForSelector("#said:not(:has(.said))", { state: "attached" });
  for (const desk of [first, second]) {
    await desk.says("#conversation .held", new RegExp(texts.get(second) as string));
    assert.equal(await desk.page.locator("#conversation .held").count(), 1);
  }
  await first.picture("05-held");
  await second.picture("05-held");
  shift.promise("witness", texts.get(first) as string);
  await first.says("#conversation .from-desk", /posted/);
  // The holder lets it leave, and it does so once.
  await first.page.click("#release");
  await second.page.waitForSelector('#conversation form[action$="/let-go"]');
  await second.picture("05-free");
  await second.page.click('#conversation form[action$="/let-go"] button');
  shift.promise("witness", texts.get(second) as string);
  for (const desk of [first, second]) await desk.page.waitForSelector("#conversation:not(:has(.held))");
}

export async function handedOver(shift: Shift): Promise<void> {
  const { kalyna, tablet, osyka, callers } = shift;
  await shift.take(kalyna, "summoned");
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
  await osyka.answer(shift.promise("summoned", "До п'ятниці відповідати не треба. Що написано внизу?"));
  // A note is for colleagues, at each of their devices, and for no caller.
  await osyka.keys("Escape", "i");
  await osyka.page.keyboard.type(NOTE_SECRET);
  await osyka.page.keyboard.press("Control+Enter");
  await kalyna.says("#notes", new RegExp(NOTE_SECRET));
  await shift.open(tablet, "summoned");
  await tablet.beat();
  await tablet.says("#notes", new RegExp(NOTE_SECRET));
  await tablet.picture("06-note");
}
