//! Days go by: epochs turn over, a desk or a hub is away, and nothing is lost within the grace.

use callsign_caller::visit::VisitError;
use callsign_testkit::System;

#[test]
fn a_desk_that_runs_turns_its_keys_over_and_works_on_the_fourth_day() {
    let system = System::start();
    let desk = system.init_desk("desk");
    for day in 0..8 {
        let mut caller = system.caller(&desk);
        caller.write(&format!("day {day}")).unwrap();
        desk.sync().unwrap();
        desk.answer(&caller.call_sign().to_string(), "answer").unwrap();
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
        let sign = caller.call_sign().to_string();
        desk.open_call(&sign).unwrap();
        desk.answer(&sign, "yes").unwrap();
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
    assert!(desk.open_call(&caller.call_sign().to_string()).is_ok());
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
    let sign = caller.call_sign().to_string();
    desk.answer(&sign, "kept").unwrap();
    assert!(desk.flush().is_err());
    drop(desk);
    system.start_hub();
    // The answer waited in the desk's cache.
    let desk = system.open_desk("desk");
    desk.flush().unwrap();
    let reading: Result<_, VisitError> = caller.read();
    assert_eq!(reading.unwrap().answers[0].text, "kept");
}
