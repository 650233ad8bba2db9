//! `cargo xtask performance`: measures a hub of the released program on this machine, and writes `docs/performance.md`.

mod hub;
mod machine;
mod measure;
mod plot;
mod report;

use std::fs;

use crate::{page, root, step::Step, target};

/// Seconds of each run where nothing else is said.
const SECONDS: u32 = 10;

/// Builds, measures, writes. Takes about fifty times `--seconds`.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let seconds = match arguments.as_slice() {
        [] => Some(SECONDS),
        ["--seconds", seconds] => seconds.parse().ok().filter(|seconds| *seconds > 0),
        _ => None,
    };
    let seconds = seconds.ok_or("usage: cargo xtask performance [--seconds S]")?;
    page::build()?;
    Step::cargo("building callsign for release", &["build", "--release", "--package", "callsign"]).run()?;
    let bench = measure::Bench {
        binary: target().join("release/callsign"),
        // On the disk that is measured, and not where temporary files lie in memory.
        dir: target().join("performance"),
        seconds,
    };
    let failed = |what: &str, error: std::io::Error| format!("{what}: {error}");
    if bench.dir.exists() {
        fs::remove_dir_all(&bench.dir).map_err(|error| failed("target/performance", error))?;
    }
    fs::create_dir_all(&bench.dir).map_err(|error| failed("target/performance", error))?;
    let machine = machine::describe(&bench.dir)?;
    let figures = bench.all()?;
    fs::remove_dir_all(&bench.dir).map_err(|error| failed("target/performance", error))?;
    let plots = root().join("docs/performance");
    fs::create_dir_all(&plots).map_err(|error| failed("docs/performance", error))?;
    for (name, svg) in report::plots(&figures) {
        fs::write(plots.join(name), svg).map_err(|error| failed(name, error))?;
    }
    let document = root().join("docs/performance.md");
    let text = fs::read_to_string(&document).map_err(|error| failed("docs/performance.md", error))?;
    let text = report::insert(&text, &report::measured(&machine, &figures))?;
    fs::write(&document, text).map_err(|error| failed("docs/performance.md", error))
}
