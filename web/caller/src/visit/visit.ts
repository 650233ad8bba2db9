// A visit: exchanges in slots, the same on the wire whether somebody writes, reads or merely looks (docs/protocol.md, section 8.1).
import { type Bytes, EMPTY, Malformed } from "../protocol/bytes.ts";
import { sealCell } from "../protocol/cell.ts";
import { dayOf } from "../protocol/day.ts";
import { mayFollow, Refusal } from "../protocol/envelope.ts";
import {
  type Answer,
  decodeAnswer,
  encodeRequest,
  isNear,
  TODAY,
  type Wanted,
} from "../protocol/exchange.ts";
import { partPayload } from "../protocol/message.ts";
import { hasExpired, type InboxKey, inboxKeyFor, type Notice, verifyNotice } from "../protocol/notice.ts";
import { shardOn } from "../protocol/plan.ts";
import { XWING_RANDOM_BYTES } from "../protocol/primitives.ts";
import { makeStamp, NO_TOLL, NONCE_BYTES, type Stamp, type Toll } from "../protocol/stamp.ts";
import type { Block } from "./broadcast.ts";
import type { Outbox, Waiting } from "./outbox.ts";
import { drawnBits, firstMoveMs, slotGapMs } from "./slots.ts";
import { Walk } from "./walk.ts";
import { CallsNotTaken, type Hub, HubAway, type World } from "./world.ts";

/** A slot that comes sooner leaves no room for work before it; half a first gap where that is less. */
const ROOM_MS = 250;

/** Why no further slot comes. */
export type VisitEnd = "used up" | "left" | "calls not taken" | "outdated page";

/** What a visit has to do with the lists of one phrase. */
export interface Progress {
  /** It is there, the next move goes there, or neither. */
  readonly at: "here" | "next" | "elsewhere";
  /** The days that are listed. */
  readonly days: number;
  readonly daysRead: number;
  /** All is read that is listed. */
  readonly done: boolean;
}

export interface VisitEvents {
  /** Drops came. The visit does not wait until they are looked at, so its pace tells nothing of what was found. */
  heard(block: Block): void;
  /** The desk has published another notice, already verified. */
  noticeChanged(notice: Notice): void;
  /** Something that the page shows has changed. */
  changed(): void;
}

/** Whether the notice is to be fetched again before the next slot. */
interface Renewal {
  /** The highest serial that an answer has named. */
  announced: number;
  /** The highest one for which the hub has already shown what it has. */
  readonly answered: number;
  /** The hub did not know a list. */
  wanted: boolean;
}

export class Visit {
  ended: VisitEnd | null = null;
  /** The caller has chosen not to wait for slots. */
  fast = false;
  /** Slots that may still come. */
  slotsLeft: number;
  /** The hub has answered an exchange at this address, so it takes calls here: a 404 that comes later is a failure like others. */
  callsTaken = false;

  private readonly walk: Walk;
  /** The time of the first move; null once it was made. */
  private movesAtMs: number | null;
  /** The shard that the next move goes to; a drawn one where null. */
  private nextBits: number | null = null;
  private failures = 0;
  /** What the hub asks of the next exchange. */
  private toll: Toll = NO_TOLL;
  private renewal: Renewal = { announced: 0, answered: 0, wanted: false };
  private readonly leaving = new AbortController();
  private pause = new AbortController();
  /** The hub's day, as the newest answer said that was believed. */
  private hubsDay: number | null = null;
  /** When the exchange before ended. */
  private gapFromMs: number;
  /** When the next slot comes; null while one runs. */
  private dueMs: number | null = null;
  /** Pieces of work that have begun and not ended. */
  private working = 0;
  /** Who waits for the next gap. */
  private readonly forGap: (() => void)[] = [];

  constructor(
    private readonly world: World,
    private readonly hub: Hub,
    private notice: Notice,
    private readonly outbox: Outbox,
    private readonly events: VisitEvents,
  ) {
    const { cover, days } = notice;
    this.slotsLeft = cover.visitExchanges;
    this.gapFromMs = world.now();
    this.movesAtMs = world.now() + firstMoveMs(cover, world.uniform());
    this.walk = new Walk(days, drawnBits(world.uniform()));
  }

  /** The last exchange brought nothing. */
  get away(): boolean {
    return this.failures > 0;
  }

  /** How far it is with the lists of these bits. */
  progress(shardBits: number): Progress {
    const { plan } = this.notice;
    const isNext = this.nextBits !== null && this.haveSameLists(this.nextBits, shardBits);
    const at = this.haveSameLists(this.walk.shardBits, shardBits) ? "here" : isNext ? "next" : "elsewhere";
    const { days } = this.walk;
    return {
      at,
      days,
      daysRead: this.walk.daysRead(plan, shardBits),
      done: this.walk.hasRead(plan, shardBits),
    };
  }

  async run(): Promise<void> {
    // The pace of a visit stays what it was, also where a later notice has another.
    const { cover } = this.notice;
    for (let slot = 0; this.slotsLeft > 0 && !this.ended; slot++) {
      await this.waitForSlot(() => slotGapMs(cover, slot, this.failures, this.world.uniform()));
      await this.renewNotice();
      if (this.ended) return;
      this.slotsLeft--;
      // Nobody could read what is sealed to the keys of a notice that has ended.
      if (!hasExpired(this.notice, this.world.now())) await this.exchange(slot);
      else {
        this.failures++;
        this.gapFromMs = this.world.now();
      }
      this.events.changed();
    }
    this.end("used up");
  }

  /** The next move goes to the lists of these bits; when it comes stays as it was drawn. */
  lookFor(shardBits: number): void {
    this.nextBits = shardBits;
  }

  /** Moves to the lists of these bits with the next slot: the caller's choice, and its price was said. */
  lookNow(shardBits: number): void {
    this.walk.moveTo(shardBits);
    this.movesAtMs = null;
    this.nextBits = null;
    this.events.changed();
  }

  /** Gaps of zero while something waits: the caller's choice, and its price was said. */
  sendWithoutWaiting(): void {
    this.fast = true;
    this.pause.abort();
  }

  leave(): void {
    this.end("left");
  }

  /**
   * Does work that not everybody has, such as opening a drop, in the middle of a gap: it holds up no request, and no answer
   * is seen later for it. What is not done when the slot is due makes the slot leave at the next drawn time.
   */
  async inGap<T>(work: () => Promise<T>): Promise<T> {
    while (!this.hasRoom()) await new Promise<void>((resolve) => this.forGap.push(resolve));
    this.working++;
    try {
      return await work();
    } finally {
      this.working--;
    }
  }

  private hasRoom(): boolean {
    if (this.ended) return true;
    const room = Math.min(ROOM_MS, this.notice.cover.gapMs / 2);
    return this.dueMs !== null && this.dueMs - this.world.now() >= room;
  }

  /** `drawMs` draws a gap. */
  private async waitForSlot(drawMs: () => number): Promise<void> {
    if (!this.outbox.first()) this.fast = false;
    let dueMs = this.gapFromMs + drawMs();
    // A hub that is away is not asked more often because somebody is in a hurry.
    if (this.fast && this.failures === 0) return;
    await this.pauseUntil(dueMs);
    while (this.working > 0 && !this.pause.signal.aborted) {
      dueMs += drawMs();
      await this.pauseUntil(dueMs);
    }
  }

  private async pauseUntil(dueMs: number): Promise<void> {
    this.pause = new AbortController();
    this.dueMs = dueMs;
    this.goOnInGap();
    await this.world.wait(Math.max(0, dueMs - this.world.now()), this.pause.signal);
    this.dueMs = null;
  }

  private goOnInGap(): void {
    for (const goOn of this.forGap.splice(0)) goOn();
  }

  private async exchange(slot: number): Promise<void> {
    const ownDay = dayOf(this.world.now());
    const wanted = this.wanted(slot);
    // Before the hub's day is known, a part could be sealed to a key that is gone.
    const waiting = this.hubsDay === null ? undefined : this.outbox.first();
    const cell = await this.seal(waiting);
    const stamp = await this.stamp(cell);
    if (!stamp) return;
    let answer: Answer;
    try {
      const body = await this.hub.exchange(encodeRequest(wanted, stamp, cell), this.leaving.signal);
      this.gapFromMs = this.world.now();
      answer = decodeAnswer(body, wanted, ownDay);
    } catch (error) {
      this.gapFromMs = this.world.now();
      if (waiting && !(error instanceof CallsNotTaken)) this.outbox.answerLost(waiting);
      this.failed(error);
      return;
    }
    if (this.ended) return;
    this.callsTaken = true;
    this.toll = answer.toll;
    this.renewal.announced = Math.max(this.renewal.announced, answer.noticeSerial);
    const isBelieved = answer.drops !== null || answer.outcome === "unknown list";
    if (isBelieved && wanted.day === TODAY && isNear(answer.day, ownDay)) this.hubsDay = answer.day;
    this.act(answer, wanted, waiting);
  }

  private act(answer: Answer, wanted: Wanted, waiting: Waiting | undefined): void {
    if (answer.outcome === "version") {
      this.end("outdated page");
      return;
    }
    if (answer.outcome === "stored" && waiting) this.outbox.stored(waiting);
    // The walk moves alike for real cells and cover, or what is asked for next would tell them apart.
    const { drops } = answer;
    const { plan } = this.notice;
    if (drops) {
      this.walk.heard(plan, wanted, answer);
      this.events.heard({ ...answer, drops });
    }
    const passedOver = answer.outcome === "unknown list" && wanted.day !== TODAY;
    if (passedOver) this.walk.passOver(plan, wanted);
    if (answer.outcome === "unknown list") this.renewal.wanted = true;
    this.failures = answer.outcome === "stored" || passedOver ? 0 : this.failures + 1;
  }

  private wanted(slot: number): Wanted {
    if (this.walk.isWhole || (this.movesAtMs !== null && this.world.now() >= this.movesAtMs)) this.move();
    return this.walk.ask(slot, this.notice.plan, this.hubsDay ?? this.key().epoch);
  }

  /** That of the hub's day, before it is known the notice's first: never by the device's clock, by which its cells could be known. */
  private key(): InboxKey {
    const [first] = this.notice.inboxKeys;
    return inboxKeyFor(this.notice, this.hubsDay ?? first?.epoch ?? 0);
  }

  private move(): void {
    // Drawn also where it is not used, so that the pace after it is the same for all.
    const drawn = drawnBits(this.world.uniform());
    this.walk.moveTo(this.nextBits ?? drawn);
    this.movesAtMs = null;
    this.nextBits = null;
  }

  /** On every day that may be listed. */
  private haveSameLists(bits: number, others: number): boolean {
    const { plan } = this.notice;
    const planned = plan.filter(({ from }) => from <= dayOf(this.world.now()));
    return planned.every(({ from }) => shardOn(plan, from, bits) === shardOn(plan, from, others));
  }

  /** One path for real cells and cover; they differ in what is inside. */
  private async seal(waiting: Waiting | undefined): Promise<Bytes> {
    const key = this.key();
    const payload = waiting
      ? await partPayload(waiting.part, waiting.caller, this.notice.answerKey, key.epoch)
      : EMPTY;
    return sealCell(this.notice, key, payload, this.world.bytes(XWING_RANDOM_BYTES));
  }

  /** The work that the hub asks for, the same for real cells and cover; null where the caller leaves meanwhile. */
  private stamp(cell: Bytes): Promise<Stamp | null> {
    const bound = { fingerprint: this.notice.fingerprint, cell };
    const first = this.world.bytes(NONCE_BYTES);
    return makeStamp(this.toll, bound, first, this.world.turn, this.leaving.signal);
  }

  private failed(error: unknown): void {
    if (this.ended) return;
    if (error instanceof CallsNotTaken && !this.callsTaken) {
      this.end("calls not taken");
    } else if (error instanceof CallsNotTaken || error instanceof HubAway || error instanceof Malformed) {
      this.failures++;
    } else {
      throw error;
    }
  }

  /** Fetches the notice again where it is due. The one in hand stays in use where the hub has no better one to show. */
  private async renewNotice(): Promise<void> {
    const { announced, answered, wanted } = this.renewal;
    const newer = announced > this.notice.serial && announced > answered;
    if (!newer && !wanted && Math.floor(this.world.now() / 1000) <= this.notice.expires) return;
    try {
      const envelope = await this.hub.notice(this.leaving.signal);
      // A hub that has shown what it has is not believed more by asking again.
      this.renewal = { announced, answered: announced, wanted: false };
      const notice = await verifyNotice(envelope, this.notice.fingerprint, this.world.now());
      // A device that was removed knows a duty key that was replaced.
      if (notice.serial <= this.notice.serial || !mayFollow(notice, this.notice)) return;
      this.notice = notice;
      this.events.noticeChanged(notice);
    } catch (error) {
      if (error instanceof Refusal && error.outdatedPage) this.end("outdated page");
      else if (!(error instanceof Refusal || error instanceof HubAway)) throw error;
    }
  }

  private end(reason: VisitEnd): void {
    if (this.ended) return;
    this.ended = reason;
    this.leaving.abort();
    this.pause.abort();
    this.goOnInGap();
    this.events.changed();
  }
}
