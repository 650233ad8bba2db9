// Rows that did not change stay the nodes they were.
import assert from "node:assert/strict";
import { test } from "node:test";
import { merge } from "../src/rows.ts";

type Row = { key?: string; text: string };
const row = (key: string, text = key): Row => ({ key, text });
const merged = (old: Row[], fresh: Row[]) =>
  merge(
    old,
    fresh,
    ({ key }) => key,
    (one, other) => one.text === other.text,
  );

test("rows stay, change, come, go and move", () => {
  const [a, b, c] = [row("a"), row("b"), row("c")];
  const [changed, came] = [row("b", "another text"), row("d")];
  const rows = merged([a, b, c], [row("c"), came, changed]);
  assert.equal(rows.length, 3);
  assert.equal(rows[0], c);
  assert.equal(rows[1], came);
  assert.equal(rows[2], changed);
});

test("no row stands in two places, whatever keys say", () => {
  const one = row("a");
  const rows = merged([one], [row("a"), row("a")]);
  assert.equal(rows[0], one);
  assert.notEqual(rows[1], one);
  assert.equal(new Set(merged([{ text: "x" }], [{ text: "x" }, { text: "x" }])).size, 2);
});

test("nothing is left of an empty list, and all of a new one comes", () => {
  assert.deepEqual(merged([row("a")], []), []);
  assert.deepEqual(merged([], [row("a")]), [row("a")]);
});
