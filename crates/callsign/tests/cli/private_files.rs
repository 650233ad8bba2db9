//! The desk's files: nobody else's to read, whole behind links, readable where the disk is not writable, and begun once.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
};

use crate::support::{BINARY, Hotline, PASSPHRASE, Run, callsign};

fn init(data: &Path, name: &str, hub: &str, code: &str) -> Run {
    callsign(&["desk", "init", "--json", "--name", name, "--code", code, "--hub", hub, "--data"]).arg(data)
}

fn bits(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_directory_and_files_that_others_could_read_are_tightened() {
    let hotline = Hotline::start();
    let desk = hotline.path("desk");
    for name in ["vault", "cache.sqlite", "device-keys"] {
        fs::set_permissions(desk.join(name), Permissions::from_mode(0o644)).unwrap();
    }
    fs::set_permissions(&desk, Permissions::from_mode(0o755)).unwrap();
    hotline.desk(&["inbox"]).json();
    assert_eq!(bits(&desk), 0o700);
    for file in fs::read_dir(&desk).unwrap() {
        assert_eq!(bits(&file.unwrap().path()), 0o600);
    }

    let shared = hotline.path("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("letter.txt"), "mine").unwrap();
    fs::set_permissions(&shared, Permissions::from_mode(0o755)).unwrap();
    let (_, sentence) = init(&shared, "Next", &hotline.hub_url, "AAAAAAAAAAAAAAAAAAAAAAAAAAAA").failure();
    assert!(sentence.contains("a directory for this desk alone"), "{sentence}");
    assert_eq!(fs::read_dir(&shared).unwrap().count(), 1);
}

#[test]
fn a_vault_behind_a_link_loses_its_identity_there_and_a_second_name_is_refused() {
    let hotline = Hotline::start();
    let (vault, target) = (hotline.path("desk").join("vault"), hotline.path("elsewhere"));
    let detach = |file: &str| {
        hotline
            .desk(&["identity", "detach"])
            .env("CALLSIGN_IDENTITY_PASSPHRASE", "anchor velvet pepper orchard lantern mosaic")
            .arg(hotline.path(file))
    };
    fs::hard_link(&vault, &target).unwrap();
    let (_, sentence) = detach("one").failure();
    assert!(sentence.contains("hard link"), "{sentence}");
    assert_eq!(hotline.desk(&["devices"]).json()["identity_here"], true);

    fs::remove_file(&vault).unwrap();
    symlink(&target, &vault).unwrap();
    let before = fs::read(&target).unwrap();
    detach("two").json();
    assert!(fs::symlink_metadata(&vault).unwrap().is_symlink());
    assert_ne!(fs::read(&target).unwrap(), before);
    assert_eq!(hotline.desk(&["devices"]).json()["identity_here"], false);
}

#[test]
fn a_set_up_that_was_cut_off_goes_on_with_the_same_and_refuses_another() {
    let mut hotline = Hotline::start();
    drop(hotline.hub.take());
    let (desk, hub_dir) = (hotline.path("next"), hotline.path("next-hub"));
    let hub = crate::support::hub(&hub_dir, "127.0.0.1:0");
    let url = format!("http://{}", hub.ready["listening"].as_str().unwrap());
    let code = hub.ready["enrolment_code"].as_str().unwrap().to_owned();
    drop(hub);
    let (failed, sentence) = init(&desk, "Next", &url, &code).failure();
    assert_eq!(failed, "hub-away");
    assert!(sentence.contains("the same command with the same passphrase"), "{sentence}");
    let vault = fs::read(desk.join("vault")).unwrap();

    let other = "trumpet fossil ribbon kettle walnut ferry";
    let refusals = [
        (
            init(&desk, "Next", &url, &code).env("CALLSIGN_PASSPHRASE", other),
            "the one that it was begun with",
        ),
        (init(&desk, "Other", &url, &code), "with the name \"Next\""),
        (init(&desk, "Next", "http://127.0.0.1:1", &code), "with the hub"),
    ];
    for (refused, part) in refusals {
        let (_, sentence) = refused.failure();
        assert!(sentence.contains(part), "{sentence}");
    }
    assert_eq!(fs::read(desk.join("vault")).unwrap(), vault);

    let address = url.trim_start_matches("http://");
    let _hub = crate::support::hub(&hub_dir, address);
    init(&desk, "Next", &url, &code).json();
    let (_, sentence) = init(&desk, "Next", &url, &code).failure();
    assert!(sentence.contains("holds a desk already"), "{sentence}");
}

#[test]
fn a_request_to_join_is_made_again_as_it_was() {
    let hotline = Hotline::start();
    let join = || {
        callsign(&[
            "desk",
            "join",
            "--json",
            "--hub",
            &hotline.hub_url,
            "--fingerprint",
            &hotline.fingerprint,
        ])
        .arg("--data")
        .arg(hotline.path("second"))
    };
    assert_eq!(join().json()["check_words"], join().json()["check_words"]);
}

/// Puts a copy of a desk on a small disk that only this process and its children see, spoils the disk, and reads there.
const ON_A_SMALL_DISK: &str = r#"
mount -t tmpfs -o size=4m none "$2" && cp -a "$1" "$2/desk" || exit 9
case $3 in
  full) cat /dev/zero > "$2/filling" 2>/dev/null ;;
  read-only) mount -o remount,ro "$2" ;;
esac
"$4" desk inbox --json --data "$2/desk" || exit 8
"$4" desk show --json --queued --call-sign "$5" --data "$2/desk" && exit 7
"$4" doctor --json --data "$2/desk" && exit 6
"$4" desk passphrase --json --data "$2/desk"
"#;

/// As above, for people: what wants to be kept, twice.
const TWICE_ON_A_SMALL_DISK: &str = r#"
mount -t tmpfs -o size=4m none "$2" && cp -a "$1" "$2/desk" && mount -o remount,ro "$2" || exit 9
"$3" desk show --queued --call-sign "$4" --data "$2/desk" && exit 8
"$3" desk reply --queued --call-sign "$4" --text x --data "$2/desk" && exit 7
exit 1
"#;

#[test]
fn people_are_told_once_a_command_what_is_wrong_with_a_disk() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--text", "can you read me"]).json();
    hotline.desk(&["sync"]).json();
    let disk = tempfile::tempdir().unwrap();
    let output = Command::new("unshare")
        .args(["-Urm", "sh", "-c", TWICE_ON_A_SMALL_DISK, "sh"])
        .args([hotline.path("desk").as_os_str(), disk.path().as_os_str()])
        .args([BINARY, sent["call_sign"].as_str().unwrap()])
        .env("CALLSIGN_PASSPHRASE", PASSPHRASE)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.matches("can only be read").count(), 2, "once for each command: {said}");
    assert_eq!(said.matches("the warning above says why, and what to do").count(), 2, "{said}");
    assert!(said.starts_with("Warning: the disk with "), "{said}");
}

#[test]
fn a_desk_on_a_disk_that_cannot_be_written_is_read_and_says_why() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--text", "can you read me"]).json();
    hotline.desk(&["sync"]).json();
    for (spoiled, cause) in [("full", "is full"), ("read-only", "can only be read")] {
        let disk = tempfile::tempdir().unwrap();
        let output = Command::new("unshare")
            .args(["-Urm", "sh", "-c", ON_A_SMALL_DISK, "sh"])
            .args([hotline.path("desk").as_os_str(), disk.path().as_os_str(), spoiled.as_ref()])
            .args([BINARY, sent["call_sign"].as_str().unwrap()])
            .env("CALLSIGN_PASSPHRASE", PASSPHRASE)
            .env("CALLSIGN_NEW_PASSPHRASE", "trumpet fossil ribbon kettle walnut ferry")
            .output()
            .unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{spoiled}: {stdout} {stderr}");
        assert!(stdout.contains("can you read me"), "{spoiled}: {stdout} {stderr}");
        let says = if spoiled == "full" { "0 MiB left" } else { cause };
        let doctor: serde_json::Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
        let bad = |check: &&serde_json::Value| check["what"] == "disk" && check["ok"] == false;
        let found: Vec<_> = doctor["checks"].as_array().unwrap().iter().filter(bad).collect();
        assert!(
            found.iter().any(|check| check["found"].as_str().unwrap().contains(says)),
            "{spoiled}: {doctor}"
        );
        let shown = stderr.lines().rev().find(|line| line.contains("is shown")).expect(&stderr);
        assert!(shown.contains("could not be kept that it was opened") && shown.contains(cause), "{shown}");
        assert!(!stderr.contains("was opened, but then"), "{stderr}");
        let last = stderr.lines().last().unwrap();
        for part in ["\"code\":\"disk\"", cause, &format!("{}", disk.path().display())] {
            assert!(last.contains(part), "{spoiled}: {last}");
        }
        assert!(!stderr.contains("os error") && !stderr.contains("disk I/O"), "{stderr}");
    }
}
