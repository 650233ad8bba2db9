// What the script says, in the language of the page: the same files as the pages' own, with the same forms of words.
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import english from "../../../crates/desk/texts/en/script.ftl";
import ukrainian from "../../../crates/desk/texts/uk/script.ftl";

/** What goes into the places of a sentence. */
export type Values = Record<string, FluentVariable>;

/** The texts of each language. */
export const TEXTS = { en: english, uk: ukrainian };

const bundles = new Map(Object.entries(TEXTS).map(([language, text]) => [language, bundle(language, text)]));

/** The language of this page; outside of browsers English. */
export const LANGUAGE = globalThis.document?.documentElement.lang ?? "en";

/** A sentence by its key. Tests hold that none is missing; where one were, it is said in English, and at the worst by its key. */
export const say = (key: string, values: Values = {}) => sayIn(LANGUAGE, key, values);

/** The same in a language. */
export function sayIn(language: string, key: string, values: Values = {}): string {
  for (const one of [bundles.get(language), bundles.get("en")]) {
    const pattern = one?.getMessage(key)?.value;
    const wrong: Error[] = [];
    const said = pattern && one?.formatPattern(pattern, values, wrong);
    if (said && wrong.length === 0) return said;
  }
  return key;
}

function bundle(language: string, text: string): FluentBundle {
  // Marks around each place would part texts that are compared and copied.
  const one = new FluentBundle(language, { useIsolating: false });
  one.addResource(new FluentResource(text));
  return one;
}
