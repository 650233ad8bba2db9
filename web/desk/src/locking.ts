// Locking: the page is blank before anybody is asked, and stays so.
import { find } from "./elements.ts";
import { tell } from "./tabs.ts";

let leaving = false;

/** Whether this page was locked: nothing is shown on it any more. */
export const isLeaving = () => leaving;

/** Locks the desk from this tab, and blanks all others. */
export function lockNow(): void {
  blank();
  tell("locked");
  const settled = () => location.replace("/unlock");
  // Where the desk program does not answer, the page stays blank.
  fetch("/lock", { method: "POST", keepalive: true }).then(settled, () => {});
}

/** Blanks a page whose desk was locked from elsewhere. */
export function lockedElsewhere(): void {
  blank();
  location.replace("/unlock");
}

function blank(): void {
  leaving = true;
  const draft = find("reply", HTMLTextAreaElement);
  if (draft) draft.value = "";
  const query = find("query", HTMLInputElement);
  if (query) query.value = "";
  document.title = "Locked";
  document.body.replaceChildren();
}
