//! `callsign desk follow-up|due`: dates on which somebody comes back to a case, on every device of the desk.

use std::{fs, process::Command};

use serde_json::{Value, json};

use crate::support::{Hotline, callsign};

/// A day from today on, in UTC, as people write it.
fn day(ahead: i32) -> String {
    let date = Command::new("date").args(["-u", "-d", &format!("{ahead} days"), "+%F"]).output().unwrap();
    String::from_utf8(date.stdout).unwrap().trim().to_owned()
}

fn due(hotline: &Hotline) -> Vec<Value> {
    hotline.desk(&["due"]).json().as_array().unwrap().clone()
}

#[test]
fn a_follow_up_is_set_moved_and_done() {
    let hotline = Hotline::start();
    hotline.call(&["send", "--lang", "uk", "-"]).input("Питання").json();
    hotline.desk(&["sync"]).json();
    let inbox = hotline.desk(&["inbox"]).json();
    let sign = inbox[0]["call_sign"].as_str().unwrap();
    let (soon, middle, later) = (day(2), day(4), day(9));
    let of = |more: &[&str]| {
        let arguments: Vec<&str> = ["follow-up", "--call-sign", sign].iter().chain(more).copied().collect();
        hotline.desk(&arguments).json()
    };
    let text = "спитати \u{1b}[2J, чи дійшов";
    let set = of(&["--due", &later, "--hour", "16", "--text", text]);
    let first = set["follow_up"].as_str().unwrap().to_owned();
    let second = ["follow-up", "--call-sign", sign, "--due", &middle, "-"];
    let second = hotline.desk(&second).input("call again\n").json()["follow_up"].as_str().unwrap().to_owned();
    assert_eq!((&set["done"], &set["due"], &set["hour"]), (&json!(false), &json!(later), &json!(16)));
    let listed = due(&hotline);
    let told: Vec<_> = listed.iter().map(|row| (&row["follow_up"], &row["due"], &row["is_due"])).collect();
    assert_eq!(
        told,
        [(&json!(second), &json!(middle), &json!(false)), (&json!(first), &json!(later), &json!(false))]
    );
    assert_eq!(listed[1]["text"], text);
    assert!(!hotline.desk(&["due"]).said().stdout().contains('\u{1b}'));
    // Letters are counted, and not their bytes.
    let longest = "ї".repeat(300);
    of(&["--moves", &first, "--due", &soon, "--text", &longest]);
    of(&["--done", &second]);
    let row = json!([{
        "call_sign": sign, "due": soon, "hour": null, "text": longest, "is_due": false, "follow_up": first,
        "moved_from": later,
    }]);
    assert_eq!(Value::from(due(&hotline)), row);
    // They are in the log with the next beat, where every device of the desk reads them.
    hotline.desk(&["sync"]).json();
    for end in ["", "-wal", "-shm"] {
        // The journal may be empty and gone.
        let _ = fs::remove_file(hotline.path(&format!("desk/cache.sqlite{end}")));
    }
    hotline.desk(&["sync"]).json();
    assert_eq!(Value::from(due(&hotline)), row);
}

#[test]
fn what_cannot_be_set_is_refused_and_nothing_is_lost() {
    let hotline = Hotline::start();
    hotline.call(&["send", "-"]).input("question").json();
    hotline.desk(&["sync"]).json();
    let inbox = hotline.desk(&["inbox"]).json();
    let sign = inbox[0]["call_sign"].as_str().unwrap();
    let (yesterday, tomorrow, far) = (day(-2), day(2), day(400));
    let long = "ї".repeat(301);
    for (arguments, says) in [
        (vec!["--due", &yesterday, "--text", "call"], "over"),
        (vec!["--due", &far, "--text", "call"], "year"),
        (vec!["--due", &tomorrow, "--text", " "], "what is to be done"),
        (vec!["--due", &tomorrow, "--text", &long], "too long"),
        (vec!["--due", &tomorrow, "--text", "call\nagain"], "more than one line"),
        (vec!["--done", "AAAAAAAAAAAAAAAAAAAAAA"], "not there any more"),
        (
            vec!["--moves", "AAAAAAAAAAAAAAAAAAAAAA", "--due", &tomorrow, "--text", "call"],
            "not there any more",
        ),
    ] {
        let all: Vec<&str> = ["follow-up", "--call-sign", sign].iter().chain(&arguments).copied().collect();
        let (_, sentence) = hotline.desk(&all).failure();
        assert!(sentence.contains(says), "{arguments:?}: {sentence}");
    }
    let said = hotline
        .desk(&["follow-up", "--call-sign", sign, "--due", &tomorrow, "--hour", "24", "--text", "x"])
        .said();
    assert_eq!(said.output.status.code(), Some(2), "{said:?}");
    assert!(said.stderr().contains("0 to 23"), "{said:?}");
    assert!(due(&hotline).is_empty());
}

#[test]
fn a_follow_up_is_named_by_how_its_id_begins_where_only_one_does() {
    let hotline = Hotline::start();
    hotline.call(&["send", "-"]).input("question").json();
    hotline.desk(&["sync"]).json();
    let inbox = hotline.desk(&["inbox"]).json();
    let sign = inbox[0]["call_sign"].as_str().unwrap();
    let (tomorrow, later) = (day(2), day(3));
    let set = |more: &[&str]| {
        let all = [&["follow-up", "--call-sign", sign][..], more].concat();
        hotline.desk(&all)
    };
    let ids: Vec<String> = (0..2)
        .map(|_| {
            set(&["--due", &tomorrow, "--text", "call"]).json()["follow_up"].as_str().unwrap().to_owned()
        })
        .collect();
    let start = &ids[0][..6];
    assert_eq!(set(&["--moves", start, "--due", &later, "--text", "later"]).json()["follow_up"], ids[0]);
    assert_eq!(set(&["--done", start]).json()["follow_up"], ids[0]);
    assert!(set(&["--done", start]).failure().1.contains("not there any more"));
    assert_eq!(set(&["--done", &ids[1]]).json()["done"], true, "whole");
    assert_eq!(set(&["--done", "no id"]).said().output.status.code(), Some(2));
}

#[test]
fn what_another_device_made_void_is_named_with_its_case_and_the_way_out() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "-"]).input("question").json();
    let sign = sent["call_sign"].as_str().unwrap();
    hotline.desk(&["sync"]).json();
    let tomorrow = day(2);
    let set = ["follow-up", "--call-sign", sign, "--due", &tomorrow, "-"];
    let said = hotline.desk(&set).input("call again\n").said();
    assert!(!said.stderr().contains("What is to be done"), "nobody is asked: {said:?}");
    let set: Value = serde_json::from_slice(&said.output.stdout).unwrap();
    let id = set["follow_up"].as_str().unwrap();
    hotline.desk(&["sync"]).json();
    let shown = hotline.desk(&["show", "--call-sign", sign]).json();
    assert_eq!(
        shown["follow_ups"],
        json!([{ "follow_up": id, "due": tomorrow, "hour": null, "text": "call again", "outside_why": null }])
    );
    let second =
        hotline.desk(&["follow-up", "--call-sign", sign, "--due", &tomorrow, "--text", "second"]).json();
    let second = second["follow_up"].as_str().unwrap();
    // Two devices end one follow-up, neither of which knows of the other.
    let copy = hotline.path("other");
    let copied = Command::new("cp").arg("-a").args([hotline.path("desk"), copy.clone()]).status();
    assert!(copied.unwrap().success());
    let at_copy = |command: &[&str]| {
        let all: Vec<&str> = ["desk", command[0], "--json"].iter().chain(&command[1..]).copied().collect();
        callsign(&all).arg("--data").arg(&copy)
    };
    let done = ["follow-up", "--call-sign", sign, "--done", id];
    // What is left to a beat is kept, and not in the log yet.
    let queued = [&done[..], &["--queued"]].concat();
    let kept = at_copy(&queued).said();
    assert_eq!(kept.output.status.code(), Some(4), "{kept:?}");
    let told: Value = serde_json::from_slice(&kept.output.stdout).unwrap();
    assert_eq!((&told["kept"], &told["follow_up"]), (&json!(true), &json!(id)));
    hotline.desk(&done).json();
    // Somebody was faster, and the command itself finds that out where it goes into the log at once.
    let done = ["follow-up", "--call-sign", sign, "--done", second];
    hotline.desk(&done).json();
    let void = at_copy(&done).said();
    assert_eq!(void.output.status.code(), Some(3), "{void:?}");
    assert_eq!(serde_json::from_slice::<Value>(&void.output.stdout).unwrap(), json!({ "void": "too_late" }));
    assert!(void.stderr().contains("another act came first"), "{void:?}");
    let late = at_copy(&["sync"]).said();
    assert!(late.output.status.success(), "{late:?}");
    let said = late.stderr();
    let warning =
        said.lines().find(|line| line.contains("without-effect")).unwrap_or_else(|| panic!("{said}"));
    for part in ["the end of a follow-up", sign, "another act came first", "look at the case"] {
        assert!(warning.contains(part), "{part}: {warning}");
    }
    // That is a note of the doctor's and no fault, and nobody hears of it once the case is erased.
    let acts = || {
        let checks = callsign(&["doctor", "--json"]).arg("--data").arg(&copy).json();
        let all: Vec<Value> = checks["checks"].as_array().unwrap().clone();
        all.into_iter().filter(|check| check["what"] == "acts").collect::<Vec<_>>()
    };
    let noted = acts();
    assert!(!noted.is_empty() && noted.iter().all(|check| check["ok"] == true), "{noted:?}");
    hotline.desk(&["erase", "--yes", "--call-sign", sign]).json();
    at_copy(&["sync"]).json();
    assert_eq!(acts(), [Value::Null; 0]);
}

#[test]
fn an_hour_outside_of_the_safe_hours_wants_a_reason() {
    let hotline = Hotline::start();
    let sign =
        hotline.call(&["send", "-"]).input("question").json()["call_sign"].as_str().unwrap().to_owned();
    hotline.desk(&["sync"]).json();
    hotline.desk(&["safe-hours", "--call-sign", &sign, "20:00-22:30", "--zone", "+03:00"]).json();
    let due = (time::OffsetDateTime::now_utc() + time::Duration::days(3)).date();
    let due = due.format(time::macros::format_description!("[year]-[month]-[day]")).unwrap();
    let set = |more: &[&str]| {
        let first = ["follow-up", "--call-sign", &sign, "--due", &due, "--text", "ask"];
        hotline.desk(&[&first[..], more].concat())
    };
    let (code, sentence) = set(&["--hour", "3"]).failure();
    assert!(code == "desk" || code == "follow-up", "{code}");
    assert!(sentence.contains("20:00-22:30 +03:00") && sentence.contains("--outside-why"), "{sentence}");
    set(&["--hour", "18"]).json();
    set(&["--hour", "3", "--outside-why", "he asked for it"]).json();
    let shown = hotline.desk(&["show", "--call-sign", &sign]).json();
    assert_eq!(shown["follow_ups"][0]["outside_why"], "he asked for it", "{shown}");
}
