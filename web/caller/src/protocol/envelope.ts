// The envelope that signed documents travel in, checked from the desk's identity down to the body (docs/protocol.md, section 5).
import { type Bytes, concat, equal, readU32 } from "./bytes.ts";
import { dayOf } from "./day.ts";
import { labelled } from "./derive.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { ed25519Verifies } from "./primitives.ts";

/** Why a document is refused; the page has a text for each group of reasons. */
export type RefusalReason =
  | "length"
  | "version"
  | "kind"
  | "fingerprint"
  | "certificate signature"
  | "certificate days"
  | "signature"
  | "body"
  | "successor signature"
  | "expired"
  | "size"
  | "signer"
  | "not named"
  | "outdated page";

export class Refusal extends Error {
  constructor(readonly reason: RefusalReason) {
    super(`the document is refused: ${reason}`);
  }

  /** The document may be good, but it is written for newer pages. */
  get outdatedPage(): boolean {
    return this.reason === "version" || this.reason === "outdated page";
  }
}

export interface Opened {
  readonly identity: Bytes;
  readonly fingerprint: Bytes;
  /** The key that signed the body, certified by the identity. */
  readonly dutyKey: Bytes;
  /** The number of its certificate: each of a desk has a higher one than all before it. */
  readonly certificate: number;
  readonly body: Bytes;
}

/**
 * Whether a document by this signer may come after one by another: a duty key that was replaced signs nothing more. One whose
 * certificate was renewed is the same key, whichever of its certificates comes first.
 */
export function mayFollow(next: Signer, now: Signer): boolean {
  return next.certificate > now.certificate || equal(next.dutyKey, now.dutyKey);
}

type Signer = Pick<Opened, "certificate" | "dutyKey">;

/** What a page reads: the number of its kind; its name is the label of its signature. */
const KINDS = { notice: 1, letters: 3 } as const;
const KEYRING_KIND = 2;
const BODY_AT = 146;
const BODY_BYTES_MAX = 262_144;
const SIGNATURE_BYTES = 64;
export const ENVELOPE_BYTES_MAX = BODY_AT + BODY_BYTES_MAX + SIGNATURE_BYTES;

const VERSION = 1;
const CERTIFICATE_DAYS_MAX = 36;
const TOLERANCE_DAYS = 1;

/** Checks all but the body's JSON, in the protocol's order. `pinned` is the fingerprint that the reader expects, if any. */
export async function openEnvelope(
  kind: keyof typeof KINDS,
  envelope: Bytes,
  pinned: Bytes | null,
  nowMs: number,
): Promise<Opened> {
  if (envelope.length === 0) throw new Refusal("length");
  // Another version may write its length elsewhere.
  if (envelope[0] !== VERSION) throw new Refusal("version");
  if (envelope.length < BODY_AT + SIGNATURE_BYTES) throw new Refusal("length");
  const bodyLength = readU32(envelope, 142);
  // Behind a keyring, which no page reads, stands one signature more.
  const signatureBytes = envelope[1] === KEYRING_KIND ? 2 * SIGNATURE_BYTES : SIGNATURE_BYTES;
  if (bodyLength > BODY_BYTES_MAX || envelope.length !== BODY_AT + bodyLength + signatureBytes) {
    throw new Refusal("length");
  }
  if (envelope[1] !== KINDS[kind]) throw new Refusal("kind");

  const identity = envelope.slice(2, 34);
  const fingerprint = await fingerprintOf(identity);
  if (pinned && !equal(fingerprint, pinned)) throw new Refusal("fingerprint");

  const certified = labelled("certificate", concat(fingerprint, envelope.subarray(34, 78)));
  if (!(await ed25519Verifies(envelope.slice(78, 142), certified, identity))) {
    throw new Refusal("certificate signature");
  }
  if (!certificateCovers(readU32(envelope, 70), readU32(envelope, 74), dayOf(nowMs))) {
    throw new Refusal("certificate days");
  }

  const body = envelope.slice(BODY_AT, BODY_AT + bodyLength);
  const signed = labelled(kind, concat(fingerprint, body));
  const dutyKey = envelope.slice(34, 66);
  if (!(await ed25519Verifies(envelope.slice(BODY_AT + bodyLength), signed, dutyKey))) {
    throw new Refusal("signature");
  }
  return { identity, fingerprint, dutyKey, certificate: readU32(envelope, 66), body };
}

function certificateCovers(first: number, last: number, today: number): boolean {
  return (
    last >= first &&
    last - first <= CERTIFICATE_DAYS_MAX &&
    today >= first - TOLERANCE_DAYS &&
    today <= last + TOLERANCE_DAYS
  );
}
