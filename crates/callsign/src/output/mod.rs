//! The one way to print: results to standard output, all else to standard error, as text or as JSON lines.
//!
//! # How commands print
//!
//! - **A result**: do the work, then `output::give(Done::Changed("the answer was posted"), &lines, &json)?` once.
//!   People get the [`Lines`], programs the JSON in one line; no command asks which. `Done::Read` is for commands that
//!   change nothing. Where the text cannot be written, the error says what was done all the same.
//! - **What must be seen first** (a phrase before its message goes out): [`show_first`], or [`show_aside`] where
//!   standard output goes to somebody else. Where it cannot be written, the command must not go on.
//! - **A warning**: `output::warn("code", "sentence")`, before which people read "Warning:". **What is to be known of a success**:
//!   `output::tell("code", "Sentence.")`, before which they read "Note:". **What goes on, or is to be done next**, for people alone:
//!   `output::note("Sentence.")`. **A question** before something is typed: `output::ask("Type yes: ")`.
//! - **A failure**: return `Err(Failure::new("code", "cause, place, way out"))`; `main` prints it.
//!
//! `println!`, `eprintln!`, `print!`, `io::stdout()` and `io::stderr()` are refused by the lints everywhere else.
//!
//! # Text that is not ours
//!
//! Everything that is printed passes through [`escape`]: controls, bidirectional overrides and invisible characters
//! become visible escapes, and a line feed inside a line does, too. So a forgotten case cannot drive a terminal or
//! forge a row. Beyond that, use [`label`] for names (call signs, tracks, languages, desks, devices, files, words of
//! others in errors): it also cuts long ones. Use [`Lines::push_quote`] for messages and answers: every line of them
//! stands under `| `.
//!
//! # Streams that fail
//!
//! A closed pipe ends a command quietly, with exit status 0: the reader has had enough. Any other error on standard
//! output is a failure with the code `output` and exit status 1. Errors on standard error are ignored; work goes on.
//! Whoever starts a program with a closed standard stream gives it `/dev/null`, so no file of ours becomes one.

mod count;
mod json;
mod lines;
mod log;
mod streams;
mod usage;

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use serde::Serialize;
use serde_json::json;

pub use callsign_desk::escape::{escape, label};

pub use self::{
    count::count,
    lines::Lines,
    log::{start_log, tell_of_panics},
    usage::{explain, is_json_asked},
};
use crate::failure::Failure;

/// What a command had done before it printed.
#[derive(Clone, Copy, Debug)]
pub enum Done<'a> {
    /// Nothing was changed anywhere, and what is printed is all that there is of this: "the letter".
    Only(&'a str),
    /// Nothing was changed anywhere.
    Read,
    /// What was changed, as the beginning of a sentence: "the answer was posted".
    Changed(&'a str),
    /// What was changed, by a command that prints the same when it is given again and changes nothing more.
    Repeatable(&'a str),
}

/// Where people are shown what they must see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On standard error, for standard output goes to somebody else.
    Aside,
    /// On standard output.
    Output,
}

/// Whether a command speaks to people or to programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// Sentences.
    Human,
    /// JSON lines on both streams.
    Json,
}

/// How much is wrong where something is said beside a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gravity {
    /// It was not done.
    Error,
    /// It was done, and something is wrong or in danger.
    Warning,
    /// It was done, and this belongs to it.
    Note,
}

impl Gravity {
    /// What stands before the sentence, for people.
    fn prefix(self) -> &'static str {
        match self {
            Self::Error => "callsign: ",
            Self::Warning => "Warning: ",
            Self::Note => "Note: ",
        }
    }
}

/// One process has one pair of streams, so it has one voice.
static IS_JSON: AtomicBool = AtomicBool::new(false);

impl Voice {
    /// The voice that `--json` asks for.
    pub fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Human }
    }

    /// The voice of this process.
    pub fn current() -> Self {
        Self::of(IS_JSON.load(Ordering::Relaxed))
    }

    /// Makes this the voice of this process.
    pub fn set(self) {
        IS_JSON.store(self == Self::Json, Ordering::Relaxed);
    }
}

/// Prints a result to standard output; `done` is said where that fails.
pub fn give(done: Done<'_>, lines: &Lines, json: &impl Serialize) -> Result<(), Failure> {
    let text = match Voice::current() {
        Voice::Human => lines.text(streams::columns()),
        Voice::Json => json::line(json),
    };
    streams::to_stdout(text.as_bytes()).map_err(|error| Failure::of_output(done, &error))
}

/// Prints lines for people to standard output that must be seen before the command may go on. Where this fails, even by
/// a closed pipe, `nothing` says that nothing was done: "nothing was sent". Programs find it on standard error, for
/// standard output has the one result.
pub fn show_first(lines: &Lines, json: &impl Serialize, nothing: &str) -> Result<(), Failure> {
    match Voice::current() {
        Voice::Human => {
            let text = lines.text(streams::columns());
            streams::to_stdout(text.as_bytes())
                .map_err(|error| Failure::of_hidden(nothing, "standard output", &error))
        }
        Voice::Json => show_aside(lines, json, nothing),
    }
}

/// The same on standard error, for commands whose standard output goes to somebody else.
pub fn show_aside(lines: &Lines, json: &impl Serialize, nothing: &str) -> Result<(), Failure> {
    let text = match Voice::current() {
        Voice::Human => lines.text(None),
        Voice::Json => json::line(&json!({ "note": json })),
    };
    streams::to_stderr(text.as_bytes()).map_err(|error| Failure::of_hidden(nothing, "standard error", &error))
}

/// Refuses to make a phrase that nobody would see, because its stream leads nowhere. Programs find it on
/// either stream. `nothing` says that nothing was done: "nothing was sent".
pub fn refuse_unseen(place: Place, nothing: &str) -> Result<(), Failure> {
    let (output, error) = (streams::is_stdout_nowhere(), streams::is_stderr_nowhere());
    let (is_lost, stream) = match (Voice::current(), place) {
        (Voice::Human, Place::Output) => (output, "standard output"),
        (Voice::Human, Place::Aside) => (error, "standard error"),
        (Voice::Json, _) => (output && error, "both standard output and standard error"),
    };
    if is_lost { Err(Failure::of_nowhere(nothing, stream)) } else { Ok(()) }
}

/// Refuses to make what would be lost, because standard output, its only place, leads nowhere.
pub fn refuse_lost(nothing: &str) -> Result<(), Failure> {
    if streams::is_stdout_nowhere() { Err(Failure::of_nowhere(nothing, "standard output")) } else { Ok(()) }
}

/// Prints a remark to standard error, for people.
pub fn note(text: &str) {
    if Voice::current() == Voice::Human {
        to_stderr(&Lines::new().paragraph(text).text(None));
    }
}

/// Prints a warning to standard error.
pub fn warn(code: &str, message: &str) {
    match Voice::current() {
        Voice::Human => to_stderr(&format!("{}{}\n", Gravity::Warning.prefix(), escape(message))),
        Voice::Json => to_stderr(&json::line(&json!({ "warning": { "code": code, "message": message } }))),
    }
}

/// The same of a cause for which more may fail, and of what it means: a failure that comes of it names the warning, and does not say all of
/// it again to people.
pub fn warn_of_cause(code: &str, cause: &str, meaning: &str) {
    warn(code, &format!("{cause}. {meaning}"));
    *told() = Some(cause.to_owned());
}

/// Prints to standard error what followed from a command that went well: for people a remark, for programs a warning.
pub fn tell(code: &str, message: &str) {
    match Voice::current() {
        Voice::Human => to_stderr(&format!("{}{}\n", Gravity::Note.prefix(), escape(message))),
        Voice::Json => warn(code, message),
    }
}

/// Prints a question to standard error, and leaves the cursor behind it.
pub fn ask(question: &str) {
    match Voice::current() {
        Voice::Human => to_stderr(&escape(question)),
        Voice::Json => to_stderr(&json::line(&json!({ "prompt": { "message": question.trim_end() } }))),
    }
}

/// Prints why a command failed to standard error; nothing where only the reader has gone.
pub fn fail(failure: &Failure) {
    if failure.is_reader_gone() {
        return;
    }
    match Voice::current() {
        Voice::Human => to_stderr(&format!(
            "{}{}\n",
            Gravity::Error.prefix(),
            escape(&shortened(failure.message(), told().as_deref()))
        )),
        Voice::Json => to_stderr(&json::line(&json!({ "error": failure }))),
    }
}

/// The cause that people were warned of.
fn told() -> MutexGuard<'static, Option<String>> {
    static TOLD: Mutex<Option<String>> = Mutex::new(None);
    TOLD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A sentence without what was told before.
fn shortened(message: &str, told: Option<&str>) -> String {
    match told {
        Some(told) if message == told => {
            "this was not done; the warning above says why, and what to do".to_owned()
        }
        Some(told) => message.replace(told, "the warning above says why, and what to do"),
        None => message.to_owned(),
    }
}

/// Nobody can be told that standard error cannot be written.
fn to_stderr(text: &str) {
    let _ = streams::to_stderr(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_was_told_is_not_told_again() {
        let cause = "the disk with /d is full; make room on it and try again, nothing was lost";
        let told = Some(cause);
        let said = shortened(cause, told);
        assert!(!said.contains("full") && said.contains("the warning above"), "{said}");
        let said = shortened(&format!("the call is shown, and not kept: {cause}"), told);
        assert_eq!(said, "the call is shown, and not kept: the warning above says why, and what to do");
        for (message, told) in [(cause, None), ("the hub is away", Some(cause))] {
            assert_eq!(shortened(message, told), message);
        }
    }

    #[test]
    fn an_error_a_warning_and_a_note_begin_each_in_their_own_way() {
        let all = [Gravity::Error, Gravity::Warning, Gravity::Note].map(Gravity::prefix);
        assert_eq!(all, ["callsign: ", "Warning: ", "Note: "]);
    }
}
