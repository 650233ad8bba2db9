//! The demonstration: one command, real processes, callers who write by themselves, a clean stop, and the same desk when it is started again.

use std::{fs, net::TcpStream, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, Server, agent, callsign};

/// A caller who writes at once, and replies to an answer that has the word "name".
const CALLER: &str = r#"
language = "en"
track = "field"
[[messages]]
after_s = 0
text = "How would it go?"
[[replies]]
to = ["name"]
after_s = 0
text = "I will say none."
"#;

fn demo(data: &Path, arguments: &[&str]) -> Server {
    callsign(&["demo", "--json", "--hub-port", "0", "--desk-port", "0", "--data"])
        .arg(data)
        .args(arguments)
        .without_passphrase()
        .serve()
}

fn text<'a>(ready: &'a Value, name: &str) -> &'a str {
    ready[name].as_str().unwrap()
}

/// A command at one of the desks.
fn at(ready: &Value, desk: usize, command: &[&str]) -> Run {
    let passphrase = fs::read_to_string(text(ready, "passphrase_file")).unwrap();
    let data = text(&ready["desks"][desk], "data");
    callsign(&["desk"])
        .args(command)
        .args(&["--json", "--data", data])
        .env("CALLSIGN_PASSPHRASE", passphrase.trim())
}

/// Commands until one says what is waited for; each takes its time, so nothing sleeps here.
fn until(said: impl Fn() -> Value, is_meant: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..2_000 {
        let said = said();
        if is_meant(&said) {
            return said;
        }
    }
    panic!("never: {}", said())
}

#[test]
fn the_demonstration_serves_all_pages_stops_cleanly_and_starts_again() {
    let dir = TempDir::new().unwrap();
    let first = demo(dir.path(), &["--no-callers"]);
    let ready = first.ready.clone();
    assert!(text(&ready, "caller").ends_with(&format!("#{}", text(&ready, "fingerprint"))));
    let passphrase_file = text(&ready, "passphrase_file");
    assert_eq!(fs::metadata(passphrase_file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(passphrase_file).unwrap().split_whitespace().count(), 10);
    let people: Vec<_> = ready["desks"].as_array().unwrap().iter().map(|desk| text(desk, "person")).collect();
    assert_eq!(people, ["Kalyna", "Osyka"]);

    let page =
        agent().build().new_agent().get(text(&ready, "caller").split('#').next().unwrap()).call().unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let sent =
        callsign(&["call", "send", "--json", "--text", "hello", "--hub", text(&ready, "caller")]).json();
    assert_eq!(sent["stored"], true);

    let stopped = first.terminate();
    assert!(stopped.status.success(), "{stopped:?}");
    assert_eq!(String::from_utf8_lossy(&stopped.stderr), "");
    assert!(!is_served(&ready));

    // Other ports, the same desk, and the call still there; whoever was missing joins.
    let second = demo(dir.path(), &["--no-callers", "--desks", "3"]);
    assert_eq!(text(&second.ready, "fingerprint"), text(&ready, "fingerprint"));
    assert_ne!(text(&second.ready["desks"][0], "link"), text(&ready["desks"][0], "link"));
    for desk in 0..3 {
        until(|| at(&second.ready, desk, &["board"]).json(), |board| board.as_array().unwrap().len() == 1);
    }
}

#[test]
fn invented_callers_write_and_reply_and_a_shift_goes_from_desk_to_desk() {
    let (dir, callers) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    fs::write(callers.path().join("one.toml"), CALLER).unwrap();
    let demo = demo(dir.path(), &["--callers", &callers.path().to_string_lossy()]);
    let ready = &demo.ready;
    let board = until(|| at(ready, 0, &["board"]).json(), |board| board.as_array().unwrap().len() == 1);
    assert_eq!(board[0]["track"], "field");
    let sign = text(&board[0], "call_sign");
    at(ready, 0, &["claim", "--call-sign", sign]).json();
    let answered = ["reply", "--call-sign", sign, "--text", "Give no NAME, ever."];
    at(ready, 0, &answered).json();
    let talk = until(
        || at(ready, 1, &["show", "--call-sign", sign]).json(),
        |talk| talk.to_string().contains("I will say none."),
    );
    assert!(talk.to_string().contains("How would it go?"), "{talk}");
    at(ready, 0, &["handover", "--end", "--note", "Reads in the evening."]).json();
    let sheets = until(
        || at(ready, 1, &["handover"]).json(),
        |sheets| sheets.to_string().contains("Reads in the evening."),
    );
    assert!(sheets.to_string().contains(sign), "{sheets}");
    at(ready, 1, &["handover", "--take"]).json();
}

#[test]
fn a_killed_demonstration_leaves_no_process_behind() {
    let dir = TempDir::new().unwrap();
    let demo = demo(dir.path(), &["--no-callers"]);
    let ready = demo.ready.clone();
    assert!(is_served(&ready));
    demo.kill();
    let still = || {
        // Takes its time, as the parts do when they stop.
        callsign(&["--version"]).said();
        Value::Bool(is_served(&ready))
    };
    until(still, |served| *served == Value::Bool(false));
}

#[test]
fn a_taken_port_is_replaced_by_a_free_one() {
    let dir = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let demo = callsign(&[
        "demo",
        "--json",
        "--desks",
        "1",
        "--no-callers",
        "--hub-port",
        &port,
        "--desk-port",
        &port,
        "--data",
    ])
    .arg(dir.path())
    .serve();
    assert!(!text(&demo.ready, "hub").ends_with(&format!(":{port}")));
}

#[test]
fn callers_that_nobody_can_play_are_refused_before_anything_starts() {
    let dir = TempDir::new().unwrap();
    let of = |dir: &Path| {
        callsign(&["demo", "--json", "--callers", &dir.to_string_lossy()]).without_passphrase().error()
    };
    assert_eq!(of(dir.path())["code"], "callers");
    fs::write(dir.path().join("one.toml"), CALLER.replace("How would it go?", "")).unwrap();
    let error = of(dir.path());
    assert!(text(&error, "message").contains("one.toml"), "{error}");
    assert_eq!(of(&dir.path().join("nowhere"))["code"], "io");
}

/// Whether hub or a desk still listens.
fn is_served(ready: &Value) -> bool {
    let desks = ready["desks"].as_array().unwrap().iter().map(|desk| text(desk, "link"));
    let listens = |url: &str| {
        let address = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
        TcpStream::connect(address).is_ok()
    };
    listens(text(ready, "hub")) || desks.into_iter().any(listens)
}
