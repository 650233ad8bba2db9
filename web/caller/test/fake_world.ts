// A world whose clock moves only by waiting and whose chance comes from a seed.
import type { Bytes } from "../src/protocol/bytes.ts";
import type { World } from "../src/visit/world.ts";

/** Noon of 2026-11-23, a Monday. */
export const NOON_MS = Date.UTC(2026, 10, 23, 12);

export interface FakeWorld extends World {
  /** Every wait that was asked for. */
  readonly waits: readonly number[];
  advance(ms: number): void;
}

export function fakeWorld(seed: number): FakeWorld {
  const pace = generator(seed);
  // Apart from the pace, so that writing (which draws ids) does not change when slots come.
  const material = generator(seed ^ 0x5bd1e995);
  const waits: number[] = [];
  let nowMs = NOON_MS;
  return {
    waits,
    now: () => nowMs,
    uniform: () => Math.floor(pace() * 2 ** 32) * 2 ** 21 + Math.floor(pace() * 2 ** 21),
    bytes: (length): Bytes => Uint8Array.from({ length }, () => Math.floor(material() * 256)),
    advance: (ms) => {
      nowMs += ms;
    },
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    wait: async (ms, signal) => {
      waits.push(ms);
      // Let everything that is due happen first, as a real pause would.
      await new Promise((resolve) => setImmediate(resolve));
      if (!signal.aborted) nowMs += ms;
    },
  };
}

/** mulberry32: uniform in [0, 1). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
