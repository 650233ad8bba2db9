//! Snapshots of the desk's state: chunks are put and read by devices, and frozen by the commit that names exactly them.

use callsign_protocol::{
    commit::{Head, Rest},
    snapshot::{CHUNK_LEN, ChunkList},
};

use crate::support::{
    Response, TestHub,
    ledger::{chunk, chunk_name, snapshot},
    test_desk::{FIRST_DAY, TestDesk},
};

/// Names that are no address of a chunk.
const ASTRAY: [&str; 9] = [
    "snapshot/1/0101010101010101010101010101010/0",
    "snapshot/1/010101010101010101010101010101010101/0",
    "snapshot/1/AA010101010101010101010101010101/0",
    "snapshot/01/01010101010101010101010101010101/0",
    "snapshot/+1/01010101010101010101010101010101/0",
    "snapshot/1/01010101010101010101010101010101/00",
    "snapshot/1/01010101010101010101010101010101/-1",
    "snapshot/1/01010101010101010101010101010101/4096",
    "snapshot/4294967296/01010101010101010101010101010101/0",
];

fn refused(response: &Response) -> (u16, String) {
    (response.status, response.code())
}

fn put(hub: &TestHub, desk: &TestDesk, name: &str, body: &[u8]) -> Response {
    hub.in_session("PUT", desk, name, body)
}

fn rest(whole: Option<ChunkList>) -> Rest {
    Rest { inbox_done: 0, log_done: 0, drops: vec![], signed: vec![], heads: vec![], whole }
}

#[test]
fn chunks_come_back_as_they_were_put() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let name = chunk_name(1, 0);
    assert_eq!(refused(&hub.in_session("GET", &desk, &name, &[])), (404, "not_found".to_owned()));
    for _ in 0..2 {
        put(&hub, &desk, &name, chunk(1, 0).as_bytes()).expect_status(204);
    }
    assert_eq!(refused(&put(&hub, &desk, &name, chunk(1, 1).as_bytes())), (409, "chunk_conflict".to_owned()));
    let found = hub.in_session("GET", &desk, &name, &[]).expect_status(200);
    assert_eq!(found.header("content-type"), Some("application/octet-stream"));
    assert_eq!(found.body, chunk(1, 0).as_bytes());
}

#[test]
fn who_is_no_device_and_what_is_no_chunk_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let (name, bytes) = (chunk_name(1, 0), chunk(1, 0).as_bytes().to_vec());
    let path = format!("/{}/v1/{name}", desk.id());
    for method in ["GET", "PUT"] {
        assert_eq!(refused(&hub.send(method, &path, &[], &bytes)), (401, "session_needed".to_owned()));
    }
    for (body, refusal) in [
        (&bytes[1..], (400, "malformed".to_owned())),
        (&[], (400, "malformed".to_owned())),
        (&vec![0; CHUNK_LEN + 1][..], (413, "too_large".to_owned())),
    ] {
        assert_eq!(refused(&put(&hub, &desk, &name, body)), refusal);
    }
    for astray in ASTRAY {
        assert_eq!(refused(&put(&hub, &desk, astray, &bytes)), (404, "not_found".to_owned()), "{astray}");
        assert_eq!(refused(&hub.in_session("GET", &desk, astray, &[])), (404, "not_found".to_owned()));
    }
    put(&hub, &desk, &name, &bytes).expect_status(204);
    let next = desk.next_generation(2);
    hub.put(&desk, "keyring", &next).expect_status(204);
    assert_eq!(refused(&put(&hub, &desk, &chunk_name(1, 1), &bytes)), (412, "generation".to_owned()));
    hub.in_session("GET", &desk, &name, &[]).expect_status(200);
}

#[test]
fn a_commit_freezes_exactly_the_chunks_that_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let mut commit = |whole| desk.commit(Head::EMPTY.hash, FIRST_DAY, rest(Some(whole))).encode();
    let (whole, short) =
        (commit(snapshot(1)), commit(ChunkList::of(snapshot(1).attempt, &[chunk(1, 0).hash()])));
    let send = |commit: &[u8]| hub.in_session("POST", &desk, "commit", commit);
    let put = |index| put(&hub, &desk, &chunk_name(1, index), chunk(1, index).as_bytes());
    let refusal = || (400, "snapshot_refused".to_owned());
    assert_eq!(refused(&send(&whole)), refusal());
    put(0).expect_status(204);
    assert_eq!(refused(&send(&whole)), refusal());
    put(1).expect_status(204);
    assert_eq!(refused(&send(&short)), refusal());
    assert_eq!(hub.follow(&desk, 0, 0, 0).head, 0, "nothing of a refused commit is there");
    for _ in 0..2 {
        send(&whole).expect_status(200);
    }
    put(1).expect_status(204);
    assert_eq!(refused(&put(2)), (409, "chunk_conflict".to_owned()));
}
