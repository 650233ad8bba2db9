// Phrases, call signs and fingerprints: generated, read as people type them, and shown as words.
import assert from "node:assert/strict";
import { createHash, pbkdf2Sync } from "node:crypto";
import { test } from "node:test";
import { concat, fromHex, hex, utf8 } from "../src/protocol/bytes.ts";
import { callSignOf } from "../src/protocol/call_sign.ts";
import { fingerprintWords, parseFingerprint } from "../src/protocol/fingerprint.ts";
import { foldPhrase, generatePhrase, PHRASE_RANDOM_BYTES, rootOf } from "../src/protocol/phrase.ts";
import { WORDS, wordsFromBits } from "../src/protocol/words.ts";
import { generator } from "./fake_world.ts";

test("a generated phrase reads back as itself", () => {
  const random = generator(1);
  for (let i = 0; i < 200; i++) {
    const phrase = generatePhrase(Uint8Array.from({ length: PHRASE_RANDOM_BYTES }, () => random() * 256));
    assert.equal(phrase.split(" ").length, 10);
    assert.equal(foldPhrase(phrase), phrase);
  }
});

test("the word list is BIP-39's", () => {
  assert.equal(WORDS.length, 2048);
  const hash = createHash("sha256")
    .update(`${WORDS.join("\n")}\n`)
    .digest("hex");
  assert.equal(hash, "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
});

test("words are read eleven bits at a time", () => {
  const binary = (words: string): string => words.replace(/ /g, "");
  const bits = binary("00000000000 00000000001 11111111111 10000000000 0000");
  const bytes = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
  assert.deepEqual(wordsFromBits(bytes, 4), ["abandon", "ability", "zoo", WORDS[1024]]);
});

test("typing is forgiven", () => {
  const table: [string, string][] = [
    ["  Abandon ability\tABLE\n", "abandon ability able"],
    ["abandon-ability_able.", "abandon ability able"],
    ["aban\u00addon\u00a0abi\u200blity, able;", "abandon ability able"],
    ["\ufeffabandon\u2014ability\u2212able\u3000\u0085", "abandon ability able"],
    ["И\u0306од", "йод"],
    ["ÉTÉ", "été"],
    ["ΟΔΟΣ", "οδος".replace(/σ$/, "ς")],
    [" \ufeff-\n", ""],
    ["abandon abel", "abandon abel"],
  ];
  for (const [typed, folded] of table) assert.equal(foldPhrase(typed), folded, JSON.stringify(typed));
});

test("folding twice changes nothing", () => {
  const random = generator(2);
  const alphabet = [..." -_.;,\u00ad\u200d\u2010AbÀЙи\u0306ßİΣσ\u0301\u3000\ufeffzZ7"];
  for (let i = 0; i < 2000; i++) {
    const typed = Array.from({ length: 12 }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
    const once = foldPhrase(typed);
    assert.equal(foldPhrase(once), once, JSON.stringify(typed));
  }
});

test("the root is PBKDF2 over the folded phrase, bound to the desk", async () => {
  const fingerprint = new Uint8Array(32).fill(9);
  const root = await rootOf("abandon ability able", fingerprint);
  const salt = concat(utf8("callsign/v1 root"), fingerprint);
  assert.equal(hex(root), pbkdf2Sync("abandon ability able", salt, 600_000, 32, "sha512").toString("hex"));
});

test("a call sign is two words and two digits", () => {
  assert.equal(callSignOf(new Uint8Array(16)), "abandon-abandon-00");
  assert.equal(callSignOf(new Uint8Array(16).fill(0xff)), "zoo-zoo-35");
  assert.equal(callSignOf(fromHex(`00100300${"0007"}${"00".repeat(10)}`)), `${WORDS[0]}-${WORDS[1024]}-07`);
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
