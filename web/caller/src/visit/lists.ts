// Whether the lists that were read are those that the desk signed, and how new they are. Nothing that is sent depends on it.

import type { Bytes } from "../protocol/bytes.ts";
import { DAY_S } from "../protocol/day.ts";
import { chainOver, EMPTY_CHAIN, isSigned, type ListDigest, type Stage } from "../protocol/digest.ts";
import { BLOCK_DROPS, lastBlock } from "../protocol/exchange.ts";
import type { Notice } from "../protocol/notice.ts";
import { turnSeconds } from "../protocol/plan.ts";
import { sha256 } from "../protocol/primitives.ts";
import type { Block } from "./broadcast.ts";

/** From the best to the worst. */
const CONFIRMATIONS = ["confirmed", "not yet", "contradicted"] as const;
export type Confirmation = (typeof CONFIRMATIONS)[number];

/** What the lists of a visit say. */
export interface Judgement {
  /** The finished days of which a list was read whole, each with the worst that was found; any day that is contradicted. */
  readonly days: ReadonlyMap<number, Confirmation>;
  /** Unix seconds of the last minute in which the desk has posted to any of these lists, as it has signed. */
  readonly deskSeen: number | null;
  /** Whether the newest of what the desk has posted is here, as far as its signatures tell. */
  readonly isCurrent: boolean;
  /** Whether there are lists of which the hub does not show that they are current. */
  readonly isInDoubt: boolean;
}

export const NOTHING_READ: Judgement = {
  days: new Map(),
  deskSeen: null,
  isCurrent: false,
  isInDoubt: false,
};

type Desk = Pick<Notice, "fingerprint" | "dutyKey" | "serial" | "plan" | "issued">;

interface ReadBlock {
  /** The chain before its first drop, as the hub says, and behind its last one, as these drops make it. */
  readonly before: Bytes;
  readonly after: Bytes;
  readonly hashes: readonly Bytes[];
}

interface Signed {
  readonly signature: Bytes;
  readonly minute: number;
  /** Drops of the list that it came with. */
  readonly total: number;
  /** Of the notice that the hub served beside it. */
  readonly noticeSerial: number;
}

interface Found {
  /** What the desk has signed of the list as it is here. */
  readonly stage: Stage | null;
  readonly isContradicted: boolean;
}

interface List {
  readonly day: number;
  readonly shard: number;
  total: number;
  signed: Signed | null;
  /** The minute in the newest signature that held; a list whose end is read anew meanwhile keeps it. */
  seen: number | null;
  /** By the position of their first drop. */
  readonly blocks: Map<number, ReadBlock>;
  /** What was found, and under which notice; null where something came since. */
  judged: { readonly serial: number; readonly found: Found } | null;
  /** The signature that was looked at last; each block brings it again, and looking at it is slow on a cheap phone. */
  checked: Checked | null;
}

interface Checked {
  readonly serial: number;
  readonly hash: Bytes;
  readonly signed: Signed;
  readonly stage: Stage | null;
}

const CONTRADICTED: Found = { stage: null, isContradicted: true };
const UNKNOWN: Found = { stage: null, isContradicted: false };

/** By how much clocks of callers and desks may be apart before a caller is told: as much as a hub lets a device be ahead. */
const CLOCKS_APART_MS = 15 * 60_000;

/** What a caller has to know of when the desk was last at work: that it is a time to come by this device, or that lists which were read
 * to their end hold nothing of the desk. */
export function remarkOn(judgement: Judgement, isAllRead: boolean, nowMs: number): "ahead" | "unseen" | null {
  const { days, deskSeen, isInDoubt } = judgement;
  if (deskSeen !== null) return deskSeen * 1000 - nowMs > CLOCKS_APART_MS ? "ahead" : null;
  const isContradicted = [...days.values()].includes("contradicted");
  return isAllRead && !isInDoubt && !isContradicted ? "unseen" : null;
}

export class Lists {
  private readonly lists = new Map<string, List>();
  /** The hub has shown less of a list than before, or an older signature. */
  private hasGoneBack = false;

  async take({
    day,
    shard,
    from,
    drops,
    total,
    signature,
    minute,
    chain,
    noticeSerial,
  }: Block): Promise<void> {
    const listed = drops.slice(0, Math.max(0, total - from));
    const hashes = await Promise.all(listed.map(sha256));
    const after = await chainOver(chain, hashes);
    const name = `${day}/${shard}`;
    const fresh: List = {
      day,
      shard,
      total,
      signed: null,
      seen: null,
      blocks: new Map(),
      judged: null,
      checked: null,
    };
    const list = this.lists.get(name) ?? fresh;
    this.lists.set(name, list);
    const isOlder = signature !== null && list.signed !== null && minute < list.signed.minute;
    if (total < list.total || isOlder) this.hasGoneBack = true;
    list.total = total;
    list.blocks.set(from, { before: chain, after, hashes });
    list.judged = null;
    if (signature) list.signed = { signature, minute, total, noticeSerial };
  }

  /** What can be said of them with the duty key of a notice. */
  async judge(desk: Desk): Promise<Judgement> {
    const all = [...this.lists.values()];
    const today = Math.max(...all.map(({ day }) => day));
    const days = new Map<number, Confirmation>();
    for (const list of all) {
      const found = await judgeList(list, desk);
      if (found.stage && list.total > 0 && list.signed) list.seen = list.signed.minute;
      const confirmation = confirmationOf(list, found, today);
      if (!confirmation) continue;
      const before = days.get(list.day) ?? "confirmed";
      const isWorse = CONFIRMATIONS.indexOf(confirmation) > CONFIRMATIONS.indexOf(before);
      days.set(list.day, isWorse ? confirmation : before);
    }
    const times = all.map(seenAt).filter((seen) => seen !== null);
    const deskSeen = times.length > 0 ? Math.max(...times) : null;
    // Of a list without a drop today the desk's other lists must do, as long as its turn may not have come since midnight.
    const isNew = (list: List) =>
      list.total > 0
        ? isRecent(seenAt(list), list, desk)
        : isRecent(deskSeen, list, desk) && !isPastTurns(deskSeen, list, desk);
    const todays = all.filter(({ day }) => day === today);
    const isCurrent = todays.length > 0 && !this.hasGoneBack && todays.every(isNew);
    return { days, deskSeen, isCurrent, isInDoubt: !isCurrent && all.some(({ total }) => total > 0) };
  }
}

const seenAt = ({ day, seen }: List): number | null => (seen === null ? null : day * DAY_S + seen * 60);

/** Whether the desk's last minute is not before the notice that it has made since, but for two of the shard's turns. */
function isRecent(seen: number | null, { day, shard }: List, { plan, issued }: Desk): boolean {
  const turn = turnSeconds(plan, day, shard);
  // A minute is named by its first second.
  return seen !== null && turn !== null && seen + 59 + 2 * turn >= issued;
}

/** Whether a desk that was at work today in that minute had two of the shard's turns since midnight, and so has posted to its list. */
function isPastTurns(seen: number | null, { day, shard }: List, { plan }: Desk): boolean {
  const turn = turnSeconds(plan, day, shard);
  return seen === null || turn === null || seen - day * DAY_S > 2 * turn;
}

/** Null where nothing is said of the day yet. */
function confirmationOf(list: List, found: Found, today: number): Confirmation | null {
  if (found.isContradicted) return "contradicted";
  if (list.day === today || !isWhole(list)) return null;
  return found.stage === "day" ? "confirmed" : "not yet";
}

function isWhole({ total, blocks }: List): boolean {
  for (let from = 0; from < total; from += BLOCK_DROPS) {
    if ((blocks.get(from)?.hashes.length ?? 0) < Math.min(BLOCK_DROPS, total - from)) return false;
  }
  return true;
}

/** `h_total` where the last block is here, otherwise null; undefined where what was read is not one list. */
async function endOf({ total, blocks }: List): Promise<Bytes | null | undefined> {
  let end: Bytes | null = null;
  for (const [from, block] of blocks) {
    const { before, hashes } = block;
    const count = Math.min(BLOCK_DROPS, Math.max(0, total - from));
    // One that was read when the list was shorter is read again.
    if (hashes.length < count) continue;
    if (from === 0 && !same(before, EMPTY_CHAIN)) return undefined;
    // Of a list that was longer the drops count that it still has.
    const after = hashes.length === count ? block.after : await chainOver(before, hashes.slice(0, count));
    const next = blocks.get(from + count);
    if (count > 0 && next && !same(next.before, after)) return undefined;
    if (from === lastBlock(total)) end = after;
  }
  return end;
}

async function judgeList(list: List, desk: Desk): Promise<Found> {
  if (list.judged?.serial === desk.serial) return list.judged.found;
  const found = await compare(list, desk);
  list.judged = { serial: desk.serial, found };
  return found;
}

async function compare(list: List, desk: Desk): Promise<Found> {
  const { day, shard, total, signed } = list;
  const hash = await endOf(list);
  if (hash === undefined) return CONTRADICTED;
  // A signature that came beside fewer drops says nothing of these.
  if (hash === null || !signed || signed.total !== total) return UNKNOWN;
  if (!list.checked || !isOf(list.checked, hash, signed, desk)) {
    const stage = await stageOf({ day, shard, total, hash, minute: signed.minute }, desk, signed.signature);
    list.checked = { serial: desk.serial, hash, signed, stage };
  }
  const { stage } = list.checked;
  if (stage) return { stage, isContradicted: false };
  // Beside another notice it may have been made with another duty key.
  return signed.noticeSerial === desk.serial ? CONTRADICTED : UNKNOWN;
}

const isOf = (checked: Checked, hash: Bytes, signed: Signed, desk: Desk): boolean =>
  checked.serial === desk.serial &&
  checked.signed.minute === signed.minute &&
  checked.signed.total === signed.total &&
  same(checked.hash, hash) &&
  same(checked.signed.signature, signed.signature);

async function stageOf(digest: ListDigest, desk: Desk, signature: Bytes): Promise<Stage | null> {
  for (const stage of ["day", "head"] as const) {
    if (await isSigned(stage, digest, desk, signature)) return stage;
  }
  return null;
}

const same = (one: Bytes, other: Bytes): boolean => one.every((byte, at) => byte === other[at]);
