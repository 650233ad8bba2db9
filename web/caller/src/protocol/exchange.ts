// The exchange: the one thing that callers do; all requests are of one size, and so are all answers.
import { type Bytes, concat, Malformed, readU16, readU32, readU64, u8, u16, u32 } from "./bytes.ts";
import { EMPTY_CHAIN } from "./digest.ts";
import { DROP_BYTES } from "./drop.ts";
import { NO_TOLL, type Stamp, type Toll } from "./stamp.ts";

export const REQUEST_BYTES = 4192;
export const ANSWER_BYTES = 32_896;
export const BLOCK_DROPS = 32;
/** As a day: the hub's today. */
export const TODAY = 0;
/** As a position: the last block of the list. */
export const LAST_BLOCK = 0xffffffff;

const VERSION = 1;
const REQUEST_HEADER_BYTES = 96;
const ANSWER_HEADER_BYTES = 128;
const MINUTES_A_DAY = 1440;
/** Days by which the hub's clock and the caller's may differ. */
const CLOCK_TOLERANCE_DAYS = 2;

/** Which block of which list is asked for. */
export interface Wanted {
  readonly day: number;
  readonly shard: number;
  readonly from: number;
}

export type Outcome = "stored" | "unavailable" | "version" | "unknown list";

export interface Answer {
  readonly outcome: Outcome;
  readonly day: number;
  readonly shard: number;
  readonly from: number;
  readonly total: number;
  readonly noticeSerial: number;
  /** The desk's newest signature over the list, where there is one. */
  readonly signature: Bytes | null;
  /** The minute in what is signed; 0 without a signature. */
  readonly minute: number;
  /** The list's chain up to `from`. */
  readonly chain: Bytes;
  /** What the hub asks of the next exchange. */
  readonly toll: Toll;
  /** 32 drops, those beyond `total` random; null where the answer lists none that can be believed. */
  readonly drops: readonly Bytes[] | null;
}

const OUTCOMES: readonly Outcome[] = ["stored", "unavailable", "version", "unknown list"];

export function encodeRequest(wanted: Wanted, { effort, round, nonce }: Stamp, cell: Bytes): Bytes {
  const asked = concat(u8(VERSION), new Uint8Array(3), u32(wanted.day), u32(wanted.shard), u32(wanted.from));
  const header = concat(asked, u8(effort), u8(0), u16(round), nonce);
  return concat(header, new Uint8Array(REQUEST_HEADER_BYTES - header.length), cell);
}

/** Throws where a "stored" does not fit the question: such an answer is none. `today` is the caller's own day. */
export function decodeAnswer(body: Bytes, wanted: Wanted, today: number): Answer {
  if (body.length !== ANSWER_BYTES) throw new Malformed("an answer of another length");
  // A hub that answers in another version does not serve this one, and says the rest in ways that are not known here.
  if (body[0] !== VERSION) {
    return {
      outcome: "version",
      day: 0,
      shard: 0,
      from: 0,
      total: 0,
      noticeSerial: 0,
      signature: null,
      minute: 0,
      chain: EMPTY_CHAIN,
      toll: NO_TOLL,
      drops: null,
    };
  }
  const outcome = OUTCOMES[body[1] ?? OUTCOMES.length];
  if (!outcome) throw new Malformed("an unknown outcome");
  const toll: Toll = { effort: body[92] ?? 0, round: readU16(body, 94) };
  const signed = body.slice(28, 92);
  const signature = signed.some((byte) => byte !== 0) ? signed : null;
  const minute = readU16(body, 2);
  if (minute >= MINUTES_A_DAY) throw new Malformed("a minute that no day has");
  const reserved = [signature ? 0 : minute, body[93], toll.effort === 0 ? toll.round : 0];
  if (reserved.some((byte) => byte !== 0)) throw new Malformed("a reserved byte that is not zero");
  const header: Header = {
    day: readU32(body, 4),
    shard: readU32(body, 8),
    from: readU32(body, 12),
    total: readU32(body, 16),
  };
  const fits = fitsQuestion(header, wanted, today);
  if (outcome === "stored" && !fits) throw new Malformed("an answer to another question");
  // A hub that cannot write may still read, and an empty list may just as well be none.
  const listed = outcome === "stored" || (outcome === "unavailable" && fits && header.total > 0);
  return {
    outcome,
    ...header,
    noticeSerial: readU64(body, 20),
    signature,
    minute,
    chain: body.slice(96, ANSWER_HEADER_BYTES),
    toll,
    drops: listed ? dropsIn(body) : null,
  };
}

/** Position of the last block of a list. */
export const lastBlock = (total: number): number =>
  total === 0 ? 0 : Math.floor((total - 1) / BLOCK_DROPS) * BLOCK_DROPS;

/** Whether a day can be the hub's, where `own` is the caller's. */
export const isNear = (day: number, own: number): boolean => Math.abs(day - own) <= CLOCK_TOLERANCE_DAYS;

interface Header {
  readonly day: number;
  readonly shard: number;
  readonly from: number;
  readonly total: number;
}

function fitsQuestion({ day, shard, from, total }: Header, wanted: Wanted, today: number): boolean {
  const rightDay = wanted.day === TODAY ? day !== TODAY && isNear(day, today) : day === wanted.day;
  const rightBlock = from === (wanted.from === LAST_BLOCK ? lastBlock(total) : wanted.from);
  return rightDay && shard === wanted.shard && rightBlock;
}

function dropsIn(body: Bytes): Bytes[] {
  return Array.from({ length: BLOCK_DROPS }, (_, i) => {
    const at = ANSWER_HEADER_BYTES + i * DROP_BYTES;
    return body.slice(at, at + DROP_BYTES);
  });
}
