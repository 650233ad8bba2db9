// The libraries compute what the standards publish.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { XWing } from "@hpke/hybridkem-x-wing";
import { EMPTY, fromHex, hex, utf8 } from "../src/protocol/bytes.ts";
import {
  ed25519Verifies,
  hkdfExpandSha256,
  openAuthPsk,
  pbkdf2HmacSha512,
  x25519,
} from "../src/protocol/primitives.ts";

test("X-Wing encapsulates as draft-connolly-cfrg-xwing-kem publishes it", async () => {
  const seed = fromHex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");
  const random = fromHex(
    "3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e235b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2",
  );
  const kem = new XWing();
  const { publicKey } = await kem.generateKeyPairDerand(seed.slice());
  const { enc, sharedSecret } = await kem.encap({ recipientPublicKey: publicKey, ekm: random });
  // The long values are compared by their SHA3-256.
  assert.equal(
    sha3(await kem.serializePublicKey(publicKey)),
    "5121745904643ad9dfacca7869292c19a8a69533b53e60666b7db910b4ad6367",
  );
  assert.equal(sha3(enc), "c0abd149f83f45324ac3a7ddc7606c71f257e5ea86113522834a0ee1bcb34e3e");
  const published = "d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384";
  assert.equal(hex(new Uint8Array(sharedSecret)), published);
  const recipientKey = await kem.importKey("raw", seed.buffer, false);
  assert.equal(hex(new Uint8Array(await kem.decap({ recipientKey, enc }))), published);
});

const sha3 = (bytes: ArrayBuffer): string =>
  createHash("sha3-256").update(new Uint8Array(bytes)).digest("hex");

test("HPKE auth_psk opens the vector of RFC 9180, A.2.4", async () => {
  // Our drops have an empty aad; the vector's first ciphertext has one, so only its tag may fail.
  const { CipherSuite, HkdfSha256 } = await import("@hpke/core");
  const { DhkemX25519HkdfSha256 } = await import("@hpke/dhkem-x25519");
  const { Chacha20Poly1305 } = await import("@hpke/chacha20poly1305");
  const kem = new DhkemX25519HkdfSha256();
  const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
  const context = await suite.createRecipientContext({
    recipientKey: await kem.deserializePrivateKey(fromHex(A24.skRm)),
    senderPublicKey: await kem.deserializePublicKey(fromHex(A24.pkSm)),
    psk: { key: fromHex(A24.psk), id: fromHex(A24.pskId) },
    info: fromHex(A24.info),
    enc: fromHex(A24.enc),
  });
  assert.equal(hex(new Uint8Array(await context.open(fromHex(A24.ct0), utf8("Count-0")))), A24.pt);
  assert.equal(hex(new Uint8Array(await context.open(fromHex(A24.ct1), utf8("Count-1")))), A24.pt);
  await assert.rejects(
    openAuthPsk({
      recipientSecretKey: fromHex(A24.skRm),
      senderPublicKey: fromHex(A24.pkSm),
      psk: fromHex(A24.psk),
      pskId: fromHex(A24.pskId),
      info: fromHex(A24.info),
      sealed: { enc: fromHex(A24.enc), ct: fromHex(A24.ct0) },
    }),
  );
});

test("X25519 computes the vector of RFC 7748, section 5.2, and refuses points of small order", async () => {
  const scalar = fromHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
  const point = fromHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
  const shared = "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552";
  assert.equal(hex(await x25519(scalar, point)), shared);
  await assert.rejects(x25519(scalar, new Uint8Array(32)));
});

test("HKDF-Expand computes the vector of RFC 5869, A.1", async () => {
  const prk = fromHex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  const okm = await hkdfExpandSha256(prk, fromHex("f0f1f2f3f4f5f6f7f8f9"), 42);
  const published = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
  assert.equal(hex(okm), published);
});

test("PBKDF2-HMAC-SHA-512 computes a known vector", async () => {
  const key = await pbkdf2HmacSha512(utf8("password"), utf8("salt"), 1, 32);
  assert.equal(hex(key), "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252");
});

test("Ed25519 verifies the first vector of RFC 8032, and nothing near it", async () => {
  const key = fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const signature = fromHex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  );
  assert.equal(await ed25519Verifies(signature, EMPTY, key), true);
  assert.equal(await ed25519Verifies(signature, utf8("x"), key), false);
  assert.equal(await ed25519Verifies(signature.slice(1), EMPTY, key), false);
  // The neutral element as a key would verify anything.
  const neutral = fromHex(`01${"00".repeat(31)}`);
  const forged = fromHex(`01${"00".repeat(63)}`);
  assert.equal(await ed25519Verifies(forged, utf8("anything"), neutral), false);
});

test("Ed25519 verifies what `vectors/published` says, and nothing else", async () => {
  const file = new URL("../../../vectors/published/ed25519.json", import.meta.url);
  for (const { name, key, message, signature, verifies } of JSON.parse(readFileSync(file, "utf8")).vectors) {
    const verified = await ed25519Verifies(fromHex(signature), fromHex(message), fromHex(key));
    assert.equal(verified, verifies, name);
  }
});

const A24 = {
  info: "4f6465206f6e2061204772656369616e2055726e",
  skRm: "7b36a42822e75bf3362dfabbe474b3016236408becb83b859a6909e22803cb0c",
  pkSm: "3ac5bd4dd66ff9f2740bef0d6ccb66daa77bff7849d7895182b07fb74d087c45",
  psk: "0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82",
  pskId: "456e6e796e20447572696e206172616e204d6f726961",
  enc: "656a2e00dc9990fd189e6e473459392df556e9a2758754a09db3f51179a3fc02",
  pt: "4265617574792069732074727574682c20747275746820626561757479",
  ct0: "9aa52e29274fc6172e38a4461361d2342585d3aeec67fb3b721ecd63f059577c7fe886be0ede01456ebc67d597",
  ct1: "59460bacdbe7a920ef2806a74937d5a691d6d5062d7daafcad7db7e4d8c649adffe575c1889c5c2e3a49af8e3e",
} as const;
