//! `callsign desk note|close`: notes among colleagues, and cases that wait on no list any more.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Hotline, callsign};

/// A hotline with one call that was taken and opened; its call sign.
fn opened_call() -> (Hotline, String) {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "-"]).input("question").json();
    let sign = sent["call_sign"].as_str().unwrap().to_owned();
    hotline.desk(&["sync"]).json();
    hotline.desk(&["show", "--call-sign", &sign]).json();
    (hotline, sign)
}

fn shown(hotline: &Hotline, sign: &str) -> Value {
    hotline.desk(&["show", "--call-sign", sign]).json()
}

#[test]
fn a_note_is_kept_shown_found_and_struck() {
    let (hotline, sign) = opened_call();
    let of = |more: &[&str]| hotline.desk(&[&["note", "--call-sign", &sign][..], more].concat());
    let text = "спитати Осику \u{1b}[2J\nпро маяк";
    let kept = of(&["-"]).input(text).json();
    let id = kept["note"].as_str().unwrap().to_owned();
    assert_eq!((&kept["call_sign"], &kept["struck"]), (&json!(sign), &json!(false)));
    let case = shown(&hotline, &sign);
    let note = &case["notes"][0];
    assert_eq!(
        (&note["text"], &note["by"], &note["struck_by"]),
        (&json!(text), &json!("Custodian"), &Value::Null)
    );
    assert!(note["written"].is_u64() && case["messages"].as_array().unwrap().len() == 1);
    let said =
        callsign(&["desk", "show", "--call-sign", &sign]).arg("--data").arg(hotline.path("desk")).said();
    assert!(
        said.stdout().contains("note for colleagues only") && !said.stdout().contains('\u{1b}'),
        "{said:?}"
    );
    let found = hotline.desk(&["search", "-"]).input("маяк").json();
    assert_eq!((&found[0]["call_sign"], &found[0]["in_note"]), (&json!(sign), &json!(true)));
    // The caller reads nothing of it.
    let read = hotline.call(&["read"]).said();
    assert!(!read.stdout().contains("маяк") && !read.stderr().contains("маяк"), "{read:?}");

    let struck = of(&["--strike", &id[..6]]).json();
    assert_eq!((&struck["note"], &struck["struck"]), (&json!(id), &json!(true)));
    let note = &shown(&hotline, &sign)["notes"][0];
    assert_eq!((&note["text"], &note["struck_by"]), (&json!(""), &json!("Custodian")));
    assert!(of(&["--strike", &id]).failure().1.contains("struck already"));
    assert!(hotline.desk(&["search", "-"]).input("маяк").json().as_array().unwrap().is_empty());

    for (arguments, says) in [
        (vec!["--text", " "], "the note is empty"),
        (vec!["--text", &*"ї".repeat(3_001)], "too long"),
        (vec!["--strike", "AAAAAAAAAAAAAAAAAAAAAA"], "not there"),
    ] {
        let (code, sentence) = of(&arguments).failure();
        assert!(code == "note" && sentence.contains(says), "{arguments:?}: {sentence}");
    }
    assert_eq!(of(&["--strike", &id, "--text", "x"]).said().output.status.code(), Some(2));
    // What is left to a beat is kept, and not in the log yet.
    let queued = of(&["--text", "for the next shift", "--queued"]).said();
    assert_eq!(queued.output.status.code(), Some(4), "{queued:?}");
    let told: Value = serde_json::from_slice(&queued.output.stdout).unwrap();
    assert_eq!(told["kept"], true);
}

#[test]
fn a_case_is_closed_and_reopened_by_a_person_or_a_message() {
    let (hotline, sign) = opened_call();
    let of = |more: &[&str]| hotline.desk(&[&["close", "--call-sign", &sign][..], more].concat());
    let inbox = || hotline.desk(&["inbox"]).json()[0].clone();
    assert!(inbox()["waiting_since"].is_u64() && inbox()["closed"].is_null());
    assert_eq!(
        of(&["--why", "no_more_needed"]).json(),
        json!({ "call_sign": sign, "closed": "no_more_needed" })
    );
    assert_eq!((&inbox()["waiting_since"], &inbox()["closed"]), (&Value::Null, &json!("no_more_needed")));
    assert_eq!(hotline.desk(&["board"]).json()[0]["state"], "closed");
    let closed = shown(&hotline, &sign)["closed"].clone();
    assert_eq!((&closed["why"], &closed["by"]), (&json!("no_more_needed"), &json!("Custodian")));
    let (code, sentence) = of(&[]).failure();
    assert!(code == "closing" && sentence.contains("closed already"), "{sentence}");
    assert_eq!(of(&["--reopen"]).json(), json!({ "call_sign": sign, "closed": null }));
    assert!(of(&["--reopen"]).failure().1.contains("is not closed"));
    assert!(inbox()["waiting_since"].is_u64());
    assert_eq!(of(&["--why", "bored"]).said().output.status.code(), Some(2));
}

#[test]
fn of_two_devices_that_close_one_case_the_second_is_told_that_it_was_late() {
    let (hotline, sign) = opened_call();
    let copy = hotline.path("other");
    let copied = Command::new("cp").arg("-a").args([hotline.path("desk"), copy.clone()]).status();
    assert!(copied.unwrap().success());
    hotline.desk(&["close", "--call-sign", &sign]).json();
    let late = callsign(&["desk", "close", "--json", "--call-sign", &sign]).arg("--data").arg(&copy).said();
    assert_eq!(late.output.status.code(), Some(3), "{late:?}");
    assert_eq!(serde_json::from_slice::<Value>(&late.output.stdout).unwrap(), json!({ "void": "too_late" }));
}

#[test]
fn a_note_that_tells_is_kept_by_a_second_act_and_what_is_next_says_so() {
    let (hotline, sign) = opened_call();
    let of = |more: &[&str]| hotline.desk(&[&["note", "--call-sign", &sign][..], more].concat());
    let text = "call +380 67 123 45 67";
    let (code, sentence) = of(&["--text", text]).failure();
    assert!(
        code == "note"
            && sentence.contains("+380 67 123 45 67")
            && sentence.contains("all the same (`--all-the-same`)"),
        "{sentence}"
    );
    assert_eq!(shown(&hotline, &sign)["notes"], json!([]));
    of(&["--text", text, "--all-the-same"]).json();
    of(&["--next", "--text", "look again after eight"]).json();
    let (code, sentence) = of(&["--next", "--text", "two\nlines"]).failure();
    assert!(code == "note" && sentence.contains("one line"), "{sentence}");
    let (code, sentence) = of(&["--draft"]).failure();
    assert!(code == "note" && sentence.contains("no draft"), "{sentence}");
    let notes = shown(&hotline, &sign)["notes"].clone();
    let kinds: Vec<_> = notes.as_array().unwrap().iter().map(|note| note["kind"].clone()).collect();
    assert_eq!(kinds, [json!("note"), json!("next")]);
    hotline.desk(&["claim", "--call-sign", &sign]).json();
    hotline.desk(&["handover", "--end"]).json();
    let sheets = hotline.desk(&["handover"]).json()["sheets"].clone();
    assert_eq!(sheets[0]["left"][0]["next"], "look again after eight");
    let board = |language: &str| hotline.desk(&["board", "--language", language]).json();
    assert_eq!((board("en").as_array().unwrap().len(), board("uk")), (1, json!([])));
}
