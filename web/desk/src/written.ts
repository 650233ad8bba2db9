// What somebody writes in the box of an answer, as it is kept and as it is sent along when the desk is locked.

/** The fields of a draft. */
export function writtenIn(form: HTMLFormElement, place: HTMLTextAreaElement): URLSearchParams {
  const fields = new URLSearchParams({ text: place.value, base: baseField(form)?.value ?? "" });
  fields.set("place", String(place.selectionEnd));
  if (readerField(form)?.checked) fields.set("second_reader", "yes");
  return fields;
}

/** The version that the box goes on from. */
export const baseField = (within: ParentNode) => within.querySelector<HTMLInputElement>('[name="base"]');

/** The box that asks for a second reader; none where the case demands one. */
export const readerField = (within: ParentNode) => within.querySelector<HTMLInputElement>("#second-reader");
