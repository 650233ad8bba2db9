// Tab goes from hole to hole and leaves the box behind the last one; a template is found by all that it says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brackets, meets, nextHole } from "../src/hopping.ts";

const BROUGHT = new Set(["[день]"]);

test("holes are hopped to in their order, and behind the last there is none", () => {
  const text = "У [день], о […] і [...]; [завтра] ні.";
  const found: string[] = [];
  let from = 0;
  for (let hole = nextHole(text, from, BROUGHT); hole; hole = nextHole(text, from, BROUGHT)) {
    found.push(text.slice(...hole));
    from = hole[1];
  }
  assert.deepEqual(found, ["[день]", "[…]", "[...]"]);
  assert.equal(nextHole(text, text.length, BROUGHT), null);
  assert.equal(nextHole("[день]", 1, BROUGHT), null, "one that the cursor stands in is left");
});

test("a hole is what stops the answer: the same cases as at the desk", () => {
  for (const [text, found] of [
    ["come [on which day…]", "[on which day…]"],
    ["[[…]", "[…]"],
    ["у [час]", ""],
    ["[]", ""],
    ["[one\n…]", ""],
    ["so … and (…)", ""],
  ] as const) {
    const hole = nextHole(text, 0, BROUGHT);
    assert.equal(hole ? text.slice(...hole) : "", found, text);
  }
  assert.deepEqual(brackets("a [b] [c\n] […]"), ["[b]", "[…]"]);
});

test("a template is found by words of its keyword, title and text", () => {
  const texts = ["коли", "When to come back", "Прийдіть [день]"];
  for (const query of ["", "КОЛИ", "come when", "прийд back"]) assert.ok(meets(query, ...texts), query);
  for (const query of ["нема", "коли нема"]) assert.ok(!meets(query, ...texts), query);
});
