// The caller's phrase: generated, never chosen, without a checksum, read as people type it (docs/protocol.md, section 4).
import { type Bytes, concat, utf8 } from "./bytes.ts";
import { named } from "./derive.ts";
import { pbkdf2HmacSha512 } from "./primitives.ts";
import { wordsFromBits } from "./words.ts";

export const PHRASE_WORDS = 10;
/** 110 bits, rounded up to bytes. */
export const PHRASE_RANDOM_BYTES = 14;

const ROUNDS = 600_000;
const INVISIBLE = /[\u00ad\u200b-\u200d\u2060\ufeff]/g;
/** `\s` is the list of the protocol but for U+0085 (and U+FEFF, which is gone by then). */
const GAP = /[\s\u0085\-_,.;\u2010-\u2015\u2212]/g;

export function generatePhrase(random: Uint8Array): string {
  return wordsFromBits(random, PHRASE_WORDS).join(" ");
}

/** What was typed, folded; empty when there is no word in it. */
export function foldPhrase(typed: string): string {
  const spaced = typed.normalize("NFC").replace(INVISIBLE, "").replace(GAP, " ");
  return spaced.toLowerCase().normalize("NFC").split(" ").filter(Boolean).join(" ");
}

/** The root of all that the caller owns at one desk; takes about half a second. */
export function rootOf(foldedPhrase: string, fingerprint: Bytes): Promise<Bytes> {
  return pbkdf2HmacSha512(utf8(foldedPhrase), concat(named("root"), fingerprint), ROUNDS, 32);
}
