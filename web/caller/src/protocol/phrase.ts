// The caller's phrase: generated, never chosen, without a checksum (docs/protocol.md, section 4).
import { type Bytes, concat, utf8 } from "./bytes.ts";
import { named } from "./derive.ts";
import { pbkdf2HmacSha512 } from "./primitives.ts";
import { wordsFromBits } from "./words.ts";

export const PHRASE_WORDS = 10;
/** 110 bits, rounded up to bytes. */
export const PHRASE_RANDOM_BYTES = 14;

const ROUNDS = 600_000;
export function generatePhrase(random: Uint8Array, language: string): string {
  return wordsFromBits(random, PHRASE_WORDS, language).join(" ");
}

/** The root of all that the caller owns at one desk; takes about half a second. */
export function rootOf(foldedPhrase: string, fingerprint: Bytes): Promise<Bytes> {
  return pbkdf2HmacSha512(utf8(foldedPhrase), concat(named("root"), fingerprint), ROUNDS, 32);
}
