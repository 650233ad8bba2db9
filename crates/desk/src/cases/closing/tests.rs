use std::collections::BTreeSet;

use callsign_protocol::{call::CallPart, encoding::Secret, keyring::DeviceId};

use super::*;
use crate::cases::{
    Claimed, Event, EventBody, FollowUpSet, Origin, Outcome, PersonAdded, Role,
    support::{DAY, a_case, whole_answer},
};

const OSYKA: DeviceId = Bytes([0xb; 16]);
const PERSON: PersonId = Bytes([0xb0; 16]);

/// A desk at which Osyka is an operator and Kalyna has every role, with one case, whose message was opened.
fn opened_case() -> (Cases, CallerId) {
    let (mut cases, caller) = a_case();
    let (name, roles) = ("Osyka".to_owned(), BTreeSet::from([Role::Operator]));
    let added = PersonAdded { person: PERSON, name, roles, device: None };
    cases.see(&Event { id: PERSON, body: EventBody::PersonAdded(added) });
    cases.give_device(OSYKA, PERSON, cases.generation());
    cases.see(&Event::opened(caller, &[Bytes([1; 16])]).remove(0));
    (cases, caller)
}

fn by(cases: &mut Cases, author: DeviceId, id: u8, body: EventBody) -> Outcome {
    let generation = cases.generation();
    let origin = Origin { author, generation, sequence: Some(7), ..Origin::of_test() };
    let event = Event { id: Bytes([id; 16]), body };
    cases.apply(&Act { origin: &origin, event: &event }).unwrap()
}

fn close(cases: &mut Cases, author: DeviceId, id: u8, caller: CallerId, seen: u8) -> Outcome {
    let (seen, why) = (Bytes([seen; 16]), ClosedWhy::Answered);
    by(cases, author, id, EventBody::CaseClosed(CaseClosed { caller, seen, why }))
}

fn reopen(cases: &mut Cases, author: DeviceId, id: u8, caller: CallerId) -> Outcome {
    by(cases, author, id, EventBody::CaseReopened(CaseReopened { caller }))
}

/// A part of a message of the case's caller.
fn part(id: u8, (part, parts): (u8, u8)) -> Event {
    let call = CallPart {
        caller: Bytes([1; 32]),
        shard_bits: 7,
        drop_secrets: vec![(DAY.week(), Secret([1; 32]))],
        id: Bytes([id; 16]),
        part,
        parts,
        track: String::new(),
        language: "en".to_owned(),
        text: "text".to_owned(),
        safe_times: None,
    };
    Event::message_received(Box::new(call), UnixSeconds(600))
}

fn kalyna() -> DeviceId {
    Origin::of_test().author
}

fn lists(cases: &Cases) -> (usize, usize, usize) {
    (cases.waiting_count(), cases.answered_count(), cases.tracks().map(|track| track.waiting).sum())
}

#[test]
fn a_closed_case_waits_on_no_list_and_is_free() {
    let (mut cases, caller) = opened_case();
    by(&mut cases, OSYKA, 10, EventBody::Claimed(Claimed { caller, over: None, reason: None }));
    assert_eq!(lists(&cases), (1, 0, 1));
    assert_eq!(close(&mut cases, OSYKA, 11, caller, 1), Outcome::Applied);
    assert_eq!(lists(&cases), (0, 1, 0));
    let case = cases.case(&caller);
    assert_eq!(case.closed().map(|closed| (closed.by, closed.why)), Some((PERSON, ClosedWhy::Answered)));
    assert!(case.claim().is_none() && cases.claimed_by(&PERSON).next().is_none());
    assert_eq!(reopen(&mut cases, kalyna(), 12, caller), Outcome::Applied);
    assert_eq!(lists(&cases), (1, 0, 1));
    assert_eq!(reopen(&mut cases, kalyna(), 13, caller), Outcome::Void(Refusal::TooLate));
}

#[test]
fn of_two_who_close_the_first_counts_and_so_for_reopening() {
    for (first, second) in [(OSYKA, kalyna()), (kalyna(), OSYKA)] {
        let (mut cases, caller) = opened_case();
        assert_eq!(close(&mut cases, first, 10, caller, 1), Outcome::Applied);
        assert_eq!(close(&mut cases, second, 11, caller, 1), Outcome::Void(Refusal::TooLate));
        assert_eq!(cases.case(&caller).closed().map(|closed| closed.by), cases.person_of(&first));
        assert_eq!(reopen(&mut cases, second, 12, caller), Outcome::Applied);
        assert_eq!(reopen(&mut cases, first, 13, caller), Outcome::Void(Refusal::TooLate));
    }
}

#[test]
fn a_message_and_a_closing_at_once_leave_the_case_open_in_either_order() {
    for closes_first in [true, false] {
        let (mut cases, caller) = opened_case();
        if closes_first {
            assert_eq!(close(&mut cases, OSYKA, 10, caller, 1), Outcome::Applied);
            cases.see(&part(2, (1, 1)));
        } else {
            cases.see(&part(2, (1, 1)));
            assert_eq!(close(&mut cases, OSYKA, 10, caller, 1), Outcome::Void(Refusal::TooLate));
        }
        assert!(cases.case(&caller).closed().is_none());
        assert_eq!(lists(&cases), (1, 0, 1));
    }
}

#[test]
fn what_nobody_has_opened_is_not_closed_and_a_late_part_is_news() {
    let (mut cases, caller) = opened_case();
    cases.see(&part(2, (1, 2)));
    assert_eq!(close(&mut cases, OSYKA, 10, caller, 2), Outcome::Applied, "what came of it was seen");
    cases.see(&part(2, (1, 2)));
    assert!(cases.case(&caller).closed().is_some(), "a repetition is no news");
    cases.see(&part(2, (2, 2)));
    assert!(cases.case(&caller).closed().is_none());
    assert_eq!(
        close(&mut cases, OSYKA, 11, caller, 2),
        Outcome::Void(Refusal::TooLate),
        "nobody has opened it"
    );
    cases.see(&Event::opened(caller, &[Bytes([2; 16])]).remove(0));
    assert_eq!(close(&mut cases, OSYKA, 12, caller, 2), Outcome::Applied);
}

#[test]
fn a_colleagues_case_is_not_closed_while_they_are_at_work_on_it() {
    let (mut cases, caller) = opened_case();
    by(&mut cases, OSYKA, 10, EventBody::Claimed(Claimed { caller, over: None, reason: None }));
    assert_eq!(
        close(&mut cases, kalyna(), 11, caller, 1),
        Outcome::Void(Refusal::Claimed),
        "a leader neither"
    );
    // In the other order the claim takes a case that is closed, and closes nothing and opens nothing.
    let (mut cases, caller) = opened_case();
    assert_eq!(close(&mut cases, kalyna(), 11, caller, 1), Outcome::Applied);
    let claim = EventBody::Claimed(Claimed { caller, over: None, reason: None });
    assert_eq!(by(&mut cases, OSYKA, 10, claim), Outcome::Applied);
    assert!(cases.case(&caller).closed().is_some());
}

#[test]
fn an_answer_to_a_closed_case_leaves_and_follow_ups_stay() {
    let (mut cases, caller) = opened_case();
    let (due, text) = (DAY.plus(3), "ask".to_owned());
    let follow_up = FollowUpSet { caller, due, hour: None, text, why: None, was: None };
    cases.see(&Event { id: Bytes([9; 16]), body: EventBody::FollowUpSet(follow_up) });
    close(&mut cases, OSYKA, 10, caller, 1);
    cases.see(&Event::answer_queued(whole_answer(caller, 5, "text", UnixSeconds(60))));
    assert!(cases.case(&caller).closed().is_some());
    assert!(cases.next_drop(DAY, 0, |_, _| true).unwrap().is_some());
    assert_eq!(cases.due_count(), 1);
}

#[test]
fn a_reason_is_one_of_the_list_and_goes_by_its_name() {
    for why in ClosedWhy::ALL {
        assert_eq!(serde_json::to_string(&why).unwrap(), format!("\"{}\"", why.code()));
        assert_eq!(ClosedWhy::of_code(why.code()), Some(why));
    }
    assert!(serde_json::from_str::<ClosedWhy>("\"bored\"").is_err());
}
