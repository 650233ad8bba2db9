//! The plan of a notice: into how many shards each day's drops are cut, and how often one of them comes.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::time::{Day, UnixSeconds};

/// Shards of a day at most. Planning never finds a use for more (`docs/planning.md`), and a commit of 64 drops a beat could
/// not serve them.
pub const SHARDS_MAX: u32 = 256;
/// Days ahead at which a change is published, so that no caller holds a notice that does not know of it.
pub const DAYS_AHEAD: u32 = 7;
/// Entries at most: a change on each of the days that are listed and of the week ahead, and room.
pub const ENTRIES_MAX: usize = 32;
/// Seconds between two drops at most: one a day.
pub const DROP_PERIOD_MAX_S: u32 = 86_400;

/// Entries in order of their days, each in force until the next begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Plan(pub Vec<PlanEntry>);

/// What holds from one day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanEntry {
    /// The first day.
    pub from: Day,
    /// Lists that a day's drops are cut into: a power of two.
    pub shards: u32,
    /// Seconds between two drops of the published cadence, whatever their shards.
    pub drop_period_s: u32,
}

/// Which rule a plan breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// No entry, or more than [`ENTRIES_MAX`].
    #[error("the plan has no entry, or too many")]
    Length,
    /// Two entries begin on one day, or the later one stands first.
    #[error("the plan's entries are not in the order of their days")]
    Order,
    /// Not a power of two from 1 to [`SHARDS_MAX`].
    #[error("the plan's number of shards is not a power of two from 1 to 256")]
    Shards,
    /// No time between two drops, or more than a day.
    #[error("the plan's period is not from a second to a day")]
    Period,
    /// A day that is still listed lies before the first entry.
    #[error("the plan begins after the first day that is listed")]
    Uncovered,
}

impl Plan {
    /// Checks the rules; the first entry must be in force on `first_listed`.
    pub fn check(&self, first_listed: Day) -> Result<(), PlanError> {
        let entries = &self.0;
        let Some(first) = entries.first().filter(|_| entries.len() <= ENTRIES_MAX) else {
            return Err(PlanError::Length);
        };
        if !entries.is_sorted_by(|earlier, later| earlier.from < later.from) {
            return Err(PlanError::Order);
        }
        if entries.iter().any(|entry| !entry.shards.is_power_of_two() || entry.shards > SHARDS_MAX) {
            return Err(PlanError::Shards);
        }
        if entries.iter().any(|entry| !(1..=DROP_PERIOD_MAX_S).contains(&entry.drop_period_s)) {
            return Err(PlanError::Period);
        }
        if first.from > first_listed { Err(PlanError::Uncovered) } else { Ok(()) }
    }

    /// What holds on a day; none before the first entry.
    pub fn on(&self, day: Day) -> Option<&PlanEntry> {
        self.0.iter().rev().find(|entry| entry.from <= day)
    }

    /// The shard of a caller, or of a visitor who drew bits, on a day. Before the first entry there is no list, and 0 is as
    /// good as any.
    pub fn shard(&self, day: Day, shard_bits: u16) -> u32 {
        self.on(day).map_or(0, |entry| shard_of(shard_bits, entry.shards))
    }
}

impl PlanEntry {
    /// Seconds between two drops of one shard.
    pub fn shard_period_s(&self) -> u32 {
        self.shards.saturating_mul(self.drop_period_s)
    }

    /// Drops of one shard's day by the cadence.
    pub fn drops_a_day(&self) -> u32 {
        DROP_PERIOD_MAX_S / self.shard_period_s().max(1) + 1
    }

    /// The second in which the tick of `now` began.
    pub fn tick(&self, now: UnixSeconds) -> u64 {
        let period = u64::from(self.drop_period_s.max(1));
        now.0 / period * period
    }

    /// The shard that a tick serves, by the second in which it begins.
    pub fn shard_at(&self, tick: u64) -> u32 {
        let number = tick / u64::from(self.drop_period_s.max(1));
        u32::try_from(number % u64::from(self.shards.max(1))).unwrap_or(0)
    }
}

/// Bits of a shard that no phrase names: the first 16 of a draw of 64.
pub fn draw_bits(rng: &mut impl CryptoRng) -> u16 {
    (rng.next_u64() >> 48) as u16
}

/// The first `log2(shards)` bits; `shards` is a power of two up to 2^16.
pub fn shard_of(shard_bits: u16, shards: u32) -> u32 {
    (u32::from(shard_bits) * shards) >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(from: u32, shards: u32, drop_period_s: u32) -> PlanEntry {
        PlanEntry { from: Day(from), shards, drop_period_s }
    }

    #[test]
    fn each_entry_holds_until_the_next_begins() {
        let plan = Plan(vec![entry(90, 1, 300), entry(107, 4, 128)]);
        assert_eq!(plan.check(Day(90)), Ok(()));
        assert_eq!(plan.on(Day(89)), None);
        assert_eq!(plan.on(Day(90)), Some(&plan.0[0]));
        assert_eq!(plan.on(Day(106)), Some(&plan.0[0]));
        assert_eq!(plan.on(Day(107)), Some(&plan.0[1]));
        assert_eq!(plan.on(Day(u32::MAX)), Some(&plan.0[1]));
        let shards = [89, 106, 107].map(|day| plan.shard(Day(day), 0b1011 << 12));
        assert_eq!(shards, [0, 0, 0b10]);
    }

    #[test]
    fn each_rule_has_its_error() {
        let check = |entries: Vec<PlanEntry>| Plan(entries).check(Day(90));
        assert_eq!(check(vec![]), Err(PlanError::Length));
        let many = (0..=ENTRIES_MAX).map(|n| entry(u32::try_from(n).unwrap(), 1, 1));
        assert_eq!(check(many.collect()), Err(PlanError::Length));
        assert_eq!(check(vec![entry(80, 1, 1), entry(80, 2, 1)]), Err(PlanError::Order));
        for shards in [0, 3, 512] {
            assert_eq!(check(vec![entry(80, 1, 1), entry(81, shards, 1)]), Err(PlanError::Shards));
        }
        for period in [0, 86_401] {
            assert_eq!(check(vec![entry(80, 1, period)]), Err(PlanError::Period));
        }
        assert_eq!(check(vec![entry(91, 1, 1)]), Err(PlanError::Uncovered));
        assert_eq!(check(vec![entry(90, 256, 86_400)]), Ok(()));
    }

    #[test]
    fn a_shard_is_the_first_bits_so_that_doubling_cuts_each_in_two() {
        assert_eq!(shard_of(u16::MAX, 1), 0);
        assert_eq!(shard_of(0x7fff, 2), 0);
        assert_eq!(shard_of(0x8000, 2), 1);
        assert_eq!(shard_of(0xabcd, 256), 0xab);
        assert!((0..=u16::MAX).all(|bits| shard_of(bits, 8) / 2 == shard_of(bits, 4)));
    }

    #[test]
    fn ticks_serve_the_shards_in_turn() {
        let plan = entry(0, 4, 128);
        assert_eq!(plan.tick(UnixSeconds(1_000)), 896);
        assert_eq!([896, 1_024, 1_152, 1_280, 1_408].map(|tick| plan.shard_at(tick)), [3, 0, 1, 2, 3]);
        assert_eq!((plan.shard_period_s(), plan.drops_a_day()), (512, 169));
    }
}
