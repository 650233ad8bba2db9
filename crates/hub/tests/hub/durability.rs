//! "Stored" means synced: what a hub's process does between a request and its answer, as a C library between it
//! and the kernel sees it; and what is left after a kill.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use callsign_protocol::exchange::Outcome;

use crate::support::{TestHub, request};

const CHILD: &str = "CALLSIGN_TEST_HUB";
const TRACE: &str = "CALLSIGN_TRACE";
const TEST: &str = "durability::a_cell_is_synced_before_it_is_called_stored";

#[test]
fn a_cell_is_synced_before_it_is_called_stored() {
    if let Some(data_dir) = env::var_os(CHILD) {
        return serve_until_killed(Path::new(&data_dir));
    }
    let dir = tempfile::tempdir().unwrap();
    let (data_dir, trace_file) = (dir.path().join("hub"), dir.path().join("trace"));
    let (mut child, hub) = start_traced(&data_dir, &trace_file, &compile_tracer(dir.path()));
    let desk = hub.enrol_desk();

    let before = fs::read_to_string(&trace_file).unwrap().len();
    assert_eq!(hub.exchange(&desk, &request(7)).header.outcome, Outcome::Stored);
    let trace = fs::read_to_string(&trace_file).unwrap()[before..].to_owned();
    let lines: Vec<&str> = trace.lines().collect();
    assert!(synced_before_answer(&lines), "{trace}");

    child.kill().unwrap();
    child.wait().unwrap();
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

fn compile_tracer(dir: &Path) -> PathBuf {
    let library = dir.join("trace.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hub/trace.c");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .arg(&library)
        .args([source, "-ldl"])
        .status();
    assert!(compiled.is_ok_and(|status| status.success()), "a C compiler is needed: `apt-get install gcc`");
    library
}

fn start_traced(data_dir: &Path, trace_file: &Path, tracer: &Path) -> (Child, TestHub) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(CHILD, data_dir)
        .env(TRACE, trace_file)
        .env("LD_PRELOAD", tracer)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let started = lines.map(Result::unwrap).find_map(|line| {
        let (address, code) = line.split_once("hub at ")?.1.split_once(' ')?;
        Some(TestHub::elsewhere(address.parse().unwrap(), code.to_owned()))
    });
    (child, started.expect("the hub says where it listens"))
}

/// Ends when killed, or when the test that started it has ended and so closed its end of the pipe.
fn serve_until_killed(data_dir: &Path) {
    let hub = TestHub::start(data_dir);
    println!("hub at {} {}", hub.address, hub.code.clone().unwrap());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
