// Cells: what the desk reads is what was written, and cover is a cell like any other.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { type Bytes, EMPTY, hex, readU32, utf8 } from "../src/protocol/bytes.ts";
import { Caller } from "../src/protocol/caller.ts";
import { CELL_PAYLOAD_BYTES, sealCell } from "../src/protocol/cell.ts";
import { dayOf, weekOf } from "../src/protocol/day.ts";
import { bytesLeft, type Message, partPayload, splitMessage, TooLong } from "../src/protocol/message.ts";
import { inboxKeyFor, verifyNotice } from "../src/protocol/notice.ts";
import { generator, NOON_MS } from "./fake_world.ts";
import { fromBase64, TestDesk } from "./test_desk.ts";

const desk = await TestDesk.create();
const notice = await verifyNotice(desk.envelope(desk.noticeBody(NOON_MS), NOON_MS), null, NOON_MS);
const caller = await Caller.fromRoot(new Uint8Array(32).fill(8));
const today = dayOf(NOON_MS);
const fresh = (length: number): Bytes => new Uint8Array(randomBytes(length));
const message = (text: string, safeTimes = ""): Message => ({
  track: "home",
  language: "uk",
  text,
  safeTimes,
});

async function sealedParts(written: Message): Promise<Bytes[]> {
  const key = inboxKeyFor(notice, today);
  const cells: Bytes[] = [];
  for (const part of splitMessage(written, fresh(16))) {
    const payload = await partPayload(part, caller, notice.answerKey, key.epoch);
    assert.ok(payload.length <= CELL_PAYLOAD_BYTES);
    cells.push(await sealCell(notice, key, payload, fresh(64)));
  }
  return cells;
}

async function readBack(cells: readonly Bytes[]): Promise<string> {
  let text = "";
  for (const [i, cell] of cells.entries()) {
    const { payload, proven } = await desk.openCell(cell);
    assert.ok(payload && proven);
    assert.equal(payload.part, i + 1);
    assert.equal(payload.parts, cells.length);
    text += payload.text;
  }
  return text;
}

test("the desk opens a cell and knows the caller", async () => {
  const [cell] = await sealedParts(message("Мене викликали 🙏\n«повістка»", "вечори"));
  assert.ok(cell);
  assert.equal(cell.length, 4096);
  assert.equal(cell[0], 1);
  assert.equal(readU32(cell, 1), today);
  const { payload, proven } = await desk.openCell(cell);
  assert.ok(payload && proven);
  assert.equal(payload.text, "Мене викликали 🙏\n«повістка»");
  assert.equal(payload.safe_times, "вечори");
  assert.equal(payload.track, "home");
  assert.equal(payload.language, "uk");
  assert.equal(payload.shard_bits, caller.shardBits);
  assert.equal(fromBase64(payload.id as string).length, 16);
  assert.deepEqual(fromBase64(payload.caller as string), caller.publicKey);
  const secrets = payload.drop_secrets as [number, string][];
  assert.deepEqual(
    secrets.map(([week]) => week),
    [...new Set([weekOf(today - 2), ...[0, 1, 2].map((i) => weekOf(today) + i)])],
  );
  for (const [week, secret] of secrets) assert.deepEqual(fromBase64(secret), await caller.dropSecret(week));
});

test("cover opens to nothing, and only the desk can tell", async () => {
  const key = inboxKeyFor(notice, today);
  const cover = await sealCell(notice, key, EMPTY, fresh(64));
  const [real] = await sealedParts(message("x"));
  assert.deepEqual(await desk.openCell(cover), { payload: null, proven: false });
  assert.equal(cover.length, real?.length);
  assert.deepEqual(cover.slice(0, 7), real?.slice(0, 7));
});

test("sealing again gives another cell with the same message", async () => {
  const part = splitMessage(message("again"), new Uint8Array(16))[0];
  assert.ok(part);
  const key = inboxKeyFor(notice, today);
  const payload = await partPayload(part, caller, notice.answerKey, key.epoch);
  const cells = [
    await sealCell(notice, key, payload, fresh(64)),
    await sealCell(notice, key, payload, fresh(64)),
  ];
  const [a, b] = cells.map((cell) => hex(cell.slice(7)));
  assert.notEqual(a, b);
  assert.equal(await readBack([cells[0] as Bytes]), await readBack([cells[1] as Bytes]));
});

test("a cell opens under its own notice only", async () => {
  const [cell] = await sealedParts(message("x"));
  assert.ok(cell);
  const right = desk.noticeHash;
  desk.noticeHash = new Uint8Array(32);
  await assert.rejects(desk.openCell(cell));
  desk.noticeHash = right;
  await desk.openCell(cell);
});

test("texts of any kind come out as they went in, in as few parts as they need", async () => {
  const random = generator(4);
  const alphabets = ["abc \n", "їєґщ ", "🙏👨‍👩‍👧🇺🇦", '"\\\u0001\u007f\u2028', "文字"];
  for (const alphabet of alphabets) {
    const letters = [...alphabet];
    const length = 1 + Math.floor(random() * 2500);
    const text = Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join("");
    assert.equal(await readBack(await sealedParts(message(text))), text);
  }
});

test("a lone surrogate becomes a replacement character, and nothing is cut in two", async () => {
  assert.equal(await readBack(await sealedParts(message("a\ud83db\udc00"))), "a\ufffdb\ufffd");
  for (const part of splitMessage(message("🙏".repeat(3000)), new Uint8Array(16))) {
    assert.match(part.text, /^(🙏)+$/u);
  }
});

test("eight parts are sent, nine are refused, and the room that is shown is true", () => {
  for (const letter of ["x", "щ", "🙏", "\n"]) {
    const size = utf8(JSON.stringify(letter)).length - 2;
    const fits = Math.floor(bytesLeft(message("")) / size);
    assert.equal(splitMessage(message(letter.repeat(fits)), new Uint8Array(16)).length, 8);
    assert.ok(bytesLeft(message(letter.repeat(fits))) >= 0);
    assert.throws(() => splitMessage(message(letter.repeat(fits + 50)), new Uint8Array(16)), TooLong);
    assert.ok(bytesLeft(message(letter.repeat(fits + 50))) < 0);
  }
});

test("safe times never crowd out a part", () => {
  for (const letter of ["x", "щ", "文", "\u0001"]) {
    const [part] = splitMessage(message("x", letter.repeat(400)), new Uint8Array(16));
    const size = utf8(JSON.stringify(part?.message.safeTimes)).length - 2;
    assert.ok(size <= 300 && size > 290);
  }
});

test("an empty message is nothing to send", () => {
  assert.deepEqual(splitMessage(message(""), new Uint8Array(16)), []);
});
