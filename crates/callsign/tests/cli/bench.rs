//! Measuring: the keys that other programs read, and that what is counted is true.

use std::{
    io::{self, BufRead as _, BufReader, Read as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use serde_json::Value;

use crate::support::{Hotline, address_of_ones_own, callsign, hub};

/// Of `bench load`, in this order.
const LOAD_KEYS: [&str; 6] = ["exchanges_per_s", "p50_ms", "p99_ms", "errors", "bytes_in", "bytes_out"];
/// Bytes of a request and of an answer without their heads.
const REQUEST: u64 = 4_192;
const ANSWER: u64 = 32_896;

fn load(hub: &str, arguments: &[&str]) -> Value {
    callsign(&["bench", "load", "--json", "--pool", "64", "--hub", hub]).args(arguments).json()
}

fn number(report: &Value, key: &str) -> u64 {
    report[key].as_u64().unwrap_or_else(|| panic!("{key} in {report}"))
}

#[test]
fn what_load_calls_stored_is_at_the_desk() {
    let hotline = Hotline::start();
    let said = callsign(&[
        "bench",
        "load",
        "--json",
        "--connections",
        "4",
        "--seconds",
        "3600",
        "--exchanges",
        "40",
    ])
    .args(&["--hub", &hotline.hub_url])
    .said();
    let text = said.stdout();
    let places: Vec<_> = LOAD_KEYS.iter().map(|key| text.find(&format!("\"{key}\":")).expect(key)).collect();
    assert!(places.is_sorted(), "{text}");
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (number(&report, "requests"), number(&report, "stored"), number(&report, "errors")),
        (40, 40, 0)
    );
    assert!(report["exchanges_per_s"].as_f64().unwrap() > 0.0);
    assert!(report["p99_ms"].as_f64().unwrap() >= report["p50_ms"].as_f64().unwrap());
    assert!(number(&report, "bytes_out") > 40 * REQUEST && number(&report, "bytes_in") > 40 * ANSWER);
    // One in eight is a call, of one caller.
    assert_eq!(number(&report, "calls"), 5);
    hotline.desk(&["sync"]).json();
    let inbox = hotline.desk(&["inbox"]).json();
    assert_eq!((inbox.as_array().unwrap().len(), &inbox[0]["messages"]), (1, &Value::from(5)), "{inbox}");
}

#[test]
fn every_kind_of_load_goes_through() {
    let hotline = Hotline::start();
    let link = format!("{}/#{}", hotline.hub_url, hotline.fingerprint);
    let kinds: [&[&str]; 5] = [
        &["--seconds", "3600", "--lists", "visits"],
        // All of these are due within a second.
        &["--seconds", "1", "--rate", "1000", "--arrivals", "even"],
        &["--seconds", "1", "--profile", "steady"],
        &["--seconds", "1", "--profile", "mobilisation"],
        &["--seconds", "3600", "--junk"],
    ];
    for kind in kinds {
        let report = load(&link, &[&["--connections", "3", "--exchanges", "200"], kind].concat());
        let [stored, errors, unsent] = ["stored", "errors", "unsent"].map(|key| number(&report, key));
        // What is due and comes to its turn too late is counted, and is no mistake of the hub's.
        assert_eq!(errors, unsent, "{kind:?}: {report}");
        assert!(stored == 200 || unsent > 0, "{kind:?}: {report}");
    }
    let flood = load(&link, &["--profile", "flood", "--connections", "3", "--seconds", "1"]);
    assert!(number(&flood, "requests") > 0, "{flood}");
    assert!(number(&flood["honest"], "stored") + number(&flood["honest"], "given_up") >= 4, "{flood}");
}

#[test]
fn a_hub_that_goes_away_is_counted() {
    let hotline = Hotline::start();
    let relay = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", relay.local_addr().unwrap());
    let far = hotline.hub_url.trim_start_matches("http://").to_owned();
    // What asks for the desk and the notice passes; the exchanges' connections are closed at once.
    thread::spawn(move || {
        for stream in relay.incoming().flatten() {
            let head = peek_line(&stream);
            if head.starts_with("GET ") {
                let near = stream.try_clone().unwrap();
                let hub = TcpStream::connect(&far).unwrap();
                let back = hub.try_clone().unwrap();
                thread::spawn(move || io::copy(&mut &near, &mut &hub));
                thread::spawn(move || io::copy(&mut &back, &mut &stream));
            }
        }
    });
    let report = load(&address, &["--connections", "2", "--seconds", "3600", "--exchanges", "4"]);
    assert_eq!(number(&report, "errors"), 4, "{report}");
    assert_eq!((number(&report, "stored"), &report["exchanges_per_s"]), (0, &Value::from(0.0)), "{report}");
}

#[test]
fn what_no_load_can_be_made_with_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let server = hub(dir.path(), "127.0.0.1:0");
    let hub = format!("http://{}", server.ready["listening"].as_str().unwrap());
    for (hub, code) in [
        (&format!("http://{}", address_of_ones_own()), "hub-away"),
        (&hub, "no-desk"),
        (&format!("{hub}/aaaaaaaaaaaaaaaa/"), "no-notice"),
    ] {
        let failure = callsign(&["bench", "load", "--json", "--hub", hub]).failure();
        assert_eq!(failure.0, code, "{failure:?}");
    }
    let misuse = callsign(&["bench", "load", "--json", "--hub", "https://127.0.0.1:9"]).misuse();
    assert!(misuse.contains("plain http://"), "{misuse}");
}

#[test]
fn limits_are_measured_and_nothing_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let report = callsign(&["bench", "limits", "--json", "--connections", "4", "--seconds", "1", "--data"])
        .arg(dir.path().join("new"))
        .json();
    for key in ["append_per_s", "http_per_s"] {
        assert!(report[key].as_f64().unwrap() > 0.0, "{report}");
    }
    assert_eq!(number(&report, "http_errors"), 0);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    let nowhere = callsign(&["bench", "limits", "--json", "--data", "/dev/null/nowhere"]).failure();
    assert_eq!(nowhere.0, "data", "{nowhere:?}");
}

#[test]
fn a_filled_store_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("hub");
    let fill = |data: &Path| {
        callsign(&["bench", "store", "--json", "--drops", "700", "--cells", "5", "--data"]).arg(data)
    };
    assert_eq!(number(&fill(&data).json(), "shards"), 1);
    assert_eq!(fill(&data).failure().0, "data", "never over what is there");
    let server = hub(&data, "127.0.0.1:0");
    assert!(server.ready["enrolment_code"].is_null());
    let url = format!("http://{}", server.ready["listening"].as_str().unwrap());
    let report = load(&url, &["--connections", "2", "--seconds", "3600", "--exchanges", "20"]);
    assert_eq!((number(&report, "errors"), number(&report, "listed")), (0, 50), "700 drops over 14 days");
}

/// Of `bench desk`.
const DESK_KEYS: [&str; 18] = [
    "cases",
    "events",
    "unlock_to_board_ms",
    "argon2_ms",
    "open_case_p99_ms",
    "search_p50_ms",
    "search_p99_ms",
    "search_ready_ms",
    "search_built_s",
    "fold_events_per_s",
    "sync_10000_cells_s",
    "cells",
    "taking_wait_p99_ms",
    "snapshot_s",
    "snapshot_bytes",
    "join_s",
    "page_p99_ms",
    "rss_mb",
];

#[test]
fn a_desk_is_measured_and_nothing_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let report = callsign(&["bench", "desk", "--json", "--cases", "12", "--events", "100"])
        .env("TMPDIR", dir.path().to_str().unwrap())
        .json();
    assert_eq!((number(&report, "cases"), number(&report, "events")), (12, 100));
    for key in DESK_KEYS {
        assert!(report[key].as_f64().unwrap_or_else(|| panic!("{key} in {report}")) > 0.0, "{key}: {report}");
    }
    assert_eq!(report.as_object().unwrap().len(), DESK_KEYS.len(), "{report}");
    assert_eq!(number(&report, "snapshot_bytes"), 8 << 20, "the smallest that there is");
    assert!(number(&report, "cells") >= 120, "ten a case, and those that came in while pages were looked at");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_measurement_that_is_stopped_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_callsign"));
    command.args(["bench", "desk", "--cases", "5000", "--events", "50000"]).env("TMPDIR", dir.path());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("Building a desk") {
        assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "{said}");
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{said}");
    assert!(said.contains("nothing is left behind"), "{said}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_desk_that_cannot_be_is_refused() {
    for (cases, events) in [("0", "10"), ("200001", "300000"), ("10", "2000001"), ("-1", "5"), ("many", "5")]
    {
        let said = callsign(&["bench", "desk", "--cases", cases, "--events", events]).said();
        assert_eq!(said.output.status.code(), Some(2), "{cases} {events}");
    }
    let misuse = callsign(&["bench", "desk", "--json", "--cases", "10", "--events", "9"]).misuse();
    assert!(misuse.contains("--events 10 or more"), "{misuse}");
}

/// The first bytes of a connection, left there for whoever reads it.
fn peek_line(stream: &TcpStream) -> String {
    let mut bytes = [0; 16];
    let len = stream.peek(&mut bytes).unwrap_or(0);
    String::from_utf8_lossy(&bytes[..len]).into_owned()
}
