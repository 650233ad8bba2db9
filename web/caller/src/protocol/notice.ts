// The desk's notice: all that a caller must know of a desk, usable only after every check has passed.
import { type Bytes, concat, fromHex, Malformed, u32 } from "./bytes.ts";
import { DAY_MS } from "./day.ts";
import { labelled } from "./derive.ts";
import { openEnvelope, Refusal } from "./envelope.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { INVISIBLE } from "./fold.ts";
import { bytes, flag, jsonSize, list, object, parseJson, text, texts, whole } from "./json.ts";
import { type Plan, readPlan } from "./plan.ts";
import { ed25519Verifies, sha256, XWING_PUBLIC_KEY_BYTES } from "./primitives.ts";

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
  readonly moveAfterMs: number;
}

export interface FormerAnswerKey {
  readonly key: Bytes;
  /** Drops listed under later days are not sealed with it. */
  readonly lastDay: number;
}

export interface Track {
  readonly id: string;
  readonly names: Readonly<Record<string, string>>;
}

/** Another way to reach the desk, in words that people read; the page follows none. */
export interface Channel {
  readonly id: string | null;
  readonly text: string;
  readonly address: string;
}

/** A file of the caller's page as the desk vouches for it. */
export interface Page {
  readonly name: string;
  readonly sha256: Bytes;
}

/** The identity that comes after this one has been named by it. */
export interface Successor {
  readonly fingerprint: Bytes;
  /** The first day on which it speaks for the desk. */
  readonly from: number;
}

export interface Notice {
  readonly identity: Bytes;
  readonly fingerprint: Bytes;
  /** Signs the lists of drops too. */
  readonly dutyKey: Bytes;
  /** The number of the duty key's certificate. */
  readonly certificate: number;
  readonly hash: Bytes;
  readonly name: string;
  readonly serial: number;
  /** Unix seconds. */
  readonly issued: number;
  readonly expires: number;
  readonly inboxKeys: readonly InboxKey[];
  readonly answerKey: Bytes;
  /** Keys under which answers that are still listed may be sealed, newest first. */
  readonly formerAnswerKeys: readonly FormerAnswerKey[];
  readonly days: number;
  readonly plan: Plan;
  readonly cover: Cover;
  readonly languages: readonly string[];
  readonly tracks: readonly Track[];
  /** SHA-256 of each language's content pack. */
  readonly content: ReadonlyMap<string, Bytes>;
  /** SHA-256 of the body of the letters document; nobody writes letters where it is null. */
  readonly letters: Bytes | null;
  readonly channels: readonly Channel[];
  readonly pages: readonly Page[];
  /** Whether all callers are invented: people practise at this desk. */
  readonly practice: boolean;
  readonly successor: Successor | null;
}

/** As JSON, without its quotes. */
const LABEL_BYTES_MAX = 35;
const NAME_BYTES_MAX = 120;
const CHANNELS_MAX = 16;
const CHANNEL_TEXT_BYTES_MAX = 200;
const CHANNEL_ADDRESS_BYTES_MAX = 300;
const PAGES_MAX = 16;
/** Begins with what can be seen; nothing in it ends its line or turns the text around it. */
const LINE = new RegExp(
  `^[^\\s\\p{Cc}${INVISIBLE}][^\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]*$`,
  "u",
);
/** All of it is seen. */
const LABEL = new RegExp(`^[^\\s\\p{Cc}${INVISIBLE}]+$`, "u");
const LIFETIME_MAX_S = 172_800;
const TOLERANCE_S = 86_400;
const DAYS_MAX = 366;
const U32_MAX = 0xffffffff;
/** Timers can wait for the longest gap, and no mean grows beyond what a number can be. */
const GAP_MAX_MS = 600_000;
const GAP_GROWTH_MAX_PERCENT = 25;
const VISIT_EXCHANGES_MAX = 2_000;
const MOVE_AFTER_MAX_MS = 86_400_000;
const FORMER_ANSWER_KEYS_MAX = 24;

/** Throws [`Refusal`] unless the whole chain holds at `nowMs`. */
export async function verifyNotice(envelope: Bytes, pinned: Bytes | null, nowMs: number): Promise<Notice> {
  const opened = await openEnvelope("notice", envelope, pinned, nowMs);
  let notice: Notice;
  try {
    const json = parseJson(opened.body);
    // Both before all else: a page that is too old must learn it from a notice of any form.
    const version = whole(json.version, 0, 0xff);
    const oldestClient = whole(json.oldest_client, 0, 0xff);
    if (version !== NOTICE_VERSION) throw new Refusal("version");
    if (oldestClient > CLIENT_VERSION) throw new Refusal("outdated page");
    const lifetime = whole(json.expires) - whole(json.issued);
    if (lifetime < 0 || lifetime > LIFETIME_MAX_S) throw new Malformed("valid for too long, or for no time");
    const hash = await sha256(opened.body);
    const announced = "successor" in json ? readAnnouncement(json.successor) : null;
    const body = readBody(json);
    const successor = announced && (await verifySuccessor(announced, opened));
    notice = { ...opened, hash, ...body, successor };
  } catch (error) {
    throw error instanceof Malformed ? new Refusal("body") : error;
  }
  if (hasExpired(notice, nowMs)) throw new Refusal("expired");
  return notice;
}

/** By the reader's own clock, with a day's tolerance. */
export function hasExpired(notice: Pick<Notice, "expires">, nowMs: number): boolean {
  return Math.floor(nowMs / 1000) > notice.expires + TOLERANCE_S;
}

/** The key of `day`, or of the nearest day that has one; of two as near, the one that the notice names first. */
export function inboxKeyFor(notice: Notice, day: number): InboxKey {
  return notice.inboxKeys.reduce((best, key) =>
    Math.abs(key.epoch - day) < Math.abs(best.epoch - day) ? key : best,
  );
}

interface Announcement {
  readonly identity: Bytes;
  readonly from: number;
  readonly signature: Bytes;
}

function readAnnouncement(value: unknown): Announcement {
  const written = object(value);
  return {
    identity: bytes(written.identity, 32),
    from: whole(written.from, 0, U32_MAX),
    signature: bytes(written.signature, 64),
  };
}

async function verifySuccessor(
  { identity, from, signature }: Announcement,
  desk: Pick<Notice, "identity" | "fingerprint">,
): Promise<Successor> {
  const signed = labelled("successor", concat(desk.fingerprint, identity, u32(from)));
  if (!(await ed25519Verifies(signature, signed, desk.identity))) throw new Refusal("successor signature");
  return { fingerprint: await fingerprintOf(identity), from };
}

type Body = Omit<Notice, "identity" | "fingerprint" | "dutyKey" | "certificate" | "hash" | "successor">;

function readBody(json: ReturnType<typeof object>): Body {
  const inboxKeys = list(json.inbox_keys).map(readInboxKey);
  if (inboxKeys.length === 0) throw new Malformed("no inbox key");
  const formerAnswerKeys = list(json.former_answer_keys).map(readFormerAnswerKey);
  if (formerAnswerKeys.length > FORMER_ANSWER_KEYS_MAX) throw new Malformed("too many former keys");
  const days = whole(json.days, 1, DAYS_MAX);
  const issuedOn = Math.floor((whole(json.issued) * 1000) / DAY_MS);
  const languages = list(json.languages).map(label);
  const hashes = Object.entries(texts(json.content));
  return {
    name: nameOf(json.name),
    serial: whole(json.serial),
    issued: whole(json.issued),
    expires: whole(json.expires),
    inboxKeys,
    answerKey: bytes(json.answer_key, 32),
    formerAnswerKeys,
    days,
    // A hub whose clock is a day behind lists one day more.
    plan: readPlan(json.plan, issuedOn - days),
    cover: readCover(object(json.cover)),
    languages,
    tracks: list(json.tracks)
      .map(object)
      .map((track) => ({ id: label(track.id), names: namesOf(track.names) })),
    content: new Map(hashes.map(([language, hash]) => [language, readHash(hash)])),
    letters: "letters" in json ? bytes(json.letters, 32) : null,
    channels: "channels" in json ? few(json.channels, CHANNELS_MAX).map(readChannel) : [],
    pages: "pages" in json ? few(json.pages, PAGES_MAX).map(readPage) : [],
    practice: "practice" in json && flag(json.practice),
  };
}

function few(value: unknown, max: number): readonly unknown[] {
  const written = list(value);
  if (written.length > max) throw new Malformed("too many");
  return written;
}

function readChannel(value: unknown): Channel {
  const channel = object(value);
  return {
    id: "id" in channel ? label(channel.id) : null,
    text: line(channel.text, CHANNEL_TEXT_BYTES_MAX),
    address: line(channel.address, CHANNEL_ADDRESS_BYTES_MAX),
  };
}

function readPage(value: unknown): Page {
  const page = object(value);
  return { name: nameOf(page.name), sha256: readHash(text(page.sha256)) };
}

function readInboxKey(value: unknown): InboxKey {
  const key = object(value);
  return {
    epoch: whole(key.epoch, 0, U32_MAX),
    keyId: whole(key.key_id, 0, 0xffff),
    publicKey: bytes(key.public_key, XWING_PUBLIC_KEY_BYTES),
  };
}

function readFormerAnswerKey(value: unknown): FormerAnswerKey {
  const former = object(value);
  return { key: bytes(former.key, 32), lastDay: whole(former.last_day, 0, U32_MAX) };
}

function readCover(cover: ReturnType<typeof object>): Cover {
  return {
    gapMs: whole(cover.gap_ms, 0, GAP_MAX_MS),
    gapMaxMs: whole(cover.gap_max_ms, 0, GAP_MAX_MS),
    gapGrowthPercent: whole(cover.gap_growth_percent, 0, GAP_GROWTH_MAX_PERCENT),
    visitExchanges: whole(cover.visit_exchanges, 1, VISIT_EXCHANGES_MAX),
    moveAfterMs: whole(cover.move_after_ms, 0, MOVE_AFTER_MAX_MS),
  };
}

function readHash(written: string): Bytes {
  if (!/^[0-9a-f]{64}$/.test(written)) throw new Malformed("not a SHA-256");
  return fromHex(written);
}

/** A language or a track's id: no cell can name a longer one, and all of it is seen. */
function label(value: unknown): string {
  const written = text(value);
  if (!LABEL.test(written) || jsonSize(written) > LABEL_BYTES_MAX) throw new Malformed("not a label");
  return written;
}

/** The name of a desk or of a track, which people read. */
function nameOf(value: unknown): string {
  return line(value, NAME_BYTES_MAX);
}

function line(value: unknown, bytesMax: number): string {
  const written = text(value);
  if (!LINE.test(written) || jsonSize(written) > bytesMax) throw new Malformed("not a line");
  return written;
}

function namesOf(value: unknown): Readonly<Record<string, string>> {
  const names = texts(value);
  Object.values(names).forEach(nameOf);
  return names;
}
