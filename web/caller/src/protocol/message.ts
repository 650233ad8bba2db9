// A message: cut into parts that fit a cell, each with the caller's proof (docs/protocol.md, section 6).
import { type Bytes, base64url, concat, fromUtf8, utf8 } from "./bytes.ts";
import type { Caller } from "./caller.ts";
import { weekOf } from "./day.ts";
import { jsonSize } from "./json.ts";

export const MESSAGE_ID_BYTES = 16;
export const PARTS_MAX = 8;

/** What the caller wrote. */
export interface Message {
  readonly track: string;
  readonly language: string;
  readonly text: string;
  /** When it is safe to look for an answer; "" where the caller did not say. */
  readonly safeTimes: string;
}

export interface Part {
  readonly messageId: Bytes;
  readonly part: number;
  readonly parts: number;
  readonly message: Omit<Message, "text">;
  readonly text: string;
}

/** The message needs more parts than the protocol allows. */
export class TooLong extends Error {}

/** Bytes of a part's text as JSON, without its quotes: what every part has room for, whatever stands beside. */
const PART_TEXT_BYTES_MAX = 2_000;
/** As JSON, without its quotes. */
const SAFE_TIMES_BYTES_MAX = 300;
/** Weeks after that of the epoch whose drop secrets travel. */
const WEEKS_AHEAD = 2;
/** Days that the epoch can be ahead of the desk's day: a notice has keys of so many days to come. */
const DAYS_AHEAD = 2;

/** Cut as docs/protocol.md, section 6, says. The page lets nobody send an empty text; here it makes no part. */
export function splitMessage(message: Message, messageId: Bytes): Part[] {
  const { text, ...labels } = message;
  if (text === "") return [];
  const rest = { ...labels, safeTimes: chunks(message.safeTimes, SAFE_TIMES_BYTES_MAX)[0] ?? "" };
  const texts = chunks(text, PART_TEXT_BYTES_MAX);
  if (texts.length > PARTS_MAX) throw new TooLong();
  return texts.map((part, i) => ({ messageId, part: i + 1, parts: texts.length, message: rest, text: part }));
}

/** How many bytes of text still fit, as the cells hold them; negative when it is too long. */
export function bytesLeft(message: Message): number {
  // A character that does not fit the end of a part moves on whole: up to five bytes of each part stay empty.
  return PARTS_MAX * (PART_TEXT_BYTES_MAX - 5) - jsonSize(wellFormed(message.text));
}

/** The payload `mac || JSON` of one part, for the epoch that its cell is sealed for. */
export async function partPayload(
  part: Part,
  caller: Caller,
  answerKey: Bytes,
  epoch: number,
): Promise<Bytes> {
  const first = weekOf(epoch - DAYS_AHEAD);
  const weeks = Array.from({ length: weekOf(epoch) + WEEKS_AHEAD - first + 1 }, (_, i) => first + i);
  const dropSecrets = await Promise.all(
    weeks.map(async (w) => [w, base64url(await caller.dropSecret(w))] as const),
  );
  const fields = { caller: base64url(caller.publicKey), shardBits: caller.shardBits, dropSecrets };
  const json = payloadJson(part, fields);
  const mac = await caller.prove(answerKey, { messageId: part.messageId, part: part.part, json, epoch });
  return concat(mac, json);
}

interface CallerFields {
  readonly caller: string;
  readonly shardBits: number;
  readonly dropSecrets: readonly (readonly [number, string])[];
}

function payloadJson(part: Part, fields: CallerFields): Bytes {
  const { track, language, safeTimes } = part.message;
  return utf8(
    JSON.stringify({
      caller: fields.caller,
      shard_bits: fields.shardBits,
      drop_secrets: fields.dropSecrets,
      id: base64url(part.messageId),
      part: part.part,
      parts: part.parts,
      track,
      language,
      text: part.text,
      ...(safeTimes ? { safe_times: safeTimes } : {}),
    }),
  );
}

/** Pieces of at most `room` bytes as JSON, cut between code points; at least one. */
function chunks(text: string, room: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  for (const character of wellFormed(text)) {
    const size = jsonSize(character);
    if (used + size > room) {
      pieces.push(piece);
      piece = "";
      used = 0;
    }
    piece += character;
    used += size;
  }
  return [...pieces, piece];
}

/** A lone surrogate has no UTF-8 and would make the JSON unreadable for strict readers. */
const wellFormed = (text: string): string => fromUtf8(utf8(text));
