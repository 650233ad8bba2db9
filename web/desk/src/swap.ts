// Swapping a part of the page for a newer one, without losing the place of who looks at it.
import { byId } from "./elements.ts";
import { merge } from "./rows.ts";

/** Makes `old` what `fresh` is, and keeps the focus. */
export function swap(old: HTMLElement, fresh: HTMLElement): void {
  const active = document.activeElement;
  const focused = active instanceof HTMLElement && old.contains(active) ? active : null;
  const key = focused?.closest<HTMLElement>("[data-key]")?.dataset.key;
  const id = focused?.id;
  for (const name of fresh.getAttributeNames()) old.setAttribute(name, fresh.getAttribute(name) ?? "");
  if ("keyed" in old.dataset) swapKeyed(old, fresh);
  else old.replaceChildren(...fresh.childNodes);
  if (!focused || old.contains(document.activeElement)) return;
  const row = key ? old.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
  const reachable = (within: Element | null) => within?.querySelector<HTMLElement>("a, button");
  const target = (id && byId(id)) || reachable(row) || reachable(old) || byId("main");
  target?.focus({ preventScroll: true });
}

// Rows that did not change stay the nodes they were, and so keep focus and place.
function swapKeyed(old: HTMLElement, fresh: HTMLElement): void {
  const keyOf = (row: Element) => (row instanceof HTMLElement ? row.dataset.key : undefined);
  const was = [...old.children];
  const rows = merge(was, [...fresh.children], keyOf, (one, other) => one.isEqualNode(other));
  const kept = new Set(rows);
  for (const row of was) if (!kept.has(row)) row.remove();
  let place = old.firstElementChild;
  for (const row of rows) {
    if (row === place) place = place.nextElementSibling;
    else old.insertBefore(row, place);
  }
}
