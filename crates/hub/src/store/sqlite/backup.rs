//! Copies a serving hub's database into one file that has no erased pages.

use std::{
    fs::{OpenOptions, Permissions},
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use callsign_protocol::time::Day;
use rusqlite::{Connection, OptionalExtension as _};
use tempfile::{NamedTempFile, TempPath};

use super::{
    DATABASE, Snapshot,
    cause::{cause, failed, is_damage},
    schema, sync_dir,
};
use crate::store::StoreError;

/// A copy under a temporary name, which goes with it unless it is kept.
pub struct Draft {
    copy: TempPath,
    target: PathBuf,
}

impl Draft {
    /// Copies the database of a data directory to a file beside `target`.
    ///
    /// `VACUUM INTO` writes what one reader sees at one moment, without free pages: what was erased before cannot be in it.
    /// Nobody waits for it; only the journal grows meanwhile. The backup interface of `SQLite` would begin again with each
    /// write of the hub, and would copy free pages.
    pub fn copy(dir: &Path, target: &Path, today: Day) -> Result<Self, StoreError> {
        let source = dir.join(DATABASE);
        let connection = schema::open_beside(&source)?;
        let folder = target.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let copy = tempfile::Builder::new()
            .prefix(".callsign-backup-")
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(folder)
            .map(NamedTempFile::into_temp_path)
            .map_err(|error| StoreError::File(folder.to_owned(), error))?;
        let not_utf8 = || StoreError::File(target.to_owned(), io::ErrorKind::InvalidFilename.into());
        let name = copy.to_str().ok_or_else(not_utf8)?;
        connection.execute("-- back_up\nVACUUM INTO ?1", [name]).map_err(not_written(target))?;
        let written = Connection::open(&copy).map_err(not_written(target))?;
        mark(&written, "backup", today).map_err(not_written(target))?;
        written.close().map_err(|(_, error)| not_written(target)(error))?;
        Ok(Self { copy, target: target.to_owned() })
    }

    /// The copy, to be looked at.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Snapshot::of_file(&self.copy)
    }

    /// Gives the copy its name once it is durable; its bytes. An existing file stays.
    pub fn keep(self) -> Result<u64, StoreError> {
        let failed = |error| StoreError::File(self.target.clone(), error);
        let file = OpenOptions::new().read(true).open(&self.copy).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        self.copy.persist_noclobber(&self.target).map_err(|error| failed(error.error))?;
        sync_dir(&self.target).map_err(failed)?;
        Ok(bytes)
    }
}

/// Has a hub's files remember the day of a backup.
pub fn note_backup(dir: &Path, today: Day) -> Result<(), StoreError> {
    let hub = schema::open_reader(&dir.join(DATABASE))?;
    mark(&hub, "backup", today).map_err(failed("mark the backup"))
}

/// Notes the day on which something was done with the files as a whole.
pub fn mark(connection: &Connection, name: &str, today: Day) -> rusqlite::Result<()> {
    connection
        .execute("-- mark\nINSERT OR REPLACE INTO marks (name, day) VALUES (?1, ?2)", (name, today.0))?;
    Ok(())
}

/// The last day on which that was done.
pub fn marked(connection: &Connection, name: &str) -> rusqlite::Result<Option<Day>> {
    connection
        .query_row("-- marked\nSELECT day FROM marks WHERE name = ?1", [name], |row| row.get(0).map(Day))
        .optional()
}

fn not_written(target: &Path) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |error| {
        if is_damage(&error) {
            return failed("back_up")(error);
        }
        StoreError::Backup { file: target.to_owned(), cause: cause(&error) }
    }
}
