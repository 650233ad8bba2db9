//! Builds the pages in `web` with Node, where their sources are newer than what is built.

use std::{fs, path::Path, time::SystemTime};

use crate::{root, step::Step};

/// A page: its folder, what the step is called, what it is made of, and the file that its build writes last.
struct Page {
    folder: &'static str,
    what: &'static str,
    sources: &'static [&'static str],
    last: &'static str,
}

const PAGES: [Page; 2] = [
    Page {
        folder: "caller",
        what: "building the caller's page",
        sources: &["src", "build.mjs", "../package-lock.json", "../../crates/protocol/words"],
        last: "dist/style.css.gz",
    },
    Page {
        folder: "desk",
        what: "building the script of the desk's pages",
        sources: &["src", "build.mjs", "../package-lock.json", "../../crates/desk/texts"],
        last: "dist/desk.js",
    },
];

/// Installs what the pages need and builds them.
pub fn build() -> Result<(), String> {
    install()?;
    for page in PAGES {
        let folder = root().join("web").join(page.folder);
        let newest = page.sources.iter().map(|source| newest(&folder.join(source))).max().flatten();
        if newest > modified(&folder.join(page.last)) {
            let arguments = ["run", "--silent", "build", "--workspace", page.folder];
            Step::npm(page.what, &arguments).aside().run()?;
        }
    }
    Ok(())
}

/// Installs the locked npm packages, where they are not.
fn install() -> Result<(), String> {
    let web = root().join("web");
    // npm writes this file last.
    let installed = modified(&web.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= modified(&web.join("package-lock.json")) {
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
