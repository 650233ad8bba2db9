//! Passphrases: asked for at a terminal, taken from the environment, refused where they are weak, and changed.

use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::ffi::OsStringExt as _,
    path::Path,
    process::Command,
};

use serde_json::{Value, json};

use crate::support::{BINARY, Hotline, PASSPHRASE, callsign};

const OTHER: &str = "trumpet fossil ribbon kettle walnut ferry";

/// A command in a session without a terminal, with one variable or none.
fn without_terminal(data: &Path, variable: Option<&OsStr>) -> (String, String) {
    let mut command = Command::new("setsid");
    command
        .args(["--wait", BINARY, "desk", "inbox", "--json", "--data"])
        .arg(data)
        .env_remove("CALLSIGN_PASSPHRASE");
    if let Some(value) = variable {
        command.env("CALLSIGN_PASSPHRASE", value);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    let text = |name: &str| error["error"][name].as_str().unwrap().to_owned();
    (text("code"), text("message"))
}

/// What a command at a terminal of its own did after questions and answers.
fn at_terminal(steps: &[(&str, &str)], arguments: &[&str], data: &Path) -> Value {
    let output = Command::new("python3")
        .args(["-c", include_str!("ask.py"), &json!(steps).to_string(), BINARY])
        .args(arguments)
        .arg("--data")
        .arg(data)
        .env_remove("CALLSIGN_PASSPHRASE")
        .env("LANG", "uk_UA.UTF-8")
        .env_remove("LC_ALL")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_passphrase_that_nobody_can_give_names_its_variable() {
    let hotline = Hotline::start();
    let data = hotline.path("desk");
    let not_text = OsString::from_vec(vec![0xff, b'a']);
    for (value, part) in [
        (None, "no terminal"),
        (Some(not_text.as_os_str()), "not UTF-8"),
        (Some(OsStr::new("")), "nothing in it"),
        (Some(OsStr::new(" \n")), "nothing in it"),
    ] {
        let (code, sentence) = without_terminal(&data, value);
        assert_eq!(code, "passphrase");
        assert!(sentence.contains("CALLSIGN_PASSPHRASE") && sentence.contains(part), "{sentence}");
        assert!(!sentence.contains("os error"), "{sentence}");
    }
}

#[test]
fn what_a_keyboard_adds_opens_the_same_desk() {
    let hotline = Hotline::start();
    let change = |old: &str, new: &str| {
        hotline.desk(&["passphrase"]).env("CALLSIGN_PASSPHRASE", old).env("CALLSIGN_NEW_PASSPHRASE", new)
    };
    change(PASSPHRASE, "вечірній чай ліхтар борсук нитка їжак ").json();
    for typed in [
        "вечірній чай ліхтар борсук нитка їжак",
        " вечірній\u{a0}чай ліхтар борсук нитка їжак\n",
        "вечірніи\u{306} чаи\u{306} ліхтар борсук нитка і\u{308}жак",
    ] {
        hotline.desk(&["inbox"]).env("CALLSIGN_PASSPHRASE", typed).json();
    }
}

#[test]
fn a_weak_passphrase_makes_nothing_and_its_refusal_says_why() {
    let hotline = Hotline::start();
    for weak in ["пароль", "ghbdtn123", "слава україні", "qwertyuiop", "Next desk", "correct horse"]
    {
        let made = hotline.path("weak");
        let init = callsign(&[
            "desk",
            "init",
            "--json",
            "--name",
            "Next desk",
            "--code",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "--hub",
        ]);
        let init = init.arg(&hotline.hub_url).arg("--data").arg(&made).env("CALLSIGN_PASSPHRASE", weak);
        let (code, sentence) = init.failure();
        assert_eq!(code, "passphrase");
        assert!(sentence.contains("easy to guess") && sentence.contains("random words"), "{sentence}");
        assert!(!made.exists());
        let changed = hotline.desk(&["passphrase"]).env("CALLSIGN_NEW_PASSPHRASE", weak).failure();
        assert_eq!(changed.0, "passphrase");
    }
    hotline.desk(&["inbox"]).json();
}

#[test]
fn a_passphrase_is_changed_once_and_giving_the_change_again_does_no_harm() {
    let hotline = Hotline::start();
    let change = || hotline.desk(&["passphrase"]).env("CALLSIGN_NEW_PASSPHRASE", OTHER);
    for _ in 0..2 {
        assert_eq!(change().json()["changed"], true);
    }
    assert_eq!(hotline.desk(&["inbox"]).failure().0, "vault");
    hotline.desk(&["sync"]).env("CALLSIGN_PASSPHRASE", OTHER).json();
    let same = change().env("CALLSIGN_PASSPHRASE", OTHER).failure();
    assert_eq!(same.0, "passphrase");
    let (code, _) = hotline.desk(&["passphrase"]).env("CALLSIGN_NEW_PASSPHRASE", PASSPHRASE).failure();
    assert_eq!(code, "passphrase");
    let names: Vec<_> =
        std::fs::read_dir(hotline.path("desk")).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("half")), "{names:?}");
}

#[test]
fn a_terminal_offers_six_words_hides_what_is_typed_and_shows_it_again_at_the_end() {
    let hotline = Hotline::start();
    let data = hotline.path("desk");
    let asked = "The desk's passphrase: ";
    let typed = format!("{PASSPHRASE}\n");
    let opened = at_terminal(&[(asked, &typed)], &["desk", "inbox"], &data);
    assert_eq!((&opened["code"], &opened["echo"]), (&json!(0), &json!(true)), "{opened}");
    assert!(!opened["seen"].as_str().unwrap().contains(PASSPHRASE), "{opened}");

    // The end of the input, and a signal, while it is asked.
    let ended = at_terminal(&[(asked, "\u{4}")], &["desk", "inbox"], &data);
    assert_eq!((&ended["code"], &ended["echo"]), (&json!(1), &json!(true)), "{ended}");
    assert!(ended["seen"].as_str().unwrap().contains("was not typed"), "{ended}");
    for (signal, code) in [("SIGTERM", -15), ("\u{3}", -2)] {
        let stopped = at_terminal(&[(asked, signal)], &["desk", "inbox"], &data);
        assert_eq!((&stopped["code"], &stopped["echo"]), (&json!(code), &json!(true)), "{stopped}");
    }

    let new = "The desk's new passphrase: ";
    let steps = [(asked, typed.as_str()), (new, "пароль\n"), (new, "\n"), ("Once more", "OFFERED")];
    let changed = at_terminal(&steps, &["desk", "passphrase"], &data);
    assert_eq!(changed["code"], 0, "{changed}");
    let seen = changed["seen"].as_str().unwrap();
    assert!(seen.contains("easy to guess"), "{seen}");
    let words = seen.lines().find_map(|line| line.strip_prefix("    ")).unwrap().trim();
    assert_eq!(words.split(' ').count(), 6);
    assert!(words.chars().all(|c| c == ' ' || !c.is_ascii_alphabetic()), "{words}");
    hotline.desk(&["inbox"]).env("CALLSIGN_PASSPHRASE", words).json();
    let slip = [(asked, format!("{words}\n")), (new, "\n".to_owned()), ("Once more", "slip\n".to_owned())];
    let slip: Vec<_> = slip.iter().map(|(question, answer)| (*question, answer.as_str())).collect();
    let refused = at_terminal(&slip, &["desk", "passphrase"], &data);
    assert_eq!(refused["code"], 1, "{refused}");
    hotline.desk(&["inbox"]).env("CALLSIGN_PASSPHRASE", words).json();
}

#[test]
fn an_identity_is_never_taken_away_under_the_desks_own_passphrase() {
    let hotline = Hotline::start();
    let file = hotline.path("identity");
    let same = format!("{PASSPHRASE} ");
    let detach = hotline.desk(&["identity", "detach"]).env("CALLSIGN_IDENTITY_PASSPHRASE", &same).arg(&file);
    let (code, sentence) = detach.failure();
    assert_eq!(code, "passphrase");
    assert!(sentence.contains("passphrase of its own"), "{sentence}");
    assert!(!file.exists());
}

#[test]
fn a_yes_that_was_typed_before_the_question_lets_no_device_in() {
    let hotline = Hotline::start();
    let new = hotline.path("new");
    let join = ["desk", "join", "--json", "--hub", &hotline.hub_url, "--fingerprint", &hotline.fingerprint];
    let asked = callsign(&join).arg("--data").arg(&new).json();
    let request = hotline.path("request.txt");
    fs::write(&request, asked["request"].as_str().unwrap()).unwrap();
    let steps = [("passphrase", &*format!("{PASSPHRASE}\nyes\n")), ("Type yes", "no\n")];
    let admit = ["desk", "admit", request.to_str().unwrap()];
    let ended = at_terminal(&steps, &admit, &hotline.path("desk"));
    assert_eq!(ended["code"], 1, "{ended}");
    assert!(ended["seen"].as_str().unwrap().contains("nobody was admitted"), "{ended}");
    let devices = hotline.desk(&["devices"]).json();
    assert_eq!(devices["devices"].as_array().unwrap().len(), 1);
}
