//! What the fold promises whatever the order in which events came.

use callsign_protocol::encoding::Secret;

use super::{support::whole_answer, *};

const DAY: Day = Day(20_000);

fn part(message: u8, part: u8, parts: u8) -> CallPart {
    CallPart {
        caller: Bytes([1; 32]),
        shard_bits: 7,
        drop_secrets: vec![(DAY.week(), Secret([1; 32]))],
        id: Bytes([message; 16]),
        part,
        parts,
        track: String::new(),
        language: "en".to_owned(),
        text: format!("{message}.{part} "),
        safe_times: None,
    }
}

fn received(call: CallPart, at: u64) -> Event {
    Event::message_received(Box::new(call), UnixSeconds(at))
}

fn answered(caller: CallerId) -> Event {
    let body = EventBody::AnswerQueued(whole_answer(caller, 9, "answer", UnixSeconds(60)));
    Event { id: Bytes([9; 16]), body }
}

/// Every order of some events.
fn orders(events: &[Event]) -> Vec<Vec<Event>> {
    let Some((first, rest)) = events.split_first() else { return vec![Vec::new()] };
    let places = 0..events.len();
    let with_first = |rest: Vec<Event>| {
        places.clone().map(move |at| [&rest[..at], std::slice::from_ref(first), &rest[at..]].concat())
    };
    orders(rest).into_iter().flat_map(with_first).collect()
}

/// The state after events in this order; those about a caller who is not known yet come again behind the call.
fn folded(events: &[Event]) -> Cases {
    let mut cases = Cases::staffed();
    for event in events.iter().chain(events) {
        cases.see(event);
    }
    cases
}

#[test]
fn what_nobody_has_opened_waits_in_every_order_of_events() {
    let caller = part(1, 1, 2).caller_id();
    let opened = |message| Event::opened(caller, &[Bytes([message; 16])]).remove(0);
    let events = [
        received(part(1, 1, 2), 600),
        received(part(1, 2, 2), 1_200),
        received(part(2, 1, 1), 1_800),
        received(part(3, 1, 1), 2_400),
        opened(1),
        opened(3),
        answered(caller),
    ];
    let all = orders(&events);
    assert_eq!(all.len(), 5_040);
    for order in all {
        let mut cases = folded(&order);
        let case = cases.case(&caller);
        assert_eq!(case.unopened(), [Bytes([2; 16])], "{order:?}");
        assert!(case.waiting_since(Day(0)).is_some_and(|since| since.0 <= 1_800), "{order:?}");
        assert_eq!(case.untold.len(), 2, "{order:?}");
        assert_ne!(case.heard(), case.shown(), "{order:?}");
        assert_eq!(case.calls().map(|call| call.received.0).min(), Some(600));
        cases.see(&opened(2));
        let case = cases.case(&caller);
        assert_eq!((case.unopened().len(), case.heard()), (0, case.shown()), "{order:?}");
        let behind = case.items.iter().rev().take_while(|item| matches!(item, Item::Call(_)));
        let first = behind.filter_map(|item| match item {
            Item::Call(call) => Some(call.received),
            Item::Answer(_) => None,
        });
        assert_eq!(case.waiting_since(Day(0)), first.min(), "{order:?}");
    }
}

#[test]
fn what_was_heard_is_the_same_in_every_order_and_changes_with_each_part() {
    let caller = part(1, 1, 2).caller_id();
    let events = [received(part(1, 1, 2), 0), received(part(1, 2, 2), 0), received(part(2, 1, 1), 0)];
    let heard = |events: &[Event]| folded(events).case(&caller).heard();
    let all = heard(&events);
    assert!(orders(&events).iter().all(|order| heard(order) == all));
    for less in [&events[..1], &events[..2], &events[1..], &events[2..]] {
        assert_ne!(heard(less), all);
    }
    assert_eq!(Heard::parse(&all.to_string()), Some(all));
    assert_eq!(Heard::parse("something else"), None);
}

#[test]
fn why_a_caller_cannot_be_answered_is_told_apart() {
    let reach = |event: Event, day| folded(&[event]).by_waiting(Day(0)).unwrap()[0].reach(day);
    let doubted = Event::doubted_message(Box::new(part(1, 1, 1)), UnixSeconds(0));
    assert_eq!(reach(doubted, DAY), Reach::Unproven);
    let proven = || received(part(1, 1, 1), 0);
    assert_eq!(reach(proven(), DAY), Reach::Now);
    assert_eq!(reach(proven(), DAY.plus(7)), Reach::Lapsed);
    let first = DAY.week().last_day().minus(6);
    assert_eq!(reach(proven(), DAY.minus(7)), Reach::From(first));
    assert_eq!(first.week(), DAY.week());
}
