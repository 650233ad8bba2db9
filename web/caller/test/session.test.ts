// One load of the page: what it asks for, whom it trusts, and what it remembers of a call.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, base64url, hex, utf8 } from "../src/protocol/bytes.ts";
import { Caller } from "../src/protocol/caller.ts";
import { dayOf, weekOf } from "../src/protocol/day.ts";
import { TooLong } from "../src/protocol/message.ts";
import { Session } from "../src/session.ts";
import { Visit } from "../src/visit/visit.ts";
import { dummies, FakeHub } from "./fake_hub.ts";
import { fakeWorld, NOON_MS } from "./fake_world.ts";
import { type Json, sha256, TestDesk } from "./test_desk.ts";

const desk = await TestDesk.create();
const fingerprint = hex(desk.fingerprint);

const pack = (language: string): Bytes =>
  utf8(JSON.stringify({ version: 1, language, about: language, procedures: [] }));

/** Pieces of work in gaps that have begun and not ended. */
let working = 0;
const { inGap } = Visit.prototype;
Visit.prototype.inGap = function <T>(this: Visit, work: () => Promise<T>): Promise<T> {
  return inGap.call(this, async () => {
    working++;
    try {
      return await work();
    } finally {
      working--;
    }
  }) as Promise<T>;
};

/** A world whose pauses are long enough for what is done in them, as real ones nearly always are. */
function patientWorld(): ReturnType<typeof fakeWorld> {
  const world = fakeWorld(1);
  const { wait } = world;
  world.wait = async (ms, signal) => {
    await wait(ms, signal);
    while (working > 0) await world.turn();
  };
  return world;
}

function sessionWith(fragment: string, change: Json = {}, pace: Json = {}) {
  const world = patientWorld();
  const packs = { en: pack("en"), uk: pack("uk") };
  const content = Object.fromEntries(
    Object.entries(packs).map(([code, bytes]) => [code, hex(sha256(bytes))]),
  );
  const plain = desk.noticeBody(world.now());
  const cover = { ...(plain.cover as Json), visit_exchanges: 12, ...pace };
  const letters = desk.letters({ version: 1, serial: 1, keys: [] }, world.now());
  const body = { ...plain, content, cover, letters: letters.named, ...change };
  const envelope = desk.envelope(body, world.now());
  const hub = new FakeHub(envelope, () => world.now());
  hub.lettersDocument = letters.document;
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
      "letters",
    ]);
    assert.equal(session.letterKeys?.serial, 1);
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
  assert.deepEqual(hub.fetched.at(-1), "letters");
  assert.equal(hub.fetched.length, 4);
});

test("the letters document is fetched once in each visit, whoever writes, and only the named one is used", async () => {
  const fetches = (hub: FakeHub): number => hub.fetched.filter((what) => what === "letters").length;
  for (const writes of [false, true]) {
    const { hub, session, until } = sessionWith(fingerprint);
    await session.begin();
    if (writes) await session.write(MESSAGE);
    await until(() => session.visit?.ended === "used up" && session.letterKeys !== null);
    assert.equal(fetches(hub), 1);
    const { document } = desk.letters({ version: 1, serial: 2, keys: [] }, NOON_MS);
    hub.lettersDocument = document;
    await session.goOn();
    assert.equal(session.letterKeys, null);
    await until(() => session.visit?.ended === "used up" && fetches(hub) === 2);
    assert.equal(session.letterKeys, null, "another one than the notice names");
  }
});

test("letter keys are judged again under each newer notice", async () => {
  const { world, hub, session, until } = sessionWith(fingerprint);
  await session.begin();
  await until(() => session.letterKeys !== null);
  const later = desk.letters({ version: 1, serial: 2, keys: [] }, world.now());
  const plain = { ...desk.noticeBody(world.now()), serial: 8, letters: later.named };
  hub.envelope = desk.envelope(plain, world.now());
  hub.noticeSerial = 8;
  await until(() => session.notice?.serial === 8 && session.letterKeys === null);
});

test("a hub without the letters document is asked three times, and nothing else waits for it", async () => {
  const { hub, session, until } = sessionWith(fingerprint);
  hub.lettersDocument = null;
  await session.begin();
  await until(() => session.visit?.ended === "used up");
  assert.equal(session.letterKeys, null);
  assert.equal(hub.fetched.filter((what) => what === "letters").length, 3);
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

const MESSAGE = { track: "", language: "en", text: "one", safeTimes: "" };
const usedUp = (session: Session) => () => session.visit?.ended === "used up";

/** Lets the hub answer from the `n`th request of a kind on only after `open` was called. */
function gate(hub: FakeHub, kind: "exchange" | "notice", n: number): () => void {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let count = 0;
  const wait = async (): Promise<void> => {
    if (++count >= n) await opened;
  };
  const { exchange, notice } = { exchange: hub.exchange.bind(hub), notice: hub.notice.bind(hub) };
  if (kind === "exchange") hub.exchange = (request) => wait().then(() => exchange(request));
  else hub.notice = () => wait().then(notice);
  return () => open();
}

test("nothing that is asked for hangs on a phrase, nor on going on with an open call", async () => {
  const traces = [];
  for (const does of ["nothing", "writes", "comes back"] as const) {
    const { hub, session, until } = sessionWith(fingerprint);
    hub.post(dayOf(Date.UTC(2026, 10, 23)), ...dummies(100));
    const open = gate(hub, "exchange", 2);
    await session.begin();
    if (does === "writes") await session.write(MESSAGE);
    if (does === "comes back") await session.return("abandon ability");
    open();
    await until(usedUp(session));
    assert.equal(session.call === null, does === "nothing");
    await session.goOn();
    await until(usedUp(session));
    traces.push(hub.asked);
  }
  assert.equal(traces[0]?.length, 24);
  for (const trace of traces) assert.deepEqual(trace, traces[0]);
});

test("an answer that came before the phrase is there when the phrase is typed", async () => {
  const { hub, session, until } = sessionWith(fingerprint, { days: 2 });
  const yesterday = dayOf(Date.UTC(2026, 10, 23)) - 1;
  const caller = await Caller.fromPhrase("abandon ability", desk.fingerprint);
  const week = weekOf(yesterday);
  const secrets = [[week, base64url(await caller.dropSecret(week))]];
  const payload = { caller: base64url(caller.publicKey), drop_secrets: secrets };
  const answer = { id: base64url(new Uint8Array(16)), part: 1, parts: 1, text: "it is here" };
  const drop = await desk.drop(payload, { day: yesterday, slot: 0, j: 0 }, { number: 1, answer });
  hub.post(yesterday, ...dummies(40), drop, ...dummies(3));
  await session.begin();
  await until(usedUp(session));
  await session.return("abandon ability");
  await until(() => session.call?.mailbox.received().length === 1);
  assert.equal(session.call?.mailbox.received()[0]?.text, "it is here");
  assert.deepEqual(session.progress, { at: "here", days: 2, daysRead: 2, done: true });
});

test("while one message is being sealed another is not taken, and no phrase takes its place", async () => {
  const { hub, session, until } = sessionWith(fingerprint);
  const open = gate(hub, "exchange", 1);
  await session.begin();
  const first = session.write(MESSAGE);
  assert.equal(session.busy, true);
  assert.equal(await session.write(MESSAGE), false);
  assert.equal(await session.return("abandon ability"), false);
  assert.equal(await first, true);
  assert.equal(session.busy, false);
  assert.equal(session.sent().length, 1);
  assert.equal(session.call?.newPhrase?.split(" ").length, 10);
  open();
  await until(usedUp(session));
  const opened = await Promise.all(hub.cells.map((cell) => desk.openCell(cell)));
  assert.equal(opened.filter(({ payload }) => payload).length, 1);
});

test("a text that is too long leaves the session free", async () => {
  const { session } = sessionWith(fingerprint);
  await session.begin();
  await assert.rejects(session.write({ ...MESSAGE, text: "x".repeat(30_000) }), TooLong);
  assert.equal(session.busy, false);
  assert.equal(session.call, null);
});

test("two wishes to go on make one visit", async () => {
  const { hub, session, until } = sessionWith(fingerprint);
  await session.begin();
  await until(usedUp(session));
  const [once] = [session.goOn(), session.goOn()];
  assert.equal(session.restarting, true);
  await once;
  await session.goOn();
  await until(usedUp(session));
  assert.equal(hub.asked.length, 24);
  assert.equal(hub.fetched.filter((what) => what === "notice").length, 2);
});

test("who leaves before a visit begins makes none", async () => {
  const before = sessionWith(fingerprint);
  const openFirst = gate(before.hub, "notice", 1);
  const beginning = before.session.begin();
  before.session.leave();
  openFirst();
  await beginning;
  assert.equal(before.session.visit, null);

  const { hub, session, until } = sessionWith(fingerprint);
  const open = gate(hub, "notice", 2);
  await session.begin();
  await until(usedUp(session));
  const first = session.visit;
  const goingOn = session.goOn();
  session.leave();
  open();
  await goingOn;
  assert.equal(session.visit, first);
  assert.equal(hub.asked.length, 12);
});

test("that the hub takes calls here is remembered from one visit to the next", async () => {
  const { hub, session, until } = sessionWith(fingerprint);
  await session.begin();
  await until(usedUp(session));
  hub.callsTaken = false;
  await session.goOn();
  await until(usedUp(session));
  assert.equal(session.problem, null);
  assert.equal(hub.asked.length, 24);
});

test("an envelope of another version asks for a new page", async () => {
  const { hub, session } = sessionWith(fingerprint);
  hub.envelope = hub.envelope.map((byte, i) => (i === 0 ? 2 : byte));
  await session.begin();
  assert.equal(session.problem, "outdated");
});

test("who leaves while the phrase is being opened has no call", async () => {
  const { session } = sessionWith(fingerprint);
  await session.begin();
  const opening = session.return("abandon ability");
  session.leave();
  await opening;
  assert.equal(session.call, null);
});

test("another list than the desk signed is told, and changes nothing of what is asked for", async () => {
  const yesterday = dayOf(Date.UTC(2026, 10, 23)) - 1;
  const drops = dummies(40);
  const asked = [];
  for (const [signature, expected] of [
    [desk.signList(yesterday, drops), "confirmed"],
    [desk.signList(yesterday, drops.slice(1)), "contradicted"],
    [null, "not yet"],
  ] as const) {
    const { hub, session, until } = sessionWith(fingerprint, { days: 2 });
    hub.post(yesterday, ...drops);
    if (signature) hub.signatures.set(yesterday, signature);
    const open = gate(hub, "exchange", 1);
    await session.begin();
    await session.return("abandon ability");
    open();
    await until(() => session.judgement.days.has(yesterday) && usedUp(session)());
    assert.equal(session.judgement.days.get(yesterday), expected);
    asked.push(hub.asked.filter(({ day }) => day !== 0));
  }
  assert.equal(asked[0]?.length, 2);
  assert.deepEqual(asked[1], asked[0]);
  assert.deepEqual(asked[2], asked[0]);
});
