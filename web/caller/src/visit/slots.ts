// When the slots of a visit come, and when and where its walk moves (docs/protocol.md, section 8.1).
import type { Cover } from "../protocol/notice.ts";

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

/** How long after its start a visit moves for the first time. */
export function firstMoveMs(cover: Cover, uniform: number): number {
  return Math.round((1 + uniform / UNIFORM_END) * cover.moveAfterMs);
}

/** The 16 bits of a shard that no phrase names. */
export const drawnBits = (uniform: number): number => Math.floor(uniform / 2 ** 37);

const exponential = (uniform: number): number => -Math.log(1 - uniform / UNIFORM_END);
