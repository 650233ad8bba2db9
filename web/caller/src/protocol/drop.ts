// A drop: what the desk leaves for callers; found by its address, opened only with what the phrase gives.
import { type Bytes, concat, hex, Malformed, readU16, u8, u32 } from "./bytes.ts";
import type { Caller } from "./caller.ts";
import { weekOf } from "./day.ts";
import { derive, named } from "./derive.ts";
import { bytes, list, object, parseJson, text, whole } from "./json.ts";
import type { Notice } from "./notice.ts";
import { openAuthPsk } from "./primitives.ts";

export const DROP_BYTES = 1024;

export type DropSender = Pick<Notice, "fingerprint" | "answerKey" | "formerAnswerKeys">;

export interface AnswerPart {
  /** Hexadecimal. */
  readonly id: string;
  readonly part: number;
  readonly parts: number;
  readonly text: string;
}

export interface Drop {
  /** Counts all drops to this caller, from 1. */
  readonly number: number;
  readonly answer: AnswerPart | null;
  /** Ids, in hexadecimal, of messages that a person has opened. */
  readonly opened: readonly string[];
}

/** What each possible drop is derived from (`day || slot || j`), by its address in hexadecimal. */
export type DropTable = ReadonlyMap<string, Bytes>;

const ADDRESS_BYTES = 16;
const ENC_BYTES = 32;
const PLAINTEXT_BYTES = 960;
const POSTING_SLOTS = 8;
const DROPS_A_SLOT = 32;
const ANSWER_PARTS_MAX = 16;
const OPENED_MAX = 8;

/** Every address at which something may lie for this caller on `day`. */
export async function dropTable(caller: Caller, day: number): Promise<DropTable> {
  const secret = await caller.dropSecret(weekOf(day));
  const table = new Map<string, Bytes>();
  for (let slot = 0; slot < POSTING_SLOTS; slot++) {
    for (let j = 0; j < DROPS_A_SLOT; j++) {
      const context = concat(u32(day), u8(slot), u8(j));
      table.set(hex(await derive(secret, "addr", context, ADDRESS_BYTES)), context);
    }
  }
  return table;
}

export const dropAddress = (drop: Bytes): string => hex(drop.subarray(0, ADDRESS_BYTES));

/** Throws where the drop is not what its address says; `context` is what the table holds for it. */
export async function openDrop(
  notice: DropSender,
  caller: Caller,
  day: number,
  context: Bytes,
  drop: Bytes,
): Promise<Drop> {
  const former = notice.formerAnswerKeys.filter(({ lastDay }) => day <= lastDay).map(({ key }) => key);
  for (const answerKey of [notice.answerKey, ...former]) {
    try {
      return await openDropFrom(answerKey, notice.fingerprint, caller, day, context, drop);
    } catch {
      // Of another generation, or forged.
    }
  }
  throw new Malformed("a drop that does not open");
}

async function openDropFrom(
  senderPublicKey: Bytes,
  fingerprint: Bytes,
  caller: Caller,
  day: number,
  context: Bytes,
  drop: Bytes,
): Promise<Drop> {
  const address = drop.slice(0, ADDRESS_BYTES);
  const plaintext = await openAuthPsk({
    recipientSecretKey: caller.secretKey,
    senderPublicKey,
    psk: await derive(await caller.dropSecret(weekOf(day)), "psk", context, 32),
    pskId: address,
    info: concat(named("drop"), fingerprint, u32(day), address),
    sealed: {
      enc: drop.slice(ADDRESS_BYTES, ADDRESS_BYTES + ENC_BYTES),
      ct: drop.slice(ADDRESS_BYTES + ENC_BYTES),
    },
  });
  return readDrop(plaintext);
}

function readDrop(plaintext: Bytes): Drop {
  const length = readU16(plaintext, 0);
  const end = 2 + length;
  if (plaintext.length !== PLAINTEXT_BYTES || end > plaintext.length) throw new Malformed("a drop's length");
  if (plaintext.subarray(end).some((byte) => byte !== 0)) throw new Malformed("a drop's padding");
  const json = parseJson(plaintext.subarray(2, end));
  const opened = json.opened === undefined ? [] : list(json.opened);
  if (opened.length > OPENED_MAX) throw new Malformed("too many opened messages");
  return {
    number: whole(json.number, 1, 0xffffffff),
    answer: json.answer === undefined ? null : readAnswerPart(json.answer),
    opened: opened.map((id) => hex(bytes(id, 16))),
  };
}

function readAnswerPart(value: unknown): AnswerPart {
  const json = object(value);
  const parts = whole(json.parts, 1, ANSWER_PARTS_MAX);
  const written = text(json.text);
  if (written === "") throw new Malformed("an empty answer");
  return { id: hex(bytes(json.id, 16)), part: whole(json.part, 1, parts), parts, text: written };
}
