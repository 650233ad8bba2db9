// All drops that the hub has handed out in this visit, so that a phrase typed later still finds its own among them.
import type { Bytes } from "../protocol/bytes.ts";

/** Up to 32 neighbouring drops of one day. */
export interface Block {
  readonly day: number;
  readonly from: number;
  readonly drops: readonly Bytes[];
}

export class Broadcast {
  private readonly blocks = new Map<string, Block>();

  add(block: Block): void {
    this.blocks.set(`${block.day}/${block.from}`, block);
  }

  all(): Iterable<Block> {
    return this.blocks.values();
  }
}
