// The answer that is being written: its length, what is put into it, and that it is kept.
import { byId, instead, present, setProblem } from "./elements.ts";
import { Keeping } from "./keeping.ts";
import { measure, PILED, TOO_LONG, whyRefused } from "./measure.ts";
import { count } from "./sentences.ts";

// Browsers' own editing takes minutes for some thousand lines at once, so the page puts more than this in by itself.
const LINES_MAX = 50;

/** A place to write, in a form that says how long an answer may be. */
export class Draft {
  /** What keeps it on the device. */
  readonly keeping: Keeping;
  readonly #place: HTMLTextAreaElement;
  readonly #partBytes: number;
  readonly #partsMax: number;

  constructor(form: HTMLFormElement, place: HTMLTextAreaElement) {
    this.#place = place;
    this.#partBytes = Number(form.dataset.partBytes);
    this.#partsMax = Number(form.dataset.partsMax);
    place.addEventListener("beforeinput", (event) => this.#keepBounded(event));
    place.addEventListener("input", () => {
      const problems = byId("problems");
      if ([TOO_LONG, PILED].includes(problems?.textContent ?? "")) problems?.replaceChildren();
      this.count();
    });
    this.keeping = new Keeping(form, place, () => this.count());
    this.count();
  }

  /** Whether nothing can be written for now. */
  set frozen(frozen: boolean) {
    this.#place.readOnly = frozen;
  }

  /** Says how long it is. */
  count(): void {
    const { bytes, parts } = measure(this.#place.value, this.#partBytes);
    const shown = present("reply-count", HTMLElement);
    shown.textContent = count(bytes, parts, this.#partBytes, this.#partsMax);
    shown.classList.toggle("over", parts > this.#partsMax);
  }

  // What the page could not lay out in time is refused before it stands there.
  #keepBounded(event: InputEvent): void {
    const put = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    if (put === "" || !event.cancelable) return;
    const { value, selectionStart, selectionEnd } = this.#place;
    const whole = value.slice(0, selectionStart) + put + value.slice(selectionEnd);
    const refused = whyRefused(whole, this.#partBytes * this.#partsMax);
    if (refused) {
      instead(event, () => setProblem("problems", refused));
    } else if (event.inputType !== "insertFromDrop" && put.split("\n").length > LINES_MAX) {
      instead(event, () => this.#place.setRangeText(put, selectionStart, selectionEnd, "end"));
      this.count();
    }
  }
}
