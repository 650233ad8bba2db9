//! Everything that must hold before a change lands: form, lints, tests of both languages, and real browsers.

use crate::{
    binary,
    browsers::{CHROMIUM, FIREFOX},
    crate_graph, dependencies, independent, letters, markdown_paths, network, page, plan,
    step::Step,
    units, vectors,
};

/// Runs all checks; stops at the first that fails.
pub fn run() -> Result<(), String> {
    let (chromium, firefox) = (CHROMIUM.find()?, FIREFOX.find()?);
    network::check()?;
    crate_graph::check()?;
    dependencies::check()?;
    markdown_paths::check()?;
    let check = ["--check".to_owned()];
    letters::run(&check)?;
    vectors::run(&check)?;
    independent::check()?;
    plan::run(&check)?;
    Step::cargo("formatting", &["fmt", "--all", "--check"]).run()?;
    // The binary carries the pages' scripts, so they come first.
    page::build()?;
    Step::cargo("lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()?;
    // Nothing is published, so what is private is documented too, and its links are looked at.
    Step::cargo("documentation", &["doc", "--quiet", "--workspace", "--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Step::cargo("the binary", &["build", "--package", "callsign"]).run()?;
    units::check()?;
    Step::cargo("Rust tests", &["test", "--workspace", "--no-fail-fast"])
        .env("CALLSIGN_BIN", binary())
        .run()?;
    Step::npm("TypeScript checks", &["run", "--silent", "check"]).run()?;
    Step::npm("TypeScript tests", &["test", "--silent", "--workspaces"]).run()?;
    for (what, script) in [
        ("the page in Chromium", "test:browser"),
        ("the page in Firefox", "test:firefox"),
        ("page, hub and desk in Chromium", "test:end-to-end"),
    ] {
        Step::npm(what, &["run", "--silent", script, "--workspace", "caller"])
            .env(CHROMIUM.variable, &chromium)
            .env(FIREFOX.variable, &firefox)
            .env("CALLSIGN_BIN", binary())
            .run()?;
    }
    eprintln!("==> all checks passed");
    Ok(())
}
