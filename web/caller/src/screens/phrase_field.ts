// The field for the phrase: suggests words of the list, can be hidden from eyes nearby, and leaves nothing behind.
import type { App } from "../app.ts";
import { fold } from "../protocol/fold.ts";
import { isListed, wordsBeginningWith } from "../protocol/words.ts";
import { keepBounded } from "./bounds.ts";
import { h, setText, show } from "./element.ts";
import { PRIVATE_FIELD } from "./parts.ts";

const SUGGESTIONS_MAX = 4;
const PREFIX_MIN = 2;
/** Longer than any word of the lists. */
const PREFIX_MAX = 40;
/** UTF-16 units; ten words take a tenth of it. What is longer is not taken. */
const PHRASE_LENGTH_MAX = 1_000;

export interface PhraseField {
  readonly element: HTMLElement;
  readonly input: HTMLTextAreaElement;
  /** Whether what was put in last was too long or no phrase, and was not taken. */
  wasRefused(): boolean;
}

/** A combobox over a list box (WAI-ARIA), because the browser's own list would remember what was typed. */
export function phraseField(app: App, submit: () => void): PhraseField {
  const note = h("p", { id: "phrase-note", class: "hint", role: "status" });
  const list = h("ul", {
    id: "suggestions",
    class: "suggestions",
    role: "listbox",
    "aria-label": app.t("phrase_suggestions"),
    hidden: true,
  });
  const input = h("textarea", {
    ...PRIVATE_FIELD,
    id: "phrase-input",
    class: "words",
    rows: "3",
    lang: app.language,
    dir: "ltr",
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "suggestions",
    "aria-describedby": "phrase-hint phrase-note",
  });
  input.value = app.drafts.phrase;
  // Not a password field: a browser would offer to save it.
  const mask = h("button", { type: "button", id: "phrase-mask", class: "quiet" }, app.t("phrase_mask"));
  const suggestions = new Suggestions(input, list, app.language, () => typed());

  const showNote = (typing: Typing): void => setText(note, noteOn(app, input.value, typing));
  const typed = (): void => {
    app.drafts.phrase = input.value;
    showNote("going on");
    if (input.classList.contains("masked")) suggestions.close();
    else suggestions.offer();
  };
  let refused = false;
  keepBounded(input, PHRASE_LENGTH_MAX, (why) => {
    refused = why !== null;
    if (refused) setText(note, app.t("phrase_long"));
  });
  input.addEventListener("input", () => !refused && typed());
  input.addEventListener("keydown", (event) => {
    // An input method's own keys are not for the page.
    if (event.isComposing || suggestions.key(event) || event.key !== "Enter") return;
    event.preventDefault();
    submit();
  });
  input.addEventListener("blur", () => {
    suggestions.close();
    if (!refused) showNote("over");
  });
  mask.addEventListener("click", () => {
    const masked = input.classList.toggle("masked");
    mask.setAttribute("aria-pressed", String(masked));
    setText(mask, app.t(masked ? "phrase_unmask" : "phrase_mask"));
    suggestions.close();
    input.focus();
  });

  const element = h(
    "div",
    { class: "phrase-field" },
    h("div", { class: "label-row" }, h("label", { for: "phrase-input" }, app.t("phrase_label")), mask),
    h("p", { id: "phrase-hint", class: "hint" }, app.t("phrase_hint")),
    input,
    // In the flow of the page, so that it never covers what comes below.
    h("div", { class: "suggestions-place" }, list),
    note,
  );
  showNote("over");
  return { element, input, wasRefused: () => refused };
}

class Suggestions {
  private words: string[] = [];
  private active = -1;

  constructor(
    private readonly input: HTMLTextAreaElement,
    private readonly list: HTMLElement,
    private readonly language: string,
    private readonly taken: () => void,
  ) {}

  offer(): void {
    const prefix = this.prefix();
    const words =
      prefix.length < PREFIX_MIN ? [] : wordsBeginningWith(prefix, SUGGESTIONS_MAX, this.language);
    this.words = words.length === 1 && words[0] === prefix ? [] : words;
    this.active = -1;
    this.draw();
  }

  close(): void {
    this.words = [];
    this.draw();
  }

  /** Whether the key was meant for the list. */
  key(event: KeyboardEvent): boolean {
    if (this.words.length === 0) return false;
    const chosen = this.words[this.active];
    if (event.key === "ArrowDown") this.move(1);
    else if (event.key === "ArrowUp") this.move(-1);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && chosen) this.take(chosen);
    else return false;
    event.preventDefault();
    return true;
  }

  private move(step: number): void {
    this.active =
      (this.active + step + this.words.length + (this.active < 0 && step < 0 ? 1 : 0)) % this.words.length;
    this.draw();
  }

  private take(word: string): void {
    const { value, selectionEnd } = this.input;
    const before = value.slice(0, selectionEnd - this.prefix().length);
    const after = value.slice(selectionEnd).replace(/^\s*/, "");
    this.input.value = `${before}${word} ${after}`;
    this.input.setSelectionRange(before.length + word.length + 1, before.length + word.length + 1);
    this.close();
    this.taken();
  }

  /** The letters of the word that is being typed, up to the cursor. */
  private prefix(): string {
    const { value, selectionEnd } = this.input;
    const before = value.slice(Math.max(0, selectionEnd - PREFIX_MAX), selectionEnd);
    return /\p{L}*$/u.exec(before)?.[0].toLowerCase() ?? "";
  }

  private draw(): void {
    const options = this.words.map((word, i) =>
      h(
        "li",
        {
          id: `suggestion-${i}`,
          role: "option",
          "aria-selected": String(i === this.active),
          // Before the field loses the focus, and the list with it.
          pointerdown: (event) => {
            event.preventDefault();
            this.take(word);
          },
        },
        word,
      ),
    );
    this.list.replaceChildren(...options);
    show(this.list, options.length > 0);
    this.input.setAttribute("aria-expanded", String(options.length > 0));
    if (this.active < 0 || options.length === 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `suggestion-${this.active}`);
  }
}

/** Whether the word at the end may still become another one. */
type Typing = "going on" | "over";

/** How far one is, and which words are not in the list; they are accepted all the same. */
function noteOn(app: App, typed: string, typing: Typing): string {
  const words = wordsIn(typed);
  // A letter more begins a word of its own where the last one is finished.
  const begun =
    typing === "going on" && wordsIn(`${typed}x`).length === words.length ? words.pop() : undefined;
  const unknown = words.filter((word) => !isListed(word));
  if (begun !== undefined) {
    words.push(begun);
    if (!mayBecomeListed(begun)) unknown.push(begun);
  }
  const count = app.t("phrase_count", { count: words.length });
  return unknown.length === 0 ? count : `${app.t("phrase_unknown", { words: unknown.join(", ") })} ${count}`;
}

const wordsIn = (typed: string): string[] => fold(typed).split(" ").filter(Boolean);

/** Whether a listed word begins like this. Which script look-alikes are meant in, only a letter behind them may tell. */
const mayBecomeListed = (word: string): boolean =>
  ["z", "ж"].some((letter) => wordsBeginningWith(fold(word + letter).slice(0, -1), 1, "en").length > 0);
