//! Two who tick at once, versions that are never mixed, bounds, and what an erasure leaves.

use super::*;
use crate::cases::{
    CaseErased, EventBody, Outcome,
    claims::tests::{Desk, KALYNA, OSYKA, YAVIR},
};

fn step(desk: &Desk, revision: u8, step: u8, done: bool) -> EventBody {
    let (caller, list) = (desk.caller, "surrender".to_owned());
    EventBody::StepDone(StepDone { caller, list, revision: Bytes([revision; 16]), step, done })
}

fn done(desk: &Desk, revision: u8) -> Vec<(u8, PersonId)> {
    let case = desk.cases.case(&desk.caller);
    let done = case.steps_done("surrender", &Bytes([revision; 16]));
    done.map_or_else(Vec::new, |of| of.steps.iter().map(|(step, by)| (*step, by.by)).collect())
}

#[test]
fn of_two_who_tick_one_step_the_later_counts_and_other_steps_stand() {
    let (osyka, yavir) = (Bytes([1; 16]), Bytes([2; 16]));
    for (first, second, left) in
        [(true, false, vec![(2, yavir)]), (false, true, vec![(1, osyka), (2, yavir)])]
    {
        let mut desk = Desk::new();
        let body = step(&desk, 7, 2, true);
        desk.counts(YAVIR, body);
        let body = step(&desk, 7, 1, first);
        desk.counts(YAVIR, body);
        let body = step(&desk, 7, 1, second);
        desk.counts(OSYKA, body);
        assert_eq!(done(&desk, 7), left, "{first} {second}");
    }
    // Both have done it: whoever said so last.
    let mut desk = Desk::new();
    for device in [OSYKA, YAVIR] {
        let body = step(&desk, 7, 1, true);
        desk.counts(device, body);
    }
    assert_eq!(done(&desk, 7), [(1, yavir)]);
}

#[test]
fn two_versions_of_a_list_are_two_lists() {
    let mut desk = Desk::new();
    for (device, revision) in [(OSYKA, 7), (YAVIR, 8)] {
        let body = step(&desk, revision, 1, true);
        desk.counts(device, body);
    }
    let body = step(&desk, 8, 1, false);
    desk.counts(OSYKA, body);
    assert_eq!((done(&desk, 7).len(), done(&desk, 8).len()), (1, 0));
    assert_eq!(desk.cases.case(&desk.caller).lists_done().len(), 1, "of what nobody ticks nothing is kept");
}

#[test]
fn what_no_program_writes_is_void_and_a_case_has_so_many_versions_at_most() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    let long = "x".repeat(LIST_KEYWORD_MAX + 1);
    for list in ["", " ", "two\nlines", "a\u{202e}b", &long] {
        let (list, revision) = (list.to_owned(), Bytes([7; 16]));
        let body = EventBody::StepDone(StepDone { caller, list, revision, step: 1, done: true });
        assert_eq!(desk.say(OSYKA, body), Outcome::Void(Refusal::Numbers));
    }
    for wrong in [0, STEPS_MAX + 1] {
        let body = step(&desk, 7, wrong, true);
        assert_eq!(desk.say(OSYKA, body), Outcome::Void(Refusal::Numbers));
    }
    let many = u8::try_from(REVISIONS_MAX).unwrap();
    for revision in 0..many {
        let body = step(&desk, revision, STEPS_MAX, true);
        desk.counts(OSYKA, body);
    }
    let body = step(&desk, many, 1, true);
    assert_eq!(desk.say(OSYKA, body), Outcome::Void(Refusal::TooLate));
    for (revision, done) in [(0, true), (many, false), (0, false)] {
        let body = step(&desk, revision, STEPS_MAX, done);
        desk.counts(OSYKA, body);
    }
    let body = step(&desk, many, 1, true);
    desk.counts(OSYKA, body);
    // It goes with its case.
    desk.counts(KALYNA, EventBody::CaseErased(CaseErased { caller }));
    let body = step(&desk, 1, 1, true);
    assert_eq!(desk.say(OSYKA, body), Outcome::Void(Refusal::Case));
}
