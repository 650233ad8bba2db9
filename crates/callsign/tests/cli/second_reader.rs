//! `callsign desk approve|flag|safe-hours`: what a colleague reads before it leaves, and what is said of a whole case.

use serde_json::{Value, json};

use crate::team::{Team, ends_with};

/// The newest answer to a caller, as the first desk shows it.
fn answer(team: &Team, sign: &str) -> Value {
    let shown = team.first(&["show", "--call-sign", sign]).json();
    let messages = shown["messages"].as_array().unwrap();
    messages.iter().rfind(|item| item["direction"] == "answer").unwrap().clone()
}

#[test]
fn an_answer_leaves_once_a_colleague_has_read_this_text() {
    let team = Team::start();
    let sign = team.call("question");
    let sign = sign.as_str();
    team.second(&["reply", "--call-sign", sign, "--second-reader", "--text", "Yes."]).json();
    team.first(&["sync"]).json();
    assert_eq!((&team.row(sign)["to_read"], &team.row(sign)["answer"]), (&json!(true), &json!("to_be_read")));
    let waits = answer(&team, sign);
    assert_eq!(waits["posted"], false);
    let digest = waits["second_reader"]["digest"].as_str().unwrap();
    let (code, sentence) = team.second(&["approve", "--call-sign", sign, "--digest", digest]).failure();
    assert_eq!((code.as_str(), sentence.contains("you wrote")), ("reader", true));
    let other = "A".repeat(43);
    let (code, sentence) = team.first(&["approve", "--call-sign", sign, "--digest", &other]).failure();
    assert_eq!((code.as_str(), sentence.contains("read it again")), ("reader", true));
    let said = team.first(&["approve", "--call-sign", sign, "--digest", digest]).json();
    assert_eq!(said, json!({ "call_sign": sign, "approved": true, "digest": digest }));
    let read = answer(&team, sign);
    assert_eq!((&read["posted"], &read["second_reader"]["agreed"]), (&json!(true), &json!(true)));
    let (code, sentence) = team.first(&["approve", "--call-sign", sign, "--digest", digest]).failure();
    assert_eq!((code.as_str(), sentence.contains("waits for a second reader")), ("reader", true));
}

#[test]
fn an_answer_to_a_case_that_is_flagged_as_coerced_is_read_first_and_its_author_is_told_why_not() {
    let team = Team::start();
    let sign = team.call("they told me to write this");
    let sign = sign.as_str();
    let flagged = team.first(&["flag", "--call-sign", sign, "coerced", "--days", "3"]).json();
    assert_eq!(flagged["flag"], "coerced");
    assert_eq!(team.row(sign)["flags"], json!(["coerced"]));
    team.second(&["sync"]).json();
    let replied = team.second(&["reply", "--call-sign", sign, "--text", "Come at once."]).json();
    assert_eq!((&replied["stored"], &replied["second_reader"]), (&json!(false), &json!("waits")));
    team.first(&["sync"]).json();
    let digest = answer(&team, sign)["second_reader"]["digest"].as_str().unwrap().to_owned();
    let refused = ["approve", "--call-sign", sign, "--digest", &digest, "--refuse", "It calls them out."];
    assert_eq!(team.first(&refused).json()["approved"], false);
    team.second(&["sync"]).json();
    let told = team.second(&["show", "--call-sign", sign]).json();
    assert!(told.to_string().contains("It calls them out."), "{told}");
    assert_eq!(
        (&answer(&team, sign)["posted"], &team.row(sign)["answer"]),
        (&json!(false), &json!("refused"))
    );
    team.second(&["take-back", "--call-sign", sign]).json();
    let again = team.first(&["flag", "--call-sign", sign, "coerced", "--days", "2"]).failure();
    assert_eq!(again.0, "flag", "{}", again.1);
    assert_eq!(team.first(&["flag", "--call-sign", sign, "coerced", "--lift"]).json()["until"], Value::Null);
    assert_eq!(team.first(&["flag", "--call-sign", sign, "coerced", "--lift"]).failure().0, "flag");
}

#[test]
fn safe_hours_stand_with_their_zone_and_nobody_sets_them_over_what_they_have_not_seen() {
    let team = Team::start();
    let sign = team.call("question");
    let sign = sign.as_str();
    let set = ["safe-hours", "--call-sign", sign, "22:30-01:00", "--zone", "+03:00"];
    let hours = json!({ "from": "22:30", "to": "01:00", "zone": "+03:00" });
    assert_eq!(team.first(&set).json(), json!({ "call_sign": sign, "safe_hours": hours }));
    assert_eq!(team.first(&["show", "--call-sign", sign]).json()["safe_hours"], hours);
    // The second has not heard of them.
    let late = ends_with(team.second(&["safe-hours", "--call-sign", sign, "08:00-09:00"]), 3);
    assert_eq!(late["void"], "too_late");
    team.second(&["safe-hours", "--call-sign", sign, "--unknown"]).json();
    team.first(&["sync"]).json();
    assert_eq!(team.first(&["show", "--call-sign", sign]).json()["safe_hours"], Value::Null);
    team.first(&["safe-hours", "--call-sign", sign, "20:00-20:00"]).misuse();
    team.first(&["safe-hours", "--call-sign", sign, "20-21"]).misuse();
}
