// A content pack: the procedures of one language, named by its hash in the notice.
import { type Bytes, equal, Malformed } from "./bytes.ts";
import { flag, list, object, parseJson, text, whole } from "./json.ts";
import { sha256 } from "./primitives.ts";

export const CONTENT_BYTES_MAX = 131_072;

export interface Procedure {
  readonly id: string;
  readonly track: string;
  readonly title: string;
  readonly text: string;
  readonly owner: string;
  /** Nobody has reviewed it yet where this is null. */
  readonly reviewer: string | null;
  readonly promisedBy: string;
  /** YYYY-MM-DD */
  readonly validUntil: string;
  readonly sample: boolean;
}

export interface ContentPack {
  readonly language: string;
  readonly about: string;
  readonly procedures: readonly Procedure[];
}

export async function readContentPack(pack: Bytes, hash: Bytes): Promise<ContentPack> {
  if (pack.length > CONTENT_BYTES_MAX) throw new Malformed("a pack that is too long");
  if (!equal(await sha256(pack), hash)) throw new Malformed("not the named pack");
  const json = parseJson(pack, "allowed");
  whole(json.version, 1, 1);
  return {
    language: text(json.language),
    about: text(json.about),
    procedures: list(json.procedures).map(readProcedure),
  };
}

/** What is past its date is not shown. */
export function validProcedures(pack: ContentPack, nowMs: number): readonly Procedure[] {
  const today = new Date(nowMs).toISOString().slice(0, 10);
  return pack.procedures.filter((procedure) => procedure.validUntil >= today);
}

function readProcedure(value: unknown): Procedure {
  const json = object(value);
  const validUntil = text(json.valid_until);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(validUntil)) throw new Malformed("not a date");
  return {
    id: text(json.id),
    track: text(json.track),
    title: text(json.title),
    text: text(json.text),
    owner: text(json.owner),
    reviewer: json.reviewer === null ? null : text(json.reviewer),
    promisedBy: text(json.promised_by),
    validUntil,
    sample: json.sample === undefined ? false : flag(json.sample),
  };
}
