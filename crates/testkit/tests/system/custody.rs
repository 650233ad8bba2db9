//! The identity is kept away from the desk: the desk works on, says when it is needed, and can name a successor.

use callsign_desk::{
    Custody, Desk, DeskError, Outside, SettingsChange,
    keys::{Cost, VaultError, open_identity},
};
use callsign_protocol::{
    identity::{Fingerprint, PrivateKey},
    notice::{Notice, VerifiedNotice},
};
use callsign_testkit::{PASSPHRASE, System, shown};

use crate::{
    agent,
    insider::Insider,
    removed::{Known, other_device, works},
};

pub const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };
const FILE_PASSPHRASE: &str = "the custodian's passphrase";

pub fn detach(system: &System, desk: &Desk) -> PrivateKey {
    let (dir, file) = (system.desk_dir("first"), system.desk_dir("identity"));
    let custody = Custody {
        dir: &dir,
        passphrase: PASSPHRASE,
        file: &file,
        file_passphrase: FILE_PASSPHRASE,
        cost: CHEAP,
    };
    desk.detach_identity(&custody, &mut system.rng()).unwrap();
    open_identity(&file, FILE_PASSPHRASE).unwrap()
}

/// A day of a desk's work.
fn day(system: &System, desk: &Desk) {
    system.clock.advance_days(1);
    for _ in 0..6 {
        system.clock.advance(2);
        // Where the certificate has ended nothing can be published, and what came is kept.
        let _ = desk.sync().and_then(|()| desk.beat());
    }
}

pub fn notice(system: &System, desk: &Desk) -> VerifiedNotice {
    let address = format!("{}/{}/v1/notice", system.hub_url(), desk.fingerprint().desk_id());
    let envelope = agent().get(&address).call().unwrap().body_mut().read_to_vec().unwrap();
    Notice::verify(&envelope, Some(&desk.fingerprint()), system.clock.now()).unwrap()
}

#[test]
fn a_desk_without_its_identity_works_asks_for_a_certificate_in_time_and_retires_the_key_before() {
    let system = System::start();
    let desk = system.init_desk("first");
    let identity = detach(&system, &desk);
    assert!(!desk.has_identity() && !system.open_desk("first").has_identity());
    let today = system.clock.now().day();
    assert_eq!(desk.health().certificate_ends, today.plus(35));
    let signer = notice(&system, &desk).signer.duty_key;
    for n in 1..=25 {
        assert!(!desk.health().certificate_is_due, "day {n}");
        day(&system, &desk);
    }
    assert!(desk.generation() > 2, "generations turn over with the duty key that is certified");
    assert_eq!(notice(&system, &desk).signer.duty_key, signer);
    assert!(desk.health().certificate_is_due);
    assert_eq!(desk.health().certificate_ends, today.plus(35));

    assert_eq!(desk.certify(&identity).unwrap(), today.plus(25 + 35));
    assert!(!desk.health().certificate_is_due);
    assert_ne!(notice(&system, &desk).signer.duty_key, signer);
    let mut caller = system.caller(&desk);
    caller.write("under the new duty key").unwrap();
    desk.sync().unwrap();
    desk.open_call(&caller.id()).unwrap();
}

#[test]
fn a_certificate_that_has_ended_is_renewed_by_the_custodian_alone() {
    let system = System::start();
    let desk = system.init_desk("first");
    let identity = detach(&system, &desk);
    for _ in 0..40 {
        day(&system, &desk);
    }
    let refused = desk.sync();
    assert!(matches!(refused, Err(DeskError::CertificateEnded(_))), "{refused:?}");
    assert!(matches!(desk.outside(), Some(Outside::CertificateEnded(_))));
    let stranger = PrivateKey::generate(&mut system.rng());
    assert!(matches!(desk.certify(&stranger), Err(DeskError::OtherIdentity)));
    desk.certify(&identity).unwrap();
    let mut caller = system.caller(&desk);
    caller.write("after the gap").unwrap();
    desk.sync().unwrap();
    desk.open_call(&caller.id()).unwrap();
}

#[test]
fn a_program_that_serves_the_desk_goes_on_after_another_had_the_identity_certify() {
    let system = System::start();
    let desk = system.init_desk("first");
    let identity = detach(&system, &desk);
    let served = system.open_desk("first");
    served.sync().unwrap();
    system.beats(&served, 2);
    let signer = notice(&system, &served).signer.duty_key;
    desk.certify(&identity).unwrap();
    // It has something to publish before it has seen the keyring, and before a day has passed.
    let renamed = SettingsChange { name: Some("Renamed".to_owned()), ..SettingsChange::default() };
    served.change_settings(&renamed).unwrap();
    system.beats(&served, 4);
    let now = notice(&system, &served);
    assert_eq!((now.notice.name.as_str(), now.signer.duty_key == signer), ("Renamed", false));
    assert_eq!(served.health().certificate_ends, desk.health().certificate_ends);
}

#[test]
fn another_device_signs_lists_under_the_key_that_was_certified_beside_it() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let identity = detach(&system, &first);
    system.beats(&first, 2);
    first.certify(&identity).unwrap();
    // Nothing turns over on this day, and the second works on alone.
    second.sync().unwrap();
    system.beats(&second, 4);
    assert_eq!(second.health().certificate_ends, first.health().certificate_ends);
    let reading = system.caller(&second).read().unwrap();
    assert!(reading.lists_current && reading.desk_seen.is_some(), "{reading:?}");
}

#[test]
fn a_removed_device_cannot_publish_once_the_custodian_has_certified() {
    let system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    system.add_device("second", &first);
    let id = first.devices().unwrap().iter().find(|device| !device.is_own).unwrap().id;
    first.remove_device(&id).unwrap();
    let known_to_second = notice(&system, &first).signer.duty_key;
    first.certify(&identity).unwrap();
    let now = notice(&system, &first);
    assert_ne!(now.signer.duty_key, known_to_second);
    // What it makes with the keys that it has, of the serial that is next, the hub refuses, whoever puts it.
    let next = Notice { serial: now.notice.serial + 1, ..now.notice };
    let of_first = Insider::new(&system, "first");
    let forged = Known::to(&system, "second").sign_notice(&next);
    assert_eq!(of_first.put_notice(&forged), 400);
    // The same notice, signed as it should be, it takes.
    assert_eq!(of_first.put_notice(&Known::to(&system, "first").sign_notice(&next)), 204);
}

#[test]
fn the_identity_comes_back_from_its_file_and_from_no_other() {
    let system = System::start();
    let desk = system.init_desk("first");
    detach(&system, &desk);
    let (dir, file) = (system.desk_dir("first"), system.desk_dir("identity"));
    let custody = |file_passphrase| Custody {
        dir: &dir,
        passphrase: PASSPHRASE,
        file: &file,
        file_passphrase,
        cost: CHEAP,
    };
    let again = desk.detach_identity(&custody(FILE_PASSPHRASE), &mut system.rng());
    assert!(matches!(again, Err(DeskError::NoIdentity)));
    let wrong = Desk::attach_identity(&custody("something else"), &mut system.rng());
    assert!(matches!(wrong, Err(DeskError::Vault(VaultError::RecoveryPassphrase(_)))));
    Desk::attach_identity(&custody(FILE_PASSPHRASE), &mut system.rng()).unwrap();
    assert!(system.open_desk("first").has_identity());
}

#[test]
fn a_successor_is_in_the_notices_of_every_device_and_outlives_a_generation() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let identity = detach(&system, &first);
    let next = PrivateKey::generate(&mut system.rng()).public();
    let from = system.clock.now().day().plus(60);
    first.announce_successor(&identity, next, from).unwrap();
    let announced = |desk: &Desk| notice(&system, desk).notice.successor.map(|s| (s.fingerprint(), s.from));
    assert_eq!(announced(&first), Some((Fingerprint::of(&next), from)));
    for _ in 0..9 {
        day(&system, &second);
        day(&system, &first);
    }
    assert!(second.generation() > 1);
    assert_eq!(announced(&second), Some((Fingerprint::of(&next), from)));
    system.lose_cache("second");
    drop(second);
    let second = system.open_desk("second");
    second.sync().unwrap();
    day(&system, &second);
    assert_eq!(announced(&second), Some((Fingerprint::of(&next), from)));
}

#[test]
fn a_device_with_the_identity_that_was_left_out_and_lost_its_cache_says_so_and_comes_back() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    system.beats(&second, 2);
    second.remove_device(&other_device(&second)).unwrap();
    system.beats(&second, 4);
    drop(first);
    system.lose_cache("first");
    let sentence = system.try_open_desk("first").unwrap_err().to_string();
    assert!(matches!(system.try_open_desk("first"), Err(DeskError::LeftOut(_))), "{sentence}");
    for way_out in ["identity detach", "desk join", "desk admit", "identity attach", "identity restart"] {
        assert!(sentence.contains(way_out) && !sentence.contains("desk init"), "{sentence}");
    }

    // Each step that the sentence names.
    let (dir, file) = (system.desk_dir("first"), system.desk_dir("identity"));
    let with = |file_passphrase| Custody {
        dir: &dir,
        passphrase: PASSPHRASE,
        file: &file,
        file_passphrase,
        cost: CHEAP,
    };
    let same = Desk::detach_left_out(&with(PASSPHRASE), &mut system.rng());
    assert!(matches!(same, Err(DeskError::SamePassphrase)));
    Desk::detach_left_out(&with(FILE_PASSPHRASE), &mut system.rng()).unwrap();
    let again = Desk::detach_left_out(&with(FILE_PASSPHRASE), &mut system.rng());
    assert!(matches!(again, Err(DeskError::NoIdentity)));
    assert!(matches!(system.try_open_desk("first"), Err(DeskError::NotAdmitted)));
    second.admit(&system.ask_to_join("first", &second)).unwrap();
    Desk::attach_identity(&with(FILE_PASSPHRASE), &mut system.rng()).unwrap();
    let first = system.open_desk("first");
    first.sync().unwrap();
    assert!(first.has_identity());
    assert_eq!(shown(&first), shown(&second));
    works(&system, &first, &mut caller, "back again");
}

#[test]
fn where_no_device_is_left_the_identity_of_one_that_was_left_out_restarts_the_desk() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let mut caller = system.caller(&first);
    second.remove_device(&other_device(&second)).unwrap();
    drop((first, second));
    system.lose_cache("first");
    let (dir, file) = (system.desk_dir("first"), system.desk_dir("identity"));
    let custody = Custody {
        dir: &dir,
        passphrase: PASSPHRASE,
        file: &file,
        file_passphrase: FILE_PASSPHRASE,
        cost: CHEAP,
    };
    Desk::detach_left_out(&custody, &mut system.rng()).unwrap();
    let identity = open_identity(&file, FILE_PASSPHRASE).unwrap();
    let first = system.restart_desk("first", &identity).unwrap();
    works(&system, &first, &mut caller, "after the restart");
}
