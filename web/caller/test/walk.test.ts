// The walk of phase B reads everything in its window once, then keeps up with the day.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LAST_BLOCK, lastBlock } from "../src/protocol/exchange.ts";
import { LATEST, type Place, Walk } from "../src/visit/walk.ts";
import { generator } from "./fake_world.ts";

const DAY = 20_000;

/** Lists by day, as an honest hub would answer for them. */
class Lists {
  today = DAY;
  readonly read = new Set<string>();
  constructor(readonly totals: Map<number, number>) {}

  step(walk: Walk): Place {
    const wanted = walk.next();
    const day = wanted.day || this.today;
    const total = this.totals.get(day) ?? 0;
    const from = wanted.from === LAST_BLOCK ? lastBlock(total) : wanted.from;
    for (let i = from; i < Math.min(from + 32, total); i++) this.read.add(`${day}/${i}`);
    walk.heard(wanted, { day, from, total });
    return wanted;
  }

  steps(walk: Walk, count: number): string[] {
    return Array.from({ length: count }, () => {
      const { day, from } = this.step(walk);
      return `${day === 0 ? "today" : day - DAY}:${from === LAST_BLOCK ? "last" : from}`;
    });
  }
}

test("newest first, block by block, then day by day, then today again", () => {
  const lists = new Lists(
    new Map([
      [DAY, 70],
      [DAY - 1, 33],
      [DAY - 3, 5],
    ]),
  );
  const walk = new Walk(4);
  assert.deepEqual(lists.steps(walk, 9), [
    "today:last",
    "0:32",
    "0:0",
    "-1:last",
    "-1:0",
    "-2:last",
    "-3:last",
    "today:last",
    "today:last",
  ]);
  assert.equal(walk.done, true);
  assert.equal(walk.daysRead, 4);
});

test("a window of one day reads only today", () => {
  const lists = new Lists(new Map([[DAY, 32]]));
  assert.deepEqual(lists.steps(new Walk(1), 3), ["today:last", "today:last", "today:last"]);
});

test("blocks that were missed while the list grew are fetched, the half-read one too", () => {
  const lists = new Lists(new Map([[DAY, 10]]));
  const walk = new Walk(1);
  lists.steps(walk, 2);
  lists.totals.set(DAY, 100);
  assert.deepEqual(lists.steps(walk, 5), ["today:last", "0:64", "0:32", "0:0", "today:last"]);
  assert.equal(lists.read.size, 100);
});

test("when the day turns, the end of yesterday is read", () => {
  const lists = new Lists(new Map([[DAY, 10]]));
  const walk = new Walk(1);
  lists.steps(walk, 2);
  lists.totals.set(DAY, 50);
  lists.totals.set(DAY + 1, 40);
  lists.today = DAY + 1;
  assert.deepEqual(lists.steps(walk, 5), ["today:last", "1:0", "0:last", "0:0", "today:last"]);
  assert.equal(lists.read.size, 90);
});

test("a longer look back goes on where the shorter one ended", () => {
  const lists = new Lists(new Map());
  const walk = new Walk(1);
  lists.steps(walk, 2);
  walk.widen(3);
  walk.widen(2);
  assert.deepEqual(lists.steps(walk, 3), ["-1:last", "-2:last", "today:last"]);
});

test("a day that the hub does not know is passed over", () => {
  const walk = new Walk(3);
  walk.heard(walk.next(), { day: DAY, from: 0, total: 0 });
  assert.deepEqual(walk.next(), { day: DAY - 1, from: LAST_BLOCK });
  walk.unknown(walk.next());
  assert.deepEqual(walk.next(), { day: DAY - 2, from: LAST_BLOCK });
  walk.unknown(walk.next());
  assert.deepEqual(walk.next(), LATEST);
  walk.unknown(LATEST);
  assert.deepEqual(walk.next(), LATEST);
});

test("the first days of the calendar end the walk", () => {
  const walk = new Walk(14);
  walk.heard(walk.next(), { day: 1, from: 0, total: 0 });
  assert.deepEqual(walk.next(), LATEST);
});

test("an absurd total costs one step a slot and no memory", () => {
  const walk = new Walk(14);
  const total = 0xffffffff;
  walk.heard(walk.next(), { day: DAY, from: lastBlock(total), total });
  for (let i = 1; i < 1000; i++) {
    const wanted = walk.next();
    assert.equal(wanted.from, lastBlock(total) - 32 * i);
    walk.heard(wanted, { day: DAY, from: wanted.from, total });
  }
  assert.equal(walk.done, false);
});

test("whatever grows and whenever the day turns, nothing that was there is missed", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = generator(seed);
    const lists = new Lists(new Map());
    for (let back = 0; back < 4; back++) lists.totals.set(DAY - back, Math.floor(random() * 140));
    const walk = new Walk(1 + Math.floor(random() * 4));
    const window = walk.days;
    for (let i = 0; i < 40; i++) {
      lists.step(walk);
      if (random() < 0.4)
        lists.totals.set(lists.today, (lists.totals.get(lists.today) ?? 0) + Math.floor(random() * 80));
      if (random() < 0.05) lists.today++;
    }
    lists.steps(walk, 200);
    for (let day = DAY - window + 1; day <= lists.today; day++) {
      for (let i = 0; i < (lists.totals.get(day) ?? 0); i++) {
        assert.ok(lists.read.has(`${day}/${i}`), `seed ${seed}: drop ${i} of day ${day - DAY}`);
      }
    }
  }
});
