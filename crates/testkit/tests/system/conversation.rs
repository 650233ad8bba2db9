//! A call, an answer, and the two ticks.

use callsign_desk::{NewAnswer, cases::Item};
use callsign_testkit::System;

const CALL: &str = "Добрий день. Як це буде? 😀 \"так\"\n\tрядок";
const ANSWER: &str = "Пишіть, коли безпечно. 🕊️";

#[test]
fn a_call_is_answered_byte_for_byte_and_the_caller_learns_that_it_was_opened() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    let id = caller.write(CALL).unwrap();

    desk.sync().unwrap();
    let who = caller.id();
    let case = desk.open_call(&who).unwrap();
    assert_eq!((case.track.as_str(), case.language.as_str()), ("field", "uk"));
    let [Item::Call(call)] = &case.items[..] else { panic!("{case:?}") };
    assert_eq!(call.text(), CALL);

    assert!(caller.read().unwrap().opened.is_empty());
    desk.answer(&NewAnswer::new(&who, ANSWER)).unwrap();
    desk.flush().unwrap();

    let reading = caller.read().unwrap();
    assert_eq!(reading.opened, [id]);
    assert_eq!(reading.answers.len(), 1);
    assert_eq!(reading.answers[0].text, ANSWER);
    assert_eq!(reading.answers[0].day, system.clock.now().day());
}

#[test]
fn an_answer_leaves_with_the_cadence_one_drop_a_tick() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write(CALL).unwrap();
    desk.sync().unwrap();
    let long = "слово ".repeat(400);
    desk.answer(&NewAnswer::new(&caller.id(), &long)).unwrap();
    for _ in 0..12 {
        system.clock.advance(2);
        desk.beat().unwrap();
        // A second beat in the same tick posts nothing.
        desk.beat().unwrap();
    }
    let reading = caller.read().unwrap();
    assert_eq!(reading.answers.len(), 1);
    assert_eq!(reading.answers[0].text, long);
    assert_eq!(reading.withheld, 0);
}

#[test]
fn a_long_call_arrives_whole_and_repeats_do_no_harm() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    let long = "довго ".repeat(1_000);
    caller.write(&long).unwrap();
    desk.sync().unwrap();
    desk.flush().unwrap();
    // As after a restart: everything is read again.
    let again = system.open_desk("desk");
    again.sync().unwrap();
    let case = again.open_call(&caller.id()).unwrap();
    let [Item::Call(call)] = &case.items[..] else { panic!("{case:?}") };
    assert_eq!((call.text(), call.missing()), (long, 0));
}

#[test]
fn a_phrase_with_a_typo_opens_another_mailbox_and_no_error() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut other = system.caller(&desk);
    let reading = other.read().unwrap();
    assert!(reading.answers.is_empty() && reading.opened.is_empty());
}

#[test]
fn done_cells_leave_the_hub_after_the_fixed_delay_and_only_then() {
    let system = System::start();
    let desk = system.init_desk("desk");
    // Devices that have taken nothing yet.
    let others = ["second", "third"].map(|name| system.add_device(name, &desk));
    let mut caller = system.caller(&desk);
    caller.write(CALL).unwrap();
    caller.read().unwrap();
    desk.sync().unwrap();
    desk.flush().unwrap();
    desk.beat().unwrap();
    assert!(others[0].follow(0).unwrap().cells > 0, "cells are still there before the delay");
    assert_eq!(system.open_desk("desk").follow(0).unwrap().cells, 0, "what was taken is not asked for again");
    system.clock.advance(12);
    desk.beat().unwrap();
    assert_eq!(others[1].follow(0).unwrap().cells, 0);
}
