// Which key was struck: by the letter on a Latin keyboard, by its place on a Cyrillic one.
import { KEYS, type Key } from "./key_table.ts";

/** What was typed, and on which key. */
export type Typed = { key: string; code: string };

// Where signs lie that are no letters.
const SIGNS: Record<string, string> = { "/": "Slash", "?": "Slash" };

/** The key of the table, or nothing that is known. */
export function keyOf({ key, code }: Typed): Key | undefined {
  const typed = key.toLowerCase();
  const latin = KEYS.find((known) => known.letter === typed);
  // A Latin letter is what it says, wherever it lies.
  if (latin || /^[a-z]$/.test(typed)) return latin;
  // Signs share a key, and what stands on it tells which: `.` is the slash's, `,` with Shift the question mark's.
  const sign = KEYS.find((known) => SIGNS[known.letter] === code && known.cyrillic === typed);
  if (sign) return sign;
  const letters = KEYS.filter((known) => !(known.letter in SIGNS));
  const byPlace = letters.find((known) => code === `Key${known.letter.toUpperCase()}`);
  // Browsers that hide the keyboard tell no places.
  return byPlace ?? letters.find((known) => known.cyrillic === typed);
}
