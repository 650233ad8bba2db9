// The page must not be used: says why in plain words, and what to do instead.
import type { App, Screen } from "../app.ts";
import type { TextKey } from "../language.ts";
import type { Problem } from "../session.ts";
import { h } from "./element.ts";
import { title } from "./parts.ts";

export function problemScreen(app: Pick<App, "t" | "go">, problem: Problem | "no_crypto"): Screen {
  const what: TextKey = `problem_${problem}`;
  const then: TextKey = `problem_${problem}_do`;
  const readingOnly = problem === "not_taken";
  const heading: TextKey = readingOnly ? "problem_not_taken_title" : "problem_title";
  const element = h(
    "div",
    { id: "problem", class: "screen problem", "data-problem": problem },
    title(app.t(heading)),
    h("p", readingOnly ? {} : { id: "trust", "data-state": "refused" }, app.t(what)),
    h("p", { class: "todo" }, app.t(then)),
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
