//! The local cache: its file, how it is opened, read, written and emptied, and what can be wrong with it. What lies in it is by noun in
//! the files beside this one.
//!
//! Losing it loses no call: entries, keyring and notice come again from the hub, and so do cells that are not yet done with.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    time::Duration,
};

use callsign_protocol::encoding::Secret;
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use rusqlite::{Connection, OpenFlags};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::files::{DiskError, PrivateError, private};

/// The file's name in the data directory.
pub const CACHE_FILE: &str = "cache.sqlite";
const SCHEMA_VERSION: u32 = 6;
const SCHEMA: &str = "
    CREATE TABLE entries (sequence INTEGER PRIMARY KEY, bytes BLOB NOT NULL, empty INTEGER NOT NULL) STRICT;
    CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
    CREATE TABLE pending (place INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE drafts (number INTEGER PRIMARY KEY, generation INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE cover (place INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE taken (one INTEGER PRIMARY KEY CHECK (one = 1), sealed BLOB NOT NULL) STRICT;
    CREATE TABLE documents (name TEXT PRIMARY KEY, serial INTEGER NOT NULL, envelope BLOB NOT NULL) STRICT;
    CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL, stamp BLOB NOT NULL,
        heads INTEGER NOT NULL, ids INTEGER NOT NULL, days INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE heads (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE bodies (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE ids (place INTEGER PRIMARY KEY, generation INTEGER NOT NULL, count INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE audit (day INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE attempts (one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL,
        attempt BLOB NOT NULL, count INTEGER NOT NULL, hash BLOB NOT NULL, state BLOB NOT NULL, sent INTEGER NOT NULL) STRICT;
    CREATE TABLE chunks (attempt BLOB NOT NULL, position INTEGER NOT NULL, chunk BLOB NOT NULL,
        PRIMARY KEY (attempt, position)) STRICT;
    PRAGMA user_version = 6;
";
pub(super) const NONCE_LEN: usize = 24;
/// As many pages as a file may have.
const PAGES_MAX: u32 = u32::MAX - 1;
/// For as long as another process writes.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// An open cache. Several processes may share one.
#[derive(Debug)]
pub struct Cache {
    connection: Connection,
    path: PathBuf,
    key: Secret<32>,
    /// Why nothing can be written, where that is so.
    read_only: Option<DiskError>,
    /// Whether the journal may hold what was erased.
    pub(super) journal_is_due: Cell<bool>,
}

/// Why the cache is not usable.
#[derive(Debug, Error)]
pub enum CacheError {
    /// A row that does not open or decode, or a file that is no database.
    #[error(
        "{place} in {} is damaged; move that file away and start again: all but unsent answers comes again from the hub",
        path.display()
    )]
    Damaged {
        /// The cache.
        path: PathBuf,
        /// What in it.
        place: String,
    },
    /// Another process of this device has begun with the log once more.
    #[error("another program of this device has begun to read the log anew; nothing was lost, so try again")]
    Emptied,
    /// The disk, or the file's permissions.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Something that cannot be sealed.
    #[error("what is to be kept cannot be sealed; nothing was changed, so try again")]
    Unsealed,
    /// Its directory does not keep secrets.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// Written by another version of the program.
    #[error("{} was written by another version of this program (schema {found}, this one knows {SCHEMA_VERSION}); use that version", path.display())]
    Version {
        /// The cache.
        path: PathBuf,
        /// Its schema version.
        found: u32,
    },
}

/// What goes wrong within one use of the database, before the place is known.
pub(super) enum Fault {
    Damaged(String),
    Emptied,
    Database(rusqlite::Error),
    Unsealed,
    Version(u32),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl Cache {
    /// Opens or makes the cache of a data directory. Where the disk is full or can only be read, what is there is read.
    pub fn open(dir: &Path, key: Secret<32>) -> Result<Self, CacheError> {
        let path = dir.join(CACHE_FILE);
        let is_there = path.exists();
        match private::make_file(&path).map_err(CacheError::from).and_then(|_| connect(&path)) {
            Ok(connection) => {
                // A program that was killed may have left what was to be erased.
                Ok(Self { connection, path, key, read_only: None, journal_is_due: Cell::new(true) })
            }
            Err(CacheError::Disk(error) | CacheError::Private(PrivateError::Disk(error)))
                if is_there && error.keeps_from_writing() =>
            {
                let connection = connect_to_read(&path).map_err(|fault| match fault {
                    // An empty file, which the disk had no room to fill.
                    Fault::Version(0) => error.clone().into(),
                    fault => named(&path, fault),
                })?;
                Ok(Self { connection, path, key, read_only: Some(error), journal_is_due: Cell::new(false) })
            }
            Err(other) => Err(other),
        }
    }

    /// Why this cache can only be read, where that is so.
    pub fn read_only(&self) -> Option<&DiskError> {
        self.read_only.as_ref()
    }

    /// Lets the file grow by so many pages and no more, as on a disk that fills up, for tests; none lets it grow again.
    ///
    /// # Errors
    /// [`CacheError`]
    pub fn leave_room(&self, pages: Option<u32>) -> Result<(), CacheError> {
        self.read(|connection| {
            let count: u32 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
            let max = pages.map_or(PAGES_MAX, |pages| count.saturating_add(pages).min(PAGES_MAX));
            let sql = format!("-- leave_room\nPRAGMA max_page_count = {max}");
            Ok(connection.query_row(&sql, [], |_| Ok(()))?)
        })
    }

    /// What was erased from the tables is still in the journal until that is emptied.
    /// Where somebody reads what was before, that is done behind a later write.
    pub fn empty_journal(&self) -> Result<(), CacheError> {
        self.journal_is_due.set(true);
        self.write(|_| Ok(()))
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The directory that it lies in.
    pub(crate) fn dir(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, CacheError> {
        work(&self.connection).map_err(|fault| named(&self.path, fault))
    }

    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, CacheError> {
        match &self.read_only {
            Some(error) => Err(error.clone().into()),
            None => self.read(|connection| {
                let done = work(connection)?;
                if self.journal_is_due.get() {
                    // What was written is written: where the journal cannot be emptied now, a later write does it.
                    self.journal_is_due.set(!empty_journal(connection).unwrap_or(false));
                }
                Ok(done)
            }),
        }
    }

    pub(super) fn damaged(&self, place: &str) -> CacheError {
        CacheError::Damaged { path: self.path.clone(), place: place.to_owned() }
    }

    pub(super) fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.key.0.into())
    }

    pub(super) fn opened(&self, about: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, ct) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let payload = Payload { msg: ct, aad: about };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }
}

/// Opens a cache to read and write, and makes it where it is empty.
fn connect(path: &Path) -> Result<Connection, CacheError> {
    let open = || {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_WAIT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", true)?;
        // No file elsewhere: it would be on another disk, and not erased.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        let sql = "-- begin\nBEGIN IMMEDIATE";
        connection.execute_batch(sql)?;
        match version(&connection)? {
            0 => connection.execute_batch(SCHEMA)?,
            SCHEMA_VERSION => {}
            found => return Err(Fault::Version(found)),
        }
        connection.execute_batch("-- commit\nCOMMIT")?;
        Ok(connection)
    };
    open().map_err(|fault| named(path, fault))
}

/// Opens a cache that cannot be written: with its journal where that can be read, else as the file is.
pub(super) fn connect_to_read(path: &Path) -> Result<Connection, Fault> {
    let with_journal = || -> Result<Connection, Fault> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(BUSY_WAIT)?;
        match version(&connection)? {
            SCHEMA_VERSION => Ok(connection),
            found => Err(Fault::Version(found)),
        }
    };
    match with_journal() {
        Err(Fault::Database(_)) if !has_journal(path) => {}
        done => return done,
    }
    // Without a journal nothing is missing from the file, and nobody can be writing it.
    let connection = Connection::open_with_flags(
        address(path),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
    )?;
    match version(&connection)? {
        SCHEMA_VERSION => Ok(connection),
        found => Err(Fault::Version(found)),
    }
}

fn version(connection: &Connection) -> Result<u32, Fault> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn has_journal(path: &Path) -> bool {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-wal");
    std::fs::metadata(journal).is_ok_and(|about| about.len() > 0)
}

/// The file as an address that tells the database that nobody changes it; every other byte than letters and digits is escaped.
fn address(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let escape = |byte: &u8| match byte {
        b'/' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(*byte).to_string(),
        other => format!("%{other:02x}"),
    };
    let escaped: String = path.as_os_str().as_bytes().iter().map(escape).collect();
    format!("file:{escaped}?immutable=1")
}

/// Empties the journal, where nobody reads what was before; whether it is empty.
fn empty_journal(connection: &Connection) -> Result<bool, Fault> {
    // Who reads a state as it was may take minutes, and everybody would wait.
    connection.busy_timeout(Duration::ZERO)?;
    let sql = "-- empty_journal\nPRAGMA wal_checkpoint(TRUNCATE)";
    let is_busy = connection.query_row(sql, [], |row| row.get::<_, bool>(0));
    connection.busy_timeout(BUSY_WAIT)?;
    Ok(!is_busy?)
}

pub(super) fn named(path: &Path, fault: Fault) -> CacheError {
    let path = path.to_owned();
    match fault {
        Fault::Damaged(place) => CacheError::Damaged { path, place },
        Fault::Emptied => CacheError::Emptied,
        Fault::Unsealed => CacheError::Unsealed,
        Fault::Version(found) => CacheError::Version { path, found },
        Fault::Database(error) => match DiskError::of_database(&path, &error) {
            Some(error) => error.into(),
            None => CacheError::Damaged { path, place: "something".to_owned() },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{Event, EventBody, Ticked};
    use callsign_protocol::encoding::Bytes;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn cache(dir: &Path) -> Cache {
        Cache::open(dir, Secret([1; 32])).unwrap()
    }

    #[test]
    fn what_a_killed_program_left_in_the_journal_goes_with_the_next_write() {
        let (dir, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let event =
            |n: u8| Event { id: Bytes([n; 16]), body: EventBody::Ticked(Ticked { tick: u64::from(n) }) };
        let mut one = cache(dir.path());
        one.put_pending(&[event(1)], &mut rng).unwrap();
        let sealed: Vec<u8> =
            one.connection.query_row("SELECT sealed FROM pending", [], |row| row.get(0)).unwrap();
        one.remove_pending(&[event(1).id]).unwrap();
        let holds = |dir: &Path| {
            let files =
                ["cache.sqlite", "cache.sqlite-wal"].map(|name| std::fs::read(dir.join(name)).unwrap());
            files.iter().any(|bytes| bytes.windows(sealed.len()).any(|part| part == sealed))
        };
        // As it lies when the program is killed before the journal could be emptied.
        for name in ["cache.sqlite", "cache.sqlite-wal"] {
            std::fs::copy(dir.path().join(name), killed.path().join(name)).unwrap();
        }
        assert!(holds(killed.path()));
        let mut next = cache(killed.path());
        next.put_pending(&[event(2)], &mut rng).unwrap();
        assert!(!holds(killed.path()));
    }

    #[test]
    fn a_state_that_could_not_be_forgotten_keeps_nothing_else_from_being_written() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (mut cache, other) = (cache(dir.path()), cache(dir.path()));
        cache.connection.busy_timeout(Duration::ZERO).unwrap();
        other.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(matches!(cache.forget_state(), Err(CacheError::Disk(_))));
        other.connection.execute_batch("ROLLBACK").unwrap();
        let event = Event { id: Bytes([1; 16]), body: EventBody::Ticked(Ticked { tick: 1 }) };
        cache.put_pending(std::slice::from_ref(&event), &mut rng).unwrap();
        assert_eq!(other.pending().unwrap(), [event]);
    }

    #[test]
    fn another_schema_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        cache(dir.path()).connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(
            Cache::open(dir.path(), Secret([1; 32])),
            Err(CacheError::Version { found: 99, .. })
        ));
    }
}
