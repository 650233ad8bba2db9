//! While the hub does not answer each command says whether something was done, and whether it is kept.

use crate::support::Hotline;

#[test]
fn a_command_says_that_nothing_was_done_or_that_it_is_kept() {
    let mut hotline = Hotline::start();
    hotline.desk(&["person", "add", "Osyka"]).json();
    let sign =
        hotline.call(&["send", "-"]).input("question").json()["call_sign"].as_str().unwrap().to_owned();
    hotline.desk(&["sync"]).json();
    hotline.desk(&["show", "--call-sign", &sign]).json();
    hotline.hub = None;
    let nothing = |command: &[&str]| {
        let (code, sentence) = hotline.desk(command).input("x").failure();
        assert_eq!(code, "hub-away", "{command:?}: {sentence}");
        assert!(sentence.contains("nothing was done: give it again"), "{command:?}: {sentence}");
    };
    nothing(&["reply", "--call-sign", &sign, "--once", "one", "--text", "an answer"]);
    nothing(&["claim", "--call-sign", "river-stone-42"]);
    nothing(&["settings", "--name", "Another"]);
    nothing(&["person", "add", "Yavir"]);
    nothing(&["person", "roles", "Osyka", "leader"]);
    nothing(&["person", "leave", "Osyka"]);
    nothing(&["invite", "--person", "Osyka"]);
    nothing(&["receive", "-"]);
    nothing(&["remove", "--yes", "AAAAAAAA"]);
    let link = format!("{}/#{}", hotline.hub_url, hotline.fingerprint);
    for code in [&[][..], &["--code", "7K4M-WXYZ"]] {
        let join = [&["join", "--hub", &link][..], code].concat();
        let new = hotline.path("new");
        let run = crate::support::callsign(&["desk"]);
        let run = join.iter().fold(run, crate::support::Run::arg);
        let (code, sentence) = run.arg("--json").arg("--data").arg(&new).failure();
        assert!(code == "hub-away" && sentence.contains("nothing was done"), "{sentence}");
        assert!(!new.exists(), "{sentence}");
    }
    let kept = |command: &[&str]| {
        let (_, sentence) = hotline.desk(command).failure_with(4);
        assert!(
            sentence.contains("kept here") && sentence.contains("`callsign desk sync`"),
            "{command:?}: {sentence}"
        );
    };
    kept(&["level", "--call-sign", &sign, "2"]);
    kept(&["reply", "--call-sign", &sign, "--text", "an answer"]);
    kept(&["erase", "--yes", "--call-sign", &sign]);
}
