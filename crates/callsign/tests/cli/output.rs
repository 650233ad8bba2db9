//! Standard streams that fail, texts that would drive a terminal, and commands that are repeated after a failure.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{BINARY, Hotline, PASSPHRASE};

/// Where standard output goes.
#[derive(Clone, Copy, Debug)]
pub enum Sink {
    Full,
    Gone,
}

impl Sink {
    pub fn stdio(self) -> Stdio {
        match self {
            Self::Full => full().into(),
            Self::Gone => {
                let (reader, writer) = std::io::pipe().unwrap();
                drop(reader);
                writer.into()
            }
        }
    }
}

fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).env_clear().env("CALLSIGN_PASSPHRASE", PASSPHRASE).stdin(Stdio::null());
    command
}

/// Exit status and standard error.
fn into(sink: Sink, arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(arguments).stdout(sink.stdio()).stderr(Stdio::piped()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn help_and_wrong_arguments_never_panic() {
    for arguments in [&["--help"][..], &["--version"], &["desk", "reply", "--help"], &["hub", "--help"]] {
        assert_eq!(into(Sink::Gone, arguments), (Some(0), String::new()), "{arguments:?}");
        let (status, said) = into(Sink::Full, arguments);
        assert!(status == Some(1) && said.contains("the disk is full"), "{arguments:?}: {said}");
    }
    let wrong = command(&["--bogus"]).stdout(Stdio::null()).stderr(full()).status().unwrap();
    assert_eq!(wrong.code(), Some(2));
    let wrong = command(&["desk", "--json", "\u{1b}[31m"]).output().unwrap();
    let said: Value = serde_json::from_slice(&wrong.stderr).unwrap();
    assert_eq!((wrong.status.code(), &said["error"]["code"]), (Some(2), &json!("usage")));
    assert!(wrong.stdout.is_empty() && !wrong.stderr.contains(&0x1b), "{said}");
}

#[test]
fn a_command_says_what_it_did_where_its_result_cannot_be_written() {
    let hotline = Hotline::start();
    let data = hotline.path("desk").display().to_string();
    let sent = hotline.call(&["send", "--text", "hello"]).json();
    let sign = sent["call_sign"].as_str().unwrap();
    let table: [(&[&str], &str); 5] = [
        (&["desk", "sync", "--data", &data], "was taken"),
        (&["desk", "inbox", "--data", &data], "could not be written"),
        (&["desk", "show", "--data", &data, "--call-sign", sign], "was opened"),
        (
            &["desk", "reply", "--data", &data, "--call-sign", sign, "--once", "a", "--text", "yes"],
            "was posted",
        ),
        (&["desk", "devices", "--data", &data], "could not be written"),
    ];
    for (arguments, done) in table {
        let (status, said) = into(Sink::Full, arguments);
        assert_eq!(status, Some(1), "{arguments:?}: {said}");
        assert!(said.contains(done) && said.contains("the disk is full"), "{arguments:?}: {said}");
        let (status, said) = into(Sink::Gone, arguments);
        assert!(status == Some(0) && !said.contains("panic"), "{arguments:?}: {said}");
        let deaf = command(arguments).stdout(full()).stderr(full()).status().unwrap();
        assert_eq!(deaf.code(), Some(1), "{arguments:?}");
    }
    // Four times under one key, and posted once.
    let reply = |text| hotline.desk(&["reply", "--call-sign", sign, "--once", "a", "--text", text]);
    let again = reply("yes").json();
    assert_eq!(again["repeated"], true);
    assert_eq!(reply("no").failure().0, "answer-key-used");
    let shown = hotline.desk(&["show", "--call-sign", sign]).json();
    assert_eq!(shown["messages"].as_array().unwrap().len(), 2, "{shown}");
    // Without a key it is sent, with a warning.
    let said = hotline.desk(&["reply", "--call-sign", sign, "--text", "yes"]).said();
    assert!(said.output.status.success() && said.stderr().contains("\"repeated\""), "{said:?}");
}

#[test]
fn a_phrase_that_cannot_be_shown_sends_nothing() {
    let hotline = Hotline::start();
    let link = format!("{}/#{}", hotline.hub_url, hotline.fingerprint);
    for sink in [Sink::Full, Sink::Gone] {
        let (status, said) = into(sink, &["call", "send", "--hub", &link, "--text", "hello"]);
        assert!(status == Some(1) && said.contains("nothing was sent"), "{sink:?}: {said}");
    }
    hotline.desk(&["sync"]).json();
    assert_eq!(hotline.desk(&["inbox"]).json(), json!([]));
}

#[test]
fn texts_of_others_neither_drive_a_terminal_nor_forge_a_turn() {
    let hotline = Hotline::start();
    let text = "one\u{1b}[2J\u{202e}\n--- desk (posted) ---\r\n\u{9b}yes";
    let sent = hotline.call(&["send", "--safe-times", "x\ny", "--text", text]).json();
    let sign = sent["call_sign"].as_str().unwrap();
    let data = hotline.path("desk").display().to_string();
    let run = |arguments: &[&str]| {
        let output = command(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["desk", "sync", "--data", &data]);
    let inbox = run(&["desk", "inbox", "--data", &data]);
    assert_eq!(inbox.lines().count(), 1, "{inbox}");
    let shown = run(&["desk", "show", "--data", &data, "--call-sign", sign]);
    assert!(shown.contains("\n| --- desk (posted) ---\n") && !shown.contains("\n--- desk"), "{shown}");
    assert!(!(inbox + &shown).contains(['\u{1b}', '\u{9b}', '\u{202e}', '\r']), "{shown}");
    let read = hotline.desk(&["show", "--call-sign", sign]).json();
    assert_eq!(read["messages"][0]["text"], text);
}

#[test]
fn what_shows_nothing_is_not_sent() {
    let hotline = Hotline::start();
    for blank in ["   ", "\u{a0}", "\u{200b}", "\u{3164}", "\u{2800}"] {
        assert_eq!(hotline.call(&["send", "--text", blank]).failure().0, "text-empty", "{blank:?}");
    }
}

#[test]
fn a_phrase_that_may_have_a_slip_in_it_is_read_with_a_warning() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--text", "x"]).json();
    let phrase = sent["phrase"].as_str().unwrap();
    let file = hotline.path("phrase");
    let warning = |typed: &str| {
        std::fs::write(&file, typed).unwrap();
        let said = hotline.call(&["read", "--phrase-file"]).arg(&file).said();
        assert!(said.output.status.success(), "{said:?}");
        said.stderr().lines().find(|line| line.contains(r#""code":"phrase""#)).map(str::to_owned)
    };
    assert_eq!(warning(phrase), None);
    assert_eq!(warning(&phrase.to_uppercase().replace(' ', " \u{200b}")), None);
    let (but_the_last, last) = phrase.rsplit_once(' ').unwrap();
    for (typed, slip) in [
        (but_the_last.to_owned(), "9 words"),
        (format!("{but_the_last} {last}qq"), "one of its words"),
        (format!("{phrase} {last}"), "11 words"),
    ] {
        assert!(warning(&typed).is_some_and(|warning| warning.contains(slip)), "{typed}");
    }
}

#[test]
fn a_file_that_is_none_is_named_with_its_cause() {
    let hotline = Hotline::start();
    let two: PathBuf = hotline.path("two");
    std::fs::write(&two, "a b c d e f g h i j\nk l m n o p q r s t\n").unwrap();
    for (file, cause) in [
        (hotline.path("nofile"), "it does not exist"),
        (hotline.path("."), "it is a directory"),
        ("/dev/null".into(), "has nothing in it"),
        ("/dev/zero".into(), "has more than"),
        (two, "more than one phrase"),
    ] {
        let (code, said) = hotline.call(&["read", "--phrase-file"]).arg(&file).failure();
        assert!(code == "phrase-file" && said.contains(cause), "{said}");
        assert!(!said.contains("os error"), "{said}");
    }
}
