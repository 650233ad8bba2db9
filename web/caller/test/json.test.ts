// Strings of any length in JSON that others wrote: read to their end, without a pattern that uses up the stack.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Malformed, utf8 } from "../src/protocol/bytes.ts";
import { parseJson } from "../src/protocol/json.ts";

test("a string of millions of characters, quotes and backslashes is one token", () => {
  for (const text of [
    "x".repeat(3_000_000),
    '\\"'.repeat(500_000),
    "\\".repeat(1_000_001),
    '{"a":1,"a":2}',
  ]) {
    const written = JSON.stringify({ a: text, b: [text, 1] });
    assert.equal(parseJson(utf8(written)).a, text);
    assert.throws(() => parseJson(utf8(`{"a":${JSON.stringify(text)},"a":""}`)), Malformed);
  }
});
