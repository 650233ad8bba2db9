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
