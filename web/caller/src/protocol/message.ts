// A message: cut into parts that fit a cell, each with the caller's proof (docs/protocol.md, section 6).
import { type Bytes, base64url, concat, fromUtf8, utf8 } from "./bytes.ts";
import type { Caller } from "./caller.ts";
import { CELL_PAYLOAD_BYTES } from "./cell.ts";
import { weekOf } from "./day.ts";

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

const MAC_BYTES = 32;
const JSON_BYTES_MAX = CELL_PAYLOAD_BYTES - MAC_BYTES;
/** As JSON, without its quotes. */
const SAFE_TIMES_BYTES_MAX = 300;
const WEEKS_OF_DROP_SECRETS = 3;

export function splitMessage(message: Message, messageId: Bytes): Part[] {
  const { text, ...labels } = message;
  const rest = { ...labels, safeTimes: chunks(message.safeTimes, SAFE_TIMES_BYTES_MAX)[0] ?? "" };
  const texts = chunks(text, roomOfPart({ ...rest, text }));
  if (texts.length > PARTS_MAX) throw new TooLong();
  return texts.map((part, i) => ({ messageId, part: i + 1, parts: texts.length, message: rest, text: part }));
}

/** How many bytes of text still fit, as the cells hold them; negative when it is too long. */
export function bytesLeft(message: Message): number {
  // A character that does not fit the end of a part moves on whole: up to five bytes of each part stay empty.
  return PARTS_MAX * (roomOfPart(message) - 5) - jsonSize(wellFormed(message.text));
}

/** The payload `mac || JSON` of one part, for the epoch that its cell is sealed for. */
export async function partPayload(
  part: Part,
  caller: Caller,
  answerKey: Bytes,
  epoch: number,
): Promise<Bytes> {
  const week = weekOf(epoch);
  const weeks = Array.from({ length: WEEKS_OF_DROP_SECRETS }, (_, i) => week + i);
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

/** Bytes of text that a part can hold beside everything else, at that everything's longest. */
function roomOfPart(message: Message): number {
  const key = base64url(new Uint8Array(32));
  const empty = payloadJson(
    { messageId: new Uint8Array(MESSAGE_ID_BYTES), part: 1, parts: 1, message, text: "" },
    { caller: key, shardBits: 0xffff, dropSecrets: Array(WEEKS_OF_DROP_SECRETS).fill([99_999, key]) },
  );
  return JSON_BYTES_MAX - empty.length;
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

/** JSON escapes each code point by itself, so sizes add up. */
const jsonSize = (text: string): number => utf8(JSON.stringify(text)).length - 2;

/** A lone surrogate has no UTF-8 and would make the JSON unreadable for strict readers. */
const wellFormed = (text: string): string => fromUtf8(utf8(text));
