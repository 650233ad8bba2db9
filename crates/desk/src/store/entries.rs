//! Entries of the log as they travel, sealed, and what of the log never came.

use callsign_protocol::{
    commit::Head,
    encoding::Bytes,
    entry::{Entry, EntryError},
};
use chacha20poly1305::{
    XNonce,
    aead::{Aead as _, Payload},
};
use rand_core::CryptoRng;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{
    Cache, CacheError,
    cache::{Fault, NONCE_LEN},
};
use crate::cases::{EventId, Origin};

/// The document whose serial is the newest entry before which others never came.
const GAP: &str = "gap";

/// Entries with their sequence, in order.
pub type Entries = Vec<(u64, Entry)>;

/// What of an entry is kept until a snapshot replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep<'a> {
    /// All of it, for it holds these events, or nobody can say yet what it holds.
    Whole(&'a [EventId]),
    /// What it says by itself, as `Cache::seal_empty` has sealed it: it holds no event.
    Empty(&'a [u8]),
    /// Nothing: this device has no key for it.
    Nothing,
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeptEntry {
    /// All of it.
    Whole(Box<Entry>),
    /// Who wrote it, and when: it held no event. A state that is made anew counts it like any other.
    Empty(Origin),
}

/// Entries as they are kept, with their sequence, in order.
type KeptEntries = Vec<(u64, KeptEntry)>;

/// What of the log has come before an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// All that this device needs.
    Whole,
    /// Not all: it was pruned, or this device has no key for this entry itself.
    Missing,
}

impl Cache {
    /// The log as this device last saw it: entries behind a sequence that are kept whole, and the head.
    pub fn log(&self, after: u64) -> Result<(Entries, Head), CacheError> {
        self.read(|connection| {
            // One transaction: another process may be writing.
            let transaction = connection.unchecked_transaction()?;
            Ok((with_events(&transaction, after, usize::MAX)?, head(&transaction)?))
        })
    }

    /// As [`Cache::log`], and whether entries behind that sequence never came: then it begins behind them.
    pub(crate) fn log_in_one_piece(&self, after: u64) -> Result<(KeptEntries, Head, bool), CacheError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let gap = gap(&transaction)?.filter(|goes_on| *goes_on > after);
            let after = gap.map_or(after, |goes_on| goes_on.saturating_sub(1));
            Ok((self.entries(&transaction, after)?, head(&transaction)?, gap.is_some()))
        })
    }

    /// The first entries with events behind a sequence; none where some of those behind it never came.
    pub(crate) fn some_of_log(&self, after: u64, max: usize) -> Result<Option<Entries>, CacheError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            if gap(&transaction)?.is_some_and(|goes_on| goes_on > after) {
                return Ok(None);
            }
            Ok(Some(with_events(&transaction, after, max)?))
        })
    }

    /// Takes note of an entry and forgets the waiting events that are in it, all at once; the head moves whatever is kept. What lies behind the head another process has kept, or destroyed.
    /// `Before::Missing` is noted: no state of before goes on with this entry.
    pub fn put_entry(
        &mut self,
        head: &Head,
        entry: &Entry,
        keep: Keep<'_>,
        before: Before,
    ) -> Result<(), CacheError> {
        self.write(|connection| {
        // It reads before it writes: with another one between, what it read would be old.
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        if before == Before::Whole && self::head(&transaction)?.sequence + 1 < head.sequence {
            return Err(Fault::Emptied);
        }
        if before == Before::Missing {
            transaction.execute(
                "-- put_gap\nINSERT OR REPLACE INTO documents (name, serial, envelope)
                 SELECT ?1, ?2, x'' WHERE ?2 > coalesce((SELECT sequence FROM head), 0)",
                params![GAP, head.sequence],
            )?;
        }
        let kept = match keep {
            Keep::Whole(_) => Some((entry.as_bytes().as_slice(), false)),
            Keep::Empty(sealed) => Some((sealed, true)),
            Keep::Nothing => None,
        };
        if let Some((bytes, is_empty)) = kept {
            transaction.execute(
                "-- put_entry\nINSERT OR REPLACE INTO entries (sequence, bytes, empty)
                 SELECT ?1, ?2, ?3 WHERE ?1 > coalesce((SELECT sequence FROM head), 0)",
                params![head.sequence, bytes, is_empty],
            )?;
        }
        // Another process may be further ahead already.
        transaction.execute(
            "-- put_head\nINSERT INTO head (one, sequence, hash) VALUES (1, ?1, ?2)
             ON CONFLICT (one) DO UPDATE SET sequence = ?1, hash = ?2 WHERE excluded.sequence > head.sequence",
            params![head.sequence, head.hash.0],
        )?;
        let events = if let Keep::Whole(events) = keep { events } else { &[] };
        for id in events {
            transaction.execute("-- remove_pending\nDELETE FROM pending WHERE id = ?1", params![id.0])?;
        }
        Ok(transaction.commit()?)
        })
    }

    /// Seals what an entry without events says by itself: a beat a row of the whole would be a gigabyte a week at a large desk.
    pub(crate) fn seal_empty(
        &self,
        sequence: u64,
        origin: &Origin,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, CacheError> {
        let plain = postcard::to_allocvec(origin).map_err(|_| CacheError::Unsealed)?;
        let mut sealed = vec![0; NONCE_LEN];
        rng.fill_bytes(&mut sealed);
        let nonce = XNonce::try_from(sealed.as_slice()).map_err(|_| CacheError::Unsealed)?;
        let payload = Payload { msg: &plain, aad: &about_empty(sequence) };
        sealed.extend(self.cipher().encrypt(&nonce, payload).map_err(|_| CacheError::Unsealed)?);
        Ok(sealed)
    }

    fn entries(&self, connection: &Connection, after: u64) -> Result<KeptEntries, Fault> {
        let sql =
            "-- entries\nSELECT sequence, bytes, empty FROM entries WHERE sequence > ?1 ORDER BY sequence";
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([after], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, bool>(2)?))
        })?;
        rows.map(|row| {
            let (sequence, bytes, is_empty) = row?;
            let sequence = sequence.cast_unsigned();
            if !is_empty {
                return Ok((sequence, KeptEntry::Whole(Box::new(whole(sequence, &bytes)?))));
            }
            let plain = self.opened(&about_empty(sequence), &bytes);
            let origin = plain.and_then(|plain| postcard::from_bytes(&plain).ok());
            Ok((sequence, KeptEntry::Empty(origin.ok_or_else(|| damaged(sequence))?)))
        })
        .collect()
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
}

/// The sequence of the newest entry before which others never came.
fn gap(connection: &Connection) -> rusqlite::Result<Option<u64>> {
    let sql = "-- gap\nSELECT serial FROM documents WHERE name = ?1";
    connection.query_row(sql, [GAP], |row| row.get(0)).optional()
}

fn head(connection: &Connection) -> Result<Head, Fault> {
    let sql = "-- head\nSELECT sequence, hash FROM head";
    let head = connection
        .query_row(sql, [], |row| Ok(Head { sequence: row.get(0)?, hash: Bytes(row.get(1)?) }))
        .optional()?;
    Ok(head.unwrap_or(Head::EMPTY))
}

fn with_events(connection: &Connection, after: u64, max: usize) -> Result<Entries, Fault> {
    let sql = "-- entries_with_events\nSELECT sequence, bytes FROM entries WHERE sequence > ?1 AND empty = 0
         ORDER BY sequence LIMIT ?2";
    let mut statement = connection.prepare(sql)?;
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let rows = statement
        .query_map(params![after, max], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    rows.map(|row| {
        let (sequence, bytes) = row?;
        let sequence = sequence.cast_unsigned();
        Ok((sequence, whole(sequence, &bytes)?))
    })
    .collect()
}

fn whole(sequence: u64, bytes: &[u8]) -> Result<Entry, Fault> {
    Entry::from_bytes(bytes).map_err(|_: EntryError| damaged(sequence))
}

fn damaged(sequence: u64) -> Fault {
    Fault::Damaged(format!("entry {sequence}"))
}

/// What is sealed of an entry is bound to its place.
fn about_empty(sequence: u64) -> Vec<u8> {
    [b"empty entry".as_slice(), &sequence.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use callsign_protocol::{encoding::Secret, entry::ENTRY_LEN};

    use super::*;

    #[test]
    fn heads_and_serials_never_go_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut cache = Cache::open(dir.path(), Secret([1; 32])).unwrap();
        assert_eq!(cache.log(0).unwrap(), (vec![], Head::EMPTY));
        let entry = Entry::from_bytes(&[1; ENTRY_LEN]).unwrap();
        let head = |n: u8| Head { sequence: u64::from(n), hash: Bytes([n; 32]) };
        for n in [1, 3, 2] {
            cache.put_entry(&head(n), &entry, Keep::Nothing, Before::Missing).unwrap();
            cache.put_document("keyring", u64::from(n), &[n]).unwrap();
        }
        assert_eq!(cache.log(0).unwrap().1, head(3));
        assert_eq!(cache.document("keyring").unwrap(), Some((3, vec![3])));
        assert_eq!(cache.document("notice").unwrap(), None);
    }

    #[test]
    fn nothing_goes_on_from_a_log_that_another_process_has_emptied() {
        let dir = tempfile::tempdir().unwrap();
        let mut cache = Cache::open(dir.path(), Secret([1; 32])).unwrap();
        let entry = Entry::from_bytes(&[1; ENTRY_LEN]).unwrap();
        let head = |n: u8| Head { sequence: u64::from(n), hash: Bytes([n; 32]) };
        for n in [1, 2] {
            cache.put_entry(&head(n), &entry, Keep::Whole(&[]), Before::Whole).unwrap();
        }
        Cache::open(dir.path(), Secret([1; 32])).unwrap().begin_with(7, b"keyring").unwrap();
        let goes_on = cache.put_entry(&head(3), &entry, Keep::Whole(&[]), Before::Whole);
        assert!(matches!(goes_on, Err(CacheError::Emptied)), "{goes_on:?}");
        assert_eq!(cache.log(0).unwrap(), (vec![], Head::EMPTY));
        assert_eq!(cache.keyrings().unwrap(), [(7, b"keyring".to_vec())]);
        cache.put_entry(&head(1), &entry, Keep::Whole(&[]), Before::Whole).unwrap();
    }
}
