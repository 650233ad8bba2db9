//! Counts exchanges by outcome, and shows the count of whole days alone: the hub's files tell no more either.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use callsign_protocol::{exchange::Outcome, time::Day};

/// The outcomes with the names of section 8, in the order of their numbers.
pub const OUTCOMES: [&str; 4] = ["stored", "unavailable", "version", "unknown_list"];

/// Counters of one run of the hub.
#[derive(Debug, Default)]
pub struct Tally {
    running: [AtomicU64; OUTCOMES.len()],
    finished: Mutex<Finished>,
}

#[derive(Debug, Default)]
struct Finished {
    /// The day that is counted now.
    day: Option<Day>,
    counts: [u64; OUTCOMES.len()],
}

impl Tally {
    /// Counts one exchange.
    pub fn count(&self, outcome: Outcome) {
        if let Some(running) = self.running.get(usize::from(outcome.number())) {
            running.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The counts of all days that are over, in the order of [`OUTCOMES`].
    pub fn of_whole_days(&self, today: Day) -> [u64; OUTCOMES.len()] {
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        if finished.day.replace(today).is_some_and(|day| day != today) {
            for (finished, running) in finished.counts.iter_mut().zip(&self.running) {
                *finished += running.swap(0, Ordering::Relaxed);
            }
        }
        finished.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_shown_when_it_is_over() {
        let tally = Tally::default();
        assert_eq!(tally.of_whole_days(Day(1)), [0; 4]);
        for outcome in [Outcome::Stored, Outcome::Stored, Outcome::Unavailable, Outcome::UnknownList] {
            tally.count(outcome);
        }
        assert_eq!(tally.of_whole_days(Day(1)), [0; 4]);
        assert_eq!(tally.of_whole_days(Day(2)), [2, 1, 0, 1]);
        tally.count(Outcome::Version);
        assert_eq!(tally.of_whole_days(Day(2)), [2, 1, 0, 1]);
        assert_eq!(tally.of_whole_days(Day(3)), [2, 1, 1, 1]);
    }
}
