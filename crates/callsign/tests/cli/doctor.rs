//! The doctor finds what is right and what is wrong.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::support::{Hotline, callsign};

#[test]
fn a_healthy_desk_and_hub_pass_and_an_open_directory_does_not() {
    let hotline = Hotline::start();
    let desk = hotline.path("desk");
    let doctor = || callsign(&["doctor", "--json", "--data"]).arg(&desk);
    let checks = doctor().json();
    let found = |what: &str| {
        checks["checks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|check| check["what"] == what)
            .unwrap_or_else(|| panic!("{what}"))
    };
    for what in [
        "version",
        "directory",
        "secret file",
        "keys",
        "hub",
        "clock",
        "notice",
        "inbox keys",
        "duty key",
        "fingerprint",
        "link",
        "log",
    ] {
        assert_eq!(found(what)["ok"], true, "{what}");
    }
    let link = found("link")["found"].as_str().unwrap();
    assert!(
        link.starts_with(&hotline.hub_url) && link.contains(&format!("/#{} ", hotline.fingerprint)),
        "{link}"
    );
    fs::set_permissions(&desk, fs::Permissions::from_mode(0o755)).unwrap();
    let said = doctor().said();
    assert_eq!(said.output.status.code(), Some(1));
    assert!(said.stdout().contains("chmod 700"), "{said:?}");
}

#[test]
fn a_proxy_that_is_set_does_not_stand_between_the_doctor_and_loopback() {
    let hotline = Hotline::start();
    for proxy in ["socks5h://127.0.0.1:9", "tor://127.0.0.1:9"] {
        let checks =
            callsign(&["doctor", "--json", "--hub", &hotline.hub_url]).env("ALL_PROXY", proxy).json();
        let hub =
            checks["checks"].as_array().unwrap().iter().find(|check| check["what"] == "hub").unwrap().clone();
        assert_eq!(hub["ok"], true, "{hub}");
    }
}

#[test]
fn a_hub_that_is_away_is_found() {
    let mut hotline = Hotline::start();
    hotline.hub = None;
    let said = callsign(&["doctor", "--hub", &hotline.hub_url]).said();
    assert_eq!(said.output.status.code(), Some(1));
    assert!(said.stdout().contains("BAD hub"), "{said:?}");
}

#[test]
fn what_was_not_looked_at_is_said_with_how_to_have_it_looked_at() {
    let hotline = Hotline::start();
    let data = hotline.path("desk");
    // Programs are asked nothing.
    let left_out = |run: crate::support::Run| {
        let checks = run.json()["checks"].as_array().unwrap().clone();
        let left_out = checks.iter().filter(|check| check["looked"] == false);
        left_out.map(|check| check["what"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let doctor = || callsign(&["doctor", "--json"]).without_passphrase();
    assert_eq!(left_out(doctor().arg("--data").arg(&data)), ["keys", "hub"]);
    assert_eq!(left_out(doctor().arg("--hub").arg(&hotline.hub_url)), ["directory"]);
    assert_eq!(left_out(doctor()), ["directory", "hub"]);
    assert_eq!(left_out(callsign(&["doctor", "--json", "--data"]).arg(&data)), [] as [&str; 0]);
    let people = callsign(&["doctor"]).said().stdout();
    assert!(people.contains("\n--  directory") && people.contains("with --data"), "{people}");
}
