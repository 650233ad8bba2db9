//! What a shift leaves, who takes it over, and what nobody may leave to nobody.

use callsign_protocol::encoding::Bytes;

use super::*;
use crate::cases::{
    CaseErased, EventBody, Outcome, TransferAsked, TransferOffered, TransferTo, UrgencySet,
    claims::{
        ABSENT_BEATS,
        tests::{Desk, KALYNA, OSYKA, YAVIR},
    },
};

fn ended(note: Option<&str>, left: &[CallerId]) -> EventBody {
    EventBody::ShiftEnded(ShiftEnded { note: note.map(str::to_owned), left: left.to_vec() })
}

fn taken(shift: EventId) -> EventBody {
    EventBody::HandoverTaken(HandoverTaken { shift })
}

#[test]
fn what_is_left_is_on_a_sheet_that_one_takes_over() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.claim(OSYKA);
    desk.counts(OSYKA, ended(Some("He writes after eight."), &[caller]));
    let sheet = desk.cases.sheets().next().unwrap().clone();
    assert_eq!((sheet.by, &sheet.left[..], sheet.taken_by), (Bytes([1; 16]), &[caller][..], None));
    assert_eq!(desk.cases.holder_of(&caller), None);
    assert_eq!(desk.say(OSYKA, taken(sheet.id)), Outcome::Void(Refusal::TooLate), "their own");
    assert_eq!(desk.say(KALYNA, taken(Bytes([9; 16]))), Outcome::Void(Refusal::TooLate));
    assert_eq!(desk.say(YAVIR, taken(sheet.id)), Outcome::Applied);
    assert_eq!(desk.say(KALYNA, taken(sheet.id)), Outcome::Void(Refusal::TooLate), "the first counts");
    assert_eq!(desk.cases.sheets().next().unwrap().taken_by, Some(Bytes([2; 16])));
    desk.counts(KALYNA, EventBody::CaseErased(CaseErased { caller }));
    assert!(desk.cases.sheets().next().unwrap().left.is_empty(), "what was erased is on no sheet");
}

#[test]
fn what_was_offered_and_asked_for_ends_with_the_shift() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.claim(OSYKA);
    let claim = desk.cases.case(&caller).claim().unwrap().id;
    let offered = TransferOffered { caller, claim, to: TransferTo::Anyone, text: None };
    desk.counts(OSYKA, EventBody::TransferOffered(offered));
    desk.counts(YAVIR, EventBody::TransferAsked(TransferAsked { caller, text: None }));
    desk.counts(OSYKA, ended(None, &[caller]));
    let case = desk.cases.case(&caller);
    assert_eq!((case.claim(), case.offer(), case.asked_for()), (None, None, &[][..]));
}

#[test]
fn a_call_of_level_one_is_left_to_somebody_who_is_there_or_a_word_says_what_becomes_of_it() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.counts(OSYKA, ended(None, &[]));
    desk.counts(KALYNA, EventBody::UrgencySet(UrgencySet { caller, level: Level::FIRST, was: None }));
    desk.counts(OSYKA, ended(None, &[]));
    // Nothing comes from anybody else.
    desk.beats(OSYKA, ABSENT_BEATS);
    assert_eq!(desk.say(OSYKA, ended(None, &[])), Outcome::Void(Refusal::Urgent));
    desk.counts(OSYKA, ended(Some("Kalyna is rung up."), &[]));
    // Kalyna is there again.
    desk.beats(KALYNA, 1);
    desk.counts(OSYKA, ended(None, &[]));
}

#[test]
fn what_no_program_writes_is_void() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    let many: Vec<_> = (0..=u8::try_from(LEFT_MAX).unwrap()).map(|n| Bytes([n; 16])).collect();
    let long = "x".repeat(HANDOVER_NOTE_MAX + 1);
    for wrong in [
        ended(Some(""), &[]),
        ended(Some(" \u{200b}"), &[]),
        ended(Some("two\nlines"), &[]),
        ended(Some(&long), &[]),
        ended(None, &[caller, caller]),
        ended(None, &many),
    ] {
        assert_eq!(desk.say(OSYKA, wrong), Outcome::Void(Refusal::Numbers));
    }
    // Of a case that is not there nothing is kept.
    desk.counts(OSYKA, ended(None, &[Bytes([77; 16])]));
    assert!(desk.cases.sheets().next().unwrap().left.is_empty());
}

#[test]
fn few_sheets_are_kept_and_none_for_long() {
    let mut desk = Desk::new();
    for n in 0..12 {
        desk.counts(OSYKA, ended(Some(&format!("shift {n}")), &[]));
    }
    let notes: Vec<_> = desk.cases.sheets().filter_map(|sheet| sheet.note.clone()).collect();
    assert_eq!((notes.len(), notes.first().map(String::as_str)), (SHEETS_MAX, Some("shift 4")));
    // Whoever ends many shifts pushes out none of another's.
    desk.counts(KALYNA, ended(Some("another"), &[]));
    for _ in 0..12 {
        desk.counts(OSYKA, ended(None, &[]));
    }
    assert!(desk.cases.sheets().any(|sheet| sheet.note.as_deref() == Some("another")));
    desk.at = desk.at.plus(86_400 * u64::from(SHEET_DAYS + 1));
    desk.beats(OSYKA, 1);
    assert_eq!(desk.cases.sheets().count(), 0);
}
