//! Notices that the files were moved or deleted under a hub that has them open: what it writes then is gone when it ends.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rusqlite::{Error, ffi};

/// The database and its journal, where they were when the store was opened.
#[derive(Debug)]
pub struct Place([(PathBuf, Identity); 2]);

/// Device and number of a file.
type Identity = (u64, u64);

impl Place {
    /// Of a database that is open, so that its journal exists.
    pub fn of(database: &Path) -> io::Result<Self> {
        let journal = database.with_extension("sqlite-wal");
        Ok(Self([(database.to_owned(), identity_of(database)?), (journal.clone(), identity_of(&journal)?)]))
    }

    /// An error unless the files are still there, or are there again.
    pub fn check(&self) -> rusqlite::Result<()> {
        if self.0.iter().all(|(path, identity)| identity_of(path).is_ok_and(|found| found == *identity)) {
            return Ok(());
        }
        Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_READONLY_DBMOVED), None))
    }
}

fn identity_of(path: &Path) -> io::Result<Identity> {
    let status = fs::metadata(path)?;
    Ok((status.dev(), status.ino()))
}
