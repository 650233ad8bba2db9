// The plan of a notice: into how many shards each day's drops are cut (docs/protocol.md, section 5.1).
import { Malformed } from "./bytes.ts";
import { list, object, whole } from "./json.ts";

/** What holds from one day on, until the next entry begins. */
export interface PlanEntry {
  readonly from: number;
  readonly shards: number;
  /** Seconds between two drops, whatever their shards. */
  readonly dropPeriodS: number;
}

export type Plan = readonly PlanEntry[];

const SHARDS_MAX = 256;
const ENTRIES_MAX = 32;
const DROP_PERIOD_MAX_S = 86_400;

/** Throws where a rule is broken; the first entry must be in force on `firstListed`. */
export function readPlan(value: unknown, firstListed: number): Plan {
  const entries = list(value).map(readEntry);
  const [first] = entries;
  if (!first || entries.length > ENTRIES_MAX) throw new Malformed("a plan of no entry, or of too many");
  if (entries.some(({ from }, i) => from <= (entries[i - 1]?.from ?? -1))) {
    throw new Malformed("a plan that is not in the order of its days");
  }
  if (first.from > firstListed) throw new Malformed("a plan that begins after the first listed day");
  return entries;
}

function readEntry(value: unknown): PlanEntry {
  const entry = object(value);
  const shards = whole(entry.shards, 1, SHARDS_MAX);
  if ((shards & (shards - 1)) !== 0) throw new Malformed("a number of shards that is no power of two");
  const dropPeriodS = whole(entry.drop_period_s, 1, DROP_PERIOD_MAX_S);
  return { from: whole(entry.from, 0, 0xffffffff), shards, dropPeriodS };
}

/** The shard of a caller, or of a visitor who drew bits, on a day: the first log2(shards) of the 16 bits. */
export function shardOn(plan: Plan, day: number, shardBits: number): number {
  return (shardBits * (entryOn(plan, day)?.shards ?? 1)) >>> 16;
}

/** Seconds in which each shard has had its turn once; null where the day has no such shard. */
export function turnSeconds(plan: Plan, day: number, shard: number): number | null {
  const entry = entryOn(plan, day);
  return entry && shard < entry.shards ? entry.shards * entry.dropPeriodS : null;
}

const entryOn = (plan: Plan, day: number): PlanEntry | undefined =>
  plan.filter(({ from }) => from <= day).pop();
