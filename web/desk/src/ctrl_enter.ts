// What Ctrl with Enter presses: one keystroke looks an answer over, another one sends it.

/** What stands open and where one types. */
export interface Where {
  /** Whether an answer is looked over. */
  readonly isPreviewing: boolean;
  /** The id of the box in which one types; empty where that is none. */
  readonly box: string;
  /** Whether the key is merely held down. */
  readonly isHeldDown: boolean;
}

/** The id of the button that is pressed; empty where none is. */
export function pressed({ isPreviewing, box, isHeldDown }: Where): string {
  // Who leans on the keys has looked at nothing.
  if (isHeldDown) return "";
  if (isPreviewing) return "send";
  if (box === "reply") return "look-over";
  return box === "note-text" ? "keep-note" : "";
}
