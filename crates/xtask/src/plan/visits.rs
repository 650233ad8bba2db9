//! A return visit on a slow line: which blocks it reads, how many bytes that is, and how long it takes.

use super::{
    arrivals::{DAY_S, Draws},
    posting::Cadence,
};

/// Drops of one exchange.
pub const BLOCK: u32 = 32;
/// Bytes of an exchange, with about what HTTP adds.
pub const UP: u32 = 4_192 + 300;
pub const DOWN: u32 = 32_896 + 200;
/// Bytes that a visit fetches beside its exchanges: page as compressed, notice, content packs, letters document.
pub const OPENING: u32 = 84_000;
/// The line: bits a second, and seconds of a round trip.
pub const DOWN_BITS: f64 = 80_000.0;
pub const UP_BITS: f64 = 20_000.0;
pub const ROUND_TRIP_S: f64 = 1.5;

/// The pace of the desk's default settings, in seconds.
pub const GAP_S: f64 = 4.0;
pub const GAP_MAX_S: f64 = 12.0;
pub const GAP_GROWTH: f64 = 1.03;
pub const MOVE_AFTER_S: f64 = 120.0;
/// Seconds, in the mean, until the phrase is typed.
pub const PHRASE_S: f64 = 60.0;
/// One slot in so many asks for today's last block.
pub const LATEST_EVERY: u32 = 8;
pub const VISIT_EXCHANGES: u32 = 150;

/// Whether a visit keeps the gaps of cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    Paced,
    Fast,
}

/// What a visit cost until it had read so far back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visit {
    pub exchanges: u32,
    pub seconds: f64,
    /// Whether that was done within the exchanges of a visit.
    pub finished: bool,
}

impl Visit {
    /// Reads so many blocks; paced and with several shards, those of another shard come first.
    pub fn new(blocks: u32, shards: u32, pace: Pace, draws: &mut Draws) -> Self {
        let mut seconds = f64::from(OPENING) * 8.0 / DOWN_BITS + 2.0 * ROUND_TRIP_S;
        if pace == Pace::Fast {
            seconds += f64::from(blocks) * exchange_s();
            return Self { exchanges: blocks, seconds, finished: true };
        }
        let typed_s = draws.exponential() * PHRASE_S;
        let moved_s = (1.0 + draws.uniform()) * MOVE_AFTER_S;
        let begins_at = if shards == 1 { 0.0 } else { seconds + moved_s.max(typed_s) };
        let (mut exchanges, mut read, mut mean) = (0, 0, GAP_S);
        while read < blocks && exchanges < VISIT_EXCHANGES {
            seconds += draws.exponential().min(3.0) * mean;
            let is_of_walk = exchanges == 0 || !exchanges.is_multiple_of(LATEST_EVERY);
            read += u32::from(seconds >= begins_at && is_of_walk);
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

/// Exchanges that read the lists of `shard` newest first, today's up to `at`, over `back` days.
pub fn blocks_of_walk(cadence: Cadence, shard: u32, at: u32, back: u32) -> u32 {
    let today = at / DAY_S;
    let days = (today + 1).saturating_sub(back)..=today;
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
        let fast = Visit::new(10, 1, Pace::Fast, &mut draws);
        // 84 kB at ten a second, and two round trips.
        assert!((fast.seconds - (11.4 + 10.0 * exchange_s())).abs() < 1e-9);
        assert_eq!((fast.exchanges, fast.finished), (10, true));
        let paced: Vec<Visit> = (0..400).map(|_| Visit::new(10, 4, Pace::Paced, &mut draws)).collect();
        assert!(
            paced.iter().all(|visit| visit.finished && visit.exchanges >= 10 && visit.seconds > fast.seconds)
        );
        let mean = paced.iter().map(|visit| f64::from(visit.exchanges)).sum::<f64>() / 400.0;
        // Three minutes before the move are some sixteen slots of about eleven seconds, and one in eight is today's.
        assert!((24.0..31.0).contains(&mean), "{mean}");
        assert_eq!(Visit::new(10, 1, Pace::Paced, &mut draws).exchanges, 11);
    }

    #[test]
    fn a_walk_that_is_longer_than_a_visit_does_not_finish() {
        let visit = Visit::new(VISIT_EXCHANGES + 1, 1, Pace::Paced, &mut Draws::new(3));
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
            "move_after_ms: 120_000,",
        ] {
            assert!(default.contains(line), "the default settings no longer say {line}");
        }
    }
}
