//! `callsign desk flood`: calls that nobody has opened, by when they came, and what is said of many at once.

use serde_json::{Value, json};

use crate::{
    support::callsign,
    team::{Team, ends_with},
};

/// Since when calls came that nobody has opened: the newest ten minutes.
fn arrivals(team: &Team) -> (String, String) {
    let listed = team.first(&["flood"]).json();
    let steps: Vec<_> = listed["arrivals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["from"].as_str().unwrap().to_owned())
        .collect();
    (steps.last().unwrap().clone(), steps[0].clone())
}

#[test]
fn many_are_set_aside_at_once_and_taken_back_at_once() {
    let team = Team::start();
    let signs = ["one", "two", "three"].map(|text| team.call(text));
    let listed = team.first(&["flood"]).json();
    let calls: u64 =
        listed["arrivals"].as_array().unwrap().iter().map(|step| step["calls"].as_u64().unwrap()).sum();
    assert_eq!((calls, &listed["junk"], &listed["acts"]), (3, &json!(0), &json!([])));
    // These calls may have come in two steps of ten minutes.
    let (from, to) = arrivals(&team);
    let span = ["flood", "--from", &from, "--to", &to];
    let mut named: Vec<String> = serde_json::from_value(team.first(&span).json()).unwrap();
    named.sort();
    let mut expected = signs.to_vec();
    expected.sort();
    assert_eq!(named, expected);
    // Nothing without a yes.
    let refused = team.first(&[&span[..], &["--junk"]].concat()).input("no\n").failure();
    assert_eq!(refused.0, "not-confirmed", "{}", refused.1);
    assert_eq!(team.row(&signs[0])["flags"], json!([]));
    // A colleague opens one of them, of which this desk has not heard.
    team.second(&["show", "--call-sign", &signs[1]]).json();
    let done = team.first(&[&span[..], &["--junk", "--days", "7", "--yes"]].concat()).json();
    assert_eq!(done["named"].as_array().unwrap().len(), 3);
    let flags = |sign: &String| team.row(sign)["flags"].clone();
    assert_eq!([&signs[0], &signs[1], &signs[2]].map(flags), [json!(["junk"]), json!([]), json!(["junk"])]);
    let acts = team.first(&["flood"]).json()["acts"].clone();
    let act = &acts[0];
    assert_eq!(
        (&act["act"], &act["named"], &act["counted"], &act["stands"]),
        (&done["act"], &json!(3), &json!(2), &json!(2))
    );
    assert_eq!(
        (&act["void"], &act["kept"], &act["level"]),
        (&json!([signs[1]]), &json!(false), &Value::Null)
    );
    // Whoever reads lines is told as well.
    let plain = callsign(&["desk", "flood", "--data"]).arg(team.hotline.path("desk")).said();
    let said = plain.stdout();
    assert!(said.contains("stands for 2") && said.contains(&format!("not so for 1: {}", signs[1])), "{said}");
    let id = done["act"].as_str().unwrap();
    let undone = team.first(&["flood", "--undo", &id[..8]]).json();
    assert_eq!(undone, json!({ "act": id, "undone": true }));
    assert_eq!(flags(&signs[0]), json!([]));
    assert_eq!(team.first(&["flood", "--undo", id]).failure().0, "flood");
    assert_eq!(team.first(&["flood", "--undo", "none"]).failure().0, "no-such-act");
    team.first(&["flood", "--undo", id, "--junk"]).misuse();
}

#[test]
fn a_level_of_many_waits_for_a_beat_where_it_is_queued_and_is_for_operators() {
    let team = Team::start();
    let sign = team.call("one");
    let (from, to) = arrivals(&team);
    let set = ["flood", "--from", &from, "--to", &to, "--level", "4", "--yes"];
    let kept = ends_with(team.first(&[&set[..], &["--queued"]].concat()), 4);
    assert_eq!(kept["kept"], true);
    assert_eq!(
        (&team.row(&sign)["level"], &team.first(&["flood"]).json()["acts"][0]["kept"]),
        (&json!(4), &json!(true))
    );
    team.first(&["sync"]).json();
    assert_eq!(team.first(&["flood"]).json()["acts"][0]["kept"], false);
    for wrong in ["2026-11-30", "2026-11-30T10:05", "2026-11-30T25:00", "2026-02-30T10:00"] {
        team.first(&["flood", "--from", wrong]).misuse();
    }
    let (code, sentence) =
        team.first(&["flood", "--from", "2026-11-30T10:00", "--to", "2026-11-28T10:00"]).failure();
    assert_eq!(code, "flood", "{sentence}");
    team.first(&["flood", "--junk"]).misuse();
    let (code, sentence) = team.first(&["flood", "--from", "2001-11-30T10:00", "--junk", "--yes"]).failure();
    assert_eq!((code.as_str(), sentence.contains("no call is chosen")), ("flood", true));
    team.first(&["person", "roles", "Osyka", "custodian"]).json();
    team.second(&["sync"]).json();
    assert_eq!(team.second(&set).failure().0, "people");
}
