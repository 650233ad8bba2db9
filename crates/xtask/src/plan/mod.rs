//! `cargo xtask plan`: which cadence and how many shards a desk should publish, by simulation.

mod arrivals;
mod choice;
mod figures;
mod posting;
mod report;
mod text;
mod visits;

use std::fs;

use crate::root;

/// Prints the document of the plan, or compares it with the kept one.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => {
            print!("{}", report::document());
            Ok(())
        }
        ["--check"] => check(),
        _ => Err("usage: cargo xtask plan [--check]".to_owned()),
    }
}

/// Whether `docs/planning.md` is what this prints.
fn check() -> Result<(), String> {
    let path = root().join("docs/planning.md");
    let kept = fs::read_to_string(&path).map_err(|error| format!("docs/planning.md: {error}"))?;
    let printed = report::document();
    if kept == printed {
        return Ok(());
    }
    let line = kept.lines().zip(printed.lines()).take_while(|(kept, printed)| kept == printed).count() + 1;
    Err(format!(
        "docs/planning.md differs from line {line} on: `cargo xtask plan > docs/planning.md` writes it anew"
    ))
}
