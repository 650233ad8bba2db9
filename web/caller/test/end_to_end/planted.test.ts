// What was written, read and typed lies in no file of the hub or the desk, in no log, and nowhere in the browser's profile.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchChromiumWithProfile } from "../browser/chromium.ts";
import { Hotline } from "./hotline.ts";
import { findBelow, findIn } from "./planted.ts";

const CALL = "таємниця першого дзвінка 4711";
const ANSWER = "таємниця відповіді 0815";

let hotline: Hotline;
let profile: string;

before(async () => {
  hotline = await Hotline.start();
  profile = await mkdtemp(join(tmpdir(), "callsign-profile-"));
});

after(async () => {
  await hotline.stop();
  await rm(profile, { recursive: true, force: true });
});

test("nothing is left, and a leak would be found", async () => {
  const caller = await launchChromiumWithProfile(profile);
  const page = await caller.newPage();
  await page.goto(hotline.ready.caller);
  await page.click("#door-write");
  await page.fill("#text", CALL);
  await page.click("#send");
  const phrase = (await page.textContent("#phrase")) ?? "";
  const sign = (await page.textContent("#call-sign")) ?? "";
  await page.waitForSelector('#tick[data-state="stored"]');
  const reply = ["desk", "reply", "--json", "--data", hotline.deskData, "--call-sign", sign, "-"];
  await hotline.run(reply, ANSWER);
  await page.waitForSelector(".answer .answer-text");

  // Once more with the phrase typed, as after days.
  await page.goto("about:blank");
  await page.goto(hotline.ready.caller);
  await page.click("#door-return");
  await page.fill("#phrase-input", phrase);
  await page.click("#open");
  await page.waitForSelector(".answer .answer-text");
  await page.click("#leave");
  await page.waitForURL("about:blank");
  await caller.close();

  const secrets = { call: CALL, answer: ANSWER, phrase, "call sign": sign };
  for (const folder of [join(hotline.data, "hub"), hotline.deskData, profile]) {
    assert.deepEqual(await findBelow(folder, secrets), []);
  }
  assert.deepEqual(findIn(Buffer.from(hotline.log), secrets), []);

  // The same search finds what a page that stores something would leave.
  const leaky = await launchChromiumWithProfile(profile);
  const planted = await leaky.newPage();
  await planted.goto(hotline.ready.caller);
  await planted.evaluate((text) => localStorage.setItem("draft", text), CALL);
  await leaky.close();
  assert.notDeepEqual(await findBelow(profile, secrets), []);
});
