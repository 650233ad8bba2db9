//! What is wrong with a disk or a file: the cause, the place and the way out, in words for people.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;
use rustix::{
    fs::{Access, StatVfsMountFlags, access, statvfs},
    io::Errno,
};
use thiserror::Error;

/// Bytes that a disk must have free for a database to make its smallest files; below that the disk is full.
const ROOM_MIN: u64 = 256 << 10;

/// Bytes that a desk may need whatever its size: some days of the log, and what waits.
const ROOM_FOR_WORK: u64 = 64 << 20;
/// How often a desk's files may be there once more at once: the state is written anew with each generation, behind it the index of the search,
/// and each for a while beside what it replaces.
const COPIES: u64 = 2;

/// A disk that will be full before long: its owner is told while there is time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LittleRoom {
    /// Bytes that are free.
    pub free: u64,
    /// Bytes that should be.
    pub wanted: u64,
}

/// A file or directory that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", self.sentence())]
pub struct DiskError {
    /// The file or directory.
    pub path: PathBuf,
    /// Why.
    pub fault: DiskFault,
}

/// Why a file or directory cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFault {
    /// Another program holds it.
    Busy,
    /// It belongs to somebody else, or its permissions forbid it.
    Denied,
    /// The disk itself fails.
    Failing,
    /// No room is left.
    Full,
    /// A directory stands where a file is needed.
    IsDirectory,
    /// A symbolic link in its path leads to itself.
    Loop,
    /// It is not there.
    Missing,
    /// A part of its path is a file.
    NotDirectory,
    /// The user's share of the disk is used up.
    Quota,
    /// The disk is mounted for reading alone.
    ReadOnly,
}

impl LittleRoom {
    /// What a directory's disk has left for the files in it; none where that is enough, or where nobody can say.
    pub(crate) fn on(dir: &Path) -> Option<Self> {
        let disk = statvfs(dir).ok()?;
        let files = std::fs::read_dir(dir).ok()?.filter_map(|file| file.ok()?.metadata().ok());
        let bytes = files.filter(std::fs::Metadata::is_file).map(|about| about.len()).sum();
        Self::of(disk.f_bavail.saturating_mul(disk.f_frsize), bytes)
    }

    fn of(free: u64, files: u64) -> Option<Self> {
        let wanted = ROOM_FOR_WORK.saturating_add(files.saturating_mul(COPIES));
        (free < wanted).then_some(Self { free, wanted })
    }

    /// A sentence for people, without what to do.
    pub fn told(&self) -> String {
        let mib = |bytes: u64| bytes >> 20;
        format!(
            "This computer's disk has {} MiB left, and this desk may need {} MiB.",
            mib(self.free),
            mib(self.wanted)
        )
    }

    /// What to do.
    pub fn way_out(&self) -> &'static str {
        "Make room on it while calls still come in: once it is full, nothing that is new can be kept here, and what is erased stays on it."
    }
}

impl DiskError {
    /// That nothing can be written into a directory, without trying; none where it can, or where it is not there.
    pub fn of_reading_alone(dir: &Path) -> Option<Self> {
        let error = access(dir, Access::WRITE_OK).err()?;
        Some(Self::of_io(dir, &error.into())).filter(Self::keeps_from_writing)
    }

    /// What the system said of `path`.
    pub fn of_io(path: &Path, error: &io::Error) -> Self {
        let fault = match error.kind() {
            ErrorKind::PermissionDenied => DiskFault::Denied,
            ErrorKind::StorageFull => DiskFault::Full,
            ErrorKind::IsADirectory => DiskFault::IsDirectory,
            ErrorKind::NotFound => DiskFault::Missing,
            ErrorKind::NotADirectory => DiskFault::NotDirectory,
            ErrorKind::QuotaExceeded => DiskFault::Quota,
            ErrorKind::ReadOnlyFilesystem => DiskFault::ReadOnly,
            ErrorKind::ResourceBusy | ErrorKind::WouldBlock | ErrorKind::ExecutableFileBusy => {
                DiskFault::Busy
            }
            _ if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => DiskFault::Loop,
            _ => DiskFault::Failing,
        };
        Self { path: path.to_owned(), fault }
    }

    /// Whether what is there may still be read.
    pub fn keeps_from_writing(&self) -> bool {
        matches!(
            self.fault,
            DiskFault::Denied | DiskFault::Failing | DiskFault::Full | DiskFault::Quota | DiskFault::ReadOnly
        )
    }

    /// What the database said of `path`; nothing where the disk is not to blame.
    pub(crate) fn of_database(path: &Path, error: &rusqlite::Error) -> Option<Self> {
        let dir = path.parent().unwrap_or(Path::new("."));
        let fault = match error.sqlite_error_code()? {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => DiskFault::Busy,
            ErrorCode::DiskFull => DiskFault::Full,
            ErrorCode::PermissionDenied | ErrorCode::ReadOnly if !is_read_only(dir) => DiskFault::Denied,
            ErrorCode::PermissionDenied | ErrorCode::ReadOnly => DiskFault::ReadOnly,
            ErrorCode::CannotOpen | ErrorCode::SystemIoFailure => why_no_file(path, dir),
            _ => return None,
        };
        Some(Self { path: path.to_owned(), fault })
    }

    fn sentence(&self) -> String {
        let path = self.path.display();
        match self.fault {
            DiskFault::Busy => format!(
                "another program holds {path}; stop what else works on this directory, or try again in a while"
            ),
            DiskFault::Denied => format!(
                "this user may not use {path}; run this as the user that it belongs to, or give it to this one with `chown`"
            ),
            DiskFault::Failing => format!(
                "the disk does not read or write {path} as it should; copy what is there to another disk, and look at the system's log"
            ),
            DiskFault::Full => {
                format!("the disk with {path} is full; make room on it and try again, nothing was lost")
            }
            DiskFault::IsDirectory => format!("{path} is a directory where a file is needed; name a file"),
            DiskFault::Loop => {
                format!(
                    "a symbolic link in the path of {path} leads to itself; remove it, or name another path"
                )
            }
            DiskFault::Missing => {
                format!("{path} is not there; check its name, and whether its disk is mounted")
            }
            DiskFault::NotDirectory => {
                format!("{path} has a file in its path where a directory is needed; check its name")
            }
            DiskFault::Quota => format!(
                "this user's share of the disk with {path} is used up; remove something of this user's, or have the share raised; nothing was lost"
            ),
            DiskFault::ReadOnly => format!(
                "the disk with {path} can only be read; mount it for writing (`mount -o remount,rw`) and try again, nothing was lost"
            ),
        }
    }
}

/// The database says only that a file cannot be opened, read or written: the disk and the path are asked why.
fn why_no_file(path: &Path, dir: &Path) -> DiskFault {
    if path.is_dir() {
        return DiskFault::IsDirectory;
    }
    match statvfs(dir) {
        Ok(disk) if disk.f_flag.contains(StatVfsMountFlags::RDONLY) => DiskFault::ReadOnly,
        Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM_MIN => DiskFault::Full,
        Ok(_) => match std::fs::OpenOptions::new().read(true).write(true).open(path) {
            Ok(_) => DiskFault::Failing,
            Err(error) => DiskError::of_io(path, &error).fault,
        },
        Err(error) => DiskError::of_io(dir, &error.into()).fault,
    }
}

fn is_read_only(dir: &Path) -> bool {
    statvfs(dir).is_ok_and(|disk| disk.f_flag.contains(StatVfsMountFlags::RDONLY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn a_disk_is_told_of_before_it_is_full_the_sooner_the_larger_the_desk_is() {
        const MIB: u64 = 1 << 20;
        assert_eq!(LittleRoom::of(64 * MIB, 0), None);
        let little = LittleRoom::of(63 * MIB, 0).unwrap();
        assert_eq!(little.told(), "This computer's disk has 63 MiB left, and this desk may need 64 MiB.");
        assert_eq!(LittleRoom::of(900 * MIB, 400 * MIB), None);
        assert_eq!(
            LittleRoom::of(800 * MIB, 400 * MIB),
            Some(LittleRoom { free: 800 * MIB, wanted: 864 * MIB })
        );
        assert!(LittleRoom::of(u64::MAX - 1, u64::MAX).is_some());
        // What is there counts: a file as long as the disk.
        let dir = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(dir.path().join("cache.sqlite")).unwrap();
        assert_eq!(LittleRoom::on(Path::new("/nowhere")), None);
        file.set_len(1 << 42).unwrap();
        assert!(LittleRoom::on(dir.path()).is_some_and(|little| little.wanted > 2 << 42));
    }

    #[test]
    fn every_fault_names_the_place_and_a_way_out_and_no_error_of_the_system() {
        for fault in [
            DiskFault::Busy,
            DiskFault::Denied,
            DiskFault::Failing,
            DiskFault::Full,
            DiskFault::IsDirectory,
            DiskFault::Loop,
            DiskFault::Missing,
            DiskFault::NotDirectory,
            DiskFault::Quota,
            DiskFault::ReadOnly,
        ] {
            let sentence = DiskError { path: "/desk/vault".into(), fault }.to_string();
            assert!(sentence.contains("/desk/vault") && sentence.contains(';'), "{sentence}");
            assert!(!sentence.contains("os error"), "{sentence}");
        }
    }

    #[test]
    fn what_the_system_says_becomes_a_cause() {
        let fault = |number| DiskError::of_io(Path::new("x"), &io::Error::from_raw_os_error(number)).fault;
        for (errno, expected) in [
            (Errno::NOSPC, DiskFault::Full),
            (Errno::DQUOT, DiskFault::Quota),
            (Errno::ROFS, DiskFault::ReadOnly),
            (Errno::ACCESS, DiskFault::Denied),
            (Errno::PERM, DiskFault::Denied),
            (Errno::NOENT, DiskFault::Missing),
            (Errno::ISDIR, DiskFault::IsDirectory),
            (Errno::NOTDIR, DiskFault::NotDirectory),
            (Errno::IO, DiskFault::Failing),
        ] {
            assert_eq!(fault(errno.raw_os_error()), expected, "{errno}");
        }
    }
}
