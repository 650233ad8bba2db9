//! Installs Debian's packages where this may be done; elsewhere the caller says what to type.

use std::process::{Command, Stdio};

use crate::step::Step;

/// What to type to install packages.
pub fn command(packages: &[&str]) -> String {
    format!("sudo apt-get install --yes --no-install-recommends {}", packages.join(" "))
}

/// Installs packages as root; does nothing for anybody else.
pub fn install(packages: &[&str]) -> Result<(), String> {
    if !is_root() {
        return Ok(());
    }
    let apt = |what: &str, arguments: &[&str]| {
        Step::new(what, "apt-get", arguments).env("DEBIAN_FRONTEND", "noninteractive").run()
    };
    apt("apt-get update", &["update", "--quiet=2"])?;
    let arguments = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    apt(&format!("installing {}", packages.join(" ")), &arguments)
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    id.is_ok_and(|output| output.stdout == b"0\n")
}
