// Points out, on the device alone, what in a text might betray somebody; it never stops anyone from sending.

export type WarningKind = "number" | "plate" | "coordinates" | "contact" | "name";

export interface Warning {
  readonly kind: WarningKind;
  /** What was found, as it was written. */
  readonly found: readonly string[];
}

const SHOWN_MAX = 3;

// No look-behind: browsers of a few years ago refuse the whole script over it.
const NOT_WORD = "(?:^|[^\\p{L}\\p{N}])";
const CAPITALS = "[A-ZА-ЯІЇЄҐ]";
const CAPITALISED = "\\p{Lu}\\p{Ll}+(?:-\\p{Lu}\\p{Ll}+)?";

/** In each pattern the first group is what to show. */
const PATTERNS: readonly (readonly [WarningKind, RegExp])[] = [
  ["coordinates", /(-?\d{1,3}[.,]\d{3,}\s*[,;/ ]\s*-?\d{1,3}[.,]\d{3,})/gu],
  ["coordinates", /(\d{1,3}\s*°(?:\s*\d{1,2})?)/gu],
  ["coordinates", new RegExp(`${NOT_WORD}(\\d{1,2}[C-X]\\s?[A-Z]{2}\\s?\\d{2,5}\\s?\\d{2,5})`, "gu")],
  ["contact", /([^\s@<>]+@[^\s@<>]+\.[\p{L}]{2,})/gu],
  ["contact", /((?:https?:\/\/|www\.|t\.me\/)[^\s]+)/giu],
  ["contact", new RegExp(`${NOT_WORD}(@[A-Za-z]\\w{3,})`, "gu")],
  [
    "plate",
    new RegExp(`${NOT_WORD}(${CAPITALS}{1,3}[ -]?\\d{3,4}[ -]?${CAPITALS}{1,2}(?:[ -]?\\d{2,3})?)`, "gu"),
  ],
  ["plate", new RegExp(`${NOT_WORD}(\\d{4}[ -]?${CAPITALS}{2}(?:[ -]?\\d{1,2})?)`, "gu")],
  ["number", /(\+?\d(?:[\s().–-]{0,2}\d){6,})/gu],
  ["name", new RegExp(`${NOT_WORD}(${CAPITALISED}(?:\\s+${CAPITALISED})+)`, "gu")],
  ["name", new RegExp(`${NOT_WORD}(\\p{Lu}\\p{Ll}*(?:ович|евич|івна|ївна|овна|евна))`, "gu")],
];

const DATE = /^\d{1,4}([.\-/ ])\d{1,2}\1\d{2,4}$/;

export function warningsIn(text: string): Warning[] {
  const found = new Map<WarningKind, string[]>();
  let rest = text;
  for (const [kind, pattern] of PATTERNS) {
    // What one pattern has taken, a later and looser one does not see again.
    rest = rest.replace(pattern, (match: string, piece: string) => {
      if (kind === "number" && DATE.test(piece)) return match;
      const pieces = found.get(kind) ?? [];
      if (!pieces.includes(piece)) found.set(kind, [...pieces, piece]);
      return match.replace(piece, " ¤ ");
    });
  }
  return [...found].map(([kind, pieces]) => ({ kind, found: pieces.slice(0, SHOWN_MAX) }));
}
