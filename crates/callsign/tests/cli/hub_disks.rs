//! `callsign hub` on disks that are full or read-only, and what it says of files that are no backups.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::support::{BINARY, Hotline, callsign};

/// Mounts a small disk at `$1`, prepares it by `$2`, and runs the rest.
const ON_A_DISK: &str =
    r#"mount -t tmpfs -o size=48k none "$1" && cd "$1" && eval "$2" && shift 2 && exec "$@""#;

/// The error of a command of the hub, with a small disk mounted at `disk`.
fn error_on(disk: &Path, prepare: &str, arguments: &[&str]) -> (String, String) {
    let output = Command::new("unshare")
        .args(["-Urm", "sh", "-c", ON_A_DISK, "sh"])
        .arg(disk)
        .args([prepare, BINARY, "hub"])
        .args(arguments)
        .arg("--json")
        .output()
        .expect("util-linux is installed");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "these tests need `unshare -Urm true` to work: {said}");
    let last: Value = serde_json::from_str(said.lines().last().unwrap()).expect(&said);
    let text = |name: &str| last["error"][name].as_str().unwrap().to_owned();
    (text("code"), text("message"))
}

#[test]
fn a_full_or_read_only_disk_is_named_with_the_way_out() {
    let mut hotline = Hotline::start();
    let (disk, backup) = (hotline.path("disk"), hotline.path("backup"));
    fs::create_dir(&disk).unwrap();
    let [hub, small, on_disk, copy] =
        [hotline.path("hub"), disk.join("hub"), disk.join("backup"), backup.clone()]
            .map(|path| path.display().to_string());
    callsign(&["hub", "backup", "--json", "--data", &hub]).arg(&backup).json();
    drop(hotline.hub.take());
    let read_only = "mkdir hub && mount -o remount,ro .";
    let served = &["--listen", "127.0.0.1:0", "--data", &small][..];
    for (prepare, arguments, cause, way_out) in [
        ("true", served, "is full", "room on it"),
        ("true", &["backup", "--data", &hub, &on_disk], "is full", "room on it"),
        ("true", &["restore", "--data", &small, &copy], "is full", "room on it"),
        (read_only, served, "is read-only", "mount it for writing"),
        (read_only, &["backup", "--data", &hub, &on_disk], "is read-only", "mount it for writing"),
        (read_only, &["restore", "--data", &small, &copy], "is read-only", "mount it for writing"),
    ] {
        let (_, said) = error_on(&disk, prepare, arguments);
        assert!(said.contains(cause) && said.contains(way_out), "{arguments:?}: {said}");
        assert!(said.contains(&disk.display().to_string()), "{arguments:?} names no place: {said}");
    }
}

#[test]
fn files_that_are_no_backups_are_refused_within_bounds_and_by_name() {
    let mut hotline = Hotline::start();
    drop(hotline.hub.take());
    let hub = hotline.path("hub");
    let before = fs::read(hub.join("hub.sqlite")).unwrap();
    // A database of SQLite, and of something else.
    let other = hotline.path("desk/cache.sqlite");
    let pipe = hotline.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let image = hotline.path("image.png");
    fs::write(&image, b"\x89PNG\r\n\x1a\n".repeat(1_000)).unwrap();
    for (file, wanted) in [
        (image, "no-backup"),
        (other, "no-backup"),
        (hotline.path("."), "no-backup"),
        (pipe, "no-backup"),
        ("/dev/zero".into(), "no-backup"),
        ("/dev/null".into(), "no-backup"),
        (hotline.path("nothing"), "hub"),
    ] {
        let restore = callsign(&["hub", "restore", "--json", "--replace", "--data"]).arg(&hub).arg(&file);
        let (code, said) = restore.failure();
        assert_eq!(code, wanted, "{said}");
        assert!(said.contains(&format!("{file:?}")), "{said}");
    }
    assert_eq!(fs::read(hub.join("hub.sqlite")).unwrap(), before);
}

#[test]
fn a_backup_goes_to_a_new_file_alone() {
    let hotline = Hotline::start();
    let hub = hotline.path("hub").display().to_string();
    for (file, wanted, cause) in [
        (hotline.path("hub"), "exists", "exists already"),
        (hotline.path("none/backup"), "hub", "it does not exist"),
        ("/dev/full".into(), "exists", "exists already"),
        ("/dev/full/backup".into(), "hub", "not a directory"),
    ] {
        let (code, said) = callsign(&["hub", "backup", "--json", "--data", &hub]).arg(&file).failure();
        assert!(code == wanted && said.contains(cause) && said.contains(';'), "{code}: {said}");
    }
}

#[test]
fn a_database_that_cannot_be_used_is_named_with_its_cause() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("hub.sqlite");
    let started =
        || callsign(&["hub", "--json", "--listen", "127.0.0.1:0", "--data"]).arg(dir.path()).failure().1;
    for (bytes, cause) in [(&b""[..], "is empty"), (&b"Dear diary".repeat(999), "no database")] {
        fs::write(&database, bytes).unwrap();
        let said = started();
        assert!(said.contains(cause) && said.contains("callsign hub restore"), "{said}");
    }
    fs::remove_file(&database).unwrap();
    fs::create_dir(&database).unwrap();
    let said = started();
    assert!(said.contains("it is a directory") && said.contains("hub.sqlite"), "{said}");
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    let said = callsign(&["hub", "--json", "--data"]).arg(&file).failure().1;
    assert!(said.contains("not a directory") && said.contains("check its name"), "{said}");
}
