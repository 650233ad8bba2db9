//! The data directory: one hub at a time by whatever path, and nothing called stored in files that are gone.

use std::{fs, os::unix::fs::symlink, path::Path};

use callsign_protocol::exchange::Outcome;

use crate::support::{
    TestHub,
    child::{ChildHub, serve_if_asked},
    request,
    test_desk::FIRST_DAY,
};

const IN_USE: &str =
    "another hub, or a restore, works in the data directory; stop it first, or name another directory";

#[test]
fn a_second_process_is_refused_until_the_first_has_ended() {
    if serve_if_asked() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (data_dir, link) = (dir.path().join("hub"), dir.path().join("link"));
    symlink(&data_dir, &link).unwrap();
    let test = "directory::a_second_process_is_refused_until_the_first_has_ended";
    let start = |data_dir: &Path| {
        ChildHub { test, data_dir, today: FIRST_DAY, environment: vec![] }
            .start()
            .map_err(|refusal| assert_eq!(refusal, IN_USE))
    };
    let (first, hub) = start(&data_dir).unwrap();
    let desk = hub.enrol_desk();
    for path in [&data_dir, &link, &dir.path().join("./link/../hub")] {
        assert!(start(path).is_err(), "{path:?}");
    }
    assert_eq!(hub.exchange(&desk, &request(1)).header.outcome, Outcome::Stored);
    // No lock outlives a process that was killed.
    first.kill();
    let (_second, hub) = start(&link).unwrap();
    assert!(start(&data_dir).is_err());
    assert_eq!(hub.exchange(&desk, &request(2)).header.outcome, Outcome::Stored);
    assert_eq!(hub.follow(&desk, 0, 0, 0).cells.len(), 2);
}

#[test]
fn nothing_is_stored_in_files_that_were_moved_or_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let (data_dir, aside) = (dir.path().join("hub"), dir.path().join("aside"));
    let (hub, desk) = TestHub::with_desk(&data_dir);
    let outcome = |number| hub.exchange(&desk, &request(number)).header.outcome;
    assert_eq!(outcome(1), Outcome::Stored);
    fs::rename(&data_dir, &aside).unwrap();
    assert_eq!(outcome(2), Outcome::Unavailable);
    // Another hub's files in the same place are not its own.
    drop(TestHub::start(&data_dir));
    assert_eq!(outcome(3), Outcome::Unavailable);
    fs::remove_dir_all(&data_dir).unwrap();
    fs::rename(&aside, &data_dir).unwrap();
    assert_eq!(outcome(4), Outcome::Stored);
    for name in ["hub.sqlite-wal", "hub.sqlite"] {
        fs::remove_file(data_dir.join(name)).unwrap();
        assert_eq!(outcome(5), Outcome::Unavailable, "{name}");
    }
}
