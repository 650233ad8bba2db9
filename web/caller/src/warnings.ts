// Points out, on the device alone, what in a text might betray somebody; it never stops anyone from sending.

export type WarningKind = "number" | "plate" | "coordinates" | "contact" | "name";

export interface Warning {
  readonly kind: WarningKind;
  /** What was found, as it was written. */
  readonly found: readonly string[];
}

const SHOWN_MAX = 3;
/** Characters that are looked at; a longer text cannot be sent. */
export const JUDGED_MAX = 16_500;
/** Characters of one slice: some milliseconds, with or without a JIT. */
export const SLICE_MAX = 1_000;

// No look-behind: browsers of a few years ago refuse the whole script over it.
const NOT_WORD = "(?:^|[^\\p{L}\\p{N}])";
const CAPITALS = "[A-ZА-ЯІЇЄҐ]";
const CAPITALISED = "\\p{Lu}\\p{Ll}{1,30}(?:-\\p{Lu}\\p{Ll}{1,30})?";

/**
 * In each pattern the first group is what to show. Every repetition has a bound, so that no text takes longer than others
 * of its length.
 */
export const PATTERNS: readonly (readonly [WarningKind, RegExp])[] = [
  ["coordinates", /(-?\d{1,3}[.,]\d{3,15}\s{0,3}[,;/ ]\s{0,3}-?\d{1,3}[.,]\d{3,15})/gu],
  ["coordinates", /(\d{1,3}\s{0,3}°(?:\s{0,3}\d{1,2})?)/gu],
  ["coordinates", new RegExp(`${NOT_WORD}(\\d{1,2}[C-X]\\s?[A-Z]{2}\\s?\\d{2,5}\\s?\\d{2,5})`, "gu")],
  ["contact", /([^\s@<>]{1,64}@[^\s@<>]{1,100}\.[\p{L}]{2,20})/gu],
  ["contact", /((?:https?:\/\/|www\.|t\.me\/)[^\s]{1,80})/giu],
  ["contact", new RegExp(`${NOT_WORD}(@[A-Za-z]\\w{3,40})`, "gu")],
  [
    "plate",
    new RegExp(`${NOT_WORD}(${CAPITALS}{1,3}[ -]?\\d{3,4}[ -]?${CAPITALS}{1,2}(?:[ -]?\\d{2,3})?)`, "gu"),
  ],
  ["plate", new RegExp(`${NOT_WORD}(\\d{4}[ -]?${CAPITALS}{2}(?:[ -]?\\d{1,2})?)`, "gu")],
  ["number", /(\+?\d(?:[\s().–-]{0,2}\d){6,24})/gu],
  ["name", new RegExp(`${NOT_WORD}(${CAPITALISED}(?:\\s{1,3}${CAPITALISED}){1,4})`, "gu")],
  ["name", new RegExp(`${NOT_WORD}(\\p{Lu}\\p{Ll}{0,30}(?:ович|евич|івна|ївна|овна|евна))`, "gu")],
];

const DATE = /^\d{1,4}([.\-/ ])\d{1,2}\1\d{2,4}$/;

/** What the whole text holds. */
export function warningsIn(text: string): Warning[] {
  let found: Warning[] = [];
  for (const soFar of judging(text)) found = soFar;
  return found;
}

/** What was found so far, after each slice of the text: between two of them a page can do what waits. */
export function* judging(text: string): Generator<Warning[], void> {
  const found = new Map<WarningKind, string[]>();
  for (const slice of slicesOf(text)) {
    judgeSlice(slice, found);
    yield [...found].map(([kind, pieces]) => ({ kind, found: pieces }));
  }
}

/** The text in slices, up to what is judged; at least one. */
export function* slicesOf(text: string): Generator<string, void> {
  let rest = text.slice(0, JUDGED_MAX);
  while (rest.length > SLICE_MAX) {
    const end = calmCut(rest);
    yield rest.slice(0, end);
    rest = rest.slice(end);
  }
  yield rest;
}

/** The last gap between two small letters, where nothing that is looked for goes on; the end of the slice where there is none. */
function calmCut(text: string): number {
  for (let at = SLICE_MAX; at > 1; at--) {
    if (/^\p{Ll}\s\p{Ll}/u.test(text.slice(at - 2, at + 1))) return at;
  }
  return SLICE_MAX;
}

function judgeSlice(slice: string, found: Map<WarningKind, string[]>): void {
  let rest = slice;
  for (const [kind, pattern] of PATTERNS) {
    // What one pattern has taken, a later and looser one does not see again.
    rest = rest.replace(pattern, (match: string, piece: string) => {
      if (kind === "number" && DATE.test(piece)) return match;
      const pieces = found.get(kind) ?? [];
      if (pieces.length < SHOWN_MAX && !pieces.includes(piece)) found.set(kind, [...pieces, piece]);
      return match.replace(piece, " ¤ ");
    });
  }
}
