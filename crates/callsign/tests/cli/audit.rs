//! `callsign desk audit`: who did what in which hour, also in a case that is erased; and who is told of it.

use serde_json::{Value, json};

use crate::support::{Hotline, callsign};

fn lines(audit: &Value) -> Vec<Value> {
    audit["lines"].as_array().unwrap().clone()
}

/// Of acts in cases: who, what and whether it counted.
fn acts(audit: &Value) -> Vec<(String, String, Value)> {
    let of_cases = lines(audit).into_iter().filter(|line| !line["tag"].is_null());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    of_cases.map(|line| (text(&line["person"]), text(&line["kind"]), line["void"].clone())).collect()
}

#[test]
fn acts_of_a_month_are_told_with_hour_person_kind_and_tag_and_outlive_their_case() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "-"]).input("question").json();
    let sign = sent["call_sign"].as_str().unwrap();
    hotline.desk(&["sync"]).json();
    hotline.desk(&["claim", "--call-sign", sign]).json();
    hotline.desk(&["note", "--call-sign", sign, "--text", "a secret of the desk"]).json();
    hotline.desk(&["reply", "--call-sign", sign, "--text", "an answer"]).json();
    let audit = hotline.desk(&["audit"]).json();
    let name = "Custodian".to_owned();
    let act = |kind: &str| (name.clone(), kind.to_owned(), Value::Null);
    let expected: Vec<_> =
        ["claimed", "note_written", "answer_queued"].iter().map(|kind| act(kind)).collect();
    assert_eq!(acts(&audit), expected, "{audit}");
    assert_eq!((&audit["of_all"], &audit["left_out"]), (&json!(true), &json!(0)));
    let of_case: Vec<_> = lines(&audit).into_iter().filter(|line| !line["tag"].is_null()).collect();
    let tag = of_case[0]["tag"].as_str().unwrap().to_owned();
    assert_eq!(tag.len(), 8);
    for line in &of_case {
        assert_eq!(line["tag"], json!(tag));
        assert!(line["hour"].as_u64().is_some_and(|hour| hour < 24), "{line}");
        assert!(line["day"].as_str().unwrap().starts_with(audit["month"].as_str().unwrap()), "{line}");
        // An hour, and nothing that is finer or says what was written.
        let members: Vec<_> = line.as_object().unwrap().keys().cloned().collect();
        assert_eq!(members, ["day", "hour", "kind", "person", "tag", "void"]);
    }
    let text = hotline.desk(&["audit"]).said();
    let data = hotline.path("desk").display().to_string();
    let told = callsign(&["desk", "audit", "--data", &data]).said();
    assert!(told.output.status.success(), "{told:?}");
    for all in [text.stdout(), told.stdout()] {
        assert!(!all.contains("secret") && !all.contains(sign) && !all.contains("an answer"), "{all}");
    }
    assert!(told.stdout().contains(&format!("  {tag}  claimed ")), "{told:?}");
    // Filters.
    let kinds = |arguments: &[&str]| {
        let audit = hotline.desk(&[&["audit"], arguments].concat()).json();
        acts(&audit).into_iter().map(|(_, kind, _)| kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&["--kind", "claimed,note written"]), ["claimed", "note_written"]);
    assert_eq!(kinds(&["--call-sign", sign]), kinds(&["--tag", &tag]));
    assert_eq!(kinds(&["--call-sign", sign]).len(), 3);
    assert_eq!(kinds(&["--person", "custodian"]).len(), 3);
    assert_eq!(kinds(&["--month", "2001-01"]).len(), 0);
    for (arguments, says) in [
        (["--kind", "presence"], "the audit has no such kind of acts; it has answer_approved"),
        (["--month", "2026-13"], "no such month"),
        (["--month", "November"], "YYYY-MM"),
        (["--tag", "short"], "eight characters"),
    ] {
        let said = hotline.desk(&[&["audit"], &arguments[..]].concat()).misuse();
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    let (_, said) = hotline.desk(&["audit", "--person", "Nobody"]).failure();
    assert!(said.contains("nobody at the desk has this pseudonym"), "{said}");
    // The case goes, its lines stay.
    hotline.desk(&["erase", "--yes", "--call-sign", sign]).json();
    assert_eq!(kinds(&["--tag", &tag]), ["claimed", "note_written", "answer_queued", "case_erased"]);
    // The caller writes again: that is another case, and nothing leads from one to the other.
    let phrase = hotline.path("phrase");
    std::fs::write(&phrase, sent["phrase"].as_str().unwrap()).unwrap();
    hotline.call(&["send", "--phrase-file", phrase.to_str().unwrap(), "-"]).input("again").json();
    hotline.desk(&["sync"]).json();
    hotline.desk(&["claim", "--call-sign", sign]).json();
    assert_eq!(kinds(&["--call-sign", sign]), ["claimed"]);
    assert_eq!(kinds(&["--tag", &tag]).len(), 4);
}

#[test]
fn for_how_long_lines_are_kept_is_chosen_within_bounds() {
    let hotline = Hotline::start();
    assert_eq!(hotline.desk(&["settings"]).json()["audit_days"], 90);
    for days in ["0", "29", "367"] {
        let said = hotline.desk(&["settings", "--audit-days", days]).misuse();
        assert!(said.contains("30 to 366 days"), "{said}");
    }
    assert_eq!(hotline.desk(&["settings", "--audit-days", "366"]).json()["audit_days"], 366);
    // That is an act of a custodian, and stands in the audit itself.
    let audit = hotline.desk(&["audit", "--kind", "settings_set"]).json();
    assert!(!lines(&audit).is_empty() && lines(&audit)[0]["person"] == "Custodian", "{audit}");
}

#[test]
fn an_operator_is_told_of_their_own_acts_and_of_those_in_cases_that_they_have() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "-"]).input("question").json();
    let sign = sent["call_sign"].as_str().unwrap();
    hotline.desk(&["person", "add", "Osyka"]).json();
    let other = hotline.path("other");
    let at_other =
        |command: &[&str]| callsign(&[&["desk"], command, &["--json"]].concat()).arg("--data").arg(&other);
    let link = format!("{}/#{}", hotline.hub_url, hotline.fingerprint);
    let asked = at_other(&["join", "--hub", &link]).json();
    let words = asked["check_words"].as_str().unwrap();
    let request = asked["request"].as_str().unwrap();
    hotline.desk(&["admit", "--person", "Osyka", "--code", words, "-"]).input(request).json();
    hotline.desk(&["level", "--call-sign", sign, "2"]).json();
    at_other(&["sync"]).json();
    // A leader's act in a case that nobody has.
    let audit = at_other(&["audit"]).json();
    assert_eq!((acts(&audit), &audit["of_all"]), (vec![], &json!(false)));
    for arguments in [["--person", "Custodian"], ["--person", "custodian"]] {
        let (code, said) = at_other(&[&["audit"], &arguments[..]].concat()).failure();
        assert!(code == "audit" && said.contains("ask a leader"), "{code}: {said}");
    }
    at_other(&["claim", "--call-sign", sign]).json();
    let both = [("Custodian", "urgency_set"), ("Osyka", "claimed")];
    let told =
        |audit: &Value| acts(audit).into_iter().map(|(name, kind, _)| (name, kind)).collect::<Vec<_>>();
    let expected: Vec<_> = both.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect();
    assert_eq!(told(&at_other(&["audit"]).json()), expected);
    // Both devices have the same lines; the leader sees all of them.
    hotline.desk(&["sync"]).json();
    let all = hotline.desk(&["audit"]).json();
    assert_eq!(told(&all), expected);
    assert!(lines(&all).iter().any(|line| line["kind"] == "device_admitted"), "{all}");
}
