// What comes of a phrase at one desk: the caller's keys, call sign, weekly drop secrets and proof.
import { type Bytes, concat, EMPTY, readU16, u8, u32 } from "./bytes.ts";
import { derive } from "./derive.ts";
import { rootOf } from "./phrase.ts";
import { hmacSha256, sha256, x25519, x25519PublicKey } from "./primitives.ts";
import { languageOfWords } from "./words.ts";

/** What the proof of docs/protocol.md, section 6, covers. */
export interface Proven {
  readonly messageId: Bytes;
  readonly part: number;
  readonly json: Bytes;
  readonly epoch: number;
}

export class Caller {
  private constructor(
    private readonly root: Bytes,
    readonly secretKey: Bytes,
    readonly publicKey: Bytes,
    readonly id: Bytes,
    /** Constant for the phrase; the first bits choose the shard. */
    readonly shardBits: number,
    /** Whose words the phrase is made of: the call sign is shown in them, whatever language the page is read in. */
    readonly language: string,
  ) {}

  /** Any phrase makes a caller: an unused one looks like a used one. */
  static async fromPhrase(foldedPhrase: string, fingerprint: Bytes): Promise<Caller> {
    return Caller.fromRoot(await rootOf(foldedPhrase, fingerprint), languageOfWords(foldedPhrase.split(" ")));
  }

  static async fromRoot(root: Bytes, language = "en"): Promise<Caller> {
    const secretKey = await derive(root, "caller key", EMPTY, 32);
    const publicKey = await x25519PublicKey(secretKey);
    const id = (await sha256(publicKey)).slice(0, 16);
    const shardBits = readU16(await derive(root, "shard", EMPTY, 2), 0);
    return new Caller(root, secretKey, publicKey, id, shardBits, language);
  }

  dropSecret(week: number): Promise<Bytes> {
    return derive(this.root, "drop secret", u32(week), 32);
  }

  /** Shows the desk, and nobody else, that a cell is this caller's. */
  async prove(answerKey: Bytes, { messageId, part, json, epoch }: Proven): Promise<Bytes> {
    const key = await derive(await x25519(this.secretKey, answerKey), "caller proof", EMPTY, 32);
    return hmacSha256(key, concat(messageId, u8(part), await sha256(json), u32(epoch)));
  }

  /** Nothing that this caller owns can be made afterwards. */
  wipe(): void {
    this.root.fill(0);
    this.secretKey.fill(0);
  }
}
