// Coming back: type the phrase, and open the mailbox that every phrase has.
import type { App, Screen } from "../app.ts";
import { fold } from "../protocol/fold.ts";
import { h, setText, show } from "./element.ts";
import { backTo, title } from "./parts.ts";
import { phraseField } from "./phrase_field.ts";

export function returnScreen(app: App): Screen {
  const { session, drafts } = app;
  const problem = h("p", { id: "return-problem", class: "mistake", role: "alert", hidden: true });
  const button = h(
    "button",
    { type: "button", id: "open", class: "main", click: () => void open() },
    app.t("open"),
  );
  const field = phraseField(app, () => void open());

  const open = async (): Promise<void> => {
    if (fold(drafts.phrase) === "") {
      setText(problem, app.t(field.wasRefused() ? "phrase_long" : "phrase_missing"));
      show(problem, true);
      field.input.focus();
      return;
    }
    if (!(await session.return(drafts.phrase))) return;
    drafts.phrase = "";
    app.go("call");
  };

  const element = h(
    "div",
    { class: "screen" },
    backTo(app, "welcome"),
    title(app.t("return_title")),
    field.element,
    problem,
    button,
  );
  const update = (): void => {
    button.disabled = session.busy;
    setText(button, app.t(session.busy ? "opening" : "open"));
  };
  update();
  return { element, update };
}
