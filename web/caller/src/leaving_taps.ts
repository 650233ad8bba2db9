// The way out by keys: Escape or Shift, tapped three times by itself. Nothing that people do while writing counts as it.

/** Browsers that resist fingerprinting (Tor Browser) hide Shift from pages; every browser shows them Escape. */
const KEYS: readonly string[] = ["Escape", "Shift"];
const TAPS = 3;
/** From the end of the first tap to the end of the last. */
const WITHIN_MS = 3_000;
/** A key that is down for longer is held and not tapped. */
const TAP_MS = 1_000;
/** The end of a press may never come: some systems keep it to themselves. */
const HELD_MS = 5_000;

/** Half of their events is missing where systems use them for themselves; those that count are named by other keys' events. */
const UNRELIABLE: readonly string[] = [
  ...["Alt", "AltGraph", "Control", "Meta", "OS", "Hyper", "Super", "Fn"],
  ...["CapsLock", "NumLock", "ScrollLock"],
];
/** With these between, or in the middle of one, a tap was meant for something else. */
const OTHER_INPUT = ["wheel", "input", "compositionend", "contextmenu", "dragstart", "dragend", "drop"];

/** The keys by name, as the browser at hand shows them to pages; `both` where that is certain. */
export const leavingKeys = (both: string): string => (CSS.supports("-moz-appearance", "none") ? "Esc" : both);

/** Calls `leave` when one of the keys is tapped three times in a row; `target` is the document. */
export function onThreeTaps(target: EventTarget, leave: () => void, signal: AbortSignal): void {
  const taps = new LeavingTaps();
  const listen = <E extends Event>(type: string, act: (event: E) => void): void =>
    target.addEventListener(type, act as (event: Event) => void, { signal, passive: true });
  listen("keydown", (event: KeyboardEvent) => taps.keyDown(event));
  listen("keyup", (event: KeyboardEvent) => taps.keyUp(event) && leave());
  listen("pointerdown", () => taps.pointer(true));
  for (const type of ["pointerup", "pointercancel"]) listen(type, () => taps.pointer(false));
  // The end of a press may have been outside the window.
  listen("pointermove", ({ buttons }: PointerEvent) => buttons === 0 && taps.pointerIsUp());
  for (const type of OTHER_INPUT) listen(type, () => taps.interrupt());
  listen("visibilitychange", () => taps.forget());
  globalThis.addEventListener?.("blur", () => taps.forget(), { signal });
}

interface Press {
  readonly id: string;
  readonly key: string;
  readonly at: number;
}

class LeavingTaps {
  /** A tap that has begun. */
  private begun: Press | null = null;
  private key = "";
  private ends: readonly number[] = [];
  /** Keys that are down, and since when. */
  private readonly held = new Map<string, number>();
  private pointerDown = false;

  keyDown(event: KeyboardEvent): void {
    const { key, timeStamp: at } = event;
    const id = idOf(event);
    const alone = !this.pointerDown && ![...this.held.values()].some((since) => at - since < HELD_MS);
    if (!UNRELIABLE.includes(key)) this.held.set(id, at);
    if (!alone || !isTap(event)) {
      this.interrupt();
      return;
    }
    if (key !== this.key) this.ends = [];
    this.key = key;
    this.begun = { id, key, at };
  }

  /** Whether it was the last tap. */
  keyUp(event: KeyboardEvent): boolean {
    const { begun } = this;
    const id = idOf(event);
    // Where a key ends that has not begun, the others' ends cannot be relied on.
    if (!this.held.delete(id)) this.held.clear();
    const at = event.timeStamp;
    if (begun?.id !== id || at - begun.at > TAP_MS || isModified(event)) {
      this.interrupt();
      return false;
    }
    this.begun = null;
    this.ends = [...this.ends.filter((end) => at - end < WITHIN_MS), at];
    return this.ends.length >= TAPS;
  }

  pointer(down: boolean): void {
    this.pointerDown = down;
    this.interrupt();
  }

  pointerIsUp(): void {
    this.pointerDown = false;
  }

  interrupt(): void {
    this.begun = null;
    this.ends = [];
  }

  /** What happens while another window or tab is in front is not seen. */
  forget(): void {
    this.interrupt();
    this.held.clear();
    this.pointerDown = false;
  }
}

/** The place on the keyboard; browsers that hide it name the letter, which changes with Shift. */
const idOf = ({ code, key }: KeyboardEvent): string => code || key.toLowerCase();

/** A key that something on the page has taken, such as Escape for an open list, was not meant for leaving. */
function isTap(event: KeyboardEvent): boolean {
  const { key, repeat, isComposing, defaultPrevented } = event;
  return KEYS.includes(key) && !repeat && !isComposing && !defaultPrevented && !isModified(event);
}

function isModified(event: KeyboardEvent): boolean {
  const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
  return (
    altKey || ctrlKey || metaKey || (shiftKey && key !== "Shift") || !!event.getModifierState?.("AltGraph")
  );
}
