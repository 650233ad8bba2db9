//! What a mailbox makes of drops: only the desk's words, in the desk's order, and gaps are told.

use callsign_caller::{
    mailbox::{Mailbox, ReceivedAnswer},
    paced::{self, Goal, Plan},
    visit::Visit,
};
use callsign_protocol::{
    drop::{Drop, DropPayload, Place},
    encoding::Bytes,
    notice::FormerAnswerKey,
    time::Day,
};

use crate::{
    desk::{TODAY, TestDesk, answer, caller, clock, dummies, noon, place, rng},
    scripted_hub::ScriptedHub,
};

fn received(text: &str, day: Day) -> ReceivedAnswer {
    ReceivedAnswer { text: text.to_owned(), day }
}

fn opened(number: u32, ids: &[u8]) -> DropPayload {
    DropPayload { number, answer: None, opened: ids.iter().map(|id| Bytes([*id; 16])).collect() }
}

/// A mailbox of caller 0 after it has seen these drops of today.
fn mailbox_with(drops: &[Drop]) -> Mailbox {
    let mut mailbox = Mailbox::new(caller(0));
    mailbox.take(TODAY, drops);
    mailbox.open(&TestDesk::new().notice());
    mailbox
}

#[test]
fn parts_are_joined_and_answers_ordered_by_running_number() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let yesterday = TODAY.minus(1);
    let mut mailbox = Mailbox::new(me.clone());
    // The walk is newest first, so the end comes before the beginning.
    let today = [
        desk.seal(&me, place(TODAY, 1), &answer(4, 2, 1, 1, "second")),
        desk.seal(&me, place(TODAY, 0), &answer(3, 1, 3, 3, "ї😀")),
    ];
    mailbox.take(TODAY, &today);
    mailbox.open(&desk.notice());
    assert_eq!(mailbox.reading(true).answers, [received("second", TODAY)]);
    assert_eq!(mailbox.reading(true).incomplete, 1);
    let before = [
        desk.seal(&me, place(yesterday, 31), &answer(2, 1, 2, 3, " б\n")),
        desk.seal(&me, Place { slot: 7, ..place(yesterday, 0) }, &answer(1, 1, 1, 3, "  а")),
    ];
    mailbox.take(yesterday, &before);
    mailbox.open(&desk.notice());
    let reading = mailbox.reading(true);
    assert_eq!(reading.answers, [received("  а б\nї😀", TODAY), received("second", TODAY)]);
    assert_eq!((reading.withheld, reading.incomplete, reading.complete), (0, 0, true));
}

#[test]
fn a_repeated_number_changes_nothing() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let first = desk.seal(&me, place(TODAY, 0), &answer(1, 1, 1, 1, "first"));
    let second = desk.seal(&me, place(TODAY, 1), &answer(1, 2, 1, 1, "same number"));
    let reading = mailbox_with(&[first, first, second, first]).reading(true);
    assert_eq!(reading.answers, [received("first", TODAY)]);
    assert_eq!(reading.withheld, 0);
}

#[test]
fn gaps_are_told_once_everything_was_read() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let drops = [(0, 40), (1, 42), (2, 45)]
        .map(|(index, number)| desk.seal(&me, place(TODAY, index), &opened(number, &[1])));
    let mailbox = mailbox_with(&drops);
    assert_eq!(mailbox.reading(true).withheld, 3);
    assert_eq!(mailbox.reading(false).withheld, 0);
    let farthest = [
        desk.seal(&me, place(TODAY, 0), &opened(1, &[])),
        desk.seal(&me, place(TODAY, 1), &opened(u32::MAX, &[])),
    ];
    assert_eq!(mailbox_with(&farthest).reading(true).withheld, u32::MAX - 2);
}

#[test]
fn others_drops_and_dummies_are_passed_over() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let mut drops = dummies(31);
    drops.push(desk.seal(&caller(1), place(TODAY, 0), &answer(1, 1, 1, 1, "not mine")));
    assert_eq!(mailbox_with(&drops).reading(true).answers, []);
    // Mine under another day's list is at no address of that day.
    let mine = desk.seal(&me, place(TODAY.minus(1), 0), &answer(1, 1, 1, 1, "mine"));
    assert_eq!(mailbox_with(&[mine]).reading(true).answers, []);
}

#[test]
fn a_forged_drop_is_skipped_and_does_not_take_the_true_ones_place() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let forged = desk.forge(&me, place(TODAY, 0), &answer(1, 1, 1, 1, "forged"));
    let genuine = desk.seal(&me, place(TODAY, 0), &answer(1, 1, 1, 1, "genuine"));
    let mut broken = genuine;
    broken.0[500] ^= 1;
    assert_eq!(mailbox_with(&[forged, broken]).reading(true).answers, []);
    let reading = mailbox_with(&[forged, broken, genuine]).reading(true);
    assert_eq!(reading.answers, [received("genuine", TODAY)]);
}

#[test]
fn opened_messages_are_named_once_and_in_order() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let later = desk.seal(&me, place(TODAY, 1), &opened(2, &[3, 1]));
    let earlier = desk.seal(&me, place(TODAY, 0), &opened(1, &[2, 1]));
    let reading = mailbox_with(&[later, earlier]).reading(true);
    assert_eq!(reading.opened, [2, 1, 3].map(|id| Bytes([id; 16])));
}

#[test]
fn answers_of_the_generation_before_open_on_its_days_and_on_no_later_one() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let listed = [(TODAY.minus(1), 1), (TODAY, 2)]
        .map(|(day, number)| (day, desk.seal(&me, place(day, 0), &answer(number, 1, 1, 1, "x"))));
    let mut newer = desk.notice();
    let former = FormerAnswerKey { key: newer.notice.answer_key, last_day: TODAY.minus(1) };
    newer.notice.answer_key = Bytes([9; 32]);
    newer.notice.former_answer_keys = vec![former];
    let mut mailbox = Mailbox::new(me);
    for (day, drop) in &listed {
        mailbox.take(*day, &[*drop]);
    }
    mailbox.open(&newer);
    assert_eq!(mailbox.reading(true).answers, [received("x", TODAY.minus(1))]);
}

#[test]
fn an_answer_that_came_before_its_key_was_known_opens_with_the_newer_notice() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let drop = desk.seal(&me, place(TODAY, 0), &answer(1, 1, 1, 1, "early"));
    let mut older = desk.notice();
    older.notice.answer_key = Bytes([9; 32]);
    let mut mailbox = Mailbox::new(me);
    older.hash = [9; 32];
    mailbox.take(TODAY, &[drop]);
    mailbox.open(&older);
    assert_eq!(mailbox.reading(true).answers, []);
    mailbox.open(&desk.notice());
    assert_eq!(mailbox.reading(true).answers, [received("early", TODAY)]);
}

#[test]
fn what_does_not_open_is_tried_once_for_each_notice() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let forged = desk.forge(&me, place(TODAY, 0), &answer(1, 1, 1, 1, "forged"));
    let mut mailbox = mailbox_with(&[forged]);
    assert_eq!(mailbox.openings().count(), 1);
    for _ in 0..3 {
        mailbox.take(TODAY, &[forged]);
        mailbox.open(&desk.notice());
    }
    assert_eq!(mailbox.openings().count(), 1);
    let mut newer = desk.notice();
    newer.hash = [9; 32];
    mailbox.open(&newer);
    mailbox.open(&newer);
    assert_eq!(mailbox.openings().count(), 2);
}

#[test]
fn four_drops_under_one_address_are_tried_at_most() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let genuine = desk.seal(&me, place(TODAY, 0), &answer(1, 1, 1, 1, "genuine"));
    let other = desk.seal(&me, place(TODAY, 1), &answer(2, 2, 1, 1, "other"));
    let broken = |count: u8| {
        (0..count).map(move |n| {
            let mut drop = genuine;
            drop.0[500] ^= 1 + n;
            drop
        })
    };
    let drops: Vec<Drop> = broken(3).chain(broken(3)).chain([genuine]).collect();
    let mut mailbox = mailbox_with(&drops);
    assert_eq!((mailbox.openings().count(), mailbox.reading(true).answers.len()), (4, 1));
    // Nothing more is tried under an address whose drop has come.
    mailbox.take(TODAY, &drops);
    mailbox.open(&desk.notice());
    assert_eq!(mailbox.openings().count(), 4);

    let drops: Vec<Drop> = broken(200).chain([genuine, other]).collect();
    let mailbox = mailbox_with(&drops);
    assert_eq!(mailbox.openings().count(), 5);
    assert_eq!(mailbox.reading(true).answers, [received("other", TODAY)]);
}

/// A hub would measure how long it took.
#[test]
fn nothing_is_opened_while_requests_go_out() {
    let (desk, me) = (TestDesk::new(), caller(0));
    let mut drops = vec![desk.seal(&me, place(TODAY, 0), &answer(1, 1, 1, 1, "answer"))];
    drops.push(desk.forge(&me, place(TODAY, 1), &answer(2, 2, 1, 1, "forged")));
    let hub = ScriptedHub::start().list(TODAY, drops);
    let client = hub.client();
    for fast in [true, false] {
        let notice = client.fetch_notice(None, noon()).unwrap();
        let mut visit = Visit::new(&client, notice, me.clone(), clock(), rng(1));
        let openings = visit.openings();
        if fast {
            visit.read_fast(&|_| {}).unwrap();
        } else {
            let plan = Plan { goal: Goal::Read, slots: None };
            paced::run(&mut visit, &plan, &mut rng(2), &|_| {}, &mut || {}).unwrap();
        }
        assert_eq!(openings.count(), 0, "fast: {fast}");
        assert_eq!(visit.reading().answers, [received("answer", TODAY)]);
        assert_eq!(openings.count(), 2, "fast: {fast}");
    }
}
