// Every language says everything, with the same values in the same places.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseLanguage, LANGUAGES, nameIn, textIn } from "../src/language.ts";

const english = LANGUAGES.en as Record<string, string>;

test("all languages have the same keys, in the same order", () => {
  for (const [code, texts] of Object.entries(LANGUAGES)) {
    assert.deepEqual(Object.keys(texts), Object.keys(english), code);
  }
});

test("all texts are there, trimmed, and take the same values", () => {
  const values = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [code, texts] of Object.entries(LANGUAGES)) {
    for (const [key, text] of Object.entries(texts)) {
      assert.ok(text.trim() === text && text !== "", `${code} ${key}`);
      assert.deepEqual(values(text), values(english[key] ?? ""), `${code} ${key}`);
    }
    assert.match(texts.direction, /^(ltr|rtl)$/);
  }
});

test("Cyrillic texts hold no Latin look-alikes inside words", () => {
  for (const code of ["uk", "ru"]) {
    for (const [key, text] of Object.entries(LANGUAGES[code] ?? {})) {
      assert.doesNotMatch(text.replace(/\{\w+\}/g, ""), /[а-яіїєґ][a-z]|[a-z][а-яіїєґ]/i, `${code} ${key}`);
    }
  }
  assert.doesNotMatch(Object.values(LANGUAGES.ru ?? {}).join(""), /[іїєґ]/i);
  assert.doesNotMatch(Object.values(LANGUAGES.uk ?? {}).join(""), /[ыэъё]/i);
});

test("every language says that the page itself may be false, and what is not stored is not sent", () => {
  for (const [code, texts] of Object.entries(LANGUAGES)) {
    assert.ok(texts.know_page.includes("Callsign"), code);
    assert.ok(texts.tick_used_up.includes("{go_on}"), code);
    // The one sentence stands beside every problem; none says by itself that nothing was sent.
    for (const [key, text] of Object.entries(texts)) {
      if (!/^problem_(?!nothing_sent|not_stored)/.test(key)) continue;
      assert.doesNotMatch(
        text,
        /has sent nothing|not been sent|не надіслан|не надіслала|не отправлен|не отправила/,
        key,
      );
    }
  }
});

test("the reader's first known language is chosen", () => {
  assert.equal(chooseLanguage(["uk-UA", "en"]), "uk");
  assert.equal(chooseLanguage(["de", "RU"]), "ru");
  assert.equal(chooseLanguage(["de"]), "en");
  assert.equal(chooseLanguage(["constructor"]), "en");
});

test("values go in as they are", () => {
  assert.equal(textIn("en", "tick_parts", { stored: 1, parts: "$&" }).startsWith("1 of $& parts"), true);
  assert.equal(nameIn("uk", { en: "Home" }), "Home");
  assert.equal(nameIn("uk", {}), "");
});

test("what is written from right to left turns nothing of the sentence around it", () => {
  assert.equal(textIn("en", "welcome_title", { name: "שלום" }), "Write to \u2068שלום\u2069 in confidence");
  const forged = textIn("en", "welcome_title", { name: "a\u202e\u2069b" });
  assert.equal(forged, "Write to \u2068ab\u2069 in confidence");
  assert.equal(textIn("en", "welcome_title", { name: "Harbour" }), "Write to Harbour in confidence");
});

test("every language names the keys that leave by the page's own words for them", () => {
  for (const [code, texts] of Object.entries(LANGUAGES)) {
    assert.match(texts.leave_keys, /^Esc \(.+ Shift\)$/, code);
    for (const [key, text] of Object.entries(texts)) {
      if (key !== "leave_keys") assert.doesNotMatch(text, /Shift|Esc\b/, `${code} ${key}`);
    }
  }
});
