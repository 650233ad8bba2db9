// Sending the forms beside a conversation from here, so that what is being written elsewhere on the page stays as it is.
import { ask } from "./asking.ts";
import { answered, fields, find, instead, isLocked, parse, present, setProblem } from "./elements.ts";
import { isLeaving, lockedElsewhere } from "./locking.ts";
import { show } from "./refreshing.ts";
import { say } from "./texts.ts";

/** Sends each form that names a place for its problems in `data-beside`. */
export function start(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    const place = form.dataset.beside;
    if (place) instead(event, () => send(form, place));
  });
  addEventListener("beforeunload", (event) => {
    if (holdsNote() && !isLeaving()) event.preventDefault();
  });
}

/** Whether a note is being written. */
export const holdsNote = (): boolean => Boolean(find("note-text", HTMLTextAreaElement)?.value);

/** Opens the box that holds this, and shuts the note where it is another: the two are never open at once. */
export function reveal(target: HTMLElement): void {
  const box = find("note-box", HTMLDetailsElement);
  if (box) box.open = box.contains(target);
  const folded = target.closest("details");
  if (folded) folded.open = true;
}

async function send(form: HTMLFormElement, place: string): Promise<void> {
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const text = form.querySelector("textarea");
  if (text) text.readOnly = true;
  const heard = await post(form);
  if (text) text.readOnly = false;
  form.removeAttribute("aria-busy");
  if (heard) take(form, place, heard.response, heard.page);
  else setProblem(place, say("script-beside-unheard"));
}

async function post(form: HTMLFormElement): Promise<{ response: Response; page: Document } | null> {
  try {
    const response = await ask(form.action, { method: "POST", body: fields(form) });
    return { response, page: parse(await response.text()) };
  } catch {
    return null;
  }
}

function take(form: HTMLFormElement, place: string, response: Response, page: Document): void {
  const problems = page.getElementById(place);
  if (isLocked(response)) {
    lockedElsewhere();
  } else if (problems) {
    const isTaken = response.ok && !problems.querySelector(".problem");
    present(place, HTMLElement).replaceChildren(...problems.childNodes);
    renew(form, page);
    if (isTaken) finish(form);
    show(page);
  } else {
    const why = page.querySelector(".problem")?.textContent;
    setProblem(place, `${why ?? answered(response)} ${say("script-beside-text-is-here")}`);
  }
}

// What makes a note count once: each page brings another one.
function renew(form: HTMLFormElement, page: Document): void {
  const own = form.elements.namedItem("once");
  if (form.id === "") return;
  const fresh = page.querySelector<HTMLInputElement>(`#${CSS.escape(form.id)} [name="once"]`);
  if (own instanceof HTMLInputElement && fresh) own.value = fresh.value;
}

function finish(form: HTMLFormElement): void {
  const typed = form.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(
    "textarea, select, input[type='text']",
  );
  for (const field of typed) field.value = "";
  const box = form.closest("details");
  if (box) {
    box.open = false;
    box.querySelector("summary")?.focus();
  }
  present("announce", HTMLElement).textContent = form.dataset.said ?? "";
}
