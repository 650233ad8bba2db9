// Keeps the desk's pages alive: swaps what changed, keeps what is being written, knows the keys, locks at once.
// Every page works without it.
import * as beside from "./beside.ts";
import { Draft } from "./draft.ts";
import { byId, find, instead } from "./elements.ts";
import * as keys from "./keys.ts";
import * as listening from "./listening.ts";
import { lockNow } from "./locking.ts";
import * as presence from "./presence.ts";
import { showWaiting } from "./refreshing.ts";
import * as searching from "./searching.ts";
import { Sending } from "./sending.ts";
import * as sheet from "./sheet.ts";
import * as templates from "./templates.ts";

// Pages of a desk that is unlocked show its health; the others are still.
if (byId("health")) {
  keys.start();
  sheet.start();
  beside.start();
  byId("lock-form")?.addEventListener("submit", (event) => instead(event, lockNow));
  listening.start();
  presence.start();
  document.addEventListener("selectionchange", showWaiting);
  // A page that the browser kept may be one that was locked since.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
const searchForm = find("search-form", HTMLFormElement);
if (searchForm) searching.start(searchForm);
const form = find("reply-form", HTMLFormElement);
if (form) {
  const place = find("reply", HTMLTextAreaElement);
  new Sending(form, place && new Draft(form, place));
  if (place) templates.start(place);
  // What was said belongs to one moment: a reload must not say it again.
  if (location.search.includes("said=")) history.replaceState(null, "", location.pathname);
}
