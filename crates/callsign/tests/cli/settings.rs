//! `callsign desk settings`: what callers read of the desk is shown and changed, and what cannot be said is refused before anything happens.

use std::fs;

use serde_json::json;

use crate::support::{Hotline, callsign};

#[test]
fn what_callers_read_is_shown_and_changed_and_the_rest_stays() {
    let hotline = Hotline::start();
    let before = hotline.desk(&["settings"]).json();
    assert_eq!((&before["channels"], &before["pages"]), (&json!([]), &json!([])));
    let channels = json!([{ "id": "phone", "text": "By phone", "address": "+380 44 123 45 67" }]);
    let file = hotline.path("channels.json");
    fs::write(&file, channels.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let changed = hotline.desk(&["settings", "--name", "Renamed", "--channels", file]).json();
    assert_eq!((&changed["name"], &changed["channels"]), (&json!("Renamed"), &channels));
    assert_eq!((&changed["tracks"], &changed["content"]), (&before["tracks"], &before["content"]));
    assert_eq!(hotline.desk(&["settings"]).json(), changed);
    // A pace that is the usual one already stays.
    assert_eq!(hotline.desk(&["settings", "--usual-pace"]).json(), changed);
    // An empty list takes them away.
    fs::write(file, "[]").unwrap();
    assert_eq!(hotline.desk(&["settings", "--channels", file]).json()["channels"], json!([]));
    let data = hotline.path("desk").display().to_string();
    let shown = callsign(&["desk", "settings", "--data", &data]).said();
    assert!(shown.stdout().contains(", in 1 list a day\n"), "{shown:?}");
}

#[test]
fn what_no_notice_may_say_is_refused_with_the_way_out() {
    let hotline = Hotline::start();
    let before = hotline.desk(&["settings"]).json();
    let path = hotline.path("list.json");
    let file = path.to_str().unwrap();
    let many: Vec<_> =
        (0..16).map(|_| json!({ "text": "t".repeat(200), "address": "a".repeat(300) })).collect();
    for (option, list, code) in [
        ("--channels", json!([{ "text": "By phone", "address": "" }]), "1 to 200 bytes"),
        ("--channels", json!(many), "shorten it"),
        ("--channels", json!([{ "text": "By phone" }]), "it wants [{\"text\""),
        ("--pages", json!([{ "name": "index.html", "sha256": "ab" }]), "64 lower-case digits"),
    ] {
        fs::write(&path, list.to_string()).unwrap();
        let (_, said) = hotline.desk(&["settings", option, file]).failure();
        assert!(said.contains(code), "{said}");
    }
    assert_eq!(hotline.desk(&["settings"]).json(), before);
}

#[test]
fn each_fault_of_a_list_has_its_own_sentence_and_changes_nothing() {
    let hotline = Hotline::start();
    let before = hotline.desk(&["settings"]).json();
    let path = hotline.path("list.json");
    let file = path.to_str().unwrap();
    let track = |id: &str| json!({ "id": id, "names": { "en": "Something" } });
    for (option, list, says) in [
        ("--tracks", json!([]).to_string(), "an empty list of tracks"),
        (
            "--tracks",
            json!([track("same"), track("other"), track("same")]).to_string(),
            "two tracks have the id \"same\"",
        ),
        ("--tracks", json!([track("with space")]).to_string(), "without spaces and control characters"),
        ("--tracks", json!([track("with\u{7}bell")]).to_string(), "without spaces and control characters"),
        (
            "--tracks",
            json!([track("zero\u{200b}width")]).to_string(),
            "without spaces and control characters",
        ),
        ("--tracks", json!([track("")]).to_string(), "1 to 35 bytes"),
        ("--tracks", "[\n{\"id\": \"a\"}]".to_owned(), "in line 2, entry 1 has no \"names\""),
        ("--tracks", "[\n{\"id\": 5, \"names\": {}}]".to_owned(), "in line 2, \"id\" of entry 1 is a number"),
        (
            "--channels",
            "[{\"text\": \"a\",\n\"adres\": \"b\"}]".to_owned(),
            "entry 1 has no \"address\", and \"adres\" is none",
        ),
        ("--channels", "[{\"text\"".to_owned(), "ends in line 1"),
        ("--pages", "{}".to_owned(), "an object and no list"),
    ] {
        fs::write(&path, &list).unwrap();
        let (_, said) = hotline.desk(&["settings", option, file]).failure();
        assert!(said.contains(says), "{list}: {said}");
    }
    let empty = hotline.path("content");
    fs::create_dir(&empty).unwrap();
    let (code, said) = hotline.desk(&["settings", "--content", empty.to_str().unwrap()]).failure();
    assert!(code == "content" && said.contains("no content pack in it"), "{said}");
    for option in ["--tracks", "--channels", "--pages"] {
        let said = hotline.desk(&["settings", option, " []"]).said();
        assert_eq!(said.output.status.code(), Some(2), "{said:?}");
        assert!(said.stderr().contains("this is JSON, not a file: use - for standard input"), "{said:?}");
    }
    assert_eq!(hotline.desk(&["settings"]).json(), before);
    let channels = json!([{ "text": "By phone", "address": "1" }]);
    let changed = hotline.desk(&["settings", "--channels", "-"]).input(channels.to_string()).json();
    assert_eq!(changed["channels"], channels);
}

#[test]
fn for_how_long_a_custodian_certifies_is_chosen_and_its_price_is_said() {
    let hotline = Hotline::start();
    assert_eq!(hotline.desk(&["settings"]).json()["certificate_days"], 35);
    for days in ["6", "36", "99"] {
        let said = hotline.desk(&["settings", "--certificate-days", days]).misuse();
        assert!(said.contains("7 to 35 days"), "{said}");
    }
    assert_eq!(hotline.desk(&["settings", "--certificate-days", "9"]).json()["certificate_days"], 9);
    let told = callsign(&["desk", "settings"]).arg("--data").arg(hotline.path("desk")).said().stdout();
    let price = "a removed device can show false notices";
    assert!(
        told.contains("with a custodian the duty key is certified for 9 days") && told.contains(price),
        "{told}"
    );
}

#[test]
fn when_a_call_that_nobody_takes_steps_up_is_chosen() {
    let hotline = Hotline::start();
    assert_eq!(hotline.desk(&["settings"]).json()["waiting_minutes"], json!([60, 90, 120]));
    for minutes in ["60", "60,90", "60,60,90", "4,60,90", "60,90,2881", "a,b,c", "1,2,3,4"] {
        let said = hotline.desk(&["settings", "--waiting-minutes", minutes]).misuse();
        assert!(said.contains("such as 60,90,120"), "{said}");
    }
    let set = hotline.desk(&["settings", "--waiting-minutes", "30,45,60"]).json();
    assert_eq!(set["waiting_minutes"], json!([30, 45, 60]));
    let told = callsign(&["desk", "settings"]).arg("--data").arg(hotline.path("desk")).said().stdout();
    assert!(told.contains("marked after 30 minutes, comes one level up after 45"), "{told}");
}
