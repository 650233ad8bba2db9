//! What a device that means ill wraps to the others, in a keyring that it puts while it still belongs to the desk.

use callsign_caller::mailbox::Mailbox;
use callsign_desk::{Desk, DutyKey};
use callsign_protocol::{
    caller_keys::x25519_public,
    drop::{AnswerPart, Drop, DropPayload, Place, Sender},
    encoding::{Bytes, Secret},
    keyring::{DeskKeys, FormerAnswerKey},
    time::Day,
};
use callsign_testkit::System;

use crate::{
    agent,
    removed::{Known, seen, works},
};

fn wraps(system: &System, desk: &Desk, change: impl FnOnce(&mut DeskKeys)) -> Known {
    let (mut known, before) = (Known::to(system, "insider"), Known::to(system, "insider"));
    change(&mut known.keys);
    let forged = known.keyring_after(&seen(system, "insider"), system);
    let address = format!("{}/{}/v1/keyring", system.hub_url(), desk.fingerprint().desk_id());
    // The hub cannot see what is wrapped.
    agent().put(&address).send(&forged).unwrap();
    before
}

#[test]
fn an_answer_key_that_an_insider_planted_is_not_the_desks_after_its_removal() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    let own = Secret([9; 32]);
    let planted = FormerAnswerKey {
        public: x25519_public(&own),
        last_day: Day(u32::MAX),
        secret: None,
        exposed: false,
    };
    let known = wraps(&system, &first, |keys| keys.former_answer_keys.push(planted));
    first.sync().unwrap();
    first.remove_device(&known.device()).unwrap();
    for _ in 0..30 {
        system.clock.advance_days(1);
        first.sync().unwrap();
        system.beats(&first, 4);
    }
    works(&system, &first, &mut caller, "a month later");
    let (today, notice) = (system.clock.now().day(), caller.notice());
    let place = Place { day: today, slot: 7, index: 31 };
    let (secret, public) = (caller.keys().drop_secret(today.week()), *caller.keys().public());
    let sender =
        Sender { fingerprint: &first.fingerprint(), answer_key: &own, caller: &public, drop_secret: &secret };
    let text = "come to the checkpoint".to_owned();
    let answer = AnswerPart { id: Bytes([1; 16]), part: 1, parts: 1, text };
    let payload = DropPayload { number: 99, answer: Some(answer), opened: vec![] };
    let forged = Drop::seal(&payload, &place, &sender, &mut system.rng()).unwrap();
    let mut mailbox = Mailbox::new(caller.keys().clone());
    mailbox.take(today, &[forged]);
    mailbox.open(&notice);
    assert_eq!(mailbox.reading(true).answers, [], "an answer by who was removed a month ago");
}

#[test]
fn a_duty_key_is_replaced_behind_a_removal_whatever_an_insider_said_of_its_generation() {
    for said in [1, u32::MAX] {
        let system = System::start();
        let first = system.init_desk("first");
        let second = system.add_device("second", &first);
        let insider = system.add_device("insider", &first);
        for desk in [&first, &insider, &second] {
            system.beats(desk, 4);
        }
        drop(insider);
        let known = wraps(&system, &first, |keys| keys.duty_generation = said);
        for desk in [&first, &second] {
            desk.sync().unwrap();
        }
        second.remove_device(&known.device()).unwrap();
        let told = second.duty_key(second.generation(), &known.device()).unwrap();
        for _ in 0..3 {
            system.clock.advance_days(1);
            for desk in [&first, &second] {
                desk.sync().unwrap();
                system.beats(desk, 4);
            }
        }
        let is_replaced = Known::to(&system, "first").duty_key() != known.duty_key();
        assert_eq!((told, is_replaced), (DutyKey::ByDevice, true), "said to be of generation {said}");
    }
}

#[test]
fn people_are_told_by_when_a_removed_device_can_deceive_whatever_it_said_of_certificates() {
    for said in [None, Some(Day(0)), Some(Day(u32::MAX))] {
        let system = System::start();
        let first = system.init_desk("first");
        let second = system.add_device("second", &first);
        let insider = system.add_device("insider", &first);
        for desk in [&first, &insider, &second] {
            system.beats(desk, 4);
        }
        drop(insider);
        let known = wraps(&system, &first, |keys| {
            keys.certified_until = said.unwrap_or(keys.certified_until);
        });
        for desk in [&first, &second] {
            desk.sync().unwrap();
        }
        let ends = second.health().certificate_ends;
        second.remove_device(&known.device()).unwrap();
        assert_eq!(second.health().deceivable_until, Some(ends.plus(1)), "{said:?}");
    }
}
