//! Finds the Chromium that the browser tests drive; installs Debian's where it may, and never lets the tests be skipped.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::step::Step;

const INSTALL: &str =
    "apt-get install --yes --no-install-recommends chromium fonts-dejavu-core fonts-noto-color-emoji";

/// The path of a Chromium.
pub fn find() -> Result<PathBuf, String> {
    if let Some(found) = on_path() {
        return Ok(found);
    }
    if is_root() {
        let apt = |what, arguments: &[&str]| {
            Step::new(what, "apt-get", arguments).env("DEBIAN_FRONTEND", "noninteractive").run()
        };
        apt("apt-get update", &["update", "--quiet=2"])?;
        let arguments: Vec<&str> = INSTALL.split(' ').skip(1).collect();
        apt("installing Chromium", &arguments)?;
    }
    on_path().ok_or_else(|| format!("the browser tests need Chromium; install it with: sudo {INSTALL}"))
}

fn on_path() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let usual =
        std::env::split_paths(&paths).flat_map(|dir| [dir.join("chromium"), dir.join("chromium-browser")]);
    named.into_iter().chain(usual).find(|path| path.is_file())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    id.is_ok_and(|output| output.stdout == b"0\n")
}
