// Texts that show nothing, by the rule that the command line and the desk have, too.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isBlank } from "../src/protocol/invisible.ts";

test("a text that shows nothing is blank", () => {
  const blank = [
    "",
    "   ",
    "\n\t\r",
    "\u0085",
    "\u00a0",
    "\u200b\ufeff",
    "\u3164",
    "\u2800",
    "\u202e \u{e0041}",
    "\0",
  ];
  for (const text of blank) assert.ok(isBlank(text), JSON.stringify(text));
  for (const text of [".", " ї ", "\u200ba", "\u0301", "👍"]) assert.ok(!isBlank(text), JSON.stringify(text));
});

test("the list of invisible characters is that of the Rust programs", () => {
  const source = readFileSync(
    new URL("../../../crates/protocol/src/invisible.rs", import.meta.url),
    "utf8",
  ).split("/// Whether a text shows nothing")[0] as string;
  const ranges = [...source.matchAll(/'\\u\{([0-9a-f]+)\}'(?:\.\.='\\u\{([0-9a-f]+)\}')?/g)];
  assert.ok(ranges.length > 20);
  const listed = (code: number): boolean =>
    ranges.some(
      ([, from, to = from]) => parseInt(from as string, 16) <= code && code <= parseInt(to as string, 16),
    );
  for (let code = 0; code <= 0x10ffff; code++) {
    if (/^[\s\u0085\p{Cc}\u2800\p{Cs}]$/u.test(String.fromCodePoint(code))) continue;
    assert.equal(isBlank(String.fromCodePoint(code)), listed(code), `U+${code.toString(16)}`);
  }
});
