//! Errors of the operating system in our words; a pure function, kept where hub, caller and desk all reach it.

use std::io::{Error, ErrorKind};

/// The cause of an error as the part of a sentence: "the disk is full". Place and way out are the caller's to name.
pub fn cause(error: &Error) -> String {
    if let Some(cause) = known(error.kind()) {
        return cause.to_owned();
    }
    match error.raw_os_error() {
        Some(number) => {
            by_number(number).map_or_else(|| format!("error {number} of the operating system"), str::to_owned)
        }
        None => "the operating system refuses it and does not say why".to_owned(),
    }
}

/// The cause, and what to do about it: "the disk is full; make room on it and try again". The place is the caller's.
pub fn cause_and_way_out(error: &Error) -> String {
    format!("{}; {}", cause(error), way_out(error.kind()))
}

fn way_out(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound
        | ErrorKind::IsADirectory
        | ErrorKind::NotADirectory
        | ErrorKind::InvalidFilename
        | ErrorKind::InvalidData
        | ErrorKind::NotSeekable => "check its name",
        ErrorKind::PermissionDenied => "check who owns it, and run the command as that account",
        ErrorKind::AlreadyExists => "choose another name, or move it away",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "make room on it and try again"
        }
        ErrorKind::ReadOnlyFilesystem => "mount it for writing, or choose another place",
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => {
            "end the program that uses it and try again"
        }
        ErrorKind::OutOfMemory => "end other programs and try again",
        _ => "check its disk and try again",
    }
}

fn known(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotFound => "it does not exist",
        ErrorKind::PermissionDenied => "permission is denied",
        ErrorKind::AlreadyExists => "it exists already",
        ErrorKind::IsADirectory => "it is a directory, not a file",
        ErrorKind::NotADirectory => "a part of the path is not a directory",
        ErrorKind::DirectoryNotEmpty => "the directory is not empty",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::QuotaExceeded => "the quota of this account is used up",
        ErrorKind::FileTooLarge => "the file would be too large",
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only",
        ErrorKind::CrossesDevices => "it lies on another disk",
        ErrorKind::InvalidFilename => "the name is too long or not allowed",
        ErrorKind::InvalidData => "it is damaged, or of another kind",
        ErrorKind::UnexpectedEof => "it ends too early",
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => "it is in use",
        ErrorKind::NotSeekable => "it is no ordinary file",
        ErrorKind::OutOfMemory => "the memory is used up",
        ErrorKind::AddrInUse => "another program has this address",
        ErrorKind::AddrNotAvailable => "this machine does not have the address",
        ErrorKind::BrokenPipe => "the other side has closed",
        ErrorKind::ConnectionRefused => "nothing listens there",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::NotConnected => {
            "the connection was cut"
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            "there is no way through the network"
        }
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "there was no answer in time",
        ErrorKind::Interrupted => "it was interrupted",
        ErrorKind::StaleNetworkFileHandle => "the network disk was mounted anew",
        ErrorKind::Unsupported => "this machine does not support it",
        _ => return None,
    })
}

/// Numbers that all systems with Linux's have in common and the standard library gives no kind.
fn by_number(number: i32) -> Option<&'static str> {
    Some(match number {
        5 => "the disk or the terminal has a fault",
        6 => "there is no such device, or no terminal",
        9 => "it was closed before the program began",
        23 | 24 => "too many files are open",
        40 => "the path goes through too many symbolic links",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cause_is_the_systems_own_sentence() {
        for number in 1..=200 {
            let error = Error::from_raw_os_error(number);
            let cause = cause(&error);
            assert!(!cause.contains("os error") && !error.to_string().starts_with(&cause), "{cause}");
            assert!(cause_and_way_out(&error).starts_with(&format!("{cause}; ")), "{cause}");
        }
        assert_eq!(cause(&Error::from_raw_os_error(28)), "the disk is full");
        assert_eq!(cause(&Error::from_raw_os_error(24)), "too many files are open");
        assert_eq!(cause(&Error::from_raw_os_error(75)), "error 75 of the operating system");
    }

    #[test]
    fn words_of_a_library_do_not_come_through() {
        let error = Error::other("stream did not contain valid UTF-8");
        assert_eq!(cause(&error), "the operating system refuses it and does not say why");
    }
}
