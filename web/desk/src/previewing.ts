// The preview of an answer, laid over its case before anything is sent; shutting it leaves the text as it was.
import { find, instead, present } from "./elements.ts";

const sheet = () => find("preview-sheet", HTMLDialogElement);

/** Whether an answer is looked over. */
export const isPreviewing = () => sheet()?.open === true;

/** Has the sheet give nothing away once it is shut, and take no click that was meant for what lay below it. */
export function start(form: HTMLFormElement): void {
  const over = sheet();
  over?.addEventListener("close", () => {
    over.replaceChildren();
    find("reply", HTMLTextAreaElement)?.focus();
  });
  form.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !over?.contains(event.target)) return;
    // The second half of a double click on what opened the preview is nobody's decision to send.
    if (event.detail > 1) event.preventDefault();
    else if (event.target.closest("#back-to-text")) instead(event, shut);
  });
}

/** Shows the preview that a page holds. */
export function open(page: Document): void {
  const over = present("preview-sheet", HTMLDialogElement);
  over.replaceChildren(...present("preview", HTMLElement, page).childNodes);
  if (!over.open) over.showModal();
  find("preview-heading", HTMLElement)?.focus();
}

/** Goes back to the text. */
export function shut(): void {
  if (isPreviewing()) sheet()?.close();
}
