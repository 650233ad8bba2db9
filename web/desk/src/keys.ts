// What keys do: Esc twice locks, letters go from call to call.
import { byId, find, instead } from "./elements.ts";
import { isSlash, letterOf } from "./letters.ts";
import { lockNow } from "./locking.ts";
import { warnOfLoss } from "./loss.ts";
import { firstFound } from "./searching.ts";

const DOUBLE_MS = 1000;
const LINKS = "#board .cases a, #board .pages a, #results .cases a";
// Where nothing is typed, letters are keys.
const TYPED_INTO = "input:not([type=checkbox]), textarea, select, [contenteditable]";

let lastEscape = -DOUBLE_MS;

/** Listens to keys, before anything on the page does. */
export function start(): void {
  addEventListener("keydown", onKey, true);
}

function onKey(event: KeyboardEvent): void {
  if (event.isComposing || (event.repeat && event.key === "Escape")) return;
  const draft = find("reply", HTMLTextAreaElement);
  const isHeld = event.ctrlKey || event.altKey || event.metaKey;
  if (event.key === "Escape") {
    onEscape(event);
  } else if (event.key === "Enter" && event.ctrlKey && draft && event.target === draft) {
    instead(event, () => draft.form?.requestSubmit(byId("send")));
  } else if (!isHeld && !isTyping(event.target)) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") onArrow(event);
    else if (find("letters", HTMLInputElement)?.checked) onLetter(event);
  }
}

function onLetter(event: KeyboardEvent): void {
  const letter = letterOf(event);
  if (event.key === "?") instead(event, toggleHelp);
  else if (letter === "j") instead(event, () => move(1));
  else if (letter === "k") instead(event, () => move(-1));
  else if (letter === "n") instead(event, () => byId("next")?.click());
  else if (letter === "b") instead(event, () => byId("to-board")?.click());
  else if (isSlash(event)) instead(event, goSearch);
  else if (letter === "r" && byId("reply")) instead(event, () => byId("reply")?.focus());
  // On the page of a call its own, elsewhere all.
  else if (letter === "f") instead(event, () => (byId("follow-ups") ?? byId("to-follow-ups"))?.click());
}

function onEscape(event: KeyboardEvent): void {
  if (event.timeStamp - lastEscape < DOUBLE_MS) {
    lockNow();
    return;
  }
  lastEscape = event.timeStamp;
  warnOfLoss();
  const help = find("help", HTMLDetailsElement);
  if (help?.open) {
    help.open = false;
    help.querySelector("summary")?.focus();
  }
}

function onArrow(event: KeyboardEvent): void {
  const active = document.activeElement;
  if (event.key === "ArrowUp" && active && active === firstFound()) instead(event, goSearch);
  else if (active?.closest(".cases")) instead(event, () => move(event.key === "ArrowDown" ? 1 : -1));
}

function move(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>(LINKS)];
  const at = document.activeElement instanceof HTMLElement ? links.indexOf(document.activeElement) : -1;
  const next = at < 0 && step < 0 ? links.length - 1 : at + step;
  links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
}

function goSearch(): void {
  const query = find("query", HTMLInputElement);
  if (!query) byId("to-search")?.click();
  query?.focus();
  query?.select();
}

function toggleHelp(): void {
  const help = find("help", HTMLDetailsElement);
  if (!help) return;
  help.open = !help.open;
  if (help.open) help.querySelector("summary")?.focus();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPED_INTO) !== null;
}
