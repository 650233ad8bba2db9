//! A device that is let in, by ways round what others and its own program believe of it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use callsign_desk::{
    Ambient, ContentFile, ContentFiles, Desk, DeskError, JoinOptions, Settings, Timer, cases::Role,
};
use callsign_http::Proxies;
use callsign_protocol::{
    caller_keys::x25519_public,
    encoding::{Bytes, Secret},
    keyring::{DeviceId, device_id},
};
use callsign_testkit::{Move, PASSPHRASE, System};
use serde_json::json;

use crate::{
    agent,
    custody::{CHEAP, detach, notice},
    insider::Insider,
    removed::{Known, seen, works},
};

/// The seed of a key that the insider keeps.
const PLANTED: Secret<32> = Secret([9; 32]);

fn own(desk: &Desk) -> DeviceId {
    desk.devices().unwrap().iter().find(|device| device.is_own).unwrap().id
}

fn put(system: &System, first: &Desk, forged: &[u8]) {
    let address = format!("{}/{}/v1/keyring", system.hub_url(), first.fingerprint().desk_id());
    agent().put(&address).send(forged).unwrap();
}

/// As `a_restart_at_a_newcomer_carries_no_key_on_that_nothing_has_proven`, but for the key in use: a restart makes it a former one.
#[test]
fn a_restart_at_a_newcomer_does_not_carry_the_answer_key_on_that_nothing_has_proven() {
    let system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    first.admit(&system.ask_to_join("newcomer", &first)).unwrap();
    system.open_desk("insider").sync().unwrap();
    let mut known = Known::to(&system, "insider");
    known.keys.answer_key = PLANTED;
    put(&system, &first, &known.keyring_after(&seen(&system, "first"), &system));
    let newcomer = system.open_desk("newcomer");
    assert!(matches!(newcomer.sync(), Err(DeskError::WrongFirstKeys { .. })));
    drop(newcomer);
    let newcomer = system.restart_desk("newcomer", &identity).unwrap();
    system.beats(&newcomer, 2);
    let notice = notice(&system, &newcomer).notice;
    assert!(
        notice.former_answer_keys.iter().all(|former| former.key != x25519_public(&PLANTED)),
        "callers take answers of the insider, whom the restart was to shut out"
    );
}

/// An admission is said once in a generation, and whoever says it first says the answer keys: a custodian's device says it of a colleague's device
/// that is to come back, or whose request it has seen, before anybody lets that in. The honest device does not look at what was said.
#[test]
fn a_colleague_is_not_blamed_by_a_device_that_an_insider_has_let_in_under_other_keys_beforehand() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    let request = system.ask_to_join("newcomer", &first);
    let said = json!({"id": Bytes([2; 16]), "type": "device_admitted", "generation": 1,
        "device": device_id(&request.signing_key), "person": first.me().unwrap(), "answer_keys": [x25519_public(&PLANTED)]});
    Insider::new(&system, "insider").commit(system.clock.now(), &[said]);
    let insider = Known::to(&system, "insider").device();
    let admitted = first.admit(&request);
    assert!(matches!(&admitted, Err(DeskError::AdmittedOtherwise(by)) if *by == insider), "{admitted:?}");
    assert!(matches!(system.try_open_desk("newcomer"), Err(DeskError::NotAdmitted)), "nothing was put");
    // The way out that the sentence names.
    first.remove_device(&insider).unwrap();
    first.admit(&request).unwrap();
    system.open_desk("newcomer").sync().unwrap();
}

/// Honest devices alone: a colleague who took the device for another person's was interrupted before the keyring.
#[test]
fn a_device_is_not_let_in_as_another_persons_without_a_word() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    system.beats(&second, 2);
    let osyka = first.add_person("Osyka", BTreeSet::from([Role::Custodian])).unwrap();
    let yavir = first.add_person("Yavir", BTreeSet::from([Role::Operator])).unwrap();
    let request = system.ask_to_join("newcomer", &first);
    tap.script(|seen| {
        if seen.method == "PUT" && seen.path == "v1/keyring" { Move::Refuse(503) } else { Move::Pass }
    });
    assert!(second.admit_for(&request, osyka).is_err());
    tap.honest();
    let admitted = first.admit_for(&request, yavir);
    let newcomer = device_id(&request.signing_key);
    let whose = first.people().into_iter().find(|person| person.devices.contains(&newcomer));
    assert!(
        admitted.is_err() || whose.as_ref().is_some_and(|person| person.id == yavir),
        "it is let in for Yavir, says the command, and it is {whose:?}"
    );
}

/// Honest devices alone: the only custodian lets in the next one's device, gives the role up, and that device is switched on a week later.
#[test]
fn a_desk_keeps_a_custodian_where_the_next_ones_device_comes_late() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(detach(&system, &first));
    let next = first.add_person("Osyka", BTreeSet::from([Role::Custodian])).unwrap();
    first.admit_for(&system.ask_to_join("late", &first), next).unwrap();
    let me = first.me().unwrap();
    let given_up = first.set_roles(&me, BTreeSet::from([Role::Operator]), None);
    let is_custodian = |desk: &Desk| {
        let devices: Vec<_> = desk.devices().unwrap().iter().map(|device| device.id).collect();
        let mut people = desk.people().into_iter();
        people.any(|person| {
            person.roles.contains(&Role::Custodian) && person.devices.iter().any(|id| devices.contains(id))
        })
    };
    for _ in 0..10 {
        first.sync().unwrap();
        system.beats(&first, 3);
        system.clock.advance_days(1);
    }
    assert!(
        is_custodian(&first),
        "generation {}: nobody lets anybody in or out any more; giving the role up was {given_up:?}",
        first.generation()
    );
}

/// Honest devices and hub: a newcomer begins anew with the keyring that a colleague has put right, while another answer is on its way to it.
#[test]
fn a_newcomer_that_begins_anew_takes_an_answer_of_before_for_no_fork() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    first.admit(&system.ask_to_join("newcomer", &first)).unwrap();
    system.open_desk("insider").sync().unwrap();
    let mut known = Known::to(&system, "insider");
    known.keys.answer_key = PLANTED;
    put(&system, &first, &known.keyring_after(&seen(&system, "first"), &system));
    let newcomer = Arc::new(system.open_desk("newcomer"));
    assert!(matches!(newcomer.sync(), Err(DeskError::WrongFirstKeys { .. })));
    // It is put right, and the log goes on.
    first.sync().unwrap();
    system.beats(&first, 3);
    // One thread has its answer, and another one asks and takes before that.
    let (has_answer, answered) = mpsc::channel::<()>();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let held = Arc::new(Mutex::new(Some((has_answer, may_go_on))));
    tap.script(move |seen| {
        if !seen.path.starts_with("v1/follow") {
            return Move::Pass;
        }
        match held.lock().unwrap().take() {
            None => Move::Pass,
            Some((has_answer, may_go_on)) => Move::Change(Box::new(move |_| {
                has_answer.send(()).unwrap();
                let _ = tokio::task::block_in_place(|| may_go_on.recv_timeout(Duration::from_secs(20)));
            })),
        }
    });
    let follower = Arc::clone(&newcomer);
    let follows = std::thread::spawn(move || follower.follow(0).map(drop));
    answered.recv_timeout(Duration::from_secs(20)).unwrap();
    // What somebody does on a page.
    let acted = newcomer.follow(0).map(drop);
    go_on.send(()).unwrap();
    let followed = follows.join().unwrap();
    tap.honest();
    assert_eq!(newcomer.health().alarm, None, "no hub and no device has lied: {acted:?}, {followed:?}");
    newcomer.sync().unwrap();
}

/// Honest devices alone: what was imported into a device that has not been in step yet, while the desk's keys of the day come.
#[test]
fn a_newcomer_keeps_what_was_imported_into_it_before_it_was_in_step() {
    let system = System::start();
    let first = system.init_desk("first");
    first.admit(&system.ask_to_join("newcomer", &first)).unwrap();
    let newcomer = system.open_desk("newcomer");
    let text = "---\nkeyword: hello\nlanguage: en\ntitle: Hello\n---\nHello.\n";
    let file = ContentFile { name: "hello.md".to_owned(), text: text.to_owned() };
    let files = ContentFiles { templates: Some(vec![file]), checklists: None };
    newcomer.import_content(&files, |_| None).unwrap();
    assert_eq!(newcomer.templates().unwrap().len(), 1);
    system.clock.advance_days(1);
    first.sync().unwrap();
    system.beats(&first, 2);
    newcomer.sync().unwrap();
    assert_eq!(newcomer.templates().unwrap().len(), 1, "they were kept, and nobody has taken them out");
}

/// What a recovery kit is for (`callsign desk recover-kit` is these two): all devices are lost, and whoever keeps the paper comes days later, when the
/// notice at the hub has expired, for nobody was there to renew it.
#[test]
fn a_desk_whose_devices_are_lost_for_days_comes_back_by_its_identity() {
    for days in [1, 4, 20, 60] {
        let system = System::start();
        let first = system.init_desk("first");
        let identity = detach(&system, &first);
        let mut caller = system.caller(&first);
        works(&system, &first, &mut caller, "before");
        let fingerprint = first.fingerprint();
        drop(first);
        std::fs::remove_dir_all(system.desk_dir("first")).unwrap();
        system.clock.advance_days(days);
        let join = JoinOptions { hub: system.hub_url(), fingerprint, settings: Settings::short() };
        let ambient = Ambient {
            clock: system.clock.clock(),
            timer: Timer::standing(),
            rng: Box::new(system.rng()),
            proxies: Proxies::none(),
        };
        let asked = Desk::ask_to_join(&system.desk_dir("found"), PASSPHRASE, CHEAP, &join, ambient);
        assert!(asked.is_ok(), "after {days} days: {:?}", asked.err());
        let back = system.restart_desk("found", &identity);
        assert!(back.is_ok(), "after {days} days: {:?}", back.err());
    }
}

/// All devices are lost, and the desk goes on the same day. Addresses follow from caller, day, posting slot and place: the device that restarts the desk
/// has the slot of the one that was lost, and begins with its first place.
#[test]
fn a_desk_that_goes_on_from_nothing_uses_no_address_twice() {
    let system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    system.ask_to_join("found", &first);
    drop(first);
    std::fs::remove_dir_all(system.desk_dir("first")).unwrap();
    let desk = system.restart_desk("found", &identity).unwrap();
    works(&system, &desk, &mut caller, "behind the restart");
    let database = rusqlite::Connection::open(system.hub_dir().join("hub.sqlite")).unwrap();
    let mut drops = database.prepare("SELECT body FROM drops").unwrap();
    let bodies = drops.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let addresses: Vec<_> = bodies.map(|body| body.unwrap()[..16].to_vec()).collect();
    let different: BTreeSet<_> = addresses.iter().collect();
    assert_eq!(
        addresses.len() - different.len(),
        0,
        "the hub sees that two drops are to one caller, and that none of them is a dummy"
    );
}

/// Two custodians at once, and nobody lies: one lets a device in, and between its word in the log and its keyring the other one shuts a lost device out.
#[test]
fn a_device_works_whose_admission_stood_in_the_log_when_a_colleague_began_a_generation() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let second = Arc::new(system.add_device("second", &first));
    let third = system.add_device("third", &first);
    let lost = own(&third);
    for desk in [&first, &*second] {
        desk.sync().unwrap();
        system.beats(desk, 3);
    }
    first.sync().unwrap();
    let request = system.ask_to_join("newcomer", &first);
    let (colleague, mut is_first) = (Arc::clone(&second), true);
    tap.script(move |seen| {
        if seen.path != "v1/commit" || !std::mem::take(&mut is_first) {
            return Move::Pass;
        }
        // The admission is in the log, and whoever wrote it does not know that yet.
        let colleague = Arc::clone(&colleague);
        Move::Change(Box::new(move |_| {
            let removes = std::thread::spawn(move || colleague.remove_device(&lost).unwrap());
            tokio::task::block_in_place(|| removes.join()).unwrap();
        }))
    });
    let admitted = first.admit(&request);
    tap.honest();
    assert_eq!(first.generation(), 2, "{admitted:?}");
    let newcomer = system.try_open_desk("newcomer");
    let mut synced = Ok(());
    for _ in 0..4 {
        for desk in [&first, &*second] {
            desk.sync().unwrap();
            system.beats(desk, 10);
        }
        synced = newcomer.as_ref().map_or(Ok(()), Desk::sync);
    }
    assert!(
        admitted.is_err() || (newcomer.is_ok() && synced.is_ok()),
        "it is let in, says the command, and no device has lied: {:?}, {synced:?}",
        newcomer.err()
    );
}
