// Work stamps: what was asked is done and no more, for any cell alike, and leaving ends it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type Bytes, concat, u32, utf8 } from "../src/protocol/bytes.ts";
import { Caller } from "../src/protocol/caller.ts";
import { splitMessage } from "../src/protocol/message.ts";
import { verifyNotice } from "../src/protocol/notice.ts";
import { makeStamp, NO_STAMP } from "../src/protocol/stamp.ts";
import { Outbox } from "../src/visit/outbox.ts";
import { Visit } from "../src/visit/visit.ts";
import { FakeHub } from "./fake_hub.ts";
import { fakeWorld, NOON_MS } from "./fake_world.ts";
import { TestDesk } from "./test_desk.ts";

const desk = await TestDesk.create();
const caller = await Caller.fromRoot(new Uint8Array(32).fill(8));
const bound = { fingerprint: new Uint8Array(32).fill(1), cell: new Uint8Array(4096).fill(2) };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function visitAt(script: (hub: FakeHub, n: number) => void, slots = 6, seed = 1) {
  const world = fakeWorld(seed);
  const plain = desk.noticeBody(NOON_MS);
  const cover = { ...(plain.cover as object), visit_exchanges: slots };
  const envelope = desk.envelope({ ...plain, cover }, NOON_MS);
  const hub = new FakeHub(envelope, () => world.now());
  const exchange = hub.exchange.bind(hub);
  hub.exchange = (request) => {
    script(hub, hub.requests.length);
    return exchange(request);
  };
  const outbox = new Outbox();
  const visit = new Visit(world, hub, await verifyNotice(envelope, null, NOON_MS), outbox, {
    heard: () => {},
    noticeChanged: () => {},
    changed: () => {},
  });
  return { world, hub, outbox, visit };
}

/** Effort and round of each request, as the desk's hub reads them; every stamp holds for its cell. */
function efforts(hub: FakeHub): [number, number][] {
  const sha256 = (...parts: Uint8Array[]): Bytes =>
    new Uint8Array(
      createHash("sha256")
        .update(concat(...parts))
        .digest(),
    );
  return hub.requests.map((request) => {
    const [effort = 0, reserved] = request.subarray(16);
    const round = request.subarray(18, 20);
    const label = utf8("callsign/v1 stamp\0");
    const challenge = sha256(label, desk.fingerprint, round, request.subarray(96));
    const hash = sha256(challenge, request.subarray(20, 28));
    const bits = [...hash].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    assert.ok(bits.slice(0, effort) === "0".repeat(effort));
    assert.ok([reserved, ...request.subarray(28, 96)].every((byte) => byte === 0));
    return [effort, Buffer.from(round).readUInt16BE()];
  });
}

test("real cells and cover carry the stamp that was asked for last", async () => {
  const { hub, outbox, visit } = await visitAt((hub, n) => {
    hub.outcome = n === 0 ? 1 : 0;
    hub.toll = n < 3 ? { effort: 6, round: 900 } : { effort: 4, round: 0xffff };
  });
  const text = { track: "", language: "en", text: "text", safeTimes: "" };
  outbox.add(splitMessage(text, new Uint8Array(16)), caller);
  await visit.run();
  assert.deepEqual(efforts(hub), [[0, 0], ...Array(3).fill([6, 900]), ...Array(2).fill([4, 0xffff])]);
  const opened = await Promise.all(hub.cells.map((cell) => desk.openCell(cell)));
  assert.deepEqual(
    opened.map(({ payload }) => payload?.text),
    [undefined, "text", ...Array(3).fill(undefined)],
  );
  const begun = new Set(
    hub.requests.slice(1).map((request) => Buffer.from(request.slice(20, 24)).readUInt32BE()),
  );
  assert.equal(begun.size, 5, "each search begins elsewhere");
});

test("writing shows in no stamp", async () => {
  const shapes = await Promise.all(
    [false, true].map(async (writes) => {
      const { hub, outbox, visit, world } = await visitAt((hub, n) => {
        hub.outcome = n % 3 === 1 ? 1 : 0;
        hub.toll = n % 4 === 3 ? { effort: 0, round: 0 } : { effort: 3, round: n };
      }, 20);
      const text = { track: "", language: "en", text: "x".repeat(9_000), safeTimes: "" };
      if (writes) outbox.add(splitMessage(text, new Uint8Array(16)), caller);
      await visit.run();
      return { efforts: efforts(hub), asked: hub.asked, waits: world.waits };
    }),
  );
  assert.equal(shapes[0]?.efforts.filter(([effort]) => effort === 3).length, 15);
  assert.deepEqual(shapes[0], shapes[1]);
});

test("the newest answer counts, and none changes nothing", async () => {
  const otherShard = (answer: Bytes): Bytes => concat(answer.slice(0, 8), u32(1), answer.slice(12));
  const { hub, visit } = await visitAt((hub, n) => {
    hub.toll = { effort: n === 1 ? 9 : 2, round: n };
    // The second is another list's answer, and is not believed; the third does not come; the fourth knows no such list.
    hub.lie = n === 1 ? otherShard : (answer) => answer;
    hub.away = n === 2;
    hub.outcome = n === 3 ? 3 : 0;
  });
  await visit.run();
  assert.deepEqual(
    efforts(hub).map(([, round]) => round),
    [0, 0, 0, 0, 3, 4],
  );
});

test("what was asked in one visit is not known in the next", async () => {
  for (const seed of [1, 2]) {
    const asking = (hub: FakeHub): void => {
      hub.toll = { effort: 3, round: 5 };
    };
    const { hub, visit } = await visitAt(asking, 2, seed);
    await visit.run();
    assert.deepEqual(efforts(hub), [
      [0, 0],
      [3, 5],
    ]);
  }
});

test("no more is done than the greatest effort", async () => {
  const signal = new AbortController().signal;
  const found = await makeStamp({ effort: 255, round: 1 }, bound, new Uint8Array(8), turn, signal);
  assert.equal(found?.effort, 20);
});

test("leaving ends a search, and nothing is sent", async () => {
  const leaving = new AbortController();
  let turns = 0;
  const leave = async (): Promise<void> => {
    if (++turns === 3) leaving.abort();
  };
  const found = await makeStamp({ effort: 20, round: 1 }, bound, new Uint8Array(8), leave, leaving.signal);
  assert.deepEqual([found, turns], [null, 3]);
  const { hub, visit, world } = await visitAt((hub) => {
    hub.toll = { effort: 20, round: 1 };
  });
  world.turn = async () => visit.leave();
  await visit.run();
  assert.deepEqual([hub.requests.length, visit.ended], [1, "left"]);
});

test("nothing is done where nothing is asked", async () => {
  const never = (): Promise<void> => assert.fail("there is nothing to wait for");
  const signal = new AbortController().signal;
  assert.deepEqual(
    await makeStamp({ effort: 0, round: 0 }, bound, new Uint8Array(8).fill(3), never, signal),
    NO_STAMP,
  );
});
