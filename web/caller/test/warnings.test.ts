// What might betray somebody is pointed out, in each language; ordinary sentences are left alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type WarningKind, warningsIn } from "../src/warnings.ts";

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

test("a long text is looked through quickly", () => {
  const start = performance.now();
  warningsIn("Aa1 ".repeat(5000) + "1".repeat(20_000) + "@".repeat(5000));
  assert.ok(performance.now() - start < 1000);
});
