// The digest of a day's list: a chain over its drops, which the desk signs once the day is over (docs/protocol.md, section 8.2).
import { type Bytes, concat, u32 } from "./bytes.ts";
import { labelled } from "./derive.ts";
import type { Notice } from "./notice.ts";
import { ed25519Verifies, sha256 } from "./primitives.ts";

export interface ListDigest {
  readonly day: number;
  readonly shard: number;
  readonly total: number;
  /** `h_total`. */
  readonly hash: Bytes;
}

/** `h` after each drop, from the hashes of the drops in order; of an empty list it is zeros. */
export async function chainOver(dropHashes: readonly Bytes[]): Promise<Bytes> {
  let hash: Bytes = new Uint8Array(32);
  for (const drop of dropHashes) hash = await sha256(concat(hash, drop));
  return hash;
}

/** Whether the desk's duty key has signed this list. */
export function isSigned(
  { day, shard, total, hash }: ListDigest,
  desk: Pick<Notice, "fingerprint" | "dutyKey">,
  signature: Bytes,
): Promise<boolean> {
  const fields = concat(desk.fingerprint, u32(day), u32(shard), u32(total), hash);
  return ed25519Verifies(signature, labelled("day", fields), desk.dutyKey);
}
