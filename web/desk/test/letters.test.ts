// Keys work by their place, and by the letter where a browser hides the keyboard.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isSlash, letterOf } from "../src/letters.ts";

const KEYS: [string, string, string][] = [
  ["b", "и", "KeyB"],
  ["f", "а", "KeyF"],
  ["j", "о", "KeyJ"],
  ["k", "л", "KeyK"],
  ["n", "т", "KeyN"],
  ["r", "к", "KeyR"],
];

test("each key works on a Latin and on a Cyrillic keyboard, with capitals and without a place", () => {
  for (const [latin, cyrillic, code] of KEYS) {
    for (const key of [latin, latin.toUpperCase(), cyrillic, cyrillic.toUpperCase()]) {
      assert.equal(letterOf({ key, code }), latin);
      assert.equal(letterOf({ key, code: "" }), latin);
    }
  }
});

test("a Latin letter is what it says, wherever it lies", () => {
  assert.equal(letterOf({ key: "k", code: "KeyN" }), "k");
  assert.equal(letterOf({ key: "ф", code: "KeyA" }), undefined);
  assert.equal(letterOf({ key: "Tab", code: "Tab" }), undefined);
});

test("the slash is the slash, or the full stop in its place", () => {
  assert.ok(isSlash({ key: "/", code: "Digit7" }));
  assert.ok(isSlash({ key: ".", code: "Slash" }));
  assert.ok(!isSlash({ key: ".", code: "Period" }));
});
