// Asking the desk program for pages, in the language of the page that asks, whatever was chosen elsewhere meanwhile.
import { LANGUAGE } from "./texts.ts";

/** Fetches a page of the desk program. */
export const ask = (path: string, how: RequestInit = {}) =>
  fetch(path, { ...how, headers: { "callsign-language": LANGUAGE } });
