//! The shape of a visit (section 8.1): gaps between slots, and the walk over the lists. Same for all who visit.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::{
    exchange::{AnswerHeader, Ask, BLOCK, LAST_BLOCK},
    time::Day,
};

/// What [`uniform`] stays below.
const UNIFORM_END: u64 = 1 << 53;
/// The longest mean gap.
const GAP_MAX_MS: u32 = 600_000;
/// The steepest growth of gaps.
const GAP_GROWTH_MAX_PERCENT: u32 = 25;
/// The longest visit.
const VISIT_EXCHANGES_MAX: u32 = 2_000;
/// The longest mean time until phase B, a day.
const RETURN_AFTER_MAX_MS: u32 = 86_400_000;

/// How visits are paced; published in the notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Mean of the first gap, milliseconds.
    pub gap_ms: u32,
    /// The mean never grows over this, milliseconds.
    pub gap_max_ms: u32,
    /// Growth of the mean from slot to slot, percent.
    pub gap_growth_percent: u32,
    /// Exchanges of one visit at most.
    pub visit_exchanges: u32,
    /// Mean time until a visit without a phrase begins phase B, milliseconds.
    pub return_after_ms: u32,
}

/// Relative weights of the three windows of section 8.1: a day where people are may lie in two days of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    /// Today and yesterday by UTC.
    pub today: u32,
    /// Today and seven days before.
    pub week: u32,
    /// All listed days.
    pub all: u32,
}

/// The lists of one caller's shard of each day, read newest first; then watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    window_days: u32,
    /// What has been read to the end: this day up to this position, and all before it in the window.
    covered: Option<(Day, u32)>,
    round: Round,
    complete: bool,
}

/// One pass from today's last block backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// Asks for today's last block.
    Start,
    /// Asks for `from` of `day`; `top` is what today's list held when the pass began.
    Back { today: Day, top: u32, day: Day, from: u32 },
}

impl Cover {
    /// Milliseconds before slot `slot` (from 0), drawn: `min(Exp(1), 3) * m(slot)`. After `failures` in a row the mean
    /// is that doubled as often where this is more, and never over `gap_max_ms`.
    pub fn gap_ms(&self, slot: u32, failures: u32, rng: &mut impl CryptoRng) -> u64 {
        let growth = 1.0 + f64::from(self.gap_growth_percent) / 100.0;
        let (first, most) = (f64::from(self.gap_ms), f64::from(self.gap_max_ms));
        let grown = first * growth.powf(f64::from(slot));
        let backed_off = if failures == 0 { 0.0 } else { first * f64::from(failures.min(32)).exp2() };
        round_ms(exponential(rng).min(3.0) * grown.max(backed_off).min(most))
    }

    /// Milliseconds after which a visit without a phrase begins phase B, drawn.
    pub fn return_after_ms(&self, rng: &mut impl CryptoRng) -> u64 {
        round_ms(exponential(rng) * f64::from(self.return_after_ms))
    }

    /// Whether the members are in their ranges: timers can wait for the longest gap, and no mean grows beyond a double.
    pub(crate) fn keeps_limits(&self) -> bool {
        self.gap_ms <= GAP_MAX_MS
            && self.gap_max_ms <= GAP_MAX_MS
            && self.gap_growth_percent <= GAP_GROWTH_MAX_PERCENT
            && (1..=VISIT_EXCHANGES_MAX).contains(&self.visit_exchanges)
            && self.return_after_ms <= RETURN_AFTER_MAX_MS
    }
}

impl Windows {
    /// The window of a visit without a phrase, drawn by weight: 2, 8 or `days` days.
    pub fn draw(&self, days: u32, rng: &mut impl CryptoRng) -> u32 {
        let choices = [(self.today, 2), (self.week, 8), (self.all, days)];
        let sum: u64 = choices.iter().map(|(weight, _)| u64::from(*weight)).sum();
        if sum == 0 {
            return days;
        }
        // Draws beyond the last whole multiple of the sum would favour the first windows.
        let end = UNIFORM_END - UNIFORM_END % sum;
        let mut at = std::iter::repeat_with(|| uniform(rng)).find(|drawn| *drawn < end).unwrap_or(0) % sum;
        for (weight, window) in choices {
            if at < u64::from(weight) {
                return window.min(days);
            }
            at -= u64::from(weight);
        }
        days
    }
}

impl Walk {
    /// A walk over the last `window_days` days, today included; at least one.
    pub fn new(window_days: u32) -> Self {
        Self { window_days: window_days.max(1), covered: None, round: Round::Start, complete: false }
    }

    /// Whether every block of the window has been read once.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The block to ask for next, of the shard of its day; day 0 is today.
    pub fn ask(&self, shard: impl FnOnce(Day) -> u32) -> Ask {
        let (day, from) = match self.round {
            Round::Start => (Day(0), LAST_BLOCK),
            Round::Back { day, from, .. } => (day, from),
        };
        Ask { day, shard: shard(day), from }
    }

    /// Takes note of an answer to [`Walk::ask`].
    pub fn took(&mut self, answer: &AnswerHeader) {
        let (today, top, day, from) = match self.round {
            Round::Start => (answer.day, answer.total, answer.day, answer.from),
            // A block asked for by its position is that block, whatever the hub says of it.
            Round::Back { today, top, day, from: LAST_BLOCK } => (today, top, day, answer.from),
            Round::Back { today, top, day, from } => (today, top, day, from),
        };
        let read_before = self.covered.filter(|(covered, _)| *covered == day).map_or(0, |(_, to)| to);
        if from > read_before {
            self.round = Round::Back { today, top, day, from: from.saturating_sub(BLOCK) };
        } else if day > self.first_day(today) {
            self.round = Round::Back { today, top, day: day.minus(1), from: LAST_BLOCK };
        } else {
            *self = Self { covered: Some((today, top)), round: Round::Start, complete: true, ..*self };
        }
    }

    /// The oldest day that this pass reads: once the window has been read, the day that was read last.
    fn first_day(&self, today: Day) -> Day {
        self.covered.map_or_else(|| today.minus(self.window_days - 1), |(day, _)| day)
    }
}

/// A draw from the exponential distribution of mean 1.
fn exponential(rng: &mut impl CryptoRng) -> f64 {
    // Never 1, so the logarithm is finite.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    let below_one = uniform(rng) as f64 / UNIFORM_END as f64;
    -(1.0 - below_one).ln()
}

/// The first 53 bits of a draw of 64: as many as a double holds.
fn uniform(rng: &mut impl CryptoRng) -> u64 {
    rng.next_u64() >> 11
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the casts saturate")]
fn round_ms(ms: f64) -> u64 {
    ms.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        exchange::{Outcome, last_block},
        stamp::Toll,
    };
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;
    use std::collections::BTreeMap;

    /// Answers like a hub whose lists have these lengths.
    fn answer(lists: &BTreeMap<u32, u32>, today: u32, ask: &Ask) -> AnswerHeader {
        let day = if ask.day == Day(0) { today } else { ask.day.0 };
        let total = lists.get(&day).copied().unwrap_or(0);
        let from = if ask.from == LAST_BLOCK { last_block(total) } else { ask.from };
        AnswerHeader {
            outcome: Outcome::Stored,
            day: Day(day),
            shard: 0,
            from,
            total,
            notice_serial: 1,
            signature: None,
            toll: Toll::NONE,
        }
    }

    fn step(walk: &mut Walk, lists: &BTreeMap<u32, u32>, today: u32) -> (u32, u32) {
        let header = answer(lists, today, &walk.ask(|_| 0));
        walk.took(&header);
        (header.day.0, header.from)
    }

    #[test]
    fn a_walk_reads_every_block_newest_first_and_then_watches() {
        let mut lists = BTreeMap::from([(100, 70), (99, 0), (98, 33)]);
        let mut walk = Walk::new(3);
        let mut read = Vec::new();
        while !walk.is_complete() {
            read.push(step(&mut walk, &lists, 100));
        }
        assert_eq!(read, [(100, 64), (100, 32), (100, 0), (99, 0), (98, 32), (98, 0)]);
        assert_eq!(step(&mut walk, &lists, 100), (100, 64));
        // Sixty more drops: the blocks that were missed come too, and no others.
        lists.insert(100, 130);
        let missed: Vec<_> = (0..4).map(|_| step(&mut walk, &lists, 100)).collect();
        assert_eq!(missed, [(100, 128), (100, 96), (100, 64), (100, 128)]);
        // Past midnight: what was missed of yesterday comes too.
        lists.extend([(100, 161), (101, 1)]);
        let next_day: Vec<_> = (0..4).map(|_| step(&mut walk, &lists, 101)).collect();
        assert_eq!(next_day, [(101, 0), (100, 160), (100, 128), (101, 0)]);
    }

    #[test]
    fn a_window_of_one_day_reads_the_end_of_that_day_after_midnight() {
        let mut lists = BTreeMap::from([(100, 40)]);
        let mut walk = Walk::new(1);
        let first: Vec<_> = (0..2).map(|_| step(&mut walk, &lists, 100)).collect();
        assert_eq!(first, [(100, 32), (100, 0)]);
        lists.extend([(100, 50), (101, 1)]);
        let next_day: Vec<_> = (0..3).map(|_| step(&mut walk, &lists, 101)).collect();
        assert_eq!(next_day, [(101, 0), (100, 32), (101, 0)]);
    }

    #[test]
    fn a_lying_hub_does_not_break_a_walk() {
        let mut walk = Walk::new(14);
        for n in 0..1_000u32 {
            let lie = n.wrapping_mul(2_654_435_761);
            let header = AnswerHeader {
                outcome: Outcome::Stored,
                day: Day(lie),
                shard: lie,
                from: lie ^ 0x5555,
                total: lie,
                notice_serial: 0,
                signature: None,
                toll: Toll::NONE,
            };
            let _ = walk.ask(|_| 0);
            walk.took(&header);
        }
    }

    #[test]
    fn gaps_follow_the_published_distribution() {
        let cover = Cover {
            gap_ms: 1_000,
            gap_max_ms: 2_000,
            gap_growth_percent: 10,
            visit_exchanges: 9,
            return_after_ms: 60_000,
        };
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let mean = |slot, rng: &mut ChaCha20Rng| {
            (0..20_000).map(|_| cover.gap_ms(slot, 0, rng)).sum::<u64>() / 20_000
        };
        // min(Exp(1), 3) has mean 1 - e^-3 = 0.950.
        assert!((930..970).contains(&mean(0, &mut rng)));
        assert!((1_022..1_068).contains(&mean(1, &mut rng)));
        assert!((1_860..1_940).contains(&mean(500, &mut rng)));
        assert!((0..10_000).all(|_| cover.gap_ms(0, 0, &mut rng) <= 3_000));
    }

    #[test]
    fn windows_are_drawn_by_weight() {
        let windows = Windows { today: 3, week: 6, all: 1 };
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let mut count = BTreeMap::new();
        for _ in 0..10_000 {
            *count.entry(windows.draw(14, &mut rng)).or_insert(0) += 1;
        }
        assert_eq!(count.keys().copied().collect::<Vec<_>>(), [2, 8, 14]);
        assert!((2_800..3_200).contains(&count[&2]) && (5_800..6_200).contains(&count[&8]));
        assert_eq!(Windows { today: 0, week: 0, all: 0 }.draw(14, &mut rng), 14);
    }
}
