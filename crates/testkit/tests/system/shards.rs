//! A desk that speaks with many callers cuts its lists, a week ahead, and nobody's answer is lost over the change.

use callsign_caller::hub_client::HubClient;
use callsign_desk::{Desk, NewAnswer};
use callsign_http::{Link, Proxies};
use callsign_protocol::{
    call::Message,
    caller_keys::CallerKeys,
    cell::Cell,
    encoding::{Bytes, Secret},
    exchange::{Ask, LAST_BLOCK, Outcome, Request},
    notice::VerifiedNotice,
    plan::{PlanEntry, shard_of},
    stamp::Stamp,
    time::Day,
};
use callsign_testkit::{Caller, System};

/// Callers of one message each, whose keys take no phrase.
fn strangers_call(system: &System, desk: &Desk, count: usize) -> Vec<CallerKeys> {
    let (client, notice) = visitor(system, desk);
    let mut rng = system.rng();
    let mut call = |_| {
        let keys = CallerKeys::from_root(Secret::random(&mut rng));
        let (track, language, text) = (String::new(), "en".to_owned(), "call".to_owned());
        let message = Message { id: Bytes::random(&mut rng), track, language, text, safe_times: None };
        let today = system.clock.now().day();
        let cell = Cell::seal_part(&message.parts().unwrap()[0], &keys, &notice, today, &mut rng).unwrap();
        let ask = Ask { day: Day(0), shard: 0, from: LAST_BLOCK };
        assert_eq!(
            client.exchange(&Request { ask, stamp: Stamp::NONE, cell }).unwrap().header.outcome,
            Outcome::Stored
        );
        keys
    };
    (0..count).map(&mut call).collect()
}

fn visitor(system: &System, desk: &Desk) -> (HubClient, VerifiedNotice) {
    let client =
        HubClient::find(&Link::parse(&system.hub_url()).unwrap(), Some(desk.fingerprint()), &Proxies::none())
            .unwrap();
    let notice = client.fetch_notice(client.pin(), system.clock.now()).unwrap();
    (client, notice)
}

/// Drops listed today in a shard; none where there is no such list.
fn listed(system: &System, desk: &Desk, shard: u32) -> Option<u32> {
    let (client, notice) = visitor(system, desk);
    let cell = Cell::seal_cover(&notice, system.clock.now().day(), &mut system.rng()).unwrap();
    let ask = Ask { day: Day(0), shard, from: LAST_BLOCK };
    let header = client.exchange(&Request { ask, stamp: Stamp::NONE, cell }).unwrap().header;
    (header.outcome == Outcome::Stored).then_some(header.total)
}

fn texts(caller: &mut Caller) -> Vec<String> {
    caller.read().unwrap().answers.into_iter().map(|answer| answer.text).collect()
}

/// Two callers who are in different shards as soon as there are two.
fn apart(system: &System, desk: &Desk) -> [Caller; 2] {
    let first = system.caller(desk);
    let half = |caller: &Caller| shard_of(caller.keys().shard_bits(), 2);
    let other = std::iter::repeat_with(|| system.caller(desk)).find(|other| half(other) != half(&first));
    [first, other.unwrap()]
}

fn call_and_answer(desk: &Desk, callers: &mut [Caller; 2], text: &str) {
    for caller in callers.iter_mut() {
        caller.write("call").unwrap();
    }
    desk.sync().unwrap();
    for caller in callers.iter() {
        desk.open_call(&caller.id()).unwrap();
        desk.answer(&NewAnswer::new(&caller.id(), text)).unwrap();
    }
}

#[test]
fn two_hundred_callers_are_cut_into_lists_a_week_later_and_find_answers_of_both_sides() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut callers = apart(&system, &desk);
    call_and_answer(&desk, &mut callers, "before");
    let strangers = strangers_call(&system, &desk, 200);
    desk.sync().unwrap();
    for stranger in &strangers {
        desk.open_call(&stranger.id()).unwrap();
    }
    desk.flush().unwrap();

    system.clock.advance_days(1);
    desk.beat().unwrap();
    let change = system.clock.now().day().plus(7);
    let planned = visitor(&system, &desk).1.notice.plan;
    assert_eq!(planned.0[1..], [PlanEntry { from: change, shards: 2, drop_period_s: 270 }]);
    for _ in 0..7 {
        assert_eq!(listed(&system, &desk, 1), None, "the change is not in force yet");
        system.clock.advance_days(1);
        desk.beat().unwrap();
    }

    let waiting = [0, 1].map(|shard| listed(&system, &desk, shard).unwrap());
    assert_eq!(waiting.iter().sum::<u32>(), 1, "the first tick of the day");
    call_and_answer(&desk, &mut callers, "after");
    // Into the log first; this tick has been served.
    desk.beat().unwrap();
    // Each tick serves one shard: the answer of the other waits.
    let mut found = Vec::new();
    for _ in 0..2 {
        system.clock.advance(270);
        desk.beat().unwrap();
        desk.beat().unwrap();
        found.push([0, 1].map(|n| texts(&mut callers[n]).len()));
    }
    assert!(matches!(found[0], [1, 2] | [2, 1]), "{found:?}");
    assert_eq!(found[1], [2, 2]);
    for caller in &mut callers {
        assert_eq!(texts(caller), ["before", "after"]);
    }
    let total = [0, 1].map(|shard| listed(&system, &desk, shard).unwrap());
    assert_eq!(total, [waiting[0] + 1, waiting[1] + 1]);

    // Nobody has spoken with two hundred for a week: the shards are joined again, a week later.
    let plan = visitor(&system, &desk).1.notice.plan;
    let joined = PlanEntry { from: change.plus(7), shards: 1, drop_period_s: 2 };
    assert_eq!(plan.0.last(), Some(&joined));
    for _ in 0..7 {
        system.clock.advance_days(1);
        desk.beat().unwrap();
    }
    assert_eq!(listed(&system, &desk, 1), None);
    call_and_answer(&desk, &mut callers, "joined");
    desk.flush().unwrap();
    for caller in &mut callers {
        assert_eq!(texts(caller), ["after", "joined"]);
    }
}

#[test]
fn finished_days_are_signed_and_signed_anew_with_a_new_duty_key() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("call").unwrap();
    desk.sync().unwrap();
    desk.answer(&NewAnswer::new(&caller.id(), "answer")).unwrap();
    desk.flush().unwrap();
    let first = system.clock.now().day();
    let before = caller.read().unwrap();
    assert_eq!((before.confirmed.len(), before.unconfirmed.len()), (0, 13));

    system.clock.advance_days(1);
    // The first beat posts to the new day, which ends the day before; the second signs.
    for _ in 0..2 {
        desk.beat().unwrap();
    }
    let reading = caller.read().unwrap();
    let all = |today: Day| (1..14).rev().map(|ago| today.minus(ago)).collect::<Vec<_>>();
    assert_eq!(reading.confirmed, all(first.plus(1)));
    assert_eq!((reading.unconfirmed.len(), reading.contradicted.len()), (0, 0));
    assert_eq!(reading.answers[0].day, first);

    let mut duty_keys = std::collections::BTreeSet::new();
    for _ in 0..35 {
        system.clock.advance_days(1);
        for _ in 0..4 {
            desk.beat().unwrap();
            desk.keep_state().unwrap();
        }
        duty_keys.insert(visitor(&system, &desk).1.signer.duty_key);
        let reading = caller.read().unwrap();
        assert_eq!(reading.confirmed, all(system.clock.now().day()));
    }
    // With each generation comes a new one.
    assert_eq!(duty_keys.len(), 6);
}
