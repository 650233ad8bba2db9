// What stands on a page, found by its id or named by what it shows.
import { say } from "./texts.ts";

/** The element with this id, if it stands on this page and is of that kind. */
export function find<T extends HTMLElement>(
  id: string,
  kind: new () => T,
  page: Document = document,
): T | null {
  const found = page.getElementById(id);
  return found instanceof kind ? found : null;
}

/** Any element with this id. */
export const byId = (id: string) => find(id, HTMLElement);

/** An element that stands on each page that asks for it. */
export function present<T extends HTMLElement>(id: string, kind: new () => T, page: Document = document): T {
  const found = find(id, kind, page);
  if (!found) throw new Error(`#${id} is not on this page`);
  return found;
}

/** The page that an answer of the desk program holds. */
export const parse = (html: string) => new DOMParser().parseFromString(html, "text/html");

/** Whether the desk program answered that it is locked. */
export const isLocked = (response: Response) =>
  response.redirected && new URL(response.url).pathname === "/unlock";

/** What is said of an answer that says nothing itself. */
export const answered = (response: Response) => say("script-answered", { status: String(response.status) });

/** The fields of a form, as browsers send them. */
export function fields(form: HTMLFormElement): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
  return fields;
}

/** A sentence that says what is wrong, in the place for it. */
export function setProblem(place: string, sentence: string): void {
  const problem = document.createElement("p");
  problem.className = "problem";
  problem.textContent = sentence;
  present(place, HTMLElement).replaceChildren(problem);
}

/** A sentence above the page, one at a time; none where it is empty. */
export function setNote(sentence: string): void {
  const shown = byId("note");
  if (shown?.textContent === sentence) return;
  shown?.remove();
  if (sentence === "") return;
  const note = document.createElement("p");
  note.id = "note";
  note.className = "trouble";
  note.setAttribute("role", "status");
  note.textContent = sentence;
  present("main", HTMLElement).before(note);
}

/** Does this instead of what the browser would do. */
export function instead(event: Event, action: () => void): void {
  event.preventDefault();
  action();
}
