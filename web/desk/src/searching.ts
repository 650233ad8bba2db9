// Searching from here, so that the page is not loaded anew under who goes on typing.
import { ask } from "./asking.ts";
import { answered, byId, fields, instead, isLocked, parse, present, setProblem } from "./elements.ts";
import { lockedElsewhere } from "./locking.ts";
import { say } from "./texts.ts";

const UNHEARD = say("script-searching-unheard");

/** The first of what was found. */
export const firstFound = () => document.querySelector<HTMLElement>("#results .cases a");

/** Searches from this form. */
export function start(form: HTMLFormElement): void {
  const query = present("query", HTMLInputElement);
  form.addEventListener("submit", (event) => instead(event, () => search(form)));
  query.addEventListener("keydown", leaveQuery);
  // What stands there from before is overwritten by typing.
  query.select();
}

async function search(form: HTMLFormElement): Promise<void> {
  form.setAttribute("aria-busy", "true");
  try {
    const response = await ask("/search", { method: "POST", body: fields(form) });
    const page = parse(await response.text());
    if (isLocked(response)) return lockedElsewhere();
    const results = page.getElementById("results");
    const said = page.querySelector("h1")?.textContent ?? answered(response);
    if (results) byId("results")?.replaceChildren(...results.childNodes);
    else setProblem("results", said);
  } catch {
    setProblem("results", UNHEARD);
  } finally {
    form.removeAttribute("aria-busy");
  }
  const found = byId("results")?.firstElementChild?.textContent ?? "";
  present("announce", HTMLElement).textContent = found;
}

// From what is typed, Down goes to what was found, and from the first of that, Up goes back.
function leaveQuery(event: KeyboardEvent): void {
  if (event.key !== "ArrowDown" || event.isComposing) return;
  const first = firstFound();
  if (first) instead(event, () => first.focus());
}
