// Hearing from the desk program: one tab listens for all.
import { setNote } from "./elements.ts";
import { isLeaving, lockedElsewhere } from "./locking.ts";
import { refresh } from "./refreshing.ts";
import { type Heard, tell, whenTold } from "./tabs.ts";
import { say } from "./texts.ts";

const RETRY_MS = 5000;
const AWAY = say("script-away");

/** Hears other tabs, and listens for them where no other does. */
export function start(): void {
  whenTold(hear);
  lead();
}

function hear(heard: Heard): void {
  if (heard === "locked") lockedElsewhere();
  else if (heard === "changed") refresh();
  else if (!isLeaving()) setNote(heard === "away" ? AWAY : "");
}

// Browsers allow six connections to one address, and each open tab would take one.
function lead(): void {
  const listening = navigator.locks.request("callsign-desk-events", () => new Promise<void>(listen));
  listening.then(() => setTimeout(lead, RETRY_MS));
}

function listen(end: () => void): void {
  const events = new EventSource("/events");
  const pass = (heard: Heard) => {
    tell(heard);
    hear(heard);
  };
  events.addEventListener("changed", () => pass("changed"));
  events.addEventListener("locked", () => pass("locked"));
  events.onopen = () => pass("here");
  events.onerror = () => {
    pass("away");
    if (events.readyState !== EventSource.CLOSED) return;
    // Refused for good; the page that is fetched now says why, and another tab may be let in later.
    pass("changed");
    end();
  };
}
