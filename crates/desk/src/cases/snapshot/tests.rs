//! That what is restored is what was written, and that only the whole of it is.

use std::collections::BTreeMap;

use callsign_protocol::{
    call::CallPart,
    call_sign::CallSign,
    caller_keys::{CallerId, CallerPublicKey, caller_id},
    derive::sha256,
    drop::Place,
    encoding::{Bytes, Secret},
    time::{Day, UnixSeconds},
    words::Language,
};

use proptest::prelude::*;

use super::*;
use crate::cases::{
    support::{KINDS, any_event},
    *,
};

const DAY: Day = Day(20_000);

fn call(n: u8, text: &str) -> (CallerId, Event) {
    let call = CallPart {
        caller: Bytes([n; 32]),
        shard_bits: 7,
        drop_secrets: (0..3).map(|w| (DAY.week().plus(w), Secret([n; 32]))).collect(),
        id: Bytes([n; 16]),
        part: 1,
        parts: 1,
        track: "field".to_owned(),
        language: "uk".to_owned(),
        text: text.to_owned(),
        safe_times: Some("evenings".to_owned()),
    };
    (call.caller_id(), Event::message_received(Box::new(call), UnixSeconds(600)))
}

fn event(n: u8, body: EventBody) -> Event {
    Event { id: Bytes([n; 16]), body }
}

/// A state in which every member holds something.
fn state() -> Cases {
    let ((one, first), (two, second)) = (call(1, "one"), call(2, &"two ".repeat(500)));
    let answer = |caller, n: u8| {
        EventBody::AnswerQueued(AnswerQueued {
            caller,
            answer: Bytes([n; 16]),
            part: 1,
            parts: 2,
            text: "answer".to_owned(),
            queued: UnixSeconds(660),
            second_reader: false,
            seen: None,
        })
    };
    let posted = EventBody::DropPosted(DropPosted {
        caller: one,
        place: Place { day: DAY, slot: 3, index: 0 },
        number: 1,
        answer: Some((Bytes([20; 16]), 1)),
        opened: vec![],
    });
    let mut cases = Cases::staffed();
    let events = [
        Event::notice_published([4; 32], 1, vec![DAY, DAY.plus(1)]),
        first,
        second,
        Event::generation_begun(2, DAY),
        Event::wrapping_key(Bytes([5; 16]), 3, Bytes([6; 1_216])),
        Event::opened(two, &[Bytes([2; 16])]).remove(0),
        event(20, answer(one, 20)),
        event(21, answer(two, 21)),
        event(22, posted),
        event(23, EventBody::Ticked(Ticked { tick: 99 })),
        event(24, EventBody::Listed(Listed { day: DAY, posted: vec![(1, Bytes([7; 32]))] })),
        event(25, EventBody::DaysSigned(DaysSigned { duty_key: Bytes([8; 32]), lists: vec![(DAY, 1)] })),
    ];
    for event in &events {
        cases.see(event);
    }
    cases
}

fn records(cases: &Cases) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    let written = cases.write_records(9, |record| {
        records.push(record.to_vec());
        Ok::<(), DeskError>(())
    });
    written.unwrap();
    records
}

fn read(records: &[Vec<u8>]) -> Result<Cases, SnapshotError> {
    let mut reader = StateReader::default();
    let in_memory = |_: &Case| Ok::<_, SnapshotError>(None);
    records.iter().try_for_each(|record| reader.record(record, in_memory))?;
    let (sequence, cases) = reader.finish()?;
    assert_eq!(sequence, 9);
    Ok(cases)
}

#[test]
fn what_is_restored_is_the_same_and_goes_on_the_same() {
    let mut original = state();
    let written = records(&original);
    let mut restored = read(&written).unwrap();
    assert_eq!(records(&restored), written);
    let (id, again) = call(1, "one");
    let (_, more) = call(3, "three");
    let posted = original.next_drop(DAY, 3, |_, _| true).unwrap().unwrap().event();
    assert_eq!(restored.next_drop(DAY, 3, |_, _| true).unwrap().unwrap().event(), posted);
    for cases in [&mut original, &mut restored] {
        cases.see(&again);
        cases.see(&more);
        cases.see(&event(30, posted.clone()));
        cases.see(&event(31, EventBody::CaseErased(CaseErased { caller: id })));
    }
    assert_eq!(records(&restored), records(&original));
    assert!(!restored.has(&id));
    let names = |cases: &Cases| {
        cases
            .by_waiting(Day(0))
            .unwrap()
            .into_iter()
            .map(|case| cases.name(&case.id(), Language::English))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&restored), names(&original));
    assert_eq!(names(&restored).len(), 2);
    assert_eq!(restored.last_tick(UnixSeconds(100)), Some(99));
    assert_eq!(restored.notice_hashes(DAY), [[4; 32]]);
    assert_eq!(restored.generation(), 2);
    assert!(restored.wrapping_key(&Bytes([5; 16]), 3).is_some());
}

/// Two callers of one call sign; some twenty thousand have to be looked at.
fn namesakes() -> [CallerPublicKey; 2] {
    let mut seen = BTreeMap::new();
    for n in 0u64.. {
        let key = Bytes(sha256(&[&n.to_be_bytes()]));
        if let Some(other) = seen.insert(CallSign::of(&caller_id(&key)), key) {
            return [other, key];
        }
    }
    unreachable!("there are fewer call signs than numbers")
}

#[test]
fn callers_who_share_a_call_sign_are_told_apart_afterwards_too() {
    let mut cases = Cases::staffed();
    let namesakes = namesakes();
    for (n, caller) in (1..).zip(namesakes) {
        let (_, Event { body, .. }) = call(n, "text");
        let EventBody::MessageReceived(MessageReceived { mut call, received, .. }) = body else {
            unreachable!("a call")
        };
        call.caller = caller;
        cases.see(&Event::message_received(call, received));
    }
    let mut restored = read(&records(&cases)).unwrap();
    let is_marked = |cases: &Cases| {
        let name = cases.name(&caller_id(&namesakes[0]), Language::English);
        name.contains('/')
    };
    assert!(is_marked(&cases) && is_marked(&restored));
    restored.see(&event(9, EventBody::CaseErased(CaseErased { caller: caller_id(&namesakes[1]) })));
    assert!(!is_marked(&restored), "the only one of that name now");
}

#[test]
fn two_devices_of_one_log_make_one_snapshot() {
    assert_eq!(records(&state()), records(&state()));
}

#[test]
fn each_case_is_a_record_of_its_own() {
    let all = records(&state());
    let holding = |text: &str| {
        let holds = |record: &&Vec<u8>| String::from_utf8_lossy(record).contains(text);
        all.iter().filter(holds).count()
    };
    assert_eq!((holding("\"one\""), holding("two two")), (1, 1));
    let both = |record: &Vec<u8>| {
        let text = String::from_utf8_lossy(record);
        text.contains("\"one\"") && text.contains("two two")
    };
    assert!(!all.iter().any(both));
}

#[test]
fn a_case_that_is_longer_than_a_record_is_cut_and_put_together() {
    let mut cases = Cases::staffed();
    for n in 0..40_u8 {
        let (_, Event { body, .. }) = call(1, &"long ".repeat(8_000));
        let EventBody::MessageReceived(MessageReceived { mut call, received, .. }) = body else {
            unreachable!("a call")
        };
        call.id = Bytes([n; 16]);
        cases.see(&Event::message_received(call, received));
    }
    let written = records(&cases);
    assert!(written.len() > 3 && written.iter().all(|record| record.len() <= RECORD_MAX));
    assert_eq!(records(&read(&written).unwrap()), written);
    assert!(matches!(read(&written[..written.len() - 1]), Err(SnapshotError::Incomplete)));
}

#[test]
fn a_record_that_is_missing_doubled_or_changed_is_refused() {
    let all = records(&state());
    for at in 0..all.len() {
        let (mut missing, mut doubled, mut odd) = (all.clone(), all.clone(), all.clone());
        missing.remove(at);
        doubled.insert(at, all[at].clone());
        odd[at][0] = 2;
        for records in [missing, doubled, odd] {
            assert!(matches!(read(&records), Err(SnapshotError::Incomplete)), "record {at}");
        }
        let cut = [&all[..at], &[all[at][..all[at].len() - 1].to_vec()]].concat();
        assert!(matches!(read(&cut), Err(SnapshotError::Json(_))), "record {at}");
    }
    assert!(matches!(read(&[vec![]]), Err(SnapshotError::Incomplete)));
}

#[test]
fn another_version_is_refused() {
    let mut all = records(&state());
    let head = String::from_utf8(all[0].clone()).unwrap();
    for version in [2, 4] {
        all[0] = head.replacen("\"version\":3", &format!("\"version\":{version}"), 1).into_bytes();
        assert!(matches!(read(&all), Err(SnapshotError::Version)), "version {version}");
    }
}

proptest! {
    /// Whatever the log says, and wherever a snapshot cuts it: who goes on from the snapshot ends where those do who folded all
    /// of it, void acts and times included.
    #[test]
    fn a_snapshot_and_what_comes_behind_it_make_the_same_state_as_the_whole_log(
        written in prop::collection::vec((0..KINDS, 0..4_u8, any::<u8>(), 0..3_u8), 1..50), cut in any::<prop::sample::Index>(),
    ) {
        let entries: Vec<EntryRead> = (1..).zip(&written).map(|(sequence, (kind, caller, n, author))| {
            let at = DAY.start().plus(60 * sequence * u64::from(*n));
            let origin = Origin {
                author: Bytes([*author; 16]),
                at,
                day: at.day(),
                sequence: Some(sequence),
                generation: 1,
                fold: FOLD_VERSION,
                program: FOLD_VERSION,
                has_identity: false,
            };
            EntryRead { origin, events: vec![any_event(*kind, *caller, *n)], unreadable: usize::from(*n == 7) }
        }).collect();
        let mut whole = Cases::staffed();
        for entry in &entries {
            whole.take(entry).unwrap();
        }
        let (before, behind) = entries.split_at(cut.index(entries.len()));
        let mut cases = Cases::staffed();
        for entry in before {
            cases.take(entry).unwrap();
        }
        let mut restored = read(&records(&cases)).unwrap();
        for entry in behind {
            restored.take(entry).unwrap();
        }
        prop_assert_eq!(records(&restored), records(&whole));
        restored.turn_to(DAY).unwrap();
        whole.turn_to(DAY).unwrap();
        prop_assert!(restored.waiting().eq(whole.waiting()) && restored.answered().eq(whole.answered()));
    }

    /// What waits on one device is shown behind what others write, in any order in which the hub may take it: once all of it is
    /// in the log, every device has the same state.
    #[test]
    fn three_devices_end_with_one_state_whatever_waited_where(
        written in prop::collection::vec((0..KINDS, 0..4_u8, any::<u8>(), 0..3_u8), 1..40),
    ) {
        let mut devices = vec![(Cases::staffed(), Vec::<Event>::new()); 3];
        for (sequence, (kind, caller, n, author)) in (1..).zip(&written) {
            let event = any_event(*kind, *caller, *n);
            devices[usize::from(*author)].1.push(event.clone());
            let origin = Origin { sequence: Some(sequence), day: DAY, at: DAY.start(), ..Origin::of_test() };
            let entry = EntryRead { origin, events: vec![event], unreadable: 0 };
            for (log, pending) in &mut devices {
                // The pages' state is thrown away with each entry, and leaves nothing in the log's.
                let before = records(log);
                let mut view = log.clone();
                for event in &*pending {
                    view.see(event);
                }
                prop_assert_eq!(records(log), before);
                log.take(&entry).unwrap();
                pending.retain(|event| !log.has_applied(&event.id));
            }
        }
        let all: Vec<_> = devices.iter().map(|(log, _)| records(log)).collect();
        prop_assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
