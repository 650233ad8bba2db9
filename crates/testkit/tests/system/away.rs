//! Days go by: epochs turn over, a desk or a hub is away, and nothing is lost within the grace.

use callsign_caller::visit::VisitError;
use callsign_desk::{DeskError, NewAnswer, Settings, keys::VaultError};
use callsign_testkit::{System, TestClock, shown};

#[test]
fn a_desk_that_runs_turns_its_keys_over_and_works_on_the_fourth_day() {
    let system = System::start();
    let desk = system.init_desk("desk");
    for day in 0..8 {
        let mut caller = system.caller(&desk);
        caller.write(&format!("day {day}")).unwrap();
        desk.sync().unwrap();
        desk.answer(&NewAnswer::new(&caller.id(), "answer")).unwrap();
        desk.flush().unwrap();
        assert_eq!(caller.read().unwrap().answers.len(), 1, "day {day}");
        system.clock.advance_days(1);
        desk.beat().unwrap();
    }
    assert_eq!(desk.health().dropped_cells, 0);
}

#[test]
fn calls_of_three_days_without_a_desk_are_read_when_it_comes_back() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    desk.sync().unwrap();
    drop(desk);
    let probe = system.open_desk("desk");
    let mut callers = Vec::new();
    for _ in 0..3 {
        let mut caller = system.caller(&probe);
        caller.write("is anyone there").unwrap();
        callers.push(caller);
        system.clock.advance_days(1);
    }
    drop(probe);
    // A hub erases what is past its days when it starts.
    system.stop_hub();
    system.start_hub();
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    for caller in &mut callers {
        let id = caller.id();
        desk.open_call(&id).unwrap();
        desk.answer(&NewAnswer::new(&id, "yes")).unwrap();
    }
    desk.flush().unwrap();
    for caller in &mut callers {
        assert_eq!(caller.read().unwrap().answers[0].text, "yes");
    }
    assert_eq!(desk.health().dropped_cells, 0);
}

#[test]
fn a_desk_away_for_six_weeks_comes_back_with_new_keys() {
    let system = System::start();
    let desk = system.init_desk("desk");
    desk.sync().unwrap();
    drop(desk);
    system.clock.advance_days(42);
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    let mut caller = system.caller(&desk);
    caller.write("hello").unwrap();
    desk.sync().unwrap();
    assert!(desk.open_call(&caller.id()).is_ok());
}

#[test]
fn a_desk_whose_devices_were_all_closed_for_a_month_comes_back_by_itself() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let (mut caller, mut erased) = (system.caller(&first), system.caller(&first));
    caller.write("before the month").unwrap();
    erased.write("erased before the month").unwrap();
    for desk in [&first, &second] {
        desk.sync().unwrap();
        system.beats(desk, 2);
    }
    first.sync().unwrap();
    first.answer(&NewAnswer::new(&caller.id(), "answered before the month")).unwrap();
    first.erase(&erased.id()).unwrap();
    system.beats(&first, 2);
    // Written down when the program was closed, and not in the log.
    first.open_call(&caller.id()).unwrap();
    first.answer(&NewAnswer::new(&caller.id(), "waits for a month")).unwrap();
    drop((first, second));
    system.clock.advance_days(31);

    let (first, second) = (system.open_desk("first"), system.open_desk("second"));
    for _ in 0..3 {
        for desk in [&first, &second] {
            desk.sync().unwrap();
            system.beats(desk, 4);
        }
        system.clock.advance_days(1);
    }
    for desk in [&first, &second] {
        assert!(desk.generation() > 1);
        assert_eq!(desk.health().alarm, None);
        assert_eq!(
            desk.devices().unwrap().len(),
            2,
            "nobody is left out for having been closed with the others"
        );
        let shown = shown(desk).join("\n");
        assert!(shown.contains("before the month") && shown.contains("waits for a month"), "{shown}");
        assert!(!shown.contains("erased before the month"), "{shown}");
    }
    // Who calls anew can be answered, and so is reached what was written a month ago.
    caller.write("after the month").unwrap();
    second.sync().unwrap();
    second.open_call(&caller.id()).unwrap();
    second.answer(&NewAnswer::new(&caller.id(), "answered after the month")).unwrap();
    system.beats(&second, 8);
    let texts: Vec<_> = caller.read().unwrap().answers.into_iter().map(|answer| answer.text).collect();
    assert_eq!(texts, ["waits for a month", "answered after the month"]);
}

#[test]
fn a_hub_that_is_away_loses_nothing_of_either_side() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    desk.sync().unwrap();
    desk.flush().unwrap();
    system.stop_hub();
    let id = caller.id();
    desk.answer(&NewAnswer::new(&id, "kept")).unwrap();
    assert!(desk.flush().is_err());
    drop(desk);
    system.start_hub();
    // The answer waited in the desk's cache.
    let desk = system.open_desk("desk");
    desk.flush().unwrap();
    let reading: Result<_, VisitError> = caller.read();
    assert_eq!(reading.unwrap().answers[0].text, "kept");
}

#[test]
fn a_desk_that_lost_its_cache_and_is_far_behind_loses_no_call() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut early = system.caller(&desk);
    early.write("early").unwrap();
    desk.sync().unwrap();
    desk.flush().unwrap();
    // Far more entries than one answer of the hub carries, with a new notice behind them.
    for _ in 0..140 {
        desk.beat().unwrap();
    }
    system.clock.advance_days(1);
    desk.beat().unwrap();
    let mut late = system.caller(&desk);
    late.write("late").unwrap();
    drop(desk);
    system.lose_cache("desk");
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    for caller in [&early, &late] {
        assert!(desk.open_call(&caller.id()).is_ok());
    }
    assert_eq!(desk.health().dropped_cells, 0);
}

#[test]
fn a_machine_whose_clock_is_days_ahead_destroys_no_key_that_callers_seal_to() {
    let system = System::start();
    let desk = system.init_desk("desk");
    desk.sync().unwrap();
    drop(desk);
    let ahead = TestClock::new(system.clock.now().plus(10 * 86_400));
    let wrong = system.open_desk_at("desk", &ahead);
    assert!(wrong.sync().is_err() || wrong.beat().is_err(), "the hub refuses days that have not come");
    let mut caller = system.caller(&wrong);
    drop(wrong);
    caller.write("sealed to today's key").unwrap();
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    assert!(desk.open_call(&caller.id()).is_ok());
    assert_eq!(desk.health().dropped_cells, 0);
}

#[test]
fn an_init_that_was_cut_off_is_finished_by_giving_it_again() {
    let mut system = System::start();
    let code = std::fs::read_to_string(system.hub_dir().join("enrolment-code")).unwrap();
    system.stop_hub();
    assert!(system.try_init_desk("desk", Settings::short()).is_err());
    system.start_hub();
    assert_eq!(code, std::fs::read_to_string(system.hub_dir().join("enrolment-code")).unwrap());
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("hello").unwrap();
    desk.sync().unwrap();
    assert!(desk.open_call(&caller.id()).is_ok());
    drop(desk);
    let again = system.try_init_desk("desk", Settings::short());
    assert!(matches!(again, Err(DeskError::Vault(VaultError::Exists(_)))), "{again:?}");
}

#[test]
fn a_desk_that_is_synced_once_a_day_and_never_served_keeps_signatures_notices_and_keys_up() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    drop(desk);
    for day in 1..=20 {
        system.clock.advance_days(1);
        // As the command line does it: a program of its own each time.
        let desk = system.open_desk("desk");
        let beats = desk.keep_up().unwrap().beats;
        assert!((2..=8).contains(&beats), "{beats}");
        desk.flush().unwrap();
        assert_eq!(desk.keep_up().unwrap().beats, 1, "nothing is made up for twice");
        let today = system.clock.now().day();
        let reading = caller.read().unwrap();
        let all: Vec<_> = (1..14).rev().map(|ago| today.minus(ago)).collect();
        assert_eq!((reading.confirmed, reading.unconfirmed.len()), (all, 0), "day {day}");
        assert!(desk.health().notice_expires.unwrap() > system.clock.now().plus(86_400));
    }
    // Twenty days of one sync a day turn generations over, snapshots included: what was erased is gone for good.
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    assert!(desk.generation() >= 3);
    let other = system.add_device("other", &desk);
    assert_eq!(other.with_cases(|cases| Ok(cases.count())).unwrap(), 1);
}
