// Leaving now: the page is blank at once, without the network, and is no entry of the tab's history.

/** Empties everything that can be seen, then replaces the page. `wipe` forgets what cannot be seen. */
export function leaveNow(wipe: () => void): void {
  document.title = "";
  document.documentElement.replaceChildren();
  location.replace("about:blank");
  wipe();
}
