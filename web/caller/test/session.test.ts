// One load of the page: what it asks for, whom it trusts, and what it remembers of a call.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, hex, utf8 } from "../src/protocol/bytes.ts";
import { Session } from "../src/session.ts";
import { FakeHub } from "./fake_hub.ts";
import { fakeWorld } from "./fake_world.ts";
import { type Json, sha256, TestDesk } from "./test_desk.ts";

const desk = await TestDesk.create();
const fingerprint = hex(desk.fingerprint);

const pack = (language: string): Bytes =>
  utf8(JSON.stringify({ version: 1, language, about: language, procedures: [] }));

function sessionWith(fragment: string, change: Json = {}) {
  const world = fakeWorld(1);
  const packs = { en: pack("en"), uk: pack("uk") };
  const content = Object.fromEntries(
    Object.entries(packs).map(([code, bytes]) => [code, hex(sha256(bytes))]),
  );
  const plain = desk.noticeBody(world.now());
  const cover = { ...(plain.cover as Json), visit_exchanges: 12 };
  const envelope = desk.envelope({ ...plain, content, cover, ...change }, world.now());
  const hub = new FakeHub(envelope, () => world.now());
  for (const bytes of Object.values(packs)) hub.packs.set(hex(sha256(bytes)), bytes);
  let wake = (): void => {};
  const session = new Session(world, hub, fragment, () => wake());
  const until = (reached: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      wake = () => reached() && resolve();
      wake();
    });
  return { world, hub, session, until };
}

test("everyone asks for the notice and every pack, in the notice's order, and pins the desk", async () => {
  for (const languages of [
    ["en", "uk"],
    ["uk", "en"],
  ]) {
    const { hub, session, until } = sessionWith(fingerprint, { languages });
    await session.begin();
    assert.equal(session.trust, "checked");
    await until(() => session.packs.size === 2 && session.visit?.ended === "used up");
    assert.deepEqual(hub.fetched, [
      "notice",
      ...languages.map((code) => `content ${hex(sha256(pack(code)))}`),
    ]);
    assert.equal(hub.asked.length, 12);
  }
});

test("without a fragment the desk is shown as not checked", async () => {
  const { session } = sessionWith("");
  await session.begin();
  assert.equal(session.trust, "unchecked");
});

test("a wrong or malformed fragment ends everything before the first exchange", async () => {
  for (const [fragment, problem] of [
    ["00".repeat(32), "fingerprint"],
    ["nonsense", "fragment"],
  ] as const) {
    const { hub, session } = sessionWith(fragment);
    await session.begin();
    assert.equal(session.problem, problem);
    assert.equal(session.trust, "refused");
    assert.equal(hub.asked.length, 0);
  }
});

test("a pack that is not the named one is not shown, and not asked for again", async () => {
  const { hub, session, until } = sessionWith(fingerprint);
  const [first] = hub.packs.keys();
  hub.packs.set(first ?? "", utf8("{}"));
  await session.begin();
  await until(() => session.visit?.ended === "used up");
  assert.deepEqual([...session.packs.keys()], ["uk"]);
  assert.equal(hub.fetched.length, 3);
});

test("the hub is asked for the notice until it answers, less and less often", async () => {
  const { world, hub, session } = sessionWith(fingerprint);
  hub.away = true;
  const notice = hub.notice.bind(hub);
  hub.notice = () => {
    if (hub.fetched.length === 6) hub.away = false;
    return notice();
  };
  await session.begin();
  assert.equal(session.trust, "checked");
  assert.deepEqual(world.waits.slice(0, 6), [3000, 6000, 12_000, 24_000, 48_000, 60_000]);
});

test("a message makes a phrase once; the next one goes with the same call", async () => {
  const { hub, session, until } = sessionWith(fingerprint);
  await session.begin();
  const message = { track: "", language: "en", text: "one", safeTimes: "" };
  await session.write(message);
  const phrase = session.call?.newPhrase;
  await session.write({ ...message, text: "two" });
  assert.equal(session.call?.newPhrase, phrase);
  await until(() => session.visit?.ended === "used up");
  // Making the phrase took longer than this short visit: what waits goes with the next one.
  await session.goOn();
  await until(() => session.visit?.ended === "used up");
  const opened = await Promise.all(hub.cells.map((cell) => desk.openCell(cell)));
  const real = opened.flatMap(({ payload }) => (payload ? [payload] : []));
  assert.deepEqual(
    real.map(({ text }) => text),
    ["one", "two"],
  );
  assert.equal(real[0]?.caller, real[1]?.caller);
});

test("who leaves while the phrase is being opened has no call", async () => {
  const { session } = sessionWith(fingerprint);
  await session.begin();
  const opening = session.return("abandon ability", 1);
  session.leave();
  await opening;
  assert.equal(session.call, null);
});
