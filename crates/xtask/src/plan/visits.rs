//! A return visit on a slow line: which blocks it reads, how many bytes that is, and how long it takes.

use super::{
    arrivals::{DAY_S, Draws},
    posting::Cadence,
};

/// Drops of one exchange.
pub const BLOCK: u32 = 32;
/// Bytes of an exchange, with about what HTTP adds.
pub const UP: u32 = 4_192 + 300;
pub const DOWN: u32 = 32_864 + 200;
/// Bytes that come before the first exchange: page as compressed, notice, content packs.
pub const OPENING: u32 = 80_000;
/// The line: bits a second, and seconds of a round trip.
pub const DOWN_BITS: f64 = 80_000.0;
pub const UP_BITS: f64 = 20_000.0;
pub const ROUND_TRIP_S: f64 = 1.5;

/// The pace of the desk's default settings, in seconds.
pub const GAP_S: f64 = 4.0;
pub const GAP_MAX_S: f64 = 12.0;
pub const GAP_GROWTH: f64 = 1.03;
pub const RETURN_AFTER_S: f64 = 60.0;
pub const VISIT_EXCHANGES: u32 = 150;

/// Whether a visit keeps the gaps of cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    Paced,
    Fast,
}

/// What a visit cost until its window was read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visit {
    pub exchanges: u32,
    pub seconds: f64,
    /// Whether the window was read within the exchanges of a visit.
    pub finished: bool,
}

impl Visit {
    /// Reads so many blocks; paced, random blocks come first until the phrase is there.
    pub fn new(blocks: u32, pace: Pace, draws: &mut Draws) -> Self {
        let mut seconds = f64::from(OPENING) * 8.0 / DOWN_BITS + 2.0 * ROUND_TRIP_S;
        if pace == Pace::Fast {
            seconds += f64::from(blocks) * exchange_s();
            return Self { exchanges: blocks, seconds, finished: true };
        }
        let phrase_at = seconds + draws.exponential() * RETURN_AFTER_S;
        let (mut exchanges, mut read, mut mean) = (0, 0, GAP_S);
        while read < blocks && exchanges < VISIT_EXCHANGES {
            seconds += draws.exponential().min(3.0) * mean;
            read += u32::from(seconds >= phrase_at);
            seconds += exchange_s();
            exchanges += 1;
            mean = (mean * GAP_GROWTH).min(GAP_MAX_S);
        }
        Self { exchanges, seconds, finished: read == blocks }
    }

    /// Bytes both ways.
    pub fn bytes(&self) -> f64 {
        f64::from(OPENING) + f64::from(self.exchanges) * f64::from(UP + DOWN)
    }
}

/// Seconds of one exchange.
pub fn exchange_s() -> f64 {
    ROUND_TRIP_S + f64::from(UP) * 8.0 / UP_BITS + f64::from(DOWN) * 8.0 / DOWN_BITS
}

/// Exchanges that read a list: an empty one costs one too.
pub fn blocks_of(drops: u32) -> u32 {
    drops.div_ceil(BLOCK).max(1)
}

/// Exchanges that read the lists of `shard` newest first, today's up to `at`, over `window_days`.
pub fn blocks_of_walk(cadence: Cadence, shard: u32, at: u32, window_days: u32) -> u32 {
    let today = at / DAY_S;
    let days = (today + 1).saturating_sub(window_days)..=today;
    days.map(|day| blocks_of(cadence.drops_between(shard, day * DAY_S, at.min((day + 1) * DAY_S)))).sum()
}

/// Blocks of a whole day of one shard; the largest of its shards.
pub fn blocks_a_day(cadence: Cadence) -> u32 {
    blocks_of(cadence.drops_between(0, 0, DAY_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_costs_a_block_for_each_begun_32_drops_and_one_when_empty() {
        assert_eq!([0, 1, 32, 33, 64, 288].map(blocks_of), [1, 1, 1, 2, 2, 9]);
    }

    #[test]
    fn a_walk_reads_today_up_to_now_and_the_days_before_whole() {
        let cadence = Cadence { period_s: 300, shards: 1 };
        let noon = 20 * DAY_S + DAY_S / 2;
        assert_eq!(blocks_of_walk(cadence, 0, noon, 1), 5);
        assert_eq!(blocks_of_walk(cadence, 0, noon, 2), 5 + 9);
        assert_eq!(blocks_of_walk(cadence, 0, noon, 14), 5 + 13 * 9);
        // Just after midnight today's list is one short block.
        assert_eq!(blocks_of_walk(cadence, 0, 20 * DAY_S + 1, 2), 1 + 9);
        let cadence = Cadence { period_s: 225, shards: 2 };
        assert_eq!((blocks_of_walk(cadence, 1, noon, 14), blocks_a_day(cadence)), (3 + 13 * 6, 6));
    }

    #[test]
    fn a_visit_is_as_long_as_its_exchanges_and_gaps() {
        let mut draws = Draws::new(2);
        let fast = Visit::new(10, Pace::Fast, &mut draws);
        assert!((fast.seconds - (11.0 + 10.0 * exchange_s())).abs() < 1e-9);
        assert_eq!((fast.exchanges, fast.finished), (10, true));
        let paced: Vec<Visit> = (0..400).map(|_| Visit::new(10, Pace::Paced, &mut draws)).collect();
        assert!(
            paced.iter().all(|visit| visit.finished && visit.exchanges >= 10 && visit.seconds > fast.seconds)
        );
        let mean = paced.iter().map(|visit| f64::from(visit.exchanges)).sum::<f64>() / 400.0;
        // A minute before the phrase is some six slots of about ten seconds.
        assert!((13.0..18.0).contains(&mean), "{mean}");
    }

    #[test]
    fn a_walk_that_is_longer_than_a_visit_does_not_finish() {
        let visit = Visit::new(VISIT_EXCHANGES + 1, Pace::Paced, &mut Draws::new(3));
        assert_eq!((visit.exchanges, visit.finished), (VISIT_EXCHANGES, false));
    }

    #[test]
    fn the_pace_and_beat_are_those_of_the_desks_default_settings() {
        let settings = include_str!("../../../desk/src/settings.rs");
        let default = settings.split("pub fn short").next().unwrap_or_default();
        for line in [
            "beat_s: 30,",
            "drop_period_s: 300,",
            "gap_ms: 4_000,",
            "gap_max_ms: 12_000,",
            "gap_growth_percent: 3,",
            "visit_exchanges: 150,",
            "return_after_ms: 60_000,",
        ] {
            assert!(default.contains(line), "the default settings no longer say {line}");
        }
    }
}
