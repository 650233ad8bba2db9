// Telling the desk program that a person is here: it locks where nobody is, and a page that is only read sends nothing else.
const EVERY_MS = 60_000;
// What no page does by itself. A pointer that merely moves may be a table that shakes.
const SIGNS = ["keydown", "pointerdown", "wheel", "touchmove"] as const;

let told = -EVERY_MS;

/** Listens to what a person does. */
export function start(): void {
  for (const sign of SIGNS) addEventListener(sign, notice, { capture: true, passive: true });
}

function notice(event: Event): void {
  if (!event.isTrusted || event.timeStamp - told < EVERY_MS) return;
  told = event.timeStamp;
  // One that is not heard is followed by another.
  fetch("/here", { method: "POST" }).catch(() => {});
}
