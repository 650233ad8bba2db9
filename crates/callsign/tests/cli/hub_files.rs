//! `callsign hub backup|restore|status`: a hub's files beside a hub that serves, and after their loss.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::{Value, json};

use crate::support::{Hotline, Run, callsign};

fn hub(hotline: &Hotline, command: &[&str]) -> Run {
    callsign(&["hub"]).args(command).arg("--json").arg("--data").arg(hotline.path("hub"))
}

fn stored(hotline: &Hotline, text: &str) -> String {
    let sent = hotline.call(&["send", "--text", text]).json();
    assert_eq!(sent["stored"], true);
    sent["call_sign"].as_str().unwrap().to_owned()
}

#[test]
fn a_backup_of_a_serving_hub_brings_it_back_and_the_desk_goes_on() {
    let mut hotline = Hotline::start();
    let before = stored(&hotline, "before the backup");
    let file = hotline.path("backup");
    let made = hub(&hotline, &["backup"]).arg(&file).json();
    assert_eq!(made["bytes"], fs::metadata(&file).unwrap().len());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(made["keep_until"].as_str() > made["day"].as_str());
    let names = fs::read_dir(hotline.dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(
        names.into_iter().all(|name| !name.to_string_lossy().starts_with(".callsign-backup")),
        "a draft stayed"
    );
    let bytes = fs::read(&file).unwrap();
    assert_eq!(hub(&hotline, &["backup"]).arg(&file).failure().0, "exists");
    assert_eq!(fs::read(&file).unwrap(), bytes, "it was not overwritten");
    assert_eq!(hub(&hotline, &["status"]).json()["backup"], made["day"]);

    let after = stored(&hotline, "after the backup");
    hotline.desk(&["sync"]).json();
    hotline.desk(&["reply", "--text", "an answer", "--call-sign", &after]).json();
    assert_eq!(hub(&hotline, &["restore", "--replace"]).arg(&file).failure().0, "in-use");
    drop(hotline.hub.take());
    assert_eq!(hub(&hotline, &["restore"]).arg(&file).failure().0, "exists");
    let restored = hub(&hotline, &["restore", "--replace"]).arg(&file).json();
    assert!(fs::exists(restored["aside"].as_str().unwrap()).unwrap());
    assert_eq!(restored["made_on"], made["day"]);

    hotline.restart_hub();
    let (code, sentence) = hotline.desk(&["sync"]).failure();
    assert_eq!(code, "alarm");
    assert!(sentence.contains("callsign desk recover"), "{sentence}");
    let doctor = || callsign(&["doctor", "--json", "--data"]).arg(hotline.path("desk"));
    let said = doctor().said();
    let checks: serde_json::Value = serde_json::from_str(&said.stdout()).unwrap();
    let log = checks["checks"].as_array().unwrap().iter().find(|check| check["what"] == "log").unwrap();
    assert!(log["ok"] == false && log["remedy"].as_str().unwrap().contains("desk recover"), "{log}");
    assert_eq!(said.output.status.code(), Some(1));
    let recovered = hotline.desk(&["recover", "--yes"]).json();
    assert_eq!(doctor().said().output.status.code(), Some(0));
    // The first was at the hub as a cell alone when the backup was made.
    assert_eq!(recovered, json!({ "calls": 2, "answers": 1 }));
    hotline.desk(&["sync"]).json();
    for (sign, text) in [(before, "before the backup"), (after, "after the backup")] {
        let shown = hotline.desk(&["show", "--call-sign", &sign]).json();
        assert_eq!(shown["messages"][0]["text"], text);
    }
    assert_eq!(hub(&hotline, &["status"]).json()["restore"], made["day"]);
}

#[test]
fn what_is_no_whole_backup_is_refused_and_the_files_stay() {
    let mut hotline = Hotline::start();
    stored(&hotline, "a call");
    let file = hotline.path("backup");
    hub(&hotline, &["backup"]).arg(&file).json();
    drop(hotline.hub.take());
    let database = fs::read(hotline.path("hub").join("hub.sqlite")).unwrap();
    let whole = fs::read(&file).unwrap();
    let mut broken = whole.clone();
    let middle = broken.len() / 4096 / 2 * 4096;
    broken[middle..middle + 64].fill(0xa5);
    let cut = whole[..whole.len() - 4096].to_vec();
    for (what, bytes) in
        [("broken", broken), ("cut", cut), ("empty", vec![]), ("text", b"Dear diary".to_vec())]
    {
        let wrong = hotline.path(what);
        fs::write(&wrong, bytes).unwrap();
        let (code, sentence) = hub(&hotline, &["restore", "--replace"]).arg(&wrong).failure();
        assert!(matches!(code.as_str(), "damaged" | "no-backup"), "{what}: {code} {sentence}");
    }
    // A hub's own database, copied while it ran or not, is no backup: nobody knows of which day it is.
    let copied = hotline.path("copied");
    let fresh = hotline.path("fresh");
    drop(crate::support::hub(&fresh, "127.0.0.1:0"));
    fs::copy(fresh.join("hub.sqlite"), &copied).unwrap();
    assert_eq!(hub(&hotline, &["restore", "--replace"]).arg(&copied).failure().0, "no-backup");
    let names: Vec<_> =
        fs::read_dir(hotline.path("hub")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("restoring")), "{names:?}");
    assert_eq!(fs::read(hotline.path("hub").join("hub.sqlite")).unwrap(), database);

    // Into a directory that is not there yet, the whole one goes.
    let elsewhere = hotline.path("elsewhere");
    callsign(&["hub", "restore", "--json", "--data"]).arg(&elsewhere).arg(&file).json();
    let status = callsign(&["hub", "status", "--json", "--data"]).arg(&elsewhere).json();
    assert_eq!(status["desks"][0]["waiting"][0]["cells"], 2, "cover, and the call");
}

#[test]
fn a_restore_that_was_stopped_half_way_lets_no_hub_start() {
    let mut hotline = Hotline::start();
    drop(hotline.hub.take());
    let staged = hotline.path("hub").join("hub.sqlite.restoring");
    fs::write(staged, "half").unwrap();
    let (_, sentence) = callsign(&["hub", "--json", "--data"]).arg(hotline.path("hub")).failure();
    assert!(sentence.contains("callsign hub restore"), "{sentence}");
}

#[test]
fn a_status_counts_days_and_nothing_finer() {
    let hotline = Hotline::start();
    stored(&hotline, "one");
    stored(&hotline, "two");
    let status = hub(&hotline, &["status"]).json();
    let desk = &status["desks"][0];
    // At midnight they are of two days, and the first is of yesterday.
    let cells = |day: &Value| day["cells"].as_u64().unwrap();
    assert_eq!(desk["waiting"].as_array().unwrap().iter().map(cells).sum::<u64>(), 4);
    assert!(desk["oldest_waiting_days"].as_u64() <= Some(1));
    assert_eq!((&desk["notice"]["serial"], &desk["keyring"]["generation"]), (&json!(1), &json!(1)));
    assert_eq!((&status["damage"], &status["backup"]), (&Value::Null, &Value::Null));
    assert!(status["bytes"]["journal"].as_u64() > Some(0));
    // Ten digits together would be a time in seconds.
    let text = status.to_string();
    assert!(!text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 9), "{text}");
    let spoken = callsign(&["hub", "status", "--data"]).arg(hotline.path("hub")).said();
    assert!(spoken.stdout().contains("cells that wait: 4, the oldest for "), "{spoken:?}");
    assert_eq!(
        callsign(&["hub", "status", "--json", "--data"]).arg(hotline.path("nowhere")).failure().0,
        "hub"
    );
    assert!(!hotline.path("nowhere").exists());
}
