//! Standard output and standard error: the only place that writes to them.

use std::{
    io::{self, IsTerminal as _},
    os::fd::{AsFd, BorrowedFd},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::{FileType, fstat, makedev},
    io::{Errno, write},
    termios::tcgetwinsize,
};

/// Writes all, past the standard library's buffer: that one takes a stream that cannot be written for one that can.
#[expect(clippy::disallowed_methods, reason = "this is the named file")]
pub fn to_stdout(bytes: &[u8]) -> io::Result<()> {
    write_all(io::stdout().as_fd(), bytes)
}

/// Writes all.
#[expect(clippy::disallowed_methods, reason = "this is the named file")]
pub fn to_stderr(bytes: &[u8]) -> io::Result<()> {
    write_all(io::stderr().as_fd(), bytes)
}

/// Whether standard output leads nowhere: to `/dev/null`, as it does where it was closed at the start.
#[expect(clippy::disallowed_methods, reason = "this is the named file")]
pub fn is_stdout_nowhere() -> bool {
    is_nowhere(io::stdout().as_fd())
}

/// Whether standard error leads nowhere.
#[expect(clippy::disallowed_methods, reason = "this is the named file")]
pub fn is_stderr_nowhere() -> bool {
    is_nowhere(io::stderr().as_fd())
}

/// Columns of the terminal that standard output is, if it is one.
#[expect(clippy::disallowed_methods, reason = "this is the named file")]
pub fn columns() -> Option<usize> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    tcgetwinsize(stdout.as_fd()).ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Whether a stream is Linux's null device.
fn is_nowhere(stream: BorrowedFd<'_>) -> bool {
    fstat(stream).is_ok_and(|about| {
        FileType::from_raw_mode(about.st_mode).is_char_device() && about.st_rdev == makedev(1, 3)
    })
}

/// Waits where the other end of a stream that does not block is slow.
fn write_all(stream: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match write(stream, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::new(&stream, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
