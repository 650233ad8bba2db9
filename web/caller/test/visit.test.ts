// A visit looks the same on the wire whatever it is for, loses nothing, and ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, readU32, u32 } from "../src/protocol/bytes.ts";
import { Caller } from "../src/protocol/caller.ts";
import { dayOf } from "../src/protocol/day.ts";
import { LAST_BLOCK } from "../src/protocol/exchange.ts";
import { splitMessage } from "../src/protocol/message.ts";
import { verifyNotice } from "../src/protocol/notice.ts";
import type { Block } from "../src/visit/broadcast.ts";
import { Outbox } from "../src/visit/outbox.ts";
import { slotGapMs, UNIFORM_END } from "../src/visit/slots.ts";
import { Visit } from "../src/visit/visit.ts";
import { HubAway } from "../src/visit/world.ts";
import { type Asked, dummies, FakeHub } from "./fake_hub.ts";
import { fakeWorld, generator, NOON_MS } from "./fake_world.ts";
import { type Json, TestDesk } from "./test_desk.ts";

const desk = await TestDesk.create();
const caller = await Caller.fromRoot(new Uint8Array(32).fill(8));
const today = dayOf(NOON_MS);

async function visitWith(
  options: { seed?: number; cover?: Json; body?: Json; aheadMs?: number; hub?: (hub: FakeHub) => void } = {},
) {
  const world = fakeWorld(options.seed ?? 1);
  const plain = desk.noticeBody(NOON_MS);
  const body = { ...plain, ...options.body, cover: { ...(plain.cover as Json), ...options.cover } };
  const envelope = desk.envelope(body, NOON_MS);
  const hub = new FakeHub(envelope, () => world.now() + (options.aheadMs ?? 0));
  options.hub?.(hub);
  const outbox = new Outbox();
  const blocks: Block[] = [];
  const notices: number[] = [];
  const visit = new Visit(world, hub, await verifyNotice(envelope, null, NOON_MS), outbox, {
    heard: (block) => blocks.push(block),
    noticeChanged: (notice) => notices.push(notice.serial),
    changed: () => {},
  });
  return { world, hub, outbox, visit, blocks, notices, body };
}

const write = (outbox: Outbox, text: string, id = 1): void =>
  outbox.add(
    splitMessage({ track: "", language: "en", text, safeTimes: "" }, new Uint8Array(16).fill(id)),
    caller,
  );

async function textsIn(hub: FakeHub): Promise<string[]> {
  const opened = await Promise.all(hub.cells.map((cell) => desk.openCell(cell)));
  return opened.flatMap(({ payload }) => (payload ? [payload.text as string] : []));
}

test("writing, reading and merely visiting ask for the same things at the same times", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const cover = { move_after_ms: 20_000, visit_exchanges: 40 };
    const growing = (hub: FakeHub): void => {
      const random = generator(seed);
      for (let back = 0; back < 14; back++) hub.post(today - back, ...dummies(Math.floor(random() * 80)));
      let count = 0;
      hub.onExchange = () => {
        count++;
        if (random() < 0.2) hub.post(today, ...dummies(Math.floor(random() * 70)));
        hub.outcome = random() < 0.1 ? 1 : 0;
        hub.away = random() < 0.1 && count < 30;
      };
    };
    const traces = [];
    for (const run of ["looks", "writes", "reads", "reads late", "has enough"] as const) {
      const { world, hub, outbox, visit } = await visitWith({ seed, cover, hub: growing });
      if (run === "writes") write(outbox, "x".repeat(6000));
      if (run === "reads") visit.lookFor(caller.shardBits);
      const { onExchange } = hub;
      hub.onExchange = () => {
        onExchange();
        if (run === "reads late" && hub.asked.length === 15) visit.lookFor(caller.shardBits);
        // With one shard there is nothing to move.
        if (run === "has enough" && hub.asked.length === 10) visit.lookNow(caller.shardBits);
      };
      await visit.run();
      assert.equal(visit.ended, "used up");
      traces.push({ asked: hub.asked, fetched: hub.fetched, waits: world.waits });
    }
    for (const trace of traces) assert.deepEqual(trace, traces[0], `seed ${seed}`);
  }
});

test("a visit walks from its first slot", async () => {
  const { hub, visit } = await visitWith();
  hub.post(today, ...dummies(100));
  await visit.run();
  const { from } = hub.asked[0] as Asked;
  assert.equal(from, LAST_BLOCK);
  assert.deepEqual(
    hub.asked.slice(1, 5).map(({ day, from }) => [day, from]),
    [
      [today, 64],
      [today, 32],
      [today, 0],
      [today - 1, LAST_BLOCK],
    ],
  );
});

/** Two shards until the day before yesterday, then four. */
const SHARDED = {
  plan: [
    { from: today - 14, shards: 2, drop_period_s: 60 },
    { from: today - 1, shards: 4, drop_period_s: 60 },
  ],
};

/** The shards of the days with most shards, one walk after the other, with the slot in which each begins. */
function walksOf(hub: FakeHub): { slot: number; shard: number }[] {
  const walks: { slot: number; shard: number }[] = [];
  hub.asked.forEach(({ day, shard }, slot) => {
    if ((day === 0 || day >= today - 1) && walks.at(-1)?.shard !== shard) walks.push({ slot, shard });
  });
  return walks;
}

test("with several shards a visit moves at a drawn time and when a walk is whole; a phrase decides one move", async () => {
  const own = caller.shardBits >> 14;
  const run = async (seed: number, does: "looks" | "writes" | "reads" | "reads late") => {
    const cover = { move_after_ms: 9_000, visit_exchanges: 60 };
    const { world, hub, outbox, visit } = await visitWith({ seed, cover, body: SHARDED });
    if (does === "writes") write(outbox, "x".repeat(6000));
    if (does === "reads") visit.lookFor(caller.shardBits);
    hub.onExchange = () => {
      if (does === "reads late" && hub.asked.length === 20) visit.lookFor(caller.shardBits);
    };
    await visit.run();
    return { asked: hub.asked, waits: world.waits, walks: walksOf(hub), visit };
  };
  for (let seed = 1; seed <= 12; seed++) {
    const looks = await run(seed, "looks");
    const writes = await run(seed, "writes");
    const [reads, late] = [await run(seed, "reads"), await run(seed, "reads late")];
    assert.deepEqual(writes.asked, looks.asked, "a phrase that was made in this visit moves nothing");
    assert.deepEqual(writes.waits, looks.waits);
    // Where the first walk ends does not hang on the phrase; what comes then is the phrase's.
    const moves = Math.min(...[looks, reads].map(({ walks }) => walks[1]?.slot ?? 60));
    assert.deepEqual(reads.asked.slice(0, moves), looks.asked.slice(0, moves), `seed ${seed}`);
    assert.deepEqual(reads.waits.slice(0, moves), looks.waits.slice(0, moves), `seed ${seed}`);
    const elapsed = (slot: number): number => looks.waits.slice(0, slot + 1).reduce((sum, ms) => sum + ms, 0);
    const first = looks.walks[1];
    if (first && looks.walks[0]?.shard !== first.shard && first.slot < 14) {
      assert.ok(elapsed(first.slot) >= 9_000 && elapsed(first.slot - 1) < 18_000, `seed ${seed}`);
    }
    assert.ok(
      [reads, late].every(({ visit }) => visit.progress(caller.shardBits).done),
      `seed ${seed}`,
    );
    assert.ok(
      reads.walks.slice(0, 2).some(({ shard }) => shard === own),
      `seed ${seed}`,
    );
    assert.deepEqual(late.asked.slice(0, 20), looks.asked.slice(0, 20));
  }
});

test("who looks now is there with the next slot, and stays until all is read", async () => {
  const { hub, visit } = await visitWith({ seed: 5, cover: { move_after_ms: 60_000 }, body: SHARDED });
  const states: string[] = [];
  const own = caller.shardBits ^ 0x8000;
  hub.onExchange = () => {
    const slots = hub.asked.length;
    if (slots === 1) visit.lookFor(own);
    if (slots === 3) visit.lookNow(own);
    states.push(visit.progress(own).at);
  };
  await visit.run();
  const shards = hub.asked.map(({ day, shard }) => (day === 0 || day >= today - 1 ? shard : null));
  assert.notEqual(shards[0], own >> 14);
  assert.equal(
    shards.findIndex((shard) => shard === own >> 14),
    3,
  );
  const whole = hub.asked.findIndex(({ day }, slot) => slot > 3 && day === today - 13);
  assert.ok(shards.slice(3, whole + 1).every((shard) => shard === null || shard === own >> 14));
  assert.deepEqual(states.slice(0, 3), ["next", "next", "here"]);
  assert.ok(states.slice(whole + 1).includes("elsewhere"));
  assert.deepEqual(visit.progress(own).done, true);
});

test("where the hub's day has another number of shards, today is asked for again", async () => {
  const plan = [
    { from: today - 14, shards: 1, drop_period_s: 60 },
    { from: today + 1, shards: 256, drop_period_s: 60 },
  ];
  const { hub, visit } = await visitWith({ body: { plan, days: 3 }, cover: { visit_exchanges: 6 } });
  hub.lie = (answer, { day }) =>
    day === 0 ? concat(answer.slice(0, 4), u32(today + 1), answer.slice(8)) : answer;
  visit.lookNow(0xabcd);
  await visit.run();
  assert.deepEqual(
    hub.asked.slice(0, 4).map(({ day, shard }) => [day, shard]),
    [
      [0, 0],
      [0, 0xab],
      [today, 0],
      [today - 1, 0],
    ],
  );
});

test("every slot is used, and then the visit ends", async () => {
  const { hub, visit } = await visitWith({ cover: { visit_exchanges: 25 } });
  await visit.run();
  assert.equal(hub.asked.length, 25);
  assert.equal(visit.ended, "used up");
  assert.equal(visit.slotsLeft, 0);
});

test("what is written goes part by part in the next slots, once", async () => {
  const { hub, outbox, visit } = await visitWith();
  write(outbox, "ж".repeat(3000));
  write(outbox, "two", 2);
  await visit.run();
  assert.deepEqual((await textsIn(hub)).join(""), `${"ж".repeat(3000)}two`);
  assert.ok(outbox.sentBy(caller).every((sent) => sent.partsStored === sent.parts));
  assert.equal(hub.cells.length, 60);
});

test("a hub that is away or full loses nothing: sealed afresh, tried again, later and later", async () => {
  const { world, hub, outbox, visit } = await visitWith({ seed: 3, cover: { gap_growth_percent: 0 } });
  const requests: string[] = [];
  const exchange = hub.exchange.bind(hub);
  hub.exchange = (request) => {
    requests.push(Buffer.from(request.slice(96)).toString("hex"));
    const n = requests.length;
    hub.away = n <= 6;
    hub.outcome = n <= 9 ? 1 : 0;
    return exchange(request);
  };
  write(outbox, "kept");
  await visit.run();
  assert.deepEqual(await textsIn(hub), ["kept"]);
  assert.equal(new Set(requests).size, requests.length, "no cell is ever sent twice");
  const mean = (waits: readonly number[]): number => waits.reduce((a, b) => a + b, 0) / waits.length;
  assert.ok(mean(world.waits.slice(3, 9)) > 2 * mean(world.waits.slice(12)), "it backs off");
});

test("where an answer was lost it is not known whether the message is stored, until it is, as the same message", async () => {
  const { hub, outbox, visit } = await visitWith({ cover: { visit_exchanges: 7 } });
  write(outbox, "once");
  const seen: boolean[] = [];
  // The hub has the cell each time; what it says gets lost, or is not what it may say.
  hub.onExchange = () => seen.push(outbox.hasDoubts);
  hub.lie = (answer) => {
    if (hub.cells.length === 2) throw new HubAway();
    return hub.cells.length === 3 ? answer.slice(1) : answer;
  };
  await visit.run();
  assert.deepEqual(seen, [false, false, true, true, false, false, false]);
  assert.equal(outbox.isUnused, false);
  assert.deepEqual(
    outbox.sentBy(caller).map(({ partsStored, inDoubt }) => [partsStored, inDoubt]),
    [[1, false]],
  );
  const opened = await Promise.all(hub.cells.map((cell) => desk.openCell(cell)));
  const ids = opened.flatMap(({ payload }) => (payload ? [payload.id] : []));
  assert.deepEqual(ids, [ids[0], ids[0], ids[0]]);
});

test("a hub that says that it does not store leaves no doubt", async () => {
  for (const refuse of [(hub: FakeHub) => (hub.outcome = 1), (hub: FakeHub) => (hub.callsTaken = false)]) {
    const { outbox, visit } = await visitWith({ cover: { visit_exchanges: 3 }, hub: refuse });
    write(outbox, "not yet");
    await visit.run();
    assert.equal(outbox.hasDoubts, false);
  }
});

test("a tick is never given for less than a fitting answer that says stored", async () => {
  const lies: ((hub: FakeHub) => void)[] = [
    (hub) => {
      hub.outcome = 1;
    },
    (hub) => {
      hub.outcome = 3;
    },
    (hub) => {
      hub.lie = (answer) => answer.slice(0, 96);
    },
    (hub) => {
      hub.lie = (answer) => concat(answer, new Uint8Array(1));
    },
    (hub) => {
      hub.lie = (answer) => concat(answer.slice(0, 4), u32(today + 5), answer.slice(8));
    },
    (hub) => {
      hub.lie = (answer) => concat(answer.slice(0, 4), u32(1), answer.slice(8));
    },
    (hub) => {
      hub.lie = (answer) => concat(answer.slice(0, 12), u32(32), answer.slice(16));
    },
  ];
  for (const lie of lies) {
    const { outbox, visit, hub } = await visitWith({ hub: lie });
    write(outbox, "x");
    visit.lookFor(caller.shardBits);
    await visit.run();
    assert.equal(outbox.sentBy(caller)[0]?.partsStored, 0);
    assert.equal(hub.asked.length, 60);
  }
});

test("absurd totals and days end with the visit, like everything else", async () => {
  const { hub, visit } = await visitWith({
    hub: (it) => {
      it.lie = (answer, asked) => {
        const from = asked.from === LAST_BLOCK ? 0xffffffe0 : asked.from;
        return concat(answer.slice(0, 12), u32(from), u32(0xffffffff), answer.slice(20));
      };
    },
  });
  await visit.run();
  assert.equal(hub.asked.length, 60);
  assert.equal(visit.ended, "used up");
});

test("an address that takes no calls ends the visit at once", async () => {
  const { hub, visit } = await visitWith({
    hub: (it) => {
      it.callsTaken = false;
    },
  });
  await visit.run();
  assert.equal(visit.ended, "calls not taken");
  assert.equal(hub.asked.length, 1);
});

test("once the hub has taken an exchange, a 404 is a failure like any other", async () => {
  const { hub, outbox, visit } = await visitWith({ cover: { visit_exchanges: 12 } });
  hub.onExchange = () => {
    hub.callsTaken = false;
    if (hub.asked.length === 1) write(outbox, "kept");
  };
  const exchange = hub.exchange.bind(hub);
  hub.exchange = (request) => {
    if (hub.asked.length === 6) hub.callsTaken = true;
    return exchange(request);
  };
  await visit.run();
  assert.equal(visit.ended, "used up");
  assert.equal(hub.asked.length, 12);
  assert.deepEqual(await textsIn(hub), ["kept"]);
});

test("a hub of another version ends the visit", async () => {
  const { visit } = await visitWith({
    hub: (it) => {
      it.outcome = 2;
    },
  });
  await visit.run();
  assert.equal(visit.ended, "outdated page");
});

test("a desk that has moved to another version of the envelope ends the visit", async () => {
  const { hub, visit } = await visitWith({ cover: { visit_exchanges: 10 } });
  hub.onExchange = () => {
    hub.noticeSerial = 8;
    hub.envelope = hub.envelope.map((byte, i) => (i === 0 ? 2 : byte));
  };
  await visit.run();
  assert.equal(visit.ended, "outdated page");
  assert.equal(hub.asked.length, 1);
});

test("a higher serial brings the new notice before the next slot, a false one is asked for once", async () => {
  const { world, hub, visit, notices, body } = await visitWith({ cover: { visit_exchanges: 10 } });
  hub.onExchange = () => {
    if (hub.asked.length !== 3) return;
    hub.noticeSerial = 8;
    hub.envelope = desk.envelope({ ...body, serial: 8 }, world.now());
  };
  await visit.run();
  assert.deepEqual(notices, [8]);
  assert.deepEqual(hub.fetched, ["notice"]);
  // Cells sealed from then on open under the new notice.
  await desk.openCell(hub.cells[5] as Uint8Array<ArrayBuffer>);

  const liar = await visitWith({
    cover: { visit_exchanges: 10 },
    hub: (it) => {
      it.noticeSerial = 99;
    },
  });
  await liar.visit.run();
  assert.equal(liar.hub.fetched.length, 1);
  assert.deepEqual(liar.notices, []);
});

test("within a visit no notice is taken that a replaced duty key has signed, and a renewed certificate is no other key", async () => {
  for (const [number, seed, expected] of [
    [0, 9, []],
    [1, 9, []],
    [2, 9, [8]],
    [0, 2, [8]],
    [2, 2, [8]],
  ] as const) {
    const { world, hub, visit, notices, body } = await visitWith({ cover: { visit_exchanges: 10 } });
    hub.onExchange = () => {
      if (hub.asked.length !== 3) return;
      hub.noticeSerial = 8;
      const signer = { seed: new Uint8Array(32).fill(seed), number };
      hub.envelope = desk.envelope({ ...body, serial: 8 }, world.now(), undefined, signer);
    };
    await visit.run();
    assert.deepEqual(notices, expected, `certificate ${number} of key ${seed}`);
    assert.equal(hub.fetched.length, 1);
  }
});

test("nothing is sealed under a notice that has ended", async () => {
  const { world, hub, visit, outbox, notices, body } = await visitWith({ cover: { visit_exchanges: 10 } });
  write(outbox, "late");
  hub.onExchange = () => {
    if (hub.asked.length === 1) write(outbox, "later", 2);
    if (hub.asked.length === 2) world.advance(4 * 86_400_000);
  };
  const notice = hub.notice.bind(hub);
  hub.notice = () => {
    // The desk is late: a new notice only after some slots.
    if (hub.fetched.length === 3) {
      const issued = Math.floor(world.now() / 1000);
      hub.envelope = desk.envelope({ ...body, serial: 8, issued, expires: issued + 3600 }, world.now());
    }
    return notice();
  };
  await visit.run();
  assert.equal(hub.fetched.length, 4);
  assert.deepEqual(notices, [8]);
  assert.equal(hub.asked.length, 10 - 3);
});

test("a hub that cannot store is still read", async () => {
  const { hub, visit, blocks, outbox } = await visitWith({
    cover: { visit_exchanges: 6 },
    body: { days: 1 },
  });
  hub.post(today, ...dummies(70));
  hub.outcome = 1;
  write(outbox, "x");
  await visit.run();
  assert.deepEqual(
    blocks.map(({ from }) => from),
    [64, 32, 0, 64, 64, 64],
  );
  assert.equal(outbox.sentBy(caller)[0]?.partsStored, 0);
  assert.equal(visit.away, true);
});

test("a notice of another desk is not taken over", async () => {
  const { hub, visit, notices } = await visitWith({ cover: { visit_exchanges: 5 } });
  hub.noticeSerial = 8;
  hub.envelope = hub.envelope.map((byte, i) => (i === 200 ? byte ^ 1 : byte));
  await visit.run();
  assert.deepEqual(notices, []);
  assert.equal(visit.ended, "used up");
});

test("an unknown day is passed over after another look at the notice", async () => {
  const { hub, visit } = await visitWith({ cover: { visit_exchanges: 8 }, body: { days: 3 } });
  hub.onExchange = () => {
    hub.outcome = (hub.asked.at(-1)?.day ?? 0) === 0 ? 0 : 3;
  };
  await visit.run();
  assert.deepEqual(
    hub.asked.map(({ day }) => day),
    [0, today - 1, today - 2, 0, 0, 0, 0, 0],
  );
  assert.equal(hub.fetched.length, 2);
  assert.equal(visit.progress(caller.shardBits).done, true);
});

test("fast sends without waiting while something waits, and only then", async () => {
  const { world, hub, outbox, visit } = await visitWith({ cover: { visit_exchanges: 12 } });
  write(outbox, "x".repeat(9000));
  visit.sendWithoutWaiting();
  await visit.run();
  const parts = outbox.sentBy(caller)[0]?.parts ?? 0;
  assert.ok(parts >= 4);
  assert.equal((await textsIn(hub)).length, parts);
  // And the first, which never carries a part.
  assert.equal(world.waits.length, 12 - parts - 1);
  assert.equal(visit.fast, false);
});

test("fast does not hammer a hub that is away", async () => {
  const { world, hub, outbox, visit } = await visitWith({ cover: { visit_exchanges: 12 } });
  hub.away = true;
  write(outbox, "x");
  visit.sendWithoutWaiting();
  await visit.run();
  assert.equal(world.waits.length, 11);
});

/** The day that each cell names. */
const epochs = (hub: FakeHub): number[] => hub.cells.map((cell) => readU32(cell, 1));

test("a cell names the hub's day whatever the device's clock says, the first the notice's first", async () => {
  for (const hours of [-20, -13, 0, 13, 20, 36]) {
    const { hub, outbox, visit } = await visitWith({
      cover: { visit_exchanges: 4 },
      aheadMs: hours * 3_600_000,
    });
    write(outbox, "text");
    await visit.run();
    const hubs = Math.max(today, dayOf(NOON_MS + hours * 3_600_000));
    assert.deepEqual(epochs(hub), [today, hubs, hubs, hubs], `${hours} hours`);
  }
});

test("no part is sent before an answer has told the hub's day, fast or not", async () => {
  for (const fast of [false, true]) {
    const { hub, outbox, visit } = await visitWith({ cover: { visit_exchanges: 6 } });
    write(outbox, "text");
    if (fast) visit.sendWithoutWaiting();
    hub.lie = (answer) => (hub.cells.length < 3 ? answer.slice(1) : answer);
    await visit.run();
    const opened = await Promise.all(hub.cells.map((cell) => desk.openCell(cell)));
    const real = opened.map(({ payload }) => payload !== null);
    assert.deepEqual(real, [false, false, false, true, false, false]);
    // What was never sent is not in doubt.
    assert.equal(outbox.hasDoubts, false);
  }
});

test("work that not everybody has is done in gaps, and moves no request", async () => {
  const plain = await visitWith({ cover: { visit_exchanges: 20 } });
  await plain.visit.run();
  const { world, hub, visit } = await visitWith({ cover: { visit_exchanges: 20 } });
  let exchanging = false;
  const { exchange } = hub;
  hub.exchange = async (request) => {
    exchanging = true;
    await new Promise((resolve) => setImmediate(resolve));
    const answer = await exchange.call(hub, request);
    exchanging = false;
    return answer;
  };
  let done = 0;
  const work = async (): Promise<void> => {
    assert.equal(exchanging, false);
    await Promise.resolve();
    done++;
  };
  hub.onExchange = () => {
    for (let n = 0; n < 3; n++) void visit.inGap(work);
  };
  await visit.run();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, 60);
  assert.deepEqual(world.waits, plain.world.waits);
});

test("a slot before which work is not done leaves at the next drawn time", async () => {
  const { world, hub, visit } = await visitWith({ cover: { visit_exchanges: 3 } });
  let end = (): void => {};
  void visit.inGap(() => new Promise<void>((resolve) => (end = resolve)));
  const running = visit.run();
  while (world.waits.length < 4) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(hub.asked.length, 0);
  end();
  await running;
  assert.equal(hub.asked.length, 3);
  // Each of them drawn as any gap is.
  const random = fakeWorld(1);
  random.uniform();
  random.uniform();
  const { cover } = await verifyNotice(hub.envelope, null, NOON_MS);
  const drawn = world.waits.slice(0, 4).map(() => slotGapMs(cover, 0, 0, random.uniform()));
  assert.deepEqual(world.waits.slice(0, 4), drawn);
});

test("who leaves sends nothing more", async () => {
  const { hub, visit } = await visitWith();
  hub.onExchange = () => {
    if (hub.asked.length === 4) visit.leave();
  };
  await visit.run();
  assert.equal(hub.asked.length, 4);
  assert.equal(visit.ended, "left");
});

test("gaps are exponential, cut at three means, growing to the longest", () => {
  const cover = { gapMs: 1000, gapMaxMs: 5000, gapGrowthPercent: 50, visitExchanges: 9, moveAfterMs: 0 };
  const median = Math.floor((1 - Math.exp(-1)) * UNIFORM_END);
  const most = UNIFORM_END - 1;
  assert.ok(slotGapMs(cover, 0, 0, 0) === 0);
  assert.equal(slotGapMs(cover, 0, 0, median), 1000);
  assert.equal(slotGapMs(cover, 1, 0, median), 1500);
  assert.equal(slotGapMs(cover, 0, 0, most), 3000);
  assert.equal(slotGapMs(cover, 100, 0, most), 15_000);
  assert.equal(slotGapMs(cover, 0, 2, median), 4000);
  assert.equal(slotGapMs(cover, 2000, 2000, most), 15_000);
});
