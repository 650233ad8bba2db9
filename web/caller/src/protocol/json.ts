// Reads JSON that others wrote: a missing or wrongly typed member is an error, an unknown one is ignored, and what two
// readers might understand differently is refused wherever it stands (docs/protocol.md, section 2).
import { type Bytes, fromBase64url, fromUtf8, Malformed, utf8 } from "./bytes.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

const DEPTH_MAX = 16;

/** Where a token of valid JSON begins; a string's first quote alone, and all of any other token. */
const BEGINNING = /["{}[\]:,]|[^\s{}[\]:,"]+/g;

export function parseJson(bytes: Uint8Array, nulls: "allowed" | "refused" = "refused"): JsonObject {
  const written = fromUtf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    throw new Malformed("not JSON");
  }
  checkForm(written, nulls === "allowed");
  return object(value);
}

/** What `JSON.parse` lets pass: members given twice, numbers in other forms, lone surrogates, depth, null. */
function checkForm(written: string, nullAllowed: boolean): void {
  // One for each list or object that is open; of a list the names stay empty.
  const open: Set<string>[] = [];
  let last = "";
  for (const token of tokens(written)) {
    if (token === ":") {
      const name = JSON.parse(last) as string;
      const names = open.at(-1);
      if (names?.has(name)) throw new Malformed("a member given twice");
      names?.add(name);
    } else if (token === "{" || token === "[") {
      if (open.push(new Set()) > DEPTH_MAX) throw new Malformed("too deep");
    } else if (token === "}" || token === "]") {
      open.pop();
    } else if (token !== ",") {
      checkScalar(token, nullAllowed);
    }
    last = token;
  }
}

/** Every token of valid JSON; white space is left out. Strings are walked, for a pattern over one may use up the stack. */
function* tokens(written: string): Generator<string, void> {
  const pattern = new RegExp(BEGINNING);
  for (let found = pattern.exec(written); found; found = pattern.exec(written)) {
    if (found[0] === '"') {
      pattern.lastIndex = endOfString(written, found.index);
      yield written.slice(found.index, pattern.lastIndex);
    } else {
      yield found[0];
    }
  }
}

function endOfString(written: string, start: number): number {
  let at = start + 1;
  while (at < written.length && written[at] !== '"') at += written[at] === "\\" ? 2 : 1;
  return at + 1;
}

function checkScalar(token: string, nullAllowed: boolean): void {
  if (token.startsWith('"')) {
    if (/\p{Surrogate}/u.test(JSON.parse(token))) throw new Malformed("a lone surrogate");
  } else if (token === "null") {
    if (!nullAllowed) throw new Malformed("null");
  } else if (token !== "true" && token !== "false") {
    if (!/^[0-9]+$/.test(token) || !Number.isSafeInteger(Number(token))) {
      throw new Malformed("not a whole number below 2^53");
    }
  }
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

export function flag(value: unknown): boolean {
  if (typeof value !== "boolean") throw new Malformed("neither true nor false");
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

/** Bytes of a text inside a JSON string. Each code point is escaped by itself, so sizes add up. */
export const jsonSize = (written: string): number => utf8(JSON.stringify(written)).length - 2;

/** The texts of an object whose members are all texts. */
export function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(object(value)).map(([key, member]) => [key, text(member)]));
}
