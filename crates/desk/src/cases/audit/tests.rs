//! Whose act it was, in which hour, in which case and whether it counted; and for how long that is known.

use std::io::Write as _;

use callsign_protocol::{encoding::Secret, keyring::DeviceId, time::UnixSeconds};
use flate2::{Compression, write::DeflateEncoder};

use super::*;
use crate::{
    DeskError,
    cases::{
        support::{DAY, KINDS, any_event, whole_answer},
        *,
    },
};

const KALYNA: DeviceId = Bytes([1; 16]);
const OSYKA: DeviceId = Bytes([2; 16]);
const STRANGER: DeviceId = Bytes([0x77; 16]);

/// A desk whose log goes on, entry by entry, at times that the test says.
struct Log {
    cases: Cases,
    sequence: u64,
}

impl Log {
    fn new() -> Self {
        let mut log = Self { cases: Cases::staffed(), sequence: 0 };
        let (osyka, name) = (Bytes([0xfd; 16]), "Osyka".to_owned());
        let added = PersonAdded { person: osyka, name, roles: [Role::Operator].into(), device: None };
        log.cases.see(&Event { id: osyka, body: EventBody::PersonAdded(added) });
        log.cases.give_device(OSYKA, osyka, 1);
        log
    }

    fn write(&mut self, author: DeviceId, at: UnixSeconds, day: Day, event: Event) {
        self.sequence += 1;
        let (sequence, generation) = (Some(self.sequence), self.cases.generation());
        let origin = Origin { author, at, day, sequence, generation, ..Origin::of_test() };
        self.cases.take(&EntryRead { origin, events: vec![event], unreadable: 0 }).unwrap();
    }

    /// An act at this hour of a day.
    fn act(&mut self, author: DeviceId, (day, hour): (Day, u64), body: EventBody) {
        let id = Bytes([u8::try_from(self.sequence % 200).unwrap() + 40; 16]);
        self.write(author, day.start().plus(hour * 3_600 + 1_234), day, Event { id, body });
    }

    fn call(&mut self, n: u8, tag: Tag) -> CallerId {
        let call = callsign_protocol::call::CallPart {
            caller: Bytes([n; 32]),
            shard_bits: 7,
            drop_secrets: vec![(DAY.week(), Secret([n; 32]))],
            id: Bytes([n; 16]),
            part: 1,
            parts: 1,
            track: String::new(),
            language: "en".to_owned(),
            text: "text".to_owned(),
            safe_times: None,
        };
        let caller = call.caller_id();
        let event = Event::message_received(Box::new(call), DAY.start()).tagged(tag);
        self.write(KALYNA, DAY.start(), DAY, event);
        caller
    }

    fn lines(&self) -> Vec<(Day, AuditLine)> {
        self.cases.audit(Day(0)..=Day(u32::MAX)).map(|(day, line)| (day, *line)).collect()
    }
}

fn claimed(caller: CallerId) -> EventBody {
    EventBody::Claimed(Claimed { caller, over: None, reason: None })
}

const TAG: Tag = Bytes([0x1a; 6]);

#[test]
fn a_line_says_who_did_what_in_which_hour_and_whether_it_counted() {
    let mut log = Log::new();
    let caller = log.call(1, TAG);
    log.act(KALYNA, (DAY, 14), claimed(caller));
    log.act(OSYKA, (DAY, 15), claimed(caller));
    log.act(OSYKA, (DAY, 15), EventBody::NotReady(NotReady {}));
    log.act(STRANGER, (DAY, 16), EventBody::CaseErased(CaseErased { caller }));
    let kalyna = log.cases.person_of(&KALYNA);
    let osyka = log.cases.person_of(&OSYKA);
    let line =
        |hour, person, kind, tag, refusal| (DAY, AuditLine { hour: Some(hour), person, kind, tag, refusal });
    let expected = vec![
        line(14, kalyna, ActKind::Claimed, Some(TAG), None),
        line(15, osyka, ActKind::Claimed, Some(TAG), Some(Refusal::TooLate)),
        line(15, osyka, ActKind::NotReady, None, None),
        line(16, None, ActKind::CaseErased, Some(TAG), Some(Refusal::Role)),
    ];
    assert_eq!(log.lines(), expected);
}

#[test]
fn what_a_device_writes_by_itself_and_who_is_there_has_no_line() {
    let mut log = Log::new();
    log.call(1, TAG);
    let here = EventBody::Presence(PresenceSaid { caller: None, doing: Doing::Here });
    for body in
        [EventBody::Ticked(Ticked { tick: 1 }), EventBody::Flushed(Flushed {}), here, EventBody::Unknown]
    {
        log.act(KALYNA, (DAY, 14), body);
    }
    assert_eq!(log.lines(), []);
}

#[test]
fn a_clock_that_is_days_off_names_no_hour_and_the_day_is_that_of_the_commit() {
    for (at, expected) in [
        (DAY.minus(1).start().plus(23 * 3_600), (DAY.minus(1), Some(23))),
        (DAY.plus(1).start(), (DAY.plus(1), Some(0))),
        (DAY.minus(2).start().plus(86_399), (DAY, None)),
        (DAY.plus(2).start(), (DAY, None)),
        (UnixSeconds(0), (DAY, None)),
    ] {
        let mut log = Log::new();
        let caller = log.call(1, TAG);
        let body = EventBody::CaseReopened(CaseReopened { caller });
        log.write(KALYNA, at, DAY, Event { id: Bytes([90; 16]), body });
        let lines: Vec<_> = log.lines().into_iter().map(|(day, line)| (day, line.hour)).collect();
        assert_eq!(lines, [expected], "{at:?}");
    }
}

#[test]
fn an_erasure_leaves_the_tag_and_a_new_case_of_the_same_caller_has_another() {
    let mut log = Log::new();
    let caller = log.call(1, TAG);
    log.act(KALYNA, (DAY, 9), claimed(caller));
    log.act(KALYNA, (DAY, 10), EventBody::CaseErased(CaseErased { caller }));
    assert_eq!(log.lines().iter().map(|(_, line)| line.tag).collect::<Vec<_>>(), [Some(TAG); 2]);
    // A message that somebody tells once more behind the erasure.
    let received = any_event(0, 1, 9);
    let again = received.tagged(TAG).behind_erasure(&Bytes([3; 16]), Bytes([0x2b; 6]));
    log.write(KALYNA, DAY.start(), DAY, again);
    log.act(KALYNA, (DAY, 11), claimed(caller));
    assert_eq!(log.lines().last().unwrap().1.tag, Some(Bytes([0x2b; 6])));
}

#[test]
fn of_two_tags_the_first_in_the_log_counts_whichever_message_brings_it() {
    let mut log = Log::new();
    let caller = log.call(1, TAG);
    log.write(OSYKA, DAY.start(), DAY, any_event(0, 1, 4).tagged(Bytes([9; 6])));
    assert_eq!(log.cases.case(&caller).tag(), Some(TAG));
    // A case that an older message began without one is named by the next.
    let late = any_event(0, 3, 2);
    let of_late = late.body.about().unwrap();
    log.write(OSYKA, DAY.start(), DAY, late);
    assert_eq!(log.cases.case(&of_late).tag(), None);
    log.write(OSYKA, DAY.start(), DAY, any_event(0, 3, 3).tagged(Bytes([8; 6])));
    assert_eq!(log.cases.case(&of_late).tag(), Some(Bytes([8; 6])));
}

#[test]
fn an_act_on_many_cases_has_a_line_for_each() {
    let mut log = Log::new();
    let callers = vec![log.call(1, TAG), log.call(2, Bytes([2; 6]))];
    log.act(OSYKA, (DAY, 8), claimed(callers[1]));
    let window = (DAY.start(), DAY.start());
    let sifted = Sifted { callers, from: window.0, to: window.1, verdict: Verdict::Level(Level::ALL[0]) };
    log.act(KALYNA, (DAY, 9), EventBody::Sifted(sifted));
    let of_sifting: Vec<_> = log.lines().into_iter().map(|(_, line)| line).skip(1).collect();
    let expected = [(Some(TAG), None), (Some(Bytes([2; 6])), Some(Refusal::Claimed))];
    assert!(of_sifting.iter().all(|line| line.kind == ActKind::Sifted && line.hour == Some(9)));
    assert_eq!(of_sifting.iter().map(|line| (line.tag, line.refusal)).collect::<Vec<_>>(), expected);
}

#[test]
fn lines_go_after_as_many_days_as_the_desk_has_set() {
    let mut log = Log::new();
    let caller = log.call(1, TAG);
    for days in [0, 1, 60] {
        log.act(KALYNA, (DAY.plus(days), 9), EventBody::CaseReopened(CaseReopened { caller }));
    }
    let days = |log: &Log| log.lines().iter().map(|(day, _)| day.0 - DAY.0).collect::<Vec<_>>();
    log.act(KALYNA, (DAY.plus(AUDIT_DAYS), 9), EventBody::NotReady(NotReady {}));
    assert_eq!(days(&log), [0, 1, 60, AUDIT_DAYS]);
    log.act(KALYNA, (DAY.plus(AUDIT_DAYS + 1), 9), EventBody::Ticked(Ticked { tick: 1 }));
    assert_eq!(days(&log), [1, 60, AUDIT_DAYS]);
    // Fewer from the next entry on; a line that is late is not kept either.
    let fewer = SettingsSet { audit_days: Some(30), ..SettingsSet::default() };
    log.act(KALYNA, (DAY.plus(AUDIT_DAYS + 1), 9), EventBody::SettingsSet(Box::new(fewer)));
    log.act(KALYNA, (DAY.plus(60), 9), EventBody::CaseReopened(CaseReopened { caller }));
    assert_eq!(days(&log), [AUDIT_DAYS, AUDIT_DAYS + 1]);
    assert_eq!(log.cases.audit_from(), DAY.plus(AUDIT_DAYS + 1 - 30));
}

#[test]
fn nobody_switches_the_audit_off_and_no_operator_sets_it() {
    let mut log = Log::new();
    for (author, days, is_set) in
        [(KALYNA, 29, false), (KALYNA, 367, false), (OSYKA, 40, false), (KALYNA, 366, true)]
    {
        let set = SettingsSet { audit_days: Some(days), ..SettingsSet::default() };
        log.act(author, (DAY, 9), EventBody::SettingsSet(Box::new(set)));
        assert_eq!(log.cases.audit_days(), if is_set { days } else { AUDIT_DAYS });
        assert_eq!(log.lines().last().unwrap().1.kind, ActKind::SettingsSet);
    }
}

#[test]
fn who_writes_too_much_for_a_day_pushes_out_nothing_of_anybodys() {
    let mut log = Log::new();
    log.act(OSYKA, (DAY, 8), EventBody::NotReady(NotReady {}));
    let over = 5;
    for n in 0..u64::from(AUDIT_LINES_MAX + over) {
        let mut id = Bytes([0x55; 16]);
        id.0[..8].copy_from_slice(&n.to_be_bytes());
        let at = DAY.start().plus(n);
        log.write(KALYNA, at, DAY, Event { id, body: EventBody::NotReady(NotReady {}) });
    }
    log.act(OSYKA, (DAY, 23), EventBody::NotReady(NotReady {}));
    let all = Day(0)..=Day(u32::MAX);
    assert_eq!(log.lines().len(), AUDIT_LINES_MAX as usize + 2);
    assert_eq!(log.cases.audit_left_out(all.clone()), u64::from(over));
    // How many were left out is known from a snapshot, too, and goes on being counted.
    let mut restored = restored(&log.cases);
    assert_eq!(restored.audit_left_out(all.clone()), u64::from(over));
    let origin =
        Origin { author: KALYNA, day: DAY, at: DAY.start(), sequence: Some(99_999), ..Origin::of_test() };
    let event = Event { id: Bytes([0x66; 16]), body: EventBody::NotReady(NotReady {}) };
    restored.take(&EntryRead { origin, events: vec![event], unreadable: 0 }).unwrap();
    assert_eq!(restored.audit_left_out(all), u64::from(over) + 1);
}

fn restored(cases: &Cases) -> Cases {
    let mut reader = StateReader::default();
    let written = cases.write_records(1, |record| reader.record(record, |_| Ok::<_, DeskError>(None)));
    written.unwrap();
    reader.finish().unwrap().1
}

#[test]
fn lines_outlive_a_generation_and_a_snapshot() {
    let mut log = Log::new();
    let caller = log.call(1, TAG);
    log.act(KALYNA, (DAY, 9), EventBody::AnswerQueued(whole_answer(caller, 7, "yes", DAY.start())));
    log.act(STRANGER, (DAY, 9), claimed(caller));
    log.act(KALYNA, (DAY, 10), EventBody::CaseErased(CaseErased { caller }));
    let lines = log.lines();
    assert_eq!(lines.len(), 3);
    let origin = Origin {
        generation: 2,
        sequence: Some(50),
        author: KALYNA,
        day: DAY.plus(7),
        at: DAY.plus(7).start(),
        ..Origin::of_test()
    };
    let begun = Event::generation_begun(2, DAY.plus(7));
    log.cases.take(&EntryRead { origin, events: vec![begun], unreadable: 0 }).unwrap();
    log.cases = restored(&log.cases);
    assert_eq!(log.lines(), lines);
}

#[test]
fn a_repetition_and_what_waits_for_the_log_have_no_line() {
    let mut log = Log::new();
    let caller = log.call(1, TAG);
    let event = Event { id: Bytes([5; 16]), body: claimed(caller) };
    log.cases.see(&Event { id: Bytes([6; 16]), body: EventBody::NotReady(NotReady {}) });
    assert_eq!(log.lines(), []);
    log.write(KALYNA, DAY.start(), DAY, event.clone());
    log.write(KALYNA, DAY.start(), DAY, event);
    assert_eq!(log.lines().len(), 1);
}

/// Each kind that people write is in the list, under the name that the log has for it.
#[test]
fn kinds_have_the_names_of_the_log() {
    let mut seen = BTreeSet::new();
    for kind in 0..KINDS {
        let event = any_event(kind, 1, 4);
        let Some(of) = ActKind::of(&event.body) else { continue };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["type"], of.code());
        assert_eq!(serde_json::to_value(of).unwrap(), of.code());
        assert_eq!(
            (ActKind::of_code(of.code()), ActKind::of_code(&of.code().replace('_', " "))),
            (Some(of), Some(of))
        );
        seen.insert(of);
    }
    assert!(seen.len() > 25, "{seen:?}");
    assert_eq!(ActKind::of_code("presence"), None);
}

fn deflated_len(json: &[u8]) -> usize {
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(json).unwrap();
    deflated.finish().unwrap().len()
}

/// A quarter of a busy desk: what the audit costs in a snapshot and in memory is said in docs/operations.md.
#[test]
fn ninety_days_of_a_hundred_calls_find_room() {
    let mut log = Log::new();
    // Of each call: opened, claimed, an answer, its level, a note, closed, and then a second answer the day after.
    let acts = [
        (ActKind::Opened, 8),
        (ActKind::Claimed, 8),
        (ActKind::UrgencySet, 9),
        (ActKind::AnswerQueued, 9),
        (ActKind::NoteWritten, 10),
        (ActKind::Ready, 10),
        (ActKind::Opened, 15),
        (ActKind::AnswerQueued, 16),
        (ActKind::StepDone, 17),
        (ActKind::CaseClosed, 18),
    ];
    for day in 0..90_u32 {
        for (kind, hour) in acts {
            for call in 0..100_u32 {
                let tag = callsign_protocol::derive::sha256(&[&day.to_be_bytes(), &call.to_be_bytes()]);
                let tag = Bytes(*tag.first_chunk().unwrap());
                let author = Bytes([u8::try_from(call * 7 % 9).unwrap(); 16]);
                let at = DAY.plus(day).start().plus((hour + u64::from(call) / 40) * 3_600);
                let origin =
                    Origin { author, at, day: DAY.plus(day), sequence: Some(1), ..Origin::of_test() };
                log.cases.push_line(&origin, kind, Some(tag), None);
            }
        }
    }
    let (mut plain, mut deflated, mut rows, mut memory) = (0, 0, 0, 0);
    for (day, lines) in log.cases.audit_all() {
        let json = serde_json::to_vec(&(day, lines)).unwrap();
        plain += json.len();
        rows += postcard::to_allocvec(lines).unwrap().len();
        deflated += deflated_len(&json);
        memory += lines.lines.len() * size_of::<AuditLine>();
    }
    let lines = log.lines().len();
    assert_eq!((lines, size_of::<AuditLine>()), (90_000, 28));
    // A tenth of what a snapshot takes at least.
    assert!(deflated < 800_000, "{deflated} of {plain} in a snapshot, {rows} in rows, {memory} in memory");
}
