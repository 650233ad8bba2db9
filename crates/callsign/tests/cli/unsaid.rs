//! Commands that change something, where their result cannot be written: each says what it did, and has done it once.

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    output::Sink,
    support::{BINARY, Hotline, PASSPHRASE},
};

/// A hotline, and where the results of its commands go.
struct Unsaid {
    hotline: Hotline,
    sink: Sink,
}

impl Unsaid {
    /// Runs a command that must do what `done` says although nobody gets its result.
    fn does(&self, line: &str, done: &str) {
        self.does_and_advises(line, done, "Do not repeat");
    }

    /// The same, with what the person is told to do.
    fn does_and_advises(&self, line: &str, done: &str, advice: &str) {
        let output = command(&self.filled_in(line)).stdout(self.sink.stdio()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("panic"), "{line}: {said}");
        if matches!(self.sink, Sink::Gone) {
            assert_eq!(output.status.code(), Some(0), "{line}: {said}");
            return;
        }
        assert_eq!(output.status.code(), Some(1), "{line}: {said}");
        let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        let message = last["error"]["message"].as_str().unwrap();
        assert_eq!(last["error"]["code"], "output", "{line}: {said}");
        for part in [done, "the disk is full", advice] {
            assert!(message.contains(part), "{line}: {message}");
        }
    }

    /// The result of a command whose output is read.
    fn says(&self, line: &str) -> Value {
        let output = command(&self.filled_in(line)).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The words of a line; HUB, LINK and what begins with @ are replaced.
    fn filled_in(&self, line: &str) -> Vec<String> {
        let hotline = &self.hotline;
        let fill = |word: &str| match word {
            "HUB" => hotline.hub_url.clone(),
            "LINK" => format!("{}/#{}", hotline.hub_url, hotline.fingerprint),
            _ => match word.strip_prefix('@') {
                Some(name) => hotline.path(name).display().to_string(),
                None => word.to_owned(),
            },
        };
        line.split(' ').map(fill).chain(["--json".to_owned()]).collect()
    }
}

fn command(arguments: &[String]) -> Command {
    let mut command = Command::new(BINARY);
    command
        .args(arguments)
        .env_clear()
        .env("CALLSIGN_PASSPHRASE", PASSPHRASE)
        .env("CALLSIGN_IDENTITY_PASSPHRASE", "anchor velvet pepper orchard lantern mosaic")
        .env("CALLSIGN_NEW_IDENTITY_PASSPHRASE", "glacier button saddle whistle pigeon thimble")
        .env("CALLSIGN_NEW_PASSPHRASE", "trumpet fossil ribbon kettle walnut ferry")
        .stdin(Stdio::null());
    command
}

#[test]
fn what_was_done_is_said_and_done_once_on_a_full_disk() {
    all_commands(Sink::Full);
}

#[test]
fn what_was_done_is_done_once_where_the_reader_has_gone() {
    all_commands(Sink::Gone);
}

fn all_commands(sink: Sink) {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--text", "hello"]).json();
    let sign = sent["call_sign"].as_str().unwrap().to_owned();
    let mut all = Unsaid { hotline, sink };

    all.does("letter --link LINK --save-notice @notice", "the notice is saved");
    all.does("letter --link LINK --text carried --output @letter", "the letter is in");
    all.does("desk receive --data @desk @letter", "letters were taken: 1");
    let again = all.says("desk receive --data @desk @letter");
    assert_eq!((&again["taken"], &again["known"]), (&json!(0), &json!(1)));
    assert_eq!(all.says("desk inbox --data @desk").as_array().unwrap().len(), 2);

    let join = "desk join --data @second --hub LINK";
    all.does_and_advises(join, "the files of this device were made", "the same command again");
    let asked = all.says("desk join --data @second --hub LINK");
    fs::write(all.hotline.path("request"), asked["request"].as_str().unwrap()).unwrap();
    let words = asked["check_words"].as_str().unwrap().replace(' ', "-");
    all.does(&format!("desk admit --data @desk --code {words} @request"), "was admitted");
    let devices = all.says("desk devices --data @desk")["devices"].as_array().unwrap().clone();
    assert_eq!(devices.len(), 2);
    let other = devices.iter().find(|device| device["own"] == false).unwrap()["id"].as_str().unwrap();
    all.does(&format!("desk remove --yes --data @desk {other}"), "was shut out");
    assert_eq!(all.says("desk devices --data @desk")["devices"].as_array().unwrap().len(), 1);

    all.does(&format!("desk erase --data @desk --yes --call-sign {sign}"), "erased");
    assert_eq!(all.says("desk inbox --data @desk").as_array().unwrap().len(), 1);

    all.does("desk identity detach --data @desk @identity", "in the vault no more");
    assert_eq!(all.says("desk devices --data @desk")["identity_here"], false);
    all.does("desk identity certify --data @desk @identity", "a fresh duty key is certified");
    let restart = "desk identity restart --yes --data @desk @identity";
    all.does(restart, "the desk goes on with this device alone");
    let succeed = "desk identity succeed --data @desk --from 2999-12-31 --new @next @identity";
    all.does(succeed, "callers are told of the identity");
    let successor = fs::read(all.hotline.path("next")).unwrap();
    all.says(succeed);
    assert_eq!(successor.len(), fs::read(all.hotline.path("next")).unwrap().len());
    all.does("desk identity attach --data @desk @identity", "the identity is in the vault of this device");
    assert_eq!(all.says("desk devices --data @desk")["identity_here"], true);

    all.does("hub backup --data @hub @backup", "is written and verified");
    assert_eq!(all.says("hub status --data @hub")["desks"].as_array().unwrap().len(), 1);
    drop(all.hotline.hub.take());
    all.does("hub restore --data @hub --replace @backup", "is restored");
    assert!(!all.says("hub status --data @hub")["restore"].is_null());

    all.does("desk passphrase --data @desk", "the passphrase of the desk in");
    let old = command(&all.filled_in("desk devices --data @desk")).output().unwrap();
    assert!(String::from_utf8_lossy(&old.stderr).contains("does not open the vault"), "{old:?}");
}

#[test]
fn a_desk_that_is_set_up_unheard_is_set_up_once() {
    let hotline = Hotline::start();
    let hub = crate::support::hub(&hotline.path("hub-2"), "127.0.0.1:0");
    let [code, address] = ["enrolment_code", "listening"].map(|name| hub.ready[name].as_str().unwrap());
    let line = format!("desk init --data @desk-2 --name N --code {code} --hub http://{address}");
    let all = Unsaid { hotline, sink: Sink::Full };
    all.does(&line, "the desk is set up in");
    all.says("desk sync --data @desk-2");
    let again = command(&all.filled_in(&line)).output().unwrap();
    assert!(String::from_utf8_lossy(&again.stderr).contains("holds a desk already"), "{again:?}");
}

/// A stream that is closed at the start must not become a file that the desk opens next.
#[test]
fn streams_that_are_closed_at_the_start_damage_no_file() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--text", "hello"]).json();
    let sign = sent["call_sign"].as_str().unwrap();
    let data = hotline.path("desk").display().to_string();
    hotline.desk(&["sync"]).json();
    for closed in [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&-", "<&- >&- 2>&-"] {
        for arguments in [
            vec!["desk", "sync", "--data", &data],
            vec!["desk", "show", "--data", &data, "--call-sign", sign],
            vec!["desk", "sync", "--json", "--data", &data],
            vec!["desk", "reply", "--data", &data, "--call-sign", sign, "--once", closed, "--text", closed],
            vec!["desk", "reply", "--data", &data, "--call-sign", "no-such-00", "--text", "x"],
        ] {
            let script = format!(r#"exec "$@" {closed}"#);
            let output = Command::new("sh")
                .args(["-c", &script, "sh", BINARY])
                .args(&arguments)
                .env("CALLSIGN_PASSPHRASE", PASSPHRASE)
                .output()
                .unwrap();
            assert_ne!(output.status.code(), Some(101), "{closed} {arguments:?}: {output:?}");
        }
    }
    let shown = hotline.desk(&["show", "--call-sign", sign]).json();
    let texts: Vec<_> = shown["messages"].as_array().unwrap().iter().map(|said| &said["text"]).collect();
    assert_eq!(texts.len(), 7, "one call, and each answer once: {texts:?}");
    for file in fs::read_dir(&data).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let bytes = fs::read(&file).unwrap();
        for printed in [&b"\"waiting\""[..], b"callsign: ", b"stored at the hub"] {
            assert!(!bytes.windows(printed.len()).any(|part| part == printed), "{}", file.display());
        }
    }
}

/// A message that is written in the shell's words, and where its streams go.
fn in_a_shell(hotline: &Hotline, line: &str) -> (Option<i32>, String) {
    let line = line.replace("LINK", &format!("{}/#{}", hotline.hub_url, hotline.fingerprint));
    let script = format!("cd \"$1\" && exec 3>&2 && {}", line.replace("callsign", &format!("'{BINARY}'")));
    let output = Command::new("bash").args(["-c", &script, "sh"]).arg(hotline.path("")).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn no_phrase_and_no_letter_is_made_that_nobody_would_see() {
    let hotline = Hotline::start();
    assert_eq!(in_a_shell(&hotline, "callsign letter --link LINK --save-notice notice").0, Some(0));
    for (line, said) in [
        ("callsign call send --hub LINK --text one >&-", "nothing was sent"),
        ("callsign call send --hub LINK --text one >/dev/null", "nothing was sent"),
        ("callsign letter --notice notice --text one >&-", "no letter was written"),
        ("callsign letter --notice notice --text one >/dev/null", "no letter was written"),
        ("callsign letter --notice notice --text one >/dev/full", "the letter is lost"),
        ("{ callsign letter --notice notice --text one; echo status $? >&3; } | true", "the letter is lost"),
    ] {
        let (status, stderr) = in_a_shell(&hotline, line);
        assert!(stderr.contains(said), "{line}: {stderr}");
        assert!(status == Some(1) || stderr.contains("status 1"), "{line}: {status:?} {stderr}");
    }
    // Both streams of a program, and the one on which a letter's writer finds the phrase.
    for line in [
        "callsign call send --json --hub LINK --text one >/dev/null 2>&1",
        "callsign letter --notice notice --text one 2>/dev/null",
    ] {
        assert_eq!(in_a_shell(&hotline, line).0, Some(1), "{line}");
    }
    hotline.desk(&["sync"]).json();
    assert_eq!(hotline.desk(&["inbox"]).json(), json!([]));
}

#[test]
fn a_log_level_that_is_not_understood_is_a_warning_of_ours() {
    let wrong = command(&["hub", "status", "--data", "nowhere", "--json"].map(str::to_owned))
        .env("CALLSIGN_LOG", "x y=z")
        .output()
        .unwrap();
    let said = String::from_utf8(wrong.stderr).unwrap();
    let first: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(first["warning"]["code"], "log", "{said}");
}
