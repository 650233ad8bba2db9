// What might betray somebody is pointed out, in each language; ordinary sentences are left alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  JUDGED_MAX,
  judging,
  PATTERNS,
  SLICE_MAX,
  slicesOf,
  type WarningKind,
  warningsIn,
} from "../src/warnings.ts";

const kinds = (text: string): WarningKind[] => warningsIn(text).map(({ kind }) => kind);

test("what looks risky is found", () => {
  const table: [string, WarningKind, string][] = [
    ["call me on +380 67 123 45 67 please", "number", "+380 67 123 45 67"],
    ["мой номер 8 (912) 345-67-89", "number", "8 (912) 345-67-89"],
    ["паспорт 4509123456", "number", "4509123456"],
    ["машина АА 1234 ВС", "plate", "АА 1234 ВС"],
    ["номер А123ВС77", "plate", "А123ВС77"],
    ["we are at 48.13571, 37.74021 now", "coordinates", "48.13571, 37.74021"],
    ["48°08' с. ш.", "coordinates", "48°08"],
    ["grid 37U DQ 12345 67890", "coordinates", "37U DQ 12345 67890"],
    ["пишіть на ivan@example.org", "contact", "ivan@example.org"],
    ["see https://example.org/x", "contact", "https://example.org/x"],
    ["я в телеграмі @petro_77", "contact", "@petro_77"],
    ["мене звати Іван Петренко", "name", "Іван Петренко"],
    ["командир Сергей Иванов-Петров сказал", "name", "Сергей Иванов-Петров"],
    ["нас ведёт Петрович", "name", "Петрович"],
    ["my brother John Smith", "name", "John Smith"],
  ];
  for (const [text, kind, found] of table) {
    const warning = warningsIn(text).find((it) => it.kind === kind);
    assert.deepEqual(warning?.found, [found], text);
  }
});

test("ordinary sentences are left alone", () => {
  const calm = [
    "I was called up on 12.05.2026 and do not know what to do.",
    "Мені 34 роки, у мене двоє дітей. Що буде далі?",
    "Мне 34 года. Что будет дальше?",
    "We have water for 3 days and 2 wounded.",
    "Прийшла повістка 2026-11-23. Я вдома.",
    "",
  ];
  for (const text of calm) assert.deepEqual(kinds(text), [], text);
});

test("at most three of a kind are shown, each once", () => {
  const text = "a@b.org c@d.org e@f.org g@h.org a@b.org";
  assert.deepEqual(warningsIn(text), [{ kind: "contact", found: ["a@b.org", "c@d.org", "e@f.org"] }]);
});

/** Of a million characters each; what people paste by mistake, or others to make a page stand still. */
const AWFUL: readonly string[] = [
  "a",
  "A",
  "7",
  "7A",
  "Aa1 ",
  "Aa-",
  "@",
  "a@",
  "a.",
  "1.111",
  "1.1111 ",
  "+",
  "(",
  "°",
  " ",
  "\n",
  "\ud800",
  "\udc00",
  "👨‍👩‍👧‍👦",
  "\u0301\u0323",
  "я",
  "Івано",
].map((piece) => piece.repeat(1_000_000 / piece.length));

test("no pattern repeats anything without a bound", () => {
  for (const [, { source }] of PATTERNS) {
    const outsideClasses = source.replace(/\\./g, "x").replace(/\[[^\]]*\]/g, "x");
    assert.doesNotMatch(outsideClasses, /[*+]|\{\d+,\}/, source);
  }
});

test("a text is judged in slices of bounded length, up to what can be sent", () => {
  for (const text of [...AWFUL, "one two Three ".repeat(2000), ""]) {
    const slices = [...slicesOf(text)];
    assert.ok(slices.every(({ length }) => length <= SLICE_MAX));
    assert.equal(slices.join(""), text.slice(0, JUDGED_MAX));
    // Twice as long a text is twice the work, and beyond what can be sent there is none.
    assert.equal([...judging(text)].length, slices.length);
  }
  const cut = (length: number): number => [...slicesOf("x".repeat(length))].length;
  assert.deepEqual([1000, 2000, 4000, 8000, 16_000, 1_000_000].map(cut), [1, 2, 4, 8, 16, 17]);
});

test("whatever is pasted is judged to the end", () => {
  for (const text of AWFUL) warningsIn(text);
  // In one piece, as a browser that cannot stop between two slices would.
  for (const text of AWFUL) for (const [, pattern] of PATTERNS) text.replace(pattern, "");
  assert.deepEqual(kinds(`${"ж ".repeat(7000)} Іван Петренко`), ["name"]);
});

test("what stands where two slices meet is found whole", () => {
  for (const found of ["Іван Петренко", "+380 67 123 45 67", "АА 1234 ВС", "48.13571, 37.74021"]) {
    for (let before = SLICE_MAX - 40; before < SLICE_MAX + 10; before++) {
      const text = `${"ж ".repeat(before / 2)}так ${found} ні`;
      assert.deepEqual(
        warningsIn(text).map((warning) => warning.found),
        [[found]],
        `${before} ${found}`,
      );
    }
  }
});
