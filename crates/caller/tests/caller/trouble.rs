//! Hubs that are away, full, old, cut short, or lie: nothing is sent twice alike, believed, or followed without end.

use std::{cell::RefCell, time::Duration};

use callsign_caller::{
    hub_client::{HubClient, HubError},
    mailbox::Reading,
    visit::{SlotError, Visit, VisitError},
};
use callsign_protocol::{
    cell::Opened,
    exchange::Outcome,
    time::{Clock, Day, UnixSeconds},
};
use chacha20::ChaCha20Rng;

use crate::{
    desk::{TODAY, TestDesk, answer, caller, clock, dummies, noon, place, rng},
    scripted_hub::{Reply, ScriptedHub},
    shapes::message,
};

fn visit_at(client: &HubClient, clock: Clock) -> Visit<'_, ChaCha20Rng> {
    let notice = client.fetch_notice(None, noon()).unwrap();
    Visit::new(client, notice, caller(0), clock, rng(9))
}

/// Sends a text fast; the result, and the seconds waited in between.
fn send(hub: &ScriptedHub, text: &str) -> (Result<(), VisitError>, Vec<u64>) {
    let client = hub.client();
    let mut visit = visit_at(&client, clock());
    visit.write(&message(text)).unwrap();
    let waits = RefCell::new(Vec::new());
    let result = visit.send_fast(&|wait: Duration| waits.borrow_mut().push(wait.as_secs()));
    (result, waits.into_inner())
}

fn read(hub: &ScriptedHub, days: u32) -> (Result<(), VisitError>, Reading) {
    hub.publish(TestDesk::new().envelope(|notice| notice.days = days), 5);
    let client = hub.client();
    let mut visit = visit_at(&client, clock());
    let result = visit.read_fast(&|_| {});
    (result, visit.reading())
}

fn failing_first(failures: usize, reply: &Reply) -> ScriptedHub {
    let reply = reply.clone();
    ScriptedHub::start().script(move |n, _| if n < failures { reply.clone() } else { Reply::Honest })
}

/// Answers the first exchange, which never carries a part, and fails those after it.
fn failing_behind_first(failures: usize, reply: &Reply) -> ScriptedHub {
    let reply = reply.clone();
    ScriptedHub::start().script(move |n, _| match n {
        0 => Reply::Honest,
        n if n <= failures => reply.clone(),
        _ => Reply::Honest,
    })
}

#[test]
fn a_retry_is_sealed_afresh_and_holds_the_same() {
    let desk = TestDesk::new();
    for reply in [
        Reply::Outcome(Outcome::Unavailable),
        Reply::Outcome(Outcome::UnknownList),
        Reply::Status(503),
        Reply::Silence,
        Reply::Cut(32_863),
        Reply::Cut(0),
        Reply::Cut(40_000),
    ] {
        let hub = failing_behind_first(2, &reply);
        let (result, waits) = send(&hub, "text");
        assert_eq!((result, waits), (Ok(()), vec![1, 2]), "{reply:?}");
        let cells = hub.cells();
        assert_eq!(cells.len(), 4);
        assert_eq!(desk.open(&cells[0], desk.notice().hash), Some(Opened::Cover));
        for (n, cell) in cells.iter().enumerate().skip(1) {
            assert!(!cells[..n].contains(cell), "{reply:?}");
            let Some(Opened::Call(part)) = desk.open(cell, desk.notice().hash) else {
                panic!("not the part: {reply:?}")
            };
            assert_eq!((part.text.as_str(), part.part, part.parts), ("text", 1, 1));
        }
    }
}

#[test]
fn after_three_tries_nothing_more_is_sent_and_the_error_says_how_far_it_came() {
    let text = "x".repeat(5_000);
    let hub = ScriptedHub::start()
        .script(|n, _| if matches!(n, 0 | 2) { Reply::Honest } else { Reply::Outcome(Outcome::Unavailable) });
    let (result, waits) = send(&hub, &text);
    let parts = message(&text).parts().unwrap().len();
    assert_eq!(result, Err(VisitError::NotStored { cause: SlotError::Unavailable, parts, stored: 1 }));
    assert_eq!((waits, hub.exchanges().len()), (vec![1, 1, 2], 6));
}

#[test]
fn what_will_not_pass_is_not_tried_again() {
    for (reply, cause) in [
        (Reply::Status(404), HubError::CallsNotTaken),
        (Reply::Outcome(Outcome::Version), HubError::Outdated),
    ] {
        let hub = failing_first(9, &reply);
        let (result, waits) = send(&hub, "text");
        let expected = VisitError::NotStored { cause: SlotError::Hub(cause), parts: 1, stored: 0 };
        assert_eq!((result, waits), (Err(expected), Vec::new()));
        assert_eq!(hub.exchanges().len(), 1);
    }
}

#[test]
fn a_newer_notice_is_fetched_before_the_next_slot_and_sealed_to() {
    let (hub, desk) = (ScriptedHub::start(), TestDesk::new());
    let client = hub.client();
    let mut visit = visit_at(&client, clock());
    hub.publish(desk.envelope(|notice| notice.serial = 6), 6);
    visit.slot().unwrap();
    assert_eq!((visit.notice().notice.serial, hub.notice_fetches()), (5, 1));
    visit.slot().unwrap();
    visit.slot().unwrap();
    assert_eq!((visit.notice().notice.serial, hub.notice_fetches()), (6, 2));
    let cells = hub.cells();
    assert_eq!(desk.open(&cells[0], desk.notice().hash), Some(Opened::Cover));
    assert_eq!(desk.open(&cells[1], desk.notice().hash), None);
    assert_eq!(desk.open(&cells[1], visit.notice().hash), Some(Opened::Cover));
}

#[test]
fn an_announced_notice_that_is_older_or_forged_is_not_used_and_not_asked_for_again() {
    let desk = TestDesk::new();
    let mut forged = desk.envelope(|notice| notice.serial = 7);
    forged[300] ^= 1;
    for envelope in [desk.envelope(|notice| notice.serial = 4), forged] {
        let hub = ScriptedHub::start();
        let client = hub.client();
        let mut visit = visit_at(&client, clock());
        hub.publish(envelope, 7);
        for _ in 0..4 {
            visit.slot().unwrap();
        }
        assert_eq!((visit.notice().notice.serial, hub.notice_fetches()), (5, 2));
    }
}

#[test]
fn within_a_visit_no_notice_is_taken_that_a_replaced_duty_key_has_signed() {
    let desk = TestDesk::new();
    assert_eq!(desk.notice().signer.number, 1);
    for (number, serial) in [(0, 5), (1, 5), (2, 6)] {
        let hub = ScriptedHub::start();
        let client = hub.client();
        let mut visit = visit_at(&client, clock());
        hub.publish(desk.certified_anew(number).envelope(|notice| notice.serial = 6), 6);
        for _ in 0..3 {
            visit.slot().unwrap();
        }
        assert_eq!((visit.notice().notice.serial, hub.notice_fetches()), (serial, 2), "certificate {number}");
    }
}

#[test]
fn an_expired_notice_is_not_sealed_to() {
    let hub = ScriptedHub::start();
    let client = hub.client();
    let late: Clock = std::sync::Arc::new(|| UnixSeconds(noon().0 + 3 * 86_400));
    let mut visit = visit_at(&client, late);
    assert_eq!(visit.slot(), Err(SlotError::NoticeExpired));
    assert_eq!(hub.exchanges(), []);
}

#[test]
fn a_walk_reads_every_list_with_cover_in_each_cell() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let mut today = dummies(70);
    today[0] = desk.seal(&me, place(TODAY, 0), &answer(2, 2, 1, 1, "newer"));
    let mut earlier = dummies(33);
    earlier[32] = desk.seal(&me, place(TODAY.minus(2), 0), &answer(1, 1, 1, 1, "older"));
    let hub = ScriptedHub::start().list(TODAY, today).list(TODAY.minus(2), earlier);
    let (result, reading) = read(&hub, 4);
    assert_eq!(result, Ok(()));
    let texts: Vec<_> = reading.answers.iter().map(|answer| answer.text.as_str()).collect();
    assert_eq!((texts, reading.complete, reading.withheld), (vec!["older", "newer"], true, 0));
    assert_eq!(hub.exchanges().len(), 7);
    let is_cover = |cell| desk.open(cell, desk.notice().hash) == Some(Opened::Cover);
    assert!(hub.cells().iter().all(is_cover));
}

#[test]
fn a_hub_that_cannot_write_is_still_read() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let drop = desk.seal(&me, place(TODAY, 0), &answer(1, 1, 1, 1, "answer"));
    let hub = failing_first(99, &Reply::Outcome(Outcome::Unavailable)).list(TODAY, vec![drop]);
    let (result, reading) = read(&hub, 1);
    assert_eq!((result, reading.answers.len(), reading.complete), (Ok(()), 1, true));
    // An empty list may be none at all: it counts as nothing read.
    let hub = failing_first(99, &Reply::Outcome(Outcome::Unavailable));
    let (result, reading) = read(&hub, 1);
    assert_eq!((result, reading.complete), (Err(VisitError::NotRead(SlotError::Unavailable)), false));
}

#[test]
fn a_day_that_is_no_longer_listed_is_passed_over() {
    let is_listed = |day: Day| day == Day(0) || day >= TODAY.minus(2);
    let hub = ScriptedHub::start().script(move |_, request| {
        if is_listed(request.ask.day) { Reply::Honest } else { Reply::Outcome(Outcome::UnknownList) }
    });
    let (result, reading) = read(&hub, 5);
    assert_eq!((result, reading.complete), (Ok(()), true));
    assert_eq!(hub.exchanges().len(), 5);
}

#[test]
fn a_hub_that_announces_lists_without_end_is_left() {
    let hub = ScriptedHub::start().script(|_, request| {
        if request.ask.from == u32::MAX {
            Reply::Lie(|header| (header.total, header.from) = (u32::MAX, u32::MAX - 31))
        } else {
            Reply::Lie(|header| header.total = u32::MAX)
        }
    });
    let (result, reading) = read(&hub, 2);
    assert_eq!((result, reading.complete), (Err(VisitError::EndlessLists), false));
    // Two days of 25 drops each by the cadence.
    assert_eq!(hub.exchanges().len(), 2 * (2 + 64));
}

#[test]
fn another_list_than_the_one_asked_for_is_not_believed() {
    type Lie = fn(&mut callsign_protocol::exchange::AnswerHeader);
    let garbled = SlotError::Hub(HubError::Garbled);
    let lies: [(Lie, SlotError); 6] = [
        (|header| header.day = TODAY.plus(3), SlotError::Clocks { days: 3 }),
        (|header| header.day = TODAY.minus(30), SlotError::Clocks { days: 30 }),
        (|header| header.day = Day(0), garbled),
        (|header| header.shard = 1, garbled),
        (|header| header.from = 32, garbled),
        (|header| header.total = 33, garbled),
    ];
    for (lie, cause) in lies {
        let hub = failing_first(99, &Reply::Lie(lie));
        let (result, reading) = read(&hub, 1);
        assert_eq!(result, Err(VisitError::NotRead(cause)));
        assert!(!reading.complete);
        assert_eq!(hub.exchanges().len(), 3);
        // Nor is "stored" believed in such an answer.
        let sent = send(&failing_behind_first(99, &Reply::Lie(lie)), "text").0;
        // Behind the first answer a day is asked for by name, which a lie about it does not make a matter of clocks.
        assert_eq!(sent, Err(VisitError::NotKnown { cause: garbled, parts: 1, stored: 0 }));
    }
}

#[test]
fn an_answer_that_was_lost_leaves_it_unknown_whether_the_message_was_stored() {
    for reply in [Reply::Silence, Reply::Cut(0), Reply::Cut(500), Reply::Status(502)] {
        let sent = send(&failing_behind_first(99, &reply), "text").0;
        assert!(matches!(sent, Err(VisitError::NotKnown { parts: 1, stored: 0, .. })), "{reply:?}: {sent:?}");
        // One lost answer is enough, also where the hub then says of another try that it stored nothing.
        let hub = ScriptedHub::start().script(move |n, _| match n {
            0 => Reply::Honest,
            1 => reply.clone(),
            _ => Reply::Outcome(Outcome::Unavailable),
        });
        let sent = send(&hub, "text").0;
        let expected = VisitError::NotKnown { cause: SlotError::Unavailable, parts: 1, stored: 0 };
        assert_eq!(sent, Err(expected));
        assert_eq!(expected.code(), "unknown-whether-stored");
    }
}

#[test]
fn what_was_surely_not_stored_is_called_so() {
    // Refused as it stands, said by the hub, or more than one part is missing.
    let long = "x".repeat(5_000);
    let parts = message(&long).parts().unwrap().len();
    assert!(parts > 1);
    for (text, reply) in [
        ("text", Reply::Status(400)),
        ("text", Reply::Outcome(Outcome::Unavailable)),
        ("text", Reply::Outcome(Outcome::UnknownList)),
        (&long, Reply::Silence),
    ] {
        let sent = send(&failing_behind_first(99, &reply), text).0;
        assert!(matches!(sent, Err(VisitError::NotStored { stored: 0, .. })), "{reply:?}: {sent:?}");
    }
}

/// A call on Sunday under Friday's notice would otherwise be sealed to a key that is gone.
#[test]
fn no_part_is_sent_before_an_answer_has_told_the_hubs_day() {
    let desk = TestDesk::new();
    let lie: fn(&mut callsign_protocol::exchange::AnswerHeader) = |header| header.from = 32;
    for reply in [Reply::Silence, Reply::Cut(100), Reply::Status(503), Reply::Lie(lie)] {
        let hub = failing_first(2, &reply);
        assert_eq!(send(&hub, "text").0, Ok(()), "{reply:?}");
        let is_cover = |cell| desk.open(cell, desk.notice().hash).unwrap() == Opened::Cover;
        let covers: Vec<_> = hub.cells().iter().map(is_cover).collect();
        assert_eq!(covers, [true, true, true, false], "{reply:?}");
        // What was never sent is not in doubt.
        let sent = send(&failing_first(99, &reply), "text").0;
        assert!(matches!(sent, Err(VisitError::NotStored { stored: 0, .. })), "{reply:?}: {sent:?}");
    }
}

#[test]
fn a_cell_names_the_hubs_day_whatever_the_clock_of_the_device_says() {
    let (desk, hub) = (TestDesk::new(), ScriptedHub::start());
    let days = [TODAY.minus(1), TODAY, TODAY.plus(1)];
    hub.publish(desk.envelope_of(&days), 5);
    for hours in [-20_i64, -13, 0, 13, 20] {
        let off: Clock =
            std::sync::Arc::new(move || UnixSeconds(noon().0.saturating_add_signed(hours * 3_600)));
        let client = hub.client();
        let before = hub.cells().len();
        let mut visit = visit_at(&client, off);
        visit.write(&message("text")).unwrap();
        visit.send_fast(&|_| {}).unwrap();
        let named: Vec<_> = hub.cells()[before..].iter().map(|cell| cell.key().unwrap().0).collect();
        assert_eq!(named, [days[0], TODAY], "{hours} hours off");
    }
}
