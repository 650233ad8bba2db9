//! Commits.

use callsign_protocol::{
    commit::{Commit, Head, Rest},
    digest::{Chain, DayChains, DropHashes, drop_hash},
    drop::{DROP_LEN, Drop},
    encoding::Bytes,
};

use crate::support::{
    TestHub, request,
    test_desk::{FIRST_DAY, TestDesk},
};

#[test]
fn a_commit_is_applied_once_and_repeated_answers_are_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    hub.exchange(&desk, &request(1));
    let first = desk.commit(Head::EMPTY.hash, FIRST_DAY, rest(1, 1));
    let second = desk.commit(first.entry.hash(), FIRST_DAY, rest(0, 0));
    assert_eq!(post(&hub, &desk, &first), (200, head(1, &first)));
    assert_eq!(post(&hub, &desk, &second), (200, head(2, &second)));
    assert_eq!(post(&hub, &desk, &first), (200, head(1, &first)));
    assert_eq!(hub.exchange(&desk, &request(1)).header.total, 1);
}

#[test]
fn a_commit_that_does_not_follow_the_head_is_told_the_head() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let stray = desk.commit(Bytes([1; 32]), FIRST_DAY, rest(0, 1));
    let first = desk.commit(Head::EMPTY.hash, FIRST_DAY, rest(0, 1));
    post(&hub, &desk, &first);
    assert_eq!(post(&hub, &desk, &stray), (409, head(1, &first)));
    assert_eq!(hub.exchange(&desk, &request(1)).header.total, 1);
}

#[test]
fn days_shards_and_numbers_of_drops_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let mut refused = |day, rest| {
        let commit = desk.commit(Head::EMPTY.hash, day, rest);
        let response = hub.in_session("POST", &desk, "commit", &commit.encode());
        assert!((400..500).contains(&response.status));
        response.code()
    };
    assert_eq!(refused(FIRST_DAY.plus(2), rest(0, 1)), "day_refused");
    assert_eq!(refused(FIRST_DAY.minus(2), rest(0, 1)), "day_refused");
    assert_eq!(refused(FIRST_DAY, Rest { drops: vec![(1, dropped())], ..rest(0, 0) }), "unknown_shard");
    assert_eq!(refused(FIRST_DAY, rest(0, 65)), "malformed");
    assert_eq!(refused(FIRST_DAY, rest(0, 80)), "too_large");
    let most = desk.commit(Head::EMPTY.hash, FIRST_DAY, rest(0, 64));
    assert_eq!(post(&hub, &desk, &most), (200, head(1, &most)));
    let before = desk.commit(most.entry.hash(), FIRST_DAY.minus(1), rest(0, 1));
    assert_eq!(hub.in_session("POST", &desk, "commit", &before.encode()).code(), "day_refused");
}

#[test]
fn a_commit_posts_to_the_shards_that_its_own_day_has() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    hub.advance(2 * 86_400);
    let second = || Rest { drops: vec![(1, dropped())], ..rest(0, 0) };
    let today = desk.commit(Head::EMPTY.hash, FIRST_DAY.plus(2), second());
    assert_eq!(hub.in_session("POST", &desk, "commit", &today.encode()).code(), "unknown_shard");
    let tomorrow = desk.commit(Head::EMPTY.hash, FIRST_DAY.plus(3), second());
    assert_eq!(hub.in_session("POST", &desk, "commit", &tomorrow.encode()).code(), "day_refused");
    // Ten minutes before midnight a device's clock may say tomorrow.
    hub.advance(86_400 - 1_600);
    assert_eq!(post(&hub, &desk, &tomorrow), (200, head(1, &tomorrow)));
}

#[test]
fn a_device_is_shown_what_lists_hold() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let get = |desk: &TestDesk, path: &str| hub.in_session("GET", desk, path, &[]);
    let day = FIRST_DAY.0;
    let chains = |desk: &TestDesk, day: u32| {
        DayChains::decode(&get(desk, &format!("lists/{day}")).expect_status(200).body).unwrap().0
    };
    assert_eq!(chains(&desk, day), [Chain::EMPTY]);
    let commit = desk.commit(Head::EMPTY.hash, FIRST_DAY, rest(0, 3));
    post(&hub, &desk, &commit);
    let hashes: Vec<_> = commit.rest.drops.iter().map(|(_, drop)| drop_hash(drop)).collect();
    assert_eq!(chains(&desk, day), [Chain::of(&hashes)]);
    assert_eq!(chains(&desk, day - 13), [Chain::EMPTY]);
    for from in 0..5 {
        let shown = get(&desk, &format!("lists/{day}/0/{from}")).expect_status(200).body;
        assert_eq!(DropHashes::decode(&shown).unwrap().0, hashes.get(from..).unwrap_or_default());
    }
    let too_old = format!("lists/{}", day - 14);
    let astray =
        ["lists/x", "lists/+1", "lists/1/0", &too_old, &format!("lists/0{day}"), &format!("{too_old}/0/0")];
    for path in astray {
        assert_eq!(get(&desk, path).status, 404, "{path}");
    }
    assert_eq!(get(&desk, &format!("lists/{day}/1/0")).code(), "unknown_shard");
    for path in [format!("lists/{day}"), format!("lists/{day}/0/0")] {
        let path = format!("/{}/v1/{path}", desk.id());
        assert_eq!(hub.send("GET", &path, &[], &[]).code(), "session_needed", "{path}");
    }
}

#[test]
fn nothing_is_applied_that_a_device_did_not_sign() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let commit = desk.commit(Head::EMPTY.hash, FIRST_DAY, rest(0, 1));
    let bytes = commit.encode();
    let answer = |bytes: &[u8]| hub.in_session("POST", &desk, "commit", bytes).code();
    let tampered = |at: usize| {
        let mut tampered = bytes.clone();
        tampered[at] ^= 1;
        tampered
    };
    assert_eq!(answer(&tampered(100)), "forbidden");
    assert_eq!(answer(&tampered(8_340)), "forbidden");
    assert_eq!(answer(&tampered(bytes.len() - 1)), "malformed");
    assert_eq!(answer(&bytes[..bytes.len() - 1]), "malformed");
    assert_eq!(answer(&[]), "malformed");
    let stranger = TestDesk::new(2).commit(Head::EMPTY.hash, FIRST_DAY, rest(0, 1));
    assert_eq!(answer(&stranger.encode()), "forbidden");
    assert_eq!(hub.post(&desk, "commit", &bytes).code(), "session_needed");
    assert_eq!(hub.exchange(&desk, &request(1)).header.total, 0);
}

#[test]
fn entries_of_another_generation_are_refused_and_repeats_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let first = desk.commit(Head::EMPTY.hash, FIRST_DAY, rest(0, 1));
    assert_eq!(post(&hub, &desk, &first), (200, head(1, &first)));
    let keyring = desk.next_generation(2);
    hub.put(&desk, "keyring", &keyring).expect_status(204);
    assert_eq!(post(&hub, &desk, &first), (200, head(1, &first)));
    for generation in [1, 3] {
        let other = desk.commit_of(generation, first.entry.hash(), FIRST_DAY, rest(0, 1));
        let response = hub.in_session("POST", &desk, "commit", &other.encode());
        assert_eq!((response.status, response.code().as_str()), (412, "generation"));
    }
    let second = desk.commit_of(2, first.entry.hash(), FIRST_DAY, rest(0, 0));
    assert_eq!(post(&hub, &desk, &second), (200, head(2, &second)));
    assert_eq!(hub.exchange(&desk, &request(1)).header.total, 1);
}

#[test]
fn entries_that_are_done_with_are_gone_and_the_head_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let mut prev = Head::EMPTY.hash;
    for log_done in [0, 0, 1, 0, u64::MAX] {
        let commit = desk.commit(prev, FIRST_DAY, Rest { log_done, ..rest(0, 0) });
        post(&hub, &desk, &commit);
        prev = commit.entry.hash();
        let left: Vec<_> = hub.follow(&desk, 0, 0, 0).entries.iter().map(|(sequence, _)| *sequence).collect();
        let expected: &[u64] = match (log_done, left.last()) {
            (0, Some(1)) => &[1],
            (0, Some(2)) => &[1, 2],
            (1, _) => &[2, 3],
            (0, _) => &[2, 3, 4],
            _ => &[5],
        };
        assert_eq!(left, expected, "after {log_done}");
    }
    let next = desk.commit(prev, FIRST_DAY, rest(0, 0));
    assert_eq!(post(&hub, &desk, &next), (200, head(6, &next)));
}

fn rest(inbox_done: u64, drops: usize) -> Rest {
    Rest {
        inbox_done,
        log_done: 0,
        drops: vec![(0, dropped()); drops],
        signed: vec![],
        heads: vec![],
        whole: None,
    }
}

fn dropped() -> Drop {
    Drop([1; DROP_LEN])
}

fn head(sequence: u64, commit: &Commit) -> Head {
    Head { sequence, hash: commit.entry.hash() }
}

fn post(hub: &TestHub, desk: &TestDesk, commit: &Commit) -> (u16, Head) {
    let response = hub.in_session("POST", desk, "commit", &commit.encode());
    (response.status, Head::decode(&response.body).unwrap())
}
