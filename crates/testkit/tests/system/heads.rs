//! When the desk was last at work, and whether the newest is shown, as callers learn it from what the desk signs.

use callsign_desk::{NewAnswer, Settings};
use callsign_testkit::System;

use crate::{custody::detach, removed::other_device};

#[test]
fn callers_see_the_minute_in_which_the_desk_was_last_at_work() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    desk.sync().unwrap();
    system.beats(&desk, 12);
    desk.answer(&NewAnswer::new(&caller.id(), "an answer")).unwrap();
    desk.flush().unwrap();
    let now = system.clock.now();
    let (today, minute) = (now.day(), now.minute_of(now.day()));
    let reading = caller.read().unwrap();
    assert_eq!(reading.answers.len(), 1);
    assert_eq!((reading.desk_seen, reading.lists_current), (Some((today, minute)), true));
    assert_eq!(reading.contradicted, []);

    // Nobody is at work: the time stays, and nothing is in doubt, for there is no newer notice either.
    system.clock.advance(3 * 3_600);
    let reading = caller.read().unwrap();
    assert_eq!((reading.desk_seen, reading.lists_current), (Some((today, minute)), true));
}

#[test]
fn two_devices_sign_one_list_after_each_other_and_a_finished_day_keeps_its_last_minute() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let other = system.add_device("other", &desk);
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    for device in [&desk, &other, &desk] {
        system.beats(device, 6);
    }
    let seen = system.clock.now();
    let (day, minute) = (seen.day(), seen.minute_of(seen.day()));
    let reading = caller.read().unwrap();
    assert_eq!((reading.desk_seen.map(|(day, _)| day), reading.contradicted.len()), (Some(day), 0));
    assert!(reading.desk_seen <= Some((day, minute)) && reading.lists_current);

    system.clock.advance(86_400);
    for device in [&other, &desk] {
        device.sync().unwrap();
        system.beats(device, 6);
    }
    let reading = caller.read().unwrap();
    assert!(reading.confirmed.contains(&day), "{reading:?}");
    assert_eq!(reading.desk_seen.map(|(day, _)| day), Some(day.plus(1)));
    assert!(reading.lists_current);
}

#[test]
fn a_new_duty_key_signs_the_heads_from_the_next_drops_on() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    system.beats(&desk, 12);
    assert!(caller.read().unwrap().lists_current);
    // A generation ends, and its duty key with it.
    for _ in 0..8 {
        system.clock.advance(86_400);
        desk.sync().unwrap();
    }
    system.beats(&desk, 12);
    let reading = caller.read().unwrap();
    assert!(reading.lists_current, "{reading:?}");
    assert_eq!(reading.contradicted, []);
}

#[test]
fn a_new_duty_key_signs_todays_lists_with_the_next_beat_though_no_drop_is_due() {
    let system = System::start();
    let desk = system.try_init_desk("desk", Settings { drop_period_s: 300, ..Settings::short() }).unwrap();
    drop(system.add_device("other", &desk));
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    system.beats(&desk, 3);
    let before = caller.read().unwrap();
    assert!(before.lists_current, "{before:?}");
    desk.remove_device(&other_device(&desk)).unwrap();
    system.beats(&desk, 1);
    let reading = caller.read().unwrap();
    assert_eq!((reading.lists_current, reading.desk_seen), (true, before.desk_seen));
    assert_eq!(reading.contradicted, []);
}

#[test]
fn a_key_that_the_identity_certifies_has_signed_all_lists_when_the_command_ends() {
    let system = System::start();
    let desk = system.init_desk("first");
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    for _ in 0..3 {
        system.clock.advance(86_400);
        desk.sync().unwrap();
        system.beats(&desk, 3);
    }
    let mut is_beyond_doubt = |what: &str| {
        let reading = caller.read().unwrap();
        assert!(reading.lists_current && reading.desk_seen.is_some(), "{what}: {reading:?}");
        assert_eq!((reading.unconfirmed, reading.contradicted), (vec![], vec![]), "{what}");
    };
    is_beyond_doubt("before");
    let identity = detach(&system, &desk);
    is_beyond_doubt("detach");
    desk.certify(&identity).unwrap();
    is_beyond_doubt("certify");
}
