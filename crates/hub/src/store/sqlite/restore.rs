//! Puts a backup into a data directory: staged beside the old database, then in its place.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use callsign_protocol::time::Day;
use rusqlite::Connection;

use super::{DATABASE, Snapshot, backup::mark, cause::failed, chunks, forget, lock, schema, sync_dir};
use crate::store::StoreError;

/// What is appended to the database's name while a backup is put in its place. A hub does not start where it is.
const STAGED: &str = ".restoring";
/// What every file of `SQLite` begins with.
const DATABASES_BEGIN: &[u8; 16] = b"SQLite format 3\0";
/// What `SQLite` may keep beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A backup that lies in the data directory, brought up to date but not yet in its place. The directory is locked.
pub struct Staged {
    database: PathBuf,
    copy: PathBuf,
    /// Whether a restore was stopped here when the database before had gone aside already.
    goes_on: bool,
    _lock: File,
}

impl Staged {
    /// Locks the directory, and copies the backup into it.
    pub fn copy(dir: &Path, backup: &Path) -> Result<Self, StoreError> {
        let lock = lock(dir)?;
        let database = dir.join(DATABASE);
        let staged = schema::beside(&database, STAGED);
        let exists = |path: &Path| path.try_exists().map_err(failed("stage"));
        let goes_on = exists(&staged)? && !exists(&database)?;
        remove(&staged, &BESIDE).map_err(failed("stage"))?;
        let stage = Self { database, copy: staged, goes_on, _lock: lock };
        match stage.fill(backup) {
            Ok(()) => Ok(stage),
            Err(error) => {
                stage.give_up();
                Err(error)
            }
        }
    }

    /// The copy, to be looked at.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Snapshot::of_file(&self.copy)
    }

    /// Whether the directory holds a database already.
    pub fn finds_another(&self) -> Result<bool, StoreError> {
        let journal = schema::beside(&self.database, "-wal");
        let exists = |path: &Path| path.try_exists().map_err(failed("look for a database"));
        Ok(exists(&self.database)? || exists(&journal)?)
    }

    /// Erases what is past its days, and lets devices bring documents that are newer than the backup.
    pub fn bring_up_to_date(
        &self,
        today: Day,
        first_cell_day: Day,
        first_drop_day: Day,
    ) -> Result<(), StoreError> {
        let connection = schema::open_existing(&self.copy)?;
        bring_up_to_date(&connection, today, first_cell_day, first_drop_day)
            .map_err(failed("bring_up_to_date"))?;
        connection.close().map_err(|(_, error)| failed("bring_up_to_date")(error))
    }

    /// Puts the backup in its place; the database that was there goes aside, with its journal. Its new name, where there
    /// was one.
    pub fn put_in_place(self, today: Day) -> Result<Option<PathBuf>, StoreError> {
        let aside = self.swap(today).map_err(failed("put_in_place"))?;
        Ok(aside)
    }

    /// Takes the copy away again; the directory is as it was. Where no hub was to start before, none starts now either: it
    /// would begin an empty database.
    pub fn give_up(self) {
        if !self.goes_on {
            // What stays is in nobody's way but says so at the next start.
            let _ = remove(&self.copy, &BESIDE).and_then(|()| remove(&self.copy, &[""]));
        }
    }

    fn fill(&self, backup: &Path) -> Result<(), StoreError> {
        let unreadable = |error| StoreError::File(backup.to_owned(), error);
        let mut from = File::open(backup).map_err(unreadable)?;
        let mut begin = [0; DATABASES_BEGIN.len()];
        match from.read_exact(&mut begin) {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(unreadable(error)),
            Ok(()) if begin == *DATABASES_BEGIN => {}
            _ => return Err(StoreError::Foreign),
        }
        let rest = from.metadata().map_err(unreadable)?.len().saturating_sub(begin.len() as u64);
        let copy = || {
            let mut to =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&self.copy)?;
            to.write_all(&begin)?;
            io::copy(&mut from.take(rest), &mut to)?;
            to.sync_all()
        };
        copy().map_err(|error| StoreError::File(self.copy.clone(), error))
    }

    fn swap(&self, today: Day) -> io::Result<Option<PathBuf>> {
        File::open(&self.copy)?.sync_all()?;
        let mut aside = None;
        if self.database.try_exists()? || schema::beside(&self.database, "-wal").try_exists()? {
            let name = free_name(&self.database, today)?;
            for end in ["", "-wal"] {
                match fs::rename(schema::beside(&self.database, end), schema::beside(&name, end)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            let _ = fs::remove_file(schema::beside(&self.database, "-shm"));
            sync_dir(&self.database)?;
            aside = Some(name);
        }
        fs::rename(&self.copy, &self.database)?;
        sync_dir(&self.database)?;
        Ok(aside)
    }
}

/// A restore that was stopped half-way leaves no database, or one that may be half of two.
pub fn refuse_unfinished(database: &Path) -> Result<(), StoreError> {
    if schema::beside(database, STAGED).try_exists().map_err(failed("open"))? {
        return Err(StoreError::RestoreUnfinished);
    }
    Ok(())
}

fn bring_up_to_date(
    connection: &Connection,
    today: Day,
    first_cell_day: Day,
    first_drop_day: Day,
) -> rusqlite::Result<()> {
    chunks::give_up_unfinished(connection)?;
    // Nobody else works on it, so that the pieces may follow each other at once.
    while forget::done(connection)? > 0 {}
    connection.execute("-- bring_up_to_date: cells\nDELETE FROM cells WHERE day < ?1", [first_cell_day.0])?;
    while forget::drops(connection, first_drop_day)? > 0 {}
    while forget::signatures(connection, first_drop_day)? > 0 {}
    connection.execute_batch("-- bring_up_to_date: documents\nUPDATE documents SET restored = 1")?;
    mark(connection, "restore", today)?;
    connection.query_row("-- bring_up_to_date: journal\nPRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

fn remove(staged: &Path, ends: &[&str]) -> io::Result<()> {
    for end in ends {
        match fs::remove_file(schema::beside(staged, end)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// A name that no earlier restore has used.
fn free_name(database: &Path, today: Day) -> io::Result<PathBuf> {
    let mut number = 0_u32;
    loop {
        let name = schema::beside(database, &format!(".before-{}-{number}", today.0));
        if !name.try_exists()? {
            return Ok(name);
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::SqliteStore;

    #[test]
    fn a_backup_that_cannot_be_copied_leaves_a_hub_that_starts() {
        let dir = tempfile::tempdir().unwrap();
        drop(SqliteStore::open(dir.path()).unwrap());
        // Opened like a file, and read like none.
        let unreadable = tempfile::tempdir().unwrap();
        assert!(Staged::copy(dir.path(), unreadable.path()).is_err());
        SqliteStore::open(dir.path()).unwrap();
    }

    #[test]
    fn a_restore_that_fails_after_one_that_was_stopped_still_lets_no_hub_start() {
        let (dir, unreadable) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        // The database before has gone aside, and the backup is not in its place yet.
        fs::write(dir.path().join("hub.sqlite.restoring"), "a backup").unwrap();
        assert!(Staged::copy(dir.path(), unreadable.path()).is_err());
        assert!(matches!(SqliteStore::open(dir.path()), Err(StoreError::RestoreUnfinished)));
    }
}
