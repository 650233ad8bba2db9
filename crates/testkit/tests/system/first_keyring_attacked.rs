//! The first keyring of a device, by other ways round what the log says of it.

use callsign_desk::{Desk, DeskError};
use callsign_protocol::{
    caller_keys::x25519_public,
    encoding::{Bytes, Secret},
    follow::Follow,
    identity::PrivateKey,
    keyring::{DeskKeys, DeviceId, FormerAnswerKey, Keyring, device_id},
    signed::{Certificate, Envelope, Kind, Putter},
};
use callsign_testkit::{Caller, Move, System};
use serde_json::json;

use crate::{
    agent,
    custody::{detach, notice},
    insider::Insider,
    keyring_members::said_key,
    removed::{Known, identity, seen, works},
};

/// The seed of a key that the insider keeps.
const PLANTED: Secret<32> = Secret([9; 32]);

/// A desk that has let a newcomer in, which has not been opened yet, and what an insider of it knows.
fn let_in(system: &System) -> (Desk, Known, DeviceId, Caller) {
    let first = system.init_desk("first");
    let insider = system.add_device("insider", &first);
    let mut caller = system.caller(&first);
    works(system, &first, &mut caller, "before");
    insider.sync().unwrap();
    system.beats(&insider, 3);
    first.sync().unwrap();
    system.beats(&first, 2);
    let request = system.ask_to_join("newcomer", &first);
    first.admit(&request).unwrap();
    insider.sync().unwrap();
    drop(insider);
    (first, Known::to(system, "insider"), device_id(&request.signing_key), caller)
}

fn put(system: &System, first: &Desk, forged: &[u8]) {
    let address = format!("{}/{}/v1/keyring", system.hub_url(), first.fingerprint().desk_id());
    agent().put(&address).send(forged).unwrap();
}

/// The public answer keys that the hub's notice names.
fn published(system: &System, desk: &Desk) -> Vec<Bytes<32>> {
    let notice = notice(system, desk).notice;
    let former = notice.former_answer_keys.iter().map(|former| former.key);
    std::iter::once(notice.answer_key).chain(former).collect()
}

/// The insider has gone: no key of its own is left among the desk's, honest devices blame none of each other and agree on the keys, and the
/// caller reads what was answered before.
fn is_clean_once_removed(
    system: &System,
    desks: (&Desk, &Desk),
    known: &Known,
    caller: &mut Caller,
    what: &str,
) {
    assert_eq!(
        once_removed(system, desks, known, caller),
        (0, false, 0, 0),
        "{what}: notices that name the insider's key, keyrings without end, answers that the caller reads no more, honest devices that are blamed"
    );
}

fn once_removed(
    system: &System,
    (first, newcomer): (&Desk, &Desk),
    known: &Known,
    caller: &mut Caller,
) -> (usize, bool, usize, usize) {
    for desk in [first, newcomer] {
        let _ = desk.sync();
    }
    first.remove_device(&known.device()).unwrap();
    let honest = [own(first), own(newcomer)];
    let (mut planted, mut blamed, mut serials, mut lost) = (0, 0, Vec::new(), 0);
    for _ in 0..5 {
        for desk in [newcomer, first, newcomer] {
            let _ = desk.sync();
            system.clock.advance(2);
            let _ = desk.beat();
            let by = desk.health().wrong_keyring.map(|wrong| wrong.by);
            blamed += usize::from(by.is_some_and(|by| honest.contains(&by)));
        }
        planted += usize::from(published(system, first).contains(&x25519_public(&PLANTED)));
        serials.push(seen(system, "first").serial);
        let answers = caller.read().unwrap().answers;
        lost += usize::from(answers.iter().all(|answer| answer.text != "before"));
    }
    (planted, serials.first() != serials.last(), lost, blamed)
}

/// Two processes of the newcomer, as `callsign desk serve` and any command beside it.
#[test]
fn a_process_of_a_newcomer_does_not_take_wrong_keys_for_proven_because_another_process_has_proven_others() {
    let system = System::start();
    let (first, mut known, _, mut caller) = let_in(&system);
    known.keys.answer_key = PLANTED;
    put(&system, &first, &known.keyring_after(&seen(&system, "first"), &system));
    let serving = system.open_desk("newcomer");
    assert!(matches!(serving.sync(), Err(DeskError::WrongFirstKeys { .. })));
    first.sync().unwrap();
    system.beats(&first, 2);
    // A command: it takes what the colleague has put right, and the log proves that.
    system.open_desk("newcomer").sync().unwrap();
    serving.sync().unwrap();
    assert_eq!(serving.health().wrong_keyring, None, "it blames the colleague");
    system.beats(&serving, 2);
    first.sync().unwrap();
    assert_ne!(first.health().wrong_keyring.map(|wrong| wrong.by), Some(own(&serving)));
    is_clean_once_removed(&system, (&first, &serving), &known, &mut caller, "two processes");
}

fn own(desk: &Desk) -> DeviceId {
    desk.devices().unwrap().iter().find(|device| device.is_own).unwrap().id
}

/// The insider begins the next generation, and says in it that a key of its own was the desk's.
fn begins_a_generation(system: &System, first: &Desk, known: &mut Known) {
    let now = seen(system, "first");
    let today = system.clock.now().day();
    let ended = FormerAnswerKey {
        public: x25519_public(&known.keys.answer_key),
        last_day: today,
        secret: Some(known.keys.answer_key.clone()),
        exposed: false,
    };
    let planted = FormerAnswerKey {
        public: x25519_public(&PLANTED),
        last_day: today.plus(1),
        secret: None,
        exposed: false,
    };
    known.keys.former_answer_keys = vec![ended, planted];
    (known.keys.answer_key, known.keys.log_key) = (Secret([3; 32]), Secret([4; 32]));
    let generation = now.generation + 1;
    let mut next = Keyring { generation, begun: today, ..now };
    let (own, insiders) = (own(first), known.device());
    for (name, id, keyring) in [("first", own, &mut next), ("insider", insiders, &mut known.keyring)] {
        let key = said_key(system, name, generation);
        keyring.devices.iter_mut().find(|device| device.id == id).unwrap().wrapping_key = key;
    }
    put(system, first, &known.keyring_after(&next, system));
}

/// What the log says of answer keys counts for the generation of the admission alone, and any device ends that.
#[test]
fn a_newcomer_writes_nothing_under_wrong_keys_of_a_generation_that_began_behind_its_admission() {
    let system = System::start();
    let (first, mut known, _, mut caller) = let_in(&system);
    begins_a_generation(&system, &first, &mut known);
    // Its own program goes on from what it has put, saves the state, and is away.
    let insider = system.open_desk("insider");
    insider.sync().unwrap();
    system.beats(&insider, 30);
    drop(insider);
    let newcomer = system.open_desk("newcomer");
    let synced = newcomer.sync();
    let beaten = newcomer.beat();
    first.sync().unwrap();
    system.beats(&first, 3);
    is_clean_once_removed(&system, (&first, &newcomer), &known, &mut caller, "a generation");
    assert!(beaten.is_err(), "it writes under them: {synced:?}");
}

/// Whoever gives a newcomer a log key of their own writes the log that proves the keys: it takes the others for liars, which people see
/// (docs/threat-model.md), and nothing of that outlives the liar.
#[test]
fn a_newcomer_in_a_log_of_the_liars_own_carries_no_key_on() {
    let system = System::start();
    let (first, mut known, newcomer_id, mut caller) = let_in(&system);
    (known.keys.answer_key, known.keys.log_key) = (PLANTED, Secret([4; 32]));
    put(&system, &first, &known.keyring_after(&seen(&system, "first"), &system));
    let person = Bytes([5; 16]);
    let events = [
        json!({"id": Bytes([1; 16]), "type": "person_added", "person": person, "name": "Custodian",
            "roles": ["custodian", "operator"], "device": known.device()}),
        json!({"id": Bytes([2; 16]), "type": "device_admitted", "generation": 1, "device": newcomer_id, "person": person,
            "answer_keys": [x25519_public(&PLANTED)]}),
    ];
    Insider::new(&system, "insider").commit(system.clock.now(), &events);
    let newcomer = system.open_desk("newcomer");
    let _ = newcomer.sync();
    let _ = newcomer.beat();
    first.sync().unwrap();
    system.beats(&first, 3);
    let (planted, puts_without_end, lost, _) =
        once_removed(&system, (&first, &newcomer), &known, &mut caller);
    assert_eq!((planted, puts_without_end, lost), (0, false, 0));
}

/// The hub hides the end of the log once, and shows it with the next answer.
#[test]
fn a_newcomer_from_which_a_hub_hides_its_admission_for_a_moment_writes_nothing_under_wrong_keys() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    let before = Insider::new(&system, "insider").head().sequence;
    first.admit(&system.ask_to_join("newcomer", &first)).unwrap();
    system.open_desk("insider").sync().unwrap();
    let mut known = Known::to(&system, "insider");
    known.keys.answer_key = PLANTED;
    put(&system, &first, &known.keyring_after(&seen(&system, "first"), &system));
    let newcomer = system.open_desk("newcomer");
    tap.script(move |seen| {
        if !seen.path.starts_with("v1/follow") {
            return Move::Pass;
        }
        Move::Change(Box::new(move |bytes| {
            let Ok(mut follow) = Follow::decode(bytes) else { return };
            follow.entries.retain(|(sequence, _)| *sequence <= before);
            follow.head = follow.head.min(before);
            *bytes = follow.encode();
        }))
    });
    let _ = newcomer.follow(0);
    tap.honest();
    let _ = newcomer.sync();
    let beaten = newcomer.beat();
    first.sync().unwrap();
    system.beats(&first, 3);
    is_clean_once_removed(&system, (&first, &newcomer), &known, &mut caller, "a hidden end");
    assert!(beaten.is_err(), "it writes under them");
}

/// Whoever may let devices in says it once more, of one that a colleague has let in.
#[test]
fn what_a_newcomer_was_told_by_who_let_it_in_is_not_told_otherwise_by_somebody_else() {
    let system = System::start();
    let (first, mut known, newcomer_id, mut caller) = let_in(&system);
    let person = first.me().unwrap();
    let again = json!({"id": Bytes([2; 16]), "type": "device_admitted", "generation": 1, "device": newcomer_id, "person": person,
        "answer_keys": [x25519_public(&PLANTED)]});
    Insider::new(&system, "insider").commit(system.clock.now(), &[again]);
    known.keys.answer_key = PLANTED;
    put(&system, &first, &known.keyring_after(&seen(&system, "first"), &system));
    let newcomer = system.open_desk("newcomer");
    let _ = newcomer.sync();
    let beaten = newcomer.beat();
    first.sync().unwrap();
    system.beats(&first, 3);
    is_clean_once_removed(&system, (&first, &newcomer), &known, &mut caller, "said again");
    assert!(beaten.is_err(), "it writes under them");
}

/// The same without a keyring: a desk that lets somebody in is told by any custodian's device that its keys are wrong.
#[test]
fn a_newcomer_is_not_shut_out_by_who_says_other_keys_behind_the_one_that_let_it_in() {
    let system = System::start();
    let (first, _, newcomer_id, _) = let_in(&system);
    let person = first.me().unwrap();
    let again = json!({"id": Bytes([2; 16]), "type": "device_admitted", "generation": 1, "device": newcomer_id, "person": person,
        "answer_keys": [x25519_public(&PLANTED)]});
    Insider::new(&system, "insider").commit(system.clock.now(), &[again]);
    let newcomer = system.open_desk("newcomer");
    let synced = newcomer.sync();
    assert!(synced.is_ok(), "{synced:?}");
    newcomer.beat().unwrap();
}

/// Honest devices alone: the hub is away for a moment while somebody is let in, and a colleague shuts out a lost device meanwhile.
#[test]
fn a_device_whose_admission_waited_while_a_colleague_began_a_generation_works() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let third = system.add_device("third", &first);
    let lost = own(&third);
    for desk in [&first, &second] {
        desk.sync().unwrap();
        system.beats(desk, 3);
    }
    first.sync().unwrap();
    let request = system.ask_to_join("newcomer", &first);
    tap.script(|seen| if seen.path == "v1/commit" { Move::Refuse(503) } else { Move::Pass });
    assert!(first.admit(&request).is_err());
    tap.honest();
    second.sync().unwrap();
    second.remove_device(&lost).unwrap();
    system.beats(&second, 30);
    // The same command once more, as its error says.
    first.admit(&request).unwrap();
    let newcomer = system.open_desk("newcomer");
    for _ in 0..4 {
        for desk in [&first, &second] {
            desk.sync().unwrap();
            system.beats(desk, 10);
        }
        let _ = newcomer.sync();
    }
    let synced = newcomer.sync();
    assert!(synced.is_ok(), "no device has lied: {synced:?}");
    newcomer.beat().unwrap();
}

/// The identity restarts the desk at the newcomer, which has been given wrong keys.
#[test]
fn a_restart_at_a_newcomer_carries_no_key_on_that_nothing_has_proven() {
    let system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    first.admit(&system.ask_to_join("newcomer", &first)).unwrap();
    system.open_desk("insider").sync().unwrap();
    let mut known = Known::to(&system, "insider");
    let lie = |keys: &mut DeskKeys| {
        keys.former_answer_keys.push(FormerAnswerKey {
            public: x25519_public(&PLANTED),
            last_day: system.clock.now().day().plus(1),
            secret: None,
            exposed: false,
        });
    };
    lie(&mut known.keys);
    put(&system, &first, &known.keyring_after(&seen(&system, "first"), &system));
    let newcomer = system.open_desk("newcomer");
    assert!(matches!(newcomer.sync(), Err(DeskError::WrongFirstKeys { .. })));
    drop(newcomer);
    let newcomer = system.restart_desk("newcomer", &identity).unwrap();
    system.beats(&newcomer, 2);
    assert!(
        !published(&system, &newcomer).contains(&x25519_public(&PLANTED)),
        "callers take answers of the insider, whom the restart was to shut out"
    );
}

/// Honest devices alone: two are let in one after the other, and on the first of them two programs read a log of some length.
#[test]
fn a_newcomer_whose_two_processes_see_another_device_come_keeps_the_log_whole() {
    let system = System::start();
    let first = system.init_desk("first");
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    system.beats(&first, 140);
    first.admit(&system.ask_to_join("newcomer", &first)).unwrap();
    let serving = system.open_desk("newcomer");
    serving.keep_state_every(10_000);
    // The first 128 entries.
    serving.follow(0).unwrap();
    first.admit(&system.ask_to_join("another", &first)).unwrap();
    let command = system.open_desk("newcomer");
    command.keep_state_every(10_000);
    command.follow(0).unwrap();
    serving.follow(0).unwrap();
    for desk in [&command, &serving] {
        desk.sync().unwrap();
    }
    drop((serving, command));
    let newcomer = system.open_desk("newcomer");
    newcomer.sync().unwrap();
    first.sync().unwrap();
    assert_eq!(callsign_testkit::shown(&newcomer), callsign_testkit::shown(&first));
    works(&system, &newcomer, &mut caller, "afterwards");
}

/// A hub that shows no lists, or nothing that reads, stops no restart.
#[test]
fn a_hub_that_shows_lists_in_no_form_stops_no_restart() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    system.ask_to_join("found", &first);
    drop(first);
    tap.script(|seen| {
        if seen.path.starts_with("v1/lists/") {
            Move::Change(Box::new(|bytes| *bytes = vec![1, 2, 3]))
        } else {
            Move::Pass
        }
    });
    let restarted = system.restart_desk("found", &identity);
    assert!(restarted.is_ok(), "{restarted:?}");
}

/// A keyring older than one seen: what the hub tells with each answer.
#[test]
fn a_hub_that_tells_an_older_keyring_than_one_seen_raises_the_alarm() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    drop(system.add_device("second", &first));
    first.sync().unwrap();
    tap.script(|seen| {
        if !seen.path.starts_with("v1/follow") {
            return Move::Pass;
        }
        Move::Change(Box::new(|bytes| {
            let Ok(mut follow) = Follow::decode(bytes) else { return };
            follow.keyring -= 1;
            *bytes = follow.encode();
        }))
    });
    let _ = first.sync();
    assert!(first.health().alarm.is_some(), "nobody hears that the hub has lost a keyring");
}

/// The next keyring as an insider puts it that wraps to one device what does not open.
fn unreadable_to(system: &System, known: &Known, id: &DeviceId) -> Vec<u8> {
    let (now, fingerprint) = (seen(system, "insider"), known.vault.fingerprint());
    let devices: Vec<_> = now.devices.iter().map(identity).collect();
    let keyring = Keyring { serial: now.serial + 1, by: Some(known.device()), ..now };
    let mut keyring = keyring.wrapped_to(&devices, &known.keys, &fingerprint, &mut system.rng()).unwrap();
    keyring.devices.iter_mut().filter(|device| device.id == *id).for_each(|device| device.wrapped[0] ^= 1);
    let certificate = Certificate::decode(&known.keys.certificate.0).unwrap();
    let duty_key = PrivateKey::from_seed(&known.keys.duty_key);
    let body = serde_json::to_vec(&keyring).unwrap();
    Envelope::sign(Kind::Keyring, known.vault.identity, certificate, &duty_key, body)
        .put_by(Putter::Device(&known.vault.device_key()), keyring.serial)
        .encode()
}

/// A device that has taken such a keyring, and has ended before its next beat.
fn ended_under_one_that_does_not_open() -> (System, PrivateKey, Caller) {
    let system = System::start();
    let first = system.init_desk("first");
    let custodians = detach(&system, &first);
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    system.open_desk("insider").sync().unwrap();
    let known = Known::to(&system, "insider");
    put(&system, &first, &unreadable_to(&system, &known, &own(&first)));
    first.follow(0).unwrap();
    assert_eq!(first.health().wrong_keyring.map(|wrong| wrong.by), Some(known.device()));
    (system, custodians, caller)
}

/// A device that knew the keys of its generation goes on with them, also where its program ends before its next beat.
#[test]
fn a_device_to_which_an_insider_wraps_nothing_that_opens_starts_again() {
    let (system, _, mut caller) = ended_under_one_that_does_not_open();
    let first = system.try_open_desk("first");
    let first = first.unwrap_or_else(|error| panic!("it knew the keys of its generation: {error:?}"));
    works(&system, &first, &mut caller, "afterwards");
}

/// The way out that people are told of.
#[test]
fn the_identity_restarts_a_device_to_which_an_insider_wrapped_nothing_that_opens() {
    let (system, custodians, mut caller) = ended_under_one_that_does_not_open();
    let first = system.restart_desk("first", &custodians);
    let first = first.unwrap_or_else(|error| panic!("its cases are on its disk: {error:?}"));
    works(&system, &first, &mut caller, "afterwards");
    assert_eq!(first.open_call(&caller.id()).unwrap().calls().count(), 2, "its cases are there");
}

/// What a device put right when it came is put right when its program starts, also where it is the first keyring of a generation.
#[test]
fn a_device_whose_program_ends_behind_a_wrong_first_keyring_of_a_generation_does_not_believe_it_then() {
    let system = System::start();
    let (first, mut known, _, _) = let_in(&system);
    begins_a_generation(&system, &first, &mut known);
    first.follow(0).unwrap();
    assert_eq!(first.health().wrong_keyring.map(|wrong| wrong.by), Some(known.device()));
    // Closed, or killed, before its next beat. (Where it goes on, it puts all of it right.)
    drop(first);
    let first = system.open_desk("first");
    first.sync().unwrap();
    system.beats(&first, 30);
    first.remove_device(&known.device()).unwrap();
    system.beats(&first, 2);
    assert!(
        !published(&system, &first).contains(&x25519_public(&PLANTED)),
        "callers take answers of the insider, who was removed"
    );
}

/// A hub that shows the next of an insider's keyrings each time that it is asked: there is always a newer one. Each is followed within the one
/// before, so that 1,200 overflow the stack of a thread (2 MiB) and end the program; here a few are counted.
#[test]
fn a_hub_that_shows_another_keyring_each_time_ends_no_program() {
    const KEYRINGS: usize = 60;
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    first.sync().unwrap();
    let known = Known::to(&system, "insider");
    let mut now = seen(&system, "first");
    let mut keyrings = Vec::new();
    for _ in 0..KEYRINGS {
        keyrings.push(known.keyring_after(&now, &system));
        now.serial += 1;
    }
    let mut keyrings = keyrings.into_iter();
    let mut newest = Vec::new();
    tap.script(move |seen| match (&seen.method[..], &seen.path[..]) {
        ("GET", "v1/keyring") => {
            newest = keyrings.next().unwrap_or(std::mem::take(&mut newest));
            let shown = newest.clone();
            Move::Change(Box::new(move |bytes| *bytes = shown))
        }
        ("GET", path) if path.starts_with("v1/follow") => Move::Change(Box::new(|bytes| {
            let Ok(mut follow) = Follow::decode(bytes) else { return };
            follow.keyring = u64::MAX;
            *bytes = follow.encode();
        })),
        _ => Move::Pass,
    });
    tap.take();
    let _ = first.follow(0);
    let followed = tap.take().iter().filter(|seen| seen.path.starts_with("v1/follow")).count();
    assert!(followed < 10, "{followed} within each other");
}
