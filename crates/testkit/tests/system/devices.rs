//! Devices come and go: one that was removed neither reads nor forges anything later.

use callsign_desk::{Desk, DeskError};
use callsign_testkit::{Hoard, System};

fn beats(system: &System, desk: &Desk, count: usize) {
    for _ in 0..count {
        system.clock.advance(2);
        desk.beat().unwrap();
    }
}

#[test]
fn a_second_device_joins_works_and_is_removed() {
    let system = System::start();
    let first = system.init_desk("first");
    let mut caller = system.caller(&first);
    caller.write("call").unwrap();
    first.sync().unwrap();
    beats(&system, &first, 2);

    let request = system.ask_to_join("second", &first);
    assert!(matches!(system.try_open_desk("second"), Err(DeskError::NotAdmitted)));
    first.admit(&request).unwrap();
    assert!(matches!(first.admit(&request), Err(DeskError::DeviceKnown)));
    let second = system.open_desk("second");
    second.sync().unwrap();
    beats(&system, &second, 2);
    second.answer(&caller.id(), "from the second").unwrap();
    beats(&system, &second, 4);
    assert_eq!(caller.read().unwrap().answers[0].text, "from the second");
    first.sync().unwrap();
    beats(&system, &first, 2);
    assert!(first.devices().unwrap().iter().all(|device| device.is_ready));

    // Removed, it is told nothing and may write nothing; the others work on.
    let id = first.devices().unwrap().iter().find(|device| !device.is_own).unwrap().id;
    first.remove_device(&id).unwrap();
    assert!(second.sync().is_err());
    assert!(second.beat().is_err());
    assert_eq!(first.generation(), 2);
    beats(&system, &first, 10);
    caller.write("after the removal").unwrap();
    first.sync().unwrap();
    assert_eq!(first.open_call(&caller.id()).unwrap().calls().count(), 2);
    first.answer(&caller.id(), "from the first").unwrap();
    beats(&system, &first, 4);
    let reading = caller.read().unwrap();
    assert_eq!(reading.answers.last().unwrap().text, "from the first");
}

#[test]
fn the_keys_of_a_removed_device_open_nothing_that_came_later() {
    let system = System::start();
    let first = system.init_desk("first");
    let mut caller = system.caller(&first);
    caller.write("before the removal").unwrap();
    let mut hoard = Hoard::default();
    hoard.take(&system.hub_dir());
    beats(&system, &first, 2);
    let second = system.add_device("second", &first);
    beats(&system, &second, 2);
    first.sync().unwrap();
    let id = second.devices().unwrap().iter().find(|device| device.is_own).unwrap().id;
    first.remove_device(&id).unwrap();
    caller.write("after the removal").unwrap();
    hoard.take(&system.hub_dir());
    first.sync().unwrap();
    first.answer(&caller.id(), "an answer after the removal").unwrap();
    beats(&system, &first, 6);
    hoard.take(&system.hub_dir());

    let stolen = hoard.open_with(&system.desk_dir("second"));
    assert!(stolen.holds("before the removal"));
    assert!(!stolen.holds("after the removal"));
    assert!(hoard.open_with(&system.desk_dir("first")).holds("an answer after the removal"));
    assert_eq!(caller.read().unwrap().answers[0].text, "an answer after the removal");
}

#[test]
fn a_device_that_says_nothing_for_a_generation_is_left_out_of_the_next() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    // It never beats: nobody knows whether it has destroyed what it should.
    drop(second);
    for _ in 0..8 {
        system.clock.advance(86_400);
        first.sync().unwrap();
        beats(&system, &first, 4);
    }
    assert_eq!((first.generation(), first.devices().unwrap().len()), (2, 1));
    assert!(system.open_desk("second").sync().is_err());
}

#[test]
fn two_devices_live_through_generations_together() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let mut caller = system.caller(&first);
    for day in 0..16u64 {
        system.clock.advance(86_400);
        caller.write(&format!("call {day}")).unwrap();
        for desk in [&first, &second] {
            desk.sync().unwrap();
            beats(&system, desk, 4);
        }
    }
    assert_eq!((first.generation(), second.generation()), (3, 3));
    for desk in [&first, &second] {
        desk.sync().unwrap();
        assert_eq!(desk.open_call(&caller.id()).unwrap().calls().count(), 16);
        assert_eq!(desk.health().alarm, None);
    }
}
