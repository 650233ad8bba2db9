// Ctrl with Enter looks over before it sends, and holding it down does neither.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pressed } from "../src/ctrl_enter.ts";
import { FIXED } from "../src/key_table.ts";

const at = (box: string, isPreviewing = false, isHeldDown = false) =>
  pressed({ box, isPreviewing, isHeldDown });

test("the first stroke shows the preview, the second sends, and a note is kept by its own", () => {
  assert.equal(at("reply"), "look-over");
  for (const box of ["", "reply", "note-text"]) assert.equal(at(box, true), "send");
  assert.equal(at("note-text"), "keep-note");
  for (const box of ["", "query", "reason"]) assert.equal(at(box), "");
});

test("a key that is held down neither shows nor sends anything", () => {
  for (const box of ["reply", "note-text", ""]) {
    for (const isPreviewing of [false, true]) assert.equal(at(box, isPreviewing, true), "");
  }
});

test("the sheet of help names both strokes, and no key that sends at once", () => {
  const does = FIXED.filter(({ keys }) => keys.includes("Ctrl Enter")).map((key) => key.does);
  assert.equal(does.filter((one) => /preview/i.test(one)).length, 2, String(does));
  assert.ok(!FIXED.some(({ does }) => /at once/.test(does) && /send/i.test(does)));
});
