// Templates: found by what they say, put in where the writer is, and Tab goes to what is to be filled in.
import { find, instead } from "./elements.ts";
import { brackets, meets, nextHole } from "./hopping.ts";

/** Offers the templates of this page to a box. */
export function start(place: HTMLTextAreaElement): void {
  const choice = find("template", HTMLSelectElement);
  const options = [...(choice?.options ?? [])];
  const brought = new Set(options.flatMap((option) => brackets(option.dataset.text ?? "")));
  place.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || event.shiftKey || event.isComposing) return;
    // Behind the last one the key does what it does everywhere.
    const hole = nextHole(place.value, place.selectionEnd, brought);
    if (hole) instead(event, () => place.setSelectionRange(...hole));
  });
  const query = find("template-query", HTMLInputElement);
  if (!choice || !query) return;
  query.hidden = false;
  query.addEventListener("input", () => {
    const found = options.filter((one) => meets(query.value, one.text, one.dataset.text ?? ""));
    choice.replaceChildren(...found);
    choice.selectedIndex = found.length > 0 ? 0 : -1;
  });
  const put = () => putIn(place, choice.selectedOptions[0] ?? choice.options[0], brought);
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Enter") instead(event, put);
    else if (event.key === "ArrowDown" && event.target === query) instead(event, () => choice.focus());
  };
  query.addEventListener("keydown", onKey);
  choice.addEventListener("keydown", onKey);
  choice.addEventListener("dblclick", put);
  find("put-in", HTMLButtonElement)?.addEventListener("click", (event) => instead(event, put));
}

function putIn(
  place: HTMLTextAreaElement,
  chosen: HTMLOptionElement | undefined,
  brought: Set<string>,
): void {
  const text = chosen?.dataset.text;
  if (!text) return;
  const at = place.selectionStart;
  place.setRangeText(text, at, place.selectionEnd, "end");
  const box = find("template-box", HTMLDetailsElement);
  if (box) box.open = false;
  place.focus();
  const hole = nextHole(place.value, at, brought);
  if (hole && hole[1] <= at + text.length) place.setSelectionRange(...hole);
  // It is counted and kept as what is typed.
  place.dispatchEvent(new Event("input", { bubbles: true }));
}
