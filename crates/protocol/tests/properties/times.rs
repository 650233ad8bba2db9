//! Days, weeks and their ends, as far as the numbers go.

use callsign_protocol::time::{Day, UnixSeconds, Week};
use proptest::prelude::*;

/// Days near the beginning, near the end and anywhere.
fn day() -> impl Strategy<Value = Day> {
    prop_oneof![0..30u32, u32::MAX - 30..=u32::MAX, any::<u32>()].prop_map(Day)
}

proptest! {
    #[test]
    fn a_day_lies_in_the_week_of_the_formula(day in day()) {
        prop_assert_eq!(u64::from(day.week().0), (u64::from(day.0) + 3) / 7);
    }

    #[test]
    fn a_week_ends_on_its_last_day(day in day()) {
        let last = day.week().last_day();
        prop_assert!(day <= last && last.0 - day.0 <= 6);
        prop_assert_eq!(last.week(), day.week());
        if last != Day(u32::MAX) {
            prop_assert_eq!(last.plus(1).week(), day.week().plus(1));
        }
    }

    #[test]
    fn a_day_has_its_seconds_and_no_others(day in day(), within in 0..86_400u64) {
        prop_assert_eq!(day.start().plus(within).day(), day);
        let next = if day == Day(u32::MAX) { day } else { Day(day.0 + 1) };
        prop_assert_eq!(day.start().plus(86_400).day(), next);
    }

    #[test]
    fn sums_stay_at_the_ends(day in day(), n: u32, seconds: u64, more: u64) {
        prop_assert_eq!(u64::from(day.plus(n).0), (u64::from(day.0) + u64::from(n)).min(u64::from(u32::MAX)));
        prop_assert_eq!(i64::from(day.minus(n).0), (i64::from(day.0) - i64::from(n)).max(0));
        let (time, later) = (UnixSeconds(seconds), UnixSeconds(seconds).plus(more));
        prop_assert_eq!(u128::from(later.0), (u128::from(seconds) + u128::from(more)).min(u128::from(u64::MAX)));
        prop_assert_eq!(later.since(time), later.0 - seconds);
        prop_assert_eq!(time.since(later), 0);
    }
}

#[test]
fn the_first_and_the_last_of_all() {
    assert_eq!((Day(0).week(), Day(3).week(), Day(4).week()), (Week(0), Week(0), Week(1)));
    assert_eq!((Day(0).minus(1), Day(u32::MAX).plus(1)), (Day(0), Day(u32::MAX)));
    assert_eq!(Day(u32::MAX).week(), Week(613_566_756));
    assert_eq!(Week(u32::MAX).last_day(), Day(u32::MAX));
    assert_eq!(Week(u32::MAX).plus(1), Week(u32::MAX));
    assert_eq!(UnixSeconds(u64::MAX).day(), Day(u32::MAX));
}
