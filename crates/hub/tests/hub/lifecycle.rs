//! Starting, stopping, and what a data directory holds.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, atomic::AtomicU64},
};

use callsign_hub::{CallPolicy, HubError, StoreError};

use crate::support::{TestHub, config, request, test_desk::FIRST_DAY};

#[tokio::test]
async fn two_hubs_never_share_a_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicU64::new(FIRST_DAY.start().0));
    let first = callsign_hub::open(config(dir.path(), CallPolicy::Onion, &clock)).await.unwrap();
    let second = callsign_hub::open(config(dir.path(), CallPolicy::Onion, &clock)).await;
    assert!(matches!(second, Err(HubError::Store(StoreError::InUse))));
    drop(first);
    callsign_hub::open(config(dir.path(), CallPolicy::Onion, &clock)).await.unwrap();
}

#[tokio::test]
async fn a_data_directory_of_another_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicU64::new(FIRST_DAY.start().0));
    drop(callsign_hub::open(config(dir.path(), CallPolicy::Onion, &clock)).await.unwrap());
    let database = rusqlite::Connection::open(dir.path().join("hub.sqlite")).unwrap();
    database.pragma_update(None, "user_version", 7).unwrap();
    drop(database);
    let error = callsign_hub::open(config(dir.path(), CallPolicy::Onion, &clock)).await.unwrap_err();
    assert!(matches!(&error, HubError::Store(StoreError::UnknownSchema { found: 7, known: 4 })));
    assert!(error.to_string().contains("run the version of callsign that wrote it"), "{error}");
}

#[test]
fn a_stop_ends_idle_connections_and_long_polls() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let mut idle = TcpStream::connect(hub.address).unwrap();
    let mut polling = TcpStream::connect(hub.address).unwrap();
    let id = desk.id();
    let token = hub.token(&desk);
    idle.write_all(format!("GET /{id}/v1/notice HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
    let mut first_byte = [0];
    idle.read_exact(&mut first_byte).unwrap();
    let poll = format!(
        "GET /{id}/v1/follow?cells_after=0&log_after=0&wait_s=30 HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    polling.write_all(poll.as_bytes()).unwrap();
    // Returns when the hub has stopped, and panics if it did not stop cleanly.
    drop(hub);
    for mut stream in [idle, polling] {
        // Whatever was still sent comes to an end; a reset is an end too.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let hub = TestHub::start(dir.path());
    hub.exchange(&desk, &request(1));
}
