// The word lists that phrases, call signs and fingerprints are written with: 2,048 words of each language.
import en from "../../../../crates/protocol/words/en.txt";
import ru from "../../../../crates/protocol/words/ru.txt";
import uk from "../../../../crates/protocol/words/uk.txt";

/** The words of a list as word_lists.mjs packs it. */
function listOf(packed: string): readonly string[] {
  let before = "";
  return Array.from(packed.matchAll(/(\d)(\D+)/g), ([, shared, rest]) => {
    before = before.slice(0, Number(shared)) + rest;
    return before;
  });
}

const ENGLISH = listOf(en);
const LISTS: Readonly<Record<string, readonly string[]>> = { en: ENGLISH, uk: listOf(uk), ru: listOf(ru) };

const BITS_A_WORD = 11;

/** The words of a language; the English ones where it has none. */
export const wordsOf = (language: string): readonly string[] => LISTS[language] ?? ENGLISH;

/** The first `count` words that `bits` spell, eleven bits each. */
export function wordsFromBits(bits: Uint8Array, count: number, language: string): string[] {
  const words = wordsOf(language);
  return Array.from({ length: count }, (_, i) => {
    const first = i * BITS_A_WORD;
    // Eleven bits lie within three bytes, wherever they begin.
    const byte = first >>> 3;
    const three = ((bits[byte] ?? 0) << 16) | ((bits[byte + 1] ?? 0) << 8) | (bits[byte + 2] ?? 0);
    return words[(three >>> (24 - BITS_A_WORD - (first & 7))) & 0x7ff] as string;
  });
}

/** Whether a folded word is in the list of any language. */
export const isListed = (word: string): boolean => Object.values(LISTS).some((words) => words.includes(word));

/** The first language whose list has all of these words; English where none has. */
export function languageOfWords(words: readonly string[]): string {
  const found = Object.entries(LISTS).find(([, listed]) => words.every((word) => listed.includes(word)));
  return found?.[0] ?? "en";
}

/** Listed words that begin with `prefix`, at most `most`; those of `language` come first. */
export function wordsBeginningWith(prefix: string, most: number, language: string): string[] {
  const all = [wordsOf(language), ...Object.values(LISTS)].flat();
  return [...new Set(all.filter((word) => word.startsWith(prefix)))].slice(0, most);
}
