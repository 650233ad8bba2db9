// Locking: the page is blank before anybody is asked, and stays so.
import { find } from "./elements.ts";
import { tell } from "./tabs.ts";
import { say } from "./texts.ts";
import { writtenIn } from "./written.ts";

/** Browsers send no more than this behind a page that goes. */
export const BEHIND_MAX = 60_000;

let leaving = false;

/** Whether this page was locked: nothing is shown on it any more. */
export const isLeaving = () => leaving;

/** Locks the desk from this tab, and blanks all others; what stands in the box goes with it, to be kept. */
export function lockNow(): void {
  const body = written();
  blank();
  tell("locked");
  const settled = () => location.replace("/unlock");
  // Where the desk program does not answer, the page stays blank.
  const keepalive = body.toString().length < BEHIND_MAX;
  fetch("/lock", { method: "POST", body, keepalive }).then(settled, () => {});
}

/** Blanks a page whose desk was locked from elsewhere. */
export function lockedElsewhere(): void {
  blank();
  location.replace("/unlock");
}

function written(): URLSearchParams {
  const place = find("reply", HTMLTextAreaElement);
  if (!place?.form) return new URLSearchParams();
  const fields = writtenIn(place.form, place);
  fields.set("case", location.pathname.split("/")[2] ?? "");
  return fields;
}

function blank(): void {
  leaving = true;
  const draft = find("reply", HTMLTextAreaElement);
  if (draft) draft.value = "";
  const query = find("query", HTMLInputElement);
  if (query) query.value = "";
  document.title = say("script-locked");
  document.body.replaceChildren();
}
