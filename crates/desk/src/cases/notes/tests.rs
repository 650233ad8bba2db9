use std::collections::BTreeSet;

use super::*;
use crate::cases::{
    CaseErased, DeviceId, Origin, Outcome, PersonAdded,
    claims::tests as team,
    support::{DAY, a_case},
};

const OSYKA: DeviceId = Bytes([0xb; 16]);
const PERSON: PersonId = Bytes([0xb0; 16]);

/// A desk with one case, at which Osyka is an operator and Kalyna has every role.
fn two_people() -> (Cases, CallerId) {
    let (mut cases, caller) = a_case();
    let (name, roles) = ("Osyka".to_owned(), BTreeSet::from([Role::Operator]));
    let added = PersonAdded { person: PERSON, name, roles, device: None };
    cases.see(&Event { id: PERSON, body: EventBody::PersonAdded(added) });
    cases.give_device(OSYKA, PERSON, cases.generation());
    (cases, caller)
}

fn by(cases: &mut Cases, author: DeviceId, event: &Event) -> Outcome {
    let generation = cases.generation();
    let origin = Origin { author, generation, sequence: Some(7), ..Origin::of_test() };
    cases.apply(&Act { origin: &origin, event }).unwrap()
}

fn written(caller: CallerId, note: u8, (part, parts): (u8, u8), text: &str) -> Event {
    let (note, text) = (Bytes([note; 16]), text.to_owned());
    Event::note_written(NoteWritten { caller, note, part, parts, text, kind: NoteKind::Note })
}

fn struck(caller: CallerId, id: u8, note: u8) -> Event {
    let body = EventBody::NoteStruck(NoteStruck { caller, note: Bytes([note; 16]) });
    Event { id: Bytes([id; 16]), body }
}

fn kalyna() -> DeviceId {
    Origin::of_test().author
}

#[test]
fn notes_stand_in_the_order_of_the_log_with_who_wrote_them() {
    for swapped in [false, true] {
        let (mut cases, caller) = two_people();
        let mut two =
            [(kalyna(), written(caller, 1, (1, 1), "one")), (OSYKA, written(caller, 2, (1, 1), "two"))];
        if swapped {
            two.reverse();
        }
        for (author, event) in &two {
            assert_eq!(by(&mut cases, *author, event), Outcome::Applied);
            assert_eq!(by(&mut cases, *author, event), Outcome::Repeated);
        }
        let case = cases.case(&caller);
        let mut expected = [("one".to_owned(), Bytes([0xfe; 16])), ("two".to_owned(), PERSON)];
        if swapped {
            expected.reverse();
        }
        assert!(case.notes().iter().map(|note| (note.text(), note.by)).eq(expected));
        assert_eq!(case.items.len(), 1, "a note is none of what callers and desk say to each other");
        assert!(case.waiting_since(DAY).is_some() && cases.next_drop(DAY, 0, |_, _| true).unwrap().is_none());
    }
}

#[test]
fn parts_come_in_any_order_and_of_one_hand() {
    let (mut cases, caller) = two_people();
    assert_eq!(by(&mut cases, OSYKA, &written(caller, 1, (2, 2), "two")), Outcome::Applied);
    assert!(!cases.case(&caller).notes()[0].is_complete());
    let first = written(caller, 1, (1, 2), "one ");
    assert_eq!(by(&mut cases, kalyna(), &first), Outcome::Void(Refusal::Author));
    let other = Event { id: Bytes([50; 16]), ..written(caller, 1, (1, 3), "other") };
    assert_eq!(by(&mut cases, OSYKA, &other), Outcome::Void(Refusal::Numbers));
    assert_eq!(by(&mut cases, OSYKA, &first), Outcome::Applied);
    let case = cases.case(&caller);
    assert_eq!((case.notes()[0].text(), case.notes()[0].is_complete()), ("one two".to_owned(), true));
}

#[test]
fn its_author_or_a_leader_strikes_a_note_and_the_first_counts() {
    for first in [OSYKA, kalyna()] {
        let (mut cases, caller) = two_people();
        by(&mut cases, OSYKA, &written(caller, 1, (1, 2), "a name"));
        by(&mut cases, kalyna(), &written(caller, 2, (1, 1), "Kalyna's"));
        assert_eq!(by(&mut cases, OSYKA, &struck(caller, 40, 2)), Outcome::Void(Refusal::Role));
        let second = if first == OSYKA { kalyna() } else { OSYKA };
        assert_eq!(by(&mut cases, first, &struck(caller, 41, 1)), Outcome::Applied);
        assert_eq!(by(&mut cases, second, &struck(caller, 42, 1)), Outcome::Void(Refusal::TooLate));
        let late = written(caller, 1, (2, 2), ", and the rest");
        assert_eq!(by(&mut cases, OSYKA, &late), Outcome::Void(Refusal::TooLate));
        let case = cases.case(&caller);
        let note = case.note(&Bytes([1; 16])).unwrap();
        assert_eq!((note.text().as_str(), note.struck_by), ("", cases.person_of(&first)));
        assert!(!serde_json::to_string(&*case).unwrap().contains("a name"));
        assert_eq!(case.notes().len(), 2, "it keeps its place");
    }
}

#[test]
fn a_note_and_its_striking_know_bounds() {
    let (mut cases, caller) = two_people();
    for (part, parts, text) in
        [(0, 1, "x"), (2, 1, "x"), (1, 5, "x"), (1, 1, ""), (1, 1, &*"ї".repeat(NOTE_PART_MAX / 2 + 1))]
    {
        let event = written(caller, 1, (part, parts), text);
        assert_eq!(cases.see(&event), Outcome::Void(Refusal::Numbers), "{part} of {parts}");
    }
    assert_eq!(cases.see(&struck(caller, 40, 1)), Outcome::Void(Refusal::TooLate), "there is none");
    for note in 0..NOTES_MAX {
        let event = written(caller, u8::try_from(note).unwrap(), (1, 1), &"ї".repeat(NOTE_PART_MAX / 2));
        assert_eq!(cases.see(&event), Outcome::Applied);
    }
    let more = written(caller, 200, (1, 1), "x");
    assert_eq!(cases.see(&more), Outcome::Void(Refusal::TooLate));
    cases.see(&struck(caller, 40, 1));
    assert_eq!(cases.see(&more), Outcome::Void(Refusal::TooLate), "striking makes no room");
}

#[test]
fn notes_go_with_their_case() {
    let (mut cases, caller) = two_people();
    cases.see(&written(caller, 1, (1, 1), "a note"));
    cases.see(&Event { id: Bytes([30; 16]), body: EventBody::CaseErased(CaseErased { caller }) });
    assert_eq!(cases.see(&written(caller, 2, (1, 1), "late")), Outcome::Void(Refusal::Case));
    let again = cases.and_a_case(1);
    assert!(again == caller && !cases.has(&caller) || cases.case(&caller).notes().is_empty());
}

#[test]
fn a_note_that_waits_has_no_time_and_one_in_the_log_has_one() {
    let (mut cases, caller) = two_people();
    cases.see(&written(caller, 1, (1, 1), "waits"));
    by(&mut cases, OSYKA, &written(caller, 2, (1, 1), "in the log"));
    let times: Vec<bool> = cases.case(&caller).notes().iter().map(|note| note.at.is_some()).collect();
    assert_eq!(times, [false, true]);
}

#[test]
fn all_parts_of_a_note_are_of_one_kind_and_what_is_next_is_what_was_said_last() {
    let mut desk = team::Desk::new();
    let caller = desk.caller;
    let part = |note: u8, part: u8, kind: NoteKind, text: &str| {
        let (note, text) = (Bytes([note; 16]), text.to_owned());
        EventBody::NoteWritten(NoteWritten { caller, note, part, parts: 2, text, kind })
    };
    desk.counts(team::OSYKA, part(1, 1, NoteKind::Draft, "Come "));
    assert_eq!(
        desk.say(team::OSYKA, part(1, 2, NoteKind::Note, "at once.")),
        Outcome::Void(Refusal::Numbers)
    );
    desk.counts(team::OSYKA, part(1, 2, NoteKind::Draft, "at once."));
    let case = desk.cases.case(&caller);
    assert_eq!((case.notes()[0].kind, case.notes()[0].text()), (NoteKind::Draft, "Come at once.".to_owned()));
    // Two who say at once what is next: each what they said last themselves.
    let (osyka, yavir) = (Bytes([1; 16]), Bytes([2; 16]));
    assert_eq!(case.next_by(&osyka), None);
    for (device, note, text) in
        [(team::OSYKA, 2, "ring"), (team::YAVIR, 3, "wait"), (team::OSYKA, 4, "write")]
    {
        let (note, text) = (Bytes([note; 16]), text.to_owned());
        let kind = NoteKind::Next;
        desk.counts(
            device,
            EventBody::NoteWritten(NoteWritten { caller, note, part: 1, parts: 1, text, kind }),
        );
    }
    let next = |desk: &team::Desk, by| desk.cases.case(&caller).next_by(&by).map(Note::text);
    assert_eq!(
        (next(&desk, osyka).unwrap(), next(&desk, yavir).unwrap()),
        ("write".to_owned(), "wait".to_owned())
    );
    desk.counts(team::OSYKA, EventBody::NoteStruck(NoteStruck { caller, note: Bytes([4; 16]) }));
    assert_eq!(next(&desk, osyka).unwrap(), "ring");
}
