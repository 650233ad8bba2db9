//! Devices that are let in or shut out by two at once, or by one that is killed on the way.

use callsign_desk::{Desk, DeskError};
use callsign_protocol::keyring::{DeviceId, Keyring};
use callsign_testkit::{Move, Seen, System, Tap};

use crate::{
    dying::{at_every_request, die},
    removed::{other_device, works},
};

fn own(desk: &Desk) -> DeviceId {
    desk.devices().unwrap().iter().find(|device| device.is_own).unwrap().id
}

/// Two devices at work with a third, all in step.
fn three(system: &System) -> (Desk, Desk, Desk) {
    let first = system.init_desk("first");
    let [second, third] = ["second", "third"].map(|name| system.add_device(name, &first));
    for desk in [&first, &second, &third, &first, &second] {
        desk.sync().unwrap();
        system.beats(desk, 2);
    }
    (first, second, third)
}

/// The keyrings that the hub has taken.
fn put(tap: &Tap) -> usize {
    accepted(tap).len()
}

/// The same, read.
fn taken(system: &System, tap: &Tap, desk: &Desk) -> Vec<Keyring> {
    let read = |envelope: Vec<u8>| Keyring::verify(&envelope, &desk.fingerprint(), system.clock.now());
    accepted(tap).into_iter().map(|envelope| read(envelope).unwrap().keyring).collect()
}

fn accepted(tap: &Tap) -> Vec<Vec<u8>> {
    let is_one = |seen: &Seen| seen.method == "PUT" && seen.path == "v1/keyring" && seen.status == 204;
    tap.take().into_iter().filter(is_one).map(|seen| seen.body).collect()
}

#[test]
fn a_removal_that_was_killed_is_carried_out_once_by_whoever_goes_on() {
    at_every_request(|death| {
        let (system, tap) = System::start_tapped();
        let (first, second, third) = three(&system);
        let (removed, mut caller) = (own(&third), system.caller(&first));
        let is_dead = die(&system, &tap, "first", death, || {
            let _ = first.remove_device(&removed);
            drop(first);
        });
        // The other device goes on, or the same one does.
        let desks = [system.open_desk("first"), second];
        for desk in if death.at % 2 == 0 { [&desks[0], &desks[1]] } else { [&desks[1], &desks[0]] } {
            desk.sync().unwrap();
            system.beats(desk, 3);
        }
        if desks[0].devices().unwrap().len() == 3 {
            // It had not come so far that anybody knew.
            desks[0].remove_device(&removed).unwrap();
        }
        for desk in &desks {
            system.beats(desk, 2);
        }
        for desk in &desks {
            assert_eq!((desk.generation(), desk.devices().unwrap().len()), (2, 2), "{death:?}");
            assert_eq!((desk.health().alarm, desk.health().unfinished), (None, vec![]), "{death:?}");
        }
        assert!(third.sync().is_err() && third.beat().is_err());
        works(&system, &desks[1], &mut caller, "after the removal");
        is_dead
    });
}

#[test]
fn an_admission_that_was_killed_is_shown_and_ends_when_it_is_given_again() {
    at_every_request(|death| {
        let (system, tap) = System::start_tapped();
        let first = system.init_desk("first");
        let request = system.ask_to_join("second", &first);
        let mut caller = system.caller(&first);
        let is_dead = die(&system, &tap, "first", death, || {
            let _ = first.admit(&request);
            drop(first);
        });
        let first = system.open_desk("first");
        first.sync().unwrap();
        system.beats(&first, 2);
        let unfinished = first.health().unfinished;
        if first.devices().unwrap().len() == 1 {
            assert!(unfinished.iter().all(|one| !one.is_removal && !one.is_own), "{death:?}");
            first.admit(&request).unwrap();
        } else {
            assert!(matches!(first.admit(&request), Err(DeskError::DeviceKnown)));
        }
        assert_eq!(first.health().unfinished, vec![]);
        let second = system.open_desk("second");
        works(&system, &second, &mut caller, "after the admission");
        first.sync().unwrap();
        assert_eq!((first.health().alarm, second.devices().unwrap().len()), (None, 2), "{death:?}");
        is_dead
    });
}

#[test]
fn an_admission_that_stands_in_the_log_alone_is_shown_with_the_way_out() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let request = system.ask_to_join("second", &first);
    tap.script(|seen| {
        if (&seen.method[..], &seen.path[..]) == ("PUT", "v1/keyring") {
            Move::Refuse(503)
        } else {
            Move::Pass
        }
    });
    assert!(first.admit(&request).is_err());
    tap.honest();
    let unfinished = first.health().unfinished;
    assert_eq!(unfinished.len(), 1);
    assert!(unfinished[0].told().contains("never ended") && unfinished[0].way_out().contains("desk admit"));
    first.admit(&request).unwrap();
    assert_eq!(first.health().unfinished, vec![]);
}

/// Whether it is done, by whom ever.
fn done(result: &Result<(), DeskError>) {
    assert!(matches!(result, Ok(()) | Err(DeskError::NoSuchDevice | DeskError::DeviceKnown)), "{result:?}");
}

#[test]
fn two_devices_that_do_the_same_at_once_do_it_once() {
    let (system, tap) = System::start_tapped();
    let (first, second, third) = three(&system);
    let removed = own(&third);
    let request = system.ask_to_join("fourth", &first);
    // When the first has said what it is about to put, the second does all of it.
    let once = |act: &'static str, second: Desk, what: Box<dyn Fn(&Desk) + Send>| {
        let (mut waits, inner) = (Some((second, what)), tap.clone());
        let (done, is_done) = std::sync::mpsc::channel();
        tap.script(move |seen| {
            if (&seen.method[..], &seen.path[..]) != ("PUT", "v1/keyring") {
                return Move::Pass;
            }
            if let Some((second, what)) = waits.take() {
                // At the same time: whoever is first, the other one is told so by the hub.
                let (inner, done) = (inner.clone(), done.clone());
                std::thread::spawn(move || {
                    inner.honest();
                    what(&second);
                    done.send(second).expect(act);
                });
                return Move::Refuse(409);
            }
            Move::Pass
        });
        is_done
    };
    tap.take();
    let is_done = once("a removal", second, Box::new(move |second| done(&second.remove_device(&removed))));
    first.remove_device(&removed).unwrap();
    let second = is_done.recv().unwrap();
    // Of the two the first alone has the identity: where the second was faster, it replaces the duty key behind that.
    let keyrings = taken(&system, &tap, &first);
    let authors: Vec<_> = keyrings.iter().map(|keyring| keyring.by.unwrap()).collect();
    let (one, two) = (own(&first), own(&second));
    assert_eq!(authors, if authors[0] == two { vec![two, one] } else { vec![one] });
    for keyring in &keyrings {
        assert_eq!(keyring.generation, 2);
        assert!(keyring.device(&removed).is_none());
    }
    let request_too = request.clone();
    let is_done = once(
        "an admission",
        second,
        Box::new(move |second| {
            second.sync().unwrap();
            done(&second.admit(&request_too));
        }),
    );
    first.admit(&request).unwrap();
    let second = is_done.recv().unwrap();
    assert_eq!(put(&tap), 1);
    for desk in [&first, &second] {
        desk.sync().unwrap();
        system.beats(desk, 2);
        assert_eq!((desk.generation(), desk.devices().unwrap().len()), (2, 3));
        assert_eq!((desk.health().alarm, desk.health().unfinished), (None, vec![]));
    }
}

#[test]
fn of_two_devices_that_shut_each_other_out_the_first_in_the_log_stays() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    system.beats(&second, 2);
    first.sync().unwrap();
    tap.script(|seen| {
        if (&seen.method[..], &seen.path[..]) == ("PUT", "v1/keyring") {
            Move::Refuse(503)
        } else {
            Move::Pass
        }
    });
    assert!(first.remove_device(&other_device(&first)).is_err());
    tap.honest();
    let refused = second.remove_device(&other_device(&second));
    assert!(matches!(refused, Err(DeskError::ShutOut)), "{refused:?}");
    assert!(second.health().unfinished.iter().any(|one| one.is_own && one.is_removal));
    assert_eq!((first.generation(), second.generation()), (1, 1));
    // It has been said, and goes on by itself.
    first.sync().unwrap();
    assert_eq!((first.generation(), first.devices().unwrap().len()), (2, 1));
    assert!(second.sync().is_err());
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "afterwards");
}

#[test]
fn a_hub_that_refuses_for_ever_is_not_asked_in_a_loop() {
    for (status, code) in [(409, "serial_conflict"), (412, "generation")] {
        let (system, tap) = System::start_tapped();
        drop(system.init_desk("first"));
        let desk = system.open_desk_that_waits("first");
        desk.sync().unwrap();
        tap.take();
        tap.script(
            move |seen| if seen.path == "v1/commit" { Move::RefuseFor(status, code) } else { Move::Pass },
        );
        assert!(matches!(desk.beat(), Err(DeskError::Busy)), "{status}");
        let seen = tap.take();
        let commits: Vec<_> =
            seen.iter().filter(|seen| seen.path == "v1/commit").map(|seen| seen.at_ms).collect();
        let apart: Vec<_> = commits.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(apart[..5], [200, 400, 600, 800, 1_000], "{status}");
        assert!(apart[5..].iter().all(|apart| *apart == 1_000) && commits.len() == 16, "{status}: {apart:?}");
        assert!(seen.len() <= 3 * commits.len(), "{status}: {}", seen.len());
    }
}
