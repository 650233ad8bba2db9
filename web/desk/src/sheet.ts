// The sheet of help: the keys of this page, and the choice of looks, which is sent as soon as it is made.
import { answered, byId, fields, find, instead, isLocked, present } from "./elements.ts";
import { FIXED, KEYS } from "./key_table.ts";
import { lockedElsewhere } from "./locking.ts";
import { say } from "./texts.ts";

const BOTH = say("script-singles");
const OFF = say("script-singles-off");
const UNHEARD = say("script-looks-unheard");

/** Makes the link to help open the sheet, and takes each choice at once. */
export function start(): void {
  const sheet = find("sheet", HTMLDialogElement);
  byId("to-help")?.addEventListener("click", (event) => {
    // With a key held down the browser opens the page of help in another tab.
    if (sheet && !(event.ctrlKey || event.metaKey || event.shiftKey)) instead(event, toggle);
  });
  const form = present("looks", HTMLFormElement);
  form.addEventListener("change", () => choose(form));
  form.addEventListener("submit", (event) => instead(event, () => choose(form)));
  list();
}

/** Whether the sheet lies over the page. */
export const isOpen = () => find("sheet", HTMLDialogElement)?.open === true;

/** Opens the sheet with the keys that this page has now, or shuts it. */
export function toggle(): void {
  const sheet = find("sheet", HTMLDialogElement);
  if (!sheet) return;
  if (sheet.open) {
    sheet.close();
    return;
  }
  list();
  sheet.showModal();
}

// The page of help has no sheet, and lists the keys of all pages.
const isHere = (at: string) => !byId("sheet") || document.querySelector(at) !== null;

function list(): void {
  const areOn = present("letters", HTMLInputElement).checked;
  const list = document.createElement("dl");
  list.className = "keys";
  for (const { letter, cyrillic, at, does } of areOn ? KEYS : []) {
    if (isHere(at))
      list.append(row([key(letter.toUpperCase()), " / ", key(cyrillic.toUpperCase(), "uk")], does));
  }
  for (const { keys, at, does } of FIXED) {
    const shown = keys.flatMap((one) => one.split(" ")).flatMap((one) => [key(one), " "]);
    if (isHere(at)) list.append(row(shown, does));
  }
  const singles = document.createElement("p");
  singles.className = "quiet";
  singles.textContent = areOn ? BOTH : OFF;
  present("keys", HTMLElement).replaceChildren(list, singles);
}

function row(keys: (Node | string)[], does: string): HTMLElement {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const meaning = document.createElement("dd");
  term.append(...keys);
  meaning.textContent = does;
  row.append(term, meaning);
  return row;
}

function key(name: string, language?: string): HTMLElement {
  const key = document.createElement("kbd");
  key.textContent = name;
  if (language) key.lang = language;
  return key;
}

async function choose(form: HTMLFormElement): Promise<void> {
  const chosen = fields(form);
  const said = present("looks-said", HTMLElement);
  said.textContent = "";
  try {
    const response = await fetch(form.action, { method: "POST", body: chosen });
    if (isLocked(response)) return lockedElsewhere();
    said.textContent = response.ok
      ? say("script-looks-kept")
      : say("script-looks-not-kept", { why: answered(response) });
    if (!response.ok) return;
    show(chosen.get("theme"));
    list();
  } catch {
    said.textContent = UNHEARD;
  }
}

// What the style sheet says from the next page on.
function show(theme: string | null): void {
  document.documentElement.style.colorScheme = theme === "light" || theme === "dark" ? theme : "light dark";
}
