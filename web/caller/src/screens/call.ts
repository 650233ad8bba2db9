// The open call: the phrase where it is new, the call sign, how far messages have come, and the answers.
import type { App, Screen } from "../app.ts";
import { callSignOf } from "../protocol/call_sign.ts";
import { DAY_MS } from "../protocol/day.ts";
import type { Call } from "../session.ts";
import { remarkOn } from "../visit/lists.ts";
import { type Sent, type Tick, tickOf } from "../visit/outbox.ts";
import type { Progress } from "../visit/visit.ts";
import { h, setChildren, setText, show } from "./element.ts";
import { dayName, minuteName, title } from "./parts.ts";
import { phraseCard } from "./phrase_card.ts";

export function callScreen(app: App, call: Call): Screen {
  const messages = h("section", { id: "messages", class: "card", hidden: true });
  const hurry = hurryBox(app);
  const looking = h("p", { id: "looking", class: "hint", role: "status" });
  const lookNow = lookNowBox(app);
  const answers = h("div", { id: "answers", "aria-live": "polite" });
  const gap = h("p", { id: "gap", class: "warnings", role: "status", hidden: true });
  const lists = h("div", { id: "lists", "aria-live": "polite" });
  const done = h("p", { id: "done", role: "status" });
  // Where the page can send nothing more there is nothing to write on, and no other phrase to open.
  const stopped = app.session.problem !== null;
  const element = h(
    "div",
    { class: "screen" },
    title(app.t(call.newPhrase === null ? "call_title" : "call_title_new")),
    call.newPhrase !== null && phraseCard(app, call.newPhrase),
    signBox(app, call),
    messages,
    hurry,
    h("h2", {}, app.t("answers_heading")),
    lists,
    answers,
    gap,
    looking,
    lookNow,
    !stopped &&
      h("button", { type: "button", id: "write-on", click: () => app.go("write") }, app.t("write_on")),
    h("h2", {}, app.t("done_heading")),
    done,
  );
  const update = (): void => {
    const sent = app.session.sent();
    showMessages(app, messages, sent, call);
    showHurry(app, hurry, sent);
    showAnswers(app, answers, call);
    const { progress, visit } = app.session;
    setText(looking, progress ? lookingText(app, progress) : "");
    show(lookNow, progress !== null && progress.at !== "here" && !visit?.ended);
    show(gap, (progress?.done ?? false) && call.mailbox.hasGap());
    setText(gap, app.t("answers_gap"));
    showLists(app, lists);
    setText(done, doneText(app, call, sent));
  };
  update();
  return { element, update };
}

function signBox(app: App, call: Call): HTMLElement {
  const sign = h(
    "p",
    { id: "call-sign", class: "sign", lang: call.mailbox.caller.language, translate: "no", dir: "ltr" },
    callSignOf(call.mailbox.caller.id, call.mailbox.caller.language),
  );
  const retype = (): void => {
    app.session.closeCall();
    app.go("return");
  };
  return h(
    "section",
    { class: "card" },
    h("h2", {}, app.t("sign_label")),
    sign,
    h("p", { class: "hint" }, app.t(call.newPhrase === null ? "sign_check" : "sign_why")),
    call.newPhrase === null &&
      app.session.problem === null &&
      h("button", { type: "button", id: "not-mine", class: "quiet", click: retype }, app.t("not_mine")),
  );
}

function showMessages(app: App, box: HTMLElement, sent: readonly Sent[], call: Call): void {
  show(box, sent.length > 0);
  if (box.childElementCount === 0) box.append(h("h2", {}, app.t("messages_heading")));
  sent.forEach((message, i) => {
    let line = box.querySelector<HTMLElement>(`[data-message="${message.id}"]`);
    if (!line) {
      line = h(
        "div",
        { class: "message", "data-message": message.id },
        // It scrolls, so the keyboard must reach it.
        h("p", { class: "message-text", dir: "auto", tabindex: "0" }, message.text),
        h("p", { class: "tick", role: "status" }),
      );
      box.append(line);
    }
    const tick = line.querySelector<HTMLElement>(".tick");
    if (!tick) return;
    const state = tickOf(message, call.mailbox.opened);
    // The newest message is the one that the person is waiting for.
    tick.id = i === sent.length - 1 ? "tick" : "";
    tick.dataset.state = state;
    setText(tick, tickText(app, state, message));
  });
}

function tickText(app: App, state: Tick, { partsStored, parts, inDoubt }: Sent): string {
  if (state === "opened") return app.t("tick_opened");
  if (state === "stored") return app.t("tick_stored");
  if (app.session.problem !== null) return app.t(inDoubt ? "tick_stopped_unknown" : "tick_stopped");
  if (app.session.visit?.ended === "used up") {
    return app.t(inDoubt ? "tick_used_up_unknown" : "tick_used_up", { go_on: app.t("go_on") });
  }
  if (inDoubt) return app.t("tick_unknown");
  return partsStored === 0 ? app.t("tick_waiting") : app.t("tick_parts", { stored: partsStored, parts });
}

function hurryBox(app: App): HTMLElement {
  const hurry = (): void => app.session.visit?.sendWithoutWaiting();
  return h(
    "section",
    { class: "hurry", hidden: true },
    h(
      "button",
      { type: "button", id: "send-now", click: hurry, "aria-describedby": "send-now-price" },
      app.t("send_now"),
    ),
    h("p", { id: "send-now-price", class: "hint" }, app.t("send_now_price")),
  );
}

function showHurry(app: App, box: HTMLElement, sent: readonly Sent[]): void {
  const visit = app.session.visit;
  const fast = visit?.fast ?? false;
  show(box, !visit?.ended && sent.some((message) => message.partsStored < message.parts));
  const button = box.querySelector("button");
  if (button) button.disabled = fast;
  const price = box.querySelector("p");
  if (price) setText(price, app.t(fast ? "send_now_chosen" : "send_now_price"));
}

function showAnswers(app: App, box: HTMLElement, { mailbox }: Call): void {
  const received = mailbox.received();
  // What the desk opened in an earlier visit; the ticks show what belongs to this one.
  const own = new Set(app.session.sent().map((message) => message.id));
  const opened = [...mailbox.opened].filter(([id]) => !own.has(id)).map(([, day]) => day);
  setChildren(box, JSON.stringify([received, opened]), () => [
    opened.length > 0 &&
      h("p", { class: "hint" }, app.t("opened_note", { day: dayName(app, Math.max(...opened)) })),
    received.length === 0 && h("p", {}, app.t("answers_none")),
    ...received.map((answer) =>
      answer.text === null
        ? h(
            "p",
            { class: "arriving" },
            app.t("answer_arriving", { here: answer.partsHere, parts: answer.parts }),
          )
        : h(
            "article",
            { class: "card answer" },
            h("h3", {}, app.t("answer_heading", { day: dayName(app, answer.day) })),
            h("p", { class: "answer-text", dir: "auto" }, answer.text),
          ),
    ),
  ]);
}

/** Whether the server's lists are those that the desk signed; of the last two days a signature may still be on its way. */
function showLists(app: App, box: HTMLElement): void {
  const { days: confirmations, deskSeen, isInDoubt } = app.session.judgement;
  const found = [...confirmations].sort(([a], [b]) => b - a);
  const days = found.filter(([, state]) => state === "contradicted").map(([day]) => dayName(app, day));
  const dayBeforeYesterday = Math.floor(app.now() / DAY_MS) - 2;
  const missing = found.some(([day, state]) => state === "not yet" && day <= dayBeforeYesterday);
  const remark = remarkOn(app.session.judgement, app.session.progress?.done ?? false, app.now());
  setChildren(box, `${days} ${missing} ${deskSeen} ${isInDoubt} ${remark}`, () => [
    deskSeen !== null &&
      h("p", { class: "hint", id: "desk-seen" }, app.t("desk_seen", { when: minuteName(app, deskSeen) })),
    remark === "ahead" && h("p", { class: "hint", id: "desk-seen-ahead" }, app.t("desk_seen_ahead")),
    remark === "unseen" && h("p", { class: "hint", id: "desk-not-seen" }, app.t("desk_not_seen")),
    days.length > 0 &&
      h(
        "section",
        { class: "problem banner", role: "alert" },
        h("p", {}, app.t("lists_contradicted", { days: days.join(", ") })),
        h("p", { class: "todo" }, app.t("lists_contradicted_do")),
      ),
    isInDoubt &&
      days.length === 0 &&
      h(
        "section",
        { class: "warnings", role: "status", id: "lists-in-doubt" },
        h("p", {}, app.t("lists_in_doubt")),
        h("p", { class: "hint" }, app.t("lists_in_doubt_do")),
      ),
    missing && h("p", { class: "hint" }, app.t("lists_unconfirmed")),
  ]);
}

function doneText(app: App, { mailbox }: Call, sent: readonly Sent[]): string {
  if (sent.every((message) => tickOf(message, mailbox.opened) !== "waiting")) return app.t("done");
  if (app.session.problem === null) return app.t("done_waiting");
  return app.t(app.session.hasDoubts ? "problem_not_known" : "problem_not_stored");
}

/** How far back the lists of the call were looked through, and whether this visit still reads them. */
function lookingText(app: App, { at, days, daysRead, done }: Progress): string {
  if (done) return app.t(at === "here" ? "answers_current" : "answers_left", { days });
  if (at === "here" || daysRead > 0) return app.t("answers_looking", { days, done: daysRead });
  return app.t(at === "next" ? "answers_soon" : "answers_next_visit");
}

function lookNowBox(app: App): HTMLElement {
  return h(
    "section",
    { class: "hurry", hidden: true },
    h(
      "button",
      {
        type: "button",
        id: "look-now",
        click: () => app.session.lookNow(),
        "aria-describedby": "look-now-price",
      },
      app.t("look_now"),
    ),
    h("p", { id: "look-now-price", class: "hint" }, app.t("look_now_price")),
  );
}
