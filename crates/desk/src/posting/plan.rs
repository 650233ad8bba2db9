//! Planning shards and cadence (docs/planning.md): how many lists a day from a week ahead, and how often a drop.

use callsign_protocol::{
    plan::{DAYS_AHEAD, Plan, PlanEntry, SHARDS_MAX, shard_of},
    time::Day,
};

/// Callers with whom a person has spoken in the last days that a shard must hold, so that each hides among as many.
const CALLERS_MIN: usize = 32;
/// As many must the emptiest shard have before shards are cut in two: half as many again, so that a desk on the line
/// between two numbers keeps the one it has.
const CALLERS_TO_SPLIT: usize = 48;
/// Seconds between two drops of a shard at least, where there are several: shorter, and callers pay for dummies.
const SHARD_PERIOD_MIN_S: u32 = 500;
const DAY_S: u32 = 86_400;

/// The plan of a notice that is made `today`: entries that no listed day needs are left out, and where callers ask for
/// another number of shards, it is in force from a week on. A change that is published is not changed again.
///
/// `spoken` are the shard bits of the callers with whom a person has spoken in the last days. Nothing that anyone
/// could inflate without an operator's doing counts.
pub(crate) fn next_plan(
    plan: &Plan,
    first_planned: Day,
    today: Day,
    spoken: &[u16],
    single_period_s: u32,
) -> Plan {
    let mut entries = plan.0.clone();
    let needless = entries.iter().skip(1).take_while(|entry| entry.from <= first_planned).count();
    entries.drain(..needless);
    if let Some(last) = entries.last().filter(|last| last.from <= today) {
        let shards = next_shards(last.shards, spoken);
        let drop_period_s = drop_period_s(shards, single_period_s);
        // With several shards nobody but the program paces them, whatever a device has had the log say.
        if (shards, drop_period_s) != (last.shards, last.drop_period_s) {
            entries.push(PlanEntry { from: today.plus(DAYS_AHEAD), shards, drop_period_s });
        }
    }
    Plan(entries)
}

/// The number of shards after `current`: twice as many where each would hold enough, at once as few as are needed where one
/// holds too few.
fn next_shards(current: u32, spoken: &[u16]) -> u32 {
    let twice = current.saturating_mul(2);
    if twice <= SHARDS_MAX && emptiest(twice, spoken) >= CALLERS_TO_SPLIT {
        return twice;
    }
    let halves = std::iter::successors(Some(current), |shards| (*shards > 1).then_some(shards / 2));
    halves.into_iter().find(|shards| emptiest(*shards, spoken) >= CALLERS_MIN).unwrap_or(1)
}

/// Callers in the shard that has fewest.
fn emptiest(shards: u32, spoken: &[u16]) -> usize {
    let in_shard = |shard| spoken.iter().filter(|bits| shard_of(**bits, shards) == shard).count();
    (0..shards).map(in_shard).min().unwrap_or(0)
}

/// Seconds between two drops: an operator's choice for one shard, otherwise the shortest part of a day with which a
/// shard's own period is long enough.
fn drop_period_s(shards: u32, single_period_s: u32) -> u32 {
    let least = SHARD_PERIOD_MIN_S.div_ceil(shards);
    if shards == 1 {
        single_period_s
    } else {
        (least..DAY_S).find(|period| DAY_S.is_multiple_of(*period)).unwrap_or(DAY_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Day = Day(1_000);
    const FIRST: Day = Day(986);

    /// Callers spread evenly over all shards.
    fn callers(count: u16) -> Vec<u16> {
        (0..count).map(u16::reverse_bits).collect()
    }

    fn entry(from: u32, shards: u32, drop_period_s: u32) -> PlanEntry {
        PlanEntry { from: Day(from), shards, drop_period_s }
    }

    fn next(entries: &[PlanEntry], spoken: &[u16]) -> Vec<PlanEntry> {
        next_plan(&Plan(entries.to_vec()), FIRST, TODAY, spoken, 300).0
    }

    #[test]
    fn a_change_begins_a_week_ahead_and_waits_for_the_one_before() {
        let one = entry(900, 1, 300);
        assert_eq!(next(&[one], &callers(95)), [one]);
        let two = entry(1_007, 2, 270);
        assert_eq!(next(&[one], &callers(96)), [one, two]);
        assert_eq!(next(&[one], &callers(2_000)), [one, two]);
        assert_eq!(next(&[one, two], &callers(2_000)), [one, two]);
        assert_eq!(next(&[one, two], &[]), [one, two]);
    }

    #[test]
    fn a_pace_of_several_shards_that_no_program_has_planned_is_set_right() {
        let spoiled = entry(900, 2, 86_400);
        assert_eq!(next(&[spoiled], &callers(96)), [spoiled, entry(1_007, 2, 270)]);
        // With one shard it is the operator's choice.
        let slow = entry(900, 1, 86_400);
        assert_eq!(next_plan(&Plan(vec![slow]), FIRST, TODAY, &[], 86_400).0, [slow]);
    }

    #[test]
    fn entries_that_no_listed_day_needs_are_left_out() {
        let (one, two, four) = (entry(900, 1, 300), entry(986, 2, 270), entry(993, 4, 128));
        assert_eq!(next(&[one, two, four], &callers(150)), [two, four]);
        assert_eq!(next(&[one, entry(987, 2, 270)], &callers(100)), [one, entry(987, 2, 270)]);
    }

    #[test]
    fn shards_are_cut_slowly_and_joined_at_once_and_do_not_flap() {
        for (current, spoken, expected) in
            [(1, 95, 1), (1, 96, 2), (2, 64, 2), (2, 63, 1), (2, 191, 2), (2, 192, 4), (8, 130, 4), (8, 0, 1)]
        {
            assert_eq!(next_shards(current, &callers(spoken)), expected, "{current} with {spoken}");
        }
        assert_eq!(next_shards(256, &callers(60_000)), 256);
        // Between the two lines nothing changes, whichever number a desk has.
        assert!((64..96).all(|n| next_shards(1, &callers(n)) == 1 && next_shards(2, &callers(n)) == 2));
    }

    #[test]
    fn the_emptiest_shard_decides() {
        let mut lopsided = vec![0; 1_000];
        lopsided.extend([u16::MAX; 47]);
        assert_eq!(next_shards(1, &lopsided), 1);
        lopsided.push(u16::MAX);
        assert_eq!(next_shards(1, &lopsided), 2);
    }

    #[test]
    fn a_shards_period_stays_within_what_planning_found() {
        assert_eq!(drop_period_s(1, 300), 300);
        let mut shards = 2;
        while shards <= SHARDS_MAX {
            let period = drop_period_s(shards, 300);
            assert!((500..=900).contains(&(period * shards)), "{shards}: {period}");
            assert!(DAY_S.is_multiple_of(period));
            shards *= 2;
        }
    }
}
