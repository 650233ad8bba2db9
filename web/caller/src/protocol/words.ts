// The word list that phrases, call signs and fingerprints are written with.
import list from "../../../../crates/protocol/words/en.txt";

export const WORDS: readonly string[] = list.trim().split("\n");

const BITS_A_WORD = 11;

/** The first `count` words that `bits` spell, eleven bits each. */
export function wordsFromBits(bits: Uint8Array, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const first = i * BITS_A_WORD;
    // Eleven bits lie within three bytes, wherever they begin.
    const byte = first >>> 3;
    const three = ((bits[byte] ?? 0) << 16) | ((bits[byte + 1] ?? 0) << 8) | (bits[byte + 2] ?? 0);
    return WORDS[(three >>> (24 - BITS_A_WORD - (first & 7))) & 0x7ff] as string;
  });
}

/** Words of the list that begin with `prefix`, at most `most`. */
export function wordsBeginningWith(prefix: string, most: number): string[] {
  return WORDS.filter((word) => word.startsWith(prefix)).slice(0, most);
}
