// Lists are confirmed by the desk's signatures, or contradicted by them; heads say how new they are.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bytes } from "../src/protocol/bytes.ts";
import { dayOf } from "../src/protocol/day.ts";
import { verifyNotice } from "../src/protocol/notice.ts";
import { Lists, remarkOn } from "../src/visit/lists.ts";
import { dummies } from "./fake_hub.ts";
import { NOON_MS } from "./fake_world.ts";
import { chainOf, sha256, TestDesk } from "./test_desk.ts";

const desk = await TestDesk.create();
const notice = await verifyNotice(desk.envelope(desk.noticeBody(NOON_MS), NOON_MS), null, NOON_MS);
const today = dayOf(NOON_MS);

interface Shown {
  readonly day: number;
  readonly shard?: number;
  readonly drops: readonly Bytes[];
  readonly signature?: Bytes;
  readonly noticeSerial?: number;
  readonly minute?: number;
}

/** Reads lists as a walk does, from the last block to the first. */
async function read(...shown: readonly Shown[]): Promise<Lists> {
  const lists = new Lists();
  for (const one of shown) {
    const { day, shard = 0, drops, signature = null, noticeSerial = notice.serial, minute = 0 } = one;
    const total = drops.length;
    for (let from = Math.max(0, Math.ceil(total / 32) - 1) * 32; from >= 0; from -= 32) {
      const block = [...drops.slice(from, from + 32), ...dummies(32)].slice(0, 32);
      const chain = chainOf(drops.slice(0, from));
      await lists.take({ day, shard, from, drops: block, total, signature, noticeSerial, minute, chain });
    }
  }
  return lists;
}

const judged = async (...shown: readonly Shown[]) =>
  Object.fromEntries((await (await read({ day: today, drops: [] }, ...shown)).judge(notice)).days);

test("a finished list is confirmed, missing its signature, or contradicted; an empty one too", async () => {
  const drops = dummies(70);
  const found = await judged(
    { day: today - 1, drops, signature: desk.signList(today - 1, drops) },
    { day: today - 2, drops: [], signature: desk.signList(today - 2, []) },
    { day: today - 3, drops },
    { day: today - 4, drops: drops.slice(1), signature: desk.signList(today - 4, drops) },
    { day: today - 5, drops, signature: desk.signList(today - 1, drops) },
  );
  assert.deepEqual(found, {
    [today - 1]: "confirmed",
    [today - 2]: "confirmed",
    [today - 3]: "not yet",
    [today - 4]: "contradicted",
    [today - 5]: "contradicted",
  });
});

test("one drop taken out, put in, changed or moved is seen", async () => {
  const drops = dummies(40);
  const signature = desk.signList(today - 1, drops);
  const [more, changed, moved] = [[...drops, ...dummies(1)], [...drops], [...drops].reverse()];
  changed[7] = (drops[7] as Bytes).map((byte, i) => (i === 1023 ? byte ^ 1 : byte));
  for (const shown of [drops.slice(0, 39), more, changed, moved]) {
    const found = await judged({ day: today - 1, drops: shown, signature });
    assert.deepEqual(found, { [today - 1]: "contradicted" });
  }
});

test("a list of which a block is missing is not judged", async () => {
  const drops = dummies(70);
  const lists = await read({ day: today, drops: [] });
  const rest = { day: today - 1, shard: 0, total: 70, signature: null, noticeSerial: 7, minute: 0 };
  const take = (from: number) =>
    lists.take({ ...rest, from, drops: drops.slice(from, from + 32), chain: chainOf(drops.slice(0, from)) });
  for (const from of [64, 0]) await take(from);
  assert.equal((await lists.judge(notice)).days.size, 0);
  await take(32);
  assert.equal((await lists.judge(notice)).days.get(today - 1), "not yet");
});

test("a list that the hub shows shorter later is judged as it is then, and is not current", async () => {
  const drops = dummies(64);
  const lists = await read({ day: today, drops: [] });
  const rest = { day: today - 1, shard: 0, noticeSerial: notice.serial, minute: 0 };
  const take = (from: number, total: number, signature: Bytes | null) =>
    lists.take({
      ...rest,
      from,
      total,
      signature,
      drops: drops.slice(from, from + 32),
      chain: chainOf(drops.slice(0, from)),
    });
  await take(32, 64, null);
  await take(0, 40, desk.signList(today - 1, drops.slice(0, 40)));
  const { days, isCurrent } = await lists.judge(notice);
  assert.deepEqual([days.get(today - 1), isCurrent], ["confirmed", false]);
});

/** Minutes of the day at which the notice was issued. */
const NOON = 720;
const head = (drops: readonly Bytes[], minute: number) =>
  desk.signList(today, drops, { minute, stage: "head" });

test("the head of today's list says when the desk was last at work, and whether that is as new as the notice", async () => {
  const drops = dummies(70);
  // The plan of the test's desk: a turn in 60 seconds; a minute is named by its first second.
  for (const [minute, isCurrent] of [
    [NOON, true],
    [NOON - 2, true],
    [NOON - 3, false],
    [0, false],
  ] as const) {
    const lists = await read({ day: today, drops, signature: head(drops, minute), minute });
    const found = await lists.judge(notice);
    assert.deepEqual(found, {
      days: new Map(),
      deskSeen: (today * 1440 + minute) * 60,
      isCurrent,
      isInDoubt: !isCurrent,
    });
  }
  for (const wrong of [head(drops, NOON - 1), head(drops.slice(1), NOON), desk.signList(today - 1, drops)]) {
    const lists = await read({ day: today, drops, signature: wrong, minute: NOON });
    const found = await lists.judge(notice);
    assert.deepEqual([found.deskSeen, found.isCurrent, found.isInDoubt], [null, false, true]);
    assert.deepEqual([...found.days], [[today, "contradicted"]]);
  }
});

test("without a head it is in doubt whether the newest is there; where nothing was ever listed, nothing is", async () => {
  const drops = dummies(5);
  const doubt = async (...shown: readonly Shown[]) => {
    const { deskSeen, isCurrent, isInDoubt } = await (await read(...shown)).judge(notice);
    return { deskSeen, isCurrent, isInDoubt };
  };
  assert.deepEqual(await doubt({ day: today, drops }), { deskSeen: null, isCurrent: false, isInDoubt: true });
  assert.deepEqual(await doubt({ day: today, drops: [] }), {
    deskSeen: null,
    isCurrent: false,
    isInDoubt: false,
  });
  // All of today held back: the notice is newer than yesterday's last minute.
  const yesterday = { day: today - 1, drops, minute: 1439 };
  const signature = desk.signList(today - 1, drops, { minute: 1439 });
  assert.deepEqual(await doubt({ ...yesterday, signature }, { day: today, drops: [] }), {
    deskSeen: (today * 1440 - 1) * 60,
    isCurrent: false,
    isInDoubt: true,
  });
});

test("a shard that is shown empty all day beside the head of another is in doubt, but near midnight", async () => {
  const desk = { ...notice, plan: [{ from: 0, shards: 2, dropPeriodS: 60 }] };
  const drops = dummies(5);
  const current = async (minute: number, issued: number) => {
    const first = { day: today, drops, signature: head(drops, minute), minute };
    const alone = await (await read(first)).judge({ ...desk, issued });
    const both = await (await read(first, { day: today, shard: 1, drops: [] })).judge({ ...desk, issued });
    return [alone.isCurrent, both.isCurrent];
  };
  const midnight = today * 86_400;
  assert.deepEqual(await current(NOON - 1, midnight + NOON * 60), [true, false]);
  assert.deepEqual(await current(5, midnight + 360), [true, false]);
  assert.deepEqual(await current(4, midnight + 360), [true, true]);
});

test("a hub that shows an older head, or fewer drops, later in a visit is seen", async () => {
  const drops = dummies(5);
  const shown = (count: number, minute: number): Shown => {
    const some = drops.slice(0, count);
    return { day: today, drops: some, signature: head(some, minute), minute };
  };
  const current = async (...all: readonly Shown[]) => (await (await read(...all)).judge(notice)).isCurrent;
  assert.equal(await current(shown(4, NOON - 1), shown(5, NOON)), true);
  assert.equal(await current(shown(5, NOON), shown(5, NOON - 1)), false);
  assert.equal(await current(shown(5, NOON), shown(4, NOON)), false);
});

test("a list whose end grows meanwhile keeps what was proven of it", async () => {
  const drops = dummies(40);
  const lists = await read({
    day: today,
    drops: drops.slice(0, 32),
    signature: head(drops.slice(0, 32), NOON),
    minute: NOON,
  });
  assert.equal((await lists.judge(notice)).isCurrent, true);
  // The first block is read again beside a total whose last block is not here yet.
  await lists.take({
    day: today,
    shard: 0,
    from: 0,
    total: 40,
    drops: drops.slice(0, 32),
    signature: head(drops, NOON + 1),
    minute: NOON + 1,
    chain: chainOf([]),
    noticeSerial: notice.serial,
  });
  const found = await lists.judge(notice);
  assert.deepEqual([found.isCurrent, found.deskSeen], [true, (today * 1440 + NOON) * 60]);
});

test("blocks that do not hang together are no list", async () => {
  const drops = dummies(70);
  const lists = await read({ day: today, drops: [] });
  const signature = desk.signList(today - 1, drops);
  const rest = { day: today - 1, shard: 0, total: 70, signature, noticeSerial: 7, minute: 0 };
  await lists.take({ ...rest, from: 64, drops: drops.slice(64), chain: chainOf(drops.slice(0, 64)) });
  await lists.take({
    ...rest,
    from: 32,
    drops: [...drops.slice(32, 64)].reverse(),
    chain: chainOf(drops.slice(0, 32)),
  });
  assert.equal((await lists.judge(notice)).days.get(today - 1), "contradicted");
  const other = await read({ day: today, drops: [] });
  await other.take({ ...rest, from: 0, drops: drops.slice(0, 32), chain: sha256(drops[0] as Bytes) });
  assert.equal((await other.judge(notice)).days.get(today - 1), "contradicted");
});

test("a signature beside another notice says nothing until that notice is here", async () => {
  const signature = desk.signList(today - 1, dummies(1));
  const found = await judged({ day: today - 1, drops: dummies(1), signature, noticeSerial: 8 });
  assert.deepEqual(found, { [today - 1]: "not yet" });
});

test("a desk that was at work at a time to come, or of which nothing is shown, is remarked on", () => {
  const judgement = { days: new Map(), deskSeen: null, isCurrent: false, isInDoubt: false };
  const seen = (atS: number) => remarkOn({ ...judgement, deskSeen: atS }, true, 1_000_000_000);
  assert.deepEqual([seen(1_000_000 + 3 * 3600), seen(1_000_000 + 600), seen(900_000)], ["ahead", null, null]);
  assert.equal(remarkOn(judgement, true, 0), "unseen");
  assert.equal(remarkOn(judgement, false, 0), null);
  assert.equal(remarkOn({ ...judgement, isInDoubt: true }, true, 0), null);
  assert.equal(remarkOn({ ...judgement, days: new Map([[1, "contradicted" as const]]) }, true, 0), null);
});
