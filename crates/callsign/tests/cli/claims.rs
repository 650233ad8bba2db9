//! `callsign desk board|claim|release|level|take-back|transfer`: two people at one desk, and no caller answered twice.

use serde_json::{Value, json};

use crate::{
    support::{Hotline, Run, callsign},
    team::{Team, ends_with},
};

#[test]
fn a_case_is_taken_by_one_and_an_answer_beside_theirs_is_held() {
    let team = Team::start();
    let sign = team.call("question");
    let sign = sign.as_str();
    assert_eq!(
        team.row(sign),
        json!({
                "call_sign": sign, "track": "", "language": "en", "level": 3, "waiting_since": team.row(sign)["waiting_since"],
                "claimed_by": null, "offered_by": null, "state": "waiting", "answer": null, "follow_up": null,
        "flags": [], "to_read": false, "here": [], "left_waiting": 0,
            })
    );
    let claimed = team.second(&["claim", "--call-sign", sign]).json();
    assert_eq!(claimed, json!({ "call_sign": sign, "claimed_by": "Osyka" }));
    // The first knows nothing of it yet, and comes second.
    let late = ends_with(team.first(&["claim", "--call-sign", sign]), 3);
    assert_eq!(late, json!({ "void": "too_late", "claimed_by": "Osyka" }));
    assert_eq!(team.row(sign)["claimed_by"], "Osyka");
    let (code, sentence) = team.first(&["release", "--call-sign", "nobody-nowhere-1"]).failure();
    assert_eq!(code, "no-such-call", "{sentence}");
    let held = team.first(&["reply", "--call-sign", sign, "--text", "an answer"]).json();
    assert_eq!(
        (&held["held"], &held["stored"], &held["held_by"]),
        (&json!(true), &json!(false), &json!("Osyka"))
    );
    team.second(&["sync"]).json();
    let shown = team.second(&["show", "--call-sign", sign]).json();
    assert_eq!(shown["messages"][1]["held"], true, "{shown}");
    for command in ["board", "inbox"] {
        assert_eq!(team.first(&[command]).json()[0]["answer"], "held", "{command}");
        let said = callsign(&["desk", command, "--data"]).arg(team.hotline.path("desk")).said();
        assert!(said.stdout().contains("an answer is held"), "{said:?}");
    }
    assert_eq!((&shown["level"], &shown["claimed_by"]), (&json!(3), &json!("Osyka")));
    assert_eq!(team.row(sign)["state"], "waiting");
    team.second(&["release", "--call-sign", sign, "--held"]).json();
    team.second(&["sync"]).json();
    let shown = team.second(&["show", "--call-sign", sign]).json();
    assert_eq!(
        (&shown["messages"][1]["held"], &shown["messages"][1]["posted"]),
        (&json!(false), &json!(true))
    );
    assert!(team.second(&["release", "--call-sign", sign, "--held"]).failure().1.contains("is held"));
    // Whoever leads takes it over with a reason.
    team.first(&["sync"]).json();
    for refused in [&["claim", "--call-sign", sign][..], &["close", "--call-sign", sign]] {
        let (code, sentence) = team.first(refused).failure_with(3);
        assert!(code == "without-effect" && sentence.contains("Osyka has this case"), "{code}: {sentence}");
        let known = ends_with(team.first(refused), 3);
        assert_eq!(known, json!({ "void": "claimed", "claimed_by": "Osyka" }));
    }
    let taken = team.first(&["claim", "--call-sign", sign, "--reason", "Osyka went home"]).json();
    assert_eq!(taken["claimed_by"], "Custodian");
    assert_eq!(
        ends_with(team.second(&["claim", "--call-sign", sign, "--reason", "mine"]), 3)["void"],
        "too_late"
    );
    assert!(
        team.second(&["claim", "--call-sign", sign, "--reason", "mine"]).failure().1.contains("your roles")
    );
    let mine = team.first(&["board", "--mine"]).json();
    assert_eq!(mine.as_array().unwrap().len(), 1);
    team.first(&["release", "--call-sign", sign]).json();
    assert_eq!(team.first(&["board", "--mine"]).json(), json!([]));
}

#[test]
fn an_answer_that_waits_is_taken_back_and_its_caller_waits_again() {
    let team = Team::start();
    let sign = team.call("question");
    let sign = sign.as_str();
    team.first(&["show", "--call-sign", sign]).json();
    let kept = team.first(&["reply", "--call-sign", sign, "--text", "in haste", "--queued"]).json();
    assert_eq!(kept["queued"], true);
    assert_eq!(team.row(sign)["state"], "answered");
    let taken = ends_with(team.first(&["take-back", "--call-sign", sign]), 0);
    assert_eq!(taken, json!({ "call_sign": sign, "taken_back": true }));
    assert_eq!(team.row(sign)["state"], "waiting");
    let shown = team.first(&["show", "--call-sign", sign]).json();
    assert_eq!(
        (&shown["messages"][1]["taken_back"], &shown["messages"][1]["posted"]),
        (&json!(true), &json!(false))
    );
    team.first(&["sync"]).json();
    assert!(team.first(&["take-back", "--call-sign", sign]).failure().1.contains("can be taken back"));
    team.first(&["reply", "--call-sign", sign, "--text", "with care"]).json();
    assert!(team.first(&["take-back", "--call-sign", sign]).failure().1.contains("was posted"));
}

#[test]
fn the_most_urgent_stands_first_and_a_level_is_one_of_four() {
    let team = Team::start();
    let (first, second) = (team.call("first"), team.call("second"));
    team.second(&["level", "--call-sign", &second, "1"]).json();
    team.first(&["sync"]).json();
    let board = team.first(&["board"]).json();
    let order: Vec<_> =
        board.as_array().unwrap().iter().map(|row| (&row["call_sign"], &row["level"])).collect();
    assert_eq!(order, [(&json!(second), &json!(1)), (&json!(first), &json!(3))]);
    for wrong in ["0", "5", "urgent"] {
        let said = team.first(&["level", "--call-sign", &first, wrong]).said();
        assert_eq!(said.output.status.code(), Some(2), "{said:?}");
    }
    let kept = ends_with(team.first(&["level", "--call-sign", &first, "2", "--queued"]), 4);
    assert_eq!(kept, json!({ "call_sign": first, "level": 2, "kept": true }));
}

#[test]
fn an_answer_beside_a_claim_that_this_device_hears_of_with_it_is_said_to_be_held() {
    let team = Team::start();
    let sign = team.call("question");
    let sign = sign.as_str();
    team.first(&["show", "--call-sign", sign]).json();
    team.second(&["claim", "--call-sign", sign]).json();
    let reply = ["reply", "--call-sign", sign, "--once", "one", "--text", "an answer"];
    let queued = team.first(&[&reply[..], &["--queued"]].concat()).json();
    assert_eq!((&queued["stored"], &queued["queued"]), (&json!(false), &json!(true)));
    let held = json!({ "call_sign": sign, "stored": false, "held": true, "held_by": "Osyka", "overtaken": false, "repeated": true });
    assert_eq!(team.first(&reply).json(), held);

    let sign = team.call("another question");
    let sign = sign.as_str();
    team.first(&["show", "--call-sign", sign]).json();
    team.second(&["claim", "--call-sign", sign]).json();
    let said = callsign(&["desk", "reply", "--call-sign", sign, "--text", "an answer", "--data"])
        .arg(team.hotline.path("desk"))
        .said();
    assert!(said.output.status.success(), "{said:?}");
    assert!(said.stdout().starts_with("Held: Osyka has this case"), "{said:?}");
}

#[test]
fn an_answer_that_the_hub_cannot_take_is_kept_and_leaves_later() {
    let mut hotline = Hotline::start();
    hotline.call(&["send", "-"]).input("question").json();
    hotline.desk(&["sync"]).json();
    let sign = hotline.desk(&["board"]).json()[0]["call_sign"].as_str().unwrap().to_owned();
    hotline.desk(&["show", "--call-sign", &sign]).json();
    hotline.hub = None;
    let reply = || hotline.desk(&["reply", "--call-sign", &sign, "--text", "an answer"]);
    let kept = ends_with(reply(), 4);
    assert_eq!(
        kept,
        json!({
            "call_sign": sign, "stored": false, "kept": true, "held": false, "second_reader": null, "waiting_parts": 1, "repeated": false, "queued": false,
        })
    );
    assert_eq!(hotline.desk(&["board"]).json()[0]["answer"], "not_in_log");
    assert_eq!(hotline.desk(&["inbox"]).json()[0]["answer"], "not_in_log");
    let (code, sentence) = reply().failure_with(4);
    assert!(code == "hub-away" && sentence.contains("kept here and goes out"), "{code}: {sentence}");
    hotline.restart_hub();
    hotline.desk(&["sync"]).json();
    assert_eq!(hotline.desk(&["board"]).json()[0]["answer"], Value::Null);
    let shown = hotline.desk(&["show", "--call-sign", &sign]).json();
    assert_eq!(
        (&shown["messages"][1]["posted"], &shown["messages"][2]["posted"]),
        (&json!(true), &json!(true))
    );
}

#[test]
fn a_shift_is_ended_and_taken_over_by_command() {
    let team = Team::start();
    let sign = team.call("question");
    team.second(&["level", "--call-sign", &sign, "1"]).json();
    team.second(&["claim", "--call-sign", &sign]).json();
    let shown = team.second(&["handover"]).json();
    assert_eq!((&shown["sheets"], &shown["mine"][0]["call_sign"]), (&json!([]), &json!(sign)));
    let there: Vec<_> = shown["present"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert!(there.contains(&&json!("Osyka")), "{shown}");
    let (code, sentence) = team.second(&["handover", "--end", "--note", "two\nlines"]).failure();
    assert_eq!(code, "handover", "{sentence}");
    let ended =
        team.second(&["handover", "--end", "--note", "The one of level 1 writes after eight."]).json();
    assert_eq!(ended, json!({ "ended": true }));
    team.first(&["sync"]).json();
    let shown = team.first(&["handover"]).json();
    let osyka = shown["present"].as_array().unwrap().iter().find(|one| one["name"] == "Osyka").unwrap();
    assert_eq!((&osyka["doing"], &osyka["is_there"]), (&json!("away"), &json!(false)), "their shift is over");
    let sheet = shown["sheets"][0].clone();
    assert_eq!(
        (&sheet["by"], &sheet["note"], &sheet["left"][0]["call_sign"], &sheet["taken_by"]),
        (&json!("Osyka"), &json!("The one of level 1 writes after eight."), &json!(sign), &Value::Null)
    );
    assert_eq!(team.first(&["handover", "--take"]).json(), json!({ "taken": true }));
    let (code, sentence) = team.first(&["handover", "--take"]).failure();
    assert_eq!(code, "handover", "{sentence}");
    assert!(team.row(&sign)["claimed_by"].is_null());
}

fn of<'a>(sign: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["transfer", "--call-sign", sign], more].concat()
}

#[test]
fn a_case_is_offered_asked_for_refused_and_taken() {
    let team = Team::start();
    let sign = team.call("question");
    let sign = sign.as_str();
    let shown = |run: Run| run.json()["transfer"].clone();
    let (code, sentence) = team.first(&of(sign, &["--to", "Osyka"])).failure();
    assert!(code == "transfer" && sentence.contains("nobody has this case"), "{code}: {sentence}");
    assert!(team.first(&of(sign, &["--ask"])).failure().1.contains("nobody has this case"));
    team.first(&["claim", "--call-sign", sign]).json();
    team.second(&["sync"]).json();
    // Whose it is not offers nothing, and may ask.
    assert_eq!(
        ends_with(team.second(&of(sign, &["--to", "anyone"])), 3),
        json!({ "void": "claimed", "claimed_by": "Custodian" })
    );
    let asked = team.second(&of(sign, &["--ask", "--text", "I know \u{1b}[2Jthem"])).failure();
    assert!(asked.1.contains("on one line"), "{asked:?}");
    let asked = team.second(&of(sign, &["--ask", "--text", "I know them"])).json();
    assert_eq!(asked, json!({ "call_sign": sign, "asked": "Custodian" }));
    team.first(&["sync"]).json();
    assert_eq!(
        shown(team.first(&["show", "--call-sign", sign]))["asked"],
        json!([{ "by": "Osyka", "text": "I know them" }])
    );
    for (to, says) in [("nobody here", "has this pseudonym"), ("Custodian", "somebody else")] {
        assert!(team.first(&of(sign, &["--to", to])).failure().1.contains(says), "{to}");
    }
    assert!(team.first(&of(sign, &["--accept"])).failure().1.contains("not offered to you"));
    let offered = team.first(&of(sign, &["--to", "Osyka", "--text", "My shift ends"])).json();
    assert_eq!(offered, json!({ "call_sign": sign, "offered_to": "Osyka" }));
    team.second(&["sync"]).json();
    let mine = team.second(&["board", "--mine"]).json();
    assert_eq!((&mine[0]["claimed_by"], &mine[0]["offered_by"]), (&json!("Custodian"), &json!("Custodian")));
    let refused = team.second(&of(sign, &["--refuse", "--text", "I have two"])).json();
    assert_eq!(refused, json!({ "call_sign": sign, "refused": true }));
    assert_eq!(team.second(&["board", "--mine"]).json(), json!([]));
    team.first(&["sync"]).json();
    let offer = shown(team.first(&["show", "--call-sign", sign]))["offer"].clone();
    assert_eq!((&offer["state"], &offer["offered_to"]), (&json!("refused"), &json!("Osyka")));
    assert_eq!(offer["refused"], json!([{ "by": "Osyka", "text": "I have two" }]));
    let said =
        callsign(&["desk", "show", "--call-sign", sign, "--data"]).arg(team.hotline.path("desk")).said();
    assert!(said.stdout().contains("Refused by Osyka: I have two"), "{said:?}");
    // What is taken back while somebody takes it is theirs no less and no more: the first in the log counts.
    team.first(&of(sign, &["--to", "operator"])).json();
    team.second(&["sync"]).json();
    team.first(&of(sign, &["--withdraw"])).json();
    assert_eq!(
        ends_with(team.second(&of(sign, &["--accept"])), 3),
        json!({ "void": "too_late", "claimed_by": "Custodian" })
    );
    assert!(team.first(&of(sign, &["--withdraw"])).failure().1.contains("nothing to take back"));
    team.first(&of(sign, &["--to", "anyone"])).json();
    team.second(&["sync"]).json();
    let taken = team.second(&of(sign, &["--accept"])).json();
    assert_eq!(taken, json!({ "call_sign": sign, "claimed_by": "Osyka" }));
    assert_eq!(ends_with(team.first(&of(sign, &["--withdraw"])), 3)["void"], "too_late");
    assert_eq!(team.row(sign)["claimed_by"], "Osyka");
    assert_eq!(shown(team.first(&["show", "--call-sign", sign])), Value::Null);
    let kept = ends_with(team.first(&of(sign, &["--ask", "--queued"])), 4);
    assert_eq!(kept, json!({ "call_sign": sign, "asked": "Osyka", "kept": true }));
    // One thing at a time, and each text with what it belongs to.
    for wrong in
        [&[][..], &["--accept", "--refuse"], &["--accept", "--text", "x"], &["--to", "anyone", "--ask"]]
    {
        assert_eq!(team.first(&of(sign, wrong)).said().output.status.code(), Some(2), "{wrong:?}");
    }
}
