// The hub over HTTP: four addresses, no cookies, no cache, nothing in a request that differs between callers.
import { type Bytes, concat, hex } from "../protocol/bytes.ts";
import { CONTENT_BYTES_MAX } from "../protocol/content.ts";
import { ENVELOPE_BYTES_MAX } from "../protocol/envelope.ts";
import { ANSWER_BYTES } from "../protocol/exchange.ts";
import { LETTERS_BYTES } from "../protocol/letter_keys.ts";
import { CallsNotTaken, type Hub, HubAway } from "./world.ts";

/** Long enough for 33 kB over a 2G line through Tor. */
const TIMEOUT_MS = 90_000;

/** `base` is the address of the page itself. */
export function hubAt(base: string, spent: (bytes: number) => void): Hub {
  const ask = async (path: string, init: RequestInit, most: number, signal: AbortSignal): Promise<Bytes> => {
    const body = await request(new URL(path, base), init, most, signal);
    spent(body.length);
    return body;
  };
  return {
    notice: (signal) => ask("v1/notice", {}, ENVELOPE_BYTES_MAX, signal),
    content: (hash, signal) => ask(`v1/content/${hex(hash)}`, {}, CONTENT_BYTES_MAX, signal),
    letters: (signal) => ask("v1/letters", {}, LETTERS_BYTES, signal),
    exchange: (body, signal) => {
      spent(body.length);
      return ask("v1/exchange", { method: "POST", body }, ANSWER_BYTES, signal);
    },
  };
}

async function request(url: URL, init: RequestInit, most: number, signal: AbortSignal): Promise<Bytes> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const timer = setTimeout(end, TIMEOUT_MS);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    const response = await fetch(url, {
      ...init,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: ending.signal,
    });
    if (response.status === 404 && init.method === "POST") throw new CallsNotTaken();
    if (response.status !== 200) throw new HubAway(`status ${response.status}`);
    return await readAtMost(response, most);
  } catch (error) {
    if (error instanceof CallsNotTaken) throw error;
    throw new HubAway(String(error));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    // Whatever is still coming, from a hub that sends more than the protocol allows, is not read.
    end();
  }
}

async function readAtMost(response: Response, most: number): Promise<Bytes> {
  const reader = response.body?.getReader();
  if (!reader) throw new HubAway("no body");
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concat(...chunks);
    length += value.length;
    if (length > most) throw new HubAway("more than the protocol allows");
    chunks.push(value);
  }
}
