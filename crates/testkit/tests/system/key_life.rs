//! Keys turn over on their own, and what was destroyed opens nothing any more.

use callsign_desk::cases::Case;
use callsign_desk::{Desk, NewAnswer, Settings};
use callsign_protocol::{keyring::device_id, words::Language};
use callsign_testkit::{FIRST_DAY, Hoard, Move, System};

const DAY_S: u64 = 86_400;

#[test]
fn a_generation_ends_after_a_week_and_nothing_is_lost() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("before").unwrap();
    desk.sync().unwrap();
    desk.answer(&NewAnswer::new(&caller.id(), "answered before")).unwrap();
    system.beats(&desk, 5);
    for _ in 0..9 {
        system.clock.advance(DAY_S);
        desk.sync().unwrap();
        system.beats(&desk, 10);
    }
    assert_eq!(desk.generation(), 2);
    assert_eq!(caller.read().unwrap().answers[0].text, "answered before", "sealed under the key before");
    caller.write("after").unwrap();
    desk.sync().unwrap();
    let case = desk.open_call(&caller.id()).unwrap();
    let texts: Vec<_> = case.calls().map(callsign_desk::cases::Call::text).collect();
    assert_eq!(texts, ["before", "after"]);
    desk.answer(&NewAnswer::new(&caller.id(), "answered after")).unwrap();
    system.beats(&desk, 5);
    let reading = caller.read().unwrap();
    let texts: Vec<_> = reading.answers.iter().map(|answer| answer.text.as_str()).collect();
    assert_eq!(texts, ["answered before", "answered after"]);
    assert_eq!(reading.withheld, 0);

    // The same state once more from the disk, and without the cache from the hub alone.
    let summary = |desk: &Desk| {
        desk.with_cases(|cases| {
            let line =
                |case: &Case| (cases.name(&case.id(), Language::English), case.items.len(), case.unopened());
            cases.all().map(|case| case.map(|case| line(&case))).collect::<Result<Vec<_>, _>>()
        })
        .unwrap()
    };
    assert_eq!(summary(&system.open_desk("desk")), summary(&desk));
    drop(desk);
    let before = summary(&system.open_desk("desk"));
    system.lose_cache("desk");
    let again = system.open_desk("desk");
    again.sync().unwrap();
    assert_eq!(summary(&again), before);
    again.beat().unwrap();
}

/// One day of a desk's work, with a hub that keeps everything.
fn a_day(system: &System, desk: &Desk, hoard: &mut Hoard) {
    system.clock.advance(DAY_S);
    desk.sync().unwrap();
    for _ in 0..10 {
        system.clock.advance(2);
        desk.beat().unwrap();
        desk.keep_state().unwrap();
        hoard.take(&system.hub_dir());
    }
}

#[test]
fn what_was_erased_opens_for_nobody_who_seizes_desk_and_hub() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut hoard = Hoard::default();
    let (mut erased, mut kept) = (system.caller(&desk), system.caller(&desk));
    erased.write("a call to be erased").unwrap();
    kept.write("a call that is kept").unwrap();
    hoard.take(&system.hub_dir());
    desk.sync().unwrap();
    desk.answer(&NewAnswer::new(&erased.id(), "an answer to be erased")).unwrap();
    desk.answer(&NewAnswer::new(&kept.id(), "an answer that is kept")).unwrap();
    for _ in 0..5 {
        a_day(&system, &desk, &mut hoard);
    }
    let week = FIRST_DAY.week();
    // The attack is a real one: while keys live, all of it opens. The cell does, for the keyring of its day was kept.
    let early = hoard.open_with(&system.desk_dir("desk"));
    assert!(early.cells.contains("a call to be erased"));
    assert!(early.holds("an answer to be erased"));
    assert!(early.drop_secrets.contains_key(&week));

    desk.erase(&erased.id()).unwrap();
    desk.beat().unwrap();
    for _ in 0..5 {
        a_day(&system, &desk, &mut hoard);
    }
    assert_eq!(desk.generation(), 2);
    let late = hoard.open_with(&system.desk_dir("desk"));
    for text in ["a call to be erased", "an answer to be erased"] {
        assert!(!late.holds(text), "{text}");
    }
    assert!(!late.cells.contains("a call that is kept"), "its epoch's key is destroyed");
    assert!(late.holds("a call that is kept"), "the case is still worked on");
    // The phrase opens what is still listed, the erased case's answer too: it is the caller's own.
    assert_eq!(erased.read().unwrap().answers[0].text, "an answer to be erased");
    assert_eq!(kept.read().unwrap().answers[0].text, "an answer that is kept");

    // Once a week's answers are listed no more, the secrets under which they were sealed go with the next generations.
    for _ in 0..14 {
        a_day(&system, &desk, &mut hoard);
    }
    let last = hoard.open_with(&system.desk_dir("desk"));
    assert!(!last.drop_secrets.contains_key(&week), "{:?}", last.drop_secrets.keys());
    assert!(last.drop_secrets.keys().any(|later| *later > week), "those of weeks that are listed are there");
    assert!(last.holds("a call that is kept"));
    assert!(kept.read().unwrap().answers.is_empty());
}

#[test]
fn a_snapshot_that_was_lost_with_its_device_is_written_again() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let other = system.add_device("other", &desk);
    let id = desk.devices().unwrap().iter().find(|device| !device.is_own).unwrap().id;
    drop(other);
    let mut caller = system.caller(&desk);
    for _ in 0..6 {
        caller.write(&"x".repeat(8_000)).unwrap();
    }
    desk.sync().unwrap();
    desk.flush().unwrap();
    desk.remove_device(&id).unwrap();
    // The generation is begun, and then the disk breaks on which the state would be written.
    for _ in 0..2 {
        system.clock.advance(2);
        desk.beat().unwrap();
    }
    assert!(!desk.devices().unwrap()[0].is_ready);
    drop(desk);
    system.lose_cache("desk");
    let desk = system.open_desk("desk");
    let is_ready = |desk: &Desk| desk.devices().unwrap()[0].is_ready;
    for _ in 0..2 {
        system.clock.advance(DAY_S);
        desk.sync().unwrap();
        system.beats(&desk, 20);
    }
    assert!(is_ready(&desk), "what only the generation before needed is destroyed");
    drop(desk);
    system.lose_cache("desk");
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    assert!(desk.open_call(&caller.id()).is_ok(), "from the snapshot alone");
}

#[test]
fn a_first_keyring_whose_answer_was_lost_can_be_opened() {
    let (system, tap) = System::start_tapped();
    tap.script(
        |seen| if seen.path == "v1/keyring" && seen.method == "PUT" { Move::Lose } else { Move::Pass },
    );
    assert!(system.try_init_desk("desk", Settings::short()).is_err());
    tap.honest();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    desk.sync().unwrap();
    assert!(desk.open_call(&caller.id()).is_ok());
}

#[test]
fn a_flood_of_calls_does_not_keep_a_generation_from_ending() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let other = system.add_device("other", &desk);
    let id = desk.devices().unwrap().iter().find(|device| !device.is_own).unwrap().id;
    drop(other);
    let mut flooder = system.caller(&desk);
    for _ in 0..20 {
        flooder.write(&"x".repeat(8_000)).unwrap();
    }
    desk.remove_device(&id).unwrap();
    system.beats(&desk, 12);
    assert!(desk.devices().unwrap()[0].is_ready);
}

#[test]
fn a_desk_of_eight_devices_outlives_as_many_removals_as_a_season_has() {
    let system = System::start();
    let first = system.init_desk("first");
    let staff: Vec<Desk> = (1..7)
        .map(|n| {
            system.clock.advance(60);
            system.add_device(&format!("staff {n}"), &first)
        })
        .collect();
    let work = || {
        for desk in std::iter::once(&first).chain(&staff).chain([&first]) {
            system.clock.advance(2);
            desk.sync().unwrap();
            desk.keep_state().unwrap();
            desk.beat().unwrap();
        }
    };
    work();
    // Somebody comes for some days and goes again, or sleeps for a week and asks anew.
    for n in 0..24 {
        let request = system.ask_to_join(&format!("guest {n}"), &first);
        let admitted = first.admit(&request);
        let id = device_id(&request.signing_key);
        let removed = admitted.and_then(|()| first.remove_device(&id));
        if removed.is_err() {
            system.clock.advance_days(3);
            let next = first.sync();
            panic!("removal {n}: {removed:?}; the keys of the day: {next:?}");
        }
        work();
        system.clock.advance(60 * 60);
        assert_eq!(first.devices().unwrap().len(), 7, "removal {n}");
    }
}
