//! Steps of waiting: when they are due, who may not hurry them, and what they do to a case.

use callsign_protocol::call::CallPart;

use super::*;
use crate::cases::{
    AnswerQueued, Claimed, ClosedWhy, Flagged, Outcome, SafeWindowSet, SettingsSet, Sifted, UrgencySet,
    Verdict,
    claims::tests::{Desk, KALYNA, OSYKA, YAVIR},
    support::{DAY, whole_answer},
};

/// A desk with a call that came in just now; its clock stands at a whole step of ten minutes.
fn waiting() -> (Desk, CallerId) {
    let mut desk = Desk::new();
    desk.at = DAY.plus(1).start().plus(36_000);
    desk.beats(KALYNA, 1);
    let caller = write(&mut desk, 10, 1);
    (desk, caller)
}

/// A caller writes a whole message, which is taken now.
fn write(desk: &mut Desk, caller: u8, message: u8) -> CallerId {
    let call = CallPart {
        caller: Bytes([caller; 32]),
        shard_bits: 7,
        drop_secrets: vec![(DAY.week(), callsign_protocol::encoding::Secret([1; 32]))],
        id: Bytes([message; 16]),
        part: 1,
        parts: 1,
        track: String::new(),
        language: "en".to_owned(),
        text: "text".to_owned(),
        safe_times: None,
    };
    let (id, received) = (call.caller_id(), UnixSeconds(desk.at.0 / 600 * 600));
    desk.cases.see(&Event::message_received(Box::new(call), received));
    id
}

/// So many minutes pass, in which a device beats as it does.
fn pass(desk: &mut Desk, device: DeviceId, minutes: u32) {
    desk.beats(device, 2 * minutes);
}

/// Steps that a device finds now, of that caller.
fn due(desk: &Desk, device: DeviceId, caller: CallerId) -> Vec<u8> {
    let origin = Origin { author: device, at: desk.at.whole_minutes(), ..Origin::of_test() };
    let events = desk.cases.steps_due(&origin, |_| false).unwrap();
    let step = |event: Event| match event.body {
        EventBody::Escalated(step) if step.caller == caller => Some(step.step),
        _ => None,
    };
    events.into_iter().filter_map(step).collect()
}

/// A device says what it finds.
fn step(desk: &mut Desk, device: DeviceId, caller: CallerId, message: u8, step: u8) -> Outcome {
    desk.say(device, EventBody::Escalated(Escalated { caller, message: Bytes([message; 16]), step }))
}

fn level(desk: &Desk, caller: &CallerId) -> (u8, u8) {
    let case = desk.cases.case(caller);
    (case.escalated(), case.level().number())
}

fn set(caller: CallerId, number: u8) -> EventBody {
    EventBody::UrgencySet(UrgencySet { caller, level: Level::new(number).unwrap(), was: None })
}

#[test]
fn a_call_takes_its_steps_at_60_90_and_120_minutes_and_ends_on_level_1() {
    let (mut desk, caller) = waiting();
    pass(&mut desk, KALYNA, 55);
    assert_eq!(due(&desk, KALYNA, caller), [0_u8; 0]);
    assert_eq!(step(&mut desk, KALYNA, caller, 1, 1), Outcome::Void(Refusal::Date));
    pass(&mut desk, KALYNA, 5);
    assert_eq!(due(&desk, KALYNA, caller), [1]);
    for (minutes, now, then) in [(0, 1, 3), (30, 2, 2), (30, 3, 1)] {
        pass(&mut desk, KALYNA, minutes);
        assert_eq!(due(&desk, KALYNA, caller), [now], "one step in one beat");
        assert_eq!(step(&mut desk, KALYNA, caller, 1, now), Outcome::Applied);
        assert_eq!(level(&desk, &caller), (now, then));
        assert_eq!(due(&desk, KALYNA, caller), [0_u8; 0]);
        // Another device that is behind says the same, which counts once.
        assert_eq!(step(&mut desk, KALYNA, caller, 1, now), Outcome::Void(Refusal::TooLate));
    }
    assert_eq!((desk.cases.last_step_count(), desk.cases.waiting().next().unwrap().caller), (1, caller));
    assert_eq!(step(&mut desk, KALYNA, caller, 1, 4), Outcome::Void(Refusal::Numbers));
    assert_eq!(step(&mut desk, KALYNA, caller, 1, 0), Outcome::Void(Refusal::Numbers));
}

#[test]
fn two_devices_make_the_same_event() {
    let one = Escalated { caller: Bytes([1; 16]), message: Bytes([2; 16]), step: 1 };
    let id = Event::escalated(one.clone()).id;
    assert_eq!(id, Event::escalated(one.clone()).id);
    for other in [
        Escalated { step: 2, ..one.clone() },
        Escalated { message: Bytes([3; 16]), ..one.clone() },
        Escalated { caller: Bytes([3; 16]), ..one },
    ] {
        assert_ne!(id, Event::escalated(other).id);
    }
}

#[test]
fn a_call_that_somebody_has_or_that_is_junk_takes_no_step_until_it_is_free_again() {
    for n in 0..2 {
        let (mut desk, caller) = waiting();
        pass(&mut desk, KALYNA, 59);
        desk.beats(OSYKA, 1);
        let said = match n {
            0 => EventBody::Claimed(Claimed { caller, over: None, reason: None }),
            _ => EventBody::Flagged(Flagged { caller, flag: Flag::Junk, until: desk.at.day().plus(3) }),
        };
        desk.counts(OSYKA, said);
        pass(&mut desk, OSYKA, 2);
        pass(&mut desk, KALYNA, 2);
        assert_eq!(due(&desk, KALYNA, caller), [0_u8; 0], "{n}");
        assert_eq!(step(&mut desk, KALYNA, caller, 1, 1), Outcome::Void(Refusal::TooLate), "{n}");
        if n == 0 {
            // Nothing comes from the holder's device any more.
            pass(&mut desk, KALYNA, 6);
            assert_eq!(due(&desk, KALYNA, caller), [1]);
        }
    }
}

#[test]
fn what_a_person_says_afterwards_counts_and_what_can_wait_is_not_raised() {
    let (mut desk, caller) = waiting();
    let other = write(&mut desk, 11, 2);
    desk.counts(KALYNA, set(other, 4));
    pass(&mut desk, KALYNA, 121);
    for n in 1..=3 {
        assert_eq!(step(&mut desk, KALYNA, caller, 1, n), Outcome::Applied);
        assert_eq!(step(&mut desk, KALYNA, other, 2, n), Outcome::Applied);
    }
    assert_eq!((level(&desk, &caller), level(&desk, &other)), ((3, 1), (3, 4)));
    desk.counts(OSYKA, set(caller, 3));
    assert_eq!(level(&desk, &caller), (3, 3), "the mark stays");
    // By an act on many it can be said as well, of what nobody has touched.
    let third = write(&mut desk, 12, 3);
    pass(&mut desk, KALYNA, 121);
    for n in 1..=2 {
        assert_eq!(step(&mut desk, KALYNA, third, 3, n), Outcome::Applied);
    }
    assert_eq!(level(&desk, &third), (2, 2));
    let (at, _) = desk.cases.arrived(&third).unwrap();
    let verdict = Verdict::Level(Level::LAST);
    desk.counts(KALYNA, EventBody::Sifted(Sifted { callers: vec![third], from: at, to: at, verdict }));
    assert_eq!(level(&desk, &third), (2, 4));
}

#[test]
fn an_answer_ends_the_steps_and_a_new_message_begins_anew() {
    let (mut desk, caller) = waiting();
    pass(&mut desk, KALYNA, 121);
    for n in 1..=3 {
        step(&mut desk, KALYNA, caller, 1, n);
    }
    let answer = AnswerQueued { ..whole_answer(caller, 7, "text", desk.at.whole_minutes()) };
    desk.counts(KALYNA, EventBody::AnswerQueued(answer));
    desk.cases.see(&Event::opened(caller, &[Bytes([1; 16])]).remove(0));
    assert_eq!((level(&desk, &caller), desk.cases.last_step_count()), ((0, 3), 0));
    write(&mut desk, 10, 2);
    assert_eq!(level(&desk, &caller), (0, 3));
    assert_eq!(due(&desk, KALYNA, caller), [0_u8; 0]);
    pass(&mut desk, KALYNA, 61);
    assert_eq!(due(&desk, KALYNA, caller), [1]);
    assert_eq!(step(&mut desk, KALYNA, caller, 2, 1), Outcome::Applied);
    // A closed case waits for nothing.
    desk.cases.see(&Event::opened(caller, &[Bytes([2; 16])]).remove(0));
    let (seen, why) = (Bytes([2; 16]), ClosedWhy::Answered);
    desk.counts(KALYNA, EventBody::CaseClosed(crate::cases::CaseClosed { caller, seen, why }));
    assert_eq!(level(&desk, &caller), (0, 3));
}

#[test]
fn minutes_outside_of_the_safe_hours_count_for_nothing() {
    let (mut desk, caller) = waiting();
    // From half an hour ago to half an hour ahead, by the caller's clock three hours east.
    let minute = u16::try_from(desk.at.0 / 60 % 1_440).unwrap() + 180;
    let window = SafeWindow::new(minute - 30, minute + 30, 180);
    desk.counts(KALYNA, EventBody::SafeWindowSet(SafeWindowSet { caller, window, was: None }));
    pass(&mut desk, KALYNA, 150);
    assert_eq!(due(&desk, KALYNA, caller), [0_u8; 0]);
    assert_eq!(step(&mut desk, KALYNA, caller, 1, 1), Outcome::Void(Refusal::Date));
    // On the next day the hours come again, and go on where they ended.
    desk.at = desk.at.plus(86_400 - 150 * 60 - 30 * 60);
    pass(&mut desk, KALYNA, 25);
    assert_eq!(due(&desk, KALYNA, caller), [0_u8; 0]);
    pass(&mut desk, KALYNA, 40);
    assert_eq!(due(&desk, KALYNA, caller), [1]);
}

#[test]
fn minutes_in_hours_are_counted_over_midnight_and_over_many_days() {
    let day = DAY.start();
    let night = SafeWindow::new(23 * 60, 60, 0).unwrap();
    assert_eq!(minutes_within(night, day, day.plus(3_600)), 60);
    assert_eq!(minutes_within(night, day, day.plus(86_400)), 120);
    assert_eq!(minutes_within(night, day.plus(7_200), day.plus(10 * 86_400)), 10 * 120 - 60);
    assert_eq!(minutes_within(night, day.plus(7_200), day.plus(3_600)), 0);
}

#[test]
fn a_clock_that_is_hours_ahead_hurries_nothing_beside_a_colleague_at_work() {
    let (mut desk, caller) = waiting();
    for _ in 0..5 {
        pass(&mut desk, KALYNA, 1);
        desk.beats(OSYKA, 2);
    }
    // Osyka's clock jumps five hours; there are beats enough.
    for _ in 0..35 {
        desk.beats(KALYNA, 1);
        desk.beats(OSYKA, 1);
    }
    let right = desk.at;
    desk.at = right.plus(5 * 3_600);
    assert_eq!(due(&desk, OSYKA, caller), [0_u8; 0]);
    assert_eq!(step(&mut desk, OSYKA, caller, 1, 1), Outcome::Void(Refusal::Date));
    desk.at = right;
    desk.beats(KALYNA, 1);
    assert_eq!(due(&desk, KALYNA, caller), [0_u8; 0], "her entry is in the log, and convinces nobody");
}

#[test]
fn a_lone_clock_that_jumps_needs_beats_of_its_desk_all_the_same() {
    let (mut desk, caller) = waiting();
    pass(&mut desk, YAVIR, 10);
    desk.at = desk.at.plus(5 * 3_600);
    desk.beats(YAVIR, 30);
    assert_eq!(due(&desk, YAVIR, caller), [0_u8; 0]);
    assert_eq!(step(&mut desk, YAVIR, caller, 1, 1), Outcome::Void(Refusal::Date));
    desk.beats(YAVIR, 20);
    assert_eq!(due(&desk, YAVIR, caller), [1]);
}

#[test]
fn in_a_flood_only_those_take_steps_to_whom_somebody_has_turned() {
    let (mut desk, caller) = waiting();
    for n in 0..=u8::try_from(FLOOD_WAITING).unwrap() {
        write(&mut desk, 20_u8.wrapping_add(n), n);
    }
    pass(&mut desk, KALYNA, 61);
    assert_eq!(due(&desk, KALYNA, caller), [0_u8; 0]);
    assert_eq!(step(&mut desk, KALYNA, caller, 1, 1), Outcome::Void(Refusal::TooLate));
    desk.counts(KALYNA, set(caller, 2));
    assert_eq!(due(&desk, KALYNA, caller), [1]);
    assert_eq!(step(&mut desk, KALYNA, caller, 1, 1), Outcome::Applied);
}

#[test]
fn a_beat_carries_a_few_steps_and_the_next_one_goes_on() {
    let mut desk = waiting().0;
    for n in 0..20 {
        write(&mut desk, 20 + n, n);
    }
    pass(&mut desk, KALYNA, 61);
    let origin = Origin { author: KALYNA, at: desk.at.whole_minutes(), ..Origin::of_test() };
    let all = desk.cases.steps_due(&origin, |_| false).unwrap();
    assert_eq!(all.len(), STEPS_AT_ONCE);
    let first = all[0].body.caller().copied().unwrap();
    let others = desk.cases.steps_due(&origin, |caller| *caller == first).unwrap();
    assert!(others.iter().all(|event| event.body.caller() != Some(&first)));
    let len: usize = all.iter().map(|event| serde_json::to_vec(event).unwrap().len() + 1).sum();
    assert!(len < crate::log::bundle::PENDING_ROOM / 2);
}

#[test]
fn a_desk_sets_its_own_minutes_and_they_count_from_their_place_in_the_log() {
    let (mut desk, caller) = waiting();
    pass(&mut desk, KALYNA, 30);
    assert!(due(&desk, KALYNA, caller).is_empty());
    assert_eq!(step(&mut desk, KALYNA, caller, 1, 1), Outcome::Void(Refusal::Date));
    let set = SettingsSet { waiting_minutes: Some([20, 40, 50]), ..SettingsSet::default() };
    desk.cases.see(&Event { id: Bytes([77; 16]), body: EventBody::SettingsSet(Box::new(set)) });
    assert_eq!(due(&desk, KALYNA, caller), [1]);
    assert_eq!(step(&mut desk, KALYNA, caller, 1, 1), Outcome::Applied);
    assert!(due(&desk, KALYNA, caller).is_empty());
    pass(&mut desk, KALYNA, 25);
    assert_eq!(due(&desk, KALYNA, caller), [2]);
}

/// docs/desk.md: "one wrong clock hurries nothing"; nor does it silence the desk. The clock of the only device at work was a day ahead for one beat.
#[test]
fn a_call_takes_its_steps_at_a_desk_whose_clock_was_a_day_ahead_once() {
    for days_ahead in [0, 1] {
        let mut desk = Desk::new();
        let now = DAY.plus(1).start().plus(36_000);
        desk.at = now.plus(days_ahead * 86_400);
        desk.beats(KALYNA, 1);
        desk.at = now;
        let caller = write(&mut desk, 10, 1);
        for _ in 0..6 * 120 {
            desk.entry(KALYNA, vec![]);
        }
        assert_eq!(
            due(&desk, KALYNA, caller),
            [1],
            "{days_ahead}: nobody has it, and it has waited for six hours"
        );
    }
}
