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

use super::{DATABASE, Snapshot, failed, schema, sync_dir};
use crate::store::StoreError;

/// A copy under a temporary name, which goes with it unless it is kept.
pub struct Draft {
    source: PathBuf,
    copy: TempPath,
    target: PathBuf,
    today: Day,
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
            .map_err(failed("create the backup"))?;
        let name = copy.to_str().ok_or_else(|| failed("create the backup")(not_utf8()))?;
        connection.execute("-- back_up\nVACUUM INTO ?1", [name]).map_err(failed("back_up"))?;
        let written = Connection::open(&copy).map_err(failed("open the backup"))?;
        mark(&written, "backup", today).map_err(failed("mark the backup"))?;
        written.close().map_err(|(_, error)| failed("close the backup")(error))?;
        Ok(Self { source, copy, target: target.to_owned(), today })
    }

    /// The copy, to be looked at.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Snapshot::of_file(&self.copy)
    }

    /// Gives the copy its name once it is durable, and has the hub's files remember the day. An existing file stays.
    pub fn keep(self) -> Result<u64, StoreError> {
        let file = OpenOptions::new().read(true).open(&self.copy).map_err(failed("sync the backup"))?;
        file.sync_all().map_err(failed("sync the backup"))?;
        let bytes = file.metadata().map_err(failed("sync the backup"))?.len();
        self.copy.persist_noclobber(&self.target).map_err(|error| failed("name the backup")(error.error))?;
        sync_dir(&self.target).map_err(failed("sync the backup"))?;
        let hub = schema::open_reader(&self.source)?;
        mark(&hub, "backup", self.today).map_err(failed("mark the backup"))?;
        Ok(bytes)
    }
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

fn not_utf8() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidFilename, "the file's name is not UTF-8")
}
