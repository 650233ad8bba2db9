//! Whose turn it is, in whatever order people are ready, take, pass and go.

use callsign_protocol::encoding::Bytes;

use super::*;
use crate::cases::{
    CaseErased, Claimed, DeviceRemoved, Event, EventBody, Level, Outcome, Role, RoleSet, UrgencySet,
    claims::tests::{Desk, KALYNA, OSYKA, YAVIR},
};

impl Desk {
    fn ready(&mut self, author: DeviceId) {
        self.counts(author, EventBody::Ready(Ready { caller: None }));
    }

    fn pass(&mut self, author: DeviceId, caller: CallerId) -> Outcome {
        self.say(author, EventBody::Passed(Passed { caller }))
    }

    fn offer(&self, device: DeviceId) -> Option<CallerId> {
        self.cases.offer_to(&self.cases.person_of(&device).unwrap())
    }

    /// Who is ready, by their devices.
    fn standing(&self) -> Vec<DeviceId> {
        self.cases.turns.ready.iter().map(|standing| standing.device).collect()
    }

    fn take_offered(&mut self, author: DeviceId) {
        let caller = self.offer(author).unwrap();
        let over = self.cases.case(&caller).last_touch();
        self.counts(author, EventBody::Claimed(Claimed { caller, over, reason: None }));
    }
}

#[test]
fn the_most_urgent_case_is_offered_to_who_was_ready_first_and_each_case_to_one() {
    let mut desk = Desk::new();
    let (first, second) = (desk.caller, desk.cases.and_a_case(2));
    desk.counts(KALYNA, EventBody::UrgencySet(UrgencySet { caller: second, level: Level::FIRST, was: None }));
    for device in [OSYKA, YAVIR, KALYNA] {
        desk.ready(device);
    }
    assert_eq!([OSYKA, YAVIR, KALYNA].map(|device| desk.offer(device)), [Some(second), Some(first), None]);
    assert_eq!(desk.standing(), [KALYNA]);
    assert_eq!(desk.cases.offered_to(&second), desk.cases.person_of(&OSYKA));
    // Once more says nothing more: nobody has two turns.
    for device in [OSYKA, KALYNA] {
        desk.ready(device);
    }
    assert_eq!(desk.standing(), [KALYNA]);
    desk.take_offered(OSYKA);
    assert_eq!((desk.offer(OSYKA), desk.standing()), (None, vec![KALYNA]));
    // What comes later goes to who has stood longest.
    let third = desk.cases.and_a_case(3);
    desk.beats(OSYKA, 1);
    assert_eq!(desk.offer(KALYNA), Some(third));
}

#[test]
fn a_case_that_is_sent_on_goes_to_the_next_and_comes_back_to_nobody_who_sent_it_on() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.ready(OSYKA);
    desk.ready(YAVIR);
    assert_eq!(desk.pass(YAVIR, caller), Outcome::Void(Refusal::TooLate), "it is not offered to them");
    assert_eq!(desk.pass(OSYKA, caller), Outcome::Applied);
    assert_eq!((desk.offer(OSYKA), desk.offer(YAVIR)), (None, Some(caller)));
    assert_eq!(desk.pass(YAVIR, caller), Outcome::Applied);
    assert_eq!((desk.offer(OSYKA), desk.offer(YAVIR), desk.standing()), (None, None, vec![YAVIR, OSYKA]));
    // Three before they take one.
    desk.counts(OSYKA, EventBody::NotReady(NotReady {}));
    for n in 2..5 {
        let next = desk.cases.and_a_case(n);
        desk.beats(KALYNA, 1);
        assert_eq!(desk.offer(YAVIR), Some(next));
        let void = Outcome::Void(Refusal::Numbers);
        assert_eq!(desk.pass(YAVIR, next), if n < 4 { Outcome::Applied } else { void });
    }
    assert_eq!(desk.cases.passes_left(&desk.cases.person_of(&YAVIR).unwrap()), 0);
    desk.take_offered(YAVIR);
    assert_eq!(desk.cases.passes_left(&desk.cases.person_of(&YAVIR).unwrap()), PASSES_MAX);
}

#[test]
fn an_offer_that_is_not_taken_lapses_by_the_beats_of_others_and_who_is_away_has_none() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.ready(OSYKA);
    desk.ready(YAVIR);
    for beat in 2..OFFER_BEATS {
        // Who lets it lie while their device is at work loses it all the same.
        desk.beats(OSYKA, 1);
        desk.beats(YAVIR, 1);
        assert_eq!(desk.offer(OSYKA), Some(caller), "{beat}");
    }
    desk.beats(KALYNA, 1);
    desk.beats(YAVIR, 1);
    assert_eq!((desk.offer(OSYKA), desk.offer(YAVIR)), (None, Some(caller)));
    assert!(desk.standing().is_empty(), "whoever let it lie is not ready");
    // Nothing comes from Osyka's device any more.
    desk.ready(OSYKA);
    desk.take_offered(YAVIR);
    desk.beats(YAVIR, ABSENT_BEATS);
    let next = desk.cases.and_a_case(2);
    desk.beats(KALYNA, 1);
    assert_eq!((desk.offer(OSYKA), desk.cases.offered_to(&next)), (None, None));
}

#[test]
fn whose_offered_case_a_colleague_took_or_nobody_has_to_answer_is_the_first_again() {
    for ended in 0..3 {
        let mut desk = Desk::new();
        let (caller, next) = (desk.caller, desk.cases.and_a_case(2));
        desk.ready(OSYKA);
        desk.ready(YAVIR);
        assert_eq!((desk.offer(OSYKA), desk.offer(YAVIR)), (Some(caller), Some(next)));
        match ended {
            0 => assert_eq!(desk.claim(KALYNA), Outcome::Applied),
            1 => desk.counts(KALYNA, EventBody::CaseErased(CaseErased { caller })),
            _ => {
                let opened = Event::opened(caller, &[Bytes([1; 16])]).remove(0);
                desk.counts(KALYNA, opened.body);
                desk.answer(KALYNA, 50);
            }
        }
        assert_eq!((desk.offer(OSYKA), desk.standing()), (None, vec![OSYKA]), "{ended}");
        let third = desk.cases.and_a_case(3);
        desk.beats(KALYNA, 1);
        assert_eq!(desk.offer(OSYKA), Some(third));
    }
}

#[test]
fn who_may_answer_no_more_or_has_no_device_has_no_turn() {
    for ended in 0..2 {
        let mut desk = Desk::new();
        let caller = desk.caller;
        desk.ready(OSYKA);
        desk.ready(YAVIR);
        let (person, roles) = (Bytes([1; 16]), [Role::Custodian].into());
        let was = desk.cases.person(&person).unwrap().set_by;
        desk.counts(
            KALYNA,
            match ended {
                0 => EventBody::RoleSet(RoleSet { person, roles, was }),
                _ => EventBody::DeviceRemoved(DeviceRemoved { device: OSYKA }),
            },
        );
        assert_eq!(desk.cases.offered_to(&caller), Some(Bytes([2; 16])), "{ended}");
        assert!(desk.standing().is_empty());
    }
}

#[test]
fn a_case_that_somebody_has_is_offered_once_their_claim_has_lapsed_and_to_somebody_else() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.claim(OSYKA);
    desk.ready(YAVIR);
    assert_eq!(desk.offer(YAVIR), None);
    for _ in 0..ABSENT_BEATS {
        desk.beats(KALYNA, 1);
        desk.beats(YAVIR, 1);
    }
    assert_eq!(desk.offer(YAVIR), Some(caller));
    desk.take_offered(YAVIR);
    assert_eq!(desk.cases.holder_of(&caller), Some(Bytes([2; 16])));
}

#[test]
fn what_was_erased_is_in_no_turn() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.ready(OSYKA);
    desk.pass(OSYKA, caller);
    desk.ready(YAVIR);
    desk.counts(KALYNA, EventBody::CaseErased(CaseErased { caller }));
    let kept = serde_json::to_string(&desk.cases.turns).unwrap();
    assert!(!kept.contains(&caller.to_string()), "{kept}");
}
