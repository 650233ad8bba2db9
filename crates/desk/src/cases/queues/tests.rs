//! Whatever happened, the queues are what looking at every case would say.

use super::*;
use crate::cases::{
    Answer, Event, Keeps, Row,
    support::{DAY, KINDS, any_event},
};
use callsign_protocol::encoding::{Bytes, Secret};
use proptest::prelude::*;
use std::collections::BTreeSet;

proptest! {
    /// Whatever happened, the queues are what looking at every case would say.
    #[test]
    fn the_queues_say_what_all_cases_say(
        events in prop::collection::vec((0..KINDS, 0..4_u8, any::<u8>()), 0..60), days in 0..20_u32,
    ) {
        let mut cases = Cases::staffed();
        for (kind, caller, n) in events {
            cases.see(&any_event(kind, caller, n));
            if n % 5 == 0 && let Some(planned) = cases.next_drop(DAY, 0, |_, _| true).unwrap() {
                cases.see(&Event { id: Bytes([n ^ 0xe0; 16]), body: planned.event() });
            }
        }
        let today = DAY.plus(days);
        cases.turn_to(today).unwrap();
        if days % 3 == 0 {
            cases.forget_before(today, today).unwrap();
        }
        let waiting: Vec<_> = cases.waiting().map(|waiting| waiting.caller).collect();
        let slow = cases.by_waiting(today).unwrap();
        let waits = |case: &&Arc<Case>| case.waiting_since(today).is_some();
        let mut expected: Vec<_> =
            slow.iter().filter(waits).map(|case| (case.has_flag(Flag::Junk), !case.wrote_since_set_aside(), case.level(), case.waiting_since(today), case.last_heard(), case.id())).collect();
        expected.sort();
        prop_assert_eq!(&waiting, &expected.iter().map(|(.., id)| *id).collect::<Vec<_>>());
        prop_assert_eq!((cases.waiting_count(), cases.answered_count()), (waiting.len(), slow.len() - waiting.len()));
        prop_assert_eq!(cases.message_count(), slow.iter().map(|case| case.calls().count() as u64).sum::<u64>());
        let mut tracks: Vec<_> = slow.iter().map(|case| case.track.as_str()).collect();
        tracks.sort_unstable();
        tracks.dedup();
        prop_assert_eq!(cases.tracks().map(|count| count.track).collect::<Vec<_>>(), tracks);
        let languages: BTreeSet<_> = slow.iter().map(|case| case.language.as_str()).collect();
        prop_assert_eq!(cases.languages().collect::<Vec<_>>(), languages.into_iter().collect::<Vec<_>>());
        for count in cases.tracks() {
            let on = || slow.iter().filter(|case| case.track == count.track);
            prop_assert_eq!((count.cases, count.waiting), (on().count(), on().filter(waits).count()));
            prop_assert_eq!(count.since, on().filter_map(|case| case.waiting_since(today)).min());
            let since = on().filter_map(|case| case.waiting_since(today)).min();
            prop_assert_eq!(count.since, since);
        }
        let is_aside = |case: &&Arc<Case>| case.has_flag(Flag::Junk);
        let news = slow.iter().filter(|case| case.wrote_since_set_aside()).count();
        prop_assert_eq!(cases.aside_counts(), (slow.iter().filter(is_aside).count(), news));
        prop_assert_eq!(cases.waiting_aside_count(), slow.iter().filter(is_aside).filter(waits).count());
        let untouched = slow.iter().filter(|case| case.is_untouched() && case.waiting_since(today).is_some());
        let untouched: BTreeSet<_> = untouched.map(|case| (case.id(), case.waiting_since(today), case.last_heard())).collect();
        let said = cases.untouched().map(|(caller, first, last)| (caller, Some(first), Some(last)));
        prop_assert_eq!(said.collect::<BTreeSet<_>>(), untouched);
        let late = slow.iter().filter(|case| case.left_waiting() == STEPS).count();
        prop_assert_eq!((cases.last_step_count(), cases.queues.untouched), (late, slow.iter().filter(|case| case.is_untouched()).count()));
        let mut claimed: Vec<_> = slow.iter().filter_map(|case| Some((case.claim()?.person, case.id()))).collect();
        claimed.sort_unstable();
        prop_assert!(claimed.into_iter().eq(cases.queues.claimed.iter().copied()));
        let mut offered: Vec<_> = slow.iter().filter(|case| case.offer().is_some()).map(|case| case.id()).collect();
        offered.sort_unstable();
        prop_assert!(offered.into_iter().eq(cases.queues.offered.iter().copied()));
        let is_to_read = |case: &&Arc<Case>| case.answers().any(Answer::waits_for_a_reader);
        let mut to_read: Vec<_> = slow.iter().filter(is_to_read).map(|case| case.id()).collect();
        to_read.sort_unstable();
        prop_assert!(to_read.into_iter().eq(cases.to_read()));
        for case in &slow {
            let is_unsent = |one: &Answer| one.kept_back != Keeps::TakenBack && (!one.leaves() || !one.is_posted());
            prop_assert_eq!(cases.glance(&case.id()).unwrap().has_unsent, case.answers().any(is_unsent));
        }
        let mut flagged: Vec<_> = slow.iter().filter_map(|case| Some((case.flag_ends()?, case.id()))).collect();
        flagged.sort_unstable();
        prop_assert!(flagged.into_iter().eq(cases.queues.flagged.iter().copied()));
        prop_assert_eq!(cases.due().count(), slow.iter().map(|case| case.follow_ups().len()).sum::<usize>());
        prop_assert!(cases.due().map(|due| due.unwrap().1.at()).is_sorted());
        let rebuilt = Queues::of(cases.by_caller.iter().map(|(caller, slot)| (*caller, &slot.head)));
        prop_assert_eq!(format!("{:?}", Queues { today, ..rebuilt }), format!("{:?}", cases.queues));
        let firsts = slow.iter().filter_map(|case| Some((case.first_unposted()?, case.id()))).min();
        prop_assert_eq!(cases.queues.to_answer.get_min().copied(), firsts);
    }
}

#[test]
fn cases_of_one_language_hold_its_name_once() {
    let mut cases = Cases::staffed();
    for caller in 0..3 {
        cases.see(&any_event(0, caller, caller));
    }
    let shared = |cases: &Cases| {
        let names: Vec<_> = cases.by_caller.values().map(|slot| &slot.head.language).collect();
        names.len() == 3 && names.iter().all(|name| Arc::ptr_eq(name, names[0]))
    };
    assert!(shared(&cases));
    let row = |n| Row { number: n, key: Secret([0; 32]) };
    let read = |head: &Head| postcard::from_bytes(&postcard::to_allocvec(head).unwrap()).unwrap();
    let rows = cases.heads().zip(1..).map(|((caller, head, _), n)| (*caller, read(head), row(n))).collect();
    let mut from_rows = Cases::staffed();
    from_rows.put_rows(rows);
    assert!(shared(&from_rows));
}
