//! Keyrings whose devices the log says something of, something else, or nothing.

use callsign_protocol::{
    encoding::{Bytes, Secret},
    identity::{PrivateKey, PublicKey},
    keyring::{Device, DeviceId, Keyring, device_id},
    time::Day,
};

use super::*;
use crate::cases::{EntryRead, Event, EventBody, FOLD_VERSION, Origin};

const TODAY: Day = Day(20_000);

fn key(n: u8) -> PublicKey {
    PrivateKey::from_seed(&Secret([n; 32])).public()
}

fn id(n: u8) -> DeviceId {
    device_id(&key(n))
}

fn keyring(generation: u32, devices: &[u8]) -> Keyring {
    let device = |n: &u8| Device {
        id: id(*n),
        signing_key: key(*n),
        wrapping_key: Bytes([0; 1_216]),
        posting_slot: *n,
        wrapped: vec![],
    };
    Keyring {
        version: 1,
        serial: 9,
        generation,
        begun: TODAY,
        fold: 1,
        keys: vec![],
        devices: devices.iter().map(device).collect(),
        former: vec![],
        by: Some(id(1)),
    }
}

struct Said(Cases, u64);

impl Said {
    fn nothing() -> Self {
        let mut cases = Cases::staffed();
        cases.staff(&[id(1), id(2)]);
        Self(cases, 0)
    }

    /// An entry of device 1 with one event.
    fn and(mut self, generation: u32, day: Day, body: EventBody) -> Self {
        self.1 += 1;
        let origin = Origin {
            author: id(1),
            at: day.start(),
            day,
            sequence: Some(self.1),
            generation,
            fold: FOLD_VERSION,
            program: FOLD_VERSION,
            has_identity: false,
        };
        let event = Event { id: Bytes([u8::try_from(self.1).unwrap(); 16]), body };
        self.0.take(&EntryRead { origin, events: vec![event], unreadable: 0 }).unwrap();
        self
    }

    fn let_in(self, n: u8, generation: u32) -> Self {
        self.and(
            generation,
            TODAY,
            EventBody::DeviceAdmitted(DeviceAdmitted {
                device: id(n),
                person: Bytes([0xfe; 16]),
                generation,
                answer_keys: vec![Bytes([9; 32])],
            }),
        )
    }

    fn shut_out(self, n: u8, generation: u32) -> Self {
        self.and(generation, TODAY, EventBody::DeviceRemoved(DeviceRemoved { device: id(n) }))
    }

    fn bears_out(&self, keyring: &Keyring, known: &[u8]) -> bool {
        let devices: Vec<_> = known.iter().map(|n| id(*n)).collect();
        let before =
            KeyringBefore { generation: keyring.generation, fold: 1, devices: &devices, began: None };
        self.0.bears_out(keyring, &before)
    }
}

#[test]
fn a_device_comes_into_a_keyring_by_an_act_that_is_newer_than_its_removal() {
    let now = keyring(3, &[1, 2]);
    assert!(Said::nothing().bears_out(&now, &[1, 2]));
    assert!(!Said::nothing().bears_out(&now, &[1]));
    assert!(!Said::nothing().let_in(3, 3).bears_out(&now, &[1]));
    assert!(Said::nothing().let_in(2, 3).bears_out(&now, &[1]));
    let removed = Said::nothing().let_in(2, 2).shut_out(2, 2);
    assert!(removed.bears_out(&keyring(2, &[1, 2]), &[1]), "its keyring has not come yet");
    assert!(!removed.bears_out(&now, &[1]));
    assert!(removed.let_in(2, 3).bears_out(&now, &[1]));
}

#[test]
fn a_device_goes_by_an_act_or_because_it_was_silent() {
    let now = keyring(3, &[1]);
    let announced = |day: Day, of: u32| {
        let key = Event::wrapping_key(id(1), of, Bytes([1; 1_216])).body;
        let mut said = Said::nothing().and(2, day, key);
        // As if the other device had written it.
        let (_, (generation, key, day)) = said.0.next_keys.pop_first().unwrap();
        said.0.next_keys.insert(id(2), (generation, key, day));
        said
    };
    assert!(Said::nothing().bears_out(&now, &[1, 2]), "it has slept");
    assert!(announced(TODAY.minus(2), 2).bears_out(&now, &[1, 2]), "through the last generation");
    assert!(announced(TODAY, 3).bears_out(&now, &[1, 2]), "too late to be seen for certain");
    assert!(!announced(TODAY.minus(1), 3).bears_out(&now, &[1, 2]));
    assert!(announced(TODAY.minus(1), 3).shut_out(2, 2).bears_out(&now, &[1, 2]));
    let again = announced(TODAY.minus(1), 3).shut_out(2, 1).let_in(2, 2);
    assert!(!again.bears_out(&now, &[1, 2]), "it was let in since");
}

#[test]
fn one_device_speaks_of_so_many_others_and_what_is_old_is_forgotten() {
    let mut said = Said::nothing();
    for n in 10..10 + u8::try_from(SPOKEN_OF_MAX).unwrap() + 5 {
        said = said.let_in(n, 1);
    }
    assert_eq!(said.0.said_of_devices.len(), SPOKEN_OF_MAX);
    assert_eq!(said.0.void().count(), 5);
    assert!(said.0.void().all(|void| void.refusal == Refusal::Numbers));
    for generation in 2..=4 {
        let begun = Event::generation_begun(generation, TODAY).body;
        said = said.and(generation, TODAY, begun);
        assert_eq!(said.0.said_of_devices.is_empty(), generation == 4, "{generation}");
    }
}

/// As if the last entry's author were another device: what it says.
fn by(mut said: Said, author: u8, generation: u32, body: EventBody) -> Said {
    said.1 += 1;
    let origin = Origin {
        author: id(author),
        at: TODAY.start(),
        day: TODAY,
        sequence: Some(said.1),
        generation,
        fold: FOLD_VERSION,
        program: FOLD_VERSION,
        has_identity: false,
    };
    let event = Event { id: Bytes([u8::try_from(said.1).unwrap(); 16]), body };
    said.0.take(&EntryRead { origin, events: vec![event], unreadable: 0 }).unwrap();
    said
}

#[test]
fn who_was_shut_out_first_shuts_nobody_out_and_a_restart_begins_anew() {
    let shuts_out = |n| EventBody::DeviceRemoved(DeviceRemoved { device: id(n) });
    let said = by(Said::nothing().shut_out(2, 1), 2, 1, shuts_out(1));
    assert!(said.0.is_shut_out(&id(2)) && !said.0.is_shut_out(&id(1)));
    assert_eq!(said.0.void().map(|void| void.refusal).collect::<Vec<_>>(), [Refusal::TooLate]);
    // A second removal that comes behind the keyring shuts out nobody who is let in anew there.
    let said = said.shut_out(2, 2).let_in(2, 2);
    assert!(!said.0.is_shut_out(&id(2)) && said.0.is_let_in(&id(2), 2));
    assert_eq!(said.0.let_in(2).collect::<Vec<_>>(), [id(2)]);
    let mut said = said.shut_out(2, 2);
    assert!(said.0.is_shut_out(&id(2)));
    said.0.note_restart(3);
    assert!(!said.0.is_shut_out(&id(2)));
    let said = by(said, 2, 3, Event::generation_begun(3, TODAY).body);
    assert!(by(said, 2, 3, shuts_out(1)).0.is_shut_out(&id(1)));
}
