//! The day that retention follows: one wrong clock alone moves it slowly, so that it erases little before it is noticed.

use std::time::Duration;

use callsign_protocol::time::Day;
use tokio::time::Instant;

/// How long the clock must be ahead of what a desk has confirmed before retention follows it by one day.
const HOLD: Duration = Duration::from_hours(6);

/// Follows the clock's day at once as far as a desk's notice has confirmed it, beyond that by a day in each [`HOLD`].
///
/// A clock that is set ahead for less than that erases nothing. A hub that was off for days, and whose desk is away, takes
/// as many times [`HOLD`] to catch up.
#[derive(Debug)]
pub struct RetentionDay {
    day: Day,
    /// Since when the clock has been ahead of `day`.
    since: Instant,
}

impl RetentionDay {
    /// Begins at the last day that a desk has confirmed.
    pub fn new(confirmed: Day, now: Instant) -> Self {
        Self { day: confirmed, since: now }
    }

    /// The day by which to erase now; never after the clock's.
    pub fn follow(&mut self, today: Day, confirmed: Day, now: Instant) -> Day {
        let confirmed = confirmed.min(today);
        if confirmed > self.day {
            *self = Self::new(confirmed, now);
        } else if today <= self.day {
            self.since = now;
        } else if now.duration_since(self.since) >= HOLD {
            *self = Self::new(self.day.plus(1), now);
        }
        self.day.min(today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows through looks at (hours, clock's day, confirmed day), from day 10, and answers the days.
    fn follow<const N: usize>(looks: [(u64, u32, u32); N]) -> [u32; N] {
        let start = Instant::now();
        let mut retention = RetentionDay::new(Day(10), start);
        looks.map(|(hours, today, confirmed)| {
            let now = start + Duration::from_hours(hours);
            retention.follow(Day(today), Day(confirmed), now).0
        })
    }

    #[tokio::test]
    async fn a_confirmed_day_is_followed_at_once() {
        assert_eq!(follow([(0, 10, 10), (1, 11, 10), (1, 11, 11), (2, 31, 31)]), [10, 10, 11, 31]);
    }

    #[tokio::test]
    async fn a_clock_that_is_ahead_for_a_while_moves_nothing() {
        assert_eq!(follow([(0, 10, 10), (1, 40, 10), (5, 40, 10), (6, 10, 10), (11, 40, 10)]), [10; 5]);
    }

    #[tokio::test]
    async fn a_day_that_nobody_confirms_is_followed_slowly() {
        let looks = [(0, 40, 10), (5, 40, 10), (6, 40, 10), (7, 40, 10), (12, 40, 10)];
        assert_eq!(follow(looks), [10, 10, 11, 11, 12]);
    }

    #[tokio::test]
    async fn a_clock_that_goes_back_takes_retention_along_and_a_desk_ahead_of_it_does_not() {
        assert_eq!(follow([(0, 3, 10), (1, 10, 10), (2, 10, 99)]), [3, 10, 10]);
    }
}
