// When the slots of a visit come, and what a visitor without a phrase draws instead (docs/protocol.md, section 8.1).
import type { Cover, WindowWeights } from "../protocol/notice.ts";

/** Longest gap, in means: keeps a visit from standing still. */
const CUT = 3;

/** What the world draws is below this: 53 bits, as many as a number holds. */
export const UNIFORM_END = 2 ** 53;

/** The gap before slot `k`; failures in a row lengthen it, up to the longest mean. `uniform` is a draw of the world. */
export function slotGapMs(cover: Cover, k: number, failures: number, uniform: number): number {
  const grown = cover.gapMs * (1 + cover.gapGrowthPercent / 100) ** k;
  const backedOff = failures === 0 ? 0 : cover.gapMs * 2 ** Math.min(failures, 32);
  const mean = Math.min(Math.max(grown, backedOff), cover.gapMaxMs);
  return Math.round(Math.min(exponential(uniform), CUT) * mean);
}

/** How long after its start a visit without a phrase behaves as if one had been typed. */
export function coverReturnMs(cover: Cover, uniform: number): number {
  return Math.round(exponential(uniform) * cover.returnAfterMs);
}

/** How many days such a visit looks back over. `days` is how many the desk lists. */
export function coverWindowDays(windows: WindowWeights, days: number, draw: () => number): number {
  const sum = windows.today + windows.week + windows.all;
  if (sum === 0) return days;
  // Draws beyond the last whole multiple of the sum would favour the first windows.
  const end = UNIFORM_END - (UNIFORM_END % sum);
  let uniform = draw();
  while (uniform >= end) uniform = draw();
  const at = uniform % sum;
  if (at < windows.today) return Math.min(TODAY_DAYS, days);
  return at < windows.today + windows.week ? Math.min(WEEK_DAYS, days) : days;
}

/** The 16 bits that choose a shard, for who has none of a phrase. */
export const drawnBits = (uniform: number): number => Math.floor(uniform / 2 ** 37);

// Days are counted by UTC: what somebody calls today may have begun in the day before, hence one more.
export const TODAY_DAYS = 2;
export const WEEK_DAYS = 8;

const exponential = (uniform: number): number => -Math.log(1 - uniform / UNIFORM_END);
