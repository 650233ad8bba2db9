// One load of the page: the desk that was checked, the visit, and the call that is open; everything is gone when it ends.
import { type Bytes, hex, Malformed } from "./protocol/bytes.ts";
import { Caller } from "./protocol/caller.ts";
import { type ContentPack, readContentPack } from "./protocol/content.ts";
import { Refusal } from "./protocol/envelope.ts";
import { ANSWER_BYTES, REQUEST_BYTES } from "./protocol/exchange.ts";
import { parseFingerprint } from "./protocol/fingerprint.ts";
import { fold } from "./protocol/fold.ts";
import { type LetterKeys, verifyLetters } from "./protocol/letter_keys.ts";
import { MESSAGE_ID_BYTES, type Message, splitMessage } from "./protocol/message.ts";
import { type Notice, verifyNotice } from "./protocol/notice.ts";
import { generatePhrase, PHRASE_RANDOM_BYTES } from "./protocol/phrase.ts";
import { type Block, Broadcast } from "./visit/broadcast.ts";
import { type Judgement, Lists, NOTHING_READ } from "./visit/lists.ts";
import { Mailbox, type Schedule } from "./visit/mailbox.ts";
import { Outbox, type Sent } from "./visit/outbox.ts";
import { type Progress, Visit } from "./visit/visit.ts";
import { type Hub, HubAway, type World } from "./visit/world.ts";

export type Trust = "checking" | "checked" | "unchecked" | "refused";

/** Why this page must not be used; each has its own text. */
export type Problem = "fragment" | "fingerprint" | "expired" | "tampered" | "outdated" | "not_taken";

export interface Call {
  readonly mailbox: Mailbox;
  /** The phrase that this visit has made; null where it was typed. */
  readonly newPhrase: string | null;
}

const FIRST_RETRY_MS = 3_000;
const LAST_RETRY_MS = 60_000;
const FETCH_ATTEMPTS = 3;

export class Session {
  trust: Trust = "checking";
  problem: Problem | null = null;
  /** The first notice has not come, because the hub does not answer. */
  unreachable = false;
  notice: Notice | null = null;
  visit: Visit | null = null;
  call: Call | null = null;
  /** By language. */
  readonly packs = new Map<string, ContentPack>();

  /** What letters are sealed to; null where no document came that goes with the notice, and letters must not be written. */
  letterKeys: LetterKeys | null = null;

  /** Whether the hub shows what the desk signed. */
  judgement: Judgement = NOTHING_READ;

  private readonly outbox = new Outbox();
  private readonly lists = new Lists();
  private readonly broadcast = new Broadcast();
  private readonly callers: Caller[] = [];
  private readonly leaving = new AbortController();
  private readonly heldPacks = new Set<string>();
  /** The letters document as it came. */
  private letters: Bytes | null = null;
  /** A phrase is being made or opened. Nothing else is taken meanwhile, or one phrase would take the place of another. */
  private atWork = false;
  private goingOn = false;
  /** Blocks are looked through one after the other. */
  private reading: Promise<void> = Promise.resolve();

  constructor(
    private readonly world: World,
    private readonly hub: Hub,
    /** What follows the # in the page's address. */
    private readonly fragment: string,
    private readonly changed: () => void,
  ) {}

  /** Checks the desk, then begins the visit that everyone makes. */
  async begin(): Promise<void> {
    let pinned: Bytes | null;
    try {
      pinned = this.fragment === "" ? null : parseFingerprint(this.fragment);
    } catch {
      this.refuse("fragment");
      return;
    }
    const notice = await this.firstNotice(pinned);
    if (!notice) return;
    this.trust = pinned ? "checked" : "unchecked";
    this.beginVisit(notice);
  }

  /** A phrase is being made or opened, which takes a moment. */
  get busy(): boolean {
    return this.atWork;
  }

  /** Another visit was asked for, and has not begun. */
  get restarting(): boolean {
    return this.goingOn;
  }

  /** The visit is used up, and the person wants to go on: another one, as if the page had been loaded again. */
  async goOn(): Promise<void> {
    if (this.goingOn || this.visit?.ended !== "used up") return;
    this.goingOn = true;
    this.changed();
    const notice = await this.firstNotice(this.notice?.fingerprint ?? null);
    this.goingOn = false;
    if (notice) {
      this.heldPacks.clear();
      this.beginVisit(notice);
    }
    this.changed();
  }

  /** Makes a phrase where no call is open. False where nothing was taken. Throws `TooLong` before anything is made. */
  async write(message: Message): Promise<boolean> {
    if (this.atWork) return false;
    const parts = splitMessage(message, this.world.bytes(MESSAGE_ID_BYTES));
    return this.work(async () => {
      if (!this.call) {
        const phrase = generatePhrase(this.world.bytes(PHRASE_RANDOM_BYTES), message.language);
        await this.openCall(phrase, phrase);
      }
      if (!this.call) return false;
      this.outbox.add(parts, this.call.mailbox.caller);
      return true;
    });
  }

  /** Any phrase opens a mailbox. False where nothing was taken. */
  async return(typed: string): Promise<boolean> {
    if (this.atWork) return false;
    return this.work(async () => {
      await this.openCall(fold(typed), null);
      if (!this.call) return false;
      this.visit?.lookFor(this.call.mailbox.caller.shardBits);
      return true;
    });
  }

  /** What the open call has sent in this visit. */
  sent(): readonly Sent[] {
    return this.call ? this.outbox.sentBy(this.call.mailbox.caller) : [];
  }

  /** Another phrase is to be typed; what waits is still sent. */
  closeCall(): void {
    this.call = null;
  }

  /** Where this visit is with the lists of the open call. */
  get progress(): Progress | null {
    return this.visit && this.call && this.visit.progress(this.call.mailbox.caller.shardBits);
  }

  /** The lists of the open call with the next slot, and not when they would come by themselves. */
  lookNow(): void {
    if (this.call) this.visit?.lookNow(this.call.mailbox.caller.shardBits);
  }

  /** Whether anything was written since the page was loaded, in whatever call. */
  get hasWritten(): boolean {
    return !this.outbox.isUnused;
  }

  /** Of something that was written and is not known to be stored, the hub's answer was lost. */
  get hasDoubts(): boolean {
    return this.outbox.hasDoubts;
  }

  leave(): void {
    this.leaving.abort();
    this.visit?.leave();
    for (const caller of this.callers) caller.wipe();
    this.call = null;
  }

  /** Asks until the hub answers; null where what it answered is refused, or the person has left. */
  private async firstNotice(pinned: Bytes | null): Promise<Notice | null> {
    for (let retryMs = FIRST_RETRY_MS; !this.leaving.signal.aborted; retryMs *= 2) {
      try {
        const envelope = await this.hub.notice(this.leaving.signal);
        const notice = await verifyNotice(envelope, pinned, this.world.now());
        this.unreachable = false;
        return this.leaving.signal.aborted ? null : notice;
      } catch (error) {
        if (this.leaving.signal.aborted) return null;
        if (error instanceof Refusal) {
          this.refuse(problemOf(error));
          return null;
        }
        if (!(error instanceof HubAway)) throw error;
      }
      this.unreachable = true;
      this.changed();
      await this.world.wait(Math.min(retryMs, LAST_RETRY_MS), this.leaving.signal);
    }
    return null;
  }

  private beginVisit(notice: Notice): void {
    const earlier = this.visit;
    this.notice = notice;
    this.letters = null;
    this.letterKeys = null;
    const visit = new Visit(this.world, this.hub, notice, this.outbox, {
      heard: (block) => this.heard(block),
      noticeChanged: (newer) => {
        this.notice = newer;
        void this.judgeLetters();
        // Answers under a key that the notice before did not name open now.
        this.look([...this.broadcast.all()]);
      },
      changed: () => this.visitChanged(),
    });
    this.visit = visit;
    visit.callsTaken = earlier?.callsTaken ?? false;
    // Where the walk moves, and not when: that moment would show that a call is open.
    if (this.call) visit.lookFor(this.call.mailbox.caller.shardBits);
    void visit.run();
    void this.fetchContent(notice).then(() => this.fetchLetters());
    this.changed();
  }

  private visitChanged(): void {
    if (this.visit?.ended === "calls not taken") this.problem = "not_taken";
    if (this.visit?.ended === "outdated page") this.problem = "outdated";
    this.changed();
  }

  private heard(block: Block): void {
    this.broadcast.add(block);
    this.look([block]);
    this.reading = this.reading.then(() => this.compare(block));
  }

  private async compare(block: Block): Promise<void> {
    if (this.leaving.signal.aborted || !this.notice) return;
    await this.lists.take(block);
    this.judgement = await this.lists.judge(this.notice);
    this.changed();
  }

  private look(blocks: Iterable<Block>): void {
    const { call, notice } = this;
    if (!call || !notice) return;
    const inGap: Schedule = (work) => (this.visit ? this.visit.inGap(work) : work());
    this.reading = this.reading.then(async () => {
      for (const block of blocks) {
        if (this.leaving.signal.aborted) return;
        if (await call.mailbox.take(block, notice, inGap)) this.changed();
      }
    });
  }

  private async work(step: () => Promise<boolean>): Promise<boolean> {
    this.atWork = true;
    this.changed();
    try {
      return await step();
    } finally {
      this.atWork = false;
      this.changed();
    }
  }

  private async openCall(phrase: string, newPhrase: string | null): Promise<void> {
    if (!this.notice) return;
    const caller = await Caller.fromPhrase(phrase, this.notice.fingerprint);
    if (this.leaving.signal.aborted) {
      caller.wipe();
      return;
    }
    this.callers.push(caller);
    this.call = { mailbox: new Mailbox(caller), newPhrase };
    this.look([...this.broadcast.all()]);
  }

  /** Everyone fetches every pack, in the notice's order, whatever they read. */
  private async fetchContent(notice: Notice): Promise<void> {
    for (const language of notice.languages) {
      const hash = notice.content.get(language);
      if (!hash || this.heldPacks.has(hex(hash))) continue;
      this.heldPacks.add(hex(hash));
      const pack = await this.fetchPack(hash);
      if (pack) this.packs.set(language, pack);
      this.changed();
    }
  }

  /** Everyone fetches it once, behind the first view, whether they will ever write a letter or not. */
  private async fetchLetters(): Promise<void> {
    if (this.leaving.signal.aborted) return;
    this.letters = await this.tryToFetch((signal) => this.hub.letters(signal));
    await this.judgeLetters();
  }

  /** Under the notice in hand: with each newer one again, which may name other keys. */
  private async judgeLetters(): Promise<void> {
    const { notice, letters } = this;
    if (!notice) return;
    const judged = letters && (await verifyLetters(letters, notice, this.world.now()).catch(noLetters));
    if (this.notice !== notice || this.letters !== letters) return;
    this.letterKeys = judged;
    this.changed();
  }

  private async fetchPack(hash: Bytes): Promise<ContentPack | null> {
    const fetched = await this.tryToFetch((signal) => this.hub.content(hash, signal));
    return fetched && readContentPack(fetched, hash).catch(noPack);
  }

  private async tryToFetch(fetch: (signal: AbortSignal) => Promise<Bytes>): Promise<Bytes | null> {
    for (let attempt = 0; attempt < FETCH_ATTEMPTS; attempt++) {
      try {
        return await fetch(this.leaving.signal);
      } catch (error) {
        if (!(error instanceof HubAway)) throw error;
      }
      await this.world.wait(FIRST_RETRY_MS, this.leaving.signal);
      if (this.leaving.signal.aborted) return null;
    }
    return null;
  }

  private refuse(problem: Problem): void {
    this.problem = problem;
    this.trust = "refused";
    this.changed();
  }
}

function noPack(error: unknown): null {
  if (error instanceof Malformed) return null;
  throw error;
}

function noLetters(error: unknown): null {
  if (error instanceof Refusal) return null;
  throw error;
}

/** The most that a visit with `slots` slots left will still send and receive. */
export const exchangeBytes = (slots: number): number => slots * (REQUEST_BYTES + ANSWER_BYTES);

function problemOf(refusal: Refusal): Problem {
  if (refusal.outdatedPage) return "outdated";
  switch (refusal.reason) {
    case "fingerprint":
      return "fingerprint";
    case "expired":
    case "certificate days":
      return "expired";
    default:
      return "tampered";
  }
}
