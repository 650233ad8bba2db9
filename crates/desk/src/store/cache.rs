//! The local cache: log entries as they travel (sealed), and events that wait for a commit (sealed here).
//!
//! Losing it loses no call: entries, keyring and notice come again from the hub, and so do cells that are not yet done with.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    time::Duration,
};

use callsign_protocol::{
    commit::Head,
    encoding::{Bytes, Secret},
    entry::{Entry, EntryError},
    keyring::{DeviceId, Keyring},
};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use rand_core::CryptoRng;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    cases::{Event, EventId},
    files::{DiskError, PrivateError, private},
};

/// The file's name in the data directory.
pub const CACHE_FILE: &str = "cache.sqlite";
const SCHEMA_VERSION: u32 = 4;
const SCHEMA: &str = "
    CREATE TABLE entries (sequence INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
    CREATE TABLE pending (place INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE cover (place INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE taken (one INTEGER PRIMARY KEY CHECK (one = 1), sealed BLOB NOT NULL) STRICT;
    CREATE TABLE documents (name TEXT PRIMARY KEY, serial INTEGER NOT NULL, envelope BLOB NOT NULL) STRICT;
    CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL, stamp BLOB NOT NULL,
        heads INTEGER NOT NULL, ids INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE heads (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE bodies (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE ids (place INTEGER PRIMARY KEY, generation INTEGER NOT NULL, count INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE attempts (one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL,
        attempt BLOB NOT NULL, count INTEGER NOT NULL, hash BLOB NOT NULL, state BLOB NOT NULL, sent INTEGER NOT NULL) STRICT;
    CREATE TABLE chunks (attempt BLOB NOT NULL, position INTEGER NOT NULL, chunk BLOB NOT NULL,
        PRIMARY KEY (attempt, position)) STRICT;
    PRAGMA user_version = 4;
";
/// The document whose serial is the newest entry before which others never came.
const GAP: &str = "gap";
pub(super) const NONCE_LEN: usize = 24;
/// For as long as another process writes.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// Entries with their sequence, in order.
pub type Entries = Vec<(u64, Entry)>;

/// What of the log has come before an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// All that this device needs.
    Whole,
    /// Not all: it was pruned, or this device has no key for this entry itself.
    Missing,
}

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

    /// The log as this device last saw it: entries behind a sequence that hold events, with theirs, and the head.
    pub fn log(&self, after: u64) -> Result<(Entries, Head), CacheError> {
        // One transaction: another process may be writing.
        self.read(|connection| log(&*connection.unchecked_transaction()?, after, usize::MAX))
    }

    /// As [`Cache::log`], and whether entries behind that sequence never came: then it begins behind them.
    pub(crate) fn log_in_one_piece(&self, after: u64) -> Result<(Entries, Head, bool), CacheError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let gap = gap(&transaction)?.filter(|goes_on| *goes_on > after);
            let after = gap.map_or(after, |goes_on| goes_on.saturating_sub(1));
            let (entries, head) = log(&transaction, after, usize::MAX)?;
            Ok((entries, head, gap.is_some()))
        })
    }

    /// The first entries with events behind a sequence; none where some of those behind it never came.
    pub(crate) fn some_of_log(&self, after: u64, max: usize) -> Result<Option<Entries>, CacheError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            if gap(&transaction)?.is_some_and(|goes_on| goes_on > after) {
                return Ok(None);
            }
            Ok(Some(log(&transaction, after, max)?.0))
        })
    }

    /// Takes note of an entry and forgets the waiting events that are in it, all at once; the bytes are kept where there
    /// are `events`, the head moves in any case. What lies behind the head another process has kept, or destroyed.
    /// `Before::Missing` is noted: no state of before goes on with this entry.
    pub fn put_entry(
        &mut self,
        head: &Head,
        entry: &Entry,
        events: Option<&[EventId]>,
        before: Before,
    ) -> Result<(), CacheError> {
        self.write(|connection| {
        let transaction = connection.unchecked_transaction()?;
        if before == Before::Missing {
            transaction.execute(
                "-- put_gap\nINSERT OR REPLACE INTO documents (name, serial, envelope)
                 SELECT ?1, ?2, x'' WHERE ?2 > coalesce((SELECT sequence FROM head), 0)",
                params![GAP, head.sequence],
            )?;
        }
        if events.is_some() {
            transaction.execute(
                "-- put_entry\nINSERT OR REPLACE INTO entries (sequence, bytes)
                 SELECT ?1, ?2 WHERE ?1 > coalesce((SELECT sequence FROM head), 0)",
                params![head.sequence, entry.as_bytes().as_slice()],
            )?;
        }
        // Another process may be further ahead already.
        transaction.execute(
            "-- put_head\nINSERT INTO head (one, sequence, hash) VALUES (1, ?1, ?2)
             ON CONFLICT (one) DO UPDATE SET sequence = ?1, hash = ?2 WHERE excluded.sequence > head.sequence",
            params![head.sequence, head.hash.0],
        )?;
        for id in events.unwrap_or_default() {
            transaction.execute("-- remove_pending\nDELETE FROM pending WHERE id = ?1", params![id.0])?;
        }
        Ok(transaction.commit()?)
        })
    }

    /// Keeps events until they are in the log, all of them or none.
    pub fn put_pending(&mut self, events: &[Event], rng: &mut impl CryptoRng) -> Result<(), CacheError> {
        let sealed: Vec<_> = events.iter().map(|event| self.seal(event, rng)).collect::<Result<_, _>>()?;
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            for (event, sealed) in events.iter().zip(sealed) {
                let sql = "-- put_pending\nINSERT OR IGNORE INTO pending (id, sealed) VALUES (?1, ?2)";
                transaction.execute(sql, params![event.id.0, sealed])?;
            }
            Ok(transaction.commit()?)
        })
    }

    /// Whether an event waits for the log.
    ///
    /// # Errors
    /// [`CacheError`]
    pub fn has_pending(&self) -> Result<bool, CacheError> {
        self.read(|connection| {
            let sql = "-- has_pending\nSELECT EXISTS (SELECT 1 FROM pending)";
            Ok(connection.query_row(sql, [], |row| row.get(0))?)
        })
    }

    /// Events that are not yet in the log, oldest first.
    pub fn pending(&self) -> Result<Vec<Event>, CacheError> {
        self.read(|connection| {
            let sql = "-- pending\nSELECT place, id, sealed FROM pending ORDER BY place";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, Vec<u8>>(2)?))
            })?;
            rows.map(|row| {
                let (place, id, sealed) = row?;
                self.unseal(&id, &sealed)
                    .ok_or_else(|| Fault::Damaged(format!("what waits at place {place}")))
            })
            .collect()
        })
    }

    /// Forgets waiting events.
    pub fn remove_pending(&mut self, events: &[EventId]) -> Result<(), CacheError> {
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            for id in events {
                transaction.execute("-- remove_pending\nDELETE FROM pending WHERE id = ?1", params![id.0])?;
            }
            Ok(transaction.commit()?)
        })
    }

    /// Destroys entries before a sequence, which a snapshot has replaced.
    pub fn forget_entries_before(&mut self, sequence: u64) -> Result<(), CacheError> {
        self.write(|connection| {
            let sql = "-- forget_entries\nDELETE FROM entries WHERE sequence < ?1";
            connection.execute(sql, [sequence])?;
            self.journal_is_due.set(true);
            Ok(())
        })
    }

    /// What was erased from the tables is still in the journal until that is emptied.
    /// Where somebody reads what was before, that is done behind a later write.
    pub fn empty_journal(&self) -> Result<(), CacheError> {
        self.journal_is_due.set(true);
        self.write(|_| Ok(()))
    }

    /// The newest envelope of a signed document that this device has seen, with its serial.
    pub fn document(&self, name: &str) -> Result<Option<(u64, Vec<u8>)>, CacheError> {
        self.read(|connection| {
            let sql = "-- document\nSELECT serial, envelope FROM documents WHERE name = ?1";
            Ok(connection.query_row(sql, [name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
        })
    }

    /// Keeps a keyring, as the newest and in the chain of those that followed each other.
    pub fn put_keyring(&self, serial: u64, envelope: &[u8]) -> Result<(), CacheError> {
        self.put_document(&chained(serial), serial, envelope)?;
        self.put_document("keyring", serial, envelope)
    }

    /// The keyrings that were taken, oldest first, as far back as they are kept.
    pub fn keyrings(&self) -> Result<Vec<(u64, Vec<u8>)>, CacheError> {
        self.read(|connection| {
            let sql = "-- keyrings\nSELECT serial, envelope FROM documents WHERE name LIKE 'keyring %' ORDER BY serial";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Takes note that the log says of a keyring's devices what the keyring does; of the first that is seen nobody can say more.
    pub fn note_borne_out(&self, keyring: &Keyring) -> Result<(), CacheError> {
        let ids: Vec<u8> = keyring.devices.iter().flat_map(|device| device.id.0).collect();
        self.put_document(BORNE_OUT, keyring.serial, &ids)
    }

    /// The newest keyring whose devices the log has borne out: its serial, and they.
    pub fn borne_out(&self) -> Result<Option<(u64, Vec<DeviceId>)>, CacheError> {
        let noted = self.document(BORNE_OUT)?;
        Ok(noted.map(|(serial, ids)| (serial, ids.as_chunks::<16>().0.iter().copied().map(Bytes).collect())))
    }

    /// Takes note that this device restarts the desk with this keyring, before anybody else has it.
    pub fn note_restarting(&self, generation: u32, envelope: &[u8]) -> Result<(), CacheError> {
        self.write(|connection| {
            let sql = "-- note_restarting\nINSERT OR REPLACE INTO documents (name, serial, envelope) VALUES (?1, ?2, ?3)";
            connection.execute(sql, params![RESTARTING, generation, envelope])?;
            Ok(())
        })
    }

    /// The keyring with which this device restarts the desk, or has, with its generation.
    pub fn restarting(&self) -> Result<Option<(u32, Vec<u8>)>, CacheError> {
        let noted = self.document(RESTARTING)?;
        Ok(noted.and_then(|(generation, envelope)| Some((u32::try_from(generation).ok()?, envelope))))
    }

    /// The generation with which this device has restarted the desk, where that has come through and its state may be on this disk
    /// alone.
    pub fn restarted(&self) -> Result<Option<u32>, CacheError> {
        self.read(|connection| {
            let sql = "-- restarted\nSELECT serial FROM documents AS own WHERE name = ?1 AND EXISTS
                 (SELECT 1 FROM documents WHERE name LIKE 'keyring %' AND envelope = own.envelope)";
            Ok(connection.query_row(sql, [RESTARTING], |row| row.get(0)).optional()?)
        })
    }

    /// Forgets a restart, once the state of its generation is at the hub and on this disk: that is one as any other then.
    pub fn forget_restarted(&self) -> Result<(), CacheError> {
        self.write(|connection| {
            let sql = "-- forget_restarted\nDELETE FROM documents WHERE name = ?1";
            connection.execute(sql, [RESTARTING])?;
            Ok(())
        })
    }

    /// Takes a keyring out of the chain.
    pub fn forget_keyring(&self, serial: u64) -> Result<(), CacheError> {
        self.write(|connection| {
            let sql = "-- forget_keyring\nDELETE FROM documents WHERE name = ?1";
            connection.execute(sql, [chained(serial)])?;
            Ok(())
        })
    }

    /// Keeps a signed document; an older one never replaces a newer one.
    pub fn put_document(&self, name: &str, serial: u64, envelope: &[u8]) -> Result<(), CacheError> {
        self.write(|connection| {
        connection.execute(
            "-- put_document\nINSERT INTO documents (name, serial, envelope) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET serial = ?2, envelope = ?3 WHERE excluded.serial > documents.serial",
            params![name, serial, envelope],
        )?;
        Ok(())
        })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The directory that it lies in.
    pub(super) fn dir(&self) -> &Path {
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

    fn damaged(&self, place: &str) -> CacheError {
        CacheError::Damaged { path: self.path.clone(), place: place.to_owned() }
    }

    pub(super) fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.key.0.into())
    }

    fn seal(&self, event: &Event, rng: &mut impl CryptoRng) -> Result<Vec<u8>, CacheError> {
        let json = Zeroizing::new(serde_json::to_vec(event).map_err(|_| self.damaged("an event"))?);
        let mut sealed = vec![0; NONCE_LEN];
        rng.fill_bytes(&mut sealed);
        let nonce = XNonce::try_from(sealed.as_slice()).map_err(|_| self.damaged("an event"))?;
        let payload = Payload { msg: &json, aad: &event.id.0 };
        sealed.extend(self.cipher().encrypt(&nonce, payload).map_err(|_| self.damaged("an event"))?);
        Ok(sealed)
    }

    fn unseal(&self, id: &[u8; 16], sealed: &[u8]) -> Option<Event> {
        serde_json::from_slice(&self.opened(id, sealed)?).ok()
    }

    pub(super) fn opened(&self, about: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, ct) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let payload = Payload { msg: ct, aad: about };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }
}

/// The sequence of the newest entry before which others never came.
fn gap(connection: &Connection) -> rusqlite::Result<Option<u64>> {
    let sql = "-- gap\nSELECT serial FROM documents WHERE name = ?1";
    connection.query_row(sql, [GAP], |row| row.get(0)).optional()
}

fn log(connection: &Connection, after: u64, max: usize) -> Result<(Entries, Head), Fault> {
    let sql = "-- head\nSELECT sequence, hash FROM head";
    let head = connection
        .query_row(sql, [], |row| Ok(Head { sequence: row.get(0)?, hash: Bytes(row.get(1)?) }))
        .optional()?
        .unwrap_or(Head::EMPTY);
    let sql =
        "-- entries\nSELECT sequence, bytes FROM entries WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
    let mut statement = connection.prepare(sql)?;
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let rows = statement
        .query_map(params![after, max], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let entries = rows.map(|row| {
        let (sequence, bytes) = row?;
        let damaged = |_: EntryError| Fault::Damaged(format!("entry {sequence}"));
        Ok((sequence.cast_unsigned(), Entry::from_bytes(&bytes).map_err(damaged)?))
    });
    Ok((entries.collect::<Result<_, Fault>>()?, head))
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
        Fault::Unsealed => CacheError::Unsealed,
        Fault::Version(found) => CacheError::Version { path, found },
        Fault::Database(error) => match DiskError::of_database(&path, &error) {
            Some(error) => error.into(),
            None => CacheError::Damaged { path, place: "something".to_owned() },
        },
    }
}

/// The document that holds the devices of the newest keyring that the log has borne out.
const BORNE_OUT: &str = "borne out";

/// The keyring with which this device restarts the desk, under its generation in place of a serial.
const RESTARTING: &str = "restarting";

/// The name of a keyring among those that followed each other.
fn chained(serial: u64) -> String {
    format!("keyring {serial}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{EventBody, Ticked};
    use callsign_protocol::entry::ENTRY_LEN;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn cache(dir: &Path) -> Cache {
        Cache::open(dir, Secret([1; 32])).unwrap()
    }

    #[test]
    fn pending_events_survive_a_restart_and_are_kept_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let event =
            |n: u8| Event { id: Bytes([n; 16]), body: EventBody::Ticked(Ticked { tick: u64::from(n) }) };
        for n in [2, 1, 2] {
            cache(dir.path()).put_pending(&[event(n)], &mut rng).unwrap();
        }
        let mut cache = cache(dir.path());
        assert_eq!(cache.pending().unwrap(), [event(2), event(1)]);
        let entry = Entry::from_bytes(&[1; ENTRY_LEN]).unwrap();
        cache
            .put_entry(&Head { sequence: 1, hash: entry.hash() }, &entry, Some(&[event(2).id]), Before::Whole)
            .unwrap();
        assert_eq!(cache.pending().unwrap(), [event(1)]);
        let other_key = Cache::open(dir.path(), Secret([2; 32])).unwrap();
        assert!(matches!(other_key.pending(), Err(CacheError::Damaged { .. })));
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
    fn heads_and_serials_never_go_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut cache = cache(dir.path());
        assert_eq!(cache.log(0).unwrap(), (vec![], Head::EMPTY));
        let entry = Entry::from_bytes(&[1; ENTRY_LEN]).unwrap();
        let head = |n: u8| Head { sequence: u64::from(n), hash: Bytes([n; 32]) };
        for n in [1, 3, 2] {
            cache.put_entry(&head(n), &entry, None, Before::Whole).unwrap();
            cache.put_document("keyring", u64::from(n), &[n]).unwrap();
        }
        assert_eq!(cache.log(0).unwrap().1, head(3));
        assert_eq!(cache.document("keyring").unwrap(), Some((3, vec![3])));
        assert_eq!(cache.document("notice").unwrap(), None);
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
