// Keeping a draft on the device, and meeting what another page has kept: nothing of it is ever stored in the browser.
import { ask } from "./asking.ts";
import { find, isLocked, parse, present, setProblem } from "./elements.ts";
import { BEHIND_MAX, isLeaving, lockedElsewhere } from "./locking.ts";
import { meetWith, show } from "./refreshing.ts";
import { say } from "./texts.ts";
import { baseField, readerField, writtenIn } from "./written.ts";

const SAVE_MS = 2000;
const UNHEARD = say("script-keeping-unheard");

/** Keeps what stands in a box, each two seconds of writing and whenever the page is left. */
export class Keeping {
  readonly #form: HTMLFormElement;
  readonly #place: HTMLTextAreaElement;
  readonly #changed: () => void;
  /** What the desk program has, as far as this page knows. */
  #kept: string;
  /** Whether it knows that a colleague is to read it. */
  #isReadKept: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #underWay: Promise<void> | null = null;
  #isPaused = false;
  #isInDoubt = false;
  /** Goes on whenever this page keeps or sends something: a page that was fetched before is older than the box. */
  #turn = 0;

  constructor(form: HTMLFormElement, place: HTMLTextAreaElement, changed: () => void) {
    this.#form = form;
    this.#place = place;
    this.#changed = changed;
    this.#kept = place.value;
    this.#isReadKept = this.#isRead;
    this.#goToPlace();
    readerField(form)?.addEventListener("change", () => this.save());
    place.addEventListener("input", () => {
      this.#timer ??= setTimeout(() => this.save(), SAVE_MS);
    });
    place.addEventListener("blur", () => this.save());
    document.addEventListener("visibilitychange", () => document.hidden && this.save());
    addEventListener("pagehide", () => this.#sendBehind());
    addEventListener("beforeunload", (event) => {
      if (this.#mayBeLost() && !isLeaving()) event.preventDefault();
    });
    meetWith({ turn: () => this.#turn, meet: (page) => this.#meet(page) });
  }

  /** Keeps what is new, one time after the other. */
  async save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#underWay) await this.#underWay;
    if (!this.#isDirty() || this.#isPaused || isLeaving()) return;
    this.#underWay = this.#post();
    await this.#underWay;
  }

  /** Keeps nothing more before `goOn`: what stands in the box is being sent. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    this.#turn += 1;
    await this.#underWay;
  }

  goOn(): void {
    this.#isPaused = false;
    this.#turn += 1;
    if (this.#isDirty()) this.#timer ??= setTimeout(() => this.save(), SAVE_MS);
  }

  /** Takes nothing for kept: whoever was to send the text has not answered, and it stays here whatever became of it. */
  doubt(): void {
    this.#isInDoubt = true;
  }

  /** Puts into the box what a page shows that came of it. */
  take(page: Document): void {
    const fresh = find("reply", HTMLTextAreaElement, page);
    this.#base = baseOf(page);
    this.#isInDoubt = false;
    this.#place.value = fresh?.value ?? "";
    this.#kept = this.#place.value;
    this.#isRead = readerField(page)?.checked ?? false;
    this.#isReadKept = this.#isRead;
    this.#note(page);
    this.#changed();
  }

  /** Takes note that the text, which is the same, was kept when it was looked over. */
  keptAs(page: Document): void {
    const base = baseOf(page);
    if (base !== "" && base !== this.#base) {
      this.#kept = this.#place.value;
      this.#isReadKept = this.#isRead;
    }
    this.#base = base;
  }

  /** Says what a page says of the draft, which was not taken as it was wished. */
  tellOf(page: Document): void {
    this.#note(page);
  }

  async #post(): Promise<void> {
    const body = this.#fields();
    const written = { text: this.#place.value, isRead: this.#isRead };
    this.#turn += 1;
    try {
      const keepalive = body.toString().length < BEHIND_MAX;
      const response = await ask(this.#address, { method: "POST", body, keepalive });
      const page = parse(await response.text());
      if (isLeaving()) return;
      if (isLocked(response) || response.status === 403) this.#refused(page);
      else this.#answered(response, page, written);
    } catch {
      if (!isLeaving()) this.#fail(UNHEARD);
    } finally {
      this.#turn += 1;
      this.#underWay = null;
    }
  }

  #answered(response: Response, page: Document, written: { text: string; isRead: boolean }): void {
    if (!page.getElementById("reply-form")) {
      this.#fail(page.querySelector(".problem")?.textContent ?? UNHEARD);
      return;
    }
    if (response.ok) {
      this.#kept = written.text;
      this.#isReadKept = written.isRead;
      this.#isInDoubt = false;
      this.#base = baseOf(page);
      delete this.#form.dataset.unkept;
    } else {
      this.#form.dataset.unkept = "yes";
    }
    this.#note(page);
    show(page);
  }

  // The desk was locked, and this page has not heard of it.
  #refused(page: Document): void {
    if (page.getElementById("passphrase")) lockedElsewhere();
    else this.#fail(page.querySelector(".problem")?.textContent ?? UNHEARD);
  }

  #fail(sentence: string): void {
    this.#form.dataset.unkept = "yes";
    setProblem("draft-told", sentence);
  }

  #note(page: Document): void {
    const told = page.getElementById("draft-told");
    if (told) present("draft-told", HTMLElement).replaceChildren(...told.childNodes);
  }

  // What another page has kept shows here, unless something stands here that it has not seen.
  #meet(page: Document): void {
    const fresh = find("reply", HTMLTextAreaElement, page);
    const base = baseOf(page);
    if (!fresh || base === this.#base || this.#isDirty() || this.#isPaused) return;
    const at = this.#place.selectionStart;
    this.#base = base;
    this.#place.value = fresh.value;
    this.#place.setSelectionRange(at, at);
    this.#kept = this.#place.value;
    this.#isRead = readerField(page)?.checked ?? false;
    this.#isReadKept = this.#isRead;
    this.#changed();
  }

  #sendBehind(): void {
    if (!this.#isDirty() || this.#isPaused || isLeaving()) return;
    const body = this.#fields();
    // It says so: whoever wrote this is at another page by now.
    const behind = `${this.#address}?behind=yes`;
    if (body.toString().length < BEHIND_MAX) fetch(behind, { method: "POST", body, keepalive: true });
  }

  // Nothing is lost while the desk program takes what is sent behind the page.
  #mayBeLost(): boolean {
    if (!this.#isDirty()) return false;
    return this.#form.dataset.unkept !== undefined || this.#fields().toString().length >= BEHIND_MAX;
  }

  #goToPlace(): void {
    const at = Number(this.#place.dataset.place);
    if (this.#kept === "" || !Number.isInteger(at)) return;
    this.#place.setSelectionRange(at, at);
    // Who comes back from the lock was writing here.
    if (document.referrer !== "" && new URL(document.referrer).pathname === "/unlock") this.#place.focus();
  }

  #isDirty(): boolean {
    // Without a text there is nothing that a colleague could read.
    const isReadNew = this.#place.value !== "" && this.#isRead !== this.#isReadKept;
    return this.#isInDoubt || this.#place.value !== this.#kept || isReadNew;
  }

  /** Whether a colleague is to read it before it leaves. */
  get #isRead(): boolean {
    return readerField(this.#form)?.checked ?? false;
  }

  set #isRead(isRead: boolean) {
    const field = readerField(this.#form);
    if (field) field.checked = isRead;
  }

  #fields(): URLSearchParams {
    return writtenIn(this.#form, this.#place);
  }

  get #address(): string {
    return this.#form.dataset.draft ?? "";
  }

  get #base(): string {
    return baseField(this.#form)?.value ?? "";
  }

  set #base(version: string) {
    const field = baseField(this.#form);
    if (field) field.value = version;
  }
}

const baseOf = (page: Document) => baseField(page)?.value ?? "";
