// The call sign: two words and two digits for speaking, made from a caller's id; it opens nothing.
import { type Bytes, readU16 } from "./bytes.ts";
import { wordsFromBits } from "./words.ts";

export function callSignOf(callerId: Bytes, language: string): string {
  const number = readU16(callerId, 4) % 100;
  return [...wordsFromBits(callerId, 2, language), String(number).padStart(2, "0")].join("-");
}
