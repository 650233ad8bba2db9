//! Two devices of one desk: same cases, and no answer twice.

use callsign_desk::NewAnswer;
use std::thread;

use callsign_protocol::words::Language;
use callsign_testkit::System;

#[test]
fn two_desks_show_the_same_cases() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let mut callers: Vec<_> = (0..3).map(|_| system.caller(&first)).collect();
    for caller in &mut callers {
        caller.write("call").unwrap();
    }
    first.sync().unwrap();
    first.flush().unwrap();
    second.sync().unwrap();
    second.flush().unwrap();
    first.sync().unwrap();
    let names = |desk: &callsign_desk::Desk| {
        desk.with_cases(|cases| {
            let mut names: Vec<_> =
                cases.callers().map(|caller| cases.name(&caller, Language::English)).collect();
            names.sort();
            Ok(names)
        })
        .unwrap()
    };
    assert_eq!(names(&first).len(), 3);
    assert_eq!(names(&first), names(&second));
}

#[test]
fn two_desks_that_answer_at_once_post_every_answer_once() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let mut callers: Vec<_> = (0..4).map(|_| system.caller(&first)).collect();
    for caller in &mut callers {
        caller.write("call").unwrap();
    }
    for desk in [&first, &second] {
        desk.sync().unwrap();
    }
    // Both answer everyone and post everything that they know of, beat and flush mixed.
    thread::scope(|scope| {
        for (desk, from) in [(&first, "first"), (&second, "second")] {
            let (callers, system) = (&callers, &system);
            scope.spawn(move || {
                for caller in callers {
                    desk.answer(&NewAnswer::new(&caller.id(), &format!("from {from}"))).unwrap();
                    desk.beat().unwrap();
                    system.clock.advance(1);
                    desk.flush().unwrap();
                }
            });
        }
    });
    for desk in [&first, &second] {
        desk.sync().unwrap();
        desk.flush().unwrap();
    }
    for caller in &mut callers {
        let reading = caller.read().unwrap();
        let mut texts: Vec<_> = reading.answers.iter().map(|answer| answer.text.as_str()).collect();
        texts.sort_unstable();
        assert_eq!(texts, ["from first", "from second"]);
        assert_eq!(reading.withheld, 0);
    }
}

#[test]
fn a_reply_left_in_the_queue_goes_with_the_serving_desks_beat() {
    let system = System::start();
    let serving = system.init_desk("desk");
    let mut caller = system.caller(&serving);
    caller.write("call").unwrap();
    serving.sync().unwrap();
    let command = system.open_desk("desk");
    command.answer(&NewAnswer::new(&caller.id(), "queued")).unwrap();
    drop(command);
    for _ in 0..3 {
        system.clock.advance(2);
        serving.beat().unwrap();
    }
    assert_eq!(caller.read().unwrap().answers[0].text, "queued");
}
