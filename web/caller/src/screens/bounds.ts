// Bounds of a text field: what a browser cannot lay out in time is refused before it stands there, and nothing else is lost.
import type { TextKey } from "../language.ts";

type Field = HTMLTextAreaElement | HTMLInputElement;
export type Refused = Extract<TextKey, "refused_length" | "refused_marks">;

/** More in a row than any language sets on one letter; browsers take the square of their number. */
const PILED_MAX = 30;
/** Marks, joiners and skin tones: what browsers lay out together with the character before. */
const PILE = new RegExp(`[\\p{M}\\u200c\\u200d\\u{1f3fb}-\\u{1f3ff}]{${PILED_MAX + 1}}`, "u");
/** Browsers' own editing takes minutes for some thousand lines at once, so the page puts more than this in by itself. */
const LINES_MAX = 50;

/**
 * Keeps the field's text within `lengthMax` UTF-16 units and free of piled marks. What is put in and does not fit is
 * refused as a whole; `say` hears why, and null with every change that was taken.
 */
export function keepBounded(field: Field, lengthMax: number, say: (refused: Refused | null) => void): void {
  let taken = field.value;
  const judge = (text: string): Refused | null => {
    if (text.length > lengthMax) return "refused_length";
    return PILE.test(text) ? "refused_marks" : null;
  };
  field.addEventListener("beforeinput", (event) => {
    const put = putIn(event as InputEvent);
    // What an input method composes cannot be refused here.
    if (put === "" || !event.cancelable) return;
    const refused = judge(withText(field, put));
    if (refused) {
      event.preventDefault();
      say(refused);
    } else if (linesOf(put) > LINES_MAX && (event as InputEvent).inputType !== "insertFromDrop") {
      event.preventDefault();
      field.setRangeText(put, field.selectionStart ?? 0, field.selectionEnd ?? 0, "end");
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
  });
  field.addEventListener("input", () => {
    const refused = judge(field.value);
    if (refused) field.value = taken;
    taken = field.value;
    say(refused);
  });
}

function putIn(event: InputEvent): string {
  if (event.inputType === "insertLineBreak") return "\n";
  return event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
}

function withText(field: Field, put: string): string {
  const { value, selectionStart, selectionEnd } = field;
  return value.slice(0, selectionStart ?? value.length) + put + value.slice(selectionEnd ?? value.length);
}

function linesOf(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0 && lines <= LINES_MAX; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
