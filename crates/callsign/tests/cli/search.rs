//! `callsign desk search`: what callers wrote is found as people type it, without the hub, and nothing is left behind.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::Hotline;

const RARE: &str = "зозулинецький";

/// The call sign as the desk says it, once it has taken the call.
fn send(hotline: &Hotline, language: &str, text: &str) -> String {
    let sent = hotline.call(&["send", "--lang", language, "-"]).input(text).json();
    hotline.desk(&["sync"]).json();
    let inbox = hotline.desk(&["inbox"]).json();
    let is_it = |row: &&Value| [&row["call_sign"], &row["call_sign_of_caller"]].contains(&&sent["call_sign"]);
    let row = inbox.as_array().unwrap().iter().find(is_it).unwrap();
    row["call_sign"].as_str().unwrap().to_owned()
}

fn search(hotline: &Hotline, query: &str) -> Vec<Value> {
    hotline.desk(&["search", "-"]).input(query).json().as_array().unwrap().clone()
}

fn found(hotline: &Hotline, query: &str) -> Vec<String> {
    let sign = |hit: &Value| hit["call_sign"].as_str().unwrap().to_owned();
    search(hotline, query).iter().map(sign).collect()
}

#[test]
fn words_in_their_forms_exact_words_and_call_signs_are_found_without_the_hub() {
    let mut hotline = Hotline::start();
    let russian = send(&hotline, "ru", "Брату пришла повестка.\nОн не хочет сдаваться в плен один");
    let ukrainian = send(&hotline, "uk", &format!("Я бачив полонених, {RARE} полк. Об’єкт за річкою"));
    let english = send(&hotline, "en", "Two soldiers asked how to surrender\u{1b}[2J");
    let hit = |line: &str| json!([{ "call_sign": russian, "line": line, "track": "", "language": "ru" }]);
    let hits = || Value::from(search(&hotline, "ПОВЕСТКИ брат"));
    assert_eq!(hits(), hit(""), "what nobody has opened is not quoted");
    hotline.desk(&["show", "--call-sign", &russian]).json();
    hotline.hub = None;
    let hits = Value::from(search(&hotline, "ПОВЕСТКИ брат"));
    assert_eq!(hits, hit("Брату пришла повестка."));
    for (query, is) in [
        ("полонений", &ukrainian),
        ("обєкта", &ukrainian),
        ("surrendering soldier", &english),
        ("\"не хочет сдаваться\"", &russian),
        ("lang:uk річка", &ukrainian),
        (&russian, &russian),
        (&english.replace('-', " ").to_uppercase(), &english),
    ] {
        assert_eq!(found(&hotline, query), [is.as_str()], "{query}");
    }
    // The call sign is known by its first letters, in the caller's language as well.
    let inbox = hotline.desk(&["inbox"]).json();
    for row in inbox.as_array().unwrap() {
        for name in [&row["call_sign"], &row["call_sign_of_caller"]] {
            let start: String = name.as_str().unwrap_or_default().chars().take(7).collect();
            let sign = row["call_sign"].as_str().unwrap().to_owned();
            assert!(start.is_empty() || found(&hotline, &start).contains(&sign), "{start}");
        }
    }
    for nothing in ["\"хочет не сдаваться\"", "парашут", "повестка soldiers", "NEAR(повестка брат)"]
    {
        assert_eq!(found(&hotline, nothing), [] as [&str; 0], "{nothing}");
    }
    assert_eq!(found(&hotline, "waiting since:1d").len(), 3);
    // Nobody was told that anything was opened, and an argument does the same as standard input.
    assert!(
        inbox.as_array().unwrap().iter().all(|row| row["unopened"] == i32::from(row["call_sign"] != russian))
    );
    assert_eq!(hotline.desk(&["inbox"]).json(), inbox);
    assert_eq!(hotline.desk(&["search", "surrender"]).json()[0]["call_sign"], english);
    assert_nowhere(&hotline.path("desk"), RARE);
}

#[test]
fn whatever_is_typed_is_answered_in_a_sentence_or_with_cases() {
    let hotline = Hotline::start();
    let sign = send(&hotline, "en", "alpha \"bravo\" charlie*");
    for query in [
        "alpha AND charlie",
        "NEAR(alpha)",
        "alpha*",
        "-alpha",
        "(alpha",
        "\"alpha bravo",
        "alpha^ + {charlie}",
    ] {
        let said = hotline.desk(&["search", "-"]).input(query).said();
        assert!(said.output.status.success(), "{query}: {said:?}");
    }
    assert_eq!(found(&hotline, "\"alpha bravo"), [sign.as_str()]);
    for (query, part) in [
        ("text:alpha", "the filters are track:witness"),
        ("level:1", "does not note"),
        ("mine", "does not note"),
        ("since:soon", "since:7d"),
        ("lang:ua", "there are \"en\""),
        ("track:nowhere", "there are those that name none"),
        ("call_sign:river", "no filter \"call_sign:\""),
        ("field:", "no filter \"field:\""),
        ("lang:", "says nothing"),
        ("👩‍👩‍👧‍👦 \u{202e} \u{1b}[2J", ""),
        ("*", "nothing to search for"),
        ("", "nothing to search for"),
        ("zq", "too short"),
        (&"я".repeat(10_000), "1000 characters at most"),
    ] {
        if part.is_empty() {
            assert!(hotline.desk(&["search", "-"]).input(query).said().output.status.code() < Some(2));
            continue;
        }
        let (code, sentence) = hotline.desk(&["search", "-"]).input(query).failure();
        assert_eq!(code, "search", "{query}");
        assert!(sentence.contains(part), "{query}: {sentence}");
    }
    assert_eq!(hotline.desk(&["search", "-"]).input([0xff, b'a']).failure().0, "file");
    // For people the caller's words stand under their mark, and drive no terminal.
    let find = || {
        let search = crate::support::callsign(&["desk", "search", "--data"]);
        search.arg(hotline.path("desk")).arg("-").input("bravo").said().stdout()
    };
    assert!(find().contains("\n  in a message that nobody has opened\n1 case found.\n"), "{}", find());
    hotline.desk(&["show", "--call-sign", &sign]).json();
    assert!(find().contains("\n| alpha \"bravo\" charlie*\n1 case found.\n"), "{}", find());
}

#[test]
fn a_track_that_the_desk_has_is_none_that_is_mistyped() {
    let hotline = Hotline::start();
    let settings = hotline.desk(&["settings"]).json();
    let track = settings["tracks"][0]["id"].as_str().unwrap();
    // Before there is any case, too.
    for _ in 0..2 {
        assert_eq!(found(&hotline, &format!("track:{track}")), [] as [&str; 0]);
        let (code, sentence) = hotline.desk(&["search", "-"]).input("track:nowhere").failure();
        assert!(
            code == "search" && sentence.contains(track) && sentence.contains("no case here has"),
            "{sentence}"
        );
        send(&hotline, "en", "on no track");
    }
    assert_eq!(found(&hotline, "track:none").len(), 2);
}

#[test]
fn an_erased_case_is_found_no_more() {
    let hotline = Hotline::start();
    let sign = send(&hotline, "uk", &format!("{RARE} полк"));
    assert_eq!(found(&hotline, RARE), [sign.as_str()]);
    hotline.desk(&["erase", "--yes", "--queued", "--call-sign", &sign]).json();
    assert_eq!(found(&hotline, RARE), [] as [&str; 0]);
    assert_eq!(found(&hotline, &sign), [] as [&str; 0]);
}

/// Nothing below a directory holds a text.
fn assert_nowhere(dir: &Path, text: &str) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            assert_nowhere(&path, text);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{}", path.display());
    }
}
