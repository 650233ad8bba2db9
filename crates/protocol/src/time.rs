//! Days and weeks as the protocol counts them; the clock itself is an argument.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::layout::LayoutError;

const SECONDS_PER_DAY: u64 = 86_400;
const MINUTES_PER_DAY: u16 = 1_440;

/// Seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixSeconds(pub u64);

/// Whole days since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub u32);

/// Whole minutes since a day began, 0 to 1,439.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Minute(u16);

/// Weeks that begin on Monday: `floor((day + 3) / 7)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Week(pub u32);

/// Where a program gets the time from; only the binary reads the machine's clock.
pub type Clock = Arc<dyn Fn() -> UnixSeconds + Send + Sync>;

impl UnixSeconds {
    /// The day that this second lies in; times beyond the year 11,761,191 count as the last day.
    pub fn day(self) -> Day {
        Day(u32::try_from(self.0 / SECONDS_PER_DAY).unwrap_or(u32::MAX))
    }

    /// The whole minute in which the time lies.
    #[must_use]
    pub fn whole_minutes(self) -> Self {
        Self(self.0 / 60 * 60)
    }

    /// The minute of `day` in which the time lies; the day's first or last where the time is before or after that day.
    pub fn minute_of(self, day: Day) -> Minute {
        let minutes = u16::try_from(self.since(day.start()) / 60).unwrap_or(u16::MAX);
        Minute(minutes.min(MINUTES_PER_DAY - 1))
    }

    /// This time and `seconds` more.
    #[must_use]
    pub fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this time, 0 when `earlier` is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Day {
    /// The first second of this day.
    pub fn start(self) -> UnixSeconds {
        UnixSeconds(u64::from(self.0) * SECONDS_PER_DAY)
    }

    /// The first second of a minute of this day.
    pub fn at(self, minute: Minute) -> UnixSeconds {
        self.start().plus(u64::from(minute.0) * 60)
    }

    /// The week that this day lies in.
    pub fn week(self) -> Week {
        Week(u32::try_from((u64::from(self.0) + 3) / 7).unwrap_or(u32::MAX))
    }

    /// This day and `days` more.
    #[must_use]
    pub fn plus(self, days: u32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// This day less `days`, the first day of all at the least.
    #[must_use]
    pub fn minus(self, days: u32) -> Self {
        Self(self.0.saturating_sub(days))
    }
}

impl From<Minute> for u16 {
    fn from(minute: Minute) -> Self {
        minute.0
    }
}

impl TryFrom<u16> for Minute {
    type Error = LayoutError;

    fn try_from(minutes: u16) -> Result<Self, LayoutError> {
        if minutes < MINUTES_PER_DAY { Ok(Self(minutes)) } else { Err(LayoutError::OutOfRange) }
    }
}

impl Week {
    /// This week and `weeks` more.
    #[must_use]
    pub fn plus(self, weeks: u32) -> Self {
        Self(self.0.saturating_add(weeks))
    }

    /// The first day of this week (Monday); of week 0 the first day of all.
    pub fn first_day(self) -> Day {
        self.last_day().minus(6)
    }

    /// The last day of this week (Sunday).
    pub fn last_day(self) -> Day {
        Day(self.0.saturating_mul(7).saturating_add(3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        // 1970-01-01 was a Thursday, so day 4 is the first Monday.
        assert_eq!(Day(0).week(), Week(0));
        assert_eq!(Day(3).week(), Week(0));
        assert_eq!(Day(4).week(), Week(1));
        assert_eq!(Day(10).week(), Week(1));
        assert_eq!((Week(1).first_day(), Week(1).last_day()), (Day(4), Day(10)));
        assert_eq!(Week(0).last_day(), Day(3));
    }

    #[test]
    fn a_day_ends_at_midnight() {
        assert_eq!(UnixSeconds(86_399).day(), Day(0));
        assert_eq!(UnixSeconds(86_400).day(), Day(1));
        assert_eq!(UnixSeconds(u64::MAX).day(), Day(u32::MAX));
    }

    #[test]
    fn a_minute_is_one_of_the_day_it_is_asked_of() {
        let minute = |second, day| u16::from(UnixSeconds(second).minute_of(Day(day)));
        assert_eq!([0, 59, 60, 86_399].map(|second| minute(second, 0)), [0, 0, 1, 1_439]);
        assert_eq!((minute(86_400, 0), minute(86_399, 1), minute(u64::MAX, 0)), (1_439, 0, 1_439));
        assert_eq!(Day(1).at(UnixSeconds(86_521).minute_of(Day(1))), UnixSeconds(86_520));
        assert!(Minute::try_from(1_440).is_err());
    }
}
