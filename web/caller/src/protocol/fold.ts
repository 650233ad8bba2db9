// What is typed, folded to what was meant (docs/protocol.md, section 4): a table that needs no knowledge of any language.

/** What cannot be seen, and apostrophes. */
const REMOVED = /[\u00ad\u200b-\u200d\u2060\ufeff'`\u00b4\u02b9\u02bb-\u02bd\u2018-\u201b\u2032\uff07]/g;
/** `\s` is the list of the protocol but for U+0085 (and U+FEFF, which is gone by then). */
const GAP = /[\s\u0085\-_,.;\u2010-\u2015\u2212]/g;
/** What stays of an accent where no composed letter exists. */
const MARK = /[\u0300-\u036f]/g;
const PLAIN: Readonly<Record<string, string>> = { ё: "е", ґ: "г", ς: "σ" };

/** Letters that look alike, in capitals at least: Latin, and the Cyrillic one of the same place. */
const LATIN = "abcehikmoptxy";
const CYRILLIC = "авсенікмортху";

const isCertainlyLatin = (letter: string): boolean => /[a-z]/.test(letter) && !LATIN.includes(letter);
const isCertainlyCyrillic = (letter: string): boolean =>
  /[\u0400-\u052f]/.test(letter) && !CYRILLIC.includes(letter);

/** The words of what was typed, single spaces between; empty when there is none. */
export function fold(typed: string): string {
  const spaced = typed.normalize("NFC").replace(REMOVED, "").replace(GAP, " ");
  const unmarked = spaced.toLowerCase().normalize("NFC").replace(MARK, "");
  const plain = unmarked.replace(/[ёґς]/g, (letter) => PLAIN[letter] ?? letter).normalize("NFC");
  return plain.split(" ").filter(Boolean).map(inOneScript).join(" ");
}

/** The word with its twins in the script that its other letters are of, where these are of one. */
function inOneScript(word: string): string {
  const letters = Array.from(word);
  const cyrillic = letters.some(isCertainlyCyrillic);
  if (cyrillic && letters.some(isCertainlyLatin)) return word;
  const [from, to] = cyrillic ? [LATIN, CYRILLIC] : [CYRILLIC, LATIN];
  return letters.map((letter) => to[from.indexOf(letter)] ?? letter).join("");
}
