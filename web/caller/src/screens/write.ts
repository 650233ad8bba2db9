// Writing: choose a track or none, write freely, and see before sending what the text might betray.
import type { App, Screen } from "../app.ts";
import { nameIn } from "../language.ts";
import { isBlank } from "../protocol/invisible.ts";
import { bytesLeft, type Message, TooLong } from "../protocol/message.ts";
import { JUDGED_MAX, judging, type Warning } from "../warnings.ts";
import { keepBounded, type Refused } from "./bounds.ts";
import { h, setChildren, setText, show } from "./element.ts";
import { backTo, PRIVATE_FIELD, title } from "./parts.ts";

/** Three bytes each at most, and the protocol takes 300. */
const SAFE_TIMES_LENGTH = 100;
/** Twice what can be sent, in UTF-16 units: room to shorten a text in. */
const TEXT_LENGTH_MAX = 2 * JUDGED_MAX;
/** What `bytesLeft` may be short of: a text that lacks more is too long for certain. */
const SPARE_BYTES = 40;

export function writeScreen(app: App): Screen {
  const { session, drafts } = app;
  const room = h("p", { id: "room", class: "hint" });
  const warnings = h("div", { id: "warnings", class: "warnings", role: "status", hidden: true });
  const problem = h("p", { id: "write-problem", class: "mistake", role: "alert", hidden: true });
  const again = session.call !== null;

  const text = h("textarea", {
    ...PRIVATE_FIELD,
    id: "text",
    rows: "9",
    // No `dir`: each paragraph has its own direction from the style sheet, and browsers weigh `auto` anew for each line.
    "aria-describedby": "text-hint room",
  });
  text.value = drafts.text;
  const refusal = boundsOf(app, text, TEXT_LENGTH_MAX);
  text.addEventListener("input", () => typed());
  const track = trackField(app);
  const safeTimes = safeTimesField(app);
  const send = h(
    "button",
    { type: "button", id: "send", class: "main", click: () => void sendIt() },
    app.t("send"),
  );

  const typed = (): void => {
    drafts.text = text.value;
    show(problem, false);
    showRoom(app, room, messageOf(app));
    void judge(app, warnings);
  };
  const refuse = (reason: string): void => {
    setText(problem, reason);
    show(problem, true);
    text.focus();
  };
  const sendIt = async (): Promise<void> => {
    if (isBlank(drafts.text)) {
      refuse(app.t("text_missing"));
      return;
    }
    try {
      if (bytesLeft(messageOf(app)) < -SPARE_BYTES) throw new TooLong();
      // What was not taken stays in the draft.
      if (!(await session.write(messageOf(app)))) return;
      Object.assign(drafts, { text: "", safeTimes: "" });
      app.go("call");
    } catch (error) {
      if (!(error instanceof TooLong)) throw error;
      refuse(overText(app, messageOf(app)));
    }
  };

  const element = h(
    "div",
    { class: "screen" },
    backTo(app, again ? "call" : "welcome"),
    title(app.t(again ? "write_on_title" : "write_title")),
    track,
    h("label", { for: "text" }, app.t("text_label")),
    h("p", { id: "text-hint", class: "hint" }, app.t("text_hint")),
    text,
    refusal,
    room,
    warnings,
    ...safeTimes,
    problem,
    send,
  );
  const update = (): void => {
    const { busy, problem } = session;
    // What is being sealed is what stands there; after it nothing may have been typed that would be lost.
    for (const field of element.querySelectorAll("textarea, input, select"))
      field.toggleAttribute("disabled", busy);
    send.disabled = busy || problem !== null;
    setText(send, app.t(busy ? "sealing" : "send"));
  };
  typed();
  update();
  return { element, update };
}

function messageOf(app: App): Message {
  const { text, track, safeTimes } = app.drafts;
  return { track, language: app.language, text, safeTimes: isBlank(safeTimes) ? "" : safeTimes.trim() };
}

function trackField(app: App): HTMLElement {
  const tracks = app.session.notice?.tracks ?? [];
  const choose = (event: Event): void => {
    app.drafts.track = (event.target as HTMLSelectElement).value;
  };
  const select = h(
    "select",
    { ...PRIVATE_FIELD, id: "track", change: choose },
    h("option", { value: "" }, app.t("track_none")),
    ...tracks.map((track) =>
      h("option", { value: track.id, dir: "auto" }, nameIn(app.language, track.names)),
    ),
  );
  select.value = app.drafts.track;
  return h("div", {}, h("label", { for: "track" }, app.t("track_label")), select);
}

function safeTimesField(app: App): HTMLElement[] {
  const input = h("input", {
    ...PRIVATE_FIELD,
    id: "safe-times",
    type: "text",
    dir: "auto",
    "aria-describedby": "safe-hint",
  });
  input.value = app.drafts.safeTimes;
  const refusal = boundsOf(app, input, SAFE_TIMES_LENGTH);
  input.addEventListener("input", () => {
    app.drafts.safeTimes = input.value;
  });
  return [
    h("label", { for: "safe-times" }, app.t("safe_label")),
    h("p", { id: "safe-hint", class: "hint" }, app.t("safe_hint")),
    input,
    refusal,
  ];
}

/** Keeps the field within its bounds; the sentence that says why something was not taken, to stand below the field. */
function boundsOf(app: App, field: HTMLTextAreaElement | HTMLInputElement, lengthMax: number): HTMLElement {
  const refusal = h("p", { id: `${field.id}-refused`, class: "mistake", role: "alert", hidden: true });
  keepBounded(field, lengthMax, (refused: Refused | null) => {
    if (refused) setText(refusal, app.t(refused));
    show(refusal, refused !== null);
  });
  return refusal;
}

function showRoom(app: App, room: HTMLElement, message: Message): void {
  const left = bytesLeft(message);
  const over = left < 0;
  room.classList.toggle("mistake", over);
  setText(
    room,
    over ? overText(app, message) : app.t("room_left", { count: characters(app, left, message.text) }),
  );
}

const overText = (app: App, message: Message): string =>
  app.t("room_over", { count: characters(app, Math.max(1, -bytesLeft(message)), message.text) });

/** Characters by which the kind of letters is told. */
const LOOKED_AT = 1_000;

/** In letters of the kind that the person is writing: two bytes each in Cyrillic, one in Latin. */
function characters(app: App, bytes: number, text: string): string {
  const wide = app.language !== "en" || /\P{ASCII}/u.test(text.slice(0, LOOKED_AT));
  const count = Math.ceil(bytes / (wide ? 2 : 1));
  const rounded = count > 200 ? Math.round(count / 100) * 100 : count;
  return new Intl.NumberFormat(app.language).format(rounded);
}

/** Slice by slice: what is typed or pressed meanwhile comes first, and a text that has changed is not judged further. */
async function judge(app: App, box: HTMLElement): Promise<void> {
  const { text } = app.drafts;
  const slices = judging(text);
  for (let slice = slices.next(); !slice.done; slice = slices.next()) {
    showWarnings(app, box, slice.value);
    await app.turn();
    if (app.drafts.text !== text || !box.isConnected) return;
  }
}

function showWarnings(app: App, box: HTMLElement, warnings: readonly Warning[]): void {
  const lines = warnings.map(({ kind, found }) => app.t(`warning_${kind}`, { found: found.join(", ") }));
  show(box, lines.length > 0);
  setChildren(box, lines.join("\n"), () => [
    h("strong", {}, app.t("warnings_heading")),
    h("ul", {}, ...lines.map((line) => h("li", {}, line))),
    h("p", { class: "hint" }, app.t("warnings_note")),
  ]);
}
