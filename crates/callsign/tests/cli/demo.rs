//! The demonstration: one command, two links, a clean stop, and the same desk when it is started again.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, agent, callsign};

fn demo(data: &std::path::Path) -> Server {
    callsign(&["demo", "--json", "--hub-port", "0", "--desk-port", "0", "--data"])
        .arg(data)
        .without_passphrase()
        .serve()
}

fn text<'a>(ready: &'a Value, name: &str) -> &'a str {
    ready[name].as_str().unwrap()
}

#[test]
fn the_demonstration_serves_both_pages_stops_cleanly_and_starts_again() {
    let dir = TempDir::new().unwrap();
    let first = demo(dir.path());
    let ready = first.ready.clone();
    assert!(text(&ready, "caller").ends_with(&format!("#{}", text(&ready, "fingerprint"))));
    let passphrase_file = text(&ready, "passphrase_file");
    assert_eq!(fs::metadata(passphrase_file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(passphrase_file).unwrap().split_whitespace().count(), 10);

    let page =
        agent().build().new_agent().get(text(&ready, "caller").split('#').next().unwrap()).call().unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let sent =
        callsign(&["call", "send", "--json", "--text", "hello", "--hub", text(&ready, "caller")]).json();
    assert_eq!(sent["stored"], true);

    let stopped = first.terminate();
    assert!(stopped.status.success(), "{stopped:?}");
    assert_eq!(String::from_utf8_lossy(&stopped.stderr), "");

    // Other ports, the same desk, and the call still there.
    let second = demo(dir.path());
    assert_eq!(text(&second.ready, "fingerprint"), text(&ready, "fingerprint"));
    assert_ne!(text(&second.ready, "desk"), text(&ready, "desk"));
}

#[test]
fn a_taken_port_is_replaced_by_a_free_one() {
    let dir = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let demo = callsign(&["demo", "--json", "--hub-port", &port, "--desk-port", &port, "--data"])
        .arg(dir.path())
        .serve();
    assert!(!text(&demo.ready, "hub").ends_with(&format!(":{port}")));
}
