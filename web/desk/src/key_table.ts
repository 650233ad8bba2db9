// The keys of all pages, in one table: the handler goes by it, and the sheet of help is made from it.
import { say } from "./texts.ts";

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
export const LINKS =
  "#board .cases a, #board .pages a, #results .cases a, #due .due > li > a, #flood-steps a";

const EVERYWHERE = "body";

/** The single keys, in the order in which the sheet shows them. */
export const KEYS: readonly Key[] = [
  { letter: "n", cyrillic: "т", act: "click", at: "#next", does: say("script-key-next") },
  { letter: "b", cyrillic: "и", act: "click", at: "#to-board", does: say("script-key-board") },
  {
    letter: "m",
    cyrillic: "ь",
    act: "click",
    at: "#to-mine",
    does: say("script-key-mine"),
  },
  { letter: "d", cyrillic: "в", act: "click", at: "#to-follow-ups", does: say("script-key-due") },
  { letter: "h", cyrillic: "р", act: "click", at: "#to-handover", does: say("script-key-handover") },
  { letter: "e", cyrillic: "у", act: "click", at: "#to-people", does: say("script-key-people") },
  { letter: "/", cyrillic: ".", act: "search", at: "#to-search", does: say("script-key-search") },
  { letter: "j", cyrillic: "о", act: "next", at: LINKS, does: say("script-key-down") },
  { letter: "k", cyrillic: "л", act: "previous", at: LINKS, does: say("script-key-up") },
  { letter: "r", cyrillic: "к", act: "focus", at: "#reply", does: say("script-key-reply") },
  {
    letter: "p",
    cyrillic: "з",
    act: "focus",
    at: "#template-query",
    does: say("script-key-template"),
  },
  { letter: "i", cyrillic: "ш", act: "focus", at: "#note-text", does: say("script-key-note") },
  { letter: "f", cyrillic: "а", act: "click", at: "#follow-ups", does: say("script-key-follow-ups") },
  {
    letter: "c",
    cyrillic: "с",
    act: "focus",
    at: "#checklist .check[aria-pressed='false'], #checklist .check",
    does: say("script-key-checklist"),
  },
  {
    letter: "t",
    cyrillic: "е",
    act: "click",
    at: "#transfer > summary",
    does: say("script-key-transfer"),
  },
  {
    letter: "g",
    cyrillic: "п",
    act: "click",
    at: "#flags > summary",
    does: say("script-key-flags"),
  },
  {
    letter: "v",
    cyrillic: "м",
    act: "focus",
    at: ".approve, #second-reader",
    does: say("script-key-second-reader"),
  },
  {
    letter: "u",
    cyrillic: "г",
    act: "click",
    at: "#level",
    does: say("script-key-level"),
  },
  {
    letter: "z",
    cyrillic: "я",
    act: "click",
    at: "#take-back",
    does: say("script-key-take-back"),
  },
  {
    letter: "x",
    cyrillic: "ч",
    act: "focus",
    at: "#close-why, #reopen",
    does: say("script-key-close"),
  },
  { letter: "?", cyrillic: ",", act: "help", at: "#to-help", does: say("script-key-help") },
];

/** The other keys. */
export const FIXED: readonly Fixed[] = [
  { keys: ["↓", "↑"], at: LINKS, does: say("script-key-arrows") },
  { keys: ["Enter"], at: LINKS, does: say("script-key-open") },
  { keys: ["Ctrl Enter"], at: "#reply", does: say("script-key-preview") },
  { keys: ["Ctrl Enter"], at: "#reply", does: say("script-key-send") },
  { keys: ["Tab"], at: "#template-query", does: say("script-key-hole") },
  { keys: ["Ctrl Enter"], at: "#note-text", does: say("script-key-keep-note") },
  { keys: ["Esc"], at: EVERYWHERE, does: say("script-key-leave") },
  { keys: ["Esc Esc"], at: EVERYWHERE, does: say("script-key-lock") },
];
