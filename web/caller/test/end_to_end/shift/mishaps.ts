// What goes wrong on a shift: a program that dies, a desk that is locked, a device that is lost.
import assert from "node:assert/strict";
import type { Shift } from "./shift.ts";
import { until } from "./workplace.ts";

/** What somebody writes who has found the tablet; it reaches nobody. */
const FOUND = "Це пише той, хто знайшов планшет";

export async function crashWhileWriting(shift: Shift): Promise<void> {
  const { tablet, callers } = shift;
  await shift.take(tablet, "four");
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
  await shift.open(tablet, "four");
  assert.ok((await tablet.page.inputValue("#reply")).startsWith(kept));
  await tablet.says("#holder .person", /Kalyna \(you\)/);
  await tablet.picture("07-back");
  await tablet.answer(shift.promise("four", whole));
  // Before a beat has taken it along, perhaps.
  await tablet.crash();
  await tablet.start();
  await shift.open(tablet, "four");
  await tablet.beat();
  await tablet.says("#conversation .from-desk", /posted/);
  assert.equal(await tablet.page.locator("#conversation .from-desk").count(), 1);
  assert.equal(await tablet.page.inputValue("#reply"), "");
  assert.deepEqual(await callers.answersTo("four"), shift.promisedTo("four"));
}

export async function lockWhileWriting(shift: Shift): Promise<void> {
  const { kalyna, tablet, osyka, callers } = shift;
  await shift.open(kalyna, "clerk");
  await kalyna.answer(
    shift.promise("clerk", "Не показывайте их никому из знакомых. Напишите нам, что в них."),
  );
  await shift.take(kalyna, "deserter");
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
  await kalyna.page.fill("#passphrase", shift.passphrase);
  await kalyna.page.click("#unlock");
  await kalyna.page.waitForURL((url) => url.pathname === new URL(address).pathname);
  await kalyna.page.keyboard.type(text.slice("Оставайтесь, где вы есть".length));
  assert.equal(await kalyna.page.inputValue("#reply"), text);
  await kalyna.send();
  shift.promise("deserter", text);
}

export async function deviceLost(shift: Shift): Promise<void> {
  const { kalyna, tablet } = shift;
  await shift.take(tablet, "father");
  await tablet.beat();
  await kalyna.toBoard();
  await shift.showsHolder(kalyna, "father", "Kalyna");
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
  await shift.open(kalyna, "father");
  await kalyna.says("#holder .person", /Kalyna \(you\)/);
  assert.equal(await kalyna.page.locator("#conversation .from-desk").count(), 0);
  await kalyna.answer(shift.promise("father", "Питайте через нас: ваше ім'я не потрібне."));
}
