//! A desk of which nothing is left but its recovery kit comes back with the fingerprint that callers know.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::{Value, json};

use crate::support::{Hotline, PASSPHRASE, Run, address_of_ones_own, callsign, hub};

const OF_KIT: &str = "anchor velvet pepper orchard lantern mosaic";

/// A command on files of its own, with the kit's passphrase.
fn at(data: &Path, command: &[&str]) -> Run {
    callsign(&["desk"])
        .args(command)
        .arg("--json")
        .arg("--data")
        .arg(data)
        .env("CALLSIGN_IDENTITY_PASSPHRASE", OF_KIT)
}

fn answers(hotline: &Hotline, sent: &Value) -> Vec<Value> {
    let phrase = hotline.path("phrase");
    fs::write(&phrase, sent["phrase"].as_str().unwrap()).unwrap();
    let read = hotline.call(&["read", "--phrase-file"]).arg(&phrase).json();
    read["answers"].as_array().unwrap().iter().map(|answer| answer["text"].clone()).collect()
}

fn made(hotline: &Hotline) -> String {
    let file = hotline.path("kit.txt");
    at(&hotline.path("desk"), &["kit"]).arg(&file).json();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::read_to_string(file).unwrap()
}

#[test]
fn a_desk_whose_devices_are_all_destroyed_comes_back_by_its_kit_alone() {
    let hotline = Hotline::start();
    let printed = made(&hotline);
    assert!(printed.contains("Desk: Test desk") && printed.contains("BRINGS BACK NO CASE"), "{printed}");
    assert!(
        printed.lines().all(|line| line.chars().count() <= 160) && printed.lines().count() < 60,
        "{printed}"
    );
    // A second device, a call and its answer.
    let second = hotline.path("second");
    let link = format!("{}/#{}", hotline.hub_url, hotline.fingerprint);
    let asked = at(&second, &["join", "--hub", &link]).json();
    let (request, words) = (asked["request"].as_str().unwrap(), asked["check_words"].as_str().unwrap());
    hotline.desk(&["admit", "--code", words, "-"]).input(request).json();
    let before = hotline.call(&["send", "--text", "before the fire"]).json();
    hotline.desk(&["sync"]).json();
    hotline
        .desk(&["reply", "--call-sign", before["call_sign"].as_str().unwrap(), "--text", "answered"])
        .json();
    for lost in ["desk", "second"] {
        fs::remove_dir_all(hotline.path(lost)).unwrap();
    }
    // What is typed from the paper, in a hurry.
    let typed: String = printed
        .lines()
        .skip_while(|line| !line.starts_with("Desk:"))
        .map(|line| match line.trim_start().split_once("  ") {
            Some((number, words)) if number.parse::<u8>().is_ok() => {
                let words = words.split_whitespace().map(|word| word.chars().take(4).collect::<String>());
                format!("{number} {}\n", words.collect::<Vec<_>>().join(" ").to_uppercase())
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let new = hotline.path("new");
    let unasked = at(&new, &["recover-kit", "-"]).input(&typed).failure();
    assert_eq!(unasked.0, "not-typed", "{}", unasked.1);
    let back = at(&new, &["recover-kit", "--yes", "-"]).input(&typed).json();
    assert_eq!(back["fingerprint"], hotline.fingerprint, "{back}");
    // As of a desk whose device has the identity.
    let date = time::macros::format_description!("[year]-[month]-[day]");
    let ends = time::Date::parse(back["certificate_ends"].as_str().unwrap(), date).unwrap();
    let days = (ends - time::OffsetDateTime::now_utc().date()).whole_days();
    assert!((13..=14).contains(&days), "{back}");
    assert_eq!(at(&new, &["inbox"]).json().as_array().map(Vec::len), Some(0), "no case comes back");
    let devices = at(&new, &["devices"]).json();
    assert_eq!((devices["devices"].as_array().unwrap().len(), &devices["identity_here"]), (1, &json!(true)));
    // A caller with the leaflet's fingerprint writes, and is answered.
    let after = hotline.call(&["send", "--text", "after the fire"]).json();
    at(&new, &["sync"]).json();
    let sign = after["call_sign"].as_str().unwrap();
    let stored = at(&new, &["reply", "--call-sign", sign, "--text", "we are here"]).json();
    assert_eq!(stored["stored"], true);
    assert_eq!(answers(&hotline, &after), ["we are here"]);
    // The caller of before reads nothing of it, and is answered once they write again.
    let phrase = hotline.path("phrase");
    fs::write(&phrase, before["phrase"].as_str().unwrap()).unwrap();
    hotline.call(&["send", "--text", "are you still there", "--phrase-file"]).arg(&phrase).json();
    at(&new, &["sync"]).json();
    at(&new, &["reply", "--call-sign", before["call_sign"].as_str().unwrap(), "--text", "still here"]).json();
    assert_eq!(answers(&hotline, &before), ["still here"]);
    // And people's devices come anew.
    let asked = at(&second, &["join", "--hub", &link]).json();
    let (request, words) = (asked["request"].as_str().unwrap(), asked["check_words"].as_str().unwrap());
    at(&new, &["admit", "--code", words, "-"]).input(request).json();
    at(&second, &["sync"]).json();
    assert_eq!(at(&second, &["inbox"]).json().as_array().map(Vec::len), Some(2));
}

#[test]
fn where_the_hub_is_lost_as_well_a_new_one_takes_the_desk() {
    let mut hotline = Hotline::start();
    let file = hotline.path("kit.txt");
    made(&hotline);
    hotline.hub = None;
    for lost in ["desk", "hub"] {
        fs::remove_dir_all(hotline.path(lost)).unwrap();
    }
    let fresh = hub(&hotline.path("hub"), &address_of_ones_own().to_string());
    let (url, code) = (
        format!("http://{}", fresh.ready["listening"].as_str().unwrap()),
        fresh.ready["enrolment_code"].as_str().unwrap().to_owned(),
    );
    let recover = ["recover-kit", "--yes", "--hub", &url];
    let (failed, sentence) = at(&hotline.path("new"), &recover).arg(&file).failure();
    assert!(failed == "no-such-desk" && sentence.contains("--code"), "{failed} {sentence}");
    let back = at(&hotline.path("new"), &recover).args(&["--code", &code]).arg(&file).json();
    assert_eq!(back["fingerprint"], hotline.fingerprint, "{back}");
    hotline.hub_url = url;
    let sent = hotline.call(&["send", "--text", "is anyone there"]).json();
    at(&hotline.path("new"), &["sync"]).json();
    at(&hotline.path("new"), &["reply", "--call-sign", sent["call_sign"].as_str().unwrap(), "--text", "yes"])
        .json();
    assert_eq!(answers(&hotline, &sent), ["yes"]);
    drop(fresh);
}

#[test]
fn a_kit_is_made_with_the_desk_and_every_slip_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let hub = hub(&dir.path().join("hub"), &address_of_ones_own().to_string());
    let url = format!("http://{}", hub.ready["listening"].as_str().unwrap());
    let (desk, file, new) = (dir.path().join("desk"), dir.path().join("kit.txt"), dir.path().join("new"));
    let (kit_option, enrolment) =
        (format!("--kit={}", file.display()), hub.ready["enrolment_code"].as_str().unwrap());
    let named = ["init", "--name", "Line of the North", "--code", "-", "--hub", &url, &kit_option];
    let init = || at(&desk, &named).input(enrolment);
    fs::write(&file, "what is there").unwrap();
    let (code, sentence) = init().failure();
    assert!(code == "io" && sentence.contains("not there yet") && !desk.exists(), "{code} {sentence}");
    fs::remove_file(&file).unwrap();
    assert_eq!(init().env("CALLSIGN_IDENTITY_PASSPHRASE", PASSPHRASE).failure().0, "passphrase");
    assert!(!desk.exists());
    let made = init().json();
    assert_eq!(made["kit"], file.to_string_lossy().as_ref());
    let printed = fs::read_to_string(&file).unwrap();
    let refused = |text: &str| {
        let (code, sentence) = at(&new, &["recover-kit", "--yes", "-"]).input(text).failure();
        assert_eq!(code, "kit", "{sentence}");
        sentence
    };
    let row = printed.lines().find(|line| line.starts_with(" 3  ")).unwrap();
    assert!(refused(&printed.replace(row, "")).contains("row 3 is missing"));
    assert!(refused(&printed.replace(row, &row.replacen("  ", "  zzzz ", 1))).contains("row 3 has 8 words"));
    let word = row.split_whitespace().nth(1).unwrap();
    assert!(refused(&printed.replace(row, &row.replacen(word, "abandno", 1))).contains("the word abandno"));
    assert!(refused(&printed.replace("Link for callers:", "Link:")).contains("no line that begins with"));
    let words = printed.lines().find(|line| line.starts_with("Fingerprint in words:")).unwrap();
    let first = words.split_whitespace().nth(3).unwrap();
    let other = if first == "abandon" { "ability" } else { "abandon" };
    assert!(refused(&printed.replace(words, &words.replacen(first, other, 1))).contains("fingerprint words"));
    let other = "0".repeat(64);
    // Without the words, which would tell it sooner, the rows do.
    let of_two = printed.replace(words, "").replace(made["fingerprint"].as_str().unwrap(), &other);
    assert!(refused(&of_two).contains("two desks"));
    let wrong =
        at(&new, &["recover-kit", "--yes"]).arg(&file).env("CALLSIGN_IDENTITY_PASSPHRASE", PASSPHRASE);
    assert!(wrong.failure().1.contains("the passphrase does not open the kit"));
    assert!(!new.exists(), "nothing of it left anything behind");
    // Where a desk is, it stays.
    let again = at(&desk, &["recover-kit", "--yes"]).arg(&file).failure();
    assert!(again.0 == "vault" && again.1.contains("there is a desk already"), "{again:?}");
    assert!(again.1.contains("nothing of it was changed") && again.1.contains("not there yet"), "{again:?}");
    assert_eq!(at(&desk, &["devices"]).json()["generation"], 1);
    // A device without the identity makes none.
    let second = dir.path().join("second");
    let asked = at(&second, &["join", "--hub", made["link"].as_str().unwrap()]).json();
    let (request, words) = (asked["request"].as_str().unwrap(), asked["check_words"].as_str().unwrap());
    at(&desk, &["admit", "--code", words, "-"]).input(request).json();
    at(&second, &["sync"]).json();
    assert_eq!(at(&second, &["kit"]).arg(dir.path().join("none")).failure().0, "identity");
    assert!(!dir.path().join("none").exists());
}
