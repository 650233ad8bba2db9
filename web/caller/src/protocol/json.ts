// Reads JSON that others wrote: a missing or wrongly typed member is an error, an unknown one is ignored.
import { type Bytes, fromBase64url, fromUtf8, Malformed } from "./bytes.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function parseJson(bytes: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    throw new Malformed("not JSON");
  }
  return object(value);
}

export function object(value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Malformed("not an object");
  return value as JsonObject;
}

export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Malformed("not a list");
  return value;
}

export function text(value: unknown): string {
  if (typeof value !== "string") throw new Malformed("not text");
  return value;
}

/** A whole number from `least` to `most`. */
export function whole(value: unknown, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most) {
    throw new Malformed("not a whole number in its range");
  }
  return value;
}

export function bytes(value: unknown, length: number): Bytes {
  const decoded = fromBase64url(text(value));
  if (decoded.length !== length) throw new Malformed("bytes of another length");
  return decoded;
}

/** The texts of an object whose members are all texts. */
export function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(object(value)).map(([key, member]) => [key, text(member)]));
}
