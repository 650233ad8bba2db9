//! The local cache: log entries as they travel (sealed), and events that wait for a commit (sealed here).
//!
//! Losing it loses no call: entries, keyring and notice come again from the hub, and so do cells that are not yet done with.

use std::path::{Path, PathBuf};

use callsign_protocol::{
    commit::Head,
    encoding::{Bytes, Secret},
    entry::{Entry, EntryError},
    event::{Event, EventId},
};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use rand_core::CryptoRng;
use rusqlite::{Connection, OptionalExtension as _, params};
use thiserror::Error;
use zeroize::Zeroizing;

/// The file's name in the data directory.
pub const CACHE_FILE: &str = "cache.sqlite";
const SCHEMA_VERSION: u32 = 1;
const SCHEMA: &str = "
    CREATE TABLE entries (sequence INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
    CREATE TABLE pending (place INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE documents (name TEXT PRIMARY KEY, serial INTEGER NOT NULL, envelope BLOB NOT NULL) STRICT;
    PRAGMA user_version = 1;
";
const NONCE_LEN: usize = 24;

/// An open cache. Several processes may share one.
#[derive(Debug)]
pub struct Cache {
    connection: Connection,
    key: Secret<32>,
}

/// Why the cache is not usable.
#[derive(Debug, Error)]
pub enum CacheError {
    /// A row that does not open or decode.
    #[error(
        "row {row} of {table} in the desk's cache is damaged; move cache.sqlite away and start again: all but unsent answers comes again from the hub"
    )]
    Damaged {
        /// The table.
        table: &'static str,
        /// Its key.
        row: i64,
    },
    /// The database's error.
    #[error("the desk's cache: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Written by another version of the program.
    #[error("{} was written by another version of this program (schema {found}, this one knows {SCHEMA_VERSION})", path.display())]
    Version {
        /// The cache.
        path: PathBuf,
        /// Its schema version.
        found: u32,
    },
}

impl Cache {
    /// Opens or makes the cache of a data directory.
    pub fn open(dir: &Path, key: Secret<32>) -> Result<Self, CacheError> {
        let path = dir.join(CACHE_FILE);
        let mut connection = Connection::open(&path)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", true)?;
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        match transaction.pragma_query_value(None, "user_version", |row| row.get(0))? {
            0u32 => transaction.execute_batch(SCHEMA)?,
            SCHEMA_VERSION => {}
            found => return Err(CacheError::Version { path, found }),
        }
        transaction.commit()?;
        Ok(Self { connection, key })
    }

    /// The log as this device last saw it: entries that hold events with their sequence, and the head.
    pub fn log(&mut self) -> Result<(Vec<(u64, Entry)>, Head), CacheError> {
        // One transaction: another process may be writing.
        let transaction = self.connection.transaction()?;
        let sql = "-- head\nSELECT sequence, hash FROM head";
        let head = transaction
            .query_row(sql, [], |row| Ok(Head { sequence: row.get(0)?, hash: Bytes(row.get(1)?) }))
            .optional()?
            .unwrap_or(Head::EMPTY);
        let mut statement =
            transaction.prepare("-- entries\nSELECT sequence, bytes FROM entries ORDER BY sequence")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let entries = rows.map(|row| {
            let (sequence, bytes) = row?;
            let damaged = |_: EntryError| CacheError::Damaged { table: "entries", row: sequence };
            Ok((sequence.cast_unsigned(), Entry::from_bytes(&bytes).map_err(damaged)?))
        });
        Ok((entries.collect::<Result<_, CacheError>>()?, head))
    }

    /// Takes note of an entry and forgets the waiting events that are in it, all at once; the bytes are kept where the
    /// entry held events, the head moves in any case. What lies behind the head another process has kept, or destroyed.
    pub fn put_entry(&mut self, head: &Head, entry: &Entry, events: &[EventId]) -> Result<(), CacheError> {
        let transaction = self.connection.transaction()?;
        if !events.is_empty() {
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
        for id in events {
            transaction.execute("-- remove_pending\nDELETE FROM pending WHERE id = ?1", params![id.0])?;
        }
        Ok(transaction.commit()?)
    }

    /// Keeps events until they are in the log, all of them or none.
    pub fn put_pending(&mut self, events: &[Event], rng: &mut impl CryptoRng) -> Result<(), CacheError> {
        let sealed: Vec<_> = events.iter().map(|event| self.seal(event, rng)).collect::<Result<_, _>>()?;
        let transaction = self.connection.transaction()?;
        for (event, sealed) in events.iter().zip(sealed) {
            let sql = "-- put_pending\nINSERT OR IGNORE INTO pending (id, sealed) VALUES (?1, ?2)";
            transaction.execute(sql, params![event.id.0, sealed])?;
        }
        Ok(transaction.commit()?)
    }

    /// Events that are not yet in the log, oldest first.
    pub fn pending(&self) -> Result<Vec<Event>, CacheError> {
        let sql = "-- pending\nSELECT place, id, sealed FROM pending ORDER BY place";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, Vec<u8>>(2)?))
        })?;
        rows.map(|row| {
            let (place, id, sealed) = row?;
            self.unseal(&id, &sealed).ok_or_else(|| damaged_pending(place))
        })
        .collect()
    }

    /// Forgets waiting events.
    pub fn remove_pending(&mut self, events: &[EventId]) -> Result<(), CacheError> {
        let transaction = self.connection.transaction()?;
        for id in events {
            transaction.execute("-- remove_pending\nDELETE FROM pending WHERE id = ?1", params![id.0])?;
        }
        Ok(transaction.commit()?)
    }

    /// Destroys entries before a sequence, which a snapshot has replaced.
    pub fn forget_entries_before(&mut self, sequence: u64) -> Result<(), CacheError> {
        let sql = "-- forget_entries\nDELETE FROM entries WHERE sequence < ?1";
        self.connection.execute(sql, [sequence])?;
        self.empty_journal()
    }

    /// What was erased from the tables is still in the journal until that is emptied.
    pub fn empty_journal(&self) -> Result<(), CacheError> {
        Ok(self.connection.query_row("-- empty_journal\nPRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// The newest envelope of a signed document that this device has seen, with its serial.
    pub fn document(&self, name: &str) -> Result<Option<(u64, Vec<u8>)>, CacheError> {
        let sql = "-- document\nSELECT serial, envelope FROM documents WHERE name = ?1";
        Ok(self.connection.query_row(sql, [name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// Keeps a signed document; an older one never replaces a newer one.
    pub fn put_document(&self, name: &str, serial: u64, envelope: &[u8]) -> Result<(), CacheError> {
        self.connection.execute(
            "-- put_document\nINSERT INTO documents (name, serial, envelope) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET serial = ?2, envelope = ?3 WHERE excluded.serial > documents.serial",
            params![name, serial, envelope],
        )?;
        Ok(())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.key.0.into())
    }

    fn seal(&self, event: &Event, rng: &mut impl CryptoRng) -> Result<Vec<u8>, CacheError> {
        let json = Zeroizing::new(serde_json::to_vec(event).map_err(|_| damaged_pending(0))?);
        let mut sealed = vec![0; NONCE_LEN];
        rng.fill_bytes(&mut sealed);
        let nonce = XNonce::try_from(sealed.as_slice()).map_err(|_| damaged_pending(0))?;
        let payload = Payload { msg: &json, aad: &event.id.0 };
        sealed.extend(self.cipher().encrypt(&nonce, payload).map_err(|_| damaged_pending(0))?);
        Ok(sealed)
    }

    fn unseal(&self, id: &[u8; 16], sealed: &[u8]) -> Option<Event> {
        let (nonce, ct) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let payload = Payload { msg: ct, aad: id };
        let json = Zeroizing::new(self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()?);
        serde_json::from_slice(&json).ok()
    }
}

fn damaged_pending(row: i64) -> CacheError {
    CacheError::Damaged { table: "pending", row }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callsign_protocol::{entry::ENTRY_LEN, event::EventBody};
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn cache(dir: &Path) -> Cache {
        Cache::open(dir, Secret([1; 32])).unwrap()
    }

    #[test]
    fn pending_events_survive_a_restart_and_are_kept_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let event = |n: u8| Event { id: Bytes([n; 16]), body: EventBody::Ticked { tick: u64::from(n) } };
        for n in [2, 1, 2] {
            cache(dir.path()).put_pending(&[event(n)], &mut rng).unwrap();
        }
        let mut cache = cache(dir.path());
        assert_eq!(cache.pending().unwrap(), [event(2), event(1)]);
        let entry = Entry::from_bytes(&[1; ENTRY_LEN]).unwrap();
        cache.put_entry(&Head { sequence: 1, hash: entry.hash() }, &entry, &[event(2).id]).unwrap();
        assert_eq!(cache.pending().unwrap(), [event(1)]);
        let other_key = Cache::open(dir.path(), Secret([2; 32])).unwrap();
        assert!(matches!(other_key.pending(), Err(CacheError::Damaged { table: "pending", .. })));
    }

    #[test]
    fn heads_and_serials_never_go_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut cache = cache(dir.path());
        assert_eq!(cache.log().unwrap(), (vec![], Head::EMPTY));
        let entry = Entry::from_bytes(&[1; ENTRY_LEN]).unwrap();
        let head = |n: u8| Head { sequence: u64::from(n), hash: Bytes([n; 32]) };
        for n in [1, 3, 2] {
            cache.put_entry(&head(n), &entry, &[]).unwrap();
            cache.put_document("keyring", u64::from(n), &[n]).unwrap();
        }
        assert_eq!(cache.log().unwrap().1, head(3));
        assert_eq!(cache.document("keyring").unwrap(), Some((3, vec![3])));
        assert_eq!(cache.document("notice").unwrap(), None);
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
