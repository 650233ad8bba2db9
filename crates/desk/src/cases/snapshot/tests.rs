//! That what is restored is what was written, and that only the whole of it is.

use callsign_protocol::{
    call::CallPart,
    call_sign::CallSign,
    caller_keys::{CallerId, CallerPublicKey, caller_id},
    drop::Place,
    encoding::Secret,
    event::SNAPSHOT_PART_MAX,
    time::{Day, UnixSeconds},
    words::Language,
};

use super::*;

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
    let answer = |caller, n: u8| EventBody::AnswerQueued {
        caller,
        answer: Bytes([n; 16]),
        part: 1,
        parts: 2,
        text: "answer".to_owned(),
        queued: UnixSeconds(660),
    };
    let posted = EventBody::DropPosted {
        caller: one,
        place: Place { day: DAY, slot: 3, index: 0 },
        number: 1,
        answer: Some((Bytes([20; 16]), 1)),
        opened: vec![],
    };
    let mut cases = Cases::default();
    let events = [
        Event::notice_published([4; 32], 1, vec![DAY, DAY.plus(1)]),
        first,
        second,
        Event::generation_begun(2, DAY, [0; 32]),
        Event::wrapping_key(Bytes([5; 16]), 3, Bytes([6; 1_216])),
        Event::opened(two, &[Bytes([2; 16])]).remove(0),
        event(20, answer(one, 20)),
        event(21, answer(two, 21)),
        event(22, posted),
        event(23, EventBody::Ticked { tick: 99 }),
        event(24, EventBody::Listed { day: DAY, posted: vec![(1, Bytes([7; 32]))] }),
        event(25, EventBody::DaysSigned { duty_key: Bytes([8; 32]), lists: vec![(DAY, 1)] }),
    ];
    for event in &events {
        cases.apply(event);
    }
    cases
}

fn parts(events: &[Event]) -> SnapshotParts {
    let mut parts = SnapshotParts::default();
    for event in events {
        parts.take(event);
    }
    parts
}

/// A generation's beginning, and its snapshot in several parts.
fn beginning(json: &[u8]) -> Vec<Event> {
    let begun = Event::generation_begun(2, DAY, sha256(&[json]));
    let events: Vec<_> = [begun].into_iter().chain(Event::snapshot(json).unwrap()).collect();
    assert!(events.len() > 3, "the snapshot has several parts");
    events
}

fn long() -> Vec<u8> {
    (0..SNAPSHOT_PART_MAX * 3 - 1).map(|n| n.to_le_bytes()[0]).collect()
}

#[test]
fn what_is_restored_is_the_same_and_goes_on_the_same() {
    let mut original = state();
    let json = original.snapshot().unwrap();
    let mut restored = Cases::restore(&json).unwrap();
    assert_eq!(restored.snapshot().unwrap(), json);
    let (id, again) = call(1, "one");
    let (_, more) = call(3, "three");
    let posted = original.next_drop(DAY, 3, |_| true).unwrap().event();
    assert_eq!(restored.next_drop(DAY, 3, |_| true).unwrap().event(), posted);
    for cases in [&mut original, &mut restored] {
        cases.apply(&again);
        cases.apply(&more);
        cases.apply(&event(30, posted.clone()));
        cases.apply(&event(31, EventBody::CaseErased { caller: id }));
    }
    assert_eq!(restored.snapshot().unwrap(), original.snapshot().unwrap());
    assert!(restored.get(&id).is_none());
    let names = |cases: &Cases| {
        cases
            .by_waiting(Day(0))
            .into_iter()
            .map(|case| cases.name(case, Language::English))
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
    let mut cases = Cases::default();
    let namesakes = namesakes();
    for (n, caller) in (1..).zip(namesakes) {
        let (_, Event { body, .. }) = call(n, "text");
        let EventBody::MessageReceived { mut call, received, .. } = body else { unreachable!("a call") };
        call.caller = caller;
        cases.apply(&Event::message_received(call, received));
    }
    let mut restored = Cases::restore(&cases.snapshot().unwrap()).unwrap();
    let is_marked = |cases: &Cases| {
        let case = cases.get(&caller_id(&namesakes[0])).unwrap();
        cases.name(case, Language::English).contains('/')
    };
    assert!(is_marked(&cases) && is_marked(&restored));
    restored.apply(&event(9, EventBody::CaseErased { caller: caller_id(&namesakes[1]) }));
    assert!(!is_marked(&restored), "the only one of that name now");
}

#[test]
fn two_devices_of_one_log_make_one_snapshot() {
    assert_eq!(state().snapshot().unwrap(), state().snapshot().unwrap());
}

#[test]
fn parts_may_come_in_any_order_and_twice() {
    let (json, mut events) = (long(), beginning(&long()));
    assert_eq!(*parts(&events).whole().unwrap(), json);
    events[1..].reverse();
    assert_eq!(*parts(&events).whole().unwrap(), json);
    events.push(events[1].clone());
    assert_eq!(*parts(&events).whole().unwrap(), json);
}

#[test]
fn nothing_is_whole_without_each_part() {
    let events = beginning(&long());
    for missing in 0..events.len() {
        let mut some = events.clone();
        some.remove(missing);
        assert!(parts(&some).whole().is_none(), "without event {missing}");
    }
}

#[test]
fn a_part_that_was_changed_or_is_of_another_snapshot_is_refused() {
    let events = beginning(&long());
    for at in 1..events.len() {
        let mut changed = events.clone();
        if let EventBody::Snapshot { data, .. } = &mut changed[at].body {
            data[0] ^= 1;
        }
        assert!(parts(&changed).whole().is_none(), "part {at}");
        let mut of_another = events.clone();
        if let EventBody::Snapshot { of, .. } = &mut of_another[at].body {
            of.0[0] ^= 1;
        }
        assert!(parts(&of_another).whole().is_none(), "part {at} of another");
    }
}

#[test]
fn another_version_is_refused() {
    let json = state().snapshot().unwrap();
    let mut value: serde_json::Value = serde_json::from_slice(&json).unwrap();
    for version in [0, 2] {
        value["version"] = version.into();
        let restored = Cases::restore(&serde_json::to_vec(&value).unwrap());
        assert!(matches!(restored, Err(SnapshotError::Version)), "version {version}");
    }
    assert!(matches!(Cases::restore(&json[1..]), Err(SnapshotError::Json(_))));
}
