// A desk's fingerprint: read from a link, written as words for the eye.
import { type Bytes, fromHex, Malformed } from "./bytes.ts";
import { sha256 } from "./primitives.ts";
import { wordsFromBits } from "./words.ts";

const FINGERPRINT_BYTES = 32;
const FINGERPRINT_WORDS = 12;

export const fingerprintOf = (identity: Bytes): Promise<Bytes> => sha256(identity);

/** 64 hexadecimal digits; case, spaces, tabs, ends of lines, colons and dashes are ignored. */
export function parseFingerprint(written: string): Bytes {
  const fingerprint = fromHex(written.replace(/[ \t\n\r:-]/g, ""));
  if (fingerprint.length !== FINGERPRINT_BYTES) throw new Malformed("not a fingerprint");
  return fingerprint;
}

export const fingerprintWords = (fingerprint: Uint8Array): string[] =>
  wordsFromBits(fingerprint, FINGERPRINT_WORDS, "en");
