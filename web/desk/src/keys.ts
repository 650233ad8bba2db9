// What keys do: Esc twice locks, single keys of the table go where it says.
import { reveal } from "./beside.ts";
import { pressed } from "./ctrl_enter.ts";
import { byId, find, instead } from "./elements.ts";
import { type Key, LINKS } from "./key_table.ts";
import { keyOf } from "./letters.ts";
import { lockNow } from "./locking.ts";
import { warnOfLoss } from "./loss.ts";
import { isPreviewing } from "./previewing.ts";
import { firstFound } from "./searching.ts";
import { isOpen, toggle } from "./sheet.ts";

const DOUBLE_MS = 1000;
// Where nothing is typed, letters are keys.
const TYPED_INTO =
  "input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable]";

let lastEscape = -DOUBLE_MS;

/** Listens to keys, before anything on the page does. */
export function start(): void {
  addEventListener("keydown", onKey, true);
}

function onKey(event: KeyboardEvent): void {
  if (event.isComposing || (event.repeat && event.key === "Escape")) return;
  const sends = event.key === "Enter" && event.ctrlKey ? sentBy(event) : null;
  const isHeld = event.ctrlKey || event.altKey || event.metaKey;
  if (event.key === "Escape") {
    onEscape(event);
  } else if (sends) {
    instead(event, () => sends.form?.requestSubmit(sends));
  } else if (!isHeld && !isTyping(event.target)) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") onArrow(event);
    else if (find("letters", HTMLInputElement)?.checked) onSingle(event);
  }
}

function onSingle(event: KeyboardEvent): void {
  const key = keyOf(event);
  const target = key && document.querySelector<HTMLElement>(key.at);
  // Under a sheet nothing is reached but the sheet.
  if (!key || !target || isPreviewing() || (isOpen() && key.act !== "help")) return;
  instead(event, () => act(key, target));
}

function act({ act }: Key, target: HTMLElement): void {
  if (act === "click") press(target);
  else if (act === "focus") goInto(target);
  else if (act === "search") goSearch();
  else if (act === "help") toggle();
  else move(act === "next" ? 1 : -1);
}

// Who writes an answer and who writes a note strike the same key, and each box has a button of its own.
function sentBy(event: KeyboardEvent): HTMLButtonElement | null {
  const box = event.target instanceof HTMLTextAreaElement ? event.target.id : "";
  // The preview is a page of its own where it was asked for before this script ran.
  const isLookedOver = isPreviewing() || byId("preview-form") !== null;
  return find(pressed({ isPreviewing: isLookedOver, box, isHeldDown: event.repeat }), HTMLButtonElement);
}

// What opens below has to be in sight, and Tab goes on from there.
function press(target: HTMLElement): void {
  if (target.matches("summary")) target.focus();
  target.click();
}

function goInto(target: HTMLElement): void {
  reveal(target);
  target.focus();
}

function onEscape(event: KeyboardEvent): void {
  if (event.timeStamp - lastEscape < DOUBLE_MS) {
    lockNow();
    return;
  }
  lastEscape = event.timeStamp;
  warnOfLoss();
  // The browser shuts the sheet by itself.
  const active = document.activeElement;
  if (!isOpen() && active instanceof HTMLElement && isTyping(active)) active.blur();
}

function onArrow(event: KeyboardEvent): void {
  const active = document.activeElement;
  if (event.key === "ArrowUp" && active && active === firstFound()) instead(event, goSearch);
  else if (active?.matches(LINKS)) instead(event, () => move(event.key === "ArrowDown" ? 1 : -1));
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

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPED_INTO) !== null;
}
