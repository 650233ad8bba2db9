//! What a device is told of inbox and log.

use std::{iter, thread};

use callsign_protocol::{
    commit::{Head, Rest},
    follow::Follow,
};

use crate::support::{TestHub, request, test_desk::FIRST_DAY};

#[test]
fn cells_and_entries_come_in_order_after_what_was_seen() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    assert_eq!(
        hub.follow(&desk, 0, 0, 0),
        Follow { inbox_done: 0, inbox_last: 0, head: 0, keyring: 1, cells: vec![], entries: vec![] }
    );
    for cell in 1..=3 {
        hub.exchange(&desk, &request(cell));
    }
    let commit = desk.commit(
        Head::EMPTY.hash,
        FIRST_DAY,
        Rest { inbox_done: 1, log_done: 0, drops: vec![], signed: vec![], heads: vec![], whole: None },
    );
    hub.in_session("POST", &desk, "commit", &commit.encode()).expect_status(200);
    let news = hub.follow(&desk, 0, 0, 0);
    assert_eq!((news.inbox_done, news.inbox_last, news.head), (1, 3, 1));
    assert_eq!(news.cells, [(2, request(2).cell), (3, request(3).cell)]);
    assert_eq!(news.entries, [(1, commit.entry)]);
    let news = hub.follow(&desk, 2, 1, 0);
    assert_eq!((news.cells, news.entries), (vec![(3, request(3).cell)], vec![]));
    let news = hub.follow(&desk, u64::MAX, u64::MAX, 0);
    assert_eq!((news.cells.len(), news.entries.len()), (0, 0));
}

#[test]
fn a_waiting_device_hears_of_a_call() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let news = thread::scope(|scope| {
        // On a slow machine a wait may be over before the call is made; a device then asks again.
        let (hub, desk) = (&hub, &desk);
        let ask = move || hub.follow(desk, 0, 0, 30);
        let waiting =
            scope.spawn(move || iter::repeat_with(ask).find(|news| !news.cells.is_empty()).unwrap());
        hub.exchange(desk, &request(7));
        waiting.join().unwrap()
    });
    assert_eq!(news.cells, [(1, request(7).cell)]);
}

#[test]
fn only_devices_follow_and_only_with_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let path = format!("/{}/v1/follow?cells_after=0&log_after=0&wait_s=0", desk.id());
    assert_eq!(hub.get(&path).code(), "session_needed");
    for query in ["", "?cells_after=0&log_after=0", "?cells_after=-1&log_after=0&wait_s=0", "?cells_after=x"]
    {
        let response = hub.in_session("GET", &desk, &format!("follow{query}"), &[]);
        assert_eq!((response.status, response.code().as_str()), (400, "malformed"), "{query}");
    }
}
