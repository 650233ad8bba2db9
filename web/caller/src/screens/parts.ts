// Pieces that several screens share.
import type { App, ScreenName } from "../app.ts";
import { DAY_MS, DAY_S } from "../protocol/day.ts";
import { h } from "./element.ts";

/** The heading that takes the focus when its screen comes. */
export const title = (text: string): HTMLHeadingElement => h("h1", { tabindex: "-1" }, text);

export const backTo = (app: App, screen: ScreenName): HTMLElement =>
  h("button", { type: "button", class: "quiet back", click: () => app.go(screen) }, app.t("back"));

/** "today", "yesterday", or the date. */
export function dayName(app: App, day: number): string {
  const distance = Math.floor(app.now() / DAY_MS) - day;
  if (distance === 0) return app.t("today");
  if (distance === 1) return app.t("yesterday");
  return new Intl.DateTimeFormat(app.language, { day: "numeric", month: "long", timeZone: "UTC" }).format(
    day * DAY_MS,
  );
}

/** The day and the minute of unix seconds, in UTC: a device's own zone may be wrong, or hidden. */
export function minuteName(app: App, unixSeconds: number): string {
  const minutes = Math.floor(unixSeconds / 60) % (24 * 60);
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${dayName(app, Math.floor(unixSeconds / DAY_S))}, ${hour}:${minute} UTC`;
}

/** The whole date, for days that may be far off. */
export const dateName = (app: App, day: number): string =>
  new Intl.DateTimeFormat(app.language, { dateStyle: "long", timeZone: "UTC" }).format(day * DAY_MS);

/** Attributes of a field that browsers neither keep nor send anywhere to be checked. */
export const PRIVATE_FIELD = {
  autocomplete: "off",
  autocapitalize: "off",
  autocorrect: "off",
  spellcheck: "false",
  "data-lpignore": "true",
  "data-1p-ignore": "true",
} as const;
