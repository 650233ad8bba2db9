// Word lists as the page carries them: each word as how many letters it shares with the word before, then the others.
import { readFile } from "node:fs/promises";

export async function packedList(path) {
  const words = (await readFile(path, "utf8")).trim().split("\n");
  const shared = (word, before) => [...word].findIndex((letter, at) => letter !== before[at]);
  return words
    .map((word, i) => `${shared(word, words[i - 1] ?? "")}${word.slice(shared(word, words[i - 1] ?? ""))}`)
    .join("");
}

/** For the bundler: a list is imported as its packed text. */
export const wordLists = {
  name: "word lists",
  setup(build) {
    build.onLoad({ filter: /\.txt$/ }, async ({ path }) => ({
      contents: await packedList(path),
      loader: "text",
    }));
  },
};
