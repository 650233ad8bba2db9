// The desk's notice: all that a caller must know of a desk, usable only after every check has passed.
import { type Bytes, fromHex, Malformed } from "./bytes.ts";
import { DAY_MS } from "./day.ts";
import { openNoticeEnvelope, Refusal } from "./envelope.ts";
import { bytes, list, object, parseJson, text, texts, whole } from "./json.ts";
import { type Plan, readPlan } from "./plan.ts";
import { sha256, XWING_PUBLIC_KEY_BYTES } from "./primitives.ts";

export const CLIENT_VERSION = 1;
const NOTICE_VERSION = 1;

export interface InboxKey {
  readonly epoch: number;
  readonly keyId: number;
  readonly publicKey: Bytes;
}

/** How a visit is paced, the same for everyone. */
export interface Cover {
  readonly gapMs: number;
  readonly gapMaxMs: number;
  readonly gapGrowthPercent: number;
  readonly visitExchanges: number;
  readonly returnAfterMs: number;
}

/** How often visitors look back over today, a week, or all days. */
export interface WindowWeights {
  readonly today: number;
  readonly week: number;
  readonly all: number;
}

export interface Track {
  readonly id: string;
  readonly names: Readonly<Record<string, string>>;
}

export interface Notice {
  readonly identity: Bytes;
  readonly fingerprint: Bytes;
  /** Signs the lists of finished days too. */
  readonly dutyKey: Bytes;
  readonly hash: Bytes;
  readonly name: string;
  readonly serial: number;
  /** Unix seconds. */
  readonly expires: number;
  readonly inboxKeys: readonly InboxKey[];
  readonly answerKey: Bytes;
  readonly days: number;
  readonly plan: Plan;
  readonly windows: WindowWeights;
  readonly cover: Cover;
  readonly languages: readonly string[];
  readonly tracks: readonly Track[];
  /** SHA-256 of each language's content pack. */
  readonly content: ReadonlyMap<string, Bytes>;
}

const LIFETIME_MAX_S = 172_800;
const TOLERANCE_S = 86_400;
const DAYS_MAX = 366;

/** Throws [`Refusal`] unless the whole chain holds at `nowMs`. */
export async function verifyNotice(envelope: Bytes, pinned: Bytes | null, nowMs: number): Promise<Notice> {
  const opened = await openNoticeEnvelope(envelope, pinned, nowMs);
  let notice: Notice;
  try {
    const json = parseJson(opened.body);
    if (whole(json.version, 1) > NOTICE_VERSION) throw new Refusal("outdated page");
    if (whole(json.oldest_client) > CLIENT_VERSION) throw new Refusal("outdated page");
    if (whole(json.expires) - whole(json.issued) > LIFETIME_MAX_S) throw new Malformed("valid for too long");
    notice = { ...opened, hash: await sha256(opened.body), ...readBody(json) };
  } catch (error) {
    throw error instanceof Malformed ? new Refusal("body") : error;
  }
  if (hasExpired(notice, nowMs)) throw new Refusal("expired");
  return notice;
}

/** By the reader's own clock, with a day's tolerance. */
export function hasExpired(notice: Pick<Notice, "expires">, nowMs: number): boolean {
  return nowMs / 1000 > notice.expires + TOLERANCE_S;
}

/** The key of `day`, or of the nearest day that has one. */
export function inboxKeyFor(notice: Notice, day: number): InboxKey {
  return notice.inboxKeys.reduce((best, key) =>
    Math.abs(key.epoch - day) < Math.abs(best.epoch - day) ? key : best,
  );
}

function readBody(
  json: ReturnType<typeof object>,
): Omit<Notice, "identity" | "fingerprint" | "dutyKey" | "hash"> {
  const inboxKeys = list(json.inbox_keys).map(readInboxKey);
  if (inboxKeys.length === 0) throw new Malformed("no inbox key");
  const windows = object(json.windows);
  const days = whole(json.days, 1, DAYS_MAX);
  const issuedOn = Math.floor((whole(json.issued) * 1000) / DAY_MS);
  const languages = list(json.languages).map(text);
  const hashes = Object.entries(texts(json.content));
  return {
    name: text(json.name),
    serial: whole(json.serial),
    expires: whole(json.expires),
    inboxKeys,
    answerKey: bytes(json.answer_key, 32),
    days,
    // A hub whose clock is a day behind lists one day more.
    plan: readPlan(json.plan, issuedOn - days),
    windows: { today: whole(windows.today), week: whole(windows.week), all: whole(windows.all) },
    cover: readCover(object(json.cover)),
    languages,
    tracks: list(json.tracks)
      .map(object)
      .map((track) => ({ id: text(track.id), names: texts(track.names) })),
    content: new Map(hashes.map(([language, hash]) => [language, readHash(hash)])),
  };
}

function readInboxKey(value: unknown): InboxKey {
  const key = object(value);
  return {
    epoch: whole(key.epoch, 0, 0xffffffff),
    keyId: whole(key.key_id, 0, 0xffff),
    publicKey: bytes(key.public_key, XWING_PUBLIC_KEY_BYTES),
  };
}

function readCover(cover: ReturnType<typeof object>): Cover {
  return {
    gapMs: whole(cover.gap_ms),
    gapMaxMs: whole(cover.gap_max_ms),
    gapGrowthPercent: whole(cover.gap_growth_percent),
    visitExchanges: whole(cover.visit_exchanges),
    returnAfterMs: whole(cover.return_after_ms),
  };
}

function readHash(written: string): Bytes {
  const hash = fromHex(written);
  if (hash.length !== 32) throw new Malformed("not a SHA-256");
  return hash;
}
