// New messages, told to who hears the page instead of seeing it.
import { present } from "./elements.ts";
import { arrival } from "./sentences.ts";

/** Says what a newer page has more than this one. */
export function announce(page: Document): void {
  const [was, is] = [document, page].map((one) => Number(one.getElementById("next-place")?.dataset.messages));
  if (was === undefined || is === undefined || !(is > was)) return;
  const unread = (one: Document) => one.querySelector('[data-key="unread"]') !== null;
  const waiting = page.getElementById("next-place")?.dataset.waiting ?? "";
  present("announce", HTMLElement).textContent = arrival(
    is - was,
    unread(page) && !unread(document),
    waiting,
  );
}
