// What makes the page unfit for use: why, in plain words, and what to do instead.
import type { App, Screen } from "../app.ts";
import type { TextKey } from "../language.ts";
import type { Problem } from "../session.ts";
import { h } from "./element.ts";
import { title } from "./parts.ts";

type AnyProblem = Problem | "no_crypto";

/** What became of what was written: nothing was, some of it may be at the hub, or the page cannot know. */
export type Fate = "nothing_sent" | "not_stored" | "not_known";

export function problemScreen(
  app: Pick<App, "t" | "go">,
  problem: AnyProblem,
  fate: Fate = "nothing_sent",
): Screen {
  const readingOnly = problem === "not_taken";
  const element = h(
    "div",
    { id: "problem", class: "screen problem", "data-problem": problem },
    title(app.t(headingOf(problem))),
    h("p", readingOnly ? {} : { id: "trust", "data-state": "refused" }, app.t(`problem_${problem}`)),
    h("p", {}, app.t(`problem_${fate}`)),
    h("p", { class: "todo" }, app.t(`problem_${problem}_do`)),
    readingOnly &&
      h(
        "button",
        { type: "button", id: "door-procedures", class: "door", click: () => app.go("procedures") },
        h("strong", {}, app.t("door_procedures")),
        h("span", {}, app.t("door_procedures_hint")),
      ),
  );
  return { element, update() {} };
}

/** Above an open call, which stays: its phrase is nowhere else. */
export function problemBanner(app: Pick<App, "t">, problem: Problem, fate: Fate): HTMLElement {
  return h(
    "section",
    { id: "problem", class: "problem banner", "data-problem": problem, role: "alert" },
    h("h2", {}, app.t(headingOf(problem))),
    h("p", {}, app.t(`problem_${problem}`)),
    h("p", {}, app.t(`problem_${fate}`)),
    h("p", { class: "todo" }, app.t("problem_keep_phrase"), " ", app.t(`problem_${problem}_do`)),
  );
}

const headingOf = (problem: AnyProblem): TextKey =>
  problem === "not_taken" ? "problem_not_taken_title" : "problem_title";
