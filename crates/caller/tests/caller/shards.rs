//! Each day is asked for by its own plan's shard, and phase A by one that says nothing.

use std::collections::BTreeSet;

use callsign_caller::{
    paced::{self, Goal, Plan as VisitPlan},
    visit::Visit,
};
use callsign_protocol::{
    exchange::{Ask, LAST_BLOCK, Outcome},
    notice::Notice,
    plan::{Plan, PlanEntry, shard_of},
    time::Day,
};

use crate::{
    desk::{TODAY, TestDesk, answer, caller, clock, dummies, noon, place, rng},
    scripted_hub::{Reply, ScriptedHub},
};

/// Two shards until the day before yesterday, then 256.
fn sharded(notice: &mut Notice) {
    let entry = |from, shards| PlanEntry { from, shards, drop_period_s: 60 };
    notice.plan = Plan(vec![entry(TODAY.minus(20), 2), entry(TODAY.minus(1), 256)]);
    notice.cover.return_after_ms = 30_000;
}

/// An answer in the caller's shard of each of four days, and in no other.
fn hub() -> ScriptedHub {
    let (desk, me) = (TestDesk::new(), caller(0));
    let mut hub = ScriptedHub::start();
    hub.publish(desk.envelope(sharded), 5);
    for (ago, shards) in [(0, 256), (1, 256), (2, 2), (3, 2)] {
        let day = TODAY.minus(ago);
        let shard = shard_of(me.shard_bits(), shards);
        let mut drops = dummies(40);
        drops[5] =
            desk.seal(&me, place(day, 0), &answer(9 - ago, u8::try_from(ago).unwrap(), 1, 1, "answer"));
        hub = hub.list_of(day, shard, drops);
    }
    hub
}

fn asked(hub: &ScriptedHub) -> Vec<Ask> {
    hub.exchanges().into_iter().map(|request| request.ask).collect()
}

#[test]
fn a_look_back_over_a_change_finds_the_answers_of_both_sides() {
    let hub = hub();
    let client = hub.client();
    let notice = client.fetch_notice(None, noon()).unwrap();
    let mut visit = Visit::new(&client, notice, caller(0), clock(), rng(1));
    visit.read_fast(4, &|_| {}).unwrap();
    assert_eq!(visit.reading().answers.len(), 4);
}

#[test]
fn before_the_look_back_a_shard_is_drawn_for_each_slot() {
    let hub = hub();
    let client = hub.client();
    let notice = client.fetch_notice(None, noon()).unwrap();
    let mut visit = Visit::new(&client, notice, caller(0), clock(), rng(1));
    let plan = VisitPlan { goal: Goal::Visited, slots: 60, window_days: Some(3) };
    paced::run(&mut visit, &plan, &mut rng(3), &|_| {}, &mut || ()).unwrap();
    let asked = asked(&hub);
    let begins = asked.iter().position(|ask| ask.from == 0).unwrap() - 1;
    let drawn: BTreeSet<u32> = asked[..begins].iter().map(|ask| ask.shard).collect();
    assert!(begins > 1 && drawn.len() > begins / 2, "{drawn:?} in {begins} slots");
    for ask in &asked[begins..] {
        let shards = if ask.day == Day(0) || ask.day >= TODAY.minus(1) { 256 } else { 2 };
        assert_eq!(ask.shard, shard_of(caller(0).shard_bits(), shards), "{ask:?}");
    }
}

#[test]
fn where_the_hubs_day_has_another_number_of_shards_today_is_asked_for_again() {
    let change = |notice: &mut Notice| {
        sharded(notice);
        notice.plan.0[1].from = TODAY.plus(1);
    };
    let (two, many) = (shard_of(caller(0).shard_bits(), 2), shard_of(caller(0).shard_bits(), 256));
    assert_ne!(two, many);
    let tomorrow: fn(&mut _) = |header: &mut callsign_protocol::exchange::AnswerHeader| {
        if header.day == TODAY {
            header.day = TODAY.plus(1);
        }
    };
    let is_latest = |ask: Ask| ask.day == Day(0);
    for outcome in [Outcome::Stored, Outcome::UnknownList] {
        let hub = ScriptedHub::start().script(move |n, request| match (n, is_latest(request.ask), outcome) {
            (_, true, Outcome::Stored) => Reply::Lie(tomorrow),
            (0, true, _) => Reply::Lie(|header| {
                (header.outcome, header.day) = (Outcome::UnknownList, TODAY.plus(1));
            }),
            (_, true, _) => Reply::Lie(tomorrow),
            _ => Reply::Honest,
        });
        hub.publish(TestDesk::new().envelope(change), 5);
        let client = hub.client();
        let notice = client.fetch_notice(None, noon()).unwrap();
        let mut visit = Visit::new(&client, notice, caller(0), clock(), rng(1));
        visit.read_fast(3, &|_| {}).unwrap();
        let expected = [(0, two), (0, many), (TODAY.0, two), (TODAY.0 - 1, two)];
        let found: Vec<_> = asked(&hub).iter().map(|ask| (ask.day.0, ask.shard)).collect();
        assert_eq!(found, expected, "{outcome:?}");
        assert!(asked(&hub).iter().all(|ask| ask.from == LAST_BLOCK));
    }
}
