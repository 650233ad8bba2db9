// A caller's mailbox: tries drops, keeps what opens, and puts answers together from their parts.
import { type Bytes, hex } from "../protocol/bytes.ts";
import type { Caller } from "../protocol/caller.ts";
import { type Drop, type DropTable, dropAddress, dropTable, openDrop } from "../protocol/drop.ts";
import type { Notice } from "../protocol/notice.ts";
import type { Block } from "./broadcast.ts";

export interface Received {
  readonly id: string;
  readonly day: number;
  /** Null while parts are missing. */
  readonly text: string | null;
  readonly partsHere: number;
  readonly parts: number;
}

interface Collected {
  readonly day: number;
  readonly number: number;
  readonly texts: (string | undefined)[];
}

/** Drops under one address that are tried at most. The desk posts one; whoever knows the address can list others. */
const CANDIDATES_MAX = 4;

/** A drop under one of the caller's addresses. */
interface Candidate {
  readonly drop: Bytes;
  /** The notice under which it was tried last, and in vain. */
  triedUnder: string | null;
}

/** When work is done that only the addressee of a drop has. */
export type Schedule = <T>(work: () => Promise<T>) => Promise<T>;

const atOnce: Schedule = (work) => work();

export class Mailbox {
  /** Drops that were tried so far. */
  openings = 0;
  /** Ids of messages that a person has opened, with the day on which the desk said so. */
  readonly opened = new Map<string, number>();
  private readonly tables = new Map<number, DropTable>();
  private readonly seen = new Set<string>();
  private readonly candidates = new Map<string, Candidate[]>();
  private readonly numbers = new Set<number>();
  private readonly collected = new Map<string, Collected>();

  constructor(readonly caller: Caller) {}

  /** Whether something in the block was this caller's and new. What does not open is tried once for each notice. */
  async take(
    block: Pick<Block, "day" | "drops">,
    notice: Notice,
    schedule: Schedule = atOnce,
  ): Promise<boolean> {
    const table = await this.tableOf(block.day, schedule);
    const noticeName = hex(notice.hash);
    let found = false;
    for (const bytes of block.drops) {
      const address = dropAddress(bytes);
      const place = `${block.day}/${address}`;
      const context = table.get(address);
      if (!context || this.seen.has(place)) continue;
      const candidate = this.candidateAt(place, bytes);
      if (!candidate || candidate.triedUnder === noticeName) continue;
      candidate.triedUnder = noticeName;
      const drop = await schedule(() => this.tryDrop(notice, block.day, context, bytes));
      if (!drop) continue;
      this.seen.add(place);
      this.candidates.delete(place);
      this.keep(drop, block.day);
      found = true;
    }
    return found;
  }

  /** In the desk's order. */
  received(): Received[] {
    return [...this.collected]
      .sort(([, a], [, b]) => a.number - b.number)
      .map(([id, { day, texts }]) => {
        const here = texts.filter((text) => text !== undefined);
        const whole = here.length === texts.length;
        return { id, day, text: whole ? here.join("") : null, partsHere: here.length, parts: texts.length };
      });
  }

  /** Whether the running numbers leave some out between the first and the last that came. */
  hasGap(): boolean {
    if (this.numbers.size === 0) return false;
    const numbers = [...this.numbers];
    return Math.max(...numbers) - Math.min(...numbers) + 1 > numbers.length;
  }

  private async tableOf(day: number, schedule: Schedule): Promise<DropTable> {
    const table = this.tables.get(day) ?? (await schedule(() => dropTable(this.caller, day)));
    this.tables.set(day, table);
    return table;
  }

  /** Null where enough others lie under this address. */
  private candidateAt(place: string, drop: Bytes): Candidate | null {
    const candidates = this.candidates.get(place) ?? [];
    this.candidates.set(place, candidates);
    const known = candidates.find((candidate) => isSame(candidate.drop, drop));
    if (known || candidates.length >= CANDIDATES_MAX) return known ?? null;
    const candidate = { drop, triedUnder: null };
    candidates.push(candidate);
    return candidate;
  }

  /** Something else under this caller's address (the hub can put it there) is skipped; the true drop may still come. */
  private async tryDrop(notice: Notice, day: number, context: Bytes, bytes: Bytes): Promise<Drop | null> {
    this.openings++;
    try {
      return await openDrop(notice, this.caller, day, context, bytes);
    } catch {
      return null;
    }
  }

  private keep({ number, answer, opened }: Drop, day: number): void {
    // The first that came with a number counts.
    if (this.numbers.has(number)) return;
    this.numbers.add(number);
    for (const id of opened) if (!this.opened.has(id)) this.opened.set(id, day);
    if (!answer) return;
    const before = this.collected.get(answer.id);
    if (before && before.texts.length !== answer.parts) return;
    const texts = before?.texts ?? new Array<string | undefined>(answer.parts).fill(undefined);
    texts[answer.part - 1] ??= answer.text;
    this.collected.set(answer.id, {
      texts,
      day: Math.max(before?.day ?? 0, day),
      number: Math.min(before?.number ?? number, number),
    });
  }
}

const isSame = (one: Bytes, other: Bytes): boolean => one.every((byte, at) => byte === other[at]);
