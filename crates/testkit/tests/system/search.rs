//! Search knows what its device knows, by whichever way that came: entries, its own disk, a snapshot of another device.

use std::fs;

use callsign_desk::Desk;
use callsign_testkit::System;

fn found(desk: &Desk, query: &str) -> usize {
    let found = desk.search(query).unwrap();
    assert_eq!(found.unsearched, 0);
    found.hits.len()
}

#[test]
fn a_case_is_found_after_a_restart_and_on_a_device_that_reads_the_state_from_the_hub() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let (mut early, mut late) = (system.caller(&desk), system.caller(&desk));
    early.write("Прийшла повістка").unwrap();
    desk.sync().unwrap();
    system.clock.advance_days(8);
    system.beats(&desk, 4);
    assert_eq!(desk.generation(), 2, "the first call is in a snapshot alone");
    late.write("повістку порвав").unwrap();
    desk.sync().unwrap();
    desk.flush().unwrap();
    drop(desk);
    let desk = system.open_desk("desk");
    assert_eq!(found(&desk, "повістка"), 2, "from its own disk");

    desk.admit(&system.ask_to_join("other", &desk)).unwrap();
    let other = system.open_desk("other");
    assert_eq!(found(&other, "повістка"), 0, "it knows nothing yet");
    other.sync().unwrap();
    assert_eq!(found(&other, "повістка"), 2, "from the snapshot and the entries behind it");
    drop(other);
    system.lose_cache("desk");
    drop(desk);
    let desk = system.open_desk("desk");
    assert_eq!(found(&desk, "повістка"), 0);
    desk.sync().unwrap();
    assert_eq!(found(&desk, "повістка"), 2, "from the hub alone");
}

#[test]
fn what_was_erased_while_a_device_was_away_is_not_found_there_once_it_has_the_state() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("зозулинець").unwrap();
    desk.sync().unwrap();
    desk.flush().unwrap();
    let other = system.add_device("other", &desk);
    // It announces its key for the next generation, and is away from then on.
    system.beats(&other, 2);
    desk.sync().unwrap();
    assert_eq!(found(&other, "зозулинець"), 1);
    desk.erase(&caller.id()).unwrap();
    desk.flush().unwrap();
    system.clock.advance_days(8);
    system.beats(&desk, 4);
    assert_eq!(desk.generation(), 2);
    assert_eq!(found(&desk, "зозулинець"), 0);
    other.sync().unwrap();
    assert_eq!(found(&other, "зозулинець"), 0);
}

#[test]
fn a_large_index_goes_on_from_its_image_from_one_generation_to_the_next() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let image = system.desk_dir("desk").join("search");
    let say = |text: &str| {
        let mut caller = system.caller(&desk);
        caller.write(text).unwrap();
        desk.sync().unwrap();
        caller.id()
    };
    for number in 0..5 {
        say(&format!("Прийшла повістка номер {number}"));
        desk.flush().unwrap();
    }
    desk.prepare_search().unwrap();
    let first = fs::read(&image).unwrap();
    // Behind the image: in the log, and waiting for it.
    let erased = say("повістку порвав зозулинець");
    desk.erase(&erased).unwrap();
    desk.flush().unwrap();
    say("трактор і повістка");
    let again = system.open_desk("desk");
    assert_eq!(fs::read(&image).unwrap(), first, "it is not written because somebody wrote");
    assert_eq!((found(&again, "повістка"), found(&again, "трактор"), found(&again, "зозулинець")), (6, 1, 0));

    // Two programs at one directory, one of which hears of the generation later.
    desk.flush().unwrap();
    system.clock.advance_days(8);
    desk.sync().unwrap();
    system.beats(&desk, 6);
    assert_eq!(desk.generation(), 2);
    assert!(!image.exists(), "its key is destroyed");
    // As it lies when a program is killed while it writes one.
    let half = image.with_file_name(".search.half");
    fs::write(&half, &first).unwrap();
    drop(system.open_desk("desk"));
    assert!(!half.exists());
    again.prepare_search().unwrap();
    desk.prepare_search().unwrap();
    let second = fs::read(&image).unwrap();
    assert_ne!(first, second);
    let late = system.open_desk("desk");
    assert_eq!((found(&late, "повістка"), found(&late, "трактор"), found(&late, "зозулинець")), (6, 1, 0));
    // What lay there before is none of this generation.
    fs::write(&image, &first).unwrap();
    let late = system.open_desk("desk");
    assert_eq!((found(&late, "повістка"), found(&late, "трактор"), found(&late, "зозулинець")), (6, 1, 0));
}
