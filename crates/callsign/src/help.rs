//! What `--help` prints: examples that can be copied at any width, and the variables that a command reads.

#[cfg(test)]
mod documented;

use clap::{Command, CommandFactory, FromArgMatches};

/// How a line begins that is an example.
const EXAMPLE: &str = "  callsign ";
/// Stands for a space at which no line may end: clap wraps at the ordinary space alone.
const UNBROKEN: &str = "\u{a0}";

/// A variable of the environment.
struct Variable {
    name: &'static str,
    what: &'static str,
    /// The commands that read it, with those below them.
    readers: &'static [&'static str],
}

const VARIABLES: [Variable; 5] = [
    Variable {
        name: "CALLSIGN_PASSPHRASE",
        what: "The passphrase of the desk's vault. Without it a person is asked",
        readers: &["desk", "doctor"],
    },
    Variable {
        name: "CALLSIGN_IDENTITY_PASSPHRASE",
        what: "The passphrase of the identity's file, or of the recovery kit. Without it a person is asked",
        readers: &["desk identity", "desk init"],
    },
    Variable {
        name: "CALLSIGN_NEW_IDENTITY_PASSPHRASE",
        what: "The passphrase of the new identity's file. Without it a person is asked",
        readers: &["desk identity succeed"],
    },
    Variable {
        name: "ALL_PROXY",
        what: "The proxy to the hub, such as Tor's socks5h://127.0.0.1:9050. Nothing on this machine is reached through it",
        readers: &["call", "desk", "doctor", "letter"],
    },
    Variable {
        name: "CALLSIGN_LOG",
        what: "What is logged to standard error: error, warn, info, debug or trace. Without it warn",
        readers: &["demo", "desk serve", "hub"],
    },
];

/// The arguments of this process, or what to say instead.
pub fn try_parse<T: CommandFactory + FromArgMatches>() -> Result<T, clap::Error> {
    let mut command = complete(T::command(), "");
    let mut matches = command.try_get_matches_from_mut(std::env::args_os())?;
    T::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// Help as it is printed: with spaces in its examples.
pub fn with_spaces(help: &str) -> String {
    help.replace(UNBROKEN, " ")
}

/// The command and all below it, at `path`, with variables told and examples kept whole.
fn complete(command: Command, path: &str) -> Command {
    let said = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let sections = [keep_examples_whole(&in_paragraphs(&said)), variables_of(path)];
    let sections: Vec<_> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    command.after_help(sections.join("\n\n")).mut_subcommands(|below| {
        let path = format!("{path} {}", below.get_name());
        complete(below, path.trim_start())
    })
}

/// Each paragraph in one line: clap breaks lines where the terminal ends, and what is broken in the source would be broken twice.
fn in_paragraphs(text: &str) -> String {
    let is_prose = |line: &str| !line.is_empty() && !line.starts_with(' ') && !line.ends_with(':');
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match lines.last_mut() {
            Some(last) if is_prose(line) && is_prose(last) => {
                last.push(' ');
                last.push_str(line);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

fn keep_examples_whole(text: &str) -> String {
    let whole = |line: &str| {
        if line.starts_with(EXAMPLE) { line.replace(' ', UNBROKEN) } else { line.to_owned() }
    };
    text.lines().map(whole).collect::<Vec<_>>().join("\n")
}

/// The section on the variables that the command at a path reads; empty where it reads none.
fn variables_of(path: &str) -> String {
    let reads = |variable: &&Variable| {
        variable.readers.iter().any(|reader| {
            path.strip_prefix(reader).is_some_and(|below| below.is_empty() || below.starts_with(' '))
        })
    };
    let lines: Vec<_> = VARIABLES
        .iter()
        .filter(reads)
        .map(|variable| format!("  {}\n      {}", variable.name, variable.what))
        .collect();
    if lines.is_empty() { String::new() } else { format!("Environment:\n{}", lines.join("\n")) }
}
