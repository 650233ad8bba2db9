// What stands around every screen: the way out, the language, what has gone wrong, and how much data the visit took.

import { keepFromAccidents } from "./accidents.ts";
import { type App, emptyDrafts, type Screen, type ScreenName } from "./app.ts";
import { chooseLanguage, LANGUAGES, type TextKey, textIn } from "./language.ts";
import { leaveNow } from "./leave.ts";
import { leavingKeys, onThreeTaps } from "./leaving_taps.ts";
import { PushOut } from "./push_out.ts";
import { callScreen } from "./screens/call.ts";
import { h, setChildren, setText } from "./screens/element.ts";
import { type Fate, problemBanner, problemScreen } from "./screens/problem.ts";
import { proceduresScreen } from "./screens/procedures.ts";
import { returnScreen } from "./screens/return.ts";
import { waitingScreen } from "./screens/waiting.ts";
import { welcomeScreen } from "./screens/welcome.ts";
import { writeScreen } from "./screens/write.ts";
import { exchangeBytes, Session } from "./session.ts";
import type { Hub, World } from "./visit/world.ts";

export class PageFrame {
  private language = chooseLanguage(navigator.languages);
  private drafts = emptyDrafts();
  private session: Session | null = null;
  private name: ScreenName = "welcome";
  private screen: Screen | null = null;
  /** What the drawn screen was made for; another state needs another screen. */
  private shown = "";
  private forgotten = false;
  /** A phrase is still being made or opened: it stays in the browser's memory when that ends. */
  private derivingAtEnd = false;
  private readonly main = h("main");
  private readonly status = h("div", { id: "status", class: "status", role: "status" });
  private readonly bytes = h("p", { id: "bytes" });
  private readonly pushOut = new PushOut(crypto);

  constructor(
    private readonly world: World,
    private readonly hub: Hub,
    private readonly spentBytes: () => number,
  ) {}

  /** `signal` ends with this session; the page may begin another. */
  open(fragment: string, signal: AbortSignal): void {
    onThreeTaps(document, () => this.leave(), signal);
    keepFromAccidents(document, signal);
    this.draw();
    // Without it nothing can be sealed; browsers withhold it from addresses that anybody on the way could change.
    if (!crypto.subtle) {
      this.showScreen(problemScreen({ t: this.t, go: this.go }, "no_crypto"));
      return;
    }
    void this.pushOut.prepare();
    this.session = new Session(this.world, this.hub, fragment, () => this.update());
    this.update();
    void this.session.begin();
  }

  /** Ends the session and forgets what was typed. */
  forget(): void {
    this.forgotten = true;
    this.derivingAtEnd = this.session?.busy ?? false;
    this.session?.leave();
    this.session = null;
    this.drafts = emptyDrafts();
    this.screen = null;
    this.main.replaceChildren();
    this.status.replaceChildren();
    this.pushOut.run();
  }

  private leave(): void {
    leaveNow(() => this.forget());
  }

  private readonly t = (key: TextKey, values?: Readonly<Record<string, string | number>>): string =>
    textIn(this.language, key, values);

  private readonly go = (name: ScreenName): void => {
    // What was begun before the person left may end after it.
    if (this.forgotten) return;
    this.name = name;
    this.drawScreen();
    this.screen?.element.querySelector("h1")?.focus();
    window.scrollTo(0, 0);
  };

  /** Header, place of the screen, footer, all in the language. */
  private draw(): void {
    document.documentElement.lang = this.language;
    document.documentElement.dir = this.t("direction");
    document.title = this.t("title");
    const leave = h(
      "button",
      { type: "button", id: "leave", "aria-describedby": "leave-hint", click: () => this.leave() },
      this.t("leave"),
    );
    document.body.replaceChildren(
      h(
        "header",
        {},
        leave,
        h(
          "span",
          { id: "leave-hint", class: "leave-hint" },
          this.t("leave_hint", { keys: leavingKeys(this.t("leave_keys")) }),
        ),
        this.languageChoice(),
      ),
      this.status,
      this.main,
      h("footer", {}, this.bytes),
    );
  }

  private languageChoice(): HTMLElement {
    const select = h(
      "select",
      { id: "language", autocomplete: "off", "aria-label": this.t("language_label") },
      ...Object.entries(LANGUAGES).map(([code, texts]) =>
        h("option", { value: code, lang: code }, texts.language_name),
      ),
    );
    select.value = this.language;
    select.addEventListener("change", () => {
      this.language = select.value;
      this.draw();
      this.drawScreen();
      document.getElementById("language")?.focus();
    });
    return select;
  }

  private drawScreen(): void {
    const { session } = this;
    if (session) this.showSession(session);
    else this.showScreen(problemScreen({ t: this.t, go: this.go }, "no_crypto"));
    this.drawStatus();
  }

  private showScreen(screen: Screen, above: HTMLElement | null = null): void {
    this.screen = screen;
    this.main.replaceChildren(...(above ? [above] : []), screen.element);
  }

  private showSession(session: Session): void {
    const { language, t, go, drafts } = this;
    const app: App = {
      ...{ session, drafts, language, t, go },
      now: () => this.world.now(),
      turn: () => this.world.turn(),
    };
    const { problem, call } = session;
    this.shown = stateOf(session);
    if (problem && call) {
      // The phrase, and what was read and written, must not go with it.
      const screen = this.name === "write" ? writeScreen(app) : callScreen(app, call);
      this.showScreen(screen, problemBanner(app, problem, fateOf(session)));
    } else if (problem && !(problem === "not_taken" && this.name === "procedures")) {
      this.showScreen(problemScreen(app, problem, session.hasWritten ? fateOf(session) : "nothing_sent"));
    } else {
      this.showScreen(this.makeScreen(app));
    }
  }

  private makeScreen(app: App): Screen {
    const { notice, call } = app.session;
    if (!notice) return waitingScreen(app);
    switch (this.name) {
      case "write":
        return writeScreen(app);
      case "return":
        return returnScreen(app);
      case "procedures":
        return proceduresScreen(app);
      case "call":
        return call ? callScreen(app, call) : welcomeScreen(app, notice);
      case "welcome":
        return welcomeScreen(app, notice);
    }
  }

  private update(): void {
    if (this.derivingAtEnd) this.pushOut.run();
    if (!this.session) return;
    if (this.screen && this.shown === stateOf(this.session)) this.screen.update();
    else this.drawScreen();
    this.drawStatus();
  }

  private drawStatus(): void {
    const visit = this.session?.visit;
    if (!this.session || !visit) return;
    const { session } = this;
    const { restarting } = session;
    const usedUp = visit.ended === "used up" && session.problem === null;
    const away = restarting ? session.unreachable : visit.away && !visit.ended;
    setChildren(this.status, `${this.language} ${usedUp} ${restarting} ${away}`, () => [
      usedUp && h("p", {}, this.t("used_up")),
      usedUp &&
        h(
          "button",
          { type: "button", id: "go-on", disabled: restarting, click: () => void session.goOn() },
          this.t("go_on"),
        ),
      away && h("p", { id: "hub-away" }, this.t("hub_away")),
    ]);
    const used = this.spentBytes();
    const cap = used + exchangeBytes(visit.ended ? 0 : visit.slotsLeft);
    setText(this.bytes, this.t("bytes_used", { used: this.size(used), cap: this.size(cap) }));
  }

  private size(bytes: number): string {
    const format = new Intl.NumberFormat(this.language, { maximumFractionDigits: 1 });
    if (bytes < 1_000_000) return this.t("kilobytes", { n: format.format(Math.ceil(bytes / 1000)) });
    return this.t("megabytes", { n: format.format(bytes / 1_000_000) });
  }
}

const fateOf = (session: Session): Fate => (session.hasDoubts ? "not_known" : "not_stored");

/** A call that is open changes how a problem is shown. */
const stateOf = ({ problem, notice, call }: Session): string =>
  `${problem} ${notice ? "known" : "unknown"} ${problem && call ? "open" : ""}`;
