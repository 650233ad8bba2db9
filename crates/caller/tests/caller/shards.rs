//! Each day is asked for by its own plan's shard; the first walk is over one that says nothing, and moves at a drawn time.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use callsign_caller::{
    paced::{self, Goal, Plan as VisitPlan},
    visit::{Visit, VisitError},
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
    notice.cover.move_after_ms = 30_000;
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
    visit.read_fast(&|_| {}).unwrap();
    assert_eq!(visit.reading().answers.len(), 4);
}

/// The shards of `today` and of the days up to two before it that a paced visit asks for, one after the other.
fn walks(goal: Goal, seed: u64, slots: u32) -> (Vec<(u32, u32)>, Result<(), VisitError>) {
    let hub = hub();
    let client = hub.client();
    let notice = client.fetch_notice(None, noon()).unwrap();
    let mut visit = Visit::new(&client, notice, caller(0), clock(), rng(1));
    let plan = VisitPlan { goal, slots: Some(slots) };
    let result = paced::run(&mut visit, &plan, &mut rng(seed), &|_| {}, &mut || ());
    let mut walks: Vec<(u32, u32)> = Vec::new();
    for ask in asked(&hub) {
        let shards = if ask.day == Day(0) || ask.day >= TODAY.minus(1) { 256 } else { 2 };
        match walks.last_mut() {
            Some((shard, slots)) if *shard * shards / 256 == ask.shard => *slots += 1,
            _ if shards == 256 => walks.push((ask.shard, 1)),
            _ => panic!("{ask:?} is of another walk than {walks:?}"),
        }
    }
    (walks, result)
}

#[test]
fn a_visit_moves_when_a_walk_is_whole_and_who_reads_goes_where_the_answers_are() {
    let own = shard_of(caller(0).shard_bits(), 256);
    for seed in [3, 4, 5] {
        let (mere, result) = walks(Goal::Visited, seed, 40);
        assert_eq!(result, Ok(()));
        let (reader, result) = walks(Goal::Read, seed, 40);
        assert_eq!(result, Ok(()));
        // The first two walks are over drawn shards and, for who reads, the second over the caller's.
        assert_eq!(reader[0], mere[0]);
        assert_eq!(reader[1].0, own);
        assert!(mere.iter().all(|(shard, _)| *shard != own), "{mere:?}");
        assert!(reader[2..].iter().all(|(shard, _)| *shard != own), "{reader:?}");
        assert!(mere.len() > 3, "{mere:?}");
    }
}

#[test]
fn the_first_walk_ends_at_a_drawn_time_where_it_is_not_whole() {
    // Four days of two blocks, at most 3 s for the first gaps: 4,000 to 8,000 ms is before all is read.
    let change = |notice: &mut Notice| {
        sharded(notice);
        notice.cover.move_after_ms = 2_000;
    };
    let hub = hub();
    hub.publish(TestDesk::new().envelope(change), 5);
    let client = hub.client();
    let notice = client.fetch_notice(None, noon()).unwrap();
    let mut visit = Visit::new(&client, notice, caller(0), clock(), rng(1));
    let waited = Cell::new(0);
    let moved_at = RefCell::new(Vec::new());
    let wait = |gap: Duration| {
        waited.set(waited.get() + gap.as_millis());
        moved_at.borrow_mut().push(waited.get());
    };
    let plan = VisitPlan { goal: Goal::Visited, slots: Some(20) };
    paced::run(&mut visit, &plan, &mut rng(8), &wait, &mut || ()).unwrap();
    let asked = asked(&hub);
    let first = asked[0].shard;
    let moved = asked.iter().position(|ask| ask.day == Day(0) && ask.shard != first).unwrap();
    let times = moved_at.borrow();
    assert!(times[moved] >= 2_000 && times[moved - 1] < 4_000, "{times:?} {moved}");
    assert!(moved < 5, "before the first walk can be whole");
}

#[test]
fn where_the_hubs_day_has_another_number_of_shards_today_is_asked_for_again() {
    let change = |notice: &mut Notice| {
        sharded(notice);
        notice.plan.0[1].from = TODAY.plus(1);
        notice.days = 3;
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
        visit.read_fast(&|_| {}).unwrap();
        let expected = [(0, two), (0, many), (TODAY.0, two), (TODAY.0 - 1, two)];
        let found: Vec<_> = asked(&hub).iter().map(|ask| (ask.day.0, ask.shard)).collect();
        assert_eq!(found, expected, "{outcome:?}");
        assert!(asked(&hub).iter().all(|ask| ask.from == LAST_BLOCK));
    }
}
