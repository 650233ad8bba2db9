// Before the notice has come: one line that says so.
import type { App, Screen } from "../app.ts";
import { h, setText } from "./element.ts";
import { title } from "./parts.ts";

export function waitingScreen(app: App): Screen {
  const heading = title("");
  heading.setAttribute("role", "status");
  const element = h(
    "div",
    { class: "screen" },
    h("div", { id: "trust", class: "waiting", "data-state": "checking" }, heading),
  );
  const update = (): void =>
    setText(heading, app.t(app.session.unreachable ? "unreachable" : "waiting_for_desk"));
  update();
  return { element, update };
}
