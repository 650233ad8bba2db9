// Drops: a caller finds and opens its own, skips everything else, and learns what may be missing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, base64url, concat, hex, u16, utf8 } from "../src/protocol/bytes.ts";
import { Caller } from "../src/protocol/caller.ts";
import { dayOf, weekOf } from "../src/protocol/day.ts";
import { verifyNotice } from "../src/protocol/notice.ts";
import { Mailbox } from "../src/visit/mailbox.ts";
import { dummies } from "./fake_hub.ts";
import { NOON_MS } from "./fake_world.ts";
import { type DropPlace, derive, type Json, TestDesk } from "./test_desk.ts";

const desk = await TestDesk.create();
const notice = await verifyNotice(desk.envelope(desk.noticeBody(NOON_MS), NOON_MS), null, NOON_MS);
const today = dayOf(NOON_MS);
const caller = await Caller.fromRoot(new Uint8Array(32).fill(8));
const payload: Json = {
  caller: base64url(caller.publicKey),
  drop_secrets: [
    [weekOf(today), base64url(await caller.dropSecret(weekOf(today)))],
    [weekOf(today) - 1, base64url(await caller.dropSecret(weekOf(today) - 1))],
  ],
};
const place = (j: number, day = today, slot = 0): DropPlace => ({ day, slot, j });
const id = (byte: number): string => base64url(new Uint8Array(16).fill(byte));
const part = (number: number, answer: number, index: number, parts: number, text: string): Json => ({
  number,
  answer: { id: id(answer), part: index, parts, text },
});

async function mailboxWith(...drops: readonly Bytes[]): Promise<Mailbox> {
  const mailbox = new Mailbox(caller);
  await mailbox.take({ day: today, drops }, notice);
  return mailbox;
}

test("an answer is found among dummies", async () => {
  const text = "Не їдьте туди 🙏\n— завтра";
  const drop = await desk.drop(payload, place(0), part(1, 1, 1, 1, text));
  assert.equal(drop.length, 1024);
  const mailbox = await mailboxWith(...dummies(20), drop, ...dummies(11));
  assert.deepEqual(
    mailbox.received().map((answer) => answer.text),
    [text],
  );
  assert.equal(mailbox.hasGap(), false);
});

test("every posting slot and every j of the day is looked for, and days do not mix", async () => {
  const ends = [place(0), place(31), place(0, today, 7), place(31, today, 7)];
  const drops = await Promise.all(
    ends.map((end, i) => desk.drop(payload, end, part(i + 1, i, 1, 1, `${i}`))),
  );
  assert.equal((await mailboxWith(...drops)).received().length, 4);
  const outside = await desk.drop(payload, place(32), part(1, 1, 1, 1, "x"));
  const yesterday = await desk.drop(payload, place(0, today - 1), part(1, 1, 1, 1, "x"));
  assert.equal((await mailboxWith(outside, yesterday)).received().length, 0);
  const mailbox = new Mailbox(caller);
  await mailbox.take({ day: today - 1, drops: [yesterday] }, notice);
  assert.equal(mailbox.received().length, 1);
});

test("parts are put together in any order and count once", async () => {
  const drops = await Promise.all(
    [3, 1, 2].map((i) => desk.drop(payload, place(i), part(i + 1, 5, i, 3, `p${i} `))),
  );
  const mailbox = await mailboxWith(drops[0] as Bytes, drops[1] as Bytes, drops[0] as Bytes);
  assert.deepEqual(mailbox.received()[0]?.text, null);
  assert.equal(mailbox.received()[0]?.partsHere, 2);
  assert.equal(await mailbox.take({ day: today, drops }, notice), true);
  assert.equal(mailbox.received()[0]?.text, "p1 p2 p3 ");
  assert.equal(await mailbox.take({ day: today, drops }, notice), false);
});

test("answers are ordered by the desk's numbers, and a gap in them is seen", async () => {
  const second = await desk.drop(payload, place(0), part(4, 2, 1, 1, "second"));
  const first = await desk.drop(payload, place(1), part(2, 1, 1, 1, "first"));
  const mailbox = await mailboxWith(second, first);
  assert.deepEqual(
    mailbox.received().map((answer) => answer.text),
    ["first", "second"],
  );
  assert.equal(mailbox.hasGap(), true);
  const between = await desk.drop(payload, place(2), { number: 3, opened: [id(9)] });
  await mailbox.take({ day: today, drops: [between] }, notice);
  assert.equal(mailbox.hasGap(), false);
  assert.deepEqual([...mailbox.opened], [[hex(new Uint8Array(16).fill(9)), today]]);
});

test("another phrase finds nothing", async () => {
  const drop = await desk.drop(payload, place(0), part(1, 1, 1, 1, "x"));
  const stranger = new Mailbox(await Caller.fromRoot(new Uint8Array(32).fill(9)));
  assert.equal(await stranger.take({ day: today, drops: [drop] }, notice), false);
});

test("a spoilt or forged drop is skipped, and the true one still counts", async () => {
  const drop = await desk.drop(payload, place(0), part(1, 1, 1, 1, "true"));
  const spoilt = [16, 1023].map((at) => {
    const copy = drop.slice();
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  });
  const forger = await TestDesk.create();
  forger.answerSecret.fill(77);
  const forged = await forger.drop(payload, place(0), part(1, 1, 1, 1, "forged"));
  const mailbox = await mailboxWith(...spoilt, forged);
  assert.deepEqual(mailbox.received(), []);
  await mailbox.take({ day: today, drops: [drop] }, notice);
  assert.equal(mailbox.received()[0]?.text, "true");
});

test("what does not open is tried once for each notice, and four under one address at most", async () => {
  const drop = await desk.drop(payload, place(0), part(1, 1, 1, 1, "true"));
  const other = await desk.drop(payload, place(1), part(2, 2, 1, 1, "other"));
  const spoilt = (n: number): Bytes => {
    const copy = drop.slice();
    copy[500] = (copy[500] ?? 0) ^ (n + 1);
    return copy;
  };
  const mailbox = await mailboxWith(spoilt(0), spoilt(1));
  assert.equal(mailbox.openings, 2);
  for (let again = 0; again < 3; again++) {
    await mailbox.take({ day: today, drops: [spoilt(1), spoilt(0)] }, notice);
  }
  assert.equal(mailbox.openings, 2);
  const newer = { ...notice, hash: new Uint8Array(32).fill(9) };
  await mailbox.take({ day: today, drops: [spoilt(0), spoilt(1)] }, newer);
  assert.equal(mailbox.openings, 4);
  await mailbox.take({ day: today, drops: [...Array(200).keys()].map(spoilt) }, newer);
  assert.equal(mailbox.openings, 6);
  await mailbox.take({ day: today, drops: [drop, other] }, newer);
  assert.deepEqual(
    mailbox.received().map((answer) => answer.text),
    ["other"],
  );
  // Nothing more is tried under an address whose drop has come.
  await mailbox.take({ day: today, drops: [other, other] }, { ...notice, hash: new Uint8Array(32) });
  assert.equal(mailbox.openings, 7);
});

test("what is sealed rightly but written wrongly is skipped", async () => {
  const secret = await caller.dropSecret(weekOf(today));
  const context = concat(new Uint8Array([0, 0, today >> 8, today & 255]), new Uint8Array([0, 0]));
  const address = derive(secret, "addr", context, 16);
  const psk = derive(secret, "psk", context, 32);
  const plain = (length: number, text: string, last = 0): Bytes => {
    const bytes = new Uint8Array(960);
    bytes.set(u16(length));
    bytes.set(utf8(text), 2);
    if (last) bytes[959] = last;
    return bytes;
  };
  const wrong = [
    plain(2, "{}"),
    plain(12, '{"number":1}', 1),
    plain(959, '{"number":1}'),
    plain(12, '{"number":0}'),
    plain(13, '{"number":1.5'),
    plain(57, '{"number":1,"answer":{"id":"AA","part":1,"parts":1,"text":1}}'),
    plain(28, '{"number":1,"opened":["AAA"]}'),
  ];
  for (const plaintext of wrong) {
    const drop = await desk.sealDrop(payload.caller as string, today, address, psk, plaintext);
    const mailbox = await mailboxWith(drop);
    assert.equal(mailbox.received().length + mailbox.opened.size, 0);
    assert.equal(mailbox.hasGap(), false);
  }
});
