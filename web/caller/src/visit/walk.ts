// Phase B: which block is wanted next, newest first, as a function of the window and of what the hub answered, and of nothing else.
// Of which shard it is wanted is the visit's affair.
import { type Answer, BLOCK_DROPS, LAST_BLOCK, TODAY, type Wanted } from "../protocol/exchange.ts";

/** A block of a day's list. */
export type Place = Pick<Wanted, "day" | "from">;

/** What every slot of phase A asks for, and the further slots of phase B. */
export const LATEST: Place = { day: TODAY, from: LAST_BLOCK };

/** Blocks to read: a day's last one, or all from `next` down to `downTo`. */
type Errand = { readonly day: number; readonly next: number; readonly downTo: number };

export class Walk {
  /** The newest first; ranges, because a lying hub may name billions of drops. */
  private errands: Errand[] = [];
  /** How many drops of each day are read or on an errand. */
  private readonly known = new Map<number, number>();
  /** The day that the window counts back from. */
  private firstToday: number | null = null;
  private today: number | null = null;
  private daysOpened = 0;

  constructor(private windowDays: number) {}

  /** A longer look back; never a shorter one. */
  widen(days: number): void {
    this.windowDays = Math.max(this.windowDays, days);
  }

  get days(): number {
    return this.windowDays;
  }

  /** Days read whole; the newest counts when nothing of it is left to read. */
  get daysRead(): number {
    return Math.max(0, this.daysOpened - (this.errands.length > 0 ? 1 : 0));
  }

  get done(): boolean {
    return this.daysOpened >= this.windowDays && this.errands.length === 0;
  }

  next(): Place {
    const errand = this.errands[0];
    if (errand) return { day: errand.day, from: errand.next };
    const earlier = this.earlierDay();
    return earlier === null ? LATEST : { day: earlier, from: LAST_BLOCK };
  }

  /** The answer to `wanted` came and its drops were taken. */
  heard(wanted: Place, answer: Pick<Answer, "day" | "from" | "total">): void {
    if (wanted.day === TODAY) this.heardToday(answer.day);
    else if (wanted.day === this.earlierDay()) this.daysOpened++;
    this.finishErrand(wanted);
    if (wanted.from === LAST_BLOCK) this.sendFor(answer);
  }

  /** The hub has no such list: there is nothing to read there. */
  unknown(wanted: Place): void {
    if (wanted.day === TODAY) return;
    if (wanted.day === this.earlierDay()) this.daysOpened++;
    this.errands = this.errands.filter((errand) => errand.day !== wanted.day);
  }

  private earlierDay(): number | null {
    if (this.firstToday === null || this.daysOpened >= this.windowDays) return null;
    const day = this.firstToday - this.daysOpened;
    return day > TODAY ? day : null;
  }

  private heardToday(day: number): void {
    if (this.firstToday === null) {
      this.firstToday = day;
      this.daysOpened = 1;
    }
    // Where the day has turned, the end of the day before may hold drops that nobody has read.
    for (let turned = this.today ?? day; turned < day; turned++) {
      this.errands.unshift({ day: turned, next: LAST_BLOCK, downTo: LAST_BLOCK });
    }
    this.today = day;
  }

  private finishErrand({ day, from }: Place): void {
    const [errand, ...others] = this.errands;
    if (!errand || errand.day !== day || errand.next !== from) return;
    const next = from - BLOCK_DROPS;
    this.errands = next < errand.downTo ? others : [{ ...errand, next }, ...others];
  }

  /** All blocks before the last one that hold something not read yet. */
  private sendFor({ day, from, total }: Pick<Answer, "day" | "from" | "total">): void {
    const known = this.known.get(day) ?? 0;
    const downTo = Math.floor(known / BLOCK_DROPS) * BLOCK_DROPS;
    if (from > downTo) this.errands.unshift({ day, next: from - BLOCK_DROPS, downTo });
    this.known.set(day, Math.max(known, total));
  }
}
