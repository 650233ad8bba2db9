//! Whether docs/command-line.md names every flag that the commands know.

use clap::{Command, CommandFactory as _};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/command-line.md");

/// A row of the document's table for each command below this one that does something itself.
fn rows(command: &Command, path: &str) -> Vec<String> {
    let below = command.get_subcommands().filter(|one| !one.is_hide_set());
    let mut rows: Vec<String> =
        below.flat_map(|one| rows(one, &format!("{path} {}", one.get_name()))).collect();
    let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let mut flags: Vec<_> = shown.filter_map(|argument| argument.get_long()).collect();
    flags.retain(|flag| !matches!(*flag, "help" | "version"));
    flags.sort_unstable();
    let is_run = !command.is_subcommand_required_set();
    if is_run && !flags.is_empty() {
        let flags: Vec<_> = flags.iter().map(|flag| format!("`--{flag}`")).collect();
        rows.push(format!("| `{path}` | {} |", flags.join(", ")));
    }
    rows
}

#[test]
fn every_flag_stands_in_the_document() {
    let mut known = rows(&crate::Arguments::command(), "callsign");
    known.sort_unstable();
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let said: Vec<_> = document.lines().filter(|line| line.starts_with("| `callsign")).collect();
    assert!(said == known, "docs/command-line.md wants these rows:\n{}", known.join("\n"));
}
