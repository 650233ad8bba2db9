//! Answers whose author had not seen a message that stands before them in the log.

use super::*;
use crate::cases::{
    Outcome,
    claims::tests::{Desk, KALYNA, OSYKA},
    support::{DAY, whole_answer},
};
use callsign_protocol::{call::CallPart, encoding::Secret};

/// A part of a message of the desk's one caller.
fn writes(desk: &mut Desk, message: u8, (part, parts): (u8, u8)) {
    let call = CallPart {
        caller: desk.cases.case(&desk.caller).caller,
        shard_bits: 7,
        drop_secrets: vec![(DAY.week(), Secret([1; 32]))],
        id: Bytes([message; 16]),
        part,
        parts,
        track: String::new(),
        language: "en".to_owned(),
        text: "more".to_owned(),
        safe_times: None,
    };
    let event = Event::message_received(Box::new(call), UnixSeconds(0));
    desk.counts(KALYNA, event.body);
}

fn asked(desk: &Desk) -> Bytes<16> {
    desk.cases.case(&desk.caller).asked()
}

/// An answer of somebody who has seen just that.
fn answer(desk: &mut Desk, by: DeviceId, n: u8, seen: Option<Bytes<16>>) -> Keeps {
    let queued = AnswerQueued { seen, ..whole_answer(desk.caller, n, "an answer", desk.at) };
    desk.counts(by, EventBody::AnswerQueued(queued));
    keeps(desk, n)
}

fn keeps(desk: &Desk, n: u8) -> Keeps {
    desk.cases.case(&desk.caller).answer(&Bytes([n; 16])).unwrap().kept_back
}

fn released(desk: &Desk, n: u8, seen: Option<Bytes<16>>) -> EventBody {
    EventBody::AnswerReleased(AnswerReleased { caller: desk.caller, answer: Bytes([n; 16]), seen })
}

fn is_next(desk: &Desk, n: u8) -> bool {
    desk.cases.next_drop(DAY, 0, |_, _| true).unwrap().is_some_and(|drop| drop.carries(&Bytes([n; 16])))
}

#[test]
fn of_a_message_and_an_answer_that_cross_the_first_in_the_log_decides() {
    for message_first in [false, true] {
        let mut desk = Desk::new();
        let seen = Some(asked(&desk));
        if message_first {
            writes(&mut desk, 9, (1, 1));
        }
        let kept = answer(&mut desk, OSYKA, 1, seen);
        if !message_first {
            writes(&mut desk, 9, (1, 1));
        }
        let overtaken = if message_first { Keeps::Overtaken } else { Keeps::Nothing };
        assert_eq!((kept, keeps(&desk, 1), is_next(&desk, 1)), (overtaken, overtaken, !message_first));
        let waits = desk.cases.case(&desk.caller).waiting_since(DAY).is_some();
        assert!(waits, "the message has no answer");
    }
}

#[test]
fn the_rest_of_a_message_is_one_that_was_not_seen_either() {
    let mut desk = Desk::new();
    writes(&mut desk, 9, (1, 2));
    let seen = Some(asked(&desk));
    writes(&mut desk, 9, (2, 2));
    assert_eq!(answer(&mut desk, OSYKA, 1, seen), Keeps::Overtaken);
    let seen = Some(asked(&desk));
    assert_eq!(answer(&mut desk, OSYKA, 2, seen), Keeps::Nothing);
}

#[test]
fn what_was_overtaken_leaves_once_its_author_has_seen_the_newest_message() {
    let mut desk = Desk::new();
    let before = Some(asked(&desk));
    writes(&mut desk, 9, (1, 1));
    assert_eq!(answer(&mut desk, OSYKA, 1, before), Keeps::Overtaken);
    assert_eq!(desk.say(OSYKA, released(&desk, 1, before)), Outcome::Void(Refusal::TooLate));
    let seen = Some(asked(&desk));
    assert_eq!(desk.say(KALYNA, released(&desk, 1, seen)), Outcome::Void(Refusal::Claimed), "not hers");
    writes(&mut desk, 10, (1, 1));
    assert_eq!(desk.say(OSYKA, released(&desk, 1, seen)), Outcome::Void(Refusal::TooLate), "once more");
    let seen = Some(asked(&desk));
    desk.counts(OSYKA, released(&desk, 1, seen));
    assert!(is_next(&desk, 1));
    assert_eq!(desk.say(OSYKA, released(&desk, 1, seen)), Outcome::Void(Refusal::TooLate), "it leaves");
}

#[test]
fn what_a_lost_log_is_told_again_stays_as_it_wjudged() {
    let mut desk = Desk::new();
    let before = Some(asked(&desk));
    assert_eq!(answer(&mut desk, OSYKA, 1, before), Keeps::Nothing);
    writes(&mut desk, 9, (1, 1));
    assert_eq!(answer(&mut desk, OSYKA, 2, before), Keeps::Overtaken);
    let told = |n| {
        let queued = AnswerQueued { seen: before, ..whole_answer(desk.caller, n, "an answer", desk.at) };
        match Event::answer_queued(queued).judged(&desk.cases).unwrap().body {
            EventBody::AnswerQueued(queued) => queued.seen,
            _ => unreachable!(),
        }
    };
    assert_eq!((told(1), told(2), told(3)), (None, before, None));
}
