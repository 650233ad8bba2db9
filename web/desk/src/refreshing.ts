// Staying up to date: the page is fetched anew, and what changed is swapped.
import { announce } from "./arrivals.ts";
import { ask } from "./asking.ts";
import { byId, find, isLocked, parse, setNote } from "./elements.ts";
import { isLeaving, lockedElsewhere } from "./locking.ts";
import { swap } from "./swap.ts";
import { say } from "./texts.ts";

const CLOSED = say("script-closed");
const GONE = say("script-gone");

/** The box of this page, which a page that is fetched may be newer than. */
export type Box = { turn: () => number; meet: (page: Document) => void };

let box: Box | null = null;
let refreshing = false;
let again = false;
let waitingPage: Document | null = null;

/** Fetches this page anew; once more where that is asked for meanwhile. */
export async function refresh(): Promise<void> {
  again = true;
  if (refreshing || isLeaving()) return;
  refreshing = true;
  while (again && !isLeaving()) {
    again = false;
    try {
      await fetchPage();
    } catch {
      // The listener says that the desk program is away, and calls again once it is back.
    }
  }
  refreshing = false;
}

/** Has this box meet each page that is fetched while nothing of it is kept or sent. */
export function meetWith(one: Box): void {
  box = one;
}

/** Shows what changed on a page; later, where something is selected. */
export function show(page: Document): void {
  if (isLeaving()) return;
  // Swapping under a selection would lose it: the page waits until it is gone.
  if (holdsSelection()) {
    waitingPage = page;
    return;
  }
  waitingPage = null;
  announce(page);
  document.title = page.title;
  for (const old of document.querySelectorAll<HTMLElement>("[data-live]")) {
    const fresh = page.getElementById(old.id);
    if (!fresh) continue;
    keepOpen(fresh);
    if (old.isEqualNode(fresh)) continue;
    keepShown(fresh);
    keepTyped(fresh);
    swap(old, fresh);
  }
  forgetUntrue();
}

// What was said of an act stays no longer than it is true: a colleague may have been faster.
function forgetUntrue(): void {
  for (const said of document.querySelectorAll<HTMLElement>("[data-while]")) {
    if (!document.querySelector(said.dataset.while ?? "")) said.remove();
  }
}

/** Shows the page that waited for a selection to go. */
export function showWaiting(): void {
  if (waitingPage && !holdsSelection()) show(waitingPage);
}

// What somebody has unfolded stays so.
function keepOpen(fresh: HTMLElement): void {
  for (const details of fresh.querySelectorAll<HTMLDetailsElement>("details[id]")) {
    details.open = find(details.id, HTMLDetailsElement)?.open ?? false;
  }
}

// What somebody has typed or chosen in a form that is swapped stays so, where it can still be chosen.
function keepTyped(fresh: HTMLElement): void {
  for (const field of fresh.querySelectorAll<HTMLElement>(
    "input[type='text'][id], select[id], textarea[id]",
  )) {
    const was = byId(field.id);
    if (!isField(field) || !isField(was) || (was.value === "" && !isCleared(was))) continue;
    if (shownOf(was.form) && !isTypedIn(was.form)) continue;
    field.value = was.value;
    if (field.value !== was.value) field.value = "";
  }
}

// Who types has not seen what came since: with what is typed stays what the form was shown with.
function keepShown(fresh: HTMLElement): void {
  for (const field of fresh.querySelectorAll<HTMLInputElement>("input[data-shown]")) {
    const was = find(field.id, HTMLInputElement);
    if (was && isTypedIn(was.form)) field.value = was.value;
  }
}

function shownOf(form: HTMLFormElement | null): HTMLInputElement | null {
  return form?.querySelector<HTMLInputElement>("input[data-shown]") ?? null;
}

function isTypedIn(form: HTMLFormElement | null): boolean {
  const boxes = form?.querySelectorAll<HTMLInputElement>("input[type='text']") ?? [];
  return [...boxes].some((box) => box.value !== box.defaultValue);
}

// A box that was filled by the page, and that somebody has emptied.
function isCleared(field: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement): boolean {
  return "defaultValue" in field && field.defaultValue !== "";
}

function isField(
  element: Element | null,
): element is HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement {
  return (
    element instanceof HTMLInputElement ||
    element instanceof HTMLSelectElement ||
    element instanceof HTMLTextAreaElement
  );
}

async function fetchPage(): Promise<void> {
  const turn = box?.turn();
  const response = await ask(location.pathname + location.search);
  if (isLocked(response)) return lockedElsewhere();
  if (response.status === 403) return setNote(CLOSED);
  if (response.status === 404) return setNote(GONE);
  if (!response.ok) return;
  const page = parse(await response.text());
  if (isLeaving()) return;
  if (box && box.turn() === turn) box.meet(page);
  show(page);
}

function holdsSelection(): boolean {
  const selection = getSelection();
  if (!selection || selection.isCollapsed) return false;
  const at = selection.anchorNode;
  const element = at instanceof Element ? at : at?.parentElement;
  return element?.closest("[data-live]") != null;
}
