// How long an answer is, by the protocol's own measure: bytes inside a JSON string, parts filled from the front.
import { say } from "./texts.ts";

// What has a short escape in JSON: \b \t \n \f \r \" \\.
const ESCAPED = [0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x22, 0x5c];
// Marks, joiners and skin tones on one character: browsers take the square of their number.
const PILE = /(?:\p{M}|\u200c|\u200d|[\u{1f3fb}-\u{1f3ff}]){31}/u;

/** Why a text is not put in; the page says so in these words. */
export const TOO_LONG = say("script-too-long");
export const PILED = say("script-piled");

/** Bytes and parts of a text, in parts of at most `partBytes` bytes. */
export function measure(text: string, partBytes: number): { bytes: number; parts: number } {
  let [bytes, parts, used] = [0, text === "" ? 0 : 1, 0];
  for (const character of text) {
    const add = escapedLength(character.codePointAt(0) ?? 0);
    if (used + add > partBytes) [parts, used] = [parts + 1, 0];
    used += add;
    bytes += add;
  }
  return { bytes, parts };
}

/** Why a browser could not lay out this text in time, for answers of at most `bytesMax` bytes; empty where it can. */
export function whyRefused(text: string, bytesMax: number): string {
  if (text.length > 2 * bytesMax) return TOO_LONG;
  return PILE.test(text) ? PILED : "";
}

function escapedLength(code: number): number {
  if (ESCAPED.includes(code)) return 2;
  if (code < 0x20) return 6;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
