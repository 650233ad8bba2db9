// The walk: which block a slot asks for, as a function of what the hub answered, of moves, and of nothing else.
import { type Answer, BLOCK_DROPS, LAST_BLOCK, lastBlock, TODAY, type Wanted } from "../protocol/exchange.ts";
import { type Plan, shardOn } from "../protocol/plan.ts";

/** One slot in so many asks for today's last block, wherever the walk is. */
const LATEST_EVERY = 8;

/** What was read of one list. */
interface List {
  readonly day: number;
  /** The most drops that an answer has named. */
  total: number;
  /** Whether `total` is to be believed: of a day that has ended since, it is not. */
  told: boolean;
  /** Of each block, by its position, how many drops were read. */
  readonly read: Map<number, number>;
}

/** The lists of one shard of each day, read newest first and then watched; and those of shards that the visit was at before. */
export class Walk {
  /** The first day that an answer called today: the walk goes back from there. */
  private first: number | null = null;
  /** The day that an answer called today last. */
  private today = TODAY;
  /** By day and shard. */
  private readonly lists = new Map<string, List>();
  private whole = false;

  constructor(
    readonly days: number,
    private bits: number,
  ) {}

  get shardBits(): number {
    return this.bits;
  }

  /** Whether, since the walk has moved last, all was read that was listed. */
  get isWhole(): boolean {
    return this.whole;
  }

  /** The block that slot `slot`, from 0, asks for; `today` is the day of whose plan today's shard is. */
  ask(slot: number, plan: Plan, today: number): Wanted {
    const missing = slot % LATEST_EVERY === 0 ? null : this.missing(plan, this.bits);
    if (!missing || (missing.day === this.today && missing.from === LAST_BLOCK)) {
      return { day: TODAY, shard: shardOn(plan, today, this.bits), from: LAST_BLOCK };
    }
    return { ...missing, shard: shardOn(plan, missing.day, this.bits) };
  }

  /** The answer to `wanted` came and its drops were taken. */
  heard(plan: Plan, wanted: Wanted, { day, from, total }: Pick<Answer, "day" | "from" | "total">): void {
    if (wanted.day === TODAY) {
      this.first ??= day;
      // The end of a day that is over may hold drops that nobody has read.
      for (const list of this.lists.values()) if (list.day >= this.today && list.day < day) list.told = false;
      this.today = day;
    }
    const list = this.listOf(day, wanted.shard);
    list.total = Math.max(list.total, total);
    list.told = true;
    // Read up to the total, whatever the answer holds: so a hub that lies lets no block be asked for again and again.
    list.read.set(from, Math.min(BLOCK_DROPS, Math.max(0, list.total - from)));
    this.whole ||= this.hasRead(plan, this.bits);
  }

  /** The hub has no such list: there is nothing to read there. */
  passOver(plan: Plan, { day, shard }: Wanted): void {
    Object.assign(this.listOf(day, shard), { total: 0, told: true });
    this.whole ||= this.hasRead(plan, this.bits);
  }

  /** Goes on over the lists of another shard. What was read of them before is not read again. */
  moveTo(shardBits: number): void {
    this.bits = shardBits;
    this.whole = false;
  }

  /** Whether all is read that is listed in the shard of these bits. */
  hasRead(plan: Plan, shardBits: number): boolean {
    return this.first !== null && this.missing(plan, shardBits) === null;
  }

  /** How many days are read in the shard of these bits. */
  daysRead(plan: Plan, shardBits: number): number {
    let days = 0;
    for (let day = this.first ?? -1; day >= this.oldest(); day--) {
      if (this.missingOn(day, plan, shardBits) === null) days++;
    }
    return days;
  }

  /** The newest block that is not read. */
  private missing(plan: Plan, shardBits: number): Pick<Wanted, "day" | "from"> | null {
    for (let day = this.today; day >= this.oldest(); day--) {
      const from = this.missingOn(day, plan, shardBits);
      if (from !== null) return { day, from };
    }
    return null;
  }

  private missingOn(day: number, plan: Plan, shardBits: number): number | null {
    const list = this.lists.get(nameOf(day, shardOn(plan, day, shardBits)));
    return list?.told ? missingIn(list) : LAST_BLOCK;
  }

  private oldest(): number {
    return this.first === null ? Number.POSITIVE_INFINITY : Math.max(this.first - this.days + 1, TODAY + 1);
  }

  private listOf(day: number, shard: number): List {
    const name = nameOf(day, shard);
    const list = this.lists.get(name) ?? { day, total: 0, told: false, read: new Map() };
    this.lists.set(name, list);
    return list;
  }
}

const nameOf = (day: number, shard: number): string => `${day}/${shard}`;

/** The last block of which more is listed than was read. */
function missingIn({ total, read }: List): number | null {
  for (let from = lastBlock(total); from >= 0; from -= BLOCK_DROPS) {
    if ((read.get(from) ?? 0) < Math.min(BLOCK_DROPS, total - from)) return from;
  }
  return null;
}
