// A notice is used only after every check has passed, in the protocol's order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, concat, u32 } from "../src/protocol/bytes.ts";
import { dayOf } from "../src/protocol/day.ts";
import { Refusal, type RefusalReason } from "../src/protocol/envelope.ts";
import { inboxKeyFor, verifyNotice } from "../src/protocol/notice.ts";
import { shardOn } from "../src/protocol/plan.ts";
import { generator, NOON_MS } from "./fake_world.ts";
import { type Json, sha256, TestDesk } from "./test_desk.ts";

const desk = await TestDesk.create();
const today = dayOf(NOON_MS);
const good = (): Bytes => desk.envelope(desk.noticeBody(NOON_MS), NOON_MS);
const altered = (change: Json): Bytes => desk.envelope({ ...desk.noticeBody(NOON_MS), ...change }, NOON_MS);

async function refused(envelope: Bytes, reason: RefusalReason, pinned: Bytes | null = null, now = NOON_MS) {
  await assert.rejects(verifyNotice(envelope, pinned, now), (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.reason, reason);
    return true;
  });
}

function flipped(envelope: Bytes, at: number): Bytes {
  const copy = envelope.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

test("a good notice is read whole", async () => {
  const notice = await verifyNotice(good(), desk.fingerprint, NOON_MS);
  assert.equal(notice.name, "Harbour");
  assert.equal(notice.serial, 7);
  assert.deepEqual(notice.hash, desk.noticeHash);
  assert.deepEqual(notice.answerKey, desk.answerKey);
  assert.equal(notice.cover.visitExchanges, 60);
  assert.deepEqual(notice.languages, ["en", "uk"]);
  assert.equal(notice.tracks[0]?.names.uk, "Викликали, удома");
  assert.deepEqual(await verifyNotice(good(), null, NOON_MS), notice);
});

test("each part of the envelope is checked", async () => {
  const envelope = good();
  const body = 146;
  await refused(flipped(envelope, 0), "version");
  await refused(flipped(envelope, 1), "kind");
  await refused(envelope, "fingerprint", new Uint8Array(32));
  await refused(flipped(envelope, 2), "fingerprint", desk.fingerprint);
  await refused(flipped(envelope, 2), "certificate signature");
  await refused(flipped(envelope, 40), "certificate signature");
  await refused(flipped(envelope, 69), "certificate signature");
  await refused(flipped(envelope, 77), "certificate signature");
  await refused(flipped(envelope, 100), "certificate signature");
  await refused(flipped(envelope, body + 5), "signature");
  await refused(flipped(envelope, envelope.length - 1), "signature");
});

test("the first check that fails names the reason", async () => {
  const stranger = new Uint8Array(32);
  await refused(flipped(flipped(good(), 0), 1), "version", stranger);
  // Another version may be of another length.
  await refused(concat(flipped(good(), 0), new Uint8Array(7)), "version", stranger);
  await refused(flipped(good(), 1), "kind", stranger);
  await refused(flipped(good(), 100), "fingerprint", stranger);
  const old = desk.envelope(desk.noticeBody(NOON_MS), NOON_MS, [today - 40, today - 10]);
  await refused(flipped(old, 100), "certificate signature");
  await refused(flipped(old, 150), "certificate days");
});

test("truncated, stretched and empty envelopes are refused by their length", async () => {
  const envelope = good();
  for (const length of [0, 1, 145, 146, 209, envelope.length - 1]) {
    await refused(envelope.slice(0, length), "length");
  }
  await refused(concat(envelope, new Uint8Array(1)), "length");
  const huge = envelope.slice();
  huge.set(u32(0xffffffff), 142);
  await refused(huge, "length");
});

test("no random damage is ever accepted", async () => {
  const random = generator(3);
  const envelope = good();
  for (let i = 0; i < 60; i++) {
    const damaged = flipped(envelope, Math.floor(random() * envelope.length));
    await assert.rejects(verifyNotice(damaged, desk.fingerprint, NOON_MS), Refusal);
  }
});

test("the certificate's days are those of the reader's clock, give or take one", async () => {
  const certified = (first: number, last: number): Bytes =>
    desk.envelope(desk.noticeBody(NOON_MS), NOON_MS, [first, last]);
  for (const days of [
    [today - 1, today - 1],
    [today + 1, today + 1],
    [today - 36, today],
  ] as const) {
    await verifyNotice(certified(...days), null, NOON_MS);
  }
  for (const days of [
    [today - 9, today - 2],
    [today + 2, today + 9],
    [today - 37, today],
    [today, today - 1],
  ] as const) {
    await refused(certified(...days), "certificate days");
  }
});

test("an expired notice is refused a day after its hour", async () => {
  const envelope = good();
  const dayMs = 86_400_000;
  await verifyNotice(envelope, null, NOON_MS + 3 * dayMs - 1000);
  await refused(envelope, "expired", null, NOON_MS + 3 * dayMs + 1000);
});

test("a notice for newer pages asks for a new page", async () => {
  await refused(altered({ oldest_client: 2 }), "outdated page");
  await refused(altered({ version: 2 }), "version");
  await refused(altered({ version: 0 }), "version");
});

const entry = (change: Json): Json => ({ from: today - 14, shards: 2, drop_period_s: 60, ...change });

test("a plan gives each day its shards, and a caller the first of its bits", async () => {
  const plan = [entry({ shards: 1 }), entry({ from: today - 1, shards: 256 }), entry({ from: today + 7 })];
  const notice = await verifyNotice(altered({ plan }), null, NOON_MS);
  const shards = [-14, -2, -1, 6, 7, 400].map((ahead) => shardOn(notice.plan, today + ahead, 0xabcd));
  assert.deepEqual(shards, [0, 0, 0xab, 0xab, 1, 1]);
});

test("a body that is not a notice is refused", async () => {
  const wrong: Json[] = [
    { version: "1" },
    { name: 7 },
    { serial: -1 },
    { serial: undefined },
    { expires: (desk.noticeBody(NOON_MS).issued as number) + 172_801 },
    { inbox_keys: [] },
    { inbox_keys: [{ epoch: 1, key_id: 0, public_key: "AAAA" }] },
    { answer_key: "AA" },
    { former_answer_keys: undefined },
    { former_answer_keys: [{ key: "AA", last_day: 1 }] },
    { former_answer_keys: [{ key: "A".repeat(43), last_day: -1 }] },
    { former_answer_keys: Array(25).fill({ key: "A".repeat(43), last_day: 1 }) },
    { plan: [] },
    { plan: Array.from({ length: 33 }, (_, i) => ({ from: i, shards: 1, drop_period_s: 60 })) },
    { plan: [{ from: today - 13, shards: 1, drop_period_s: 60 }] },
    { plan: [entry({}), entry({})] },
    { plan: [entry({ shards: 0 })] },
    { plan: [entry({ shards: 3 })] },
    { plan: [entry({ shards: 512 })] },
    { plan: [entry({ drop_period_s: 0 })] },
    { plan: [entry({ drop_period_s: 86_401 })] },
    { days: 0 },
    { cover: { gap_ms: 1 } },
    { cover: {} },
    { languages: "en" },
    { tracks: [{ id: "x" }] },
    { content: { en: "00" } },
    { channels: "By phone" },
    { channels: Array.from({ length: 17 }, () => ({ text: "t", address: "a" })) },
    { channels: [{ text: "By phone" }] },
    { channels: [{ text: "t".repeat(201), address: "a" }] },
    { channels: [{ text: "t", address: "a".repeat(301) }] },
    { channels: [{ id: "", text: "t", address: "a" }] },
    { pages: [{ name: "index.html", sha256: "00" }] },
  ];
  for (const change of wrong) await refused(altered(change), "body");
});

test("other ways to the desk and files of the page are read", async () => {
  const channels = [
    { id: "phone", text: "By phone", address: "+380 44 123 45 67" },
    { text: "t".repeat(200), address: "a".repeat(300) },
  ];
  const pages = [{ name: "index.html", sha256: "ab".repeat(32) }];
  const notice = await verifyNotice(altered({ channels, pages }), null, NOON_MS);
  assert.deepEqual(notice.channels, [channels[0], { id: null, ...channels[1] }]);
  assert.deepEqual(notice.pages, [{ name: "index.html", sha256: new Uint8Array(32).fill(0xab) }]);
  const plain = await verifyNotice(altered({}), null, NOON_MS);
  assert.deepEqual([plain.channels, plain.pages], [[], []]);
});

test("unknown members are ignored", async () => {
  await verifyNotice(altered({ later: { x: 1 } }), null, NOON_MS);
});

test("a successor is believed only where the identity has signed it", async () => {
  const next = sha256(new Uint8Array(1));
  const statement = desk.successor(next, today + 30);
  const notice = await verifyNotice(altered({ successor: statement }), desk.fingerprint, NOON_MS);
  assert.deepEqual(notice.successor, { fingerprint: sha256(next), from: today + 30 });
  await refused(altered({ successor: { ...statement, from: today + 31 } }), "successor signature");
  await refused(altered({ successor: { ...statement, signature: "AA" } }), "body");
  await refused(altered({ successor: null }), "body");
});

test("cells are sealed to the key of the day, or the nearest", async () => {
  const notice = await verifyNotice(good(), null, NOON_MS);
  assert.equal(inboxKeyFor(notice, today).epoch, today);
  assert.equal(inboxKeyFor(notice, today + 1).epoch, today + 1);
  assert.equal(inboxKeyFor(notice, today - 3).epoch, today);
  assert.equal(inboxKeyFor(notice, today + 9).epoch, today + 2);
});

test("the notice hash is that of the body as it was sent", async () => {
  const envelope = good();
  const notice = await verifyNotice(envelope, null, NOON_MS);
  assert.deepEqual(notice.hash, sha256(envelope.slice(146, envelope.length - 64)));
});
