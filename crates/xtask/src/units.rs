//! Has systemd read the hub's unit, as it is and with what TLS adds, so that no line of it is one that systemd ignores.

use std::{fs, io, path::Path, process::Command};

use crate::{binary, debian, root, target};

/// Where the unit expects the binary.
const INSTALLED: &str = "/usr/local/bin/callsign";
/// Where the unit allows more than this of ten points, a change has opened it.
const EXPOSURE_MAX: &str = "20";

/// Fails where systemd warns of anything, or calls the unit exposed.
pub fn check() -> Result<(), String> {
    eprintln!("==> the service manager's unit");
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        debian::install(&["systemd"])?;
    }
    let unit = fs::read_to_string(root().join("packaging/callsign-hub.service"))
        .map_err(|error| format!("the unit cannot be read: {error}"))?;
    // systemd looks whether the program is there.
    let unit = unit.replace(INSTALLED, &binary().display().to_string());
    let dir = target().join("units");
    for with_tls in [None, Some("packaging/callsign-hub-tls.conf")] {
        prepare(&dir, &unit, with_tls).map_err(|error| format!("{}: {error}", dir.display()))?;
        let unit = dir.join("callsign-hub.service");
        analyze(&["verify"], &unit)?;
        analyze(&["security", "--offline=yes", &format!("--threshold={EXPOSURE_MAX}")], &unit)?;
    }
    Ok(())
}

/// The unit in a directory, with what is dropped in beside it.
fn prepare(dir: &Path, unit: &str, drop_in: Option<&str>) -> io::Result<()> {
    let beside = dir.join("callsign-hub.service.d");
    fs::create_dir_all(&beside)?;
    fs::write(dir.join("callsign-hub.service"), unit)?;
    match drop_in {
        Some(file) => fs::copy(root().join(file), beside.join("tls.conf")).map(drop),
        None => fs::remove_dir_all(&beside),
    }
}

/// Warnings are errors: systemd ignores a line that it does not know, and goes on.
fn analyze(arguments: &[&str], unit: &Path) -> Result<(), String> {
    let run = Command::new("systemd-analyze").args(arguments).arg(unit).output();
    let output = run.map_err(|error| {
        format!("systemd-analyze: {error}; install it with: {}", debian::command(&["systemd"]))
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() && said.trim().is_empty() {
        return Ok(());
    }
    let report = String::from_utf8_lossy(&output.stdout);
    Err(format!("systemd-analyze {} {}: {said}{report}", arguments.join(" "), unit.display()))
}
