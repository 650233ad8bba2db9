//! What is refused, in sentences that say what to do, with nothing lost and nothing false.

use crate::support::{Hotline, callsign};

#[test]
fn a_wrong_fingerprint_is_refused_before_anything_is_sent() {
    let hotline = Hotline::start();
    let wrong = "ab".repeat(32);
    let (_, sentence) = callsign(&[
        "call",
        "send",
        "--json",
        "--text",
        "x",
        "--hub",
        &hotline.hub_url,
        "--fingerprint",
        &wrong,
    ])
    .failure();
    assert!(sentence.contains("fingerprint"), "{sentence}");
    assert_eq!(hotline.desk(&["sync"]).json()["waiting"], 0);
}

#[test]
fn a_message_that_is_too_long_is_refused_whole_with_the_limit() {
    let hotline = Hotline::start();
    let (_, sentence) = hotline.call(&["send", "-"]).input("x".repeat(20_000)).failure();
    assert!(sentence.contains('8'), "{sentence}");
    assert_eq!(hotline.desk(&["sync"]).json()["waiting"], 0);
}

#[test]
fn text_that_is_no_text_is_refused() {
    let hotline = Hotline::start();
    let (_, sentence) = hotline.call(&["send", "-"]).input([0xff, 0xfe]).failure();
    assert!(sentence.contains("UTF-8"), "{sentence}");
}

#[test]
fn a_hub_that_is_away_is_said_and_nothing_is_called_stored() {
    let mut hotline = Hotline::start();
    hotline.hub = None;
    let said = hotline.call(&["send", "--text", "x"]).said();
    assert!(!said.output.status.success() && !said.stdout().contains("stored"), "{said:?}");
    let (code, _) = hotline.desk(&["sync"]).failure();
    assert_eq!(code, "hub-away");
}

#[test]
fn a_typo_in_the_phrase_shows_another_call_sign_and_no_error() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--text", "x"]).json();
    let phrase = hotline.path("phrase");
    std::fs::write(&phrase, format!("{}x", sent["phrase"].as_str().unwrap())).unwrap();
    let read = hotline.call(&["read", "--phrase-file"]).arg(&phrase).json();
    assert_ne!(read["call_sign"], sent["call_sign"]);
    assert_eq!(read["answers"], serde_json::json!([]));
}

#[test]
fn the_desk_refuses_a_wrong_passphrase_an_unknown_call_and_a_second_init() {
    let hotline = Hotline::start();
    let (code, sentence) = hotline.desk(&["inbox"]).env("CALLSIGN_PASSPHRASE", "wrong passphrase").failure();
    assert_eq!(code, "vault");
    assert!(sentence.contains("does not open the vault in") && sentence.contains("/desk;"), "{sentence}");
    let (code, _) = hotline.desk(&["show", "--call-sign", "river-stone-42"]).failure();
    assert_eq!(code, "no-such-call");
    let (code, _) = hotline.desk(&["show", "--call-sign", "nonsense"]).failure();
    assert_eq!(code, "no-such-call");
    let (_, sentence) =
        hotline.desk(&["init", "--name", "again", "--code", "AAAA", "--hub", &hotline.hub_url]).failure();
    assert!(sentence.contains("holds a desk already"), "{sentence}");
    let (_, sentence) = callsign(&["desk", "inbox", "--json", "--data"]).arg(hotline.path("none")).failure();
    assert!(sentence.contains("desk init"), "{sentence}");
}

#[test]
fn an_answer_that_is_too_long_or_empty_is_refused() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--text", "x"]).json();
    let sign = sent["call_sign"].as_str().unwrap();
    for answer in [String::new(), "x".repeat(20_000)] {
        let (code, _) = hotline.desk(&["reply", "--call-sign", sign, "-"]).input(&answer).failure();
        assert_eq!(code, "answer-refused");
    }
}

#[test]
fn a_second_hub_on_one_directory_is_refused() {
    let hotline = Hotline::start();
    let (code, sentence) =
        callsign(&["hub", "--json", "--listen", "127.0.0.1:0", "--data"]).arg(hotline.path("hub")).failure();
    assert_eq!(code, "hub", "{sentence}");
}

#[test]
fn the_desks_pages_are_served_on_loopback_only() {
    let hotline = Hotline::start();
    let (code, _) = hotline.desk(&["serve", "--listen", "0.0.0.0:0"]).failure();
    assert_eq!(code, "listen");
}
