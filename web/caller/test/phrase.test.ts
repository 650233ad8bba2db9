// Phrases, call signs and fingerprints: generated, read as people type them, and shown as words.
import assert from "node:assert/strict";
import { pbkdf2Sync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { concat, fromHex, hex, utf8 } from "../src/protocol/bytes.ts";
import { callSignOf } from "../src/protocol/call_sign.ts";
import { fingerprintWords, parseFingerprint } from "../src/protocol/fingerprint.ts";
import { fold } from "../src/protocol/fold.ts";
import { generatePhrase, PHRASE_RANDOM_BYTES, rootOf } from "../src/protocol/phrase.ts";
import {
  isListed,
  languageOfWords,
  wordsBeginningWith,
  wordsFromBits,
  wordsOf,
} from "../src/protocol/words.ts";
import { generator } from "./fake_world.ts";

const LANGUAGES = ["en", "uk", "ru"];

test("a generated phrase reads back as itself, in every language", () => {
  const random = generator(1);
  for (const language of LANGUAGES) {
    for (let i = 0; i < 100; i++) {
      const bits = Uint8Array.from({ length: PHRASE_RANDOM_BYTES }, () => random() * 256);
      const phrase = generatePhrase(bits, language);
      assert.equal(phrase.split(" ").length, 10);
      assert.equal(fold(phrase.toUpperCase()), phrase);
      assert.equal(languageOfWords(phrase.split(" ")), language);
    }
  }
});

test("the lists are those of the protocol", async () => {
  for (const language of LANGUAGES) {
    const path = new URL(`../../../crates/protocol/words/${language}.txt`, import.meta.url);
    assert.equal(`${wordsOf(language).join("\n")}\n`, await readFile(path, "utf8"));
    assert.equal(wordsOf(language).length, 2048);
  }
  assert.equal(wordsOf("fa"), wordsOf("en"));
});

test("words are offered in the language shown first, then in the others", () => {
  assert.deepEqual(wordsBeginningWith("aban", 4, "uk"), ["abandon"]);
  const shared = wordsOf("uk").filter((word) => wordsOf("ru").includes(word));
  assert.deepEqual(wordsBeginningWith(shared[0] as string, 4, "ru").slice(0, 1), shared.slice(0, 1));
  for (const language of ["uk", "ru"]) {
    const [first] = wordsBeginningWith("при", 4, language);
    assert.ok(wordsOf(language).includes(first as string));
  }
  assert.ok(isListed("abandon") && isListed(shared[0] as string) && !isListed("xyzzy"));
});

test("words are read eleven bits at a time", () => {
  const binary = (words: string): string => words.replace(/ /g, "");
  const bits = binary("00000000000 00000000001 11111111111 10000000000 0000");
  const bytes = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
  assert.deepEqual(wordsFromBits(bytes, 4, "en"), ["abandon", "ability", "zoo", wordsOf("en")[1024]]);
});

test("typing is forgiven", () => {
  const table: [string, string][] = [
    ["  Abandon ability\tABLE\n", "abandon ability able"],
    ["abandon-ability_able.", "abandon ability able"],
    ["aban\u00addon\u00a0abi\u200blity, able;", "abandon ability able"],
    ["\ufeffabandon\u2014ability\u2212able\u3000\u0085", "abandon ability able"],
    ["И\u0306од", "йод"],
    ["ÉTÉ", "été"],
    ["ΟΔΟΣ", "οδοσ"],
    [" \ufeff-\n", ""],
    ["п'ять Ёж за\u0301мок", "пять еж замок"],
    ["\u0430bl\u0435 BOPO\u0413", "able ворог"],
    ["\u0441\u043e\u0440\u0443", "copy"],
    ["abandon abel", "abandon abel"],
  ];
  for (const [typed, folded] of table) assert.equal(fold(typed), folded, JSON.stringify(typed));
});

test("folding twice changes nothing", () => {
  const random = generator(2);
  const alphabet = [..."'abcжґё\u0308ς -_.;,\u00ad\u200d\u2010AbÀЙи\u0306ßİΣσ\u0301\u3000\ufeffzZ7"];
  for (let i = 0; i < 2000; i++) {
    const typed = Array.from({ length: 12 }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
    const once = fold(typed);
    assert.equal(fold(once), once, JSON.stringify(typed));
  }
});

test("the root is PBKDF2 over the folded phrase, bound to the desk", async () => {
  const fingerprint = new Uint8Array(32).fill(9);
  const root = await rootOf("abandon ability able", fingerprint);
  const salt = concat(utf8("callsign/v1 root"), fingerprint);
  assert.equal(hex(root), pbkdf2Sync("abandon ability able", salt, 600_000, 32, "sha512").toString("hex"));
});

test("a call sign is two words and two digits", () => {
  assert.equal(callSignOf(new Uint8Array(16), "en"), "abandon-abandon-00");
  assert.equal(callSignOf(new Uint8Array(16).fill(0xff), "en"), "zoo-zoo-35");
  const id = fromHex(`00100300${"0007"}${"00".repeat(10)}`);
  for (const language of LANGUAGES) {
    assert.equal(callSignOf(id, language), `${wordsOf(language)[0]}-${wordsOf(language)[1024]}-07`);
  }
});

test("a listed word is found whatever look-alikes and capitals it is typed with", () => {
  const random = generator(3);
  const [latin, cyrillic] = ["abcehikmoptxy", "авсенікмортху"];
  const twin = (c: string): string => (latin + cyrillic)[(cyrillic + latin).indexOf(c)] ?? c;
  for (const word of LANGUAGES.flatMap(wordsOf)) {
    const typed = Array.from(word, (c) => (random() < 0.5 ? twin(c) : c)).join("");
    assert.equal(fold(typed), word);
    assert.equal(fold(typed.toUpperCase()), word);
  }
});

test("a fingerprint is read with any case and separators, and nothing else", () => {
  const written = "AB:cd-01 23".repeat(8);
  assert.equal(hex(parseFingerprint(written)), "abcd0123".repeat(8));
  for (const wrong of [
    "",
    "ab",
    "ab".repeat(31),
    "ab".repeat(33),
    `${"ab".repeat(31)}zz`,
    `${"ab".repeat(31)}a`,
  ]) {
    assert.throws(() => parseFingerprint(wrong), wrong);
  }
  assert.equal(fingerprintWords(new Uint8Array(32)).join(" "), Array(12).fill("abandon").join(" "));
});
