// Finished lists that were read whole are confirmed by the desk's signature, or contradicted by it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bytes } from "../src/protocol/bytes.ts";
import { dayOf } from "../src/protocol/day.ts";
import { verifyNotice } from "../src/protocol/notice.ts";
import { Lists } from "../src/visit/lists.ts";
import { dummies } from "./fake_hub.ts";
import { NOON_MS } from "./fake_world.ts";
import { TestDesk } from "./test_desk.ts";

const desk = await TestDesk.create();
const notice = await verifyNotice(desk.envelope(desk.noticeBody(NOON_MS), NOON_MS), null, NOON_MS);
const today = dayOf(NOON_MS);

interface Shown {
  readonly day: number;
  readonly drops: readonly Bytes[];
  readonly signature?: Bytes;
  readonly noticeSerial?: number;
}

/** Reads lists as a walk does, from the last block to the first. */
async function read(...shown: readonly Shown[]): Promise<Lists> {
  const lists = new Lists();
  for (const { day, drops, signature = null, noticeSerial = notice.serial } of shown) {
    const total = drops.length;
    for (let from = Math.max(0, Math.ceil(total / 32) - 1) * 32; from >= 0; from -= 32) {
      const block = [...drops.slice(from, from + 32), ...dummies(32)].slice(0, 32);
      await lists.take({ day, shard: 0, from, drops: block, total, signature, noticeSerial });
    }
  }
  return lists;
}

const judged = async (...shown: readonly Shown[]) =>
  Object.fromEntries(await (await read({ day: today, drops: [] }, ...shown)).judge(notice));

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

test("today, and a list of which a block is missing, are not judged", async () => {
  const drops = dummies(70);
  const lists = await read({ day: today, drops, signature: desk.signList(today, []) });
  const rest = { day: today - 1, shard: 0, total: 70, signature: null, noticeSerial: 7 };
  for (const from of [64, 0]) await lists.take({ ...rest, from, drops: drops.slice(from, from + 32) });
  assert.equal((await lists.judge(notice)).size, 0);
  await lists.take({ ...rest, from: 32, drops: drops.slice(32, 64) });
  assert.equal((await lists.judge(notice)).get(today - 1), "not yet");
});

test("a signature beside another notice says nothing until that notice is here", async () => {
  const signature = desk.signList(today - 1, dummies(1));
  const found = await judged({ day: today - 1, drops: dummies(1), signature, noticeSerial: 8 });
  assert.deepEqual(found, { [today - 1]: "not yet" });
});
