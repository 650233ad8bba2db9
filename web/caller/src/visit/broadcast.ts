// All drops that the hub has handed out in this visit, so that a phrase typed later still finds its own among them.
import type { Bytes } from "../protocol/bytes.ts";

/** Up to 32 neighbouring drops of one list, and what the hub says of it. */
export interface Block {
  readonly day: number;
  readonly shard: number;
  readonly from: number;
  /** Those at `total` and beyond are random. */
  readonly drops: readonly Bytes[];
  readonly total: number;
  /** The desk's newest over the list, where there is one. */
  readonly signature: Bytes | null;
  /** The minute in what is signed. */
  readonly minute: number;
  /** The list's chain before the first of these drops. */
  readonly chain: Bytes;
  readonly noticeSerial: number;
}

export class Broadcast {
  private readonly blocks = new Map<string, Block>();

  add(block: Block): void {
    this.blocks.set(`${block.day}/${block.shard}/${block.from}`, block);
  }

  all(): Iterable<Block> {
    return this.blocks.values();
  }
}
