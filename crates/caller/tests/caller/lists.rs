//! Finished lists that were read whole are confirmed by the desk's signature, or contradicted by it.

use std::sync::OnceLock;

use callsign_caller::{lists::Lists, mailbox::Reading, visit::Visit};
use callsign_protocol::{
    digest::{Chain, ListDigest, ListSignature, Stage, drop_hash},
    drop::Drop,
    encoding::Bytes,
    exchange::{AnswerHeader, Outcome, last_block},
    notice::Notice,
    plan::{Plan, PlanEntry},
    stamp::Toll,
    time::{Day, Minute},
};

use crate::{
    desk::{TODAY, TestDesk, caller, clock, dummies, noon, rng},
    scripted_hub::{Reply, ScriptedHub},
};

fn signature(day: Day, drops: &[Drop]) -> ListSignature {
    TestDesk::new().sign_list(Stage::Day, &digest(day, Minute::default(), drops))
}

fn head(minute: Minute, drops: &[Drop]) -> ListSignature {
    TestDesk::new().sign_list(Stage::Head, &digest(TODAY, minute, drops))
}

fn digest(day: Day, minute: Minute, drops: &[Drop]) -> ListDigest {
    ListDigest { day, shard: 0, chain: chain(drops), minute }
}

fn chain(drops: &[Drop]) -> Chain {
    Chain::of(&drops.iter().map(drop_hash).collect::<Vec<_>>())
}

/// Minutes before the notice was issued, which was at noon.
fn before_noon(minutes: u16) -> Minute {
    (720 - minutes).try_into().unwrap()
}

fn read(hub: &ScriptedHub) -> Reading {
    let client = hub.client();
    let notice = client.fetch_notice(None, noon()).unwrap();
    let mut visit = Visit::new(&client, notice, caller(0), clock(), rng(9));
    visit.read_fast(&|_| {}).unwrap();
    visit.reading()
}

/// Lists of today and the three days before, as the hub shows them.
fn shown() -> [Vec<Drop>; 4] {
    [dummies(5), dummies(70), dummies(0), dummies(32)]
}

fn hub(signatures: &[Option<ListSignature>; 4]) -> ScriptedHub {
    let mut hub = ScriptedHub::start();
    for (ago, (drops, signature)) in (0..).zip(shown().into_iter().zip(signatures)) {
        hub = hub.list(TODAY.minus(ago), drops);
        if let Some(signature) = signature {
            hub = hub.signature(TODAY.minus(ago), *signature);
        }
    }
    hub
}

#[test]
fn each_finished_day_is_confirmed_missed_or_contradicted() {
    let [_, one, two, three] = shown();
    let days = [1, 2, 3].map(|ago| TODAY.minus(ago));
    let right = || {
        [
            None,
            Some(signature(days[0], &one)),
            Some(signature(days[1], &two)),
            Some(signature(days[2], &three)),
        ]
    };
    let reading = read(&hub(&right()));
    assert_eq!(reading.confirmed, [days[2], days[1], days[0]]);
    assert_eq!((reading.unconfirmed, reading.contradicted), (vec![], vec![]));

    let [.., last] = right();
    let reading = read(&hub(&[None, None, Some(signature(days[1], &one[..1])), last]));
    assert_eq!(reading.confirmed, [days[2]]);
    assert_eq!(reading.unconfirmed, [days[0]]);
    assert_eq!(reading.contradicted, [days[1]]);
}

#[test]
fn the_head_of_todays_list_says_when_the_desk_was_last_at_work() {
    let [today, ..] = shown();
    let read_with = |minute, signature| {
        read(&ScriptedHub::start().list(TODAY, today.clone()).signature_of(TODAY, minute, signature))
    };
    // Two turns of an hour, and a minute is named by its first second.
    for (minutes, is_current) in [(0, true), (120, true), (121, false), (720, false)] {
        let minute = before_noon(minutes);
        let reading = read_with(minute, head(minute, &today));
        assert_eq!(reading.desk_seen, Some((TODAY, minute)));
        assert_eq!((reading.lists_current, reading.contradicted), (is_current, vec![]), "{minutes}");
    }
    let minute = before_noon(1);
    for wrong in [
        head(before_noon(2), &today),
        head(minute, &today[..4]),
        signature(TODAY.minus(1), &today),
        Bytes([1; 64]),
    ] {
        let reading = read_with(minute, wrong);
        assert_eq!((reading.desk_seen, reading.lists_current), (None, false));
        assert_eq!(reading.contradicted, [TODAY]);
    }
    // The signature that ends a day says it, too, for whose clock is a day behind.
    let ended = TestDesk::new().sign_list(Stage::Day, &digest(TODAY, minute, &today));
    assert_eq!(read_with(minute, ended).desk_seen, Some((TODAY, minute)));
}

#[test]
fn without_a_head_nobody_knows_whether_the_newest_is_there() {
    let [today, yesterdays, ..] = shown();
    let hub = || ScriptedHub::start().list(TODAY, today.clone());
    let reading = read(&hub());
    assert_eq!((reading.desk_seen, reading.lists_current), (None, false));
    // A head that came beside another notice is not called a lie, and proves nothing.
    let minute = before_noon(1);
    let other = hub()
        .signature_of(TODAY, minute, Bytes([1; 64]))
        .script(|_, _| Reply::Lie(|header| header.notice_serial = 6));
    let reading = read(&other);
    assert_eq!((reading.desk_seen, reading.lists_current, reading.contradicted), (None, false, vec![]));
    // An empty list of today is what a hub can show that holds all of it back: the notice is newer than yesterday's end.
    let last = Minute::try_from(1_439).unwrap();
    let ended = TestDesk::new().sign_list(Stage::Day, &digest(TODAY.minus(1), last, &yesterdays));
    let reading = read(&ScriptedHub::start().list(TODAY.minus(1), yesterdays).signature_of(
        TODAY.minus(1),
        last,
        ended,
    ));
    assert_eq!((reading.desk_seen, reading.lists_current), (Some((TODAY.minus(1), last)), false));
    assert_eq!(reading.confirmed, [TODAY.minus(1)]);
}

#[test]
fn a_hub_that_shows_an_older_head_later_in_a_visit_is_seen() {
    static OLDER: OnceLock<ListSignature> = OnceLock::new();
    let today = dummies(320);
    let (newer, older) = (before_noon(1), before_noon(2));
    OLDER.get_or_init(|| head(older, &today));
    let hub =
        || ScriptedHub::start().list(TODAY, today.clone()).signature_of(TODAY, newer, head(newer, &today));
    assert!(read(&hub()).lists_current);
    // Today's list is asked for in the first slot and in the ninth.
    let hub = hub().script(|n, _| match n {
        0..8 => Reply::Honest,
        _ => Reply::Lie(|header| {
            if header.day == TODAY {
                (header.minute, header.signature) = (before_noon(2), OLDER.get().copied());
            }
        }),
    });
    let reading = read(&hub);
    assert_eq!((reading.lists_current, reading.contradicted), (false, vec![]));
}

#[test]
fn blocks_that_do_not_hang_together_are_no_list() {
    static TRUE: OnceLock<Chain> = OnceLock::new();
    let [_, one, ..] = shown();
    let yesterday = TODAY.minus(1);
    let mut moved = one.clone();
    moved.swap(3, 5);
    TRUE.get_or_init(|| chain(&one[..64]));
    // The last block hangs on the true chain; the first holds other drops.
    let hub = hub(&[None, None, None, None])
        .list(yesterday, moved)
        .signature(yesterday, signature(yesterday, &one))
        .script(|_, _| {
            Reply::Lie(|header| {
                if header.from == 64 {
                    header.chain = TRUE.get().unwrap().hash;
                }
            })
        });
    assert_eq!(read(&hub).contradicted, [yesterday]);
    // A first block that hangs on anything.
    let reply = |_, _: &_| Reply::Lie(|header| header.chain = Bytes([1; 32]));
    let hub = ScriptedHub::start().list(TODAY, dummies(5)).script(reply);
    assert_eq!(read(&hub).contradicted, [3, 2, 1, 0].map(|ago| TODAY.minus(ago)), "of an empty list, too");
}

#[test]
fn a_list_that_the_hub_shows_shorter_later_is_judged_as_it_is_then_and_is_not_current() {
    static SHORTER: OnceLock<ListSignature> = OnceLock::new();
    let (yesterday, drops) = (TODAY.minus(1), dummies(64));
    SHORTER.get_or_init(|| signature(yesterday, &drops[..40]));
    let hub = ScriptedHub::start().list(yesterday, drops).script(|_, _| {
        Reply::Lie(|header| {
            if header.day == TODAY.minus(1) && header.from == 0 {
                (header.total, header.signature) = (40, SHORTER.get().copied());
            }
        })
    });
    let reading = read(&hub);
    assert!(reading.confirmed.contains(&yesterday), "{reading:?}");
    assert!(!reading.lists_current);
}

#[test]
fn one_drop_taken_out_put_in_or_moved_is_seen() {
    let [_, one, ..] = shown();
    let yesterday = TODAY.minus(1);
    let mut moved = one.clone();
    moved.swap(3, 60);
    let mut more = one.clone();
    more.push(Drop::dummy(&mut rng(5)));
    for signed in [&one[..69], &moved, &more] {
        let hub = hub(&[None, Some(signature(yesterday, signed)), None, None]);
        assert_eq!(read(&hub).contradicted, [yesterday]);
    }
    let hub = hub(&[None, Some(signature(TODAY.minus(2), &one)), None, None]);
    assert_eq!(read(&hub).contradicted, [yesterday], "another day's signature");
}

#[test]
fn a_signature_beside_another_notice_says_nothing_until_that_notice_is_here() {
    let [_, one, ..] = shown();
    let hub = hub(&[None, Some(signature(TODAY.minus(1), &one[..1])), None, None])
        .script(|_, _| Reply::Lie(|header| header.notice_serial = 6));
    let reading = read(&hub);
    assert_eq!((reading.contradicted.len(), reading.unconfirmed.len()), (0, 3));
}

#[test]
fn a_shard_that_is_shown_empty_all_day_beside_the_head_of_another_is_not_current() {
    let desk = TestDesk::new();
    // A drop for each of two shards every two minutes.
    let plan = Plan(vec![PlanEntry { from: Day(0), shards: 2, drop_period_s: 60 }]);
    let notice = Notice::verify(&desk.envelope(|notice| notice.plan = plan), None, noon()).unwrap();
    let (drops, minute) = (dummies(352), before_noon(1));
    let signed = ListDigest { day: TODAY, shard: 0, chain: chain(&drops), minute };
    let header = |shard, total: u32| AnswerHeader {
        outcome: Outcome::Stored,
        day: TODAY,
        shard,
        from: last_block(total),
        total,
        notice_serial: notice.notice.serial,
        minute: Minute::default(),
        signature: None,
        toll: Toll::NONE,
        chain: Chain::EMPTY.hash,
    };
    let mut lists = Lists::default();
    // The first walk is over a drawn shard, and the hub is honest there: 352 drops since midnight.
    let signature = Some(desk.sign_list(Stage::Head, &signed));
    let shown = AnswerHeader { minute, signature, chain: chain(&drops[..320]).hash, ..header(0, 352) };
    lists.take(&shown, &drops[320..]);
    assert!(lists.judge(&notice).is_current);
    // The caller's own shard: all of today is held back.
    lists.take(&header(1, 0), &[]);
    let judgement = lists.judge(&notice);
    assert_eq!(judgement.desk_seen, Some((TODAY, minute)));
    assert!(!judgement.is_current, "the desk was at work for twelve hours, and has not posted to this list");
}
