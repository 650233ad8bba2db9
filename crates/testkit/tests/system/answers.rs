//! Answers that are given again, and answers past what nobody has read.

use callsign_desk::{AnswerKey, Answered, Desk, DeskError, NewAnswer, Shown, cases::Item};
use callsign_protocol::caller_keys::CallerId;
use callsign_testkit::System;

fn answers(desk: &Desk, caller: &CallerId) -> usize {
    desk.case(caller).unwrap().items.iter().filter(|item| matches!(item, Item::Answer(_))).count()
}

#[test]
fn an_answer_that_is_given_again_is_taken_once_on_every_device_and_after_a_restart() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    desk.sync().unwrap();
    let id = caller.id();
    desk.open_call(&id).unwrap();
    let long = "слово ".repeat(400);
    let named = |text| NewAnswer { key: Some(AnswerKey::of("a form")), ..NewAnswer::new(&id, text) };
    assert_eq!(desk.answer(&named(&long)).unwrap(), Answered::Queued);
    assert_eq!(desk.answer(&named(&long)).unwrap(), Answered::Known);
    assert!(matches!(desk.answer(&named("other words")), Err(DeskError::AnswerKeyUsed)));
    let beside = system.open_desk("desk");
    assert_eq!(beside.answer(&named(&long)).unwrap(), Answered::Known, "another process, before any commit");
    desk.flush().unwrap();
    drop((desk, beside));
    let desk = system.open_desk("desk");
    assert_eq!(desk.answer(&named(&long)).unwrap(), Answered::Known, "from the log");
    let other = system.add_device("other", &desk);
    assert_eq!(other.answer(&named(&long)).unwrap(), Answered::Known);
    assert_eq!((answers(&desk, &id), answers(&other, &id)), (1, 1));
    assert_eq!(caller.read().unwrap().answers.len(), 1);
    // A name is one caller's: the same one names another answer to somebody else.
    let mut second = system.caller(&desk);
    second.write("call").unwrap();
    desk.sync().unwrap();
    let second = NewAnswer { caller: &second.id(), ..named(&long) };
    assert_eq!(desk.answer(&second).unwrap(), Answered::Queued);
}

#[test]
fn who_answers_what_nobody_opened_has_opened_nothing() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    desk.sync().unwrap();
    for text in ["an answer", "and one more"] {
        desk.answer(&NewAnswer::new(&caller.id(), text)).unwrap();
        desk.flush().unwrap();
    }
    let reading = caller.read().unwrap();
    assert_eq!((reading.answers.len(), reading.opened.len()), (2, 0));
    let today = desk.now().day();
    let waits = || desk.case(&caller.id()).unwrap().waiting_since(today).is_some();
    assert!(waits(), "until somebody reads it");
    desk.open_call(&caller.id()).unwrap();
    assert!(!waits());
}

#[test]
fn two_processes_that_take_the_same_answer_at_once_send_it_once() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let other = system.add_device("other", &desk);
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    let id = caller.id();
    for device in [&desk, &other] {
        device.sync().unwrap();
        device.answer(&NewAnswer { key: Some(AnswerKey::of("once")), ..NewAnswer::new(&id, "yes") }).unwrap();
    }
    for device in [&desk, &other, &desk] {
        device.flush().unwrap();
        device.sync().unwrap();
    }
    assert_eq!((answers(&desk, &id), answers(&other, &id)), (1, 1));
    assert_eq!(caller.read().unwrap().answers.len(), 1);
}

#[test]
fn nobody_answers_past_a_message_that_they_were_not_shown() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("first").unwrap();
    desk.sync().unwrap();
    let id = caller.id();
    let shown = desk.open_call(&id).unwrap().shown();
    caller.write("second").unwrap();
    // Another process takes it: this one must look before it answers.
    system.open_desk("desk").sync().unwrap();
    let at_page =
        |shown| NewAnswer { shown: Shown::This(shown), ..NewAnswer::new(&id, "an answer to the first") };
    assert!(matches!(desk.answer(&at_page(shown)), Err(DeskError::NotShown)));
    assert!(matches!(desk.answer(&NewAnswer::new(&id, "the same")), Err(DeskError::NotShown)));
    // A colleague opens it: this page has shown it all the same to nobody.
    let now = desk.open_call(&id).unwrap().shown();
    assert!(matches!(desk.answer(&at_page(shown)), Err(DeskError::NotShown)));
    assert_eq!(answers(&desk, &id), 0);
    assert_eq!(desk.answer(&at_page(now)).unwrap(), Answered::Queued);
}

#[test]
fn an_answer_to_a_case_that_was_erased_does_not_come_back() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("first").unwrap();
    desk.sync().unwrap();
    let id = caller.id();
    let named = NewAnswer { key: Some(AnswerKey::of("a form")), ..NewAnswer::new(&id, "an answer") };
    desk.answer(&named).unwrap();
    desk.flush().unwrap();
    desk.erase(&id).unwrap();
    desk.flush().unwrap();
    assert!(matches!(desk.answer(&named), Err(DeskError::NoSuchCall)));
    caller.write("second").unwrap();
    desk.sync().unwrap();
    assert!(matches!(desk.answer(&named), Err(DeskError::AnswerKeyUsed)));
    assert_eq!(answers(&desk, &id), 0);
}
