// The first view: who is here, what is kept, what cannot be promised; the doors come after it.
import type { App, Screen, ScreenName } from "../app.ts";
import type { TextKey } from "../language.ts";
import { leavingKeys } from "../leaving_taps.ts";
import { fingerprintWords } from "../protocol/fingerprint.ts";
import type { Notice, Successor } from "../protocol/notice.ts";
import { h } from "./element.ts";
import { dateName, title } from "./parts.ts";

const FACTS = ["readers", "kept", "history", "device", "limits", "page", "never", "leave"] as const;

/** The notice has passed every check. */
export function welcomeScreen(app: App, notice: Notice): Screen {
  const values = { name: notice.name, days: notice.days, keys: leavingKeys(app.t("leave_keys")) };
  const facts = FACTS.map((fact) =>
    h(
      "div",
      { class: "fact" },
      h("dt", {}, app.t(`know_${fact}_title`, values)),
      h("dd", {}, app.t(`know_${fact}`, values)),
    ),
  );
  const element = h(
    "div",
    { class: "screen" },
    title(app.t("welcome_title", values)),
    h("p", { class: "lead" }, app.t("welcome_intro", values)),
    trustBox(app, notice),
    h("h2", {}, app.t("know_heading")),
    h("dl", { class: "facts" }, ...facts),
    h("h2", {}, app.t("doors_heading")),
    h(
      "div",
      { class: "doors" },
      door(app, "door-write", "write", "door_write"),
      door(app, "door-return", "return", "door_return"),
      door(app, "door-procedures", "procedures", "door_procedures"),
    ),
  );
  return { element, update() {} };
}

function trustBox(app: App, notice: Notice): HTMLElement {
  const { trust } = app.session;
  const checked = trust === "checked";
  return h(
    "section",
    { id: "trust", class: "trust", "data-state": trust, "aria-labelledby": "trust-heading" },
    h("h2", { id: "trust-heading" }, app.t("trust_heading")),
    h("p", { class: "verdict" }, app.t(checked ? "trust_checked" : "trust_unchecked")),
    h("p", {}, app.t(checked ? "trust_checked_why" : "trust_unchecked_why")),
    fingerprintLine("fingerprint", notice.fingerprint),
    ...(notice.successor ? successorLines(app, notice.successor) : []),
  );
}

/** Signed by the identity that the reader has checked, so it is as good as that check was. */
const successorLines = (app: App, { fingerprint, from }: Successor): HTMLElement[] => [
  h("p", {}, app.t("trust_successor", { day: dateName(app, from) })),
  fingerprintLine("successor", fingerprint),
];

const fingerprintLine = (id: string, fingerprint: Uint8Array): HTMLElement =>
  h(
    "p",
    { id, class: "words", lang: "en", translate: "no", dir: "ltr" },
    fingerprintWords(fingerprint).join(" "),
  );

function door(
  app: App,
  id: string,
  screen: ScreenName,
  label: "door_write" | "door_return" | "door_procedures",
) {
  const hint: TextKey = `${label}_hint`;
  return h(
    "button",
    { type: "button", id, class: "door", click: () => app.go(screen) },
    h("strong", {}, app.t(label)),
    h("span", {}, app.t(hint)),
  );
}
