// A hub in memory: keeps cells, serves blocks of drops, and can be told to fail or to lie.
import { randomBytes } from "node:crypto";
import { type Bytes, concat, hex, readU32, u8, u16, u32 } from "../src/protocol/bytes.ts";
import { dayOf } from "../src/protocol/day.ts";
import { LAST_BLOCK, lastBlock } from "../src/protocol/exchange.ts";
import { NO_TOLL, type Toll } from "../src/protocol/stamp.ts";
import { CallsNotTaken, type Hub, HubAway } from "../src/visit/world.ts";
import { chainOf } from "./test_desk.ts";

/** What a request asked for, without its cell. */
export interface Asked {
  readonly day: number;
  readonly shard: number;
  readonly from: number;
}

export class FakeHub implements Hub {
  readonly cells: Bytes[] = [];
  readonly asked: Asked[] = [];
  readonly requests: Bytes[] = [];
  readonly fetched: string[] = [];
  readonly drops = new Map<number, Bytes[]>();
  /** By day, 64 bytes each. */
  readonly signatures = new Map<number, Bytes>();
  /** By day, what goes with those. */
  readonly minutes = new Map<number, number>();
  readonly packs = new Map<string, Bytes>();
  /** Null for a hub that has none. */
  lettersDocument: Bytes | null = null;
  noticeSerial = 7;
  /** Set to make the next exchanges fail. */
  away = false;
  callsTaken = true;
  outcome = 0;
  /** What the answers ask of the next exchange. */
  toll: Toll = NO_TOLL;
  /** Changes an answer before it leaves: what a lying hub does. */
  lie: (answer: Bytes, asked: Asked) => Bytes = (answer) => answer;
  onExchange: () => void = () => {};

  constructor(
    public envelope: Bytes,
    private readonly now: () => number,
  ) {}

  async notice(): Promise<Bytes> {
    this.fetched.push("notice");
    if (this.away) throw new HubAway();
    return this.envelope;
  }

  async content(hash: Bytes): Promise<Bytes> {
    this.fetched.push(`content ${hex(hash)}`);
    const pack = this.packs.get(hex(hash));
    if (this.away || !pack) throw new HubAway();
    return pack;
  }

  async letters(): Promise<Bytes> {
    this.fetched.push("letters");
    if (this.away || !this.lettersDocument) throw new HubAway();
    return this.lettersDocument;
  }

  async exchange(request: Bytes): Promise<Bytes> {
    const asked = { day: readU32(request, 4), shard: readU32(request, 8), from: readU32(request, 12) };
    this.asked.push(asked);
    this.requests.push(request);
    if (!this.callsTaken) throw new CallsNotTaken();
    if (this.away) throw new HubAway();
    if (this.outcome === 0) this.cells.push(request.slice(96));
    this.onExchange();
    return this.lie(this.answer(asked), asked);
  }

  post(day: number, ...drops: Bytes[]): void {
    this.drops.set(day, [...(this.drops.get(day) ?? []), ...drops]);
  }

  private answer({ day: wantedDay, shard, from: wantedFrom }: Asked): Bytes {
    const day = wantedDay || dayOf(this.now());
    const list = this.drops.get(day) ?? [];
    const from = wantedFrom === LAST_BLOCK ? lastBlock(list.length) : wantedFrom;
    const block = concat(...list.slice(from, from + 32));
    return concat(
      u8(1),
      u8(this.outcome),
      u16(this.minutes.get(day) ?? 0),
      u32(day),
      u32(shard),
      u32(from),
      u32(list.length),
      u32(0),
      u32(this.noticeSerial),
      this.signatures.get(day) ?? new Uint8Array(64),
      u8(this.toll.effort),
      u8(0),
      u16(this.toll.round),
      chainOf(list.slice(0, from)),
      block,
      new Uint8Array(randomBytes(32_768 - block.length)),
    );
  }
}

export const dummies = (count: number): Bytes[] =>
  Array.from({ length: count }, () => new Uint8Array(randomBytes(1024)));
