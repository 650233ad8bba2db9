// Bytes, and the few ways in which the protocol writes them down (docs/protocol.md, section 2).

export type Bytes = Uint8Array<ArrayBuffer>;

/** The other side sent something that is not what the protocol says. */
export class Malformed extends Error {}

export const EMPTY: Bytes = new Uint8Array(0);

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export const u8 = (n: number): Bytes => Uint8Array.of(n);
export const u16 = (n: number): Bytes => Uint8Array.of(n >>> 8, n);
export const u32 = (n: number): Bytes => Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);

export const readU16 = (bytes: Bytes, offset: number): number => view(bytes).getUint16(offset);
export const readU32 = (bytes: Bytes, offset: number): number => view(bytes).getUint32(offset);
/** Exact below 2^53, which no honest serial reaches. */
export const readU64 = (bytes: Bytes, offset: number): number => Number(view(bytes).getBigUint64(offset));

/** Lone surrogates become U+FFFD: text on the wire is always valid UTF-8. */
export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

export function fromUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("not UTF-8");
  }
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text: string): Bytes {
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw new Malformed("not hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function base64url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function fromBase64url(text: string): Bytes {
  let binary: string;
  try {
    binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  } catch {
    throw new Malformed("not base64url");
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  // One spelling only: padding, "+", "/" and stray bits at the end are refused.
  if (base64url(bytes) !== text) throw new Malformed("not canonical base64url");
  return bytes;
}

function view(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
