//! The exchange: one shape whatever happens.

use std::collections::BTreeSet;

use callsign_hub::CallPolicy;
use callsign_protocol::{
    commit::{Head, Rest},
    digest::Chain,
    drop::{DROP_LEN, Drop},
    exchange::{ANSWER_HEADER_LEN, ANSWER_LEN, AnswerHeader, Ask, LAST_BLOCK, Outcome, Request},
    stamp::Toll,
    time::{Day, Minute},
};

use crate::support::{TestHub, request, send, test_desk::FIRST_DAY};

#[test]
fn a_cell_goes_up_and_drops_come_down() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let drops = vec![(0, Drop([1; DROP_LEN])), (0, Drop([2; DROP_LEN]))];
    let commit = desk.commit(
        Head::EMPTY.hash,
        FIRST_DAY,
        Rest { inbox_done: 0, log_done: 0, drops: drops.clone(), signed: vec![], heads: vec![], whole: None },
    );
    hub.in_session("POST", &desk, "commit", &commit.encode()).expect_status(200);
    let answer = hub.exchange(&desk, &request(9));
    let expected = AnswerHeader {
        outcome: Outcome::Stored,
        day: FIRST_DAY,
        shard: 0,
        from: 0,
        total: 2,
        notice_serial: 1,
        minute: Minute::default(),
        signature: None,
        toll: Toll::NONE,
        chain: Chain::EMPTY.hash,
    };
    assert_eq!(answer.header, expected);
    assert_eq!(answer.drops, [drops[0].1, drops[1].1]);
}

#[test]
fn every_outcome_has_the_same_size_and_headers() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let asking = |day, shard, from| Request { ask: Ask { day, shard, from }, ..request(1) }.encode();
    let mut other_version = request(1).encode();
    other_version[0] = 2;
    let cases = [
        (request(1).encode(), Outcome::Stored),
        (asking(FIRST_DAY, 0, 0), Outcome::Stored),
        (asking(FIRST_DAY.minus(13), 0, LAST_BLOCK), Outcome::Stored),
        (asking(Day(0), 0, 5_000), Outcome::Stored),
        (asking(FIRST_DAY.minus(14), 0, 0), Outcome::UnknownList),
        (asking(FIRST_DAY.plus(1), 0, 0), Outcome::UnknownList),
        (asking(Day(u32::MAX), 0, 0), Outcome::UnknownList),
        (asking(Day(0), 1, 0), Outcome::UnknownList),
        (other_version, Outcome::Version),
    ];
    let mut shapes = BTreeSet::new();
    for (bytes, outcome) in &cases {
        let response = hub.post(&desk, "exchange", bytes).expect_status(200);
        assert_eq!(response.body.len(), ANSWER_LEN);
        assert_eq!(response.body[1], outcome.number());
        assert_ne!(response.body[4..8], [0; 4], "the day is never 0");
        let values: BTreeSet<u8> = response.body[ANSWER_HEADER_LEN..].iter().copied().collect();
        assert_eq!(values.len(), 256, "an empty list looks like one that is full of drops");
        shapes.insert(response.headers);
    }
    let names = [
        "content-type",
        "cache-control",
        "cross-origin-resource-policy",
        "referrer-policy",
        "x-content-type-options",
        "content-length",
        "connection",
    ];
    assert_eq!(shapes.len(), 1, "{shapes:?}");
    let shape: Vec<_> = shapes.first().unwrap().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(shape, names);
}

#[test]
fn bytes_that_are_no_request_are_refused_and_nothing_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let whole = request(1).encode();
    let mut reserved = whole.clone();
    reserved[20] = 1;
    for (body, status, code) in [
        (vec![], 400, "malformed"),
        (whole[..whole.len() - 1].to_vec(), 400, "malformed"),
        ([whole.as_slice(), &[0]].concat(), 413, "too_large"),
        (reserved, 400, "malformed"),
    ] {
        let response = hub.post(&desk, "exchange", &body);
        assert_eq!((response.status, response.code().as_str()), (status, code));
    }
    let news = hub.in_session("GET", &desk, "follow?cells_after=0&log_after=0&wait_s=0", &[]);
    assert_eq!(news.expect_status(200).body.len(), 37);
}

#[test]
fn garbage_is_stored_like_anything_else() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    for cell in [0, 0xff] {
        assert_eq!(hub.exchange(&desk, &request(cell)).header.outcome, Outcome::Stored);
    }
}

#[test]
fn calls_are_taken_where_the_policy_says() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let status = |hub: &TestHub, host: &str| {
        let path = format!("/{}/v1/exchange", desk.id());
        hub.send("POST", &path, &[("Host", host)], &request(1).encode()).status
    };
    for (host, expected) in
        [("abcd.onion", 200), ("localhost:8700", 200), ("[::1]:8700", 200), ("example.org", 404)]
    {
        assert_eq!(status(&hub, host), expected, "{host}");
    }
    // The page and the notice are information, and are shown anywhere.
    let notice = format!("/{}/v1/notice", desk.id());
    assert_eq!(hub.send("GET", &notice, &[("Host", "example.org")], &[]).status, 200);
    drop(hub);
    let hub = TestHub::start_with(dir.path(), CallPolicy::Anywhere);
    assert_eq!(status(&hub, "example.org"), 200);
}

#[test]
fn an_unknown_desk_takes_no_calls() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, _) = TestHub::with_desk(dir.path());
    for desk in ["aaaaaaaaaaaaaaaa", "nonsense", "..%2f..%2fetc", "%ff"] {
        let path = format!("/{desk}/v1/exchange");
        let response = send(hub.address, "POST", &path, &[], &request(1).encode());
        assert_eq!((response.status, response.code().as_str()), (404, "not_found"), "{desk}");
    }
}

#[test]
fn each_day_has_the_shards_of_its_own_plan() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    hub.advance(3 * 86_400);
    let today = FIRST_DAY.plus(3);
    let drops = vec![(0, Drop([1; DROP_LEN])), (1, Drop([2; DROP_LEN])), (1, Drop([3; DROP_LEN]))];
    let commit = desk.commit(
        Head::EMPTY.hash,
        today,
        Rest { inbox_done: 0, log_done: 0, drops, signed: vec![], heads: vec![], whole: None },
    );
    hub.in_session("POST", &desk, "commit", &commit.encode()).expect_status(200);
    let answer = |day, shard| {
        let ask = Ask { day, shard, from: LAST_BLOCK };
        hub.exchange(&desk, &Request { ask, ..request(1) }).header
    };
    for (day, shard, outcome, total) in [
        (Day(0), 0, Outcome::Stored, 1),
        (today, 1, Outcome::Stored, 2),
        (today, 2, Outcome::UnknownList, 0),
        (today.minus(1), 0, Outcome::Stored, 0),
        (today.minus(1), 1, Outcome::UnknownList, 0),
    ] {
        let header = answer(day, shard);
        assert_eq!((header.outcome, header.total), (outcome, total), "{day:?} {shard}");
        assert_eq!(header.shard, shard);
    }
}
