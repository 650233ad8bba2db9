// The keys of all pages, in one table: the handler goes by it, and the sheet of help is made from it.

/** What a key does with what it goes to. */
export type Act = "click" | "focus" | "next" | "previous" | "search" | "help";

/** A single key: it works where nothing is typed, by its place on the keyboard, and can be switched off. */
export interface Key {
  /** What stands on it on Latin keyboards. */
  readonly letter: string;
  /** What stands there on Ukrainian and Russian keyboards. */
  readonly cyrillic: string;
  readonly act: Act;
  /** What it goes to: the key is one on pages where this stands. */
  readonly at: string;
  readonly does: string;
}

/** A key that is none of the alphabet: it works always. */
export interface Fixed {
  readonly keys: readonly string[];
  readonly at: string;
  readonly does: string;
}

/** The calls and pages of a list, from one to the next. */
export const LINKS = "#board .cases a, #board .pages a, #results .cases a, #due .due > li > a";

const EVERYWHERE = "body";

/** The single keys, in the order in which the sheet shows them. */
export const KEYS: readonly Key[] = [
  { letter: "n", cyrillic: "т", act: "click", at: "#next", does: "Next: take the call whose turn it is" },
  { letter: "b", cyrillic: "и", act: "click", at: "#to-board", does: "Board" },
  {
    letter: "m",
    cyrillic: "ь",
    act: "click",
    at: "#to-mine",
    does: "Mine: the cases that you have, and those that are offered to you",
  },
  { letter: "d", cyrillic: "в", act: "click", at: "#to-follow-ups", does: "Due: follow-ups of all calls" },
  { letter: "h", cyrillic: "р", act: "click", at: "#to-handover", does: "Handover: the end of a shift" },
  { letter: "e", cyrillic: "у", act: "click", at: "#to-people", does: "Everybody: people of the desk" },
  { letter: "/", cyrillic: ".", act: "search", at: "#to-search", does: "Search" },
  { letter: "j", cyrillic: "о", act: "next", at: LINKS, does: "Down: the next call of the list" },
  { letter: "k", cyrillic: "л", act: "previous", at: LINKS, does: "Up: the call before it" },
  { letter: "r", cyrillic: "к", act: "focus", at: "#reply", does: "Reply: write an answer" },
  {
    letter: "p",
    cyrillic: "з",
    act: "focus",
    at: "#template-query",
    does: "Template: search one, Enter puts it into the answer",
  },
  { letter: "i", cyrillic: "ш", act: "focus", at: "#note-text", does: "Note: write one for colleagues" },
  { letter: "f", cyrillic: "а", act: "click", at: "#follow-ups", does: "Follow-ups of this call" },
  {
    letter: "t",
    cyrillic: "е",
    act: "click",
    at: "#transfer > summary",
    does: "Transfer: hand this call over to a colleague",
  },
  {
    letter: "u",
    cyrillic: "г",
    act: "click",
    at: "#level",
    does: "Urgency: choose a level, then Tab and Enter",
  },
  {
    letter: "z",
    cyrillic: "я",
    act: "click",
    at: "#take-back",
    does: "Take back the newest answer that waits",
  },
  {
    letter: "x",
    cyrillic: "ч",
    act: "focus",
    at: "#close-why, #reopen",
    does: "Close this call, or reopen it",
  },
  { letter: "?", cyrillic: ",", act: "help", at: "#to-help", does: "This help" },
];

/** The other keys. */
export const FIXED: readonly Fixed[] = [
  { keys: ["↓", "↑"], at: LINKS, does: "Down and up, once a call of the list has the focus" },
  { keys: ["Enter"], at: LINKS, does: "Open the call that has the focus" },
  { keys: ["Ctrl Enter"], at: "#reply", does: "Preview the answer that you are writing" },
  { keys: ["Ctrl Enter"], at: "#reply", does: "In the preview: send it; Esc goes back to the text" },
  { keys: ["Tab"], at: "#template-query", does: "In the answer: to the next place to fill in" },
  { keys: ["Ctrl Enter"], at: "#note-text", does: "Keep the note that you are writing" },
  { keys: ["Esc"], at: EVERYWHERE, does: "Leave the box in which you type, or this help" },
  { keys: ["Esc Esc"], at: EVERYWHERE, does: "Lock at once, from anywhere, also while you type" },
];
