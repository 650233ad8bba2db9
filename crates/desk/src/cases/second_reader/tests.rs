//! Answers that leave when another person has read this very text, and not before.

use super::*;
use crate::cases::{
    AnswerQueued, AnswerReleased, AnswerWithdrawn, ClaimReleased, Claimed, EventBody, Flag, Flagged, Level,
    NoteKind, NoteWritten, Opened, Outcome, Role, RoleSet, UrgencySet,
    claims::tests::{Desk, KALYNA, OSYKA, YAVIR},
    support::DAY,
};

const ANSWER: Bytes<16> = Bytes([0x51; 16]);

fn part(desk: &Desk, (part, parts): (u8, u8), second_reader: bool) -> EventBody {
    let (caller, text, queued) = (desk.caller, format!("part {part}"), desk.at);
    EventBody::AnswerQueued(AnswerQueued {
        caller,
        answer: ANSWER,
        part,
        parts,
        text,
        queued,
        second_reader,
        seen: None,
    })
}

fn answer(desk: &Desk) -> Answer {
    desk.cases.case(&desk.caller).answer(&ANSWER).unwrap().clone()
}

fn approved(desk: &Desk) -> EventBody {
    EventBody::AnswerApproved(AnswerApproved {
        caller: desk.caller,
        answer: ANSWER,
        digest: answer(desk).digest(),
    })
}

fn refused(desk: &Desk, text: Option<&str>) -> EventBody {
    let (digest, text) = (answer(desk).digest(), text.map(str::to_owned));
    EventBody::AnswerRefused(AnswerRefused { caller: desk.caller, answer: ANSWER, digest, text })
}

/// Whether a drop of the answer would be planned.
fn leaves(desk: &Desk) -> bool {
    desk.cases.next_drop(DAY, 0, |_, _| true).unwrap().is_some_and(|drop| drop.carries(&ANSWER))
}

#[test]
fn an_answer_leaves_once_another_person_has_read_this_text() {
    let mut desk = Desk::new();
    desk.claim(OSYKA);
    desk.counts(OSYKA, part(&desk, (1, 2), true));
    assert_eq!(desk.say(KALYNA, approved(&desk)), Outcome::Void(Refusal::TooLate), "half of it");
    desk.counts(OSYKA, part(&desk, (2, 2), false));
    assert!(!leaves(&desk) && answer(&desk).waits_for_a_reader());
    assert!(desk.cases.case(&desk.caller).waiting_since(DAY).is_some(), "its caller waits");
    assert_eq!(desk.say(OSYKA, approved(&desk)), Outcome::Void(Refusal::Reader), "one's own");
    let other = AnswerApproved { caller: desk.caller, answer: ANSWER, digest: Bytes([0; 32]) };
    assert_eq!(desk.say(KALYNA, EventBody::AnswerApproved(other)), Outcome::Void(Refusal::TooLate));
    desk.counts(KALYNA, approved(&desk));
    assert!(leaves(&desk));
    assert_eq!(answer(&desk).reading().unwrap().by, desk.cases.person_of(&KALYNA).unwrap());
    assert_eq!(desk.say(YAVIR, refused(&desk, None)), Outcome::Void(Refusal::TooLate), "the first counts");
}

#[test]
fn what_was_refused_never_leaves_and_can_be_taken_back() {
    let mut desk = Desk::new();
    desk.claim(OSYKA);
    desk.counts(OSYKA, part(&desk, (1, 1), true));
    for wrong in ["", "two\nlines", &"x".repeat(READER_TEXT_MAX + 1)] {
        assert_eq!(
            desk.say(KALYNA, refused(&desk, Some(wrong))),
            Outcome::Void(Refusal::Numbers),
            "{wrong:?}"
        );
    }
    desk.counts(KALYNA, refused(&desk, Some("It promises too much.")));
    assert!(!leaves(&desk));
    assert_eq!(answer(&desk).reading().unwrap().text.as_deref(), Some("It promises too much."));
    assert_eq!(desk.say(YAVIR, approved(&desk)), Outcome::Void(Refusal::TooLate));
    let back = AnswerWithdrawn { caller: desk.caller, answer: ANSWER };
    desk.counts(OSYKA, EventBody::AnswerWithdrawn(back));
    assert_eq!(desk.say(YAVIR, approved(&desk)), Outcome::Void(Refusal::TooLate));
}

#[test]
fn an_answer_to_somebody_who_may_be_under_duress_always_has_a_second_reader() {
    let mut desk = Desk::new();
    desk.claim(OSYKA);
    let flagged = Flagged { caller: desk.caller, flag: Flag::Coerced, until: DAY.plus(3) };
    desk.counts(KALYNA, EventBody::Flagged(flagged));
    desk.counts(OSYKA, part(&desk, (1, 1), false));
    assert!(!leaves(&desk) && answer(&desk).waits_for_a_reader());
    desk.counts(YAVIR, approved(&desk));
    assert!(leaves(&desk));
}

#[test]
fn an_answer_that_is_held_too_leaves_when_it_was_read_and_let_go_in_either_order() {
    for reads_first in [true, false] {
        let mut desk = Desk::new();
        desk.claim(KALYNA);
        desk.counts(OSYKA, part(&desk, (1, 1), true));
        let released =
            EventBody::AnswerReleased(AnswerReleased { caller: desk.caller, answer: ANSWER, seen: None });
        let acts = [approved(&desk), released];
        let order = if reads_first { [0, 1] } else { [1, 0] };
        for at in order {
            assert!(!leaves(&desk), "{reads_first}");
            desk.counts(KALYNA, acts[at].clone());
        }
        assert!(leaves(&desk), "{reads_first}");
    }
}

fn may(desk: &mut Desk, n: u8, role: Role) {
    let person = Bytes([n; 16]);
    let was = desk.cases.person(&person).unwrap().set_by;
    desk.counts(KALYNA, EventBody::RoleSet(RoleSet { person, roles: [role].into(), was }));
}

fn urgent(desk: &Desk) -> EventBody {
    let was = desk.cases.case(&desk.caller).level_set_by();
    EventBody::UrgencySet(UrgencySet { caller: desk.caller, level: Level::ALL[0], was })
}

#[test]
fn a_trainee_works_in_a_case_that_a_colleague_has_and_nothing_of_theirs_leaves_unread() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    may(&mut desk, 1, Role::Trainee);
    let opened = EventBody::Opened(Opened { caller, messages: vec![] });
    for body in [urgent(&desk), opened] {
        assert_eq!(desk.say(OSYKA, body), Outcome::Void(Refusal::Mentor), "nobody has it");
    }
    let claimed = EventBody::Claimed(Claimed { caller, over: None, reason: None });
    assert_eq!(desk.say(OSYKA, claimed), Outcome::Void(Refusal::Role));
    desk.claim(YAVIR);
    desk.counts(OSYKA, urgent(&desk));
    desk.counts(OSYKA, part(&desk, (1, 1), false));
    assert!(!leaves(&desk) && answer(&desk).waits_for_a_reader());
    assert_eq!(answer(&desk).kept_back, Keeps::Nothing, "the mentor has the case");
    assert_eq!(desk.say(OSYKA, approved(&desk)), Outcome::Void(Refusal::Role), "one's own");
    desk.counts(YAVIR, approved(&desk));
    assert!(leaves(&desk));
    // What is theirs they take back, whoever has the case now.
    let claim = desk.cases.case(&caller).claim().unwrap().id;
    desk.counts(YAVIR, EventBody::ClaimReleased(ClaimReleased { caller, claim }));
    desk.counts(OSYKA, EventBody::AnswerWithdrawn(AnswerWithdrawn { caller, answer: ANSWER }));
}

#[test]
fn who_may_not_answer_is_nobodys_mentor() {
    let mut desk = Desk::new();
    may(&mut desk, 1, Role::Trainee);
    desk.claim(YAVIR);
    may(&mut desk, 2, Role::Trainee);
    assert_eq!(desk.say(OSYKA, urgent(&desk)), Outcome::Void(Refusal::Mentor));
    // Nor is a trainee their own, who had the case before they were one.
    assert_eq!(desk.say(YAVIR, urgent(&desk)), Outcome::Void(Refusal::Mentor));
}

/// Their colleague let the case go while the words were on their way: nothing is lost, and nothing leaves unread.
#[test]
fn what_a_trainee_wrote_counts_where_the_case_was_let_go_first() {
    let mut desk = Desk::new();
    may(&mut desk, 1, Role::Trainee);
    desk.claim(YAVIR);
    let (caller, claim) = (desk.caller, desk.cases.case(&desk.caller).claim().unwrap().id);
    desk.counts(YAVIR, EventBody::ClaimReleased(ClaimReleased { caller, claim }));
    desk.counts(OSYKA, part(&desk, (1, 1), false));
    let (note, text) = (Bytes([7; 16]), "what I have understood".to_owned());
    let note = NoteWritten { caller, note, part: 1, parts: 1, text, kind: NoteKind::Note };
    desk.counts(OSYKA, EventBody::NoteWritten(note));
    assert!(!leaves(&desk) && answer(&desk).waits_for_a_reader());
    let case = desk.cases.case(&caller);
    assert!(case.claim().is_none() && case.notes().len() == 1, "nobody has it by that");
    desk.counts(KALYNA, approved(&desk));
    assert!(leaves(&desk));
}

/// Section 9.1 names what a touch is: of answers the first part of one of whoever has the case. A trainee has none.
#[test]
fn a_trainees_answer_is_no_touch_of_their_mentors_case() {
    let mut desk = Desk::new();
    may(&mut desk, 1, Role::Trainee);
    desk.claim(YAVIR);
    let touch = desk.cases.case(&desk.caller).last_touch();
    desk.counts(OSYKA, part(&desk, (1, 1), false));
    assert_eq!(desk.cases.case(&desk.caller).last_touch(), touch);
}

/// Section 9.1, "An answer of theirs … waits for a second reader whatever its members say". The first part decides; they wrote it as an operator, and
/// the second one as a trainee.
#[test]
fn what_a_trainee_adds_to_an_answer_that_they_began_as_an_operator_does_not_leave_unread() {
    let mut desk = Desk::new();
    desk.counts(OSYKA, part(&desk, (1, 2), false));
    may(&mut desk, 1, Role::Trainee);
    desk.claim(YAVIR);
    desk.counts(OSYKA, part(&desk, (2, 2), false));
    assert!(!leaves(&desk) && answer(&desk).waits_for_a_reader());
    desk.counts(YAVIR, approved(&desk));
    assert!(leaves(&desk));
}
