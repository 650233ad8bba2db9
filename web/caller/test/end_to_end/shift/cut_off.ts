// Verba behind a line that is cut: what her colleagues do meanwhile, what she does, and what becomes of it.
import assert from "node:assert/strict";
import type { Shift } from "./shift.ts";
import { NAMES } from "./twenty_callers.ts";
import { until } from "./workplace.ts";

export async function callersWrite(shift: Shift): Promise<void> {
  const { kalyna, tablet, osyka, verba, callers, line } = shift;
  await callers.write(NAMES.slice(0, 6));
  for (const desk of [kalyna, osyka]) await desk.counts(6);
  for (const desk of [tablet, verba]) {
    await desk.beat();
    await desk.counts(6);
  }
  for (const name of ["sister", "student"] as const) await shift.take(verba, name);
  await verba.beat();
  for (const desk of [kalyna, osyka]) await shift.showsHolder(desk, "student", "Verba");
  // From one removal to the next all devices have to be ready.
  const devices = async () => (await kalyna.run("devices")).devices as { ready: boolean }[];
  await until("all devices are ready", devices, (all) => all.length === 4 && all.every(({ ready }) => ready));
  line.cut();
  await callers.write(NAMES.slice(6));
  for (const desk of [kalyna, osyka]) await desk.counts(20);
  await tablet.beat();
  await tablet.counts(20);
  await verba.says("#health .trouble", /cut off from the hub/);
  await verba.counts(6);
}

// Everything that Verba does here is kept on her computer, and nobody hears of it yet.
export async function workOffline(shift: Shift): Promise<void> {
  const { verba, callers } = shift;
  await verba.says("#health .trouble", /cut off from the hub/);
  await shift.open(verba, "sister");
  await verba.answer(shift.promise("sister", "Три недели ещё ничего не значат. Мы спросим."));
  await verba.says("#conversation .from-desk", /kept on this computer/);
  await verba.says("#said .said", /Not yet/);
  await verba.picture("10-kept-here");
  await shift.open(verba, "student");
  await verba.answer("Это письмо задержат: дело уже у Калины.");
  // She does not know that it was answered, and that its caller wrote again.
  await shift.take(verba, "mother");
  await verba.page.selectOption("#close-why", "answered");
  await verba.page.click(".closing button");
  await verba.page.waitForSelector("#reopen");
  await shift.open(verba, "wife");
  await verba.keys("u", "Tab", "Enter");
  await verba.says("#said .said", /level is set/);
  await verba.picture("10-level");
  assert.deepEqual(await callers.answersTo("sister"), []);
}

export async function comeBack(shift: Shift): Promise<void> {
  const { kalyna, osyka, verba, callers, line } = shift;
  await callers.writeAgain("mother", "Він подзвонив! Що йому казати?");
  // Nobody can ask her, so a leader takes a case over that she has.
  await shift.open(kalyna, "student");
  await kalyna.page.waitForSelector("#take-over, #claim");
  if (await kalyna.page.locator("#take-over").count()) {
    await kalyna.page.click("#take-over summary");
    await kalyna.page.fill("#reason", "Nothing comes from her computer, and he waits.");
    await kalyna.page.click("#take-over button");
  } else {
    // A machine so slow that Verba has been away for five minutes by now: anybody may take what she has.
    await kalyna.page.click("#claim");
  }
  await kalyna.page.waitForSelector("#release");
  await kalyna.answer(shift.promise("student", "Пока ничего не подписывайте. Когда вам сказали прийти?"));
  await shift.open(kalyna, "wife");
  await kalyna.keys("u", "Tab", "Tab", "Enter");
  await kalyna.says("#said .said", /level is set/);
  await kalyna.toBoard();
  await kalyna.says(`${kalyna.row(callers.callSign("student"))} .person`, /Kalyna/);
  await osyka.toBoard();
  await shift.showsHolder(osyka, "student", "Kalyna");
  line.mend();
  await verba.beat();
  await verba.toBoard();
  await verba.page.waitForSelector("#health:not(:has(.trouble))");
  await verba.says("#health .quiet", /the closing of a case/);
  await shift.showsHolder(verba, "urgent", "Kalyna");
  // Of two levels the more urgent stays, whoever was late.
  for (const desk of [kalyna, verba]) await shift.showsFirst(desk, "wife");
  await verba.picture("11-back");
  await shift.open(osyka, "student");
  await osyka.says("#conversation .held", /Это письмо задержат/);
  await shift.open(verba, "student");
  await verba.says("#conversation .held", /Kalyna has this case/);
  await verba.keys("Escape", "z");
  await verba.says("#conversation .from-desk", /Taken back/);
  line.cut();
  // Verba's closing was void: a colleague had the case, and its caller had written again.
  const holder = (await shift.holderAtBoth("mother")) === "Kalyna" ? kalyna : osyka;
  await shift.open(holder, "mother");
  await holder.page.waitForSelector("#release");
  await holder.answer(shift.promise("mother", "Передайте, що ми на зв'язку, і більше нічого."));
}
