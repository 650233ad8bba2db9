// Which letter a key stands for: on a Cyrillic keyboard the same keys work by their place.

const PLACES: Record<string, string> = { KeyB: "b", KeyF: "f", KeyJ: "j", KeyK: "k", KeyN: "n", KeyR: "r" };
// What stands on those keys in Ukrainian and Russian: browsers that hide the keyboard tell no places.
const CYRILLIC: Record<string, string> = { а: "f", и: "b", о: "j", л: "k", т: "n", к: "r" };

/** What was typed, and on which key. */
export type Typed = { key: string; code: string };

/** The Latin letter, lower case, or nothing that is known. */
export function letterOf({ key, code }: Typed): string | undefined {
  const typed = key.toLowerCase();
  return /^[a-z]$/.test(typed) ? typed : (PLACES[code] ?? CYRILLIC[typed]);
}

/** Whether it is the slash; a Cyrillic keyboard has its full stop there. */
export const isSlash = ({ key, code }: Typed) => key === "/" || (code === "Slash" && key === ".");
