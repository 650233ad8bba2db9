// The letters document: the keys that letters are sealed to, usable only where the notice in hand names it (docs/protocol.md, section 5.6).
import { type Bytes, equal, Malformed } from "./bytes.ts";
import { openEnvelope, Refusal } from "./envelope.ts";
import { bytes, list, object, parseJson, whole } from "./json.ts";
import type { Notice } from "./notice.ts";
import { sha256, XWING_PUBLIC_KEY_BYTES } from "./primitives.ts";

/** The whole document, however many keys it has. */
export const LETTERS_BYTES = 8_192;

const LETTERS_VERSION = 1;
const U32_MAX = 0xffffffff;

export interface LetterKey {
  /** The first of its 30 days. */
  readonly period: number;
  readonly keyId: number;
  readonly publicKey: Bytes;
  /** X25519. */
  readonly proofKey: Bytes;
}

export interface LetterKeys {
  readonly serial: number;
  readonly keys: readonly LetterKey[];
}

type Naming = Pick<Notice, "fingerprint" | "dutyKey" | "letters">;

/** Throws [`Refusal`] unless the whole chain holds at `nowMs` and the notice names the document. */
export async function verifyLetters(document: Bytes, notice: Naming, nowMs: number): Promise<LetterKeys> {
  if (document.length !== LETTERS_BYTES) throw new Refusal("size");
  const opened = await openEnvelope("letters", document, notice.fingerprint, nowMs);
  const read = readBody(opened.body);
  // A certificate that is renewed changes neither the key nor what the notice names.
  if (!equal(opened.dutyKey, notice.dutyKey)) throw new Refusal("signer");
  if (!isNamedBy(await sha256(opened.body), notice)) throw new Refusal("not named");
  return read;
}

const isNamedBy = (hash: Bytes, { letters }: Naming): boolean => letters !== null && equal(letters, hash);

function readBody(body: Bytes): LetterKeys {
  try {
    const json = parseJson(body);
    if (whole(json.version, 0, 0xff) !== LETTERS_VERSION) throw new Refusal("version");
    return { serial: whole(json.serial), keys: list(json.keys).map(readKey) };
  } catch (error) {
    throw error instanceof Malformed ? new Refusal("body") : error;
  }
}

function readKey(value: unknown): LetterKey {
  const key = object(value);
  return {
    period: whole(key.period, 0, U32_MAX),
    keyId: whole(key.key_id, 0, 0xffff),
    publicKey: bytes(key.public_key, XWING_PUBLIC_KEY_BYTES),
    proofKey: bytes(key.proof_key, 32),
  };
}
