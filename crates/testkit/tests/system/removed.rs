//! A device that was removed, with every key that it ever knew, at an honest hub and at one that lies for it.

use callsign_desk::{
    Alarm, Desk, DeskError, HubError, NewAnswer,
    keys::{DeviceKeyFile, Vault},
    store::Cache,
};
use callsign_protocol::{
    follow::Follow,
    identity::{PrivateKey, PublicKey},
    keyring::{DeskKeys, Device, DeviceId, DeviceIdentity, Keyring, device_id},
    letters::Letters,
    notice::Notice,
    signed::{Certificate, Envelope, Kind, Putter},
};
use callsign_testkit::{Caller, Move, PASSPHRASE, System, Tap, shown};

use crate::{agent, custody::detach};

/// The keyring that a device has seen last.
pub fn seen(system: &System, name: &str) -> Keyring {
    let dir = system.desk_dir(name);
    let vault = Vault::open(&dir, PASSPHRASE).unwrap();
    let cache = Cache::open(&dir, vault.storage_key.clone()).unwrap();
    let (_, envelope) = cache.document("keyring").unwrap().unwrap();
    let then = Envelope::kept_since(&envelope).unwrap();
    Keyring::verify(&envelope, &vault.fingerprint(), then).unwrap().keyring
}

/// A device as a keyring is wrapped to it.
pub fn identity(device: &Device) -> DeviceIdentity {
    let Device { signing_key, wrapping_key, posting_slot, .. } = device;
    DeviceIdentity { signing_key: *signing_key, wrapping_key: *wrapping_key, posting_slot: *posting_slot }
}

/// What a device knows at one time, in the hands of somebody.
pub struct Known {
    pub vault: Vault,
    pub keyring: Keyring,
    pub keys: DeskKeys,
}

impl Known {
    pub fn to(system: &System, name: &str) -> Self {
        let dir = system.desk_dir(name);
        let vault = Vault::open(&dir, PASSPHRASE).unwrap();
        let own = DeviceKeyFile::new(&dir, vault.storage_key.clone()).load().unwrap();
        let (fingerprint, keyring) = (vault.fingerprint(), seen(system, name));
        let device = device_id(&vault.device_key().public());
        let open = |(_, seed): &(_, _)| keyring.unwrap_keys(&device, seed, &fingerprint).ok();
        let keys = own.wrapping.iter().find_map(open).unwrap();
        Self { vault, keyring, keys }
    }

    /// Which device it is.
    pub fn device(&self) -> DeviceId {
        device_id(&self.vault.device_key().public())
    }

    /// The duty key that it knows.
    pub fn duty_key(&self) -> PublicKey {
        PrivateKey::from_seed(&self.keys.duty_key).public()
    }

    /// A notice as this device signs it.
    pub fn sign_notice(&self, notice: &Notice) -> Vec<u8> {
        let certificate = Certificate::decode(&self.keys.certificate.0).unwrap();
        let duty_key = PrivateKey::from_seed(&self.keys.duty_key);
        let body = serde_json::to_vec(notice).unwrap();
        Envelope::sign(Kind::Notice, self.vault.identity, certificate, &duty_key, body).encode()
    }

    /// A letters document as this device signs it.
    pub fn sign_letters(&self, letters: &Letters) -> Vec<u8> {
        let certificate = Certificate::decode(&self.keys.certificate.0).unwrap();
        let duty_key = PrivateKey::from_seed(&self.keys.duty_key);
        let body = letters.body().unwrap();
        Envelope::sign(Kind::Letters, self.vault.identity, certificate, &duty_key, body).encode()
    }

    /// The keyring in use as this device would have it: all keys are wrapped to it again.
    pub fn keyring_after(&self, now: &Keyring, system: &System) -> Vec<u8> {
        let fingerprint = self.vault.fingerprint();
        let own = self.keyring.device(&device_id(&self.vault.device_key().public())).unwrap();
        let mut devices = now.devices.clone();
        devices.retain(|device| device.id != own.id && device.posting_slot != own.posting_slot);
        devices.push(own.clone());
        let keyring = Keyring { serial: now.serial + 1, by: Some(own.id), ..now.clone() };
        let devices: Vec<_> = devices.iter().map(identity).collect();
        let keyring = keyring.wrapped_to(&devices, &self.keys, &fingerprint, &mut system.rng()).unwrap();
        let certificate = Certificate::decode(&self.keys.certificate.0).unwrap();
        let duty_key = PrivateKey::from_seed(&self.keys.duty_key);
        let body = serde_json::to_vec(&keyring).unwrap();
        Envelope::sign(Kind::Keyring, self.vault.identity, certificate, &duty_key, body)
            .put_by(Putter::Device(&self.vault.device_key()), keyring.serial)
            .encode()
    }
}

pub fn other_device(desk: &Desk) -> DeviceId {
    desk.devices().unwrap().iter().find(|device| !device.is_own).unwrap().id
}

/// No keyring that any of these makes is taken, by the hub or by a device that a lying hub shows it to.
fn is_powerless(system: &System, tap: &Tap, desk: Desk, known: &[Known]) {
    let address = format!("{}/{}/v1/keyring", system.hub_url(), desk.fingerprint().desk_id());
    let request = system.ask_to_join("newcomer", &desk);
    drop(desk);
    for known in known {
        let forged = known.keyring_after(&seen(system, "first"), system);
        let put = agent().put(&address).send(&forged);
        assert!(matches!(put, Err(ureq::Error::StatusCode(400))), "{put:?}");
        tap.script(move |seen| match (&seen.method[..], &seen.path[..]) {
            ("PUT", "v1/keyring") => Move::Refuse(409),
            ("GET", "v1/keyring") => {
                let forged = forged.clone();
                Move::Change(Box::new(move |bytes| *bytes = forged))
            }
            _ => Move::Pass,
        });
        let desk = system.open_desk("first");
        let shown = desk.admit(&request);
        assert!(matches!(shown, Err(DeskError::Alarm(Alarm::KeyringForged))), "{shown:?}");
        assert_eq!(desk.health().alarm, Some(Alarm::KeyringForged));
        tap.honest();
    }
}

pub fn works(system: &System, desk: &Desk, caller: &mut Caller, text: &str) {
    caller.write(text).unwrap();
    desk.sync().unwrap();
    assert!(desk.open_call(&caller.id()).unwrap().calls().any(|call| call.text() == text));
    desk.answer(&NewAnswer::new(&caller.id(), text)).unwrap();
    system.beats(desk, 6);
    assert!(caller.read().unwrap().answers.iter().any(|answer| answer.text == text));
}

#[test]
fn no_duty_key_of_a_generation_signs_a_keyring_once_it_was_replaced() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let insider = system.add_device("insider", &first);
    system.beats(&insider, 2);
    drop(insider);
    let on_the_first_day = Known::to(&system, "insider");
    // Nobody saves the state, so the generation does not end; the identity certifies another key in it.
    let identity = Vault::open(&system.desk_dir("first"), PASSPHRASE).unwrap().identity_key().unwrap();
    for n in 0..8 {
        if n == 4 {
            first.certify(&identity).unwrap();
        }
        system.clock.advance_days(1);
        first.beat().unwrap();
    }
    let mut caller = system.caller(&first);
    caller.write("under a new epoch").unwrap();
    // It looks for the key of the call, and finds the newest keyring.
    system.open_desk("insider").follow(0).unwrap();
    let on_the_ninth = Known::to(&system, "insider");
    assert_eq!(on_the_ninth.keyring.generation, 1);
    assert!(on_the_ninth.keys.duty_key != on_the_first_day.keys.duty_key, "it was replaced");
    first.remove_device(&other_device(&first)).unwrap();
    is_powerless(&system, &tap, first, &[on_the_first_day, on_the_ninth]);
    works(&system, &system.open_desk("first"), &mut caller, "afterwards");
}

#[test]
fn a_duty_key_that_is_still_in_use_is_none_to_put_keyrings_with_while_the_custodian_is_away() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    drop(system.add_device("insider", &first));
    let insider = Known::to(&system, "insider");
    first.remove_device(&other_device(&first)).unwrap();
    assert_eq!(Known::to(&system, "first").keys.duty_key, insider.keys.duty_key);
    let mut caller = system.caller(&first);
    is_powerless(&system, &tap, first, &[insider]);
    let first = system.open_desk("first");
    works(&system, &first, &mut caller, "before the custodian came");
    first.certify(&identity).unwrap();
    works(&system, &first, &mut caller, "after that");
}

#[test]
fn a_desk_whose_insider_shut_everybody_out_comes_back_by_its_identity_with_its_cases() {
    let system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    let insider = system.add_device("insider", &first);
    let mut caller = system.caller(&first);
    caller.write("before the insider").unwrap();
    first.sync().unwrap();
    system.beats(&first, 4);
    insider.sync().unwrap();
    insider.remove_device(&other_device(&insider)).unwrap();
    assert!(matches!(first.sync(), Err(DeskError::Hub(HubError::NotADevice))));
    system.beats(&insider, 30);
    // What is sealed to the insider's keys meanwhile nobody else opens.
    caller.write("to the insider alone").unwrap();
    insider.sync().unwrap();
    system.beats(&insider, 3);
    drop(first);

    let stranger = PrivateKey::generate(&mut system.rng());
    assert!(matches!(system.restart_desk("first", &stranger), Err(DeskError::OtherIdentity)));
    let first = system.restart_desk("first", &identity).unwrap();
    assert_eq!((first.generation(), first.devices().unwrap().len()), (3, 1));
    assert!(insider.sync().is_err() && insider.beat().is_err());
    let calls =
        first.open_call(&caller.id()).unwrap().calls().map(|call| call.text().clone()).collect::<Vec<_>>();
    assert_eq!(calls, ["before the insider"]);
    works(&system, &first, &mut caller, "after the restart");
    drop(first);
    let first = system.open_desk("first");
    works(&system, &first, &mut caller, "after a start");
    let joined = system.add_device("joined", &first);
    system.beats(&first, 10);
    joined.sync().unwrap();
    assert_eq!(shown(&joined), shown(&first));
    for _ in 0..9 {
        system.clock.advance_days(1);
        for desk in [&first, &joined] {
            desk.sync().unwrap();
            system.beats(desk, 4);
        }
    }
    assert_eq!((first.generation(), first.devices().unwrap().len()), (4, 2));
    works(&system, &joined, &mut caller, "in the next generation");
    assert_eq!((first.health().alarm, joined.health().alarm), (None, None));
}

#[test]
fn a_desk_that_has_lost_all_devices_goes_on_by_its_identity() {
    let system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "lost with the devices");
    let request = system.ask_to_join("found", &first);
    drop(first);
    std::fs::remove_dir_all(system.desk_dir("first")).unwrap();
    assert!(matches!(system.try_open_desk("found"), Err(DeskError::NotAdmitted)));
    let found = system.restart_desk("found", &identity).unwrap();
    assert_eq!(found.devices().unwrap()[0].id, device_id(&request.signing_key));
    assert!(found.case(&caller.id()).is_err(), "nobody has it any more");
    drop(found);
    let found = system.open_desk("found");
    works(&system, &found, &mut caller, "after the restart");
    for _ in 0..9 {
        system.clock.advance_days(1);
        found.sync().unwrap();
        system.beats(&found, 4);
    }
    assert_eq!(found.generation(), 3);
    works(&system, &found, &mut caller, "in the next generation");
    let joined = system.add_device("joined", &found);
    assert_eq!(shown(&joined), shown(&found));
    // Once more, from a device that knows its state.
    drop((found, joined));
    let found = system.restart_desk("found", &identity).unwrap();
    assert_eq!((found.generation(), found.devices().unwrap().len()), (4, 1));
    works(&system, &found, &mut caller, "after another");
}

#[test]
fn a_restart_that_another_has_made_is_an_alarm_at_each_device() {
    let system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    let request = system.ask_to_join("newcomer", &first);
    let known = Known::to(&system, "first");
    let restart = Keyring { serial: known.keyring.serial + 5, by: None, ..known.keyring.clone() };
    let certificate = Certificate::decode(&known.keys.certificate.0).unwrap();
    let duty_key = PrivateKey::from_seed(&known.keys.duty_key);
    let body = serde_json::to_vec(&restart).unwrap();
    let envelope = Envelope::sign(Kind::Keyring, known.vault.identity, certificate, &duty_key, body)
        .put_by(Putter::Identity(&identity), restart.serial)
        .encode();
    let address = format!("{}/{}/v1/keyring", system.hub_url(), first.fingerprint().desk_id());
    agent().put(&address).send(&envelope).unwrap();
    assert!(matches!(first.admit(&request), Err(DeskError::Alarm(Alarm::Restarted))));
    assert_eq!(first.health().alarm, Some(Alarm::Restarted));
    assert!(first.beat().is_err(), "nothing is written");
    drop(first);
    // Who keeps the identity takes the desk back.
    let first = system.restart_desk("first", &identity).unwrap();
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "taken back");
}

/// A keyring in use with a device that nobody has let in.
fn with_a_stranger(known: &Known, now: &Keyring, system: &System) -> Vec<u8> {
    let stranger = PrivateKey::generate(&mut system.rng()).public();
    let posting_slot = 7;
    let device =
        Device { id: device_id(&stranger), signing_key: stranger, posting_slot, ..now.devices[0].clone() };
    let mut devices = now.devices.clone();
    devices.push(device);
    known.keyring_after(&Keyring { devices, ..now.clone() }, system)
}

#[test]
fn a_device_that_nobody_let_in_is_an_alarm_and_nothing_is_written_under_its_keyring() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    drop(system.add_device("insider", &first));
    let insider = Known::to(&system, "insider");
    let mut caller = system.caller(&first);
    let address = format!("{}/{}/v1/keyring", system.hub_url(), first.fingerprint().desk_id());
    let forged = with_a_stranger(&insider, &seen(&system, "first"), &system);
    // The hub cannot know what the log says.
    agent().put(&address).send(&forged).unwrap();
    tap.take();
    let request = system.ask_to_join("newcomer", &first);
    let refused = first.admit(&request);
    assert!(matches!(refused, Err(DeskError::Alarm(Alarm::KeyringUnsaid))), "{refused:?}");
    let written = tap.take().into_iter().filter(|seen| seen.status < 300 && seen.path == "v1/notice");
    assert_eq!(written.filter(|seen| seen.method == "PUT").count(), 0);
    assert!(first.beat().is_err() && first.sync().is_err());
    drop(first);
    let first = system.open_desk("first");
    assert!(matches!(first.sync(), Err(DeskError::Alarm(Alarm::KeyringUnsaid))), "a start changes nothing");
    drop(first);
    let first = system.restart_desk("first", &identity).unwrap();
    works(&system, &first, &mut caller, "after the restart");
    assert!(system.open_desk("insider").sync().is_err());
}

#[test]
fn a_lying_hub_that_leaves_numbers_out_brings_no_removed_device_back() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    drop(system.add_device("insider", &first));
    let insider = Known::to(&system, "insider");
    first.remove_device(&other_device(&first)).unwrap();
    let now = seen(&system, "first");
    let now_serial = now.serial;
    // As if the one between were another device's, that this one has missed.
    let forged = insider.keyring_after(&Keyring { serial: now.serial + 1, ..now }, &system);
    let request = system.ask_to_join("newcomer", &first);
    let (shown, serial) = (forged.clone(), now_serial + 2);
    tap.script(move |seen| match (&seen.method[..], &seen.path[..]) {
        ("PUT", "v1/keyring") => Move::Refuse(409),
        ("GET", "v1/keyring") => {
            let forged = shown.clone();
            Move::Change(Box::new(move |bytes| *bytes = forged))
        }
        // It says of its lie what the lie says.
        ("GET", path) if path.starts_with("v1/follow") => Move::Change(Box::new(move |bytes| {
            let Ok(follow) = Follow::decode(bytes) else { return };
            *bytes = Follow { keyring: serial, ..follow }.encode();
        })),
        _ => Move::Pass,
    });
    let admitted = first.admit(&request);
    assert!(matches!(admitted, Err(DeskError::Alarm(Alarm::KeyringUnsaid))), "{admitted:?}");
    assert!(first.beat().is_err(), "nothing is written under it");
    tap.honest();
    drop(first);
    let first = system.restart_desk("first", &identity).unwrap();
    works(&system, &first, &mut system.caller(&first), "after the restart");
}

#[test]
fn a_device_that_missed_an_admission_and_what_the_new_one_put_works_on() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let third = system.add_device("third", &first);
    system.clock.advance_days(1);
    // New epochs, put by a device that the second has never heard of.
    third.sync().unwrap();
    system.beats(&third, 2);
    assert_eq!(
        seen(&system, "third").by,
        Some(third.devices().unwrap().iter().find(|d| d.is_own).unwrap().id)
    );
    let mut caller = system.caller(&first);
    works(&system, &second, &mut caller, "seen by all");
    assert_eq!(second.health().alarm, None);
    third.remove_device(&second.devices().unwrap().iter().find(|d| d.is_own).unwrap().id).unwrap();
    first.sync().unwrap();
    works(&system, &first, &mut caller, "seen by two");
    assert_eq!((first.health().alarm, first.devices().unwrap().len()), (None, 2));
}
