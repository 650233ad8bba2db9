//! Cases of a size that nobody means well with: the desk works on, saves them, finds what is in them and erases them.

use callsign_desk::{
    Desk, NewAnswer,
    cases::{Event, OPENED_MAX},
};
use callsign_protocol::{
    call::{CallPart, PARTS_MAX},
    caller_keys::{CallerKeys, x25519_public},
    encoding::{Bytes, Secret},
};
use callsign_testkit::{Caller, System, shown_parts};

/// Bytes of the text of a part: as many as fit nearly.
const TEXT_LEN: usize = 1_990;
/// Messages of a case of ten megabytes.
const MESSAGES: u64 = 640;
/// Events of one caller, in every run of the tests and in all that are promised.
const EVENTS: u64 = 3_000;
const EVENTS_PROMISED: u64 = 100_000;

/// A stranger with much to say.
struct Flooder {
    secret: Secret<32>,
}

impl Flooder {
    fn new() -> Self {
        Self { secret: Secret([0x5e; 32]) }
    }

    fn id(&self) -> callsign_protocol::caller_keys::CallerId {
        callsign_protocol::caller_keys::caller_id(&x25519_public(&self.secret))
    }

    /// A part of a message, as it comes out of a cell.
    fn part(&self, desk: &Desk, message: u64, (part, parts): (u8, u8), text: String) -> Event {
        let mut id = [0x5e; 16];
        id[..8].copy_from_slice(&message.to_be_bytes());
        let call = CallPart {
            caller: x25519_public(&self.secret),
            shard_bits: 0,
            drop_secrets: vec![(
                desk.now().day().week(),
                CallerKeys::from_root(self.secret.clone()).drop_secret(desk.now().day().week()),
            )],
            id: Bytes(id),
            part,
            parts,
            track: "field".to_owned(),
            language: "uk".to_owned(),
            text,
            safe_times: None,
        };
        Event::message_received(Box::new(call), desk.now())
    }
}

/// What the desk does with others while it has such a case, and with the case itself.
fn works_on(system: &System, desk: Desk, flooder: &Flooder, other: &mut Caller, words: &[&str]) {
    let id = flooder.id();
    let opened = desk.open_call(&id).unwrap();
    let (items, of) = (opened.items.len(), opened.caller.to_string());
    desk.answer(&NewAnswer::new(&id, "досить уже")).unwrap();
    other.write("a call of somebody else").unwrap();
    desk.sync().unwrap();
    desk.answer(&NewAnswer::new(&other.id(), "an answer to somebody else")).unwrap();
    system.beats(&desk, 3);
    assert_eq!(other.read().unwrap().answers[0].text, "an answer to somebody else");
    // The generation ends, with the case in its state.
    system.clock.advance_days(8);
    desk.sync().unwrap();
    system.beats(&desk, 4);
    assert!(desk.generation() == 2 && desk.devices().unwrap()[0].is_ready);
    let count = |desk: &Desk| shown_parts(desk).iter().filter(|part| part.starts_with(&of)).count();
    // What was opened takes more entries than these beats have.
    desk.flush().unwrap();
    drop(desk);
    let desk = system.open_desk("desk");
    let joined = system.add_device("joined", &desk);
    for device in [&desk, &joined] {
        assert_eq!(count(device), items + 1, "with the answer");
        for word in words {
            assert_eq!(device.search(word).unwrap().hits.len(), 1, "{word}");
        }
        assert_eq!(device.search("somebody").unwrap().hits.len(), 1);
    }
    drop(joined);
    desk.erase(&id).unwrap();
    desk.flush().unwrap();
    assert_eq!((count(&desk), desk.search(words[0]).unwrap().hits.len()), (0, 0));
    assert_eq!(count(&system.open_desk("desk")), 0);
}

#[test]
fn a_case_of_ten_megabytes_stops_nobody() {
    let system = System::start();
    let desk = system.init_desk("desk");
    // As in life: each time, all of a case that has changed is written.
    desk.keep_state_every(256);
    let (flooder, mut other) = (Flooder::new(), system.caller(&desk));
    let text = |message, part| match (message, part) {
        (message, PARTS_MAX) if message == MESSAGES - 1 => " криниченька".to_owned(),
        _ => "x".repeat(TEXT_LEN),
    };
    let mut opened = Vec::new();
    let mut events = Vec::new();
    for message in 0..MESSAGES {
        let parts =
            (1..=PARTS_MAX).map(|part| flooder.part(&desk, message, (part, PARTS_MAX), text(message, part)));
        events.extend(parts);
        opened.push(message_id(message));
        if opened.len() == OPENED_MAX {
            events.extend(Event::opened(flooder.id(), &std::mem::take(&mut opened)));
        }
    }
    desk.fill(events).unwrap();
    let bytes: usize = desk.open_call(&flooder.id()).unwrap().calls().map(|call| call.text().len()).sum();
    assert!(bytes > 10_000_000, "{bytes}");
    // A search reads the newest megabyte of a case.
    works_on(&system, desk, &flooder, &mut other, &["криниченька"]);
}

#[test]
fn thousands_of_events_of_one_caller_stop_nobody() {
    many_events(EVENTS);
}

#[test]
#[ignore = "takes minutes: `cargo test --release -p callsign-testkit --test system -- --ignored extremes`"]
fn a_hundred_thousand_events_of_one_caller_stop_nobody() {
    many_events(EVENTS_PROMISED);
}

fn many_events(count: u64) {
    let system = System::start();
    let desk = system.init_desk("desk");
    // As in life: each time, all of a case that has changed is written.
    desk.keep_state_every(256);
    let (flooder, mut other) = (Flooder::new(), system.caller(&desk));
    let text = |message| match message {
        0 => "зозулинець".to_owned(),
        _ if message == count - 1 => "криниченька".to_owned(),
        _ => "x".to_owned(),
    };
    desk.fill((0..count).map(|message| flooder.part(&desk, message, (1, 1), text(message)))).unwrap();
    works_on(&system, desk, &flooder, &mut other, &["криниченька", "зозулинець"]);
}

fn message_id(message: u64) -> Bytes<16> {
    let mut id = [0x5e; 16];
    id[..8].copy_from_slice(&message.to_be_bytes());
    Bytes(id)
}
