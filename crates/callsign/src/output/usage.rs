//! Help, version, and what is wrong with arguments.

use std::{
    ffi::OsString,
    net::AddrParseError,
    num::{ParseFloatError, ParseIntError},
    process::ExitCode,
};

use clap::error::{ContextKind, ContextValue};

use super::{Done, Lines, Voice, fail, give, label, streams, to_stderr};
use crate::{failure::Failure, help};

/// The exit status of a command whose arguments are wrong.
const USAGE: u8 = 2;

/// Whether `--json` is among arguments that may be wrong otherwise.
pub fn is_json_asked(arguments: impl IntoIterator<Item = OsString>) -> bool {
    arguments.into_iter().take_while(|argument| argument != "--").any(|argument| {
        argument == "--json" || argument.to_str().is_some_and(|argument| argument.starts_with("--json="))
    })
}

/// Prints help or version to standard output, and what is wrong with arguments to standard error.
pub fn explain(error: &clap::Error) -> ExitCode {
    let text = in_our_words(error, help::with_spaces(&error.render().to_string()));
    let lines = Lines::new().paragraph(text.trim_end());
    if !error.use_stderr() {
        return match give_text(&lines) {
            Err(failure) if !failure.is_reader_gone() => {
                fail(&failure);
                ExitCode::FAILURE
            }
            _ => ExitCode::SUCCESS,
        };
    }
    match Voice::current() {
        Voice::Human => to_stderr(&lines.text(None)),
        Voice::Json => {
            let sentences: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            let message = sentences.join(" ");
            fail(&Failure::usage(message.strip_prefix("error: ").unwrap_or(&message)));
        }
    }
    ExitCode::from(USAGE)
}

/// What is wrong with a value says what is expected, where clap only passes on what the standard library says;
/// a long value is cut.
fn in_our_words(error: &clap::Error, text: String) -> String {
    let text = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(typed)) => text.replacen(typed.as_str(), &label(typed), 1),
        _ => text,
    };
    let Some(source) = std::error::Error::source(error) else { return text };
    let wanted = if source.is::<ParseIntError>() {
        "a whole number is expected here, such as 5, and not a larger one than --help says"
    } else if source.is::<ParseFloatError>() {
        "a number is expected here, such as 5 or 0.5"
    } else if source.is::<AddrParseError>() {
        "an IP address and a port are expected here, such as 127.0.0.1:8700 or [::1]:8700"
    } else {
        return text;
    };
    text.replacen(&source.to_string(), wanted, 1)
}

/// Help is text for people, with `--json`, too.
fn give_text(lines: &Lines) -> Result<(), Failure> {
    match Voice::current() {
        Voice::Human => give(Done::Read, lines, &()),
        Voice::Json => streams::to_stdout(lines.text(None).as_bytes())
            .map_err(|error| Failure::of_output(Done::Read, &error)),
    }
}
