// When the slots of a visit come, and what a visitor without a phrase draws instead (docs/protocol.md, section 8.1).
import type { Cover, WindowWeights } from "../protocol/notice.ts";

/** Longest gap, in means: keeps a visit from standing still. */
const CUT = 3;

/** The gap before slot `k`; failures in a row lengthen it, up to the longest mean. `unit` is uniform in [0, 1). */
export function slotGapMs(cover: Cover, k: number, failures: number, unit: number): number {
  const grown = cover.gapMs * (1 + cover.gapGrowthPercent / 100) ** k;
  const backedOff = failures === 0 ? 0 : cover.gapMs * 2 ** failures;
  return Math.min(exponential(unit), CUT) * Math.min(Math.max(grown, backedOff), cover.gapMaxMs);
}

/** How long after its start a visit without a phrase behaves as if one had been typed. */
export function coverReturnMs(cover: Cover, unit: number): number {
  return exponential(unit) * cover.returnAfterMs;
}

/** How many days such a visit looks back over. `days` is how many the desk lists. */
export function coverWindowDays(windows: WindowWeights, days: number, unit: number): number {
  const point = unit * (windows.today + windows.week + windows.all);
  if (point < windows.today) return Math.min(TODAY_DAYS, days);
  return point < windows.today + windows.week ? Math.min(WEEK_DAYS, days) : days;
}

/** The 16 bits that choose a shard, for who has none of a phrase. */
export const drawnBits = (unit: number): number => Math.floor(unit * 0x10000);

// Days are counted by UTC: what somebody calls today may have begun in the day before, hence one more.
export const TODAY_DAYS = 2;
export const WEEK_DAYS = 8;

const exponential = (unit: number): number => -Math.log(1 - unit);
