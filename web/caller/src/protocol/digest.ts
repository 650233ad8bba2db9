// The digest of a day's list: a chain over its drops, which the desk signs whenever it has posted to the list, and once more
// when the day is over (docs/protocol.md, section 8.2).
import { type Bytes, concat, u16, u32 } from "./bytes.ts";
import { labelled } from "./derive.ts";
import type { Notice } from "./notice.ts";
import { ed25519Verifies, sha256 } from "./primitives.ts";

export interface ListDigest {
  readonly day: number;
  readonly shard: number;
  readonly total: number;
  /** `h_total`. */
  readonly hash: Bytes;
  /** The minute of the day in which the desk posted to the list last; 0 of an empty one. */
  readonly minute: number;
}

/** Of a list that may still grow, or of one whose day is over. */
export type Stage = "head" | "day";

/** `h` before a list's first drop. */
export const EMPTY_CHAIN: Bytes = new Uint8Array(32);

/** `h` behind these drops, from `h` before them and their hashes in order. */
export async function chainOver(before: Bytes, dropHashes: readonly Bytes[]): Promise<Bytes> {
  let hash = before;
  for (const drop of dropHashes) hash = await sha256(concat(hash, drop));
  return hash;
}

/** Whether the desk's duty key has signed this list. */
export function isSigned(
  stage: Stage,
  { day, shard, total, hash, minute }: ListDigest,
  desk: Pick<Notice, "fingerprint" | "dutyKey">,
  signature: Bytes,
): Promise<boolean> {
  const fields = concat(desk.fingerprint, u32(day), u32(shard), u32(total), hash, u16(minute));
  return ed25519Verifies(signature, labelled(stage, fields), desk.dutyKey);
}
