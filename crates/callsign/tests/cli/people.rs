//! `callsign desk people|person`: pseudonyms, roles, and whose a device is.

use serde_json::{Value, json};

use crate::support::{Hotline, callsign};

fn people(hotline: &Hotline) -> Vec<Value> {
    hotline.desk(&["people"]).json().as_array().unwrap().clone()
}

fn roles(people: &[Value], name: &str) -> Value {
    people.iter().find(|person| person["name"] == name).unwrap()["roles"].clone()
}

#[test]
fn people_are_added_given_roles_and_leave() {
    let hotline = Hotline::start();
    let first = people(&hotline);
    assert_eq!(first.len(), 1);
    assert_eq!(first[0]["name"], "Custodian");
    assert_eq!(first[0]["roles"], json!(["custodian", "leader", "operator"]));
    assert_eq!((&first[0]["own"], &first[0]["left"]), (&json!(true), &json!(false)));
    assert_eq!(first[0]["devices"].as_array().unwrap().len(), 1);
    let added = hotline.desk(&["person", "add", "Осика"]).json();
    assert_eq!((&added["name"], &added["roles"]), (&json!("Осика"), &json!(["operator"])));
    hotline.desk(&["person", "add", "Yavir", "--roles", "leader,custodian"]).json();
    let said =
        callsign(&["desk", "person", "add", "Lypa", "--data"]).arg(hotline.path("desk")).said().stdout();
    assert!(said.contains("callsign desk invite --data") && said.contains("--person Lypa"), "{said}");
    hotline.desk(&["person", "leave", "Lypa"]).json();
    let (_, unknown) = hotline.desk(&["invite", "--person", "Verba"]).failure();
    assert!(unknown.contains("callsign desk person add --data DIR Verba"), "{unknown}");
    hotline.desk(&["person", "roles", "Осика", "operator,leader"]).json();
    let all = people(&hotline);
    assert_eq!(roles(&all, "Осика"), json!(["leader", "operator"]));
    assert_eq!(roles(&all, "Yavir"), json!(["custodian", "leader"]));
    // What looks like somebody's pseudonym is nobody else's.
    for (arguments, says) in [
        (vec!["person", "add", "осика"], "looks like it"),
        (vec!["person", "roles", "Verba", "leader"], "nobody at the desk"),
        (vec!["person", "leave", "Custodian"], "without a custodian"),
        (vec!["person", "roles", "Custodian", "operator"], "without a custodian"),
        (vec!["person", "add", "Verba", "--roles", "trainee,operator"], "choose one of trainee, operator"),
        (vec!["person", "roles", "Yavir", "trainee,leader,custodian"], "choose one of trainee, operator"),
        (vec!["person", "give", "AAAAAAAA", "Yavir"], "no other device"),
    ] {
        let (_, sentence) = hotline.desk(&arguments).failure();
        assert!(sentence.contains(says), "{arguments:?}: {sentence}");
    }
    // What the desk refuses is not written either: nobody is told that it came to nothing.
    let said = hotline.desk(&["sync"]).said();
    assert!(said.output.status.success() && !said.stderr().contains("without-effect"), "{said:?}");
    for wrong in ["", "a\u{202e}b", &"x".repeat(41)] {
        let said = hotline.desk(&["person", "add", wrong]).said();
        assert_eq!(said.output.status.code(), Some(2), "{wrong:?}: {said:?}");
    }
    let left = hotline.desk(&["person", "leave", "Осика"]).json();
    assert_eq!((&left["left"], &left["roles"]), (&json!(true), &json!([])));
    // Nobody else gets that pseudonym: what they did stands under it.
    for theirs in ["Осика", "ОСИКА"] {
        let (_, sentence) = hotline.desk(&["person", "add", theirs]).failure();
        assert!(sentence.contains("who has left"), "{theirs}: {sentence}");
    }
    hotline.desk(&["person", "add", "Осика 2"]).json();
    assert_eq!(people(&hotline).len(), 5);
    let said = hotline.desk(&["people"]).said();
    assert!(said.output.status.success());
}

#[test]
fn what_a_role_does_not_allow_is_refused_at_its_device_and_nothing_comes_of_it() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "-"]).input("question").json();
    let sign = sent["call_sign"].as_str().unwrap();
    hotline.desk(&["person", "add", "Osyka"]).json();
    let other = hotline.path("other");
    let at_other =
        |command: &[&str]| callsign(&[&["desk"], command, &["--json"]].concat()).arg("--data").arg(&other);
    let asked = at_other(&["join", "--hub", &format!("{}/#{}", hotline.hub_url, hotline.fingerprint)]).json();
    let words = asked["check_words"].as_str().unwrap();
    let request = asked["request"].as_str().unwrap();
    let admitted = hotline.desk(&["admit", "--person", "Osyka", "--code", words, "-"]).input(request).json();
    at_other(&["sync"]).json();
    let own: Vec<Value> = at_other(&["people"]).json().as_array().unwrap().clone();
    let me = own.iter().find(|person| person["own"] == true).unwrap();
    assert_eq!((&me["name"], &me["devices"]), (&json!("Osyka"), &json!([admitted["admitted"]])));
    // An operator answers, and lets nobody in or out.
    at_other(&["reply", "--call-sign", sign, "--text", "an answer"]).json();
    let device = hotline.desk(&["devices"]).json()["devices"][0]["id"].as_str().unwrap().to_owned();
    for refused in [
        vec!["person", "add", "Lypa"],
        vec!["remove", "--yes", &device],
        vec!["settings", "--name", "Another desk"],
    ] {
        let said = at_other(&refused).said();
        assert!(
            !said.output.status.success() && said.stderr().contains("your roles"),
            "{refused:?}: {said:?}"
        );
    }
    hotline.desk(&["sync"]).json();
    assert_eq!(people(&hotline).len(), 2);
    // A custodian alone does not answer.
    hotline.desk(&["person", "roles", "Osyka", "custodian"]).json();
    at_other(&["sync"]).json();
    let (code, sentence) = at_other(&["reply", "--call-sign", sign, "--text", "another answer"]).failure();
    assert!(code == "people" && sentence.contains("your roles"), "{code}: {sentence}");
}
