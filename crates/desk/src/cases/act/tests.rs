//! Who may say what, when: an act that breaks its rule is void on every device, and is kept with its reason.

use callsign_protocol::{call::CallPart, digest::DropHash, drop::Place, encoding::Secret};
use serde_json::{Value, json};

use super::*;
use crate::cases::{
    AnswerQueued, DaysSigned, DropPosted, Listed, NoticePublished, Ticked, generations::GenerationBegun,
};

const TODAY: Day = Day(20_000);
const AUTHOR: DeviceId = Bytes([1; 16]);
const OTHER: DeviceId = Bytes([2; 16]);

fn origin(sequence: u64, day: Day, at: UnixSeconds) -> Origin {
    let (generation, fold, program) = (1, FOLD_VERSION, FOLD_VERSION);
    Origin {
        author: AUTHOR,
        at,
        day,
        sequence: Some(sequence),
        generation,
        fold,
        program,
        has_identity: false,
    }
}

fn entry(origin: Origin, events: Vec<Event>) -> EntryRead {
    EntryRead { origin, events, unreadable: 0 }
}

/// A desk at noon of today that has one caller's call.
fn desk() -> (Cases, CallerId) {
    let call = CallPart {
        caller: Bytes([1; 32]),
        shard_bits: 7,
        drop_secrets: vec![(TODAY.week(), Secret([1; 32]))],
        id: Bytes([1; 16]),
        part: 1,
        parts: 1,
        track: String::new(),
        language: "en".to_owned(),
        text: "text".to_owned(),
        safe_times: None,
    };
    let (caller, mut cases) = (call.caller_id(), Cases::staffed());
    let call = Event::message_received(Box::new(call), noon());
    cases.take(&entry(origin(1, TODAY, noon()), vec![call])).unwrap();
    assert!(cases.has(&caller) && cases.void().next().is_none());
    (cases, caller)
}

fn noon() -> UnixSeconds {
    TODAY.start().plus(43_200)
}

fn event(body: EventBody) -> Event {
    Event { id: Bytes([9; 16]), body }
}

/// What comes of an event at noon of today; one that is void has changed nothing but the list of what is void, and the audit.
fn outcome(body: EventBody) -> Outcome {
    let (mut cases, _) = desk();
    let (mut expected, origin, event) = (cases.clone(), origin(2, TODAY, noon()), event(body));
    cases.enter(&origin);
    expected.enter(&origin);
    let outcome = cases.apply(&Act { origin: &origin, event: &event }).unwrap();
    let void: Vec<_> = cases.void.drain(..).collect();
    cases.audit = super::super::Audit::default();
    match outcome {
        Outcome::Void(refusal) => {
            assert_eq!(
                (void.len(), void[0].refusal, void[0].author, void[0].sequence),
                (1, refusal, AUTHOR, 2)
            );
            assert_eq!(format!("{cases:?}"), format!("{expected:?}"));
        }
        _ => assert!(void.is_empty() && cases.has_applied(&event.id)),
    }
    outcome
}

fn answer(caller: CallerId, part: u8, parts: u8, text: &str) -> EventBody {
    let (answer, text, queued) = (Bytes([5; 16]), text.to_owned(), noon());
    EventBody::AnswerQueued(AnswerQueued {
        caller,
        answer,
        part,
        parts,
        text,
        queued,
        second_reader: false,
        seen: None,
    })
}

fn drop_at(caller: CallerId, day: Day, index: u8, number: u32) -> EventBody {
    let place = Place { day, slot: 0, index };
    EventBody::DropPosted(DropPosted { caller, place, number, answer: None, opened: vec![] })
}

#[test]
fn a_day_or_tick_to_come_is_void_and_earlier_ones_are_not() {
    let (_, caller) = desk();
    let far = Day(u32::MAX);
    let listed = |day| EventBody::Listed(Listed { day, posted: vec![(0, DropHash::from(Bytes([1; 32])))] });
    let signed = |day| EventBody::DaysSigned(DaysSigned { duty_key: Bytes([1; 32]), lists: vec![(day, 0)] });
    let notice = |epoch| {
        let (hash, epochs) = (Bytes([1; 32]), vec![epoch]);
        EventBody::NoticePublished(NoticePublished { hash, serial: 1, epochs })
    };
    let ticked = |time: UnixSeconds| EventBody::Ticked(Ticked { tick: time.0 });
    let begun = |day| EventBody::GenerationBegun(GenerationBegun { generation: 1, day });
    for body in [
        listed(far),
        listed(TODAY.plus(1)),
        listed(TODAY.minus(1)),
        signed(far),
        signed(TODAY),
        notice(far),
        notice(TODAY.plus(5)),
        ticked(noon().plus(2 * 86_400)),
        ticked(UnixSeconds(u64::MAX)),
        drop_at(caller, TODAY.plus(2), 0, 1),
        begun(far),
    ] {
        assert_eq!(outcome(body.clone()), Outcome::Void(Refusal::Date), "{body:?}");
    }
    for body in [
        listed(TODAY),
        signed(TODAY.minus(1)),
        notice(TODAY.plus(2)),
        ticked(noon()),
        ticked(UnixSeconds(0)),
        drop_at(caller, TODAY, 0, 1),
        drop_at(caller, TODAY.minus(9), 0, 1),
    ] {
        assert_eq!(outcome(body.clone()), Outcome::Applied, "{body:?}");
    }
}

#[test]
fn an_entry_that_an_insider_dates_in_2100_moves_the_time_of_the_log_by_no_more_than_its_day_allows() {
    let (mut cases, _) = desk();
    let in_2100 = Day(47_482);
    cases.take(&entry(origin(2, TODAY, in_2100.start()), vec![])).unwrap();
    assert_eq!(cases.time(), noon());
    cases.take(&entry(origin(3, TODAY, TODAY.plus(1).start().plus(7)), vec![])).unwrap();
    assert_eq!(cases.time(), TODAY.plus(1).start().plus(7), "within a day of what the hub bounds");
    cases.take(&entry(origin(4, TODAY.minus(30), noon()), vec![])).unwrap();
    assert_eq!(cases.time(), TODAY.plus(1).start().plus(7), "it never goes back");
}

#[test]
fn nobody_speaks_in_the_name_of_another_device() {
    let (mut cases, _) = desk();
    let others = Event::wrapping_key(OTHER, 2, Bytes([1; 1_216]));
    let own = Event::wrapping_key(AUTHOR, 2, Bytes([1; 1_216]));
    let later = Event::wrapping_key(AUTHOR, 3, Bytes([1; 1_216]));
    cases.take(&entry(origin(2, TODAY, noon()), vec![others, own, later])).unwrap();
    assert!(cases.wrapping_key(&OTHER, 2).is_none() && cases.wrapping_key(&AUTHOR, 2).is_some());
    let refusals: Vec<_> = cases.void().map(|void| void.refusal).collect();
    assert_eq!(refusals, [Refusal::Author, Refusal::Generation]);
}

#[test]
fn numbers_that_would_stop_the_cadence_or_a_caller_for_good_are_void() {
    let (_, caller) = desk();
    let long = "x".repeat(callsign_protocol::drop::ANSWER_TEXT_MAX + 1);
    for body in [
        answer(caller, 1, 1, &long),
        answer(caller, 0, 1, "text"),
        answer(caller, 2, 1, "text"),
        answer(caller, 1, 17, "text"),
        drop_at(caller, TODAY, 32, 1),
        drop_at(caller, TODAY, 0, u32::MAX),
    ] {
        assert_eq!(outcome(body.clone()), Outcome::Void(Refusal::Numbers), "{body:?}");
    }
    assert_eq!(outcome(answer(caller, 16, 16, &long[1..])), Outcome::Applied);
    assert_eq!(outcome(drop_at(caller, TODAY, 31, 4_096)), Outcome::Applied);
}

#[test]
fn a_type_above_the_version_in_force_is_void_whatever_the_program_knows() {
    let (mut cases, caller) = desk();
    let before = Origin { fold: 0, ..origin(2, TODAY, noon()) };
    let event = event(answer(caller, 1, 1, "text"));
    cases.take(&entry(before, vec![event.clone()])).unwrap();
    assert_eq!(cases.void().map(|void| void.refusal).collect::<Vec<_>>(), [Refusal::Type]);
    cases.take(&entry(origin(3, TODAY, noon()), vec![])).unwrap();
    assert!(!cases.has_applied(&event.id), "nobody plants acts for the version to come");
    assert_eq!(outcome(EventBody::Unknown), Outcome::Void(Refusal::Type));
}

#[test]
fn what_comes_before_its_case_is_void_until_it_comes_behind_it() {
    let ((mut cases, caller), stranger) = (desk(), Bytes([7; 16]));
    let (early, kept) = (event(answer(stranger, 1, 1, "text")), event(answer(caller, 1, 1, "text")));
    let kept = Event { id: Bytes([8; 16]), ..kept };
    cases.take(&entry(origin(2, TODAY, noon()), vec![early, kept.clone()])).unwrap();
    assert_eq!(
        cases.void().map(|void| (void.refusal, void.noun.as_str())).collect::<Vec<_>>(),
        [(Refusal::Case, "an answer")]
    );
    let erased = |id: u8| Event {
        id: Bytes([id; 16]),
        body: EventBody::CaseErased(crate::cases::CaseErased { caller }),
    };
    let late = Event { id: Bytes([10; 16]), body: answer(caller, 1, 1, "late") };
    cases.take(&entry(origin(3, TODAY, noon()), vec![erased(11), late.clone(), erased(12)])).unwrap();
    assert_eq!(cases.void().count(), 3, "an answer to a case that was erased, and its second erasure");
    cases.by_caller.insert(caller, desk().0.by_caller[&caller].clone());
    cases.take(&entry(origin(4, TODAY, noon()), vec![late])).unwrap();
    assert_eq!(cases.void().count(), 2, "what counts now is void no more");
}

#[test]
fn what_is_void_names_its_case_until_that_is_erased() {
    let (mut cases, caller) = desk();
    let done = EventBody::FollowUpDone(crate::cases::FollowUpDone { caller, follow_up: Bytes([7; 16]) });
    cases.take(&entry(origin(2, TODAY, noon()), vec![event(done)])).unwrap();
    let of =
        |cases: &Cases| cases.void().map(|void| (void.refusal, void.caller, void.erased)).collect::<Vec<_>>();
    assert_eq!(of(&cases), [(Refusal::TooLate, Some(caller), false)]);
    let erased = EventBody::CaseErased(crate::cases::CaseErased { caller });
    let erased = Event { id: Bytes([20; 16]), body: erased };
    cases.take(&entry(origin(3, TODAY, noon()), vec![erased])).unwrap();
    assert_eq!(of(&cases), [(Refusal::TooLate, None, true)]);
}

#[test]
fn a_time_that_is_to_come_is_cut_and_what_people_wrote_is_kept() {
    let (mut cases, caller) = desk();
    let body = EventBody::AnswerQueued(AnswerQueued {
        caller,
        answer: Bytes([5; 16]),
        part: 1,
        parts: 1,
        text: "text".to_owned(),
        queued: UnixSeconds(u64::MAX),
        second_reader: false,
        seen: None,
    });
    cases.take(&entry(origin(2, TODAY, noon()), vec![event(body)])).unwrap();
    let case = cases.case(&caller);
    let Some(crate::cases::Item::Answer(answer)) = case.items.last() else { panic!("{:?}", case.items) };
    assert_eq!(answer.queued, noon().plus(86_400));
}

#[test]
fn one_event_that_cannot_be_read_takes_no_other_with_it() {
    let (mut cases, caller) = desk();
    let event = event(answer(caller, 1, 1, "text"));
    let events: Vec<Value> = vec![
        json!({ "id": Bytes([3; 16]), "type": "ticked", "tick": "1" }),
        json!(7),
        serde_json::to_value(&event).unwrap(),
        json!({ "type": "flushed" }),
    ];
    let bundle = Bundle::of(noon(), 4, &events).unwrap();
    let header = EntryHeader { generation: 1, device: AUTHOR, prev: Bytes([0; 32]), day: TODAY };
    cases.take(&EntryRead::new(2, &header, FOLD_VERSION, Some(&bundle))).unwrap();
    assert!(cases.has_applied(&event.id));
    assert_eq!(cases.void().map(|void| void.refusal).collect::<Vec<_>>(), [Refusal::Unreadable; 3]);
    assert_eq!(cases.program(&AUTHOR), Some(4));
    cases.take(&EntryRead::new(3, &header, FOLD_VERSION, None)).unwrap();
    assert_eq!((cases.void().count(), cases.program(&AUTHOR)), (4, Some(0)));
}

#[test]
fn no_more_void_acts_are_kept_than_people_look_at() {
    let (mut cases, _) = desk();
    for sequence in 2..1_000 {
        let unknown = Event { id: Bytes([9; 16]), body: EventBody::Unknown };
        cases.take(&entry(origin(sequence, TODAY, noon()), vec![unknown])).unwrap();
    }
    assert_eq!((cases.void().count(), cases.void().next_back().unwrap().sequence), (VOID_MAX, 999));
    let later = Origin { generation: 2, ..origin(1_000, TODAY.plus(91), TODAY.plus(91).start()) };
    cases.take(&entry(later, vec![Event::generation_begun(2, TODAY.plus(91))])).unwrap();
    assert_eq!(cases.void().count(), 0, "and none for longer than a quarter of a year");
}

#[test]
fn who_writes_many_void_acts_pushes_out_none_of_another_device() {
    let (mut cases, _) = desk();
    let unknown = || Event { id: Bytes([9; 16]), body: EventBody::Unknown };
    let of_other = Origin { author: OTHER, ..origin(2, TODAY, noon()) };
    cases.take(&entry(of_other, vec![unknown(), unknown()])).unwrap();
    let many = EntryRead { unreadable: 4_000, ..entry(origin(3, TODAY, noon()), vec![unknown()]) };
    cases.take(&many).unwrap();
    let of = |author| cases.void().filter(|void| void.author == author).count();
    assert_eq!((of(OTHER), of(AUTHOR)), (2, VOID_MAX - 2));
}

/// docs/desk.md names the reasons of `void` for programs, of which "what follows stays as it is".
#[test]
fn each_reason_of_void_is_named_for_programs() {
    let desk = include_str!("../../../../../docs/desk.md");
    let reasons = desk.lines().find(|line| line.starts_with("Reasons of `void`")).unwrap();
    for refusal in [
        Refusal::Author,
        Refusal::Case,
        Refusal::Claimed,
        Refusal::Custodian,
        Refusal::Date,
        Refusal::Generation,
        Refusal::Mentor,
        Refusal::Numbers,
        Refusal::Plan,
        Refusal::Reader,
        Refusal::Role,
        Refusal::TooLate,
        Refusal::Type,
        Refusal::Unreadable,
        Refusal::Urgent,
    ] {
        assert!(reasons.contains(&format!("`{}`", refusal.code())), "{}", refusal.code());
    }
}

/// Section 9.1: "where two people merely acted at once it tells the slower one alone". Two set the last follow-up, keep the last note, or tick
/// the last list that a case has room for; the slower one alone hears of it, and nobody that a device is to be removed.
#[test]
fn two_who_fill_a_case_at_once_are_no_fault_of_their_devices() {
    use crate::cases::{FOLLOW_UPS_MAX, FollowUpSet, NOTES_MAX, NoteKind, NoteWritten, StepDone};
    let blamed = |kind: &str, max: usize, body: &dyn Fn(CallerId, u8) -> Event| {
        let (mut cases, caller) = crate::cases::support::a_case();
        for n in 0..max {
            assert_eq!(cases.see(&body(caller, u8::try_from(n).unwrap())), Outcome::Applied, "{kind}");
        }
        match cases.see(&body(caller, 250)) {
            Outcome::Void(refusal) if refusal.is_collision() => None,
            other => Some(format!("{kind}: {other:?}")),
        }
    };
    let found: Vec<_> = [
        blamed("follow-up", FOLLOW_UPS_MAX, &|caller, n| {
            let (due, text) = (TODAY, "do".to_owned());
            let set = FollowUpSet { caller, due, hour: None, text, why: None, was: None };
            Event { id: Bytes([n + 1; 16]), body: EventBody::FollowUpSet(set) }
        }),
        blamed("note", NOTES_MAX, &|caller, n| {
            let (note, text) = (Bytes([n; 16]), "a note".to_owned());
            Event::note_written(NoteWritten { caller, note, part: 1, parts: 1, text, kind: NoteKind::Note })
        }),
        blamed("step", 16, &|caller, n| {
            let (list, revision) = (format!("list {n}"), Bytes([n; 16]));
            let done = StepDone { caller, list, revision, step: 1, done: true };
            Event { id: Bytes([n + 1; 16]), body: EventBody::StepDone(done) }
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(found.is_empty(), "{found:#?}");
}
