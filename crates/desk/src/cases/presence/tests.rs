//! What is said of people's doing: the newest of a device, no case that is gone, nothing for long, and a sign of life where they have the case.

use callsign_protocol::encoding::Bytes;

use super::*;
use crate::cases::{
    CaseErased, ClaimState, Event, EventBody, Outcome, ShiftEnded,
    claims::{
        ABSENT_BEATS, LAPSED_BEATS,
        tests::{Desk, KALYNA, OSYKA, YAVIR},
    },
    support::DAY,
};

const OSYKA_AS_PERSON: PersonId = Bytes([1; 16]);

fn says(doing: Doing, caller: Option<CallerId>) -> EventBody {
    EventBody::Presence(PresenceSaid { caller, doing })
}

#[test]
fn two_who_are_at_one_case_see_each_other_and_nobody_else() {
    let mut desk = Desk::new();
    let at = Some(desk.caller);
    // In either order, each says what they themselves do.
    desk.counts(OSYKA, says(Doing::Reading, at));
    desk.counts(YAVIR, says(Doing::Writing, at));
    desk.beats(KALYNA, 1);
    let others = |desk: &Desk, viewer| desk.cases.others_at(&desk.caller, &viewer);
    assert_eq!(others(&desk, OSYKA), [(Bytes([2; 16]), Doing::Writing)]);
    assert_eq!(others(&desk, YAVIR), [(OSYKA_AS_PERSON, Doing::Reading)]);
    assert_eq!(others(&desk, KALYNA).len(), 2);
    desk.counts(OSYKA, says(Doing::Here, None));
    assert_eq!(others(&desk, YAVIR), []);
    assert_eq!(desk.cases.doing(&OSYKA_AS_PERSON, &KALYNA), Some(Doing::Here));
}

#[test]
fn who_is_at_no_case_names_none_and_an_erased_case_is_named_by_nobody() {
    let mut desk = Desk::new();
    let (caller, at) = (desk.caller, Some(desk.caller));
    for doing in [Doing::Away, Doing::Here] {
        assert_eq!(desk.say(OSYKA, says(doing, at)), Outcome::Void(Refusal::Numbers));
    }
    desk.counts(OSYKA, says(Doing::Writing, at));
    desk.counts(KALYNA, EventBody::CaseErased(CaseErased { caller }));
    assert_eq!(desk.cases.said_by(&OSYKA).unwrap().0, PresenceSaid { caller: None, doing: Doing::Writing });
    // Who had not heard of it is told of nothing.
    let void = desk.cases.void().count();
    desk.counts(YAVIR, says(Doing::Reading, at));
    assert_eq!((desk.cases.others_at(&caller, &KALYNA), desk.cases.void().count()), (vec![], void));
}

#[test]
fn what_is_old_is_no_news_and_who_says_nothing_is_told_by_beats() {
    let mut desk = Desk::new();
    let at = Some(desk.caller);
    desk.counts(OSYKA, says(Doing::Writing, at));
    for beat in 0..PRESENCE_BEATS {
        assert_eq!(desk.cases.doing(&OSYKA_AS_PERSON, &KALYNA), Some(Doing::Writing), "{beat}");
        desk.beats(OSYKA, 1);
        desk.beats(KALYNA, 1);
    }
    assert_eq!(desk.cases.doing(&OSYKA_AS_PERSON, &KALYNA), None);
    assert!(desk.cases.is_present(&OSYKA_AS_PERSON, &KALYNA));
    // That somebody is away stays so, whatever their desk beats meanwhile.
    desk.counts(OSYKA, says(Doing::Away, None));
    for _ in 0..=PRESENCE_BEATS {
        desk.beats(OSYKA, 1);
        desk.beats(KALYNA, 1);
    }
    assert_eq!(desk.cases.doing(&OSYKA_AS_PERSON, &KALYNA), Some(Doing::Away));
    // And nobody is shown at a case of whom nothing comes.
    desk.counts(OSYKA, says(Doing::Reading, at));
    desk.beats(KALYNA, ABSENT_BEATS);
    assert_eq!(desk.cases.others_at(&desk.caller, &KALYNA), []);
}

#[test]
fn the_end_of_a_shift_says_away_and_a_generation_ends_all_of_it() {
    let mut desk = Desk::new();
    desk.counts(OSYKA, says(Doing::Reading, Some(desk.caller)));
    desk.counts(OSYKA, EventBody::ShiftEnded(ShiftEnded { note: None, left: vec![] }));
    assert_eq!(desk.cases.doing(&OSYKA_AS_PERSON, &KALYNA), Some(Doing::Away));
    // Who acts is there again, whether or not they say what they do.
    desk.claim(OSYKA);
    assert_eq!(desk.cases.doing(&OSYKA_AS_PERSON, &KALYNA), None);
    desk.counts(OSYKA, says(Doing::Here, None));
    assert_eq!(desk.cases.doing(&OSYKA_AS_PERSON, &KALYNA), Some(Doing::Here));
    desk.cases.see(&Event::generation_begun(2, DAY));
    assert_eq!(desk.cases.doing(&OSYKA_AS_PERSON, &KALYNA), None);
}

#[test]
fn who_reads_the_case_that_they_have_keeps_it_and_who_reads_another_does_not() {
    for (is_at_it, expected) in [(true, ClaimState::Live), (false, ClaimState::Lapsed)] {
        let mut desk = Desk::new();
        let other = desk.cases.and_a_case(9);
        let at = if is_at_it { desk.caller } else { other };
        desk.claim(OSYKA);
        for _ in 0..LAPSED_BEATS / 2 {
            desk.beats(KALYNA, 1);
            desk.beats(OSYKA, 1);
        }
        desk.counts(OSYKA, says(Doing::Reading, Some(at)));
        for _ in 0..=LAPSED_BEATS / 2 {
            desk.beats(KALYNA, 1);
            desk.beats(OSYKA, 1);
        }
        let case = desk.cases.case(&desk.caller);
        assert_eq!(desk.cases.claim_state(case.claim().unwrap()), expected);
    }
    // A colleague who reads it does not keep it for them.
    let mut desk = Desk::new();
    desk.claim(OSYKA);
    for _ in 0..=LAPSED_BEATS {
        desk.counts(YAVIR, says(Doing::Reading, Some(desk.caller)));
        desk.beats(OSYKA, 1);
    }
    let case = desk.cases.case(&desk.caller);
    assert_eq!(desk.cases.claim_state(case.claim().unwrap()), ClaimState::Lapsed);
}

#[test]
fn nothing_of_it_is_in_a_snapshot() {
    let records = |desk: &Desk| {
        let mut records = Vec::new();
        let record = |one: &[u8]| {
            records.push(one.to_vec());
            Ok::<(), crate::DeskError>(())
        };
        desk.cases.write_records(9, record).unwrap();
        records
    };
    let (mut silent, mut told) = (Desk::new(), Desk::new());
    silent.beats(OSYKA, 1);
    told.counts(OSYKA, says(Doing::Reading, Some(told.caller)));
    // How many events there were is counted, of whatever kind.
    silent.cases.order += 1;
    assert_eq!(records(&told), records(&silent));
}
