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
    this.messages.push({ id: hex(first.messageId), caller, text, parts: parts.length, partsStored: 0 });
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
    const id = hex(waiting.part.messageId);
    const sent = this.messages.findIndex((message) => message.id === id);
    const before = this.messages[sent];
    if (before) this.messages[sent] = { ...before, partsStored: before.partsStored + 1 };
  }

  sentBy(caller: Caller): readonly Sent[] {
    return this.messages.filter((message) => message.caller === caller);
  }
}

export function tickOf(sent: Sent, opened: ReadonlyMap<string, unknown>): Tick {
  if (opened.has(sent.id)) return "opened";
  return sent.partsStored === sent.parts ? "stored" : "waiting";
}
