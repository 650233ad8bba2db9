// What is typed, folded to what was meant (docs/protocol.md, section 4): tables that need no knowledge of any language.
import { LETTERS } from "./letters.ts";

/** What cannot be seen, as the inside of a class of characters: default-ignorable in Unicode 14, or a control of format. */
export const INVISIBLE =
  "\\u00ad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\u{110bd}\\u{110cd}\\u{13430}-\\u{13438}\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}";
const APOSTROPHES =
  "'\"*`\\u00b4\\u02b9-\\u02bf\\u02c8\\u02ca\\u02cb\\u02ee\\u055a\\u05f3\\u05f4\\u1fef\\u1ffd\\u2018-\\u201f\\u2032-\\u2037\\u2057\\u275b-\\u275e\\ua78b\\ua78c\\uff02\\uff07\\uff0a\\uff40";
const REMOVED = new RegExp(`[${INVISIBLE}${APOSTROPHES}]`, "gu");
/** What is no letter, mark or number of Unicode 14, whichever Unicode the browser knows. */
const GAP = new RegExp(`[^${classOf(LETTERS)}]`, "gu");
/** What stays of an accent where no composed letter exists, and what encloses a letter. */
const MARK =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: ranges of code points, each for itself
  /[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ua66f-\ua67d\ufe20-\ufe2f\u{1d165}-\u{1d172}]/gu;
const PLAIN: Readonly<Record<string, string>> = { ё: "е", ґ: "г", ς: "σ", ı: "i" };

/** Letters that look alike, in capitals at least: Latin, and the Cyrillic one of the same place. */
const LATIN = "abcehikmoptxy";
const CYRILLIC = "авсенікмортху";

const isCertainlyLatin = (letter: string): boolean => /[a-z]/.test(letter) && !LATIN.includes(letter);
const isCertainlyCyrillic = (letter: string): boolean =>
  /[\u0400-\u052f]/.test(letter) && !CYRILLIC.includes(letter);

/** The words of what was typed, single spaces between; empty when there is none. */
export function fold(typed: string): string {
  const compatible = seen(seen(typed).normalize("NFKC"));
  const unmarked = compatible.toLowerCase().normalize("NFKC").replace(MARK, "");
  const plain = unmarked.replace(/[ёґςı]/g, (letter) => PLAIN[letter] ?? letter).normalize("NFC");
  return withoutPlaces(plain.split(" ").filter(Boolean)).map(inOneScript).join(" ");
}

const seen = (text: string): string => text.replace(REMOVED, "").replace(GAP, " ");

/** The words alone, where each has its place in a list before it: `1 river 2 stone`, `1river 2stone`. */
function withoutPlaces(pieces: string[]): string[] {
  const words: string[] = [];
  for (let at = 0; at < pieces.length; at++) {
    const [, place, joined] = /^([0-9]*)(.*)$/.exec(pieces[at] as string) as RegExpExecArray;
    const word = joined || (pieces[++at] ?? "");
    if (place === "" || Number(place) !== words.length + 1 || !/^[^0-9]/.test(word)) return pieces;
    words.push(word);
  }
  return words.length > 1 ? words : pieces;
}

/** The word with its twins in the script that its other letters are of, where these are of one. */
function inOneScript(word: string): string {
  const letters = Array.from(word);
  const cyrillic = letters.some(isCertainlyCyrillic);
  if (cyrillic && letters.some(isCertainlyLatin)) return word;
  const [from, to] = cyrillic ? [`${LATIN}ëï`, `${CYRILLIC}еї`] : [CYRILLIC, LATIN];
  return letters.map((letter) => to[from.indexOf(letter)] ?? letter).join("");
}

/** The inside of a class of characters: lengths of runs, of what is none and of what is one in turn, in base 26. */
function classOf(runs: string): string {
  let inside = "";
  let next = 0;
  for (const [, skipped, taken] of runs.matchAll(/([A-Z]*[a-z])([A-Z]*[a-z])/g)) {
    const first = next + lengthOf(skipped as string);
    next = first + lengthOf(taken as string);
    inside += `\\u{${first.toString(16)}}-\\u{${(next - 1).toString(16)}}`;
  }
  return inside;
}

function lengthOf(digits: string): number {
  return Array.from(digits).reduce((length, digit) => length * 26 + Number.parseInt(digit, 36) - 10, 0);
}
