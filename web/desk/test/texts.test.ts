// The script says what is there, with all that it needs, in both languages; Ukrainian counts by its forms.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { FluentResource } from "@fluent/bundle";
import { sayIn, TEXTS } from "../src/texts.ts";

const SOURCES = new URL("../src/", import.meta.url);

/** Each sentence that the sources say, with the names of what they put into it. */
async function uses(): Promise<[string, string[]][]> {
  const found: [string, string[]][] = [];
  for (const name of await readdir(SOURCES)) {
    const source = await readFile(new URL(name, SOURCES), "utf8");
    for (const { 1: key = "", 2: values = "" } of source.matchAll(
      /\bsay\(\s*"([\w-]+)"(?:,\s*\{([^}]*)\})?/gu,
    )) {
      found.push([
        key,
        values
          .split(",")
          .map((value) => (value.split(":")[0] ?? "").trim())
          .filter(Boolean),
      ]);
    }
  }
  return found;
}

const keys = (text: string) => new FluentResource(text).body.map(({ id }) => id);

test("every sentence that the script says is there in both languages, with what it needs, and no other", async () => {
  const said = await uses();
  assert.ok(said.length > 40, String(said.length));
  for (const [language, text] of Object.entries(TEXTS)) {
    assert.deepEqual([...new Set(said.map(([key]) => key))].sort(), keys(text).sort(), language);
    for (const [key, values] of said) {
      const filled = Object.fromEntries(values.map((value) => [value, 5]));
      const sentence = sayIn(language, key, filled);
      assert.notEqual(sentence, key, `${language} ${key} needs more than ${values}`);
      // What is missing would be said in English.
      if (language === "uk") assert.match(sentence, /[а-яіїєґ]/i, key);
      for (const value of values) {
        const { [value]: _, ...rest } = filled;
        assert.equal(sayIn(language, key, rest), key, `${language} ${key} does not need ${value}`);
      }
    }
  }
});

test("Ukrainian counts by its forms", () => {
  const arrival = (messages: number) => sayIn("uk", "script-arrival", { messages, waiting: "4" });
  assert.deepEqual(
    [1, 2, 5, 11, 21, 22, 25].map((messages) => arrival(messages).split(".")[0]),
    [
      "Нове повідомлення",
      "2 нові повідомлення",
      "5 нових повідомлень",
      "11 нових повідомлень",
      "21 нове повідомлення",
      "22 нові повідомлення",
      "25 нових повідомлень",
    ],
  );
});
