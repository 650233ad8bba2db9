// Sending an answer from here, once it was looked over: so a text survives a desk program that is away, which a page that the browser loads instead would lose.
import { ask } from "./asking.ts";
import type { Draft } from "./draft.ts";
import { answered, fields, isLocked, parse, present, setProblem } from "./elements.ts";
import { lockedElsewhere } from "./locking.ts";
import * as previewing from "./previewing.ts";
import { show } from "./refreshing.ts";
import { say } from "./texts.ts";

const UNHEARD = say("script-sending-unheard");

/** Sends what stands in the form, and opens messages by it, one at a time. */
export class Sending {
  readonly #form: HTMLFormElement;
  readonly #draft: Draft | null;
  #isUnderWay = false;

  constructor(form: HTMLFormElement, draft: Draft | null) {
    this.#form = form;
    this.#draft = draft;
    previewing.start(form);
    form.addEventListener("submit", (event) => this.#send(event));
  }

  async #send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    const button = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
    const opening = button?.id === "open";
    if (this.#draft) this.#draft.frozen = !opening;
    // What is kept meanwhile would be kept behind the answer.
    await this.#draft?.keeping.pause();
    const body = fields(this.#form);
    // Browsers before 2023 leave the button out, and with it the choice how the answer leaves.
    if (button?.name) body.set(button.name, button.value);
    const target = button?.hasAttribute("formaction") ? button.formAction : this.#form.action;
    this.#form.setAttribute("aria-busy", "true");
    try {
      const response = await ask(target, { method: "POST", body });
      this.#take(response, parse(await response.text()), opening);
    } catch {
      this.#draft?.keeping.doubt();
      this.#fail(UNHEARD);
    }
    if (this.#draft) this.#draft.frozen = false;
    this.#draft?.keeping.goOn();
    this.#form.removeAttribute("aria-busy");
    this.#isUnderWay = false;
  }

  #take(response: Response, page: Document, opening: boolean): void {
    if (isLocked(response)) {
      // It was taken, and somebody has locked the desk since.
      lockedElsewhere();
    } else if (page.getElementById("preview-form")) {
      this.#draft?.keeping.keptAs(page);
      // What was wrong before is not wrong with what is looked over now.
      for (const id of ["problems", "said"]) present(id, HTMLElement).replaceChildren();
      previewing.open(page);
    } else if (page.getElementById("reply-form")) {
      previewing.shut();
      this.#takeForm(page, response.ok && !opening);
      if (!response.ok) this.#draft?.keeping.tellOf(page);
      if (opening) [...document.querySelectorAll<HTMLElement>(".from-caller")].at(-1)?.focus();
    } else {
      const why = page.querySelector(".problem")?.textContent;
      this.#fail(`${why ?? answered(response)} ${say("script-sending-text-is-here")}`);
    }
  }

  // Said where the text is.
  #fail(sentence: string): void {
    previewing.shut();
    setProblem("problems", sentence);
  }

  #takeForm(page: Document, isSent: boolean): void {
    const refused = page.querySelector("#problems .problem") !== null;
    for (const name of ["once", "again"]) take(name, this.#form, page);
    for (const id of ["problems", "said"]) {
      present(id, HTMLElement).replaceChildren(...present(id, HTMLElement, page).childNodes);
    }
    if (isSent && !refused) this.#draft?.keeping.take(page);
    this.#draft?.count();
    show(page);
  }
}

// What makes an answer count once, and what a repetition is allowed by: each page brings others.
function take(name: string, form: HTMLFormElement, page: Document): void {
  const own = form.elements.namedItem(name);
  const fresh = page.querySelector<HTMLInputElement>(`#reply-form [name="${name}"]`);
  if (!(own instanceof HTMLInputElement) || !fresh) throw new Error(`the form has no field \`${name}\``);
  own.value = fresh.value;
}
