//! What a device that means ill wraps to the others, in a keyring that it puts while it still belongs to the desk.

use callsign_caller::mailbox::Mailbox;
use callsign_desk::{
    Desk, DutyKey,
    keys::{KeysFault, WrongKeyring},
};
use callsign_protocol::{
    caller_keys::x25519_public,
    drop::{AnswerPart, Drop, DropPayload, Place, Sender},
    encoding::{Bytes, Secret},
    identity::PrivateKey,
    keyring::{DeskKeys, Device, DeviceId, FormerAnswerKey, Keyring, WrapContext},
    signed::{Certificate, Envelope, Kind, Putter},
    time::Day,
};
use callsign_testkit::{System, shown};

use crate::{
    agent,
    removed::{Known, identity, seen, works},
};

fn wraps(system: &System, desk: &Desk, change: impl FnOnce(&mut DeskKeys)) -> Known {
    let (mut known, before) = (Known::to(system, "insider"), Known::to(system, "insider"));
    change(&mut known.keys);
    let forged = known.keyring_after(&seen(system, "insider"), system);
    let address = format!("{}/{}/v1/keyring", system.hub_url(), desk.fingerprint().desk_id());
    // The hub cannot see what is wrapped.
    agent().put(&address).send(&forged).unwrap();
    before
}

#[test]
fn an_answer_key_that_an_insider_planted_is_not_the_desks_after_its_removal() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    let own = Secret([9; 32]);
    let planted = FormerAnswerKey {
        public: x25519_public(&own),
        last_day: Day(u32::MAX),
        secret: None,
        exposed: false,
    };
    let known = wraps(&system, &first, |keys| keys.former_answer_keys.push(planted));
    first.sync().unwrap();
    first.remove_device(&known.device()).unwrap();
    for _ in 0..30 {
        system.clock.advance_days(1);
        first.sync().unwrap();
        system.beats(&first, 4);
    }
    works(&system, &first, &mut caller, "a month later");
    let (today, notice) = (system.clock.now().day(), caller.notice());
    let place = Place { day: today, slot: 7, index: 31 };
    let (secret, public) = (caller.keys().drop_secret(today.week()), *caller.keys().public());
    let sender =
        Sender { fingerprint: &first.fingerprint(), answer_key: &own, caller: &public, drop_secret: &secret };
    let text = "come to the checkpoint".to_owned();
    let answer = AnswerPart { id: Bytes([1; 16]), part: 1, parts: 1, text };
    let payload = DropPayload { number: 99, answer: Some(answer), opened: vec![] };
    let forged = Drop::seal(&payload, &place, &sender, &mut system.rng()).unwrap();
    let mut mailbox = Mailbox::new(caller.keys().clone());
    mailbox.take(today, &[forged]);
    mailbox.open(&notice);
    assert_eq!(mailbox.reading(true).answers, [], "an answer by who was removed a month ago");
}

#[test]
fn a_duty_key_is_replaced_behind_a_removal_whatever_an_insider_said_of_its_generation() {
    for said in [1, u32::MAX] {
        let system = System::start();
        let first = system.init_desk("first");
        let second = system.add_device("second", &first);
        let insider = system.add_device("insider", &first);
        for desk in [&first, &insider, &second] {
            system.beats(desk, 4);
        }
        drop(insider);
        let known = wraps(&system, &first, |keys| keys.duty_generation = said);
        for desk in [&first, &second] {
            desk.sync().unwrap();
        }
        second.remove_device(&known.device()).unwrap();
        let told = second.duty_key(second.generation(), &known.device()).unwrap();
        for _ in 0..3 {
            system.clock.advance_days(1);
            for desk in [&first, &second] {
                desk.sync().unwrap();
                system.beats(desk, 4);
            }
        }
        let is_replaced = Known::to(&system, "first").duty_key() != known.duty_key();
        assert_eq!((told, is_replaced), (DutyKey::ByDevice, true), "said to be of generation {said}");
    }
}

#[test]
fn people_are_told_by_when_a_removed_device_can_deceive_whatever_it_said_of_certificates() {
    for said in [None, Some(Day(0)), Some(Day(u32::MAX))] {
        let system = System::start();
        let first = system.init_desk("first");
        let second = system.add_device("second", &first);
        let insider = system.add_device("insider", &first);
        for desk in [&first, &insider, &second] {
            system.beats(desk, 4);
        }
        drop(insider);
        let known = wraps(&system, &first, |keys| {
            keys.certified_until = said.unwrap_or(keys.certified_until);
        });
        for desk in [&first, &second] {
            desk.sync().unwrap();
        }
        let ends = second.health().certificate_ends;
        second.remove_device(&known.device()).unwrap();
        assert_eq!(second.health().deceivable_until, Some(ends.plus(1)), "{said:?}");
    }
}

/// Has the insider put the keyring in use once more, with another log key for all devices or one of them.
fn wraps_another_log_key(system: &System, desk: &Desk, to: Option<&DeviceId>) {
    let known = Known::to(system, "insider");
    let now = seen(system, "insider");
    let fingerprint = known.vault.fingerprint();
    let bind = WrapContext { fingerprint: &fingerprint, generation: now.generation };
    let keys = DeskKeys { log_key: Secret([9; 32]), ..known.keys.clone() };
    let devices: Vec<_> = now.devices.iter().map(identity).collect();
    let keyring = Keyring { serial: now.serial + 1, by: Some(known.device()), ..now.clone() };
    let mut keyring = keyring.wrapped_to(&devices, &keys, &fingerprint, &mut system.rng()).unwrap();
    if let Some(to) = to {
        // For the others the keys do not open: all devices find the same, or nothing.
        let wrap = |device: Device| {
            Device::wrap(&identity(&device), &Secret([8; 32]), bind, &mut system.rng()).unwrap()
        };
        let others = keyring.devices.iter_mut().filter(|device| device.id != *to);
        others.for_each(|device| *device = wrap(device.clone()));
    }
    let certificate = Certificate::decode(&known.keys.certificate.0).unwrap();
    let duty_key = PrivateKey::from_seed(&known.keys.duty_key);
    let body = serde_json::to_vec(&keyring).unwrap();
    let envelope = Envelope::sign(Kind::Keyring, known.vault.identity, certificate, &duty_key, body)
        .put_by(Putter::Device(&known.vault.device_key()), keyring.serial)
        .encode();
    let address = format!("{}/{}/v1/keyring", system.hub_url(), desk.fingerprint().desk_id());
    agent().put(&address).send(&envelope).unwrap();
}

#[test]
fn a_log_key_that_an_insider_chose_takes_no_case_from_who_joins() {
    for to in [None, Some("first"), Some("second")] {
        let system = System::start();
        let first = system.init_desk("first");
        let second = system.add_device("second", &first);
        let insider = system.add_device("insider", &first);
        let mut caller = system.caller(&first);
        caller.write("call").unwrap();
        for desk in [&first, &second, &insider, &first, &second] {
            desk.sync().unwrap();
            system.beats(desk, 3);
        }
        drop(insider);
        let gone = Known::to(&system, "insider").device();
        let own = |desk: &Desk| desk.devices().unwrap().into_iter().find(|device| device.is_own).unwrap().id;
        let to_one = to.map(|name| own(if name == "first" { &first } else { &second }));
        wraps_another_log_key(&system, &first, to_one.as_ref());
        // The keys of the day are due, and the second is the first to come.
        system.clock.advance_days(1);
        for desk in [&second, &first, &second] {
            let _ = desk.sync().and_then(|()| desk.beat());
        }
        let joined = system.add_device("joined", &first);
        assert_eq!(shown(&joined), shown(&first), "{to:?}");
        for desk in [&first, &second] {
            assert_eq!(desk.health().alarm, None);
            assert_eq!(desk.health().without_effect, [], "nobody is told to remove a colleague");
        }
        // The first one sees what the second has put right.
        let fault = if to == Some("first") { KeysFault::Unreadable } else { KeysFault::LogKey };
        assert_eq!(second.health().wrong_keyring, Some(WrongKeyring { by: gone, fault }));
    }
}
