//! Development tasks: `cargo demo`, `cargo check-all`, and the others of `cargo xtask`.

mod browsers;
mod check_all;
mod crate_graph;
mod debian;
mod dependencies;
mod fuzz;
mod independent;
mod letters;
mod licence;
mod markdown_paths;
mod metadata;
mod model;
mod network;
mod page;
mod performance;
mod plan;
mod step;
mod units;
mod vectors;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use step::Step;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let done = match task.as_str() {
        "check-all" => check_all::run(),
        "demo" => demo(&rest),
        "distinguish" => testkit("distinguish", &rest),
        "fuzz" => fuzz::run(&rest),
        "letters" => letters::run(&rest),
        "model" => model::run(),
        "page" => page::build(),
        "performance" => performance::run(&rest),
        "plan" => plan::run(&rest),
        "simulate" => testkit("simulate", &rest),
        "units" => units::check(),
        "vectors" => vectors::run(&rest),
        _ => Err(
            "tasks: check-all, demo [arguments of callsign demo], distinguish [--help], fuzz --seconds N [target], letters [--check], model, page, performance [--seconds S] [--only hub|desk], plan [--check], simulate [--help], units, vectors [--check]"
                .to_owned(),
        ),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("xtask: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Builds what is not up to date, then becomes the demonstration.
fn demo(arguments: &[String]) -> Result<(), String> {
    page::build()?;
    Step::cargo("building callsign", &["build", "--package", "callsign"]).run()?;
    Step::new("callsign demo", &binary().display().to_string(), &["demo"]).args(arguments).become_it()
}

/// Runs a program of the testkit. Its files are thrown away, so they lie in memory where there is a place for that.
fn testkit(program: &str, arguments: &[String]) -> Result<(), String> {
    let package = ["run", "--quiet", "--package", "callsign-testkit", "--bin", program, "--"];
    let mut step = Step::cargo(program, &package).args(arguments);
    if arguments.iter().any(|argument| argument.contains("process")) {
        Step::cargo("building callsign", &["build", "--package", "callsign"]).run()?;
        step = step.env("CALLSIGN_BIN", binary());
    }
    if std::env::var_os("TMPDIR").is_none() && Path::new("/dev/shm").is_dir() {
        step = step.env("TMPDIR", "/dev/shm");
    }
    step.become_it()
}

/// The root of the workspace.
fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Where all that is built lies: this program too, wherever cargo was told to build.
fn target() -> PathBuf {
    let own = std::env::current_exe().ok();
    own.and_then(|own| Some(own.parent()?.parent()?.to_owned())).unwrap_or_else(|| root().join("target"))
}

/// The binary that `cargo build --package callsign` makes.
fn binary() -> PathBuf {
    target().join("debug/callsign")
}
