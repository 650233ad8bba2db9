//! Two people at one case, who were apart: no caller is answered twice, and every device says the same of who has it.

use callsign_desk::{
    Answered, ClaimError, Desk, DeskError, NewAnswer, PeopleError, Shown,
    cases::{ClaimState, Keeps, Role},
};
use callsign_testkit::{Caller, System};

/// A desk of two people with a device each, and a case that both have read.
fn two_people(system: &System) -> (Desk, Desk, Caller) {
    let first = system.init_desk("first");
    let mut caller = system.caller(&first);
    caller.write("call").unwrap();
    first.sync().unwrap();
    system.beats(&first, 2);
    let osyka = first.add_person("Osyka", [Role::Operator].into()).unwrap();
    first.admit_for(&system.ask_to_join("second", &first), osyka).unwrap();
    let second = system.open_desk("second");
    second.sync().unwrap();
    for desk in [&first, &second] {
        desk.open_call(&caller.id()).unwrap();
        system.beats(desk, 2);
    }
    (first, second, caller)
}

#[test]
fn of_two_answers_written_apart_one_leaves_though_its_author_let_the_case_go_at_once() {
    let system = System::start();
    let (first, second, mut caller) = two_people(&system);
    let id = caller.id();
    first.sync().unwrap();
    second.sync().unwrap();
    // Neither knows of the other's.
    first.answer(&NewAnswer::new(&id, "from the first")).unwrap();
    assert_eq!(second.answer(&NewAnswer::new(&id, "from the second")).unwrap(), Answered::Queued);
    first.release(&id).unwrap();
    first.flush().unwrap();
    second.flush().unwrap();
    system.beats(&second, 6);
    first.sync().unwrap();
    let answers = caller.read().unwrap().answers;
    assert_eq!(answers.iter().map(|answer| answer.text.as_str()).collect::<Vec<_>>(), ["from the first"]);
    // Who did not write it lets it go with the case in hand, and not without.
    let let_go = first.release_answer(&id, None, Shown::WhatWasOpened);
    assert!(matches!(let_go, Err(DeskError::Claim(ClaimError::AnothersAnswer))), "{let_go:?}");
    first.claim(&id, None).unwrap();
    first.release_answer(&id, None, Shown::WhatWasOpened).unwrap();
    first.flush().unwrap();
    system.beats(&first, 4);
    assert_eq!(caller.read().unwrap().answers.len(), 2);
    let case = first.case(&id).unwrap();
    assert!(case.items.iter().all(|item| !format!("{item:?}").contains(&format!("{:?}", Keeps::Held))));
}

#[test]
fn a_program_that_starts_anew_has_counted_every_beat() {
    let system = System::start();
    let (first, second, caller) = two_people(&system);
    let id = caller.id();
    first.claim(&id, None).unwrap();
    first.flush().unwrap();
    second.sync().unwrap();
    let stands = |desk: &Desk| desk.holder(&desk.case(&id).unwrap()).unwrap().state;
    // The last of the second's beats carries nothing, for the other device has posted for the tick.
    for _ in 0..60 {
        if stands(&second) != ClaimState::Live {
            break;
        }
        system.clock.advance(30);
        first.beat().unwrap();
        second.beat().unwrap();
    }
    assert_eq!(stands(&second), ClaimState::Lapsed);
    drop(second);
    assert_eq!(stands(&system.open_desk("second")), ClaimState::Lapsed);
}

#[test]
fn an_act_that_would_leave_no_custodian_is_never_written() {
    let system = System::start();
    let (first, second, _) = two_people(&system);
    let me = first.me().unwrap();
    let last = |done: Result<(), DeskError>| {
        assert!(matches!(done, Err(DeskError::People(PeopleError::LastCustodian))), "{done:?}");
    };
    last(first.person_leaves(&me));
    last(first.set_roles(&me, [Role::Operator].into(), None));
    let osyka = first.person_named("Osyka").unwrap();
    let own = first.devices().unwrap().into_iter().find(|device| device.is_own).unwrap().id;
    last(first.give_device(&own, &osyka.id));
    for desk in [&first, &second] {
        system.beats(desk, 1);
        desk.sync().unwrap();
        assert_eq!((desk.people_acts_waiting().unwrap(), desk.health().without_effect), (0, vec![]));
    }
}
