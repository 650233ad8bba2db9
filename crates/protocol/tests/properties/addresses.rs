//! The addresses of drops: no two of a caller are one, over days, slots and places, and none is another caller's.

use std::collections::HashSet;

use callsign_protocol::{
    drop::{PER_DAY, POSTING_SLOTS, Place},
    time::Day,
};

use super::CALLERS;

#[test]
fn no_address_comes_twice() {
    // Three weeks around a Monday, and the ends of all days.
    let days: Vec<_> = (19_990..20_011).chain([0, 3, 4, u32::MAX - 1, u32::MAX]).map(Day).collect();
    let mut seen = HashSet::new();
    for caller in &*CALLERS {
        for day in &days {
            let secret = caller.drop_secret(day.week());
            for (slot, index) in (0..POSTING_SLOTS).flat_map(|slot| (0..PER_DAY).map(move |at| (slot, at))) {
                let place = Place { day: *day, slot, index };
                assert!(seen.insert(place.address(&secret)), "{place:?}");
            }
        }
    }
    let places = days.len() * usize::from(POSTING_SLOTS) * usize::from(PER_DAY);
    assert_eq!(seen.len(), CALLERS.len() * places);
}
