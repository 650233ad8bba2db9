//! What is refused, in sentences that say what to do, with nothing lost and nothing false.

use std::fs;

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
    let said = hotline.desk(&["serve", "--listen", "0.0.0.0:0"]).said();
    assert!(said.output.status.code() == Some(2) && said.stderr().contains("loopback only"), "{said:?}");
}

#[test]
fn a_desk_is_not_made_with_a_name_that_nobody_can_see() {
    let dir = tempfile::tempdir().unwrap();
    let desk = dir.path().join("desk");
    for name in ["", "  ", "a\u{1b}[2J", "a\u{202e}b", "\u{200b}", "\n", &"x".repeat(5_000)] {
        let init = ["desk", "init", "--hub", "http://127.0.0.1:9", "--code", "x", "--name", name, "--data"];
        let said = callsign(&init).arg(&desk).said();
        assert_eq!(said.output.status.code(), Some(2), "{said:?}");
        assert!(said.stderr().contains("a desk cannot have this name"), "{said:?}");
        assert!(said.stderr().len() < 700 && !desk.exists(), "{said:?}");
    }
}

#[test]
fn a_value_that_is_none_is_answered_with_what_is_expected() {
    for (arguments, wanted) in [
        (&["hub", "--data", "d", "--listen", "localhost"][..], "an IP address and a port"),
        (&["hub", "--data", "d", "--metrics", "9090"], "an IP address and a port"),
        (&["hub", "--data", "d", "--tls-listen", ""], "an IP address and a port"),
        (&["hub", "restore", "--data", "d", "--max-age-days", "week", "f"], "a whole number"),
        (&["call", "visit", "--hub", "http://127.0.0.1:9", "--slots", "many"], "a whole number"),
        (&["call", "visit", "--hub", "http://127.0.0.1:9", "--slots", ""], "a whole number"),
        (
            &["call", "visit", "--hub", "http://127.0.0.1:9", "--slots", "99999999999999999999"],
            "a whole number",
        ),
        (&["letter", "--notice", "n", "--valid-days", "1.5"], "a whole number"),
        (&["letter", "--notice", "n", "--valid-days", "0"], "1 to 90 days; give one of these"),
        (&["letter", "--notice", "n", "--valid-days", "91"], "1 to 90 days; give one of these"),
        (&["call", "visit", "--hub", "http://127.0.0.1:9", "--slots", "0"], "of exchanges: 1 or more"),
        (
            &["desk", "follow-up", "--data", "d", "--call-sign", "s", "--due", "2030-01-01", "--hour", "24"],
            "0 to 23 as the hour of the day",
        ),
        (&["bench", "limits", "--data", "d", "--connections", "0"], "1 to 10000 connections"),
        (&["bench", "load", "--hub", "http://127.0.0.1:9", "--seconds", "0"], "1 to 86400 seconds"),
        (&["bench", "desk", "--cases", "0"], "1 to 200000 cases"),
        (&["bench", "store", "--data", "d", "--drops", "100000001"], "0 to 100000000 drops"),
        (&["demo", "--hub-port", "http"], "a whole number"),
        (&["bench", "load", "--hub", "http://127.0.0.1:9", "--rate", "fast"], "a rate is above 0"),
    ] {
        for json in [&[][..], &["--json"], &["--json=true"]] {
            let said = callsign(arguments).args(json).said();
            assert_eq!(said.output.status.code(), Some(2), "{said:?}");
            let text = said.stderr();
            // Of two faults the one that clap finds first is told.
            let other = if json == ["--json=true"] { "unexpected value" } else { wanted };
            assert!(text.contains(wanted) || text.contains(other), "{arguments:?}: {text}");
            assert!(json.is_empty() || serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
            for bare in [
                "invalid digit",
                "invalid socket",
                "invalid float",
                "cannot parse",
                "too large to fit",
                "is not in",
            ] {
                assert!(!text.contains(bare), "{arguments:?}: {text}");
            }
        }
    }
}

#[test]
fn a_content_pack_that_is_none_is_named_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let content = dir.path().join("content");
    fs::create_dir(&content).unwrap();
    let init = |desk: &str, code: &str, hub: &str| {
        callsign(&["desk", "init", "--json", "--name", "n", "--code", "-", "--hub", hub, "--data"])
            .arg(dir.path().join(desk))
            .args(&["--content"])
            .arg(&content)
            .input(code)
    };
    let pack = |version: u8, rest: &str| {
        format!("{{\"version\": {version}, \"language\": \"en\",\n \"about\": \"us\"{rest}}}")
    };
    for (text, wanted) in [
        ("{\n  \"version\": 1,\n  oops\n}".to_owned(), "line 3"),
        (pack(1, ""), "it has no procedures"),
        (pack(1, ", \"procedures\": 7"), "line 2"),
        (pack(9, ", \"procedures\": []"), "\"version\": 1"),
        ("PK\u{3}\u{4}\0".to_owned(), "UTF-8 text"),
        (String::new(), "nothing in it"),
    ] {
        fs::write(content.join("en.json"), &text).unwrap();
        let (_, said) = init("none", "AAAA", "http://127.0.0.1:9").failure();
        assert!(said.contains(wanted) && said.contains("en.json"), "{text}: {said}");
        assert!(!said.contains("expected") && !said.contains("missing field"), "{said}");
    }
    // A mark at the beginning is left out, and hidden files beside it are no packs.
    let whole = pack(1, ", \"procedures\": []");
    fs::write(content.join("en.json"), format!("\u{feff}{whole}")).unwrap();
    fs::write(content.join("._en.json"), [0, 5, 22, 7]).unwrap();
    let hub = crate::support::hub(&dir.path().join("hub"), "127.0.0.1:0");
    let address = format!("http://{}", hub.ready["listening"].as_str().unwrap());
    init("desk", hub.ready["enrolment_code"].as_str().unwrap(), &address).json();
}

#[test]
fn a_call_to_a_desk_that_nobody_can_tell_from_another_says_so_before_anything_is_asked() {
    let hotline = Hotline::start();
    // Nobody answers there, and it is said all the same.
    let alone = callsign(&["call", "send", "--json", "--text", "x", "--hub", "http://127.0.0.1:9"]).said();
    let lines: Vec<serde_json::Value> =
        alone.stderr().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["warning"]["code"], "no-fingerprint", "{alone:?}");
    let sentence = lines[0]["warning"]["message"].as_str().unwrap();
    assert!(
        sentence.contains("whole link from the leaflet") && sentence.contains("--fingerprint"),
        "{sentence}"
    );
    assert!(lines.iter().any(|line| line["error"]["code"] == "hub-away"), "{alone:?}");
    let sent = callsign(&["call", "send", "--text", "x", "--hub", &hotline.hub_url]).said();
    assert!(sent.output.status.success() && sent.stderr().starts_with("Warning: No fingerprint"), "{sent:?}");
    let link = format!("{}/#{}", hotline.hub_url, hotline.fingerprint);
    let known = callsign(&["call", "send", "--text", "x", "--hub", &link]).said();
    assert!(known.output.status.success() && !known.stderr().contains("fingerprint"), "{known:?}");
}

#[test]
fn arguments_that_are_wrong_by_themselves_end_with_2_whatever_the_hub_says() {
    let other = "ab".repeat(32);
    let link = format!("http://127.0.0.1:9/#{}", "cd".repeat(32));
    let none = tempfile::tempdir().unwrap();
    let data = none.path().join("desk").display().to_string();
    let long = "t".repeat(36);
    for (arguments, says) in [
        (vec!["call", "send", "--hub", &link, "--text", "x", "--lang", "zz9"], "en, uk, ru"),
        (vec!["call", "send", "--hub", &link, "--text", "x", "--lang", "fr"], "en, uk, ru"),
        (vec!["call", "send", "--hub", &link, "--text", "x", "--lang", "en\nx"], "en, uk, ru"),
        (vec!["call", "send", "--hub", &link, "--text", "x", "--track", &long], "1 to 35 bytes"),
        (vec!["call", "visit", "--hub", &link, "--fingerprint", &other], "another fingerprint"),
        (vec!["call", "visit", "--hub", "http://192.0.2.1", "--proxy", "nonsense"], "--proxy"),
        (
            vec!["desk", "join", "--data", &data, "--hub", &link, "--fingerprint", &other],
            "another fingerprint",
        ),
        (vec!["desk", "join", "--data", &data, "--hub", "http://127.0.0.1:9"], "nothing names the desk"),
    ] {
        for json in [&[][..], &["--json"]] {
            let said = callsign(&[&arguments[..], json].concat()).said();
            assert_eq!(said.output.status.code(), Some(2), "{arguments:?}: {said:?}");
            assert!(said.stderr().contains(says), "{arguments:?}: {said:?}");
            assert_eq!(said.stderr().contains(r#""code":"usage""#), !json.is_empty(), "{said:?}");
        }
    }
    for known in ["uk-UA", "RU"] {
        let said = callsign(&["call", "send", "--hub", &link, "--text", "x", "--lang", known]).said();
        assert_eq!(said.output.status.code(), Some(1), "{said:?}");
    }
}

#[test]
fn the_price_of_an_answer_reads_like_no_error() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--text", "x"]).json();
    let sign = sent["call_sign"].as_str().unwrap();
    let data = hotline.path("desk").display().to_string();
    for command in [&["show"][..], &["reply", "--text", "y"]] {
        let run = callsign(&[&["desk"][..], command, &["--call-sign", sign, "--data", &data]].concat());
        let said = run.said();
        assert!(said.output.status.success(), "{said:?}");
        assert!(said.stderr().starts_with("Note: Done at once, and the price is"), "{said:?}");
        assert!(
            said.stderr().contains(" for callers went to the hub now and not at the desk's usual times"),
            "{said:?}"
        );
        for jargon in ["commit", "drop", "cadence", "beat"] {
            assert!(!said.stderr().contains(jargon), "{said:?}");
        }
        assert!(!said.stdout().contains("price"), "{said:?}");
    }
}

#[test]
fn errors_name_the_hub_and_the_file_that_they_are_about() {
    let mut hotline = Hotline::start();
    let no_notice = hotline.path("no-notice");
    fs::write(&no_notice, "x").unwrap();
    let letter = callsign(&["letter", "--json", "--text", "x", "--notice"]).arg(&no_notice);
    let (_, sentence) = letter.arg("--fingerprint").arg(&hotline.fingerprint).failure();
    assert!(sentence.contains("no-notice is not a desk's signed notice"), "{sentence}");
    let (_, sentence) = callsign(&["hub", "restore", "--json", "--data"])
        .arg(hotline.path("other-hub"))
        .arg(hotline.path("desk"))
        .failure();
    assert!(sentence.contains("is a directory"), "{sentence}");
    let misused = hotline.call(&["send", "letter.txt"]).misuse();
    assert!(
        misused.contains("comes by it, with `- <FILE`") && !misused.contains("possible values"),
        "{misused}"
    );
    hotline.hub = None;
    let address = hotline.hub_url.trim_end_matches('/').to_owned();
    let (_, sentence) = hotline.call(&["send", "--text", "x"]).failure();
    assert!(sentence.starts_with(&format!("the hub at {address}")), "{sentence}");
}

#[test]
fn an_identity_that_cannot_be_used_is_said_before_anybody_types_a_passphrase() {
    let hotline = Hotline::start();
    let no_identity = hotline.path("no-identity");
    fs::write(&no_identity, "x").unwrap();
    for command in ["attach", "certify", "restart"] {
        let yes: &[&str] = if command == "restart" { &["--yes"] } else { &[] };
        let run = hotline.desk(&["identity", command]).args(yes).arg(&no_identity);
        let (_, sentence) = run.failure();
        assert!(sentence.contains("no-identity"), "{command}: {sentence}");
    }
    // In a new place the way is to join, and not to make another desk.
    let nowhere =
        callsign(&["desk", "identity", "restart", "--yes", "--json", "--data"]).arg(hotline.path("new"));
    let (_, sentence) = nowhere.arg(&no_identity).failure();
    assert!(sentence.contains("callsign desk join --data") && !sentence.contains("desk init"), "{sentence}");
}

#[test]
fn a_code_that_is_refused_leaves_no_directory_behind() {
    let hotline = Hotline::start();
    let dir = hotline.path("second");
    let run = callsign(&["desk", "init", "--json", "--code", "AAAA-BBBB-CCCC", "--name", "Second", "--hub"]);
    run.arg(&hotline.hub_url).arg("--data").arg(&dir).failure();
    assert!(!dir.exists());
}
