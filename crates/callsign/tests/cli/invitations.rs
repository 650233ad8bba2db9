//! A device comes to a desk by a code and check words, between two commands that run at once.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use serde_json::Value;

use crate::support::{BINARY, Hotline, PASSPHRASE, callsign};

/// A command that runs while another one does.
struct Talking {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Talking {
    fn start(arguments: &[&str], data: &Path) -> Self {
        let mut command = Command::new(BINARY);
        command.args(arguments).arg("--data").arg(data);
        command.env_clear().env("CALLSIGN_PASSPHRASE", PASSPHRASE);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr }
    }

    /// What it says before it ends.
    fn told(&mut self, name: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.stderr.read_line(&mut line).unwrap(), 0, "it never said {name}");
            let said: Value = serde_json::from_str(&line).unwrap();
            if let Some(value) = said["note"][name].as_str() {
                return value.to_owned();
            }
            assert_eq!(said["error"], Value::Null, "{said}");
        }
    }

    /// A note that it gives before it ends.
    fn noted(&mut self, begins: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.stderr.read_line(&mut line).unwrap(), 0, "it never said {begins}");
            if line.contains(begins) {
                return line;
            }
        }
    }

    fn type_in(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Its result, or its error.
    fn ended(mut self) -> Value {
        drop(self.child.stdin.take());
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        let Output { status, stdout, .. } = self.child.wait_with_output().unwrap();
        if status.success() {
            return serde_json::from_slice(&stdout).unwrap();
        }
        let last = said.lines().last().unwrap_or_else(|| panic!("{status}"));
        serde_json::from_str::<Value>(last).unwrap()["error"].take()
    }
}

fn invite(hotline: &Hotline) -> Talking {
    Talking::start(&["desk", "invite", "--json"], &hotline.path("desk"))
}

fn join(hotline: &Hotline, name: &str, code: &str) -> Talking {
    let link = format!("{}/#{}", hotline.hub_url, hotline.fingerprint);
    Talking::start(&["desk", "join", "--json", "--hub", &link, "--code", code], &hotline.path(name))
}

fn devices(hotline: &Hotline) -> usize {
    hotline.desk(&["devices"]).json()["devices"].as_array().unwrap().len()
}

#[test]
fn a_device_is_invited_with_a_code_and_works_at_once() {
    let hotline = Hotline::start();
    hotline.desk(&["person", "add", "Osyka"]).json();
    let sent = hotline.call(&["send", "--text", "is anyone there"]).json();
    let sign = sent["call_sign"].as_str().unwrap();
    hotline.desk(&["sync"]).json();
    let mut invites =
        Talking::start(&["desk", "invite", "--json", "--person", "Osyka"], &hotline.path("desk"));
    let code = invites.told("code");
    assert_eq!(code.len(), 9, "{code}");
    let mut joins = join(&hotline, "second", &code.to_lowercase().replace('-', " "));
    let (theirs, ours) = (joins.told("check_words"), invites.told("check_words"));
    assert_eq!((theirs.split(' ').count(), &theirs), (6, &ours));
    invites.type_in(&theirs.to_uppercase());
    let admitted = invites.ended();
    let joined = joins.ended();
    assert_eq!(admitted["person"], "Osyka", "{admitted}");
    assert_eq!(joined["device"], admitted["admitted"], "{joined}");
    let shown = callsign(&["desk", "show", "--json", "--call-sign", sign, "--data"])
        .arg(hotline.path("second"))
        .json();
    assert_eq!(shown["messages"][0]["text"], "is anyone there", "{shown}");
    assert_eq!(devices(&hotline), 2);
    // What has joined joins once.
    let again = join(&hotline, "second", &code).ended();
    assert_eq!(again["code"], "vault", "{again}");
}

#[test]
fn nobody_is_admitted_without_the_words_of_the_new_device() {
    let hotline = Hotline::start();
    for (typed, code) in [
        ("yes", "not-confirmed"),
        ("no", "not-confirmed"),
        ("", "not-confirmed"),
        ("abandon ability able about above absent", "check-words"),
        ("one two three four five six\nno", "not-confirmed"),
    ] {
        let mut invites = invite(&hotline);
        let mut joins = join(&hotline, "second", &invites.told("code"));
        joins.told("check_words");
        invites.told("check_words");
        invites.type_in(typed);
        assert_eq!(invites.ended()["code"], code, "{typed}");
        let (joined, sentence) = (joins.ended(), "was not admitted");
        assert_eq!(joined["code"], "invitation", "{joined}");
        assert!(joined["message"].as_str().unwrap().contains(sentence), "{joined}");
    }
    assert_eq!(devices(&hotline), 1);
}

#[test]
fn words_that_were_misheard_are_typed_once_more() {
    let hotline = Hotline::start();
    let mut invites = invite(&hotline);
    let mut joins = join(&hotline, "second", &invites.told("code"));
    let words = joins.told("check_words");
    invites.told("check_words");
    invites.type_in("abandon ability able about above absent");
    invites.type_in(&words);
    assert_eq!(invites.ended()["admitted"], joins.ended()["device"]);
}

#[test]
fn who_waits_is_told_until_when_and_that_the_hub_does_not_answer() {
    let mut hotline = Hotline::start();
    let mut invites = invite(&hotline);
    let link = format!("{}/#{}", hotline.hub_url, hotline.fingerprint);
    let code = invites.told("code");
    let mut joins =
        Talking::start(&["desk", "join", "--hub", &link, "--code", &code], &hotline.path("second"));
    let waits = joins.noted("Waiting for whoever read the code out, until ");
    assert!(waits.contains("UTC at most; Ctrl-C ends it"), "{waits}");
    hotline.hub = None;
    for side in [&mut invites, &mut joins] {
        let told = side.noted("nothing comes from the hub now");
        assert!(told.contains("it is asked on until ") && told.contains("Ctrl-C ends it"), "{told}");
        drop(side.child.kill());
        drop(side.child.wait());
    }
}

#[test]
fn a_code_that_is_wrong_or_used_leads_nowhere() {
    let hotline = Hotline::start();
    let refused = |name: &str, code: &str| {
        let error = join(&hotline, name, code).ended();
        assert_eq!(error["code"], "invitation", "{error}");
        error["message"].as_str().unwrap().to_owned()
    };
    assert!(refused("none", "7K4M").contains("eight characters"));
    assert!(refused("none", "7K4M-WXY0").contains("no code has the character 0"));
    assert!(!hotline.path("none").exists(), "a slip of the hand leaves nothing behind");
    // The hub is asked before anybody chooses a passphrase.
    assert!(refused("wrong", "7K4M-WXYZ").contains("the hub knows no invitation with this code"));
    assert!(!hotline.path("wrong").exists());
    let mut invites = invite(&hotline);
    let code = invites.told("code");
    let mut first = join(&hotline, "first", &code);
    first.told("check_words");
    assert!(refused("second", &code).contains("another device has come with this code already"));
    // Another invitation of the same device ends the first.
    let mut others = invite(&hotline);
    let other = others.told("code");
    assert_ne!(other, code);
    assert!(first.ended()["message"].as_str().unwrap().contains("was not admitted"));
    // The same files go on with another code, and the words are others.
    let mut again = join(&hotline, "wrong", &other);
    let words = again.told("check_words");
    others.told("check_words");
    others.type_in(&words);
    assert_eq!(others.ended()["admitted"], again.ended()["device"]);
    assert_eq!(devices(&hotline), 2);
    drop(invites.child.kill());
    drop(invites.child.wait());
}
