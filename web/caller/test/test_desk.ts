// A desk for tests, by a path of its own where there is one: Node's Ed25519, X25519, HMAC and hashes; HPKE's receiving side.
import { createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman, sign } from "node:crypto";
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";
import { XWing } from "@hpke/hybridkem-x-wing";
import { type Bytes, base64url, concat, hex, u8, u16, u32, utf8 } from "../src/protocol/bytes.ts";
import { dayOf, weekOf } from "../src/protocol/day.ts";
import { LETTERS_BYTES } from "../src/protocol/letter_keys.ts";

export type Json = Record<string, unknown>;

export interface OpenedCell {
  /** Null for cover. */
  readonly payload: Json | null;
  /** Whether the mac is the caller's. */
  readonly proven: boolean;
}

export interface DropPlace {
  readonly day: number;
  readonly slot: number;
  readonly j: number;
}

const fill = (byte: number, length = 32): Bytes => new Uint8Array(length).fill(byte);

export class TestDesk {
  readonly identitySeed = fill(1);
  readonly dutySeed = fill(2);
  readonly inboxSeed = fill(3);
  readonly answerSecret = fill(4);
  readonly identity = ed25519Public(this.identitySeed);
  readonly fingerprint = sha256(this.identity);
  readonly answerKey = x25519Public(this.answerSecret);
  /** Hash of the body of the notice that was signed last. */
  noticeHash: Bytes = fill(0);

  private constructor(readonly inboxPublicKey: Bytes) {}

  static async create(): Promise<TestDesk> {
    const { publicKey } = await new XWing().generateKeyPairDerand(fill(3));
    return new TestDesk(new Uint8Array(await new XWing().serializePublicKey(publicKey)));
  }

  noticeBody(nowMs: number): Json {
    const today = dayOf(nowMs);
    const issued = Math.floor(nowMs / 1000);
    return {
      version: 1,
      oldest_client: 1,
      name: "Harbour",
      serial: 7,
      issued,
      expires: issued + 172_800,
      inbox_keys: [0, 1, 2].map((i) => ({
        epoch: today + i,
        key_id: i,
        public_key: base64url(this.inboxPublicKey),
      })),
      answer_key: base64url(this.answerKey),
      former_answer_keys: [],
      plan: [{ from: today - 30, shards: 1, drop_period_s: 60 }],
      days: 14,
      cover: {
        gap_ms: 4000,
        gap_max_ms: 60_000,
        gap_growth_percent: 10,
        visit_exchanges: 60,
        move_after_ms: 20_000,
      },
      languages: ["en", "uk"],
      tracks: [
        { id: "home", names: { en: "Called up, at home", uk: "Викликали, удома", ru: "Вызвали, дома" } },
      ],
      content: {},
    };
  }

  /** The statement that another identity comes after this one. */
  successor(identity: Bytes, from: number): Json {
    const statement = concat(this.fingerprint, identity, u32(from));
    const signature = signed(this.identitySeed, "successor", statement);
    return { identity: base64url(identity), from, signature: base64url(signature) };
  }

  /** Signs any body; `certificateDays` are its first and last, `signer` a duty key with the number of its certificate. */
  envelope(
    body: Json,
    nowMs: number,
    certificateDays?: readonly [number, number],
    signer: { readonly seed: Bytes; readonly number: number } = { seed: this.dutySeed, number: 1 },
  ): Bytes {
    const json = utf8(JSON.stringify(body));
    this.noticeHash = sha256(json);
    const today = dayOf(nowMs);
    return this.sign("notice", json, certificateDays ?? [today, today + 35], signer);
  }

  /** A letters document with this body, and by what a notice names it. */
  letters(body: Json, nowMs: number): { readonly document: Bytes; readonly named: string } {
    const json = utf8(JSON.stringify(body));
    const padded = concat(json, new Uint8Array(LETTERS_BYTES - 210 - json.length).fill(0x20));
    const today = dayOf(nowMs);
    const signer = { seed: this.dutySeed, number: 1 };
    const document = this.sign("letters", padded, [today, today + 35], signer);
    return { document, named: base64url(sha256(padded)) };
  }

  private sign(
    kind: "notice" | "letters",
    json: Bytes,
    [first, last]: readonly [number, number],
    signer: { readonly seed: Bytes; readonly number: number },
  ): Bytes {
    const certified = concat(ed25519Public(signer.seed), u32(signer.number), u32(first), u32(last));
    return concat(
      u8(1),
      u8(kind === "notice" ? 1 : 3),
      this.identity,
      certified,
      signed(this.identitySeed, "certificate", concat(this.fingerprint, certified)),
      u32(json.length),
      json,
      signed(signer.seed, kind, concat(this.fingerprint, json)),
    );
  }

  /** The duty key's signature over the list of shard 0 that holds these drops. */
  signList(day: number, drops: readonly Bytes[], { minute = 0, stage = "day" } = {}): Bytes {
    const list = concat(u32(day), u32(0), u32(drops.length), chainOf(drops), u16(minute));
    return signed(this.dutySeed, stage, concat(this.fingerprint, list));
  }

  /** Throws where the cell does not open or is not canonical. */
  async openCell(cell: Bytes): Promise<OpenedCell> {
    const epoch = readU32(cell, 1);
    const kem = new XWing();
    const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
    const parameters = {
      recipientKey: await kem.importKey("raw", this.inboxSeed.buffer, false),
      enc: cell.slice(7, 1127),
      info: concat(utf8("callsign/v1 cell"), this.fingerprint, u32(epoch), this.noticeHash),
    };
    const plaintext = new Uint8Array(await suite.open(parameters, cell.slice(1127), cell.slice(0, 7)));
    const length = (plaintext[0] as number) * 256 + (plaintext[1] as number);
    if (plaintext.subarray(2 + length).some((byte) => byte !== 0)) throw new Error("not canonical");
    if (length === 0) return { payload: null, proven: false };
    const json = plaintext.slice(34, 2 + length);
    const payload = JSON.parse(Buffer.from(json).toString("utf8")) as Json;
    const mac = this.proof(payload, json, epoch);
    return { payload, proven: hex(mac) === hex(plaintext.slice(2, 34)) };
  }

  /** A drop for the caller of an opened cell. */
  async drop(payload: Json, { day, slot, j }: DropPlace, json: Json): Promise<Bytes> {
    const week = weekOf(day);
    const secret = (payload.drop_secrets as [number, string][]).find(([w]) => w === week)?.[1];
    if (!secret) throw new Error("the caller gave no secret for this week");
    const context = concat(u32(day), u8(slot), u8(j));
    const address = derive(fromBase64(secret), "addr", context, 16);
    const psk = derive(fromBase64(secret), "psk", context, 32);
    const text = utf8(JSON.stringify(json));
    const plaintext = concat(u16(text.length), text, new Uint8Array(960 - 2 - text.length));
    return this.sealDrop(payload.caller as string, day, address, psk, plaintext);
  }

  async sealDrop(caller: string, day: number, address: Bytes, psk: Bytes, plaintext: Bytes): Promise<Bytes> {
    const kem = new DhkemX25519HkdfSha256();
    const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
    const parameters = {
      recipientPublicKey: await kem.deserializePublicKey(fromBase64(caller)),
      senderKey: await kem.deserializePrivateKey(this.answerSecret),
      psk: { key: psk, id: address },
      info: concat(utf8("callsign/v1 drop"), this.fingerprint, u32(day), address),
    };
    const { enc, ct } = await suite.seal(parameters, plaintext);
    return concat(address, new Uint8Array(enc), new Uint8Array(ct));
  }

  private proof(payload: Json, json: Bytes, epoch: number): Bytes {
    const shared = x25519(this.answerSecret, fromBase64(payload.caller as string));
    const key = derive(shared, "caller proof", new Uint8Array(0), 32);
    const id = fromBase64(payload.id as string);
    return hmac(key, concat(id, u8(payload.part as number), sha256(json), u32(epoch)));
  }
}

export function derive(secret: Bytes, label: string, context: Bytes, length: number): Bytes {
  // RFC 5869, first block: HMAC(secret, info || 0x01).
  return hmac(secret, concat(utf8(`callsign/v1 ${label}`), u8(0), context, u8(1))).slice(0, length);
}

/** `h` over these drops from the beginning of a list. */
export const chainOf = (drops: readonly Bytes[]): Bytes =>
  drops.reduce((h, drop) => sha256(concat(h, sha256(drop))), fill(0));

export const sha256 = (message: Bytes): Bytes =>
  new Uint8Array(createHash("sha256").update(message).digest());

export const fromBase64 = (text: string): Bytes => new Uint8Array(Buffer.from(text, "base64url"));

const hmac = (key: Bytes, message: Bytes): Bytes =>
  new Uint8Array(createHmac("sha256", key).update(message).digest());

const readU32 = (bytes: Bytes, offset: number): number => Buffer.from(bytes).readUInt32BE(offset);

// Node takes raw keys only inside their DER wrappers (RFC 8410).
const ED25519_DER = "302e020100300506032b657004220420";
const X25519_DER = "302e020100300506032b656e04220420";
const X25519_PUBLIC_DER = "302a300506032b656e032100";

const privateKey = (der: string, seed: Bytes) =>
  createPrivateKey({ key: Buffer.from(der + hex(seed), "hex"), format: "der", type: "pkcs8" });

const rawPublic = (der: string, seed: Bytes): Bytes =>
  new Uint8Array(
    createPublicKey(privateKey(der, seed)).export({ format: "der", type: "spki" }).subarray(-32),
  );

const ed25519Public = (seed: Bytes): Bytes => rawPublic(ED25519_DER, seed);
const x25519Public = (seed: Bytes): Bytes => rawPublic(X25519_DER, seed);

function x25519(secret: Bytes, publicKey: Bytes): Bytes {
  const key = Buffer.from(X25519_PUBLIC_DER + hex(publicKey), "hex");
  return new Uint8Array(
    diffieHellman({
      privateKey: privateKey(X25519_DER, secret),
      publicKey: createPublicKey({ key, format: "der", type: "spki" }),
    }),
  );
}

const signed = (seed: Bytes, label: string, message: Bytes): Bytes =>
  new Uint8Array(
    sign(null, concat(utf8(`callsign/v1 ${label}`), u8(0), message), privateKey(ED25519_DER, seed)),
  );
