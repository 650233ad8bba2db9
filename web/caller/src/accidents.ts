// Gestures that happen by accident and would lose what was typed: a dropped file, and the second half of a double click.

export function keepFromAccidents(target: Document, signal: AbortSignal): void {
  // Dropped on a page, a file or a link is opened in its place.
  for (const type of ["dragover", "drop"] as const) {
    target.addEventListener(
      type,
      (event) => {
        if (takesText(event)) return;
        event.preventDefault();
        if (event.dataTransfer) event.dataTransfer.dropEffect = "none";
      },
      { signal },
    );
  }
  let clicked: EventTarget | null = null;
  target.addEventListener(
    "click",
    (event) => {
      // What the first click has brought under the pointer was not meant by the second.
      if (event.detail > 1 && event.target !== clicked) {
        event.stopPropagation();
        event.preventDefault();
      }
      clicked = event.target;
    },
    { signal, capture: true },
  );
}

function takesText({ target, dataTransfer }: DragEvent): boolean {
  const isField = target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;
  return isField && !target.disabled && !dataTransfer?.types.includes("Files");
}
