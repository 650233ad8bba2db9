//! What a device that means ill writes into the members of a keyring that it puts while it still belongs to the desk.

use callsign_desk::{
    Alarm, Desk, DeskError,
    keys::{DeviceKeyFile, Vault},
};
use callsign_protocol::{
    WrappingKey,
    encoding::{Bytes, Secret},
    identity::PrivateKey,
    keyring::{DeskKeys, EpochKey, FormerDevice, Keyring},
    signed::{Certificate, ENVELOPE_MAX, Envelope, Kind, Putter},
    time::Day,
    xwing_public,
};
use callsign_testkit::{PASSPHRASE, System};

use crate::{
    agent,
    custody::detach,
    removed::{Known, identity, seen, works},
};

/// Has the insider put the keyring in use once more with something changed: who it is, and whether the hub takes that.
fn puts(system: &System, desk: &Desk, change: impl FnOnce(&mut Keyring)) -> (Known, bool) {
    let (known, mut now) = (Known::to(system, "insider"), seen(system, "insider"));
    change(&mut now);
    let address = format!("{}/{}/v1/keyring", system.hub_url(), desk.fingerprint().desk_id());
    let put = agent().put(&address).send(&known.keyring_after(&now, system));
    assert!(matches!(put, Ok(_) | Err(ureq::Error::StatusCode(400))), "{put:?}");
    (known, put.is_ok())
}

#[test]
fn an_insider_that_says_a_version_to_come_stops_neither_its_removal_nor_a_restart() {
    for begins in [false, true] {
        let system = System::start();
        let first = system.init_desk("first");
        let identity = detach(&system, &first);
        drop(system.add_device("insider", &first));
        let mut caller = system.caller(&first);
        works(&system, &first, &mut caller, "before");
        system.beats(&first, 2);
        let own = first.devices().unwrap().iter().find(|device| device.is_own).unwrap().id;
        let (known, is_taken) = puts(&system, &first, |now| {
            now.fold = u32::MAX;
            if begins {
                now.generation += 1;
                let first = now.devices.iter_mut().find(|device| device.id == own).unwrap();
                first.wrapping_key = said_key(&system, "first", now.generation);
            }
        });
        assert_eq!(is_taken, begins, "within a generation the hub refuses it");
        let removed = first.remove_device(&known.device());
        assert!(begins || removed.is_ok(), "{removed:?}");
        drop(first);
        if begins {
            assert!(matches!(removed, Err(DeskError::Alarm(Alarm::KeyringUnsaid))), "{removed:?}");
            system.restart_desk("first", &identity).unwrap();
        }
        let first = system.open_desk("first");
        works(&system, &first, &mut caller, "afterwards");
        assert_eq!(first.open_call(&caller.id()).unwrap().calls().count(), 2, "its cases are there");
    }
}

pub fn said_key(system: &System, name: &str, generation: u32) -> WrappingKey {
    let dir = system.desk_dir(name);
    let storage_key = Vault::open(&dir, PASSPHRASE).unwrap().storage_key;
    let own = DeviceKeyFile::new(&dir, storage_key).load().unwrap();
    xwing_public(&own.wrapping.iter().find(|(of, _)| *of == generation).unwrap().1)
}

#[test]
fn a_device_that_no_act_shuts_out_is_left_out_by_no_keyring_whatever_day_that_names() {
    for days_ago in [0, 1, 2, 20_000] {
        let system = System::start();
        let first = system.init_desk("first");
        let second = system.add_device("second", &first);
        let insider = system.add_device("insider", &first);
        for _ in 0..2 {
            for desk in [&first, &second, &insider] {
                desk.sync().unwrap();
                system.beats(desk, 3);
            }
            system.clock.advance_days(1);
        }
        for desk in [&first, &second, &insider] {
            desk.sync().unwrap();
            system.beats(desk, 3);
        }
        assert!(first.devices().unwrap().iter().all(|device| device.is_ready), "all have said their keys");
        let own = first.devices().unwrap().iter().find(|device| device.is_own).unwrap().id;
        let gone = second.devices().unwrap().iter().find(|device| device.is_own).unwrap().id;
        let gone_key = Vault::open(&system.desk_dir("second"), PASSPHRASE).unwrap().device_key().public();
        drop(insider);
        let today = system.clock.now().day();
        let (_, is_taken) = puts(&system, &first, |now| {
            (now.generation, now.begun) = (now.generation + 1, today.minus(days_ago));
            now.devices.retain(|device| device.id != gone);
            let first = now.devices.iter_mut().find(|device| device.id == own).unwrap();
            first.wrapping_key = said_key(&system, "first", now.generation);
            now.former = vec![FormerDevice { id: gone, signing_key: gone_key }];
        });
        assert_eq!(is_taken, days_ago < 3, "before the generation that it follows none begins");
        let worked = first.sync().and_then(|()| first.beat());
        if is_taken {
            assert!(worked.is_err(), "{days_ago}: {} devices are left", first.devices().unwrap().len());
            assert_eq!(first.health().alarm, Some(Alarm::KeyringUnsaid), "{days_ago}");
        } else {
            assert_eq!(first.devices().unwrap().len(), 3);
        }
    }
}

#[test]
fn a_generation_ends_after_a_week_whatever_day_a_device_says_that_it_began_on() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    first.sync().unwrap();
    let (_, is_taken) = puts(&system, &first, |now| now.begun = Day(u32::MAX));
    assert!(!is_taken, "within a generation the hub refuses another day");
    let own = first.devices().unwrap().iter().find(|device| device.is_own).unwrap().id;
    let (_, is_taken) = puts(&system, &first, |now| {
        (now.generation, now.begun) = (now.generation + 1, system.clock.now().day().plus(2));
        let first = now.devices.iter_mut().find(|device| device.id == own).unwrap();
        first.wrapping_key = said_key(&system, "first", now.generation);
    });
    assert!(!is_taken, "nor does one begin on a day to come");
    for _ in 0..30 {
        system.clock.advance_days(1);
        let _ = first.sync();
        system.beats(&first, 4);
    }
    assert!(first.generation() > 1, "what was erased a month ago still opens");
}

fn wrapped_to_first(system: &System, known: &Known, keys: &DeskKeys) -> Vec<u8> {
    let (now, own) = (seen(system, "insider"), known.device());
    let fingerprint = known.vault.fingerprint();
    let devices: Vec<_> = now.devices.iter().map(identity).collect();
    let keyring = Keyring { serial: now.serial + 1, by: Some(own), ..now.clone() };
    let mut keyring = keyring.wrapped_to(&devices, keys, &fingerprint, &mut system.rng()).unwrap();
    keyring.devices.iter_mut().filter(|device| device.id == own).for_each(|device| device.wrapped.clear());
    let certificate = Certificate::decode(&known.keys.certificate.0).unwrap();
    let duty_key = PrivateKey::from_seed(&known.keys.duty_key);
    let body = serde_json::to_vec(&keyring).unwrap();
    Envelope::sign(Kind::Keyring, known.vault.identity, certificate, &duty_key, body)
        .put_by(Putter::Device(&known.vault.device_key()), keyring.serial)
        .encode()
}

#[test]
fn an_insider_that_fills_the_keyring_stops_neither_its_removal_nor_a_restart() {
    let system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    let known = Known::to(&system, "insider");
    let mut keys = known.keys.clone();
    let epoch = EpochKey::generate(Day(u32::MAX), &mut system.rng());
    let fits = |keys: &DeskKeys| wrapped_to_first(&system, &known, keys).len() <= ENVELOPE_MAX - 200;
    for step in [1_000, 100, 10, 1] {
        loop {
            let more = vec![epoch.clone(); step];
            keys.epochs.extend(more);
            if !fits(&keys) {
                keys.epochs.truncate(keys.epochs.len() - step);
                break;
            }
        }
    }
    let address = format!("{}/{}/v1/keyring", system.hub_url(), first.fingerprint().desk_id());
    agent().put(&address).send(&wrapped_to_first(&system, &known, &keys)).unwrap();
    let removed = first.remove_device(&known.device());
    drop(first);
    let restarted = system.restart_desk("first", &identity);
    let restarted = restarted.as_ref().map(Desk::generation);
    assert!(removed.is_ok() || restarted.is_ok(), "{removed:?}, {restarted:?}");
    works(&system, &system.open_desk("first"), &mut caller, "afterwards");
}

#[test]
fn an_insider_that_names_hundreds_of_former_devices_does_not_stop_the_keys_of_the_day() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    let known = Known::to(&system, "insider");
    let mut now = seen(&system, "insider");
    let signing_key = PrivateKey::generate(&mut system.rng()).public();
    let stranger = FormerDevice { id: Bytes([7; 16]), signing_key };
    while known.keyring_after(&now, &system).len() < ENVELOPE_MAX - 200 {
        now.former.push(stranger.clone());
        let len = known.keyring_after(&now, &system).len();
        let room = (ENVELOPE_MAX - 200).saturating_sub(len) / 120;
        now.former.extend(vec![stranger.clone(); room]);
    }
    now.former.pop();
    let address = format!("{}/{}/v1/keyring", system.hub_url(), first.fingerprint().desk_id());
    let put = agent().put(&address).send(&known.keyring_after(&now, &system));
    assert!(matches!(put, Err(ureq::Error::StatusCode(400))), "{put:?}");
    for day in 0..4 {
        system.clock.advance_days(1);
        let worked = first.sync();
        assert!(worked.is_ok(), "day {day}: {worked:?}");
        system.beats(&first, 4);
    }
    works(&system, &first, &mut caller, "days later");
}

#[test]
fn the_identity_restarts_a_desk_whose_insider_wrapped_nothing_that_is_of_use() {
    let useless: [fn(&mut DeskKeys); 3] = [
        |keys| keys.certificate = Bytes([0; Certificate::LEN]),
        |keys| keys.duty_key = Secret([9; 32]),
        |keys| {
            (keys.answer_key, keys.log_key) = (Secret([9; 32]), Secret([9; 32]));
            keys.epochs.clear();
            keys.letters.clear();
        },
    ];
    for (n, change) in useless.into_iter().enumerate() {
        let system = System::start();
        let first = system.init_desk("first");
        let identity = detach(&system, &first);
        drop(system.add_device("insider", &first));
        let mut caller = system.caller(&first);
        works(&system, &first, &mut caller, "before");
        let known = Known::to(&system, "insider");
        let mut keys = known.keys.clone();
        change(&mut keys);
        let address = format!("{}/{}/v1/keyring", system.hub_url(), first.fingerprint().desk_id());
        agent().put(&address).send(&wrapped_to_first(&system, &known, &keys)).unwrap();
        let removed = first.remove_device(&known.device());
        drop(first);
        let first = system.restart_desk("first", &identity);
        let first = first.unwrap_or_else(|error| panic!("{n}: {error:?}; the removal: {removed:?}"));
        works(&system, &first, &mut caller, "afterwards");
        let calls = first.open_call(&caller.id()).unwrap().calls().count();
        assert_eq!(calls, 2, "{n}: its cases are there");
    }
}
