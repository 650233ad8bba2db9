//! Finished lists that were read whole are confirmed by the desk's signature, or contradicted by it.

use callsign_caller::{mailbox::Reading, visit::Visit};
use callsign_protocol::{
    digest::{Chain, ListDigest, ListSignature, drop_hash},
    drop::Drop,
    encoding::Bytes,
    time::Day,
};

use crate::{
    desk::{TODAY, TestDesk, caller, clock, dummies, noon, rng},
    scripted_hub::{Reply, ScriptedHub},
};

fn signature(day: Day, drops: &[Drop]) -> ListSignature {
    let hashes: Vec<_> = drops.iter().map(drop_hash).collect();
    TestDesk::new().sign_list(&ListDigest { day, shard: 0, chain: Chain::of(&hashes) })
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
    let reading = read(&hub(&[Some(Bytes([1; 64])), None, Some(signature(days[1], &one[..1])), last]));
    assert_eq!(reading.confirmed, [days[2]]);
    assert_eq!(reading.unconfirmed, [days[0]]);
    assert_eq!(reading.contradicted, [days[1]], "and today is not finished, whatever stands there");
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
