// What a visit takes from the world outside: time, chance and the hub; tests bring their own.
import type { Bytes } from "../protocol/bytes.ts";

export interface World {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Resolves when the browser has had its turn, with what was typed, pressed or due. */
  turn(): Promise<void>;
  /** A whole number below 2^53, uniform, for the pace of a visit. */
  uniform(): number;
  /** Fresh bytes, for keys and ids. */
  bytes(length: number): Bytes;
}

/** Every method throws [`HubAway`] where no usable answer came. */
export interface Hub {
  notice(signal: AbortSignal): Promise<Bytes>;
  /** A content pack by its SHA-256. */
  content(hash: Bytes, signal: AbortSignal): Promise<Bytes>;
  /** The letters document. */
  letters(signal: AbortSignal): Promise<Bytes>;
  /** Also throws [`CallsNotTaken`]. */
  exchange(request: Bytes, signal: AbortSignal): Promise<Bytes>;
}

export class HubAway extends Error {}

/** The hub takes no calls at this address (docs/protocol.md, section 11). */
export class CallsNotTaken extends Error {}

export function browserWorld(): World {
  const bytes = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
  return {
    now: () => Date.now(),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal.addEventListener("abort", done);
        if (signal.aborted) done();
      }),
    // A timer would be held up for a second and more where another tab is in front.
    turn: () =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          port1.close();
          resolve();
        };
        port2.postMessage(null);
      }),
    uniform: () => Number(new DataView(bytes(8).buffer).getBigUint64(0) >> 11n),
    bytes,
  };
}
