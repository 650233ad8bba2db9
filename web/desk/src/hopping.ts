// Places of a text that are still to be filled in, from one to the next.

/** A piece of a text, by its first place and the one behind its last. */
export type Span = readonly [number, number];

const BRACKETS = /\[[^[\]\n]{0,200}\]/gu;

/** What stands in brackets in a text, with them. */
export const brackets = (text: string): string[] => text.match(BRACKETS) ?? [];

/** The first hole that begins at this place or behind it: brackets with an ellipsis, or brackets that a template brought. */
export function nextHole(text: string, from: number, brought: ReadonlySet<string>): Span | null {
  for (const { 0: piece, index } of text.matchAll(BRACKETS)) {
    const isHole = piece.includes("…") || piece.includes("...") || brought.has(piece);
    if (isHole && index >= from) return [index, index + piece.length];
  }
  return null;
}

/** Whether all words of a query stand in a template, whatever their case. */
export function meets(query: string, ...texts: string[]): boolean {
  const whole = texts.join("\n").toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/u)
    .every((word) => whole.includes(word));
}
