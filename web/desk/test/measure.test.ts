// The measure of an answer is that of JSON; what a browser cannot lay out is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { measure, PILED, TOO_LONG, whyRefused } from "../src/measure.ts";

test("bytes are those inside a JSON string, for each character of the first planes", () => {
  for (let code = 0; code < 0x20000; code += 1) {
    // Halves of a pair are no characters; forms send another one instead.
    if (code >= 0xd800 && code < 0xe000) continue;
    const text = String.fromCodePoint(code);
    const inJson = Buffer.byteLength(JSON.stringify(text)) - 2;
    assert.equal(measure(text, 6).bytes, inJson, code.toString(16));
  }
});

test("parts are filled from the front, and no character is divided", () => {
  assert.deepEqual(measure("", 6), { bytes: 0, parts: 0 });
  assert.deepEqual(measure("abcdef", 6), { bytes: 6, parts: 1 });
  assert.deepEqual(measure("abcdefg", 6), { bytes: 7, parts: 2 });
  // Two bytes each: the third Cyrillic letter would pass the end by one.
  assert.deepEqual(measure("допомога", 5), { bytes: 16, parts: 4 });
  assert.deepEqual(measure("a\u0000b", 6), { bytes: 8, parts: 3 });
  assert.deepEqual(measure("😀😀", 6), { bytes: 8, parts: 2 });
});

test("what is far too long, or piled on one letter, is not put in", () => {
  assert.equal(whyRefused("a".repeat(200), 100), "");
  assert.equal(whyRefused("a".repeat(201), 100), TOO_LONG);
  for (const mark of ["\u0301", "\u200c", "\u200d", "\u{1f3fb}", "\u{1f3ff}"]) {
    assert.equal(whyRefused(`e${mark.repeat(30)}`, 100), "");
    assert.equal(whyRefused(`e${mark.repeat(31)}`, 100), PILED);
  }
  assert.equal(whyRefused(`e${"\u0301\u200d".repeat(16)}`, 100), PILED);
  assert.equal(whyRefused("e\u0301".repeat(60), 100), "");
});
