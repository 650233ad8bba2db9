// Work stamps: what a hub under load asks of an exchange, and how the page does it (docs/protocol.md, section 8.3).
import { type Bytes, concat, u16 } from "./bytes.ts";
import { labelled } from "./derive.ts";
import { sha256 } from "./primitives.ts";

/** What a hub asks of the next exchange; in quiet times both are 0. */
export interface Toll {
  /** Zero bits with which the hash of a stamp begins at least. */
  readonly effort: number;
  readonly round: number;
}

/** What was done for one exchange. */
export interface Stamp extends Toll {
  /** 8 bytes. */
  readonly nonce: Bytes;
}

export const NO_TOLL: Toll = { effort: 0, round: 0 };
export const NO_STAMP: Stamp = { ...NO_TOLL, nonce: new Uint8Array(8) };
export const NONCE_BYTES = 8;

/** The most that is done, whatever is asked. */
const EFFORT_MAX = 20;
/** Tries between two turns of the browser: some milliseconds, with or without a JIT. */
const SLICE = 256;

/** What a stamp is bound to. */
export interface Bound {
  readonly fingerprint: Bytes;
  readonly cell: Bytes;
}

/**
 * Searches from the nonce `first`, which must be drawn. `turn` lets the browser do what waits; null where `signal` aborts.
 *
 * Many digests at once, because each alone waits for the browser longer than it takes, and a library in script takes ten
 * times as long where the JIT is off.
 */
export async function makeStamp(
  asked: Toll,
  bound: Bound,
  first: Bytes,
  turn: () => Promise<void>,
  signal: AbortSignal,
): Promise<Stamp | null> {
  if (asked.effort === 0) return NO_STAMP;
  const effort = Math.min(asked.effort, EFFORT_MAX);
  const tried = concat(await challenge(bound, asked.round), first);
  const counter = new DataView(tried.buffer, tried.length - 4);
  while (!signal.aborted) {
    const begin = counter.getUint32(0);
    const hashes = Array.from({ length: SLICE }, (_, i) => {
      // Wraps by itself, and the digest takes a copy at once.
      counter.setUint32(0, begin + i);
      return sha256(tried);
    });
    const found = (await Promise.all(hashes)).findIndex((hash) => leadingZeros(hash) >= effort);
    if (found >= 0) {
      counter.setUint32(0, begin + found);
      return { effort, round: asked.round, nonce: tried.slice(-NONCE_BYTES) };
    }
    counter.setUint32(0, begin + SLICE);
    await turn();
  }
  return null;
}

const challenge = ({ fingerprint, cell }: Bound, round: number): Promise<Bytes> =>
  sha256(labelled("stamp", concat(fingerprint, u16(round), cell)));

function leadingZeros(hash: Bytes): number {
  const bytes = hash.findIndex((byte) => byte !== 0);
  return bytes < 0 ? hash.length * 8 : bytes * 8 + Math.clz32(hash[bytes] ?? 0) - 24;
}
