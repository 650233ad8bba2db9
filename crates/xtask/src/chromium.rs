//! Finds the Chromium that the browser tests drive; installs Debian's where it may, and never lets the tests be skipped.

use std::path::PathBuf;

use crate::debian;

const PACKAGES: [&str; 3] = ["chromium", "fonts-dejavu-core", "fonts-noto-color-emoji"];

/// The path of a Chromium.
pub fn find() -> Result<PathBuf, String> {
    if let Some(found) = on_path() {
        return Ok(found);
    }
    debian::install(&PACKAGES)?;
    on_path().ok_or_else(|| {
        format!("the browser tests need Chromium; install it with: {}", debian::command(&PACKAGES))
    })
}

fn on_path() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let usual =
        std::env::split_paths(&paths).flat_map(|dir| [dir.join("chromium"), dir.join("chromium-browser")]);
    named.into_iter().chain(usual).find(|path| path.is_file())
}
