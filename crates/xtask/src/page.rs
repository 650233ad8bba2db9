//! Builds the caller's page with Node, where its sources are newer than what is built.

use std::{fs, path::Path, time::SystemTime};

use crate::{root, step::Step};

/// Installs what the page needs and builds it.
pub fn build() -> Result<(), String> {
    let page = root().join("web/caller");
    install()?;
    let sources = ["src", "build.mjs", "package-lock.json", "../../crates/protocol/words"];
    let newest = sources.iter().map(|source| newest(&page.join(source))).max().flatten();
    if newest <= modified(&page.join("dist/style.css.gz")) {
        return Ok(());
    }
    Step::npm("building the caller's page", &["run", "--silent", "build"]).aside().run()
}

/// Installs the locked npm packages, where they are not.
pub fn install() -> Result<(), String> {
    let page = root().join("web/caller");
    // npm writes this file last.
    let installed = modified(&page.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= modified(&page.join("package-lock.json")) {
        return Ok(());
    }
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    Step::npm("installing npm packages", &arguments).aside().run()
}

fn newest(path: &Path) -> Option<SystemTime> {
    let below = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| newest(&entry.path())).max();
    below.flatten().max(modified(path))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}
