// The walk reads everything that is listed once, then keeps up with the day.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LAST_BLOCK, lastBlock, TODAY, type Wanted } from "../src/protocol/exchange.ts";
import { shardOn } from "../src/protocol/plan.ts";
import { Walk } from "../src/visit/walk.ts";
import { generator } from "./fake_world.ts";

const DAY = 20_000;
/** One shard; two from the day of the tests on. */
const ONE = [{ from: 0, shards: 1, dropPeriodS: 60 }];
const TWO = [...ONE, { from: DAY, shards: 2, dropPeriodS: 60 }];
/** Bits of the second of two shards. */
const SECOND = 0x8000;

/** Lists by day and shard, as an honest hub would answer for them. */
class Lists {
  today = DAY;
  slot = 0;
  readonly read = new Set<string>();
  private readonly totals = new Map<string, number>();
  constructor(readonly plan = ONE) {}

  total(day: number, shard = 0): number {
    return this.totals.get(`${day}/${shard}`) ?? 0;
  }

  post(day: number, count: number, shard = 0): this {
    this.totals.set(`${day}/${shard}`, this.total(day, shard) + count);
    return this;
  }

  step(walk: Walk): Wanted {
    const wanted = walk.ask(this.slot++, this.plan, this.today);
    const day = wanted.day || this.today;
    const total = this.total(day, wanted.shard);
    const from = wanted.from === LAST_BLOCK ? lastBlock(total) : wanted.from;
    for (let i = from; i < Math.min(from + 32, total); i++) this.read.add(`${day}/${wanted.shard}/${i}`);
    walk.heard(this.plan, wanted, { day, from, total });
    return wanted;
  }

  steps(walk: Walk, count: number): string[] {
    return Array.from({ length: count }, () => {
      const { day, from, shard } = this.step(walk);
      const block = from === LAST_BLOCK ? "last" : from;
      return `${day === TODAY ? "today" : day - DAY}:${block}${shard === 0 ? "" : " of the second"}`;
    });
  }
}

test("newest first, block by block, then day by day, then today again", () => {
  const lists = new Lists()
    .post(DAY, 70)
    .post(DAY - 1, 33)
    .post(DAY - 3, 5);
  const walk = new Walk(4, 0);
  assert.deepEqual(lists.steps(walk, 7), [
    "today:last",
    "0:32",
    "0:0",
    "-1:last",
    "-1:0",
    "-2:last",
    "-3:last",
  ]);
  assert.equal(walk.isWhole, true);
  assert.equal(walk.daysRead(ONE, SECOND), 4);
  assert.deepEqual(lists.steps(walk, 2), ["today:last", "today:last"]);
});

test("every eighth slot asks for today's last block, and what has grown goes first", () => {
  const lists = new Lists().post(DAY, 10);
  const walk = new Walk(14, 0);
  assert.equal(lists.steps(walk, 8).at(-1), "-7:last");
  assert.equal(walk.daysRead(ONE, 0), 8);
  lists.post(DAY, 90);
  assert.deepEqual(lists.steps(walk, 5), ["today:last", "0:64", "0:32", "0:0", "-8:last"]);
});

test("when the day turns, the end of yesterday is read", () => {
  const lists = new Lists().post(DAY, 10);
  const walk = new Walk(1, 0);
  lists.steps(walk, 2);
  lists.post(DAY, 40).post(DAY + 1, 40);
  lists.today = DAY + 1;
  assert.deepEqual(lists.steps(walk, 5), ["today:last", "1:0", "0:last", "0:0", "today:last"]);
  assert.equal(lists.read.size, 90);
});

test("a move reads what the shards do not have in common, and nothing again", () => {
  const lists = new Lists(TWO)
    .post(DAY, 40)
    .post(DAY, 1, 1)
    .post(DAY - 1, 5);
  const walk = new Walk(2, 0);
  assert.deepEqual(lists.steps(walk, 3), ["today:last", "0:0", "-1:last"]);
  assert.deepEqual([walk.isWhole, walk.hasRead(TWO, SECOND)], [true, false]);
  walk.moveTo(SECOND);
  assert.equal(walk.isWhole, false);
  assert.deepEqual(lists.steps(walk, 1), ["today:last of the second"]);
  assert.deepEqual([walk.isWhole, walk.hasRead(TWO, 0)], [true, true]);
  walk.moveTo(0);
  assert.deepEqual(lists.steps(walk, 1), ["today:last"]);
  assert.equal(walk.isWhole, true);
});

test("a day that the hub does not know is passed over", () => {
  const walk = new Walk(3, 0);
  const next = (slot: number) => walk.ask(slot, ONE, DAY);
  walk.heard(ONE, next(0), { day: DAY, from: 0, total: 0 });
  for (const back of [1, 2]) {
    assert.deepEqual(next(back), { day: DAY - back, shard: 0, from: LAST_BLOCK });
    walk.passOver(ONE, next(back));
  }
  assert.equal(next(3).day, TODAY);
  assert.equal(walk.isWhole, true);
});

test("the first days of the calendar end the walk", () => {
  const walk = new Walk(14, 0);
  walk.heard(ONE, walk.ask(0, ONE, 1), { day: 1, from: 0, total: 0 });
  assert.equal(walk.isWhole, true);
});

test("an absurd total costs one step a slot and no memory", () => {
  const walk = new Walk(14, 0);
  const total = 0xffffffff;
  walk.heard(ONE, walk.ask(0, ONE, DAY), { day: DAY, from: lastBlock(total), total });
  for (let i = 1; i < 1000; i++) {
    const wanted = walk.ask(1, ONE, DAY);
    assert.equal(wanted.from, lastBlock(total) - 32 * i);
    walk.heard(ONE, wanted, { day: DAY, from: wanted.from, total: i });
  }
  assert.equal(walk.isWhole, false);
});

test("whatever grows, whenever the day turns and wherever the walk moves, nothing that was there is missed", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = generator(seed);
    const lists = new Lists(TWO);
    for (let back = 0; back < 4; back++) lists.post(DAY - back, Math.floor(random() * 140));
    const days = 1 + Math.floor(random() * 4);
    const walk = new Walk(days, 0);
    for (let i = 0; i < 40; i++) {
      lists.step(walk);
      const shard = random() < 0.5 ? 0 : 1;
      if (random() < 0.4) lists.post(lists.today, Math.floor(random() * 80), shard);
      if (random() < 0.05) lists.today++;
      if (random() < 0.1) walk.moveTo(random() < 0.5 ? 0 : SECOND);
    }
    for (const bits of [0, SECOND]) {
      walk.moveTo(bits);
      lists.steps(walk, 300);
      for (let day = DAY - days + 1; day <= lists.today; day++) {
        const shard = shardOn(TWO, day, bits);
        for (let i = 0; i < lists.total(day, shard); i++) {
          assert.ok(lists.read.has(`${day}/${shard}/${i}`), `seed ${seed}: drop ${i} of day ${day - DAY}`);
        }
      }
      assert.ok(walk.isWhole);
    }
  }
});
