// What was written and is not at the hub yet, and how far each message of this visit has come.
import { hex } from "../protocol/bytes.ts";
import type { Caller } from "../protocol/caller.ts";
import type { Part } from "../protocol/message.ts";

export type Tick = "waiting" | "stored" | "opened";

export interface Sent {
  /** Hexadecimal. */
  readonly id: string;
  readonly caller: Caller;
  readonly text: string;
  readonly parts: number;
  readonly partsStored: number;
  /** A part that is not known to be stored was sent, and no answer came: the hub may have it or not. */
  readonly inDoubt: boolean;
}

export interface Waiting {
  readonly part: Part;
  readonly caller: Caller;
}

export class Outbox {
  private readonly queue: Waiting[] = [];
  private readonly messages: Sent[] = [];

  add(parts: readonly Part[], caller: Caller): void {
    const [first] = parts;
    if (!first) return;
    this.queue.push(...parts.map((part) => ({ part, caller })));
    const text = parts.map((part) => part.text).join("");
    const id = hex(first.messageId);
    this.messages.push({ id, caller, text, parts: parts.length, partsStored: 0, inDoubt: false });
  }

  /** Nothing was ever written. */
  get isUnused(): boolean {
    return this.messages.length === 0;
  }

  /** The part that the next slot carries. */
  first(): Waiting | undefined {
    return this.queue[0];
  }

  /** The hub said that it has this part. */
  stored(waiting: Waiting): void {
    const at = this.queue.indexOf(waiting);
    if (at < 0) return;
    this.queue.splice(at, 1);
    this.change(waiting, ({ partsStored }) => ({ partsStored: partsStored + 1, inDoubt: false }));
  }

  /** It was sent and no answer came. It goes again as the same part, which the desk takes once. */
  answerLost(waiting: Waiting): void {
    this.change(waiting, () => ({ inDoubt: true }));
  }

  get hasDoubts(): boolean {
    return this.messages.some(({ inDoubt }) => inDoubt);
  }

  private change({ part }: Waiting, to: (sent: Sent) => Partial<Sent>): void {
    const id = hex(part.messageId);
    const at = this.messages.findIndex((message) => message.id === id);
    const before = this.messages[at];
    if (before) this.messages[at] = { ...before, ...to(before) };
  }

  sentBy(caller: Caller): readonly Sent[] {
    return this.messages.filter((message) => message.caller === caller);
  }
}

export function tickOf(sent: Sent, opened: ReadonlyMap<string, unknown>): Tick {
  if (opened.has(sent.id)) return "opened";
  return sent.partsStored === sent.parts ? "stored" : "waiting";
}
