// The only file that names cryptographic libraries: everything that the protocol takes from them, nothing of our own.
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256, X25519 } from "@hpke/dhkem-x25519";
import { XWing } from "@hpke/hybridkem-x-wing";
import { Point, verifyAsync } from "@noble/ed25519";
import type { Bytes } from "./bytes.ts";

export const XWING_ENC_BYTES = 1120;
export const XWING_PUBLIC_KEY_BYTES = 1216;
/** What X-Wing draws for one encapsulation: 32 bytes for ML-KEM, 32 for X25519. */
export const XWING_RANDOM_BYTES = 64;

export interface Sealed {
  readonly enc: Bytes;
  readonly ct: Bytes;
}

export async function sha256(message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", message));
}

export async function hmacSha256(secret: Bytes, message: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
}

/** The second half of HKDF alone, which browsers do not offer by itself. */
export async function hkdfExpandSha256(secret: Bytes, info: Bytes, length: number): Promise<Bytes> {
  return new Uint8Array(await new HkdfSha256().expand(secret, info, length));
}

/** The browser's own, because 600,000 rounds in script would take minutes where the JIT is off. */
export async function pbkdf2HmacSha512(
  password: Bytes,
  salt: Bytes,
  iterations: number,
  length: number,
): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const parameters = { name: "PBKDF2", hash: "SHA-512", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, length * 8));
}

/** Rejects points of small order. */
export async function x25519(secretKey: Bytes, publicKey: Bytes): Promise<Bytes> {
  return new Uint8Array(await new X25519(new HkdfSha256()).derive(secretKey, publicKey));
}

export function x25519PublicKey(secretKey: Bytes): Promise<Bytes> {
  const basePoint = new Uint8Array(32);
  basePoint[0] = 9;
  return x25519(secretKey, basePoint);
}

/**
 * Strict (docs/protocol.md, section 2). The library takes canonical encodings only, but checks the equation times eight; where
 * key and R are of prime order, that is the equation itself.
 */
export async function ed25519Verifies(signature: Bytes, message: Bytes, publicKey: Bytes): Promise<boolean> {
  try {
    const points = [publicKey, signature.subarray(0, 32)].map((encoded) => Point.fromBytes(encoded, false));
    if (points.some((point) => point.is0() || !point.isTorsionFree())) return false;
    return await verifyAsync(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

/** HPKE base mode with X-Wing; `random` makes the encapsulation and must be fresh. */
export async function sealToXWing(sealing: {
  readonly publicKey: Bytes;
  readonly info: Bytes;
  readonly aad: Bytes;
  readonly plaintext: Bytes;
  readonly random: Bytes;
}): Promise<Sealed> {
  const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
  const recipientPublicKey = await suite.kem.deserializePublicKey(sealing.publicKey);
  const parameters = { recipientPublicKey, info: sealing.info, ekm: sealing.random };
  const { enc, ct } = await suite.seal(parameters, sealing.plaintext, sealing.aad);
  return { enc: new Uint8Array(enc), ct: new Uint8Array(ct) };
}

/** HPKE auth_psk mode with DHKEM(X25519); throws where anything does not fit. */
export async function openAuthPsk(opening: {
  readonly recipientSecretKey: Bytes;
  readonly senderPublicKey: Bytes;
  readonly psk: Bytes;
  readonly pskId: Bytes;
  readonly info: Bytes;
  readonly sealed: Sealed;
}): Promise<Bytes> {
  const kem = new DhkemX25519HkdfSha256();
  const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
  const parameters = {
    recipientKey: await kem.deserializePrivateKey(opening.recipientSecretKey),
    senderPublicKey: await kem.deserializePublicKey(opening.senderPublicKey),
    psk: { key: opening.psk, id: opening.pskId },
    info: opening.info,
    enc: opening.sealed.enc,
  };
  return new Uint8Array(await suite.open(parameters, opening.sealed.ct));
}
