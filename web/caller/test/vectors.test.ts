// The vectors that concern the page: it makes, opens and refuses exactly what `vectors/` says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import {
  type Bytes,
  base64url,
  concat,
  fromBase64url,
  fromHex,
  hex,
  Malformed,
  u8,
  u32,
  utf8,
} from "../src/protocol/bytes.ts";
import { callSignOf } from "../src/protocol/call_sign.ts";
import { Caller } from "../src/protocol/caller.ts";
import { sealCell } from "../src/protocol/cell.ts";
import { weekOf } from "../src/protocol/day.ts";
import { derive } from "../src/protocol/derive.ts";
import { chainOver, EMPTY_CHAIN, isSigned } from "../src/protocol/digest.ts";
import { dropAddress, dropTable, openDrop } from "../src/protocol/drop.ts";
import { Refusal } from "../src/protocol/envelope.ts";
import {
  type Answer,
  decodeAnswer,
  encodeRequest,
  lastBlock,
  type Wanted,
} from "../src/protocol/exchange.ts";
import { fingerprintOf, fingerprintWords, parseFingerprint } from "../src/protocol/fingerprint.ts";
import { fold } from "../src/protocol/fold.ts";
import { parseJson } from "../src/protocol/json.ts";
import { type LetterKey, verifyLetters } from "../src/protocol/letter_keys.ts";
import { partPayload, splitMessage, TooLong } from "../src/protocol/message.ts";
import { inboxKeyFor, verifyNotice } from "../src/protocol/notice.ts";
import { generatePhrase, rootOf } from "../src/protocol/phrase.ts";
import { shardOn } from "../src/protocol/plan.ts";
import { sha256 } from "../src/protocol/primitives.ts";
import { makeStamp, NO_STAMP } from "../src/protocol/stamp.ts";
import { languageOfWords } from "../src/protocol/words.ts";
import { drawnBits, firstMoveMs, slotGapMs } from "../src/visit/slots.ts";
import { Walk } from "../src/visit/walk.ts";

// biome-ignore lint/suspicious/noExplicitAny: the files are read as they are
type Case = Record<string, any>;

const file = (name: string): Case =>
  JSON.parse(readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), "utf8"));

/** The cases of a file with their bytes; a changed case begins with those of another. */
function casesOf(from: Case): [Case, Bytes][] {
  const known = new Map<string, Bytes>();
  return from.cases.map((one: Case) => {
    let bytes: Bytes = one.of ? (known.get(one.of) as Bytes).slice() : fromBase64url(one.bytes_b64);
    for (const [at, bits] of one.xor ?? []) {
      fromHex(bits).forEach((bit, i) => {
        bytes[at + i] = (bytes[at + i] as number) ^ bit;
      });
    }
    bytes = concat(bytes.subarray(0, one.keep), fromHex(one.append ?? ""));
    known.set(one.name, bytes);
    return [one, bytes];
  });
}

test("phrase.json", async (t) => {
  const vectors = file("phrase");
  for (const { name, typed, outcome, folded } of vectors.folding) {
    await t.test(name, () => assert.equal(fold(typed), outcome === "ok" ? folded : ""));
  }
  for (const { language, random, phrase } of vectors.generated) {
    assert.equal(generatePhrase(fromHex(random), language), phrase);
    assert.equal(languageOfWords(phrase.split(" ")), language);
  }
  for (const expected of vectors.callers) {
    const fingerprint = fromHex(expected.fingerprint);
    assert.equal(hex(await rootOf(expected.folded, fingerprint)), expected.root);
    const caller = await Caller.fromPhrase(expected.folded, fingerprint);
    assert.equal(hex(caller.secretKey), expected.caller_sk);
    assert.equal(hex(caller.publicKey), expected.caller_pk);
    assert.equal(caller.shardBits, expected.shard_bits);
    for (const [language, sign] of Object.entries(expected.call_sign)) {
      assert.equal(callSignOf(caller.id, language), sign);
    }
    for (const { week, secret } of expected.drop_secrets) {
      assert.equal(hex(await caller.dropSecret(week)), secret);
    }
  }
});

test("fingerprint.json", async () => {
  const { desks, readings } = file("fingerprint");
  for (const desk of desks) {
    const fingerprint = await fingerprintOf(fromHex(desk.identity));
    assert.equal(hex(fingerprint), desk.fingerprint);
    assert.equal(fingerprintWords(fingerprint).join(" "), desk.words);
  }
  for (const { name, typed, outcome } of readings) {
    if (outcome === "ok") assert.equal(hex(parseFingerprint(typed)), desks[0].fingerprint, name);
    else assert.throws(() => parseFingerprint(typed), name);
  }
});

/** The page tells fewer reasons apart than the vectors do. */
const REASONS: Record<string, string[]> = {
  truncated: ["length"],
  trailing: ["length"],
  "too large": ["length"],
  version: ["version", "outdated page"],
  kind: ["kind"],
  fingerprint: ["fingerprint"],
  size: ["size"],
  signer: ["signer"],
  "not named": ["not named"],
  "certificate signature": ["certificate signature"],
  "certificate days": ["certificate days"],
  "body signature": ["signature"],
  json: ["body"],
  rule: ["body"],
  "plan length": ["body"],
  "plan order": ["body"],
  "plan shards": ["body"],
  "plan period": ["body"],
  "plan covers": ["body"],
  "successor signature": ["successor signature"],
  expired: ["expired"],
  "client too old": ["outdated page"],
};

test("json.json", () => {
  for (const [one, bytes] of casesOf(file("json"))) {
    if (one.outcome === "ok") parseJson(bytes);
    else assert.throws(() => parseJson(bytes), Malformed, one.name);
  }
});

test("cell.json: texts are cut where the vectors say", () => {
  for (const one of file("cell").cuts) {
    const written = { track: "", language: "", text: one.text.repeat(one.times), safeTimes: "" };
    const cut = () => splitMessage(written, new Uint8Array(16)).map((part) => [...part.text].length);
    if (one.outcome === "too long") assert.throws(cut, TooLong, one.name);
    else assert.deepEqual(cut(), one.characters ?? [], one.name);
  }
});

test("notice.json", async () => {
  for (const [one, bytes] of casesOf(file("notice"))) {
    const pin = one.pin ? fromHex(one.pin) : null;
    const read = await verifyNotice(bytes, pin, one.now * 1000).catch((error) => error);
    if (one.outcome !== "ok") {
      assert.ok(read instanceof Refusal, one.name);
      assert.ok(REASONS[one.outcome]?.includes(read.reason), `${one.name}: ${read.reason}`);
      continue;
    }
    assert.ok(!(read instanceof Error), `${one.name}: ${read}`);
    if (one.notice_hash) {
      assert.equal(hex(read.fingerprint), one.fingerprint);
      assert.equal(hex(read.hash), one.notice_hash);
      assert.equal(read.serial, one.serial);
    }
    for (const [day, bits, shard] of one.shard_for ?? []) assert.equal(shardOn(read.plan, day, bits), shard);
    if (one.successor_from) {
      assert.equal(read.successor?.from, one.successor_from);
      assert.equal(hex(read.successor?.fingerprint ?? new Uint8Array()), one.successor_fingerprint);
    } else {
      assert.equal(read.successor, null);
    }
    for (const { day, epoch, key_id } of one.inbox_key_for ?? []) {
      const key = inboxKeyFor(read, day);
      assert.deepEqual([key.epoch, key.keyId], [epoch, key_id]);
    }
  }
});

test("letters.json", async () => {
  const letters = file("letters");
  for (const [one, bytes] of casesOf(letters)) {
    const naming = fromBase64url(one.notice_b64 ?? letters.notice_b64);
    const notice = await verifyNotice(naming, fromHex(letters.fingerprint), letters.now * 1000);
    const read = await verifyLetters(bytes, notice, letters.now * 1000).catch((error) => error);
    if (one.outcome !== "ok") {
      assert.ok(read instanceof Refusal, one.name);
      assert.ok(REASONS[one.outcome]?.includes(read.reason), `${one.name}: ${read.reason}`);
      continue;
    }
    assert.ok(!(read instanceof Error), `${one.name}: ${read}`);
    if (!one.keys) continue;
    assert.equal(read.serial, one.serial);
    const keys = read.keys.map((key: LetterKey) => [key.period, key.keyId, hex(key.proofKey)]);
    assert.deepEqual(keys, one.keys);
  }
});

const desk = file("cell");
const notice = { fingerprint: fromHex(desk.fingerprint), hash: fromHex(desk.notice_hash) };

/** The payload of a cell, opened as the desk does. */
async function openCell(cell: Bytes): Promise<Bytes> {
  const epoch = new DataView(cell.buffer).getUint32(1);
  const seed = fromHex(desk.epochs.find((key: Case) => key.epoch === epoch).seed);
  const kem = new XWing();
  const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
  const parameters = {
    recipientKey: await kem.importKey("raw", seed.buffer, false),
    enc: cell.slice(7, 1127),
    info: concat(utf8("callsign/v1 cell"), notice.fingerprint, u32(epoch), notice.hash),
  };
  const plaintext = new Uint8Array(await suite.open(parameters, cell.slice(1127), cell.slice(0, 7)));
  return plaintext.slice(2, 2 + new DataView(plaintext.buffer).getUint16(0));
}

const inboxKey = (() => {
  const { epoch, key_id, public_key_b64 } = desk.epochs[0];
  return { epoch, keyId: key_id, publicKey: fromBase64url(public_key_b64) };
})();

test("cell.json: the page makes the same cells, byte for byte", async () => {
  const caller = await Caller.fromRoot(fromHex(desk.caller.root));
  const cases = new Map(casesOf(desk).map(([one, bytes]) => [one.name, { one, bytes }]));
  const { one, bytes } = cases.get("part") as { one: Case; bytes: Bytes };
  const { track, language, text, safe_times: safeTimes } = one;
  const [part, ...more] = splitMessage({ track, language, text, safeTimes }, fromHex(one.id));
  assert.ok(part && more.length === 0);
  const payload = await partPayload(part, caller, fromHex(desk.answer_public_key), inboxKey.epoch);
  assert.equal(base64url(payload), one.payload_b64);
  const cell = await sealCell(notice, inboxKey, payload, fromHex(one.encapsulation));
  assert.equal(base64url(cell), base64url(bytes));
  assert.equal(base64url(await openCell(cell)), one.payload_b64);

  const cover = cases.get("cover") as { one: Case; bytes: Bytes };
  const sealed = await sealCell(notice, inboxKey, new Uint8Array(0), fromHex(cover.one.encapsulation));
  assert.equal(base64url(sealed), base64url(cover.bytes));
  assert.equal((await openCell(sealed)).length, 0);
});

test("cell.json: messages come out of their cells, and one too long is refused", async () => {
  for (const message of desk.messages) {
    const written = { track: "", language: "", text: message.text.repeat(message.times ?? 1), safeTimes: "" };
    if (message.outcome === "too long") {
      assert.throws(() => splitMessage(written, new Uint8Array(16)), TooLong);
      continue;
    }
    let arrived = "";
    for (const cell of message.cells_b64) {
      const payload = await openCell(fromBase64url(cell));
      arrived += JSON.parse(new TextDecoder().decode(payload.slice(32))).text;
    }
    assert.equal(arrived, written.text);
    const parts = splitMessage(written, new Uint8Array(16));
    assert.equal(parts.map((part) => part.text).join(""), written.text);
  }
});

test("drop.json", async () => {
  const vectors = file("drop");
  const from = {
    fingerprint: fromHex(vectors.fingerprint),
    answerKey: fromHex(vectors.answer_public_key),
    formerAnswerKeys: [],
  };
  const callers = new Map<string, Caller>();
  for (const who of ["caller", "other_caller"]) {
    callers.set(who, await Caller.fromRoot(fromHex(vectors[who].root)));
  }
  for (const { place, address, week, drop_secret, psk } of vectors.places) {
    const caller = callers.get("caller") as Caller;
    const context = concat(u32(place.day), u8(place.slot), u8(place.index));
    assert.equal(weekOf(place.day), week);
    assert.equal(hex(await caller.dropSecret(week)), drop_secret);
    assert.equal(hex((await dropTable(caller, place.day)).get(address) as Bytes), hex(context));
    assert.equal(hex(await derive(fromHex(drop_secret), "psk", context, 32)), psk);
  }
  for (const [one, bytes] of casesOf(vectors)) {
    const caller = callers.get(one.by ?? "caller") as Caller;
    const { day, slot, index } = one.place;
    const context = concat(u32(day), u8(slot), u8(index));
    if (one.outcome === "no address") {
      assert.equal((await dropTable(caller, day)).get(dropAddress(bytes)), undefined, one.name);
    }
    const opened = openDrop(from, caller, day, context, bytes);
    if (one.outcome !== "ok") {
      await assert.rejects(opened, one.name);
      continue;
    }
    const { number, answer, opened: ids } = await opened;
    const id = (written: string) => hex(fromBase64url(written));
    assert.equal(number, one.payload.number);
    assert.deepEqual(ids, (one.payload.opened ?? []).map(id));
    const expected = one.payload.answer;
    assert.deepEqual(answer, expected ? { ...expected, id: id(expected.id) } : null);
  }
});

test("exchange.json", () => {
  const vectors = file("exchange");
  const body = ({ header, length }: Case): Bytes => {
    const whole = new Uint8Array(Math.max(length, header.length / 2)).fill(vectors.fill);
    whole.set(fromHex(header));
    return whole.slice(0, length);
  };
  for (const [total, from] of vectors.last_block) assert.equal(lastBlock(total), from);
  for (const one of vectors.requests.filter((request: Case) => request.outcome === "ok")) {
    const cell = new Uint8Array(4096).fill(vectors.fill);
    const stamp = one.stamp ? { ...one.stamp, nonce: fromHex(one.stamp.nonce) } : NO_STAMP;
    assert.equal(hex(encodeRequest(one.ask as Wanted, stamp, cell)), hex(body(one)));
  }
  const outcomes = ["stored", "unavailable", "version", "unknown list"];
  for (const one of vectors.answers) {
    let answer: Answer | null = null;
    try {
      answer = decodeAnswer(body(one), one.wanted as Wanted, one.today);
    } catch {
      assert.ok(!one.believed, one.name);
    }
    assert.equal(answer?.drops?.length ?? 0, one.believed ? 32 : 0, one.name);
    if (!answer) {
      assert.ok(one.outcome === "stored" || !outcomes.includes(one.outcome), one.name);
      continue;
    }
    if (one.outcome === "other version") {
      assert.equal(answer.outcome, "version", one.name);
      continue;
    }
    const { outcome, day, shard, from, total, noticeSerial, toll, minute, chain } = answer;
    assert.deepEqual([toll, minute, hex(chain)], [one.toll, one.minute, one.chain], one.name);
    const signature = answer.signature && hex(answer.signature);
    const expected = [one.outcome, one.day, one.shard, one.from, one.total, one.notice_serial, one.signature];
    assert.deepEqual([outcome, day, shard, from, total, noticeSerial, signature], expected, one.name);
  }
});

test("stamp.json", async () => {
  const vectors = file("stamp");
  const fingerprint = fromHex(vectors.fingerprint);
  for (const { name, asked, cell: byte, first, stamp } of vectors.searches) {
    const bound = { fingerprint, cell: new Uint8Array(4096).fill(byte) };
    const turn = () => Promise.resolve();
    const found = await makeStamp(asked, bound, fromHex(first), turn, new AbortController().signal);
    assert.deepEqual(found && { ...found, nonce: hex(found.nonce) }, stamp, name);
  }
});

test("day.json", async () => {
  const vectors = file("day");
  for (const { drops, chain } of vectors.chains) {
    const hashes = await Promise.all(drops.map((byte: number) => sha256(new Uint8Array(1024).fill(byte))));
    for (let count = 0; count <= hashes.length; count++) {
      assert.equal(hex(await chainOver(EMPTY_CHAIN, hashes.slice(0, count))), chain[count]);
    }
  }
  const desk = { fingerprint: fromHex(vectors.fingerprint), dutyKey: fromHex(vectors.duty_key) };
  for (const [one, signature] of casesOf(vectors)) {
    const { stage, day, shard, total, h, minute } = one;
    const digest = { day, shard, total, hash: fromHex(h), minute };
    const signed = await isSigned(stage, digest, desk, signature);
    assert.equal(signed, one.outcome === "ok", one.name);
  }
});

test("walk.json", () => {
  const { walks, gaps, plan } = file("walk");
  const uniform = (draw: string): number => Number(BigInt(`0x${draw}`) >> 11n);
  for (const { name, days, shard_bits: bits, steps, days_read } of walks) {
    const walk = new Walk(days, bits);
    for (const [slot, { today, move, ask, answer, whole }] of steps.entries()) {
      if (move !== undefined) walk.moveTo(move);
      const wanted = walk.ask(slot, plan, today);
      assert.deepEqual(wanted, ask, `${name}, slot ${slot}`);
      if (answer) walk.heard(plan, wanted, answer);
      else walk.passOver(plan, wanted);
      assert.equal(walk.isWhole, whole, `${name}, slot ${slot}`);
    }
    assert.equal(walk.daysRead(plan, bits), days_read, name);
  }
  const cover = {
    gapMs: gaps.cover.gap_ms,
    gapMaxMs: gaps.cover.gap_max_ms,
    gapGrowthPercent: gaps.cover.gap_growth_percent,
    visitExchanges: gaps.cover.visit_exchanges,
    moveAfterMs: gaps.cover.move_after_ms,
  };
  for (const { slot, failures, draw, ms, move_after_ms, shard_bits } of gaps.cases) {
    // Logarithms and powers of two machines may differ in their last bit.
    assert.ok(Math.abs(slotGapMs(cover, slot, failures, uniform(draw)) - ms) <= 1, `slot ${slot}`);
    assert.equal(firstMoveMs(cover, uniform(draw)), move_after_ms);
    assert.equal(drawnBits(uniform(draw)), shard_bits);
  }
});
