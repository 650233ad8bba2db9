//! Acts on many cases at once: for each case by itself what a colleague did before counts, and what is said of one case counts before what
//! is said of many.

use callsign_protocol::{call::CallPart, encoding::Bytes};

use super::*;
use crate::cases::{
    AnswerQueued, CaseClosed, CaseErased, Claimed, ClosedWhy, Event, EventBody, FlagLifted, Flagged, Opened,
    Outcome, UrgencySet,
    claims::tests::{Desk, KALYNA, OSYKA},
    support::{DAY, whole_answer},
};

/// The step in which the cases of these tests came in, but the first of the desk.
const AT: UnixSeconds = UnixSeconds(1_200);

/// A desk with cases that all came in at [`AT`].
fn flooded(cases: u8) -> (Desk, Vec<CallerId>) {
    let mut desk = Desk::new();
    let callers = (0..cases).map(|n| write(&mut desk, 10 + n, 1, AT)).collect();
    (desk, callers)
}

/// A caller writes a whole message.
fn write(desk: &mut Desk, caller: u8, message: u8, at: UnixSeconds) -> CallerId {
    let call = CallPart {
        caller: Bytes([caller; 32]),
        shard_bits: 7,
        drop_secrets: Vec::new(),
        id: Bytes([message; 16]),
        part: 1,
        parts: 1,
        track: String::new(),
        language: "en".to_owned(),
        text: "text".to_owned(),
        safe_times: None,
    };
    let id = call.caller_id();
    desk.cases.see(&Event::message_received(Box::new(call), at));
    id
}

fn sifted(callers: &[CallerId], verdict: Verdict) -> EventBody {
    EventBody::Sifted(Sifted { callers: callers.to_vec(), from: AT, to: AT, verdict })
}

fn junk(days: u32) -> Verdict {
    Verdict::Junk(DAY.plus(days))
}

fn level(number: u8) -> Level {
    Level::new(number).unwrap()
}

/// Those that are set aside as junk.
fn aside(desk: &Desk, callers: &[CallerId]) -> Vec<bool> {
    callers.iter().map(|caller| desk.cases.case(caller).has_flag(Flag::Junk)).collect()
}

/// What was void, by its case.
fn void(desk: &Desk) -> Vec<(Option<CallerId>, Refusal)> {
    desk.cases.void().map(|void| (void.caller, void.refusal)).collect()
}

/// Says something of one case.
fn of_one(caller: CallerId, n: u8) -> EventBody {
    match n {
        0 => EventBody::Opened(Opened { caller, messages: vec![Bytes([1; 16])] }),
        1 => EventBody::Claimed(Claimed { caller, over: None, reason: None }),
        2 => EventBody::Flagged(Flagged { caller, flag: Flag::Coerced, until: DAY.plus(3) }),
        3 => EventBody::UrgencySet(UrgencySet { caller, level: level(2), was: None }),
        4 => EventBody::AnswerQueued(AnswerQueued { ..whole_answer(caller, 7, "text", UnixSeconds(60)) }),
        _ => EventBody::CaseErased(CaseErased { caller }),
    }
}

#[test]
fn many_are_set_aside_and_taken_back_in_one_step() {
    let (mut desk, callers) = flooded(3);
    desk.counts(KALYNA, sifted(&callers, junk(3)));
    assert_eq!(aside(&desk, &callers), [true; 3]);
    assert_eq!((desk.cases.aside_counts(), desk.cases.waiting_aside_count()), ((3, 0), 3));
    assert!(callers.iter().all(|caller| desk.cases.case(caller).is_set_aside_with_many()));
    let order: Vec<_> = desk.cases.waiting().map(|waiting| waiting.caller).collect();
    assert_eq!(order[0], desk.caller, "all of them come behind the one that is not set aside");
    let sifting = desk.cases.siftings().next().unwrap().clone();
    assert_eq!((sifting.named, sifting.counted, sifting.undone_by), (3, 3, None));
    assert_eq!(desk.cases.sifted()[&sifting.id].len(), 3);
    // By a colleague, too.
    desk.counts(OSYKA, EventBody::Unsifted(Unsifted { sifted: sifting.id, callers: callers.clone() }));
    assert_eq!(aside(&desk, &callers), [false; 3]);
    assert_eq!((desk.cases.aside_counts(), desk.cases.waiting_aside_count()), ((0, 0), 0));
    assert!(desk.cases.siftings().next().unwrap().undone_by.is_some());
    let again = EventBody::Unsifted(Unsifted { sifted: sifting.id, callers });
    assert_eq!(desk.say(KALYNA, again), Outcome::Void(Refusal::TooLate));
}

#[test]
fn of_two_at_once_the_act_on_many_is_void_for_the_case_to_which_somebody_turned_first() {
    for n in 0..6 {
        let (mut desk, callers) = flooded(3);
        desk.counts(OSYKA, of_one(callers[1], n));
        let outcome = desk.say(KALYNA, sifted(&callers, junk(3)));
        let refusal = match n {
            1 => Refusal::Claimed,
            5 => Refusal::Case,
            _ => Refusal::TooLate,
        };
        // It counts for the others, and its author is told of this one.
        assert_eq!(outcome, Outcome::Void(refusal), "{n}");
        assert_eq!(aside(&desk, &[callers[0], callers[2]]), [true; 2], "{n}");
        assert_eq!(void(&desk), [((n != 5).then_some(callers[1]), refusal)], "{n}");
        assert!(!desk.cases.is_aside(&callers[1]), "{n}");
        let sifting = desk.cases.siftings().next().unwrap();
        assert_eq!((sifting.named, sifting.counted), (3, 2));
    }
}

#[test]
fn what_is_said_of_one_case_behind_an_act_on_many_stays_when_that_is_taken_back() {
    let (mut desk, callers) = flooded(3);
    desk.counts(KALYNA, sifted(&callers, junk(3)));
    let sifting = desk.cases.siftings().next().unwrap().id;
    // Lifted by hand, and flagged for longer by hand.
    desk.counts(
        OSYKA,
        EventBody::FlagLifted(FlagLifted { caller: callers[0], flag: Flag::Junk, until: DAY.plus(3) }),
    );
    desk.counts(
        OSYKA,
        EventBody::Flagged(Flagged { caller: callers[1], flag: Flag::Junk, until: DAY.plus(9) }),
    );
    assert_eq!(desk.cases.sifted()[&sifting], [callers[2]]);
    let undone = EventBody::Unsifted(Unsifted { sifted: sifting, callers: callers.clone() });
    assert_eq!(desk.say(KALYNA, undone), Outcome::Void(Refusal::TooLate), "for two of them");
    assert_eq!(void(&desk), [(Some(callers[0]), Refusal::TooLate), (Some(callers[1]), Refusal::TooLate)]);
    assert_eq!(aside(&desk, &callers), [false, true, false]);
}

#[test]
fn a_level_of_many_yields_to_one_of_a_case_and_is_never_set_over_it() {
    let (mut desk, callers) = flooded(3);
    desk.counts(OSYKA, EventBody::UrgencySet(UrgencySet { caller: callers[0], level: level(2), was: None }));
    assert_eq!(desk.say(KALYNA, sifted(&callers, Verdict::Level(level(1)))), Outcome::Void(Refusal::TooLate));
    let levels = |desk: &Desk| {
        callers.iter().map(|caller| desk.cases.case(caller).level().number()).collect::<Vec<_>>()
    };
    assert_eq!(levels(&desk), [2, 1, 1]);
    // One who did not know of it says what is less urgent, of one case.
    desk.counts(OSYKA, EventBody::UrgencySet(UrgencySet { caller: callers[1], level: level(3), was: None }));
    assert_eq!(levels(&desk), [2, 3, 1]);
    // A second act on many counts for what the first one set.
    let both = sifted(&callers[1..], Verdict::Level(level(4)));
    assert_eq!(desk.say(KALYNA, both), Outcome::Void(Refusal::TooLate));
    assert_eq!(levels(&desk), [2, 3, 4]);
    desk.counts(KALYNA, sifted(&callers[2..], junk(3)));
    let first = desk.cases.siftings().nth(1).unwrap().id;
    desk.counts(KALYNA, EventBody::Unsifted(Unsifted { sifted: first, callers: vec![callers[2]] }));
    assert_eq!((levels(&desk), aside(&desk, &callers)), (vec![2, 3, 3], vec![false, false, true]));
}

#[test]
fn who_wrote_again_outside_of_the_span_is_not_of_the_cluster() {
    let (mut desk, callers) = flooded(2);
    write(&mut desk, 10, 2, AT.plus(600));
    assert_eq!(desk.say(KALYNA, sifted(&callers, junk(3))), Outcome::Void(Refusal::TooLate));
    assert_eq!(aside(&desk, &callers), [false, true]);
    let wider = Sifted { callers: vec![callers[0]], from: AT, to: AT.plus(600), verdict: junk(3) };
    desk.counts(KALYNA, EventBody::Sifted(wider));
}

#[test]
fn a_new_message_of_a_case_that_is_set_aside_shows_as_such_and_stands_first_among_those() {
    let (mut desk, callers) = flooded(3);
    desk.counts(KALYNA, sifted(&callers, junk(3)));
    let wrote = write(&mut desk, 12, 2, AT.plus(6_000));
    assert_eq!(wrote, callers[2]);
    assert_eq!(desk.cases.aside_counts(), (3, 1));
    let order: Vec<_> = desk.cases.waiting().map(|waiting| (waiting.caller, waiting.has_news)).collect();
    assert_eq!(order[..2], [(desk.caller, false), (wrote, true)]);
    assert!(desk.cases.glance(&wrote).unwrap().has_news);
    // Flagged once more by a person who has read it, it is no news.
    desk.counts(KALYNA, EventBody::Flagged(Flagged { caller: wrote, flag: Flag::Junk, until: DAY.plus(9) }));
    assert_eq!(desk.cases.aside_counts(), (3, 0));
    assert!(!desk.cases.case(&wrote).is_set_aside_with_many());
    // The flags end by the time of the log, and so do their marks.
    desk.at = DAY.plus(4).start();
    desk.beats(KALYNA, 1);
    assert_eq!((desk.cases.aside_counts(), desk.cases.sifted().len()), ((1, 0), 0));
}

#[test]
fn an_act_names_some_callers_once_in_a_span_of_a_day_and_sets_nobody_aside_for_good() {
    let (mut desk, callers) = flooded(2);
    let many: Vec<_> = (0..=u8::try_from(SIFTED_MAX).unwrap()).map(|n| Bytes([n; 16])).collect();
    let twice = [callers[0], callers[0]];
    for wrong in [&[][..], &many, &twice] {
        assert_eq!(desk.say(KALYNA, sifted(wrong, junk(3))), Outcome::Void(Refusal::Numbers));
        let undone = Unsifted { sifted: Bytes([1; 16]), callers: wrong.to_vec() };
        assert_eq!(desk.say(KALYNA, EventBody::Unsifted(undone)), Outcome::Void(Refusal::Numbers));
    }
    for (from, to) in [(AT, UnixSeconds(0)), (UnixSeconds(0), UnixSeconds(ARRIVED_MAX_S + 1))] {
        let wrong = Sifted { callers: callers.clone(), from, to, verdict: junk(3) };
        assert_eq!(desk.say(KALYNA, EventBody::Sifted(wrong)), Outcome::Void(Refusal::Numbers));
    }
    let too_long = sifted(&callers, junk(FLAG_DAYS_MAX + 2));
    assert_eq!(desk.say(KALYNA, too_long), Outcome::Void(Refusal::Date));
    desk.counts(KALYNA, sifted(&callers, junk(FLAG_DAYS_MAX + 1)));
    // All of them were set aside by now.
    assert_eq!(desk.say(OSYKA, sifted(&callers, junk(3))), Outcome::Void(Refusal::TooLate));
}

#[test]
fn as_many_cases_as_one_act_takes_fit_any_beat() {
    let callers: Vec<_> = (0..SIFTED_MAX).map(|n| Bytes([u8::try_from(n).unwrap(); 16])).collect();
    let verdict = Verdict::Junk(Day(u32::MAX));
    let sifted = EventBody::Sifted(Sifted {
        callers,
        from: UnixSeconds(u64::MAX),
        to: UnixSeconds(u64::MAX),
        verdict,
    });
    let event = Event { id: Bytes([255; 16]), body: sifted };
    assert!(serde_json::to_vec(&event).unwrap().len() < crate::log::bundle::PENDING_ROOM);
}

#[test]
fn acts_of_one_person_push_out_none_of_another() {
    let (mut desk, callers) = flooded(2);
    desk.counts(OSYKA, sifted(&callers[..1], junk(3)));
    let kept = desk.cases.siftings().next().unwrap().id;
    let one = desk.cases.siftings().next().unwrap().clone();
    for n in 0..200_u8 {
        let (id, by) = (Bytes([n; 16]), Bytes([9; 16]));
        desk.cases.siftings.keep(Sifting { id, by, ..one.clone() });
    }
    assert_eq!(desk.cases.siftings().count(), SIFTINGS_MAX);
    assert!(desk.cases.siftings().any(|one| one.id == kept));
}

#[test]
fn a_closed_or_erased_case_is_not_untouched() {
    let (mut desk, callers) = flooded(1);
    assert_eq!(desk.cases.untouched().count(), 2);
    desk.counts(OSYKA, of_one(callers[0], 0));
    assert_eq!(desk.cases.untouched().map(|(caller, ..)| caller).collect::<Vec<_>>(), [desk.caller]);
    let seen = Bytes([1; 16]);
    desk.counts(OSYKA, EventBody::CaseClosed(CaseClosed { caller: callers[0], seen, why: ClosedWhy::Junk }));
    assert!(!desk.cases.case(&callers[0]).is_untouched());
}
