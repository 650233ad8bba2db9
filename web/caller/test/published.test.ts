// What standards publish, through the functions that the page uses; values and sources are in `vectors/published/`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";
import { XWing } from "@hpke/hybridkem-x-wing";
import { fromHex, hex } from "../src/protocol/bytes.ts";
import {
  ed25519Verifies,
  hkdfExpandSha256,
  hmacSha256,
  openAuthPsk,
  pbkdf2HmacSha512,
  sealToXWing,
  x25519,
} from "../src/protocol/primitives.ts";

function published(name: string) {
  const file = new URL(`../../../vectors/published/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).vectors;
}

test("X-Wing", async () => {
  for (const vector of published("xwing")) {
    const kem = new XWing();
    const { publicKey } = await kem.generateKeyPairDerand(fromHex(vector.seed));
    assert.equal(hex(new Uint8Array(await kem.serializePublicKey(publicKey))), vector.pk);
    const made = await kem.encap({ recipientPublicKey: publicKey, ekm: fromHex(vector.eseed) });
    assert.equal(hex(new Uint8Array(made.enc)), vector.ct);
    assert.equal(hex(new Uint8Array(made.sharedSecret)), vector.ss);
    const recipientKey = await kem.importKey("raw", fromHex(vector.seed).buffer, false);
    const shared = await kem.decap({ recipientKey, enc: fromHex(vector.ct).buffer });
    assert.equal(hex(new Uint8Array(shared)), vector.ss);
  }
});

test("HPKE, sealed to X-Wing", async () => {
  for (const { pkRm, info, ikmE, enc, encryptions } of published("hpke_xwing")) {
    const sealed = await sealToXWing({
      publicKey: fromHex(pkRm),
      info: fromHex(info),
      aad: fromHex(encryptions[0].aad),
      plaintext: fromHex(encryptions[0].pt),
      random: fromHex(ikmE),
    });
    assert.equal(hex(sealed.enc), enc);
    assert.equal(hex(sealed.ct), encryptions[0].ct);
  }
});

test("HPKE over X25519 in base and auth_psk mode", async () => {
  for (const vector of published("hpke")) {
    const kem = new DhkemX25519HkdfSha256();
    const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
    const authenticated = vector.mode === 3;
    const parameters = {
      recipientKey: await kem.deserializePrivateKey(fromHex(vector.skRm)),
      info: fromHex(vector.info),
      enc: fromHex(vector.enc),
    };
    const context = await suite.createRecipientContext(
      authenticated
        ? {
            ...parameters,
            senderPublicKey: await kem.deserializePublicKey(fromHex(vector.pkSm)),
            psk: { key: fromHex(vector.psk), id: fromHex(vector.psk_id) },
          }
        : parameters,
    );
    for (const { aad, ct, pt } of vector.encryptions.slice(0, 2)) {
      assert.equal(hex(new Uint8Array(await context.open(fromHex(ct), fromHex(aad)))), pt, vector.name);
    }
    if (!authenticated) continue;
    // Drops have an empty aad, which the published ones have not.
    const opening = {
      recipientSecretKey: fromHex(vector.skRm),
      senderPublicKey: fromHex(vector.pkSm),
      psk: fromHex(vector.psk),
      pskId: fromHex(vector.psk_id),
      info: fromHex(vector.info),
      sealed: { enc: fromHex(vector.enc), ct: fromHex(vector.encryptions[0].ct) },
    };
    await assert.rejects(openAuthPsk(opening));
  }
});

test("HKDF-Expand", async () => {
  for (const { name, prk, info, okm } of published("hkdf")) {
    assert.equal(hex(await hkdfExpandSha256(fromHex(prk), fromHex(info), okm.length / 2)), okm, name);
  }
});

test("HMAC-SHA-256", async () => {
  for (const { name, key, message, mac } of published("hmac")) {
    assert.equal(hex(await hmacSha256(fromHex(key), fromHex(message))), mac, name);
  }
});

test("PBKDF2-HMAC-SHA-512", async () => {
  for (const { name, password, salt, iterations, key } of published("pbkdf2")) {
    const made = await pbkdf2HmacSha512(fromHex(password), fromHex(salt), iterations, key.length / 2);
    assert.equal(hex(made), key, name);
  }
});

test("X25519, where a result of zero is refused", async () => {
  for (const { name, private: secret, public: point, shared } of published("x25519")) {
    const made = x25519(fromHex(secret), fromHex(point));
    if (shared === null) await assert.rejects(made, name);
    else assert.equal(hex(await made), shared, name);
  }
});

test("Ed25519, strictly", async () => {
  for (const { name, key, message, signature, verifies } of published("ed25519")) {
    const verified = await ed25519Verifies(fromHex(signature), fromHex(message), fromHex(key));
    assert.equal(verified, verifies, name);
    // A length that no signature has is a refusal like others, not an error.
    assert.equal(
      await ed25519Verifies(fromHex(signature).slice(1), fromHex(message), fromHex(key)),
      false,
      name,
    );
  }
});
