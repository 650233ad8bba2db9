//! A case that is handed over, in whatever order its giver and those for whom it is meant act.

use callsign_protocol::encoding::Bytes;

use super::*;
use crate::cases::{
    CaseClosed, CaseErased, ClaimReleased, Claimed, ClosedWhy, Event, EventBody, Keeps, Outcome, PersonLeft,
    RoleSet,
    claims::tests::{Desk, KALYNA, OSYKA, YAVIR},
};

const KALYNA_HERSELF: PersonId = Bytes([0xfe; 16]);
const OSYKA_HERSELF: PersonId = Bytes([1; 16]);
const YAVIR_HIMSELF: PersonId = Bytes([2; 16]);

impl Desk {
    fn claim_id(&self) -> EventId {
        self.cases.case(&self.caller).claim().unwrap().id
    }

    fn holder(&self) -> Option<PersonId> {
        self.cases.holder_of(&self.caller)
    }

    fn offers(&mut self, author: DeviceId, to: TransferTo, text: Option<&str>) -> Outcome {
        let (caller, claim, text) = (self.caller, self.claim_id(), text.map(str::to_owned));
        self.say(author, EventBody::TransferOffered(TransferOffered { caller, claim, to, text }))
    }

    /// A desk on which Osyka has the case and offers it; the offer.
    fn offered(to: TransferTo) -> (Self, EventId) {
        let mut desk = Self::new();
        assert_eq!(desk.claim(OSYKA), Outcome::Applied);
        assert_eq!(desk.offers(OSYKA, to, Some("I have to go")), Outcome::Applied);
        let offer = desk.cases.case(&desk.caller).offer().unwrap().id;
        (desk, offer)
    }

    fn answers(&mut self, author: DeviceId, offer: EventId, taken: bool) -> Outcome {
        let over = self.cases.case(&self.caller).last_touch();
        self.answers_over(author, offer, taken.then_some(over).flatten())
    }

    /// The same by somebody who saw the case with this touch as the newest, and takes it; none of somebody who refuses.
    fn answers_over(&mut self, author: DeviceId, offer: EventId, over: Option<EventId>) -> Outcome {
        let (caller, taken) = (self.caller, over.is_some());
        let text = (!taken).then(|| "I am busy".to_owned());
        self.say(author, EventBody::TransferAnswered(TransferAnswered { caller, offer, taken, over, text }))
    }

    fn withdraws(&mut self, author: DeviceId, offer: EventId) -> Outcome {
        let caller = self.caller;
        self.say(author, EventBody::TransferWithdrawn(TransferWithdrawn { caller, offer }))
    }

    fn asks(&mut self, author: DeviceId, text: &str) -> Outcome {
        let (caller, text) = (self.caller, Some(text.to_owned()));
        self.say(author, EventBody::TransferAsked(TransferAsked { caller, text }))
    }

    fn releases(&mut self, author: DeviceId, claim: EventId) -> Outcome {
        let caller = self.caller;
        self.say(author, EventBody::ClaimReleased(ClaimReleased { caller, claim }))
    }

    fn takes_over(&mut self, author: DeviceId) -> Outcome {
        let (caller, over) = (self.caller, self.cases.case(&self.caller).last_touch());
        let reason = Some("she is ill".to_owned());
        self.say(author, EventBody::Claimed(Claimed { caller, over, reason }))
    }

    /// To whom the case is offered, of those who may take it.
    fn meant(&self) -> Vec<PersonId> {
        let all = [OSYKA_HERSELF, YAVIR_HIMSELF, KALYNA_HERSELF];
        all.into_iter()
            .filter(|person| self.cases.offered_for(person).unwrap().contains(&self.caller))
            .collect()
    }
}

fn too_late() -> Outcome {
    Outcome::Void(Refusal::TooLate)
}

#[test]
fn a_case_stays_its_holders_until_the_one_for_whom_it_is_meant_takes_it() {
    let (mut desk, offer) = Desk::offered(TransferTo::Person(YAVIR_HIMSELF));
    let claim = desk.claim_id();
    assert_eq!((desk.holder(), desk.meant()), (Some(OSYKA_HERSELF), vec![YAVIR_HIMSELF]));
    assert_eq!(desk.answer(OSYKA, 50), Keeps::Nothing, "nothing of it keeps its holder from answering");
    assert_eq!(desk.answers(KALYNA, offer, true), Outcome::Void(Refusal::Claimed), "it is not meant for her");
    assert_eq!(desk.answers(OSYKA, offer, true), Outcome::Void(Refusal::Claimed), "nor for herself");
    assert_eq!(desk.answers(YAVIR, offer, true), Outcome::Applied);
    let case = desk.cases.case(&desk.caller);
    assert_eq!((desk.holder(), case.offer(), desk.meant()), (Some(YAVIR_HIMSELF), None, vec![]));
    assert!(desk.claim_id() != claim && case.last_touch() == Some(desk.claim_id()));
    // What the giver has not seen is not answered past it.
    assert_eq!(desk.answer(OSYKA, 51), Keeps::Held);
    assert_eq!(desk.answer(YAVIR, 52), Keeps::Nothing);
    assert_eq!(desk.answers(YAVIR, offer, true), too_late(), "once is enough");
}

#[test]
fn of_two_who_take_what_is_offered_to_anyone_the_first_has_it() {
    for (first, second, takes) in [(YAVIR, KALYNA, YAVIR_HIMSELF), (KALYNA, YAVIR, KALYNA_HERSELF)] {
        let (mut desk, offer) = Desk::offered(TransferTo::Anyone);
        assert_eq!(desk.meant(), [YAVIR_HIMSELF, KALYNA_HERSELF]);
        assert_eq!(desk.answers(first, offer, true), Outcome::Applied);
        assert_eq!(desk.answers(second, offer, true), too_late());
        assert_eq!(desk.holder(), Some(takes));
    }
}

#[test]
fn a_giver_who_lets_go_and_one_who_takes_make_no_two_holders_in_either_order() {
    let (mut desk, offer) = Desk::offered(TransferTo::Anyone);
    let claim = desk.claim_id();
    assert_eq!(desk.releases(OSYKA, claim), Outcome::Applied);
    assert_eq!((desk.answers(YAVIR, offer, true), desk.holder()), (too_late(), None));
    let (mut desk, offer) = Desk::offered(TransferTo::Anyone);
    let claim = desk.claim_id();
    assert_eq!(desk.answers(YAVIR, offer, true), Outcome::Applied);
    assert_eq!((desk.releases(OSYKA, claim), desk.holder()), (too_late(), Some(YAVIR_HIMSELF)));
    // Nor one who takes it back, and one who closes.
    let (mut desk, offer) = Desk::offered(TransferTo::Anyone);
    assert_eq!(desk.withdraws(YAVIR, offer), Outcome::Void(Refusal::Claimed));
    assert_eq!(desk.withdraws(OSYKA, offer), Outcome::Applied);
    assert_eq!(desk.answers(YAVIR, offer, true), too_late());
    assert_eq!((desk.withdraws(OSYKA, offer), desk.holder()), (too_late(), Some(OSYKA_HERSELF)));
    assert!(desk.cases.case(&desk.caller).transfer.is_none());
    let (mut desk, offer) = Desk::offered(TransferTo::Anyone);
    assert_eq!(desk.answers(YAVIR, offer, true), Outcome::Applied);
    assert_eq!(desk.withdraws(OSYKA, offer), too_late());
}

#[test]
fn a_leader_who_takes_over_ends_the_offer_and_who_took_it_before_is_taken_over_from() {
    let (mut desk, offer) = Desk::offered(TransferTo::Person(KALYNA_HERSELF));
    assert_eq!(desk.takes_over(YAVIR), Outcome::Applied);
    assert_eq!((desk.answers(KALYNA, offer, true), desk.meant()), (too_late(), vec![]));
    assert_eq!(desk.holder(), Some(YAVIR_HIMSELF));
    // He had seen the case as it was before.
    let (mut desk, offer) = Desk::offered(TransferTo::Person(KALYNA_HERSELF));
    let (caller, over) = (desk.caller, desk.cases.case(&desk.caller).last_touch());
    assert_eq!(desk.answers(KALYNA, offer, true), Outcome::Applied);
    let claimed = Claimed { caller, over, reason: Some("she is ill".to_owned()) };
    assert_eq!(desk.say(YAVIR, EventBody::Claimed(claimed)), too_late());
    assert_eq!(desk.holder(), Some(KALYNA_HERSELF));
}

#[test]
fn who_has_not_seen_what_the_giver_answered_meanwhile_takes_nothing_and_answers_nobody_twice() {
    let (mut desk, offer) = Desk::offered(TransferTo::Person(YAVIR_HIMSELF));
    let seen = desk.cases.case(&desk.caller).last_touch();
    assert_eq!(desk.answer(OSYKA, 50), Keeps::Nothing);
    assert_eq!(desk.answers_over(YAVIR, offer, seen), too_late());
    assert_eq!(desk.answer(YAVIR, 51), Keeps::Held);
    // He looks, and takes it then.
    assert_eq!(desk.answers(YAVIR, offer, true), Outcome::Applied);
    let (caller, claim) = (desk.caller, desk.claim_id());
    assert_eq!(desk.offers(YAVIR, TransferTo::Anyone, None), Outcome::Applied);
    let offer = desk.cases.case(&caller).offer().unwrap().id;
    let unseen = TransferAnswered { caller, offer, taken: true, over: None, text: None };
    assert_eq!(desk.say(OSYKA, EventBody::TransferAnswered(unseen)), too_late());
    assert_eq!(desk.claim_id(), claim);
}

#[test]
fn whoever_refuses_is_not_asked_again_and_the_giver_hears_what_they_said() {
    let (mut desk, offer) = Desk::offered(TransferTo::Person(YAVIR_HIMSELF));
    assert_eq!(desk.answers(YAVIR, offer, false), Outcome::Applied);
    assert_eq!((desk.answers(YAVIR, offer, true), desk.withdraws(OSYKA, offer)), (too_late(), too_late()));
    let case = desk.cases.case(&desk.caller);
    let said = TransferSaid { by: YAVIR_HIMSELF, text: Some("I am busy".to_owned()) };
    assert_eq!((case.offer().unwrap().refused.as_slice(), desk.meant()), ([said].as_slice(), vec![]));
    assert_eq!((desk.holder(), case.offered_to()), (Some(OSYKA_HERSELF), None));
    // Where it is offered to several, the others may take it.
    let (mut desk, offer) = Desk::offered(TransferTo::Leader);
    assert_eq!(desk.answers(YAVIR, offer, false), Outcome::Applied);
    assert_eq!(desk.answers(YAVIR, offer, true), too_late(), "the first answer of each counts");
    assert_eq!(desk.meant(), [KALYNA_HERSELF]);
    assert_eq!(desk.answers(KALYNA, offer, true), Outcome::Applied);
}

#[test]
fn a_new_offer_takes_the_place_of_the_old_one() {
    let (mut desk, old) = Desk::offered(TransferTo::Person(YAVIR_HIMSELF));
    assert_eq!(desk.offers(OSYKA, TransferTo::Person(KALYNA_HERSELF), None), Outcome::Applied);
    assert_eq!((desk.answers(YAVIR, old, true), desk.withdraws(OSYKA, old)), (too_late(), too_late()));
    assert_eq!(desk.meant(), [KALYNA_HERSELF]);
    // One of an old claim counts for nothing, nor one of somebody else's.
    let (caller, claim) = (desk.caller, Bytes([9; 16]));
    let of_another = TransferOffered { caller, claim, to: TransferTo::Anyone, text: None };
    assert_eq!(desk.say(OSYKA, EventBody::TransferOffered(of_another)), too_late());
    assert_eq!(desk.offers(YAVIR, TransferTo::Anyone, None), Outcome::Void(Refusal::Claimed));
    assert_eq!(desk.offers(OSYKA, TransferTo::Person(OSYKA_HERSELF), None), Outcome::Void(Refusal::Numbers));
    assert_eq!(desk.offers(OSYKA, TransferTo::Person(Bytes([7; 16])), None), too_late(), "nobody knows them");
}

#[test]
fn an_offer_that_nobody_takes_ends_by_the_beats_of_others_and_no_clock() {
    let (mut desk, offer) = Desk::offered(TransferTo::Anyone);
    desk.beats(OSYKA, TRANSFER_BEATS * 2);
    assert_eq!(desk.meant().len(), 2, "the giver's own beats are none of another's");
    for _ in 0..TRANSFER_BEATS - 1 {
        desk.beats(KALYNA, 1);
        desk.beats(OSYKA, 1);
    }
    assert_eq!(desk.meant().len(), 2);
    desk.beats(KALYNA, 1);
    assert_eq!((desk.answers(YAVIR, offer, true), desk.withdraws(OSYKA, offer)), (too_late(), too_late()));
    assert_eq!((desk.meant(), desk.holder()), (vec![], Some(OSYKA_HERSELF)), "it comes back to its giver");
    assert_eq!(desk.offers(OSYKA, TransferTo::Anyone, None), Outcome::Applied);
    assert_eq!(desk.meant().len(), 2);
}

#[test]
fn what_a_person_who_left_or_may_answer_no_more_was_offered_nobody_takes_for_them() {
    for leaves in [true, false] {
        for (person, device) in [(YAVIR_HIMSELF, YAVIR), (OSYKA_HERSELF, OSYKA)] {
            let to = if leaves { TransferTo::Person(YAVIR_HIMSELF) } else { TransferTo::Leader };
            let (mut desk, offer) = Desk::offered(to);
            let was = desk.cases.person(&person).unwrap().set_by;
            let roles = [Role::Operator].into();
            desk.counts(
                KALYNA,
                if leaves {
                    EventBody::PersonLeft(PersonLeft { person })
                } else {
                    EventBody::RoleSet(RoleSet { person, roles, was })
                },
            );
            if device == YAVIR {
                assert_eq!(desk.answers(YAVIR, offer, true), Outcome::Void(Refusal::Role), "{leaves}");
                assert!(!desk.meant().contains(&YAVIR_HIMSELF) && desk.holder() == Some(OSYKA_HERSELF));
            } else {
                // A giver who leaves the desk has offered it all the same.
                assert_eq!(desk.answers(YAVIR, offer, true), Outcome::Applied, "{leaves}");
                assert_eq!(desk.holder(), Some(YAVIR_HIMSELF));
            }
        }
    }
    // Nothing is offered to somebody who may not take it.
    let (mut desk, _) = Desk::offered(TransferTo::Anyone);
    let (person, roles) = (YAVIR_HIMSELF, [Role::Custodian].into());
    let was = desk.cases.person(&person).unwrap().set_by;
    desk.counts(KALYNA, EventBody::RoleSet(RoleSet { person, roles, was }));
    assert_eq!(desk.meant(), [KALYNA_HERSELF]);
    assert_eq!(desk.offers(OSYKA, TransferTo::Person(person), None), too_late());
    assert_eq!(desk.offers(YAVIR, TransferTo::Anyone, None), Outcome::Void(Refusal::Role));
}

#[test]
fn colleagues_ask_whoever_has_the_case_and_each_is_heard_once() {
    let mut desk = Desk::new();
    assert_eq!(desk.asks(YAVIR, "I know them"), too_late(), "nobody has it");
    desk.claim(OSYKA);
    assert_eq!(desk.asks(OSYKA, "mine"), too_late());
    for (author, text) in [(YAVIR, "I know them"), (KALYNA, "so do I"), (YAVIR, "I have time")] {
        assert_eq!(desk.asks(author, text), Outcome::Applied);
    }
    let case = desk.cases.case(&desk.caller);
    let said: Vec<_> = case.asked_for().iter().map(|said| (said.by, said.text.as_deref().unwrap())).collect();
    assert_eq!(said, [(KALYNA_HERSELF, "so do I"), (YAVIR_HIMSELF, "I have time")]);
    assert_eq!(desk.holder(), Some(OSYKA_HERSELF));
    // A holder who gives it to one of them has answered all.
    desk.offers(OSYKA, TransferTo::Person(YAVIR_HIMSELF), None);
    let offer = desk.cases.case(&desk.caller).offer().unwrap().id;
    desk.answers(YAVIR, offer, true);
    assert!(desk.cases.case(&desk.caller).asked_for().is_empty());
}

#[test]
fn nothing_of_it_outlives_its_claim_or_its_case() {
    let (mut desk, offer) = Desk::offered(TransferTo::Anyone);
    let caller = desk.caller;
    desk.counts(OSYKA, Event::opened(caller, &[Bytes([1; 16])]).remove(0).body);
    let closed = CaseClosed { caller, seen: Bytes([1; 16]), why: ClosedWhy::Answered };
    desk.counts(OSYKA, EventBody::CaseClosed(closed));
    assert_eq!((desk.answers(YAVIR, offer, true), desk.holder()), (too_late(), None));
    assert!(desk.cases.case(&caller).transfer.is_none() && desk.meant().is_empty());

    let (mut desk, offer) = Desk::offered(TransferTo::Anyone);
    desk.asks(YAVIR, "I have time");
    desk.counts(KALYNA, EventBody::CaseErased(CaseErased { caller }));
    let refused = desk.answers_over(YAVIR, offer, Some(Bytes([9; 16])));
    assert_eq!(refused, Outcome::Void(Refusal::Case));
    let kept = serde_json::to_string(&desk.cases).unwrap();
    assert!(!kept.contains("I have to go") && !kept.contains("I have time"), "{kept}");
    assert!(desk.cases.queues.offered.is_empty());
}

#[test]
fn an_event_that_comes_again_changes_nothing() {
    let (mut desk, offer) = Desk::offered(TransferTo::Anyone);
    let caller = desk.caller;
    let over = desk.cases.case(&caller).last_touch();
    let answered = TransferAnswered { caller, offer, taken: true, over, text: None };
    let event = Event { id: Bytes([77; 16]), body: EventBody::TransferAnswered(answered) };
    let origin = crate::cases::Origin { author: YAVIR, ..crate::cases::Origin::of_test() };
    let act = Act { origin: &origin, event: &event };
    assert_eq!(desk.cases.apply(&act).unwrap(), Outcome::Applied);
    assert_eq!(desk.offers(YAVIR, TransferTo::Person(OSYKA_HERSELF), None), Outcome::Applied);
    let before = format!("{:?}", desk.cases.case(&caller));
    assert_eq!(desk.cases.apply(&act).unwrap(), Outcome::Repeated);
    assert_eq!(format!("{:?}", desk.cases.case(&caller)), before);
}

#[test]
fn what_is_said_is_one_line_that_can_be_seen() {
    let mut desk = Desk::new();
    desk.claim(OSYKA);
    for wrong in ["", " \u{200b}", "two\nlines", "two\u{2028}lines", &"x".repeat(TRANSFER_TEXT_MAX + 1)] {
        assert_eq!(desk.offers(OSYKA, TransferTo::Anyone, Some(wrong)), Outcome::Void(Refusal::Numbers));
        assert_eq!(desk.asks(YAVIR, wrong), Outcome::Void(Refusal::Numbers), "{wrong:?}");
    }
    assert_eq!(
        desk.offers(OSYKA, TransferTo::Anyone, Some(&"ї".repeat(TRANSFER_TEXT_MAX))),
        Outcome::Applied
    );
}

#[test]
fn for_whom_an_offer_is_meant_is_written_so() {
    let of = |to| serde_json::to_string(&to).unwrap();
    let person = Bytes([1; 16]);
    assert_eq!(of(TransferTo::Person(person)), format!("{{\"person\":\"{person}\"}}"));
    assert_eq!(
        [TransferTo::Operator, TransferTo::Leader, TransferTo::Anyone].map(of),
        ["\"operator\"", "\"leader\"", "\"anyone\""]
    );
    assert!(serde_json::from_str::<TransferTo>("\"custodian\"").is_err());
}

#[test]
fn a_case_without_an_offer_has_one_pointer_for_it() {
    assert_eq!(std::mem::size_of::<Option<Box<Transfer>>>(), std::mem::size_of::<usize>());
}

#[test]
fn who_offers_everything_hides_no_colleagues_offer() {
    let mut desk = Desk::new();
    let givers = (2..42).map(|n| (KALYNA, n)).chain([(YAVIR, 42)]);
    for (giver, n) in givers {
        desk.caller = desk.cases.and_a_case(n);
        assert_eq!(desk.claim(giver), Outcome::Applied);
        assert_eq!(desk.offers(giver, TransferTo::Anyone, None), Outcome::Applied);
    }
    let offered = desk.cases.offered_for(&OSYKA_HERSELF).unwrap();
    assert_eq!((offered.len(), offered.contains(&desk.caller)), (READ_OF_ONE_MAX + 1, true));
}
