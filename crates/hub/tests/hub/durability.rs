//! "Stored" means synced: what a hub's process does between a request and its answer, as a C library between it
//! and the kernel sees it; and what is left after a kill.

use std::fs;

use callsign_protocol::exchange::Outcome;

use crate::support::{
    TestHub,
    child::{ChildHub, compile, serve_if_asked},
    request,
    test_desk::FIRST_DAY,
};

const TEST: &str = "durability::a_cell_is_synced_before_it_is_called_stored";

#[test]
fn a_cell_is_synced_before_it_is_called_stored() {
    if serve_if_asked() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (data_dir, trace_file) = (dir.path().join("hub"), dir.path().join("trace"));
    let tracer = compile("trace.c", dir.path());
    let environment = [("CALLSIGN_TRACE", &trace_file), ("LD_PRELOAD", &tracer)];
    let child = ChildHub {
        test: TEST,
        data_dir: &data_dir,
        today: FIRST_DAY,
        environment: environment.map(|(name, path)| (name, path.display().to_string())).to_vec(),
    };
    let (process, hub) = child.start().unwrap();
    let desk = hub.enrol_desk();

    let before = fs::read_to_string(&trace_file).unwrap().len();
    assert_eq!(hub.exchange(&desk, &request(7)).header.outcome, Outcome::Stored);
    let trace = fs::read_to_string(&trace_file).unwrap()[before..].to_owned();
    let lines: Vec<&str> = trace.lines().collect();
    assert!(synced_before_answer(&lines), "{trace}");

    process.kill();
    let hub = TestHub::start(&data_dir);
    assert_eq!(hub.follow(&desk, 0, 0, 0).cells, [(1, request(7).cell)]);
}

#[test]
fn the_check_finds_an_answer_that_was_not_synced() {
    let good = ["in", "write /d/hub.sqlite-wal", "sync /d/hub.sqlite-wal", "out"];
    assert!(synced_before_answer(&good));
    let never = ["in", "write /d/hub.sqlite-wal", "out"];
    let too_late = ["in", "write /d/hub.sqlite-wal", "out", "sync /d/hub.sqlite-wal"];
    let too_early = ["in", "sync /d/hub.sqlite-wal", "write /d/hub.sqlite-wal", "out"];
    let half = ["in", "write /d/hub.sqlite-wal", "sync /d/hub.sqlite-wal", "write /d/hub.sqlite-wal", "out"];
    let other_file = ["in", "write /d/hub.sqlite-wal", "sync /d/other", "out"];
    let not_written = ["in", "sync /d/hub.sqlite-wal", "out"];
    for bad in [&never[..], &too_late, &too_early, &half, &other_file, &not_written, &["in"], &[]] {
        assert!(!synced_before_answer(bad), "{bad:?}");
    }
}

/// Whether, between the first bytes in and the first bytes out, the journal was written and then synced.
fn synced_before_answer(trace: &[&str]) -> bool {
    let request = trace.iter().position(|line| *line == "in");
    let answer = trace.iter().position(|line| *line == "out");
    let (Some(request), Some(answer)) = (request, answer) else {
        return false;
    };
    let between = trace.get(request..answer).unwrap_or_default();
    let last = |what: &str| {
        between.iter().rposition(|line| line.starts_with(what) && line.ends_with("/hub.sqlite-wal"))
    };
    last("write ").is_some_and(|written| last("sync ").is_some_and(|synced| written < synced))
}
