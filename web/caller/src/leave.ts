// Leaving now: the page is blank at once, without the network, and is no entry of the tab's history.

const PRESSES = 3;
const WITHIN_MS = 5_000;

/** Empties everything that can be seen, then replaces the page. `wipe` forgets what cannot be seen. */
export function leaveNow(wipe: () => void): void {
  document.title = "";
  document.documentElement.replaceChildren();
  location.replace("about:blank");
  wipe();
}

/** Calls `leave` when Shift, by itself, is pressed three times in a row within five seconds. */
export function onThreeShifts(target: EventTarget, leave: () => void, signal: AbortSignal): void {
  let alone = false;
  let presses: number[] = [];
  target.addEventListener(
    "keydown",
    (event) => {
      const { key, repeat } = event as KeyboardEvent;
      alone = key === "Shift" && (alone || !repeat);
      // Shift with a letter is a capital, and typing is no wish to leave.
      if (!alone) presses = [];
    },
    { signal },
  );
  target.addEventListener(
    "keyup",
    (event) => {
      if ((event as KeyboardEvent).key !== "Shift" || !alone) return;
      alone = false;
      presses = [...presses.filter((at) => event.timeStamp - at < WITHIN_MS), event.timeStamp];
      if (presses.length >= PRESSES) leave();
    },
    { signal },
  );
}
