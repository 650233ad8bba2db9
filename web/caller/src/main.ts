// The caller's page: begins a session at every load, and forgets everything on leaving (README.md lists the ids for tests).
import { PageFrame } from "./frame.ts";
import { hubAt } from "./visit/hub.ts";
import { browserWorld } from "./visit/world.ts";

function start(): void {
  let spentBytes = 0;
  const hub = hubAt(document.baseURI, (bytes) => {
    spentBytes += bytes;
  });
  const frame = new PageFrame(browserWorld(), hub, () => spentBytes);
  const ending = new AbortController();
  const { signal } = ending;
  const restart = (): void => {
    ending.abort();
    frame.forget();
    start();
  };
  // Another fingerprint is another desk: nothing of this visit may be carried over.
  window.addEventListener("hashchange", restart, { signal });
  // A browser may keep the page to come back to; it must find nothing there.
  window.addEventListener("pagehide", () => frame.forget(), { signal });
  window.addEventListener("pageshow", (event) => event.persisted && restart(), { signal });
  frame.open(fragment(), signal);
}

/** What follows the # in the address. What cannot be decoded stays as it is, and is refused as a fingerprint. */
function fragment(): string {
  const written = location.hash.slice(1);
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}

start();
