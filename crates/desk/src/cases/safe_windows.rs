//! Safe windows: the hours in which it is safe for a caller to look, as a person understood the caller's words.

use callsign_protocol::{
    caller_keys::CallerId,
    time::{Day, UnixSeconds},
};
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, EventId,
    act::{Act, EventKind, Refusal, Writer},
    people::OPERATORS,
};

/// Minutes of a day.
const DAY_MIN: u16 = 1_440;
/// Minutes by which a zone lies off UTC at most, either way (RFC 3339 allows more; no place on earth is farther).
const ZONE_MIN: i16 = 14 * 60;

/// Hours of each day, in the caller's zone. One that ends before it begins goes over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct SafeWindow {
    from: u16,
    to: u16,
    zone: i16,
}

/// The same as it is written, unchecked.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Written {
    from: u16,
    to: u16,
    zone: i16,
}

/// A person says when it is safe for a caller to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafeWindowSet {
    /// Whose case.
    pub caller: CallerId,
    /// The hours; none where nobody knows them any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<SafeWindow>,
    /// The event that set what its author saw; none where nobody had set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<EventId>,
}

/// A window that somebody has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SafeWindowOf {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    window: Option<SafeWindow>,
    set_by: EventId,
}

impl SafeWindow {
    /// From and to in minutes of the day, and how many minutes the zone is ahead of UTC; none where they are no times of a day, are the
    /// same, or no place has that zone.
    pub fn new(from: u16, to: u16, zone: i16) -> Option<Self> {
        let is_one = from < DAY_MIN && to < DAY_MIN && from != to && (-ZONE_MIN..=ZONE_MIN).contains(&zone);
        is_one.then_some(Self { from, to, zone })
    }

    /// Reads two times of the day as HH:MM, and a zone as +HH:MM or -HH:MM; none where they are no window.
    pub fn parse(from: &str, to: &str, zone: &str) -> Option<Self> {
        Self::new(Self::minute(from)?, Self::minute(to)?, Self::minutes_ahead(zone)?)
    }

    /// The minute of the day that HH:MM names.
    pub fn minute(text: &str) -> Option<u16> {
        let (hour, minute) = text.trim().split_once(':')?;
        let two = |digits: &str, below: u16| -> Option<u16> {
            let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_two.then(|| digits.parse::<u16>().ok()).flatten().filter(|number| *number < below)
        };
        Some(two(hour, 24)? * 60 + two(minute, 60)?)
    }

    /// How many minutes +HH:MM or -HH:MM is ahead of UTC.
    pub fn minutes_ahead(text: &str) -> Option<i16> {
        let ahead = match text.trim().split_at_checked(1)? {
            ("+", zone) => i16::try_from(Self::minute(zone)?).ok()?,
            ("-", zone) => -i16::try_from(Self::minute(zone)?).ok()?,
            _ => return None,
        };
        (-ZONE_MIN..=ZONE_MIN).contains(&ahead).then_some(ahead)
    }

    /// A minute of the day as HH:MM.
    pub fn told_time(minute: u16) -> String {
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }

    /// Its zone as +HH:MM or -HH:MM.
    pub fn told_zone(&self) -> String {
        let sign = if self.zone < 0 { '-' } else { '+' };
        format!("{sign}{}", Self::told_time(self.zone.unsigned_abs()))
    }

    /// "20:00-22:00 +03:00".
    pub fn told(&self) -> String {
        format!("{}-{} {}", Self::told_time(self.from), Self::told_time(self.to), self.told_zone())
    }

    /// When it begins, in minutes of the day.
    pub fn from(&self) -> u16 {
        self.from
    }

    /// When it ends, in minutes of the day.
    pub fn to(&self) -> u16 {
        self.to
    }

    /// How many minutes its zone is ahead of UTC.
    pub fn zone(&self) -> i16 {
        self.zone
    }

    /// The whole hours behind `now`, in UTC, with which it opens next, so many of them: the first of each stretch of hours in it.
    pub fn next_hours(&self, now: UnixSeconds, count: usize) -> Vec<(Day, u8)> {
        let first = now.0 / 3_600 + 1;
        let is_in = |hour: u64| self.has(u16::try_from(hour % 24 * 60).unwrap_or(0));
        // Within a day each window opens once, if any whole hour lies in it.
        let hours = (first..first + 24 * (count as u64 + 1))
            .filter(|hour| is_in(*hour) && (*hour == first || !is_in(hour - 1)));
        let at = |hour: u64| (UnixSeconds(hour * 3_600).day(), u8::try_from(hour % 24).unwrap_or(0));
        hours.map(at).take(count).collect()
    }

    /// Whether an hour of a day, in UTC, begins in it.
    pub fn has_hour(&self, hour: u8) -> bool {
        self.has(u16::from(hour) * 60)
    }

    /// Whether a minute of the day, in UTC, lies in it.
    pub fn has(&self, utc: u16) -> bool {
        let local = (i32::from(utc) + i32::from(self.zone)).rem_euclid(i32::from(DAY_MIN));
        let (from, to) = (i32::from(self.from), i32::from(self.to));
        if from < to { (from..to).contains(&local) } else { local >= from || local < to }
    }
}

impl TryFrom<Written> for SafeWindow {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        Self::new(written.from, written.to, written.zone).ok_or("no hours of a day in a zone")
    }
}

impl From<SafeWindow> for Written {
    fn from(SafeWindow { from, to, zone }: SafeWindow) -> Self {
        Self { from, to, zone }
    }
}

impl EventKind for SafeWindowSet {
    fn noun(&self) -> &'static str {
        "safe hours"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Learner(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// Who has not seen what a colleague set does not set it over.
    fn authorize(&self, _: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        if case.safe_window_set_by() == self.was { Ok(()) } else { Err(Refusal::TooLate) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let set = SafeWindowOf { window: self.window, set_by: act.event.id };
        state.with(&self.caller, |case| case.safe_window = Some(set));
    }
}

impl Case {
    /// When it is safe for its caller to look; none where nobody has said.
    pub fn safe_window(&self) -> Option<SafeWindow> {
        self.safe_window.and_then(|set| set.window)
    }

    /// The event that set it; none where nobody has.
    pub fn safe_window_set_by(&self) -> Option<EventId> {
        self.safe_window.map(|set| set.set_by)
    }
}

#[cfg(test)]
mod tests {
    use callsign_protocol::encoding::Bytes;

    use super::*;
    use crate::cases::{Event, EventBody, Outcome, support::a_case};

    fn window(from: u16, to: u16, zone: i16) -> SafeWindow {
        SafeWindow::new(from, to, zone).unwrap()
    }

    #[test]
    fn a_window_may_go_over_midnight_and_lies_in_its_zone() {
        let evening = window(20 * 60, 22 * 60, 180);
        for (utc, is_safe) in [(17 * 60 - 1, false), (17 * 60, true), (19 * 60 - 1, true), (19 * 60, false)] {
            assert_eq!(evening.has(utc), is_safe, "{utc}");
        }
        let night = window(23 * 60, 2 * 60, -300);
        for (utc, is_safe) in [(4 * 60 - 1, false), (4 * 60, true), (7 * 60 - 1, true), (7 * 60, false)] {
            assert_eq!(night.has(utc), is_safe, "{utc}");
        }
        // In Kathmandu; midnight in UTC is a quarter to six there.
        assert!(window(345, 346, 345).has(0));
    }

    #[test]
    fn the_next_hours_are_those_with_which_it_opens() {
        let now = UnixSeconds(Day(20_000).start().0 + 17 * 3_600 + 60);
        // Half past eight in Kyiv: the first whole hour in it is 18:00 in UTC.
        let evening = window(20 * 60 + 30, 22 * 60, 180);
        let next = |from: UnixSeconds| evening.next_hours(from, 2);
        assert_eq!(next(now), [(Day(20_000), 18), (Day(20_001), 18)]);
        assert_eq!(next(now.plus(3_600)), [(Day(20_001), 18), (Day(20_002), 18)]);
        assert!([17, 19].iter().all(|hour| !evening.has_hour(*hour)) && evening.has_hour(18));
        assert_eq!(window(10, 20, 0).next_hours(now, 2), [], "no whole hour lies in it");
        // While it is open the next hour of it is the first.
        assert_eq!(window(0, 1_439, 0).next_hours(now, 1), [(Day(20_000), 18)]);
    }

    #[test]
    fn hours_and_zones_are_read_as_they_are_written_and_nothing_else_is() {
        assert_eq!(["20:00", "23:59", "00:00"].map(SafeWindow::minute), [Some(1200), Some(1439), Some(0)]);
        for wrong in ["", "20", "24:00", "20:60", "2:00", "+1:00", "٢٠:00", "20:00:00"] {
            assert_eq!(SafeWindow::minute(wrong), None, "{wrong:?}");
        }
        let zones = ["+03:00", "-09:30", "+14:00"].map(SafeWindow::minutes_ahead);
        assert_eq!(zones, [Some(180), Some(-570), Some(840)]);
        for wrong in ["", "3", "03:00", "+14:01", "-14:01", "+3:00", "é03:00", "+", "Z"] {
            assert_eq!(SafeWindow::minutes_ahead(wrong), None, "{wrong:?}");
        }
        assert_eq!(SafeWindow::parse("20:00", "00:30", "-09:30").unwrap().told(), "20:00-00:30 -09:30");
        assert_eq!(SafeWindow::parse("20:00", "20:00", "+00:00"), None);
    }

    #[test]
    fn what_is_no_window_is_read_by_nobody() {
        for wrong in [
            r#"{"from":1440,"to":1,"zone":0}"#,
            r#"{"from":0,"to":1440,"zone":0}"#,
            r#"{"from":60,"to":60,"zone":0}"#,
            r#"{"from":0,"to":60,"zone":841}"#,
            r#"{"from":0,"to":60,"zone":-841}"#,
            r#"{"from":0,"to":60}"#,
        ] {
            assert!(serde_json::from_str::<SafeWindow>(wrong).is_err(), "{wrong}");
        }
        let kept = window(0, 1439, -840);
        assert_eq!(serde_json::to_string(&kept).unwrap(), r#"{"from":0,"to":1439,"zone":-840}"#);
    }

    #[test]
    fn who_has_not_seen_what_a_colleague_set_sets_nothing_over_it() {
        let (mut cases, caller) = a_case();
        let mut set = |id: u8, window, was: Option<u8>| {
            let was = was.map(|was| Bytes([was; 16]));
            let body = EventBody::SafeWindowSet(SafeWindowSet { caller, window, was });
            (cases.see(&Event { id: Bytes([id; 16]), body }), cases.case(&caller).safe_window())
        };
        let (first, other) = (window(0, 60, 0), window(60, 120, 0));
        assert_eq!(set(10, Some(first), None), (Outcome::Applied, Some(first)));
        assert_eq!(set(11, Some(other), None), (Outcome::Void(Refusal::TooLate), Some(first)));
        assert_eq!(set(12, Some(other), Some(10)), (Outcome::Applied, Some(other)));
        assert_eq!(set(13, None, Some(12)), (Outcome::Applied, None));
        assert_eq!(
            set(14, Some(first), None),
            (Outcome::Void(Refusal::TooLate), None),
            "that nobody knows them was said"
        );
    }
}
