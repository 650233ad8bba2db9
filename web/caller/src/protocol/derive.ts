// How secrets and signed bytes are labelled, so that none is ever taken for another (docs/protocol.md, section 2).
import { type Bytes, concat, u8, utf8 } from "./bytes.ts";
import { hkdfExpandSha256 } from "./primitives.ts";

/** `derive(secret, label, context, n)`. */
export function derive(secret: Bytes, label: string, context: Bytes, length: number): Promise<Bytes> {
  return hkdfExpandSha256(secret, labelled(label, context), length);
}

/** `"callsign/v1 " || label || 0x00 || context`, which is also what a signature covers. */
export function labelled(label: string, context: Bytes): Bytes {
  return concat(named(label), u8(0), context);
}

/** `"callsign/v1 " || label`. */
export function named(label: string): Bytes {
  return utf8(`callsign/v1 ${label}`);
}
