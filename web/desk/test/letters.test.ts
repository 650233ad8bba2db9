// Keys work by their place, and by the letter where a browser hides the keyboard.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIXED, KEYS } from "../src/key_table.ts";
import { keyOf } from "../src/letters.ts";

const CODES = new Map([
  ["?", "Slash"],
  ["/", "Slash"],
]);

test("each key works on a Latin and on a Cyrillic keyboard, with capitals and without a place", () => {
  for (const one of KEYS) {
    const code = CODES.get(one.letter) ?? `Key${one.letter.toUpperCase()}`;
    for (const key of [one.letter, one.letter.toUpperCase(), one.cyrillic, one.cyrillic.toUpperCase()]) {
      assert.equal(keyOf({ key, code }), one, `${key} on ${code}`);
      // Full stop and comma are signs of their own where no place is told.
      if (/[\p{L}?/]/u.test(key)) assert.equal(keyOf({ key, code: "" }), one, key);
    }
  }
});

test("a Latin letter is what it says, wherever it lies", () => {
  assert.equal(keyOf({ key: "k", code: "KeyN" })?.letter, "k");
  assert.equal(keyOf({ key: "q", code: "KeyN" }), undefined);
  assert.equal(keyOf({ key: "ф", code: "KeyA" }), undefined);
  assert.equal(keyOf({ key: "Tab", code: "Tab" }), undefined);
});

test("signs are what they say, or what a Cyrillic keyboard has in their place", () => {
  assert.equal(keyOf({ key: "/", code: "Digit7" })?.letter, "/");
  assert.equal(keyOf({ key: "?", code: "Digit7" })?.letter, "?");
  for (const key of [".", ","]) assert.equal(keyOf({ key, code: "Period" }), undefined);
  assert.equal(keyOf({ key: "-", code: "Slash" }), undefined);
});

test("no two keys are the same, and each says what it does", () => {
  for (const side of ["letter", "cyrillic"] as const) {
    assert.equal(new Set(KEYS.map((key) => key[side])).size, KEYS.length, side);
  }
  for (const { does, at } of [...KEYS, ...FIXED]) assert.ok(does !== "" && at !== "");
});
