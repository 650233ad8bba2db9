//! What a team writes for each other, in lines of 300 characters at most, is shown whole by commands.

use std::{fmt::Write as _, process::Command};

use crate::{support::callsign, team::Team};

/// What whoever comes next has to know, in one line of 300 characters at most, as a terminal shows it.
#[test]
fn a_sheet_is_shown_whole_to_whoever_comes_next() {
    let team = Team::start();
    let sign = team.call("question");
    team.first(&["claim", "--call-sign", &sign]).json();
    let next =
        format!("{}and then let her go by the second road", "he waits at home until the evening; ".repeat(5));
    team.first(&["note", "--call-sign", &sign, "--next", "--text", &next]).json();
    let note = format!("{}and Osyka is rung up", "all callers of the morning were answered; ".repeat(5));
    team.first(&["handover", "--end", "--note", &note]).json();
    let said = callsign(&["desk", "handover", "--data"]).arg(team.hotline.path("desk")).said();
    let told = said.stdout();
    let mut lost = String::new();
    for (what, end) in [("note", "and Osyka is rung up"), ("next", "by the second road")] {
        if !told.contains(end) {
            writeln!(lost, "the end of the {what} is not shown").unwrap();
        }
    }
    assert!(lost.is_empty(), "{lost}{told}");
}

/// A step of a checklist has 300 characters at most.
#[test]
fn a_step_is_shown_whole() {
    let team = Team::start();
    let sign = team.call("question");
    let lists = team.hotline.path("content").join("checklists");
    std::fs::create_dir_all(&lists).unwrap();
    let step = format!("{}and never by the bridge.", "Say that they walk with both hands seen, ".repeat(4));
    std::fs::write(
        lists.join("a.md"),
        format!("---\nkeyword: a\ntitle: A list\nlanguage: en\n---\n- {step}\n"),
    )
    .unwrap();
    let dir = team.hotline.path("content");
    team.first(&["content", "import", dir.to_str().unwrap()]).json();
    let said =
        callsign(&["desk", "step", "--call-sign", &sign, "--data"]).arg(team.hotline.path("desk")).said();
    assert!(said.stdout().contains("never by the bridge"), "{}", said.stdout());
}

/// desk.md: what a second reader says why not is for the author, in one line of 300 characters.
#[test]
fn what_a_second_reader_says_is_shown_whole_to_the_author() {
    let team = Team::start();
    let sign = team.call("question");
    let sign = sign.as_str();
    team.second(&["reply", "--call-sign", sign, "--second-reader", "--text", "Go by the bridge."]).json();
    team.first(&["sync"]).json();
    let shown = team.first(&["show", "--call-sign", sign]).json();
    let messages = shown["messages"].as_array().unwrap();
    let answer = messages.iter().rfind(|item| item["direction"] == "answer").unwrap();
    let digest = answer["second_reader"]["digest"].as_str().unwrap();
    let line = format!(
        "{}so not by the bridge.",
        "I have heard from two callers today of soldiers there; ".repeat(3)
    );
    team.first(&["approve", "--call-sign", sign, "--digest", digest, "--refuse", &line]).json();
    team.second(&["sync"]).json();
    let said =
        callsign(&["desk", "show", "--call-sign", sign, "--data"]).arg(team.hotline.path("other")).said();
    assert!(said.stdout().contains("so not by the bridge."), "{}", said.stdout());
}

/// A follow-up, an offer and its refusal have 300 characters at most each.
#[test]
fn a_follow_up_and_a_handing_over_are_shown_whole() {
    let team = Team::start();
    let sign = team.call("question");
    let sign = sign.as_str();
    let long = |end: &str| format!("{}{end}", "ask whether they have seen the road since; ".repeat(5));
    team.first(&["claim", "--call-sign", sign]).json();
    let tomorrow = Command::new("date").args(["-u", "-d", "1 day", "+%F"]).output().unwrap();
    let day = String::from_utf8(tomorrow.stdout).unwrap();
    let due = ["follow-up", "--call-sign", sign, "--due", day.trim(), "--text", &long("and the hospital")];
    team.first(&due).json();
    team.first(&["transfer", "--call-sign", sign, "--to", "Osyka", "--text", &long("and the bridge")]).json();
    team.second(&["sync"]).json();
    team.second(&["transfer", "--call-sign", sign, "--refuse", "--text", &long("and my shift ends")]).json();
    team.first(&["sync"]).json();
    let shown =
        callsign(&["desk", "show", "--call-sign", sign, "--data"]).arg(team.hotline.path("desk")).said();
    let listed = callsign(&["desk", "due", "--data"]).arg(team.hotline.path("desk")).said();
    for (said, end) in
        [(&shown, "and the hospital"), (&listed, "and the hospital"), (&shown, "and my shift ends")]
    {
        assert!(said.stdout().contains(end), "{end}: {}", said.stdout());
    }
    assert!(shown.stdout().contains("and the bridge"), "{}", shown.stdout());
}
