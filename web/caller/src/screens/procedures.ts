// Procedures to read, by track: each with who promises it, who has reviewed it, and until when it holds.
import type { App, Screen } from "../app.ts";
import { nameIn } from "../language.ts";
import { type ContentPack, type Procedure, validProcedures } from "../protocol/content.ts";
import { DAY_MS } from "../protocol/day.ts";
import { h, setChildren } from "./element.ts";
import { backTo, PRIVATE_FIELD, title } from "./parts.ts";

export function proceduresScreen(app: App): Screen {
  const about = h("p", { class: "lead", dir: "auto" });
  const list = h("div", { id: "procedures" });
  const update = (): void => {
    const pack = packFor(app);
    about.textContent = pack?.about ?? "";
    const track = app.drafts.procedureTrack;
    const shown = pack
      ? validProcedures(pack, app.now()).filter((p) => track === "" || p.track === track)
      : [];
    setChildren(list, `${pack?.language} ${shown.map((procedure) => procedure.id).join(" ")}`, () =>
      shown.length === 0
        ? [h("p", {}, app.t("procedures_none"))]
        : shown.map((procedure) => procedureCard(app, procedure, pack?.language ?? app.language)),
    );
  };
  const element = h(
    "div",
    { class: "screen" },
    backTo(app, "welcome"),
    title(app.t("procedures_title")),
    about,
    h("p", { class: "hint" }, app.t("procedures_note")),
    trackFilter(app, update),
    list,
  );
  update();
  return { element, update };
}

/** In the reader's language where the desk has it, otherwise in the desk's first. */
function packFor(app: App): ContentPack | undefined {
  const { packs } = app.session;
  return packs.get(app.language) ?? packs.values().next().value;
}

function trackFilter(app: App, update: () => void): HTMLElement {
  const tracks = app.session.notice?.tracks ?? [];
  const choose = (event: Event): void => {
    app.drafts.procedureTrack = (event.target as HTMLSelectElement).value;
    update();
  };
  const select = h(
    "select",
    { ...PRIVATE_FIELD, id: "procedure-track", change: choose },
    h("option", { value: "" }, app.t("procedures_all")),
    ...tracks.map((track) =>
      h("option", { value: track.id, dir: "auto" }, nameIn(app.language, track.names)),
    ),
  );
  select.value = app.drafts.procedureTrack;
  return h("div", {}, h("label", { for: "procedure-track" }, app.t("procedures_track")), select);
}

function procedureCard(app: App, procedure: Procedure, language: string): HTMLElement {
  const fact = (name: string, value: string): HTMLElement =>
    h("div", {}, h("dt", {}, name), h("dd", { dir: "auto" }, value));
  return h(
    "article",
    { class: "card procedure", "data-procedure": procedure.id },
    h("h2", { lang: language, dir: "auto" }, procedure.title),
    procedure.sample && h("p", { class: "badge" }, app.t("procedure_sample")),
    h("p", { class: "answer-text", lang: language, dir: "auto" }, procedure.text),
    h(
      "dl",
      { class: "sources" },
      fact(app.t("procedure_promised"), procedure.promisedBy),
      fact(app.t("procedure_owner"), procedure.owner),
      fact(app.t("procedure_reviewer"), procedure.reviewer ?? app.t("procedure_unreviewed")),
      fact(app.t("procedure_valid"), dateName(app, procedure.validUntil)),
    ),
  );
}

function dateName(app: App, date: string): string {
  const day = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(day / DAY_MS)) return date;
  return new Intl.DateTimeFormat(app.language, { dateStyle: "long", timeZone: "UTC" }).format(day);
}
