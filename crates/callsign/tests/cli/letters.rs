//! Letters with nothing but commands: written while the hub is away, carried in a mail, answered online.

use callsign_protocol::letters::LETTERS_LEN;
use serde_json::json;

use crate::support::{Hotline, Run, as_carried, callsign};

const LETTER: &str = "Перший рядок\n\"другий\" \\ 😀\n";

fn letter(hotline: &Hotline, arguments: &[&str]) -> Run {
    callsign(&["letter", "--fingerprint", &hotline.fingerprint, "--notice"])
        .arg(hotline.path("notice"))
        .args(arguments)
}

fn save_notice(hotline: &Hotline) -> Run {
    let link = format!("{}/#{}", hotline.hub_url, hotline.fingerprint);
    callsign(&["letter", "--json", "--link", &link, "--save-notice"]).arg(hotline.path("notice"))
}

#[test]
fn a_letter_is_written_without_a_hub_and_answered_online() {
    let mut hotline = Hotline::start();
    assert_eq!(save_notice(&hotline).json()["saved"], true);
    hotline.hub = None;
    let said = letter(&hotline, &["--lang", "uk", "--track", "field", "-"]).input(LETTER).said();
    assert!(said.output.status.success(), "{said:?}");
    let armoured = said.stdout();
    assert!(armoured.starts_with("-----BEGIN CALLSIGN LETTER-----\n"), "{said:?}");
    assert!(armoured.ends_with("-----END CALLSIGN LETTER-----\n"));
    let phrase = said.stderr().lines().find(|line| line.starts_with("    ")).unwrap().trim().to_owned();
    assert_eq!(phrase.split(' ').count(), 10);
    // Words of three letters turn up in the armour by chance.
    let mut words = phrase.split(' ').filter(|word| word.len() > 4);
    assert!(words.all(|word| !armoured.contains(word)), "the carrier sees no phrase");

    hotline.restart_hub();
    let mail = format!("Subject: hello\r\n\r\n{}--\r\nA friend\r\n", armoured.replace('\n', "\r\n"));
    std::fs::write(hotline.path("mail"), &mail).unwrap();
    let receive = || hotline.desk(&["receive"]).arg(hotline.path("mail"));
    let first = receive().json();
    assert_eq!((&first["taken"], &first["known"], &first["refused"]), (&json!(1), &json!(0), &json!([])));
    let second = receive().said();
    assert!(!second.stdout().contains("рядок") && !second.stderr().contains("рядок"), "{second:?}");
    assert!(second.stdout().contains("\"known\":1"), "{second:?}");

    let inbox = hotline.desk(&["inbox"]).json();
    assert_eq!((&inbox[0]["messages"], &inbox[0]["track"]), (&json!(1), &json!("field")));
    let sign = inbox[0]["call_sign_of_caller"].as_str().unwrap();
    assert!(said.stderr().contains(sign), "{said:?}");
    let shown = hotline.desk(&["show", "--call-sign", sign]).json();
    assert_eq!(shown["messages"][0]["text"], LETTER);
    hotline.desk(&["reply", "--call-sign", sign, "--text", "answered"]).json();
    std::fs::write(hotline.path("phrase"), phrase).unwrap();
    let read = hotline.call(&["read", "--phrase-file"]).arg(hotline.path("phrase")).json();
    assert_eq!(read["answers"][0]["text"], "answered");
    assert_eq!(read["opened"].as_array().unwrap().len(), 1);

    // The same caller writes on, and the letter goes to a file.
    let more = letter(&hotline, &["--json", "--text", "more", "--valid-days", "90", "--output"])
        .arg(hotline.path("letter"))
        .args(&["--phrase-file"])
        .arg(hotline.path("phrase"))
        .json();
    assert_eq!((&more["call_sign"], &more["parts"]), (&json!(sign), &json!(1)));
    assert!(more["letter"].is_null());
    let taken = hotline.desk(&["receive", "-"]).input(std::fs::read(hotline.path("letter")).unwrap()).json();
    assert_eq!(taken["taken"], 1);
    assert_eq!(hotline.desk(&["inbox"]).json()[0]["messages"], 2);
}

#[test]
fn letters_are_taken_as_mail_programs_and_messengers_leave_them() {
    let hotline = Hotline::start();
    save_notice(&hotline).json();
    let written = letter(&hotline, &["--json", "--text", "x"]).json();
    let carried = as_carried(written["letter"].as_str().unwrap());
    for (n, text) in carried.into_iter().enumerate() {
        let about = String::from_utf8_lossy(&text[..text.len().min(200)]).into_owned();
        let received = hotline.desk(&["receive", "-"]).input(text).json();
        let expected = if n == 0 { (&json!(1), &json!(0)) } else { (&json!(0), &json!(1)) };
        assert_eq!((&received["taken"], &received["known"]), expected, "{about}: {received}");
    }
}

#[test]
fn what_is_wrong_with_a_letter_is_said_and_the_good_ones_are_taken() {
    let hotline = Hotline::start();
    save_notice(&hotline).json();
    let written = letter(&hotline, &["--json", "-"]).input("x".repeat(1_000)).json();
    let whole = written["letter"].as_str().unwrap();
    assert_eq!(written["parts"], 2);
    let (first, second) = whole.split_at(whole.len() / 2);
    let changed = first.replacen("AQ", "BQ", 1);
    let cut: String = first.lines().take(20).flat_map(|line| ["> ", line, "\n"]).collect();
    let result = hotline.desk(&["receive", "-"]).input(format!("{changed}{cut}{second}")).json();
    assert_eq!((&result["taken"], &result["refused"][0]["letter"]), (&json!(1), &json!(1)));
    assert!(result["refused"][0]["why"].as_str().unwrap().contains("later version"), "{result}");
    assert_eq!(result["refused"][1]["letter"], 2);
    assert!(result["refused"][1]["why"].as_str().unwrap().contains("copy it again"), "{result}");
    assert_eq!(hotline.desk(&["receive", "-"]).input(first).json()["taken"], 1);
    // A program that throws away what was taken must not throw this away.
    let (code, sentence) = hotline.desk(&["receive", "-"]).input(&cut).failure();
    assert!(code == "letters-refused" && sentence.contains("1 letter"), "{sentence}");

    let (code, sentence) = hotline.desk(&["receive", "-"]).input("good morning").failure();
    assert_eq!(code, "no-letter", "{sentence}");
}

#[test]
fn a_notice_that_is_not_the_desks_is_refused_before_a_letter_is_written() {
    let hotline = Hotline::start();
    save_notice(&hotline).json();
    let wrong = "ab".repeat(32);
    let notice = hotline.path("notice");
    let write = |fingerprint: &str| {
        callsign(&["letter", "--json", "--text", "x", "--fingerprint", fingerprint, "--notice"]).arg(&notice)
    };
    assert_eq!(write(&wrong).failure().0, "wrong-fingerprint");
    let saved = std::fs::read(&notice).unwrap();
    // The notice, and behind it the letters document.
    for (at, code) in [(200, "notice-refused"), (saved.len() - 4_000, "letter-keys-refused")] {
        let mut bytes = saved.clone();
        bytes[at] ^= 1;
        std::fs::write(&notice, bytes).unwrap();
        assert_eq!(write(&hotline.fingerprint).failure().0, code);
    }
    std::fs::write(&notice, &saved[..saved.len() - LETTERS_LEN]).unwrap();
    assert_eq!(write(&hotline.fingerprint).failure().0, "notice-refused");
    std::fs::write(&notice, [1]).unwrap();
    assert_eq!(write(&hotline.fingerprint).failure().0, "notice-refused");
    let (code, sentence) = letter(&hotline, &["--json", "-"]).input("x".repeat(6_000)).failure();
    assert_eq!(code, "text-too-long", "{sentence}");
}

#[test]
fn a_letter_takes_the_place_of_no_file_and_is_nobody_elses() {
    use std::os::unix::fs::PermissionsExt as _;
    let hotline = Hotline::start();
    save_notice(&hotline).json();
    let notice = std::fs::read(hotline.path("notice")).unwrap();
    for said in [
        letter(&hotline, &["--text", "y", "--output"]).arg(hotline.path("notice")).said(),
        save_notice(&hotline).said(),
        letter(&hotline, &["--text", "y", "--output"]).arg(hotline.path("none/letter")).said(),
    ] {
        assert_eq!(said.output.status.code(), Some(1), "{said:?}");
        assert!(said.stdout().is_empty() && !said.stderr().contains("phrase"), "{said:?}");
    }
    assert_eq!(std::fs::read(hotline.path("notice")).unwrap(), notice);
    letter(&hotline, &["--json", "--text", "y", "--output"]).arg(hotline.path("letter")).json();
    for file in ["notice", "letter"] {
        assert_eq!(std::fs::metadata(hotline.path(file)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // A letter that failed leaves no empty file in the way of the next one.
    letter(&hotline, &["--track", "no such track", "--text", "y", "--output"])
        .arg(hotline.path("next"))
        .said();
    assert!(!hotline.path("next").exists());
}
