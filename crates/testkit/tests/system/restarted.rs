//! A restart that was interrupted, and a hub that came back from a backup behind one.

use callsign_desk::{Desk, DeskError, NewAnswer};
use callsign_protocol::{identity::PrivateKey, keyring::Keyring};
use callsign_testkit::{Caller, Move, System};

use crate::{
    custody::detach,
    dying::{Death, at_every_request, die},
    removed::{Known, other_device, works},
};

/// A desk whose devices are lost, with one more that was about to join.
fn lost(system: &System) -> (PrivateKey, Caller) {
    let first = system.init_desk("first");
    let identity = detach(system, &first);
    let mut caller = system.caller(&first);
    caller.write("lost with the devices").unwrap();
    first.sync().unwrap();
    system.beats(&first, 3);
    system.ask_to_join("found", &first);
    drop(first);
    std::fs::remove_dir_all(system.desk_dir("first")).unwrap();
    (identity, caller)
}

/// A desk whose insider has shut its first device out, and has written since.
fn taken(system: &System) -> (PrivateKey, Caller) {
    let first = system.init_desk("first");
    let identity = detach(system, &first);
    let insider = system.add_device("insider", &first);
    let mut caller = system.caller(&first);
    caller.write("before the insider").unwrap();
    first.sync().unwrap();
    system.beats(&first, 3);
    insider.sync().unwrap();
    insider.remove_device(&other_device(&insider)).unwrap();
    system.beats(&insider, 3);
    drop(first);
    // As long as its cases are known, its people have lost nothing.
    (identity, caller)
}

/// The desk in `name` behind a restart that was killed: it goes on, or is restarted once more.
fn goes_on(system: &System, name: &str, identity: &PrivateKey, is_asked_again: bool) -> Desk {
    let started = || system.try_open_desk(name).and_then(|desk| desk.sync().map(|()| desk));
    if is_asked_again {
        system.restart_desk(name, identity).unwrap()
    } else {
        started().or_else(|_| system.restart_desk(name, identity)).unwrap()
    }
}

fn survives(set_up: fn(&System) -> (PrivateKey, Caller), name: &str) {
    at_every_request(|death: Death| {
        let (system, tap) = System::start_tapped();
        let (identity, mut caller) = set_up(&system);
        let is_dead = die(&system, &tap, name, death, || drop(system.restart_desk(name, &identity)));
        let desk = goes_on(&system, name, &identity, death.at % 2 == 1);
        assert_eq!((desk.devices().unwrap().len(), desk.health().alarm), (1, None), "{death:?}");
        drop(desk);
        works(&system, &system.open_desk(name), &mut caller, "after a start");
        is_dead
    });
}

#[test]
fn a_restart_from_nothing_that_was_killed_goes_on_or_is_made_again() {
    survives(lost, "found");
}

#[test]
fn a_restart_from_what_is_known_that_was_killed_goes_on_or_is_made_again() {
    survives(taken, "first");
}

#[test]
fn a_restart_that_was_killed_before_its_state_was_written_locks_no_directory() {
    let (system, tap) = System::start_tapped();
    let (identity, mut caller) = lost(&system);
    // At its first request to follow: keyring and notice were asked for, and the keyring was put.
    let death = Death { at: 3, is_applied: false };
    assert!(die(&system, &tap, "found", death, || drop(system.restart_desk("found", &identity))));
    let forget = || {
        let cache = rusqlite::Connection::open(system.desk_dir("found").join("cache.sqlite")).unwrap();
        cache.execute("DELETE FROM state", ()).unwrap();
    };
    forget();
    // It reads what it has no key for, and is killed before anything else.
    system.open_desk("found").follow(0).unwrap();
    forget();
    let found = system.open_desk("found");
    found.sync().unwrap();
    works(&system, &found, &mut caller, "after a start");
}

#[test]
fn a_hub_that_lost_what_came_behind_a_restart_gets_it_again() {
    let mut system = System::start();
    let (identity, mut caller) = taken(&system);
    // That its state is at the hub is not in the log yet.
    let first = system.restart_desk("first", &identity).unwrap();
    system.back_up_hub("backup").unwrap();
    let mut other = system.caller(&first);
    other.write("behind the backup").unwrap();
    first.sync().unwrap();
    first.flush().unwrap();
    drop(first);
    system.restore_hub("backup").unwrap();
    assert_eq!(system.recover_desk("first").unwrap().calls, 1);
    let first = system.open_desk("first");
    first.sync().unwrap();
    let texts = |caller: &Caller| {
        first.open_call(&caller.id()).unwrap().calls().map(|call| call.text().clone()).collect::<Vec<_>>()
    };
    assert_eq!(texts(&caller), ["before the insider"]);
    assert_eq!(texts(&other), ["behind the backup"]);
    first.answer(&NewAnswer::new(&caller.id(), "answer")).unwrap();
    system.beats(&first, 6);
    assert_eq!(caller.read().unwrap().answers[0].text, "answer");
    // From its snapshot on, its generation is one as any other.
    system.back_up_hub("later").unwrap();
    first.flush().unwrap();
    system.restore_hub("later").unwrap();
    drop(first);
    system.recover_desk("first").unwrap();
    let first = system.open_desk("first");
    works(&system, &first, &mut caller, "once more");
    assert!(!matches!(first.sync(), Err(DeskError::Alarm(_))));
}

/// Whether a caller who reads now is told that all is as it should be.
fn is_beyond_doubt(system: &System, caller: &mut Caller) {
    let now = system.clock.now();
    let reading = caller.read().unwrap();
    assert_eq!(reading.contradicted, []);
    assert_eq!(reading.unconfirmed, [], "each finished day is signed");
    assert!(reading.lists_current && !reading.lists_in_doubt, "{reading:?}");
    let seen = reading.desk_seen.map(|(day, minute)| day.at(minute)).unwrap();
    assert!(now.since(seen) < 600, "{seen:?} {now:?}");
}

#[test]
fn a_restart_from_nothing_signs_the_lists_that_others_have_begun() {
    let system = System::start();
    let (identity, _) = lost(&system);
    let desk = system.restart_desk("found", &identity).unwrap();
    let mut caller = system.caller(&desk);
    caller.write("behind the restart").unwrap();
    system.beats(&desk, 6);
    desk.sync().unwrap();
    desk.answer(&NewAnswer::new(&caller.id(), "answer")).unwrap();
    system.beats(&desk, 6);
    assert_eq!(caller.read().unwrap().answers[0].text, "answer");
    is_beyond_doubt(&system, &mut caller);
    // Each device that joins signs them too.
    let other = system.add_device("other", &desk);
    system.beats(&other, 6);
    is_beyond_doubt(&system, &mut caller);
    system.clock.advance(86_400);
    other.sync().unwrap();
    system.beats(&other, 6);
    is_beyond_doubt(&system, &mut caller);
}

#[test]
fn a_restart_from_what_is_known_signs_what_the_insider_has_posted_since() {
    let system = System::start();
    let (identity, mut caller) = taken(&system);
    let desk = system.restart_desk("first", &identity).unwrap();
    system.beats(&desk, 6);
    is_beyond_doubt(&system, &mut caller);
}

#[test]
fn a_lie_about_the_keyrings_number_leaves_a_restarted_desk_numbers_to_go_on_with() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    drop(system.add_device("insider", &first));
    let insider = Known::to(&system, "insider");
    first.remove_device(&insider.device()).unwrap();
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    // Who reads it at a restart asks nothing of its device: one that was removed long ago will do.
    let last = Keyring { serial: (1 << 53) - 3, ..insider.keyring.clone() };
    let forged = insider.keyring_after(&last, &system);
    tap.script(move |seen| match (&seen.method[..], &seen.path[..]) {
        ("GET", "v1/keyring") => {
            let forged = forged.clone();
            Move::Change(Box::new(move |bytes| *bytes = forged))
        }
        // Until the restart is put.
        _ => Move::Pass,
    });
    drop(first);
    let restarted = system.restart_desk("first", &identity);
    tap.honest();
    // Refused or not: the hub tells the truth from here on.
    let first = match restarted {
        Ok(first) => first,
        Err(_) => system.restart_desk("first", &identity).unwrap(),
    };
    for day in 0..9 {
        system.clock.advance_days(1);
        let worked = first.sync();
        assert!(worked.is_ok(), "day {day}: {worked:?}");
        system.beats(&first, 4);
    }
    works(&system, &first, &mut caller, "a week later");
}
