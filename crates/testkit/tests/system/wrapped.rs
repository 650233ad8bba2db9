//! What a device that means ill wraps to the others, in a keyring that it puts while it still belongs to the desk.

use callsign_caller::mailbox::Mailbox;
use callsign_desk::{Desk, DutyKey};
use callsign_protocol::{
    caller_keys::x25519_public,
    drop::{AnswerPart, Drop, DropPayload, Place, Sender},
    encoding::{Bytes, Secret},
    identity::PrivateKey,
    keyring::{DeskKeys, Device, DeviceId, DeviceIdentity, FormerAnswerKey, Keyring, WrapContext},
    signed::{Certificate, Envelope, Kind, Putter},
    time::Day,
};
use callsign_testkit::{System, shown};

use crate::{
    agent,
    removed::{Known, seen, works},
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

/// Has the insider put the keyring in use once more, with another log key for one of the devices.
fn wraps_another_log_key(system: &System, desk: &Desk, to: &DeviceId) {
    let known = Known::to(system, "insider");
    let now = seen(system, "insider");
    let fingerprint = known.vault.fingerprint();
    let context = WrapContext { fingerprint: &fingerprint, generation: now.generation };
    let wrap = |device: &Device| {
        let Device { signing_key, wrapping_key, posting_slot, .. } = device.clone();
        let identity = DeviceIdentity { signing_key, wrapping_key, posting_slot };
        let mut keys = known.keys.clone();
        if device.id == *to {
            keys.log_key = Secret([9; 32]);
        }
        Device::wrap(&identity, &keys, context, &mut system.rng()).unwrap()
    };
    let devices = now.devices.iter().map(wrap).collect();
    let keyring = Keyring { serial: now.serial + 1, devices, by: Some(known.device()), ..now.clone() };
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
    let own = second.devices().unwrap().iter().find(|device| device.is_own).unwrap().id;
    wraps_another_log_key(&system, &first, &own);
    // The keys of the day are due, and the second is the first to come.
    system.clock.advance_days(1);
    for desk in [&second, &first, &second] {
        let _ = desk.sync().and_then(|()| desk.beat());
    }
    let blamed: Vec<_> = first.health().without_effect.into_iter().map(|told| told.author).collect();
    let alarms = [first.health().alarm, second.health().alarm];
    let joined = system.add_device("joined", &first);
    assert!(
        alarms != [None, None] || shown(&first) == shown(&joined),
        "no alarm, and who joins sees other cases ({:?}, not {:?}); people are told to remove {blamed:?}, and the insider is {gone}",
        shown(&joined),
        shown(&first),
    );
}
