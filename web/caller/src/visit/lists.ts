// Whether the lists that were read are those that the desk signed. Nothing that is sent depends on it.
import type { Bytes } from "../protocol/bytes.ts";
import { chainOver, isSigned, type ListDigest } from "../protocol/digest.ts";
import { BLOCK_DROPS } from "../protocol/exchange.ts";
import type { Notice } from "../protocol/notice.ts";
import { sha256 } from "../protocol/primitives.ts";
import type { Block } from "./broadcast.ts";

/** From the best to the worst. */
const CONFIRMATIONS = ["confirmed", "not yet", "contradicted"] as const;
export type Confirmation = (typeof CONFIRMATIONS)[number];

interface List {
  readonly day: number;
  readonly shard: number;
  total: number;
  signature: Bytes | null;
  /** Of the notice that the hub served beside the signature. */
  noticeSerial: number;
  /** Hashes of drops by the position of the first, 32 bytes a drop. */
  readonly blocks: Map<number, readonly Bytes[]>;
  /** What was found, and under which notice; null where something came since. */
  judged: { readonly serial: number; readonly found: Confirmation } | null;
}

export class Lists {
  private readonly lists = new Map<string, List>();

  async take({ day, shard, from, drops, total, signature, noticeSerial }: Block): Promise<void> {
    const listed = drops.slice(0, Math.max(0, total - from));
    const hashes = await Promise.all(listed.map(sha256));
    const name = `${day}/${shard}`;
    const fresh = { day, shard, total, signature, noticeSerial, blocks: new Map(), judged: null };
    const list = this.lists.get(name) ?? fresh;
    this.lists.set(name, list);
    list.total = total;
    list.blocks.set(from, hashes);
    list.judged = null;
    if (signature) Object.assign(list, { signature, noticeSerial });
  }

  /** The finished days of which a list was read whole, each with the worst that was found. */
  async judge(desk: Pick<Notice, "fingerprint" | "dutyKey" | "serial">): Promise<Map<number, Confirmation>> {
    const today = Math.max(...[...this.lists.values()].map(({ day }) => day));
    const days = new Map<number, Confirmation>();
    for (const list of this.lists.values()) {
      const found = list.day === today ? null : await judgeList(list, desk);
      if (!found) continue;
      const before = days.get(list.day) ?? "confirmed";
      const isWorse = CONFIRMATIONS.indexOf(found) > CONFIRMATIONS.indexOf(before);
      days.set(list.day, isWorse ? found : before);
    }
    return days;
  }
}

/** All drops' hashes in order; null where some drops were not read. */
function wholeList({ total, blocks }: List): Bytes[] | null {
  const hashes: Bytes[] = [];
  while (hashes.length < total) {
    const here = Math.min(BLOCK_DROPS, total - hashes.length);
    const block = blocks.get(hashes.length);
    if (!block || block.length < here) return null;
    hashes.push(...block.slice(0, here));
  }
  return hashes;
}

/** Null where some drops were not read. */
async function judgeList(
  list: List,
  desk: Pick<Notice, "fingerprint" | "dutyKey" | "serial">,
): Promise<Confirmation | null> {
  if (list.judged?.serial === desk.serial) return list.judged.found;
  const hashes = wholeList(list);
  if (!hashes) return null;
  const { day, shard, total, signature, noticeSerial } = list;
  const digest: ListDigest = { day, shard, total, hash: await chainOver(hashes) };
  let found: Confirmation = "not yet";
  if (signature && (await isSigned(digest, desk, signature))) found = "confirmed";
  // Beside another notice it may have been made with another duty key.
  else if (signature && noticeSerial === desk.serial) found = "contradicted";
  list.judged = { serial: desk.serial, found };
  return found;
}
