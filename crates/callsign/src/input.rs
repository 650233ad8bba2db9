//! Files and standard input that people name: read within a bound, with errors that name place, cause and way out.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, IsTerminal as _, Read},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use callsign_protocol::os_error::cause;
use rustix::{
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    termios::{QueueSelector, tcflush},
};
use thiserror::Error;

use crate::output::{self, label};

/// What stands for standard input where a file is named.
const STANDARD: &str = "-";

/// Why something could not be read.
#[derive(Debug, Error)]
pub enum InputError {
    #[error("{place} has nothing in it; check that it is the one you mean")]
    Empty { place: String },
    #[error("{place} ended before anything was typed, so nothing was done; try again and type it")]
    Ended { place: String },
    #[error(
        "{place} has more than {max} bytes, so it is something else than it should be; check which one you named"
    )]
    TooLong { place: String, max: u64 },
    #[error("{place} is not UTF-8 text; save it as UTF-8 and try again")]
    NotUtf8 { place: String },
    #[error("{place} cannot be read: {}; check its name and its permissions", cause(source))]
    Unreadable { place: String, source: io::Error },
}

/// What stands for standard input as an argument of its own.
pub fn standard_mark(typed: &str) -> Result<String, &'static str> {
    let others = "only - stands here, for standard input: what is in a file comes by it, with `- <FILE`";
    if typed == STANDARD { Ok(typed.to_owned()) } else { Err(others) }
}

/// Bytes of a file, or of standard input for `-`: one at least, `max` at most.
pub fn bytes(path: &Path, max: u64) -> Result<Vec<u8>, InputError> {
    if path.as_os_str() == STANDARD {
        return standard(max);
    }
    let place = place(path);
    let file = open(path).map_err(|source| InputError::Unreadable { place: place.clone(), source })?;
    read(file, place, max)
}

/// UTF-8 text of a file, or of standard input for `-`, without the mark that some editors put at the beginning.
pub fn text(path: &Path, max: u64) -> Result<String, InputError> {
    let bytes = bytes(path, max)?;
    let text = String::from_utf8(bytes).map_err(|_| InputError::NotUtf8 { place: place(path) })?;
    if text.contains('\0') {
        return Err(InputError::NotUtf8 { place: place(path) });
    }
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Bytes of standard input: one at least, `max` at most.
pub fn standard(max: u64) -> Result<Vec<u8>, InputError> {
    read(io::stdin().lock(), place(Path::new(STANDARD)), max)
}

/// One line that is typed after a question, without what surrounds it.
pub fn line(question: &str) -> Result<String, InputError> {
    output::ask(question);
    standard_line()
}

/// The same where a yes does something: what was typed before the question could be read answers nothing.
pub fn answer(question: &str) -> Result<String, InputError> {
    if io::stdin().is_terminal() {
        tcflush(io::stdin(), QueueSelector::IFlush).map_err(|error| InputError::Unreadable {
            place: place(Path::new(STANDARD)),
            source: error.into(),
        })?;
    }
    line(question)
}

/// One line of standard input, which nothing asks for, without what surrounds it.
pub fn standard_line() -> Result<String, InputError> {
    const LINE_MAX: u64 = 4_096;
    let place = place(Path::new(STANDARD));
    let mut line = Vec::new();
    let read = io::stdin().lock().take(LINE_MAX).read_until(b'\n', &mut line);
    read.map_err(|source| InputError::Unreadable { place: place.clone(), source })?;
    if line.is_empty() {
        return Err(InputError::Ended { place });
    }
    let line = String::from_utf8(line).map_err(|_| InputError::NotUtf8 { place })?;
    Ok(line.trim().to_owned())
}

/// A path as a part of a sentence.
pub fn place(path: &Path) -> String {
    if path.as_os_str() == STANDARD {
        "standard input".to_owned()
    } else {
        format!("the file {}", label(&path.to_string_lossy()))
    }
}

/// A pipe that nobody writes to is empty, instead of being waited for without an end.
fn open(path: &Path) -> io::Result<File> {
    let nonblock = OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(nonblock.bits().cast_signed()).open(path)?;
    fcntl_setfl(&file, fcntl_getfl(&file)? & !nonblock)?;
    Ok(file)
}

fn read(from: impl Read, place: String, max: u64) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    match from.take(max + 1).read_to_end(&mut bytes) {
        Err(source) => Err(InputError::Unreadable { place, source }),
        Ok(0) => Err(InputError::Empty { place }),
        Ok(_) if bytes.len() as u64 > max => Err(InputError::TooLong { place, max }),
        Ok(_) => Ok(bytes),
    }
}

impl InputError {
    /// Stable text for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ended { .. } => "not-typed",
            _ => "file",
        }
    }
}
