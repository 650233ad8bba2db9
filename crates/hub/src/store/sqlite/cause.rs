//! What the database and the disk report, in our words: the cause, and the way out.

use std::{error::Error, io, path::Path, sync::Arc};

use callsign_protocol::os_error::cause_and_way_out;
use rusqlite::{ErrorCode, ffi};
use rustix::fs::{Access, access};

use crate::store::StoreError;

/// Names the operation that an error of the database or the disk belongs to, and tells damage from other trouble.
pub fn failed<E: Error + 'static>(operation: &'static str) -> impl FnOnce(E) -> StoreError {
    move |error| {
        let error: &(dyn Error + 'static) = &error;
        let of_group = || error.downcast_ref::<Arc<rusqlite::Error>>().map(AsRef::as_ref);
        if let Some(error) = error.downcast_ref::<rusqlite::Error>().or_else(of_group) {
            let cause = cause(error).to_owned();
            return if is_damage(error) {
                StoreError::Damaged { operation, what: cause }
            } else {
                StoreError::Backend { operation, cause }
            };
        }
        let cause = error.downcast_ref::<io::Error>().map_or_else(|| UNKNOWN.to_owned(), cause_and_way_out);
        StoreError::Backend { operation, cause }
    }
}

/// An error while a database file is opened: what the disk says of the file says more than the database does.
pub fn not_opened(path: &Path) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |error| match unreachable(path, Access::READ_OK) {
        Some(cause) if !is_damage(&error) => StoreError::File(path.to_owned(), cause),
        _ => failed("open")(error),
    }
}

/// Why a file cannot be used so. It is not opened: closing it would take away the locks of all connections to it.
pub fn unreachable(path: &Path, way: Access) -> Option<io::Error> {
    if path.is_dir() {
        return Some(io::ErrorKind::IsADirectory.into());
    }
    access(path, way).err().map(io::Error::from)
}

/// Whether the file is not what was written: broken pages, or values that no statement of this program writes.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || matches!(
            error,
            E::FromSqlConversionFailure(..) | E::IntegralValueOutOfRange(..) | E::InvalidColumnType(..)
        )
}

/// The cause of an error of the database and, but for damage, the way out.
pub fn cause(error: &rusqlite::Error) -> &'static str {
    let moved = error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_READONLY_DBMOVED);
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly) if moved => MOVED,
        Some(code) => of_code(code),
        None if is_damage(error) => "a value is of another kind than was written",
        None => UNKNOWN,
    }
}

const MOVED: &str = "it was moved or deleted while the hub has it open; stop the hub and put it back";
const UNKNOWN: &str = "this program does not know why; start it anew, and report the fault if it comes again";

fn of_code(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::CannotOpen => {
            "it, or a file beside it, cannot be opened; check that the hub's account may write in its directory"
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            "another program keeps it locked; end that program and try again"
        }
        ErrorCode::DatabaseCorrupt => "pages of it are broken",
        ErrorCode::DiskFull => "the disk is full; make room on it and try again",
        ErrorCode::NotADatabase => "the file is no database",
        ErrorCode::OperationAborted => "the write was rolled back with others; look whether the disk is full",
        ErrorCode::OperationInterrupted => "it was interrupted; try again",
        ErrorCode::OutOfMemory => "the memory is used up; end other programs and try again",
        ErrorCode::PermissionDenied => "permission is denied; run the command as the hub's account",
        ErrorCode::ReadOnly => {
            "it can only be read; check that its disk is not read-only and that the hub's account owns it"
        }
        ErrorCode::SystemIoFailure => "its disk has a fault, or is full; check the disk and try again",
        ErrorCode::TooBig => "it would be too large for its disk; move its directory to another one",
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cause_is_the_databases_own_sentence() {
        for code in (0..=102).flat_map(|code| [code, code | 256, code | 1024]) {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            let said = failed::<rusqlite::Error>("open")(error).to_string();
            let theirs = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).to_string();
            assert!(!said.contains(&theirs) && said.contains(';'), "{code}: {said}");
        }
        let full = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), Some("x".to_owned()));
        assert!(failed::<rusqlite::Error>("open")(full).to_string().contains("the disk is full; make room"));
        let moved = ffi::Error::new(ffi::SQLITE_READONLY_DBMOVED);
        assert_eq!(cause(&rusqlite::Error::SqliteFailure(moved, None)), MOVED);
    }
}
