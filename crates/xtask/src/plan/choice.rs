//! The rule: which cadence and how many shards a desk should publish.

use super::{
    arrivals::{DAY_S, LISTED_DAYS},
    figures::{Desk, Figures},
    posting::Cadence,
    visits::blocks_a_day,
};

/// The cadence of the desk's default settings.
pub const DEFAULT: Cadence = Cadence { period_s: 300, shards: 1 };
/// P4: callers that the emptiest shard must have had.
pub const CALLERS: u32 = 32;
/// Days within which it must have had them: most answers are read within them.
pub const CALLERS_DAYS: u32 = 2;
/// Seconds within which most answers must be posted whole.
pub const ANSWERED_S: u32 = 3_600;
/// The part of the answers that is meant, in percent.
pub const ANSWERED_PERCENT: usize = 95;
/// Part of the walks over all days that must end within a visit, in percent.
pub const FINISHED_PERCENT: u32 = 95;
/// The longest period that is tried.
const PERIOD_MAX_S: u32 = 2_700;
/// Shards that are tried.
const SHARDS_MAX: u32 = 1_024;

/// Why a cadence will not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The emptiest of its several shards has too few callers.
    Callers,
    /// Answers wait too long.
    Answers,
    /// A walk over all days is longer than a visit.
    Walk,
}

/// What the rule says of a desk.
#[derive(Debug)]
pub struct Choice {
    /// With one shard, as in version 1.
    pub one_shard: Option<Figures>,
    /// With as many as the rule allows.
    pub best: Option<Figures>,
}

/// What is wrong with a cadence.
pub fn faults(figures: &Figures) -> Vec<Fault> {
    let few = figures.cadence.shards > 1 && figures.callers[0] < CALLERS;
    let late = figures.overloaded || figures.delays_s()[1] > ANSWERED_S;
    let long = figures.readings[2].finished_percent < FINISHED_PERCENT;
    let found = [(few, Fault::Callers), (late, Fault::Answers), (long, Fault::Walk)];
    found.into_iter().filter_map(|(is_so, fault)| is_so.then_some(fault)).collect()
}

/// Applies the rule.
pub fn choose(desk: &Desk) -> Choice {
    let one_shard = with_shards(desk, 1);
    let mut best = one_shard.clone();
    let mut shards = 2;
    while shards <= SHARDS_MAX && desk.life.callers_in_emptiest(shards, CALLERS_DAYS) >= CALLERS {
        let found = with_shards(desk, shards);
        if let Some(found) = found.filter(|found| best.as_ref().is_none_or(|best| rank(found) < rank(best))) {
            best = Some(found);
        }
        shards *= 2;
    }
    Choice { one_shard, best }
}

/// The cadence with the fewest blocks that will do with so many shards.
pub fn with_shards(desk: &Desk, shards: u32) -> Option<Figures> {
    // From the fewest blocks on, the quickest of each: what is slower costs the same.
    for period_s in quickest(shards).into_iter().rev() {
        let cadence = Cadence { period_s, shards };
        if desk.reading(cadence, LISTED_DAYS).finished_percent < FINISHED_PERCENT {
            // Whatever is quicker has more blocks still.
            return None;
        }
        if !desk.overloads(cadence) {
            let figures = desk.figures(cadence);
            if faults(&figures).is_empty() {
                return Some(figures);
            }
        }
    }
    None
}

/// Periods that divide a day, so that all days of a shard have the same drops; shortest first.
fn periods() -> impl DoubleEndedIterator<Item = u32> {
    (1..=PERIOD_MAX_S).filter(|period_s| DAY_S.is_multiple_of(*period_s))
}

/// The shortest period of each number of blocks, shortest first.
fn quickest(shards: u32) -> Vec<u32> {
    let mut periods: Vec<u32> = periods().collect();
    periods.dedup_by_key(|period_s| blocks_a_day(Cadence { period_s: *period_s, shards }));
    periods
}

fn rank(figures: &Figures) -> (u32, u32) {
    (blocks_a_day(figures.cadence), figures.delays_s()[1])
}

/// Cadences to show beside one: about half and twice the period, half and twice the shards.
pub fn neighbours(cadence: Cadence) -> Vec<Cadence> {
    let shorter = periods().rev().find(|period_s| period_s * 2 <= cadence.period_s);
    let longer = periods().find(|period_s| *period_s >= cadence.period_s * 2);
    let periods = shorter.into_iter().chain(longer).map(|period_s| Cadence { period_s, ..cadence });
    let fewer = (cadence.shards > 1).then_some(Cadence { shards: cadence.shards / 2, ..cadence });
    periods.chain(fewer).chain([Cadence { shards: cadence.shards * 2, ..cadence }]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_have_half_and_twice_of_each() {
        let near = neighbours(Cadence { period_s: 900, shards: 2 });
        let near: Vec<_> = near.iter().map(|cadence| (cadence.period_s, cadence.shards)).collect();
        assert_eq!(near, [(450, 2), (1_800, 2), (900, 1), (900, 4)]);
        assert_eq!(neighbours(Cadence { period_s: 1, shards: 1 }).len(), 2);
    }

    #[test]
    fn of_periods_with_equal_blocks_the_shortest_is_tried() {
        let periods = quickest(1);
        assert!(periods.contains(&2_700) && periods.contains(&1_350) && periods.contains(&900));
        // 540 and 675 seconds make 160 and 128 drops: five blocks and four.
        assert!(periods.contains(&540) && periods.contains(&675));
        let blocks: Vec<u32> =
            periods.iter().map(|period_s| blocks_a_day(Cadence { period_s: *period_s, shards: 1 })).collect();
        assert!(blocks.is_sorted_by(|a, b| a > b), "{blocks:?}");
    }

    #[test]
    fn what_is_chosen_has_no_fault_and_a_dense_cadence_has() {
        let desk = Desk::new(40, 20);
        let chosen = choose(&desk);
        assert_eq!(chosen.best.map(|best| faults(&best)), Some(Vec::new()));
        let dense = desk.figures(Cadence { period_s: 60, shards: 1 });
        assert_eq!(faults(&dense), [Fault::Walk]);
        let split = desk.figures(Cadence { period_s: 100, shards: 64 });
        assert!(faults(&split).contains(&Fault::Callers) && faults(&split).contains(&Fault::Answers));
    }
}
