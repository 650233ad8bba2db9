//! Finds the caller's page and the script of the desk's, which `cargo xtask page` builds, so that the binary carries them.

use std::{env, fs, path::Path};

const CALLERS: [&str; 3] = ["index.html", "app.js", "style.css"];

fn main() {
    let callers =
        CALLERS.into_iter().flat_map(|name| ["", ".br", ".gz"].map(|coding| format!("{name}{coding}")));
    for name in callers {
        carry("caller", &name);
    }
    carry("desk", "desk.js");
}

/// Copies a built file to where the program includes it from.
fn carry(page: &str, name: &str) {
    let web = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../web");
    let from = web.join(page).join("dist").join(name);
    let out = env::var("OUT_DIR").unwrap_or_default();
    println!("cargo::rerun-if-changed={}", from.display());
    if let Err(error) = fs::copy(&from, Path::new(&out).join(name)) {
        println!("cargo::error=web/{page} is not built ({name}: {error}); run `cargo xtask page` first");
    }
}
