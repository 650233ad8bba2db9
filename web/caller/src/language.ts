// The languages of the page: each is one data file, and all have the same keys.
import en from "./texts/en.json";
import ru from "./texts/ru.json";
import uk from "./texts/uk.json";

export type TextKey = keyof typeof en;

export const LANGUAGES: Readonly<Record<string, Readonly<Record<TextKey, string>>>> = { en, uk, ru };

const DEFAULT_LANGUAGE = "en";

/** The first of the reader's languages that the page speaks. */
export function chooseLanguage(wished: readonly string[]): string {
  const known = wished
    .map((tag) => tag.toLowerCase().split("-")[0] ?? "")
    .find((tag) => Object.keys(LANGUAGES).includes(tag));
  return known ?? DEFAULT_LANGUAGE;
}

/** Letters that are written from right to left, and signs that turn what stands around them. */
const TURNING =
  /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const TURNING_SIGNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** The text of `key`, with `{name}` replaced by the value of that name. */
export function textIn(
  language: string,
  key: TextKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const text = (LANGUAGES[language] ?? en)[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => isolated(String(values[name] ?? whole)));
}

/** What others or the reader wrote, so that it turns nothing of the sentence it stands in. */
const isolated = (value: string): string =>
  TURNING.test(value) ? `\u2068${value.replace(TURNING_SIGNS, "")}\u2069` : value;

/** A name that the desk has given in several languages. */
export function nameIn(language: string, names: Readonly<Record<string, string>>): string {
  return names[language] ?? names[DEFAULT_LANGUAGE] ?? Object.values(names)[0] ?? "";
}
