//! Finds the caller's page, which `cargo xtask page` builds, so that the binary carries it.

use std::{env, fs, path::Path};

const FILES: [&str; 3] = ["index.html", "app.js", "style.css"];

fn main() {
    let dist = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../web/caller/dist");
    let out = env::var("OUT_DIR").unwrap_or_default();
    for name in FILES.into_iter().flat_map(|name| ["", ".br", ".gz"].map(|coding| format!("{name}{coding}")))
    {
        let from = dist.join(&name);
        println!("cargo::rerun-if-changed={}", from.display());
        if let Err(error) = fs::copy(&from, Path::new(&out).join(&name)) {
            println!(
                "cargo::error=the caller's page is not built ({name}: {error}); run `cargo xtask page` first"
            );
            return;
        }
    }
}
