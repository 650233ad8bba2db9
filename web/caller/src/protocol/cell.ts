// A cell: what every exchange carries to the desk, 4,096 bytes whether it holds a part of a message or nothing.
import { type Bytes, concat, u8, u16, u32 } from "./bytes.ts";
import { named } from "./derive.ts";
import type { InboxKey, Notice } from "./notice.ts";
import { sealToXWing } from "./primitives.ts";

export const CELL_BYTES = 4096;
export const CELL_PLAINTEXT_BYTES = 2953;
export const CELL_PAYLOAD_BYTES = CELL_PLAINTEXT_BYTES - 2;

const VERSION = 1;

/** An empty payload makes cover: same code, same sealing, same size. `random` must be fresh for each cell. */
export async function sealCell(
  notice: Pick<Notice, "fingerprint" | "hash">,
  key: InboxKey,
  payload: Bytes,
  random: Bytes,
): Promise<Bytes> {
  const plaintext = new Uint8Array(CELL_PLAINTEXT_BYTES);
  plaintext.set(u16(payload.length));
  plaintext.set(payload, 2);
  const aad = concat(u8(VERSION), u32(key.epoch), u16(key.keyId));
  const info = concat(named("cell"), notice.fingerprint, u32(key.epoch), notice.hash);
  const { enc, ct } = await sealToXWing({ publicKey: key.publicKey, info, aad, plaintext, random });
  plaintext.fill(0);
  return concat(aad, enc, ct);
}
