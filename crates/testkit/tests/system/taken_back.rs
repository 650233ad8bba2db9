//! An answer that is taken back before its first drop is never posted, by no device; after it nobody takes half an answer from a caller.

use callsign_desk::{Desk, NewAnswer, cases::Refusal};
use callsign_testkit::{Caller, System};

/// One person with two devices that know the same, and a caller who has written.
fn two_devices(system: &System) -> (Desk, Desk, Caller) {
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let mut caller = system.caller(&first);
    caller.write("call").unwrap();
    first.sync().unwrap();
    first.open_call(&caller.id()).unwrap();
    system.beats(&first, 2);
    second.sync().unwrap();
    (first, second, caller)
}

/// Has an answer come into the log without a drop: its device has served the tick already.
fn say_between_ticks(desk: &Desk, caller: &Caller, text: &str) {
    desk.answer(&NewAnswer::new(&caller.id(), text)).unwrap();
    desk.beat().unwrap();
    assert_eq!(desk.people_acts_waiting().unwrap(), 0, "the answer is in the log");
}

fn texts(caller: &mut Caller) -> Vec<String> {
    caller.read().unwrap().answers.into_iter().map(|answer| answer.text).collect()
}

#[test]
fn an_answer_that_is_taken_back_before_its_first_drop_is_posted_by_no_device() {
    let system = System::start();
    let (first, second, mut caller) = two_devices(&system);
    let id = caller.id();
    say_between_ticks(&first, &caller, "never to be read");
    // By the other device, and by the one that wrote it, while it waits there.
    second.sync().unwrap();
    second.take_back(&id, None).unwrap();
    second.beat().unwrap();
    first.sync().unwrap();
    first.answer(&NewAnswer::new(&id, "nor this one")).unwrap();
    first.take_back(&id, None).unwrap();
    // A day, in which both post what waits.
    for hour in 0..24 {
        for desk in [&first, &second] {
            desk.sync().unwrap();
            system.beats(desk, 3);
        }
        if hour == 12 {
            first.flush().unwrap();
        }
        system.clock.advance(3_600);
    }
    assert_eq!(texts(&mut caller), Vec::<String>::new());
    for desk in [&first, &second] {
        assert_eq!(desk.health().without_effect, []);
    }
    // What is said then comes, and nothing of the others with it.
    first.answer(&NewAnswer::new(&id, "to be read")).unwrap();
    first.flush().unwrap();
    assert_eq!(texts(&mut caller), ["to be read"]);
}

#[test]
fn an_answer_of_which_a_drop_was_posted_comes_whole_and_who_took_it_back_is_told() {
    let system = System::start();
    let (first, second, mut caller) = two_devices(&system);
    let id = caller.id();
    let long = "Залишайтеся там, де ви є, і чекайте на нас. ".repeat(30);
    say_between_ticks(&first, &caller, &long);
    second.sync().unwrap();
    // One part leaves; the other device does not know of that when it takes the answer back.
    system.beats(&first, 1);
    second.take_back(&id, None).unwrap();
    for _ in 0..4 {
        for desk in [&second, &first] {
            desk.sync().unwrap();
            system.beats(desk, 1);
        }
    }
    let posted = texts(&mut caller);
    assert_eq!(posted.iter().map(|text| text.trim()).collect::<Vec<_>>(), [long.trim()], "no half an answer");
    let told = second.health().without_effect;
    let [line] = &told[..] else { panic!("{told:?}") };
    assert_eq!((line.refusal, line.is_own, line.count), (Refusal::TooLate, true, 1));
    assert!(line.told().contains("another act came first"), "{}", line.told());
    assert_eq!(first.health().without_effect, [], "nobody else is told");
    // It is so for a program that reads the log anew.
    drop(second);
    system.lose_cache("second");
    let second = system.open_desk("second");
    second.sync().unwrap();
    assert_eq!(
        format!("{:?}", second.case(&id).unwrap().items),
        format!("{:?}", first.case(&id).unwrap().items)
    );
}
