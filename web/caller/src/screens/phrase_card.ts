// The new phrase, large, with how to keep it in the head; it can be hidden to try oneself.
import type { App } from "../app.ts";
import { languageOfWords } from "../protocol/words.ts";
import { h, setText } from "./element.ts";

export function phraseCard(app: App, phrase: string): HTMLElement {
  const words = phrase.split(" ");
  // Spaces between the words, so that the text is the phrase and reads as one.
  const shown = words.flatMap((word, i) => [...(i > 0 ? [" "] : []), h("span", {}, word)]);
  const list = h(
    "p",
    { id: "phrase", class: "phrase", lang: languageOfWords(words), translate: "no", dir: "ltr" },
    ...shown,
  );
  const toggle = h("button", { type: "button", id: "phrase-toggle", class: "quiet" }, app.t("phrase_hide"));
  toggle.addEventListener("click", () => {
    const hidden = list.classList.toggle("concealed");
    list.setAttribute("aria-hidden", String(hidden));
    setText(toggle, app.t(hidden ? "phrase_show" : "phrase_hide"));
  });
  return h(
    "section",
    { class: "card phrase-card" },
    h("p", {}, app.t("phrase_why")),
    list,
    toggle,
    h("h2", {}, app.t("keep_heading")),
    h(
      "ul",
      {},
      h("li", {}, app.t("keep_pairs")),
      h("li", {}, app.t("keep_repeat")),
      h("li", {}, app.t("keep_paper")),
    ),
  );
}
