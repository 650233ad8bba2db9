//! Where a device stands in the hub's inbox: what it has taken, and what is done with after the fixed delay.

use callsign_protocol::time::UnixSeconds;
use serde::{Deserialize, Serialize};

/// Steps of the delay to which the time of taking is rounded up: no time of a cell is written.
const STEPS: u64 = 24;
/// Steps that are remembered at most: a day of them, and what a clock does that was set back.
const STEPS_MAX: usize = 32;

/// What this device has taken, whatever it was: it is on this disk before it counts here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Taken {
    to: u64,
    /// The last position that was taken by the end of a step, oldest first.
    steps: Vec<(UnixSeconds, u64)>,
}

/// The inbox as this process knows it.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    pub(crate) taken: Taken,
    /// Cells that did not open since this process began.
    pub(crate) dropped_cells: u64,
    /// Parts of calls that were not kept since this process began, because their callers had sent as much as is kept of one.
    pub(crate) crowded_out: u64,
}

impl Taken {
    /// The position up to which cells were taken.
    pub(crate) fn to(&self) -> u64 {
        self.to
    }

    /// The same after cells up to `position` were taken. A time to come, of when this clock was wrong, counts as now.
    pub(crate) fn and(mut self, position: u64, now: UnixSeconds, delay_s: u32) -> Self {
        let step_s = (u64::from(delay_s) / STEPS).max(1);
        let end = UnixSeconds((now.0 / step_s).saturating_add(1).saturating_mul(step_s));
        for (at, _) in &mut self.steps {
            *at = (*at).min(end);
        }
        self.to = self.to.max(position);
        self.steps.push((end, self.to));
        self.steps.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                earlier.1 = later.1;
            }
            is_same
        });
        // What is left out counts with the next step, which ends later.
        let too_many = self.steps.len().saturating_sub(STEPS_MAX);
        self.steps.drain(..too_many);
        self
    }

    /// The position up to which cells are done with: taken `delay_s` ago, or up to a step more. Nothing else counts: a hub that
    /// saw it wait for anything would tell cells of calls from others.
    pub(crate) fn done_to(&self, now: UnixSeconds, delay_s: u32) -> u64 {
        let due = |at: &UnixSeconds| at.plus(u64::from(delay_s)) <= now;
        self.steps.iter().rfind(|(at, _)| due(at)).map_or(0, |(_, position)| *position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY_S: u32 = 86_400;

    fn taken(cells: &[(u64, u64)]) -> Taken {
        cells
            .iter()
            .fold(Taken::default(), |taken, (position, at)| taken.and(*position, UnixSeconds(*at), DAY_S))
    }

    #[test]
    fn the_position_moves_a_day_behind_and_by_whole_hours() {
        let taken = taken(&[(1, 7_200), (2, 7_300), (5, 10_900)]);
        assert_eq!(taken.to(), 5);
        let done = |at| taken.done_to(UnixSeconds(at), DAY_S);
        assert_eq!((done(10_799 + 86_400), done(10_800 + 86_400)), (0, 2));
        assert_eq!((done(14_399 + 86_400), done(14_400 + 86_400)), (2, 5));
    }

    #[test]
    fn a_clock_that_was_years_ahead_holds_nothing_back() {
        let taken = taken(&[(1, 4_000_000_000), (2, 7_200)]);
        assert_eq!(taken.done_to(UnixSeconds(10_800 + 86_400), DAY_S), 2);
    }

    proptest! {
        #[test]
        fn it_moves_by_time_alone_and_stays_small(
            moves in proptest::collection::vec((0_u64..500, 0_u64..20_000), 0..400),
        ) {
            let (mut taken, mut cells, mut now, mut position) = (Taken::default(), Vec::new(), 0, 0);
            for (more, later) in moves {
                (position, now) = (position + more, now + later);
                taken = taken.and(position, UnixSeconds(now), DAY_S);
                cells.push((position, now));
                let due = |(_, at): &&(u64, u64)| (at / 3_600 + 1) * 3_600 + 86_400 <= now;
                let done = taken.done_to(UnixSeconds(now), DAY_S);
                prop_assert_eq!(done, cells.iter().rfind(due).map_or(0, |(position, _)| *position));
                prop_assert!(taken.steps.len() <= STEPS_MAX);
            }
        }
    }
}
