// The exchange: fixed sizes, and an answer that does not fit its question is none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, concat, hex, Malformed, u32 } from "../src/protocol/bytes.ts";
import { decodeAnswer, encodeRequest, LAST_BLOCK, lastBlock, type Wanted } from "../src/protocol/exchange.ts";
import { NO_STAMP } from "../src/protocol/stamp.ts";

const wanted: Wanted = { day: 20_000, shard: 0, from: 64 };

function answer(
  change: Partial<Wanted> & { outcome?: number; version?: number; total?: number } = {},
): Bytes {
  const { day, shard, from } = { ...wanted, ...change };
  const start = Uint8Array.of(change.version ?? 1, change.outcome ?? 0, 0, 0);
  const header = concat(start, u32(day), u32(shard), u32(from), u32(change.total ?? 70), u32(0), u32(9));
  const signature = new Uint8Array(64).fill(5);
  return concat(header, signature, new Uint8Array(4), new Uint8Array(32_896 - 96).fill(5));
}

test("a request is laid out as section 8 says", () => {
  const cell = new Uint8Array(4096).fill(7);
  const request = encodeRequest({ day: 0, shard: 0, from: LAST_BLOCK }, NO_STAMP, cell);
  assert.equal(request.length, 4192);
  assert.equal(hex(request.slice(0, 16)), "010000000000000000000000ffffffff");
  assert.ok(request.subarray(16, 96).every((byte) => byte === 0));
  assert.ok(request.subarray(96).every((byte) => byte === 7));
});

test("an answer is read whole", () => {
  const read = decodeAnswer(answer(), wanted, 20_000);
  assert.deepEqual(
    { ...read, drops: read.drops?.length },
    {
      outcome: "stored",
      day: 20_000,
      shard: 0,
      from: 64,
      total: 70,
      noticeSerial: 9,
      signature: new Uint8Array(64).fill(5),
      minute: 0,
      chain: new Uint8Array(32).fill(5),
      toll: { effort: 0, round: 0 },
      drops: 32,
    },
  );
  assert.ok(read.drops?.every((drop) => drop.length === 1024));
});

test("every outcome is known by its number", () => {
  const outcomes = [0, 1, 2, 3].map((outcome) => decodeAnswer(answer({ outcome }), wanted, 20_000).outcome);
  assert.deepEqual(outcomes, ["stored", "unavailable", "version", "unknown list"]);
  assert.throws(() => decodeAnswer(answer({ outcome: 4 }), wanted, 20_000), Malformed);
  assert.equal(decodeAnswer(answer({ outcome: 2, version: 2 }), wanted, 20_000).outcome, "version");
  assert.equal(decodeAnswer(answer({ version: 2 }), wanted, 20_000).outcome, "version");
});

test("an answer to another question, or of another length, is refused", () => {
  const wrong = [{ day: 19_999 }, { day: 0 }, { shard: 1 }, { from: 32 }, { from: LAST_BLOCK }];
  for (const change of wrong) assert.throws(() => decodeAnswer(answer(change), wanted, 20_000), Malformed);
  assert.throws(() => decodeAnswer(answer().slice(1), wanted, 20_000), Malformed);
  assert.throws(() => decodeAnswer(concat(answer(), new Uint8Array(1)), wanted, 20_000), Malformed);
  const latest = { ...wanted, day: 0, from: LAST_BLOCK };
  decodeAnswer(answer(), latest, 20_000);
  assert.throws(() => decodeAnswer(answer({ total: 64 }), latest, 20_000), Malformed);
  assert.throws(() => decodeAnswer(answer({ day: 0 }), latest, 20_000), Malformed);
});

test("today is within two days of the caller's clock", () => {
  const latest = { ...wanted, day: 0, from: LAST_BLOCK };
  for (const today of [19_998, 20_000, 20_002]) decodeAnswer(answer(), latest, today);
  for (const today of [19_997, 20_003]) assert.throws(() => decodeAnswer(answer(), latest, today), Malformed);
});

test("a hub that cannot store may list, where what it lists can be believed", () => {
  const drops = (change: object) => decodeAnswer(answer({ outcome: 1, ...change }), wanted, 20_000).drops;
  assert.equal(drops({})?.length, 32);
  for (const change of [{ total: 0 }, { day: 19_999 }, { from: 0 }, { shard: 1 }])
    assert.equal(drops(change), null);
  assert.equal(decodeAnswer(answer({ outcome: 3 }), wanted, 20_000).drops, null);
});

test("the last block is where the last drop is", () => {
  const table = [
    [0, 0],
    [1, 0],
    [32, 0],
    [33, 32],
    [64, 32],
    [65, 64],
    [0xffffffff, 0xffffffe0],
  ] as const;
  for (const [total, from] of table) assert.equal(lastBlock(total), from);
});
