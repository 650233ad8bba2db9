// The caller's page: begins a session at every load, and forgets everything on leaving (README.md lists the ids for tests).
import { PageFrame } from "./frame.ts";
import { hubAt } from "./visit/hub.ts";
import { browserWorld } from "./visit/world.ts";

const AROUND_A_LINK = /^[#\s]+|[.,;:!?)>\]}"'\u2019\u201d\u00bb\u2026\s]{1,9}$/gu;

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

/** What follows the # in the address, without what mails and messengers leave around a link. */
function fragment(): string {
  let written = location.hash;
  try {
    written = decodeURIComponent(written);
  } catch {
    // What cannot be decoded is refused as a fingerprint.
  }
  return written.replace(AROUND_A_LINK, "");
}

start();
