//! Entries of the log as they travel, sealed, and what of the log never came.

use callsign_protocol::{
    commit::Head,
    encoding::Bytes,
    entry::{Entry, EntryError},
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Cache, CacheError, cache::Fault};
use crate::cases::EventId;

/// The document whose serial is the newest entry before which others never came.
const GAP: &str = "gap";

/// Entries with their sequence, in order.
pub type Entries = Vec<(u64, Entry)>;

/// What of an entry is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep<'a> {
    /// All of it until a snapshot replaces it, for it holds these events, or nobody can say yet what it holds.
    Whole(&'a [EventId]),
    /// All of it until the state is written behind it: it holds no event, and says by itself who was at work, and when.
    UntilWritten,
    /// Nothing: this device has no key for it.
    Nothing,
}

/// What of the log has come before an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// All that this device needs.
    Whole,
    /// Not all: it was pruned, or this device has no key for this entry itself.
    Missing,
}

impl Cache {
    /// The log as this device last saw it: entries behind a sequence that are kept, and the head.
    pub fn log(&self, after: u64) -> Result<(Entries, Head), CacheError> {
        // One transaction: another process may be writing.
        self.read(|connection| log(&*connection.unchecked_transaction()?, after, usize::MAX, "true"))
    }

    /// As [`Cache::log`], and whether entries behind that sequence never came: then it begins behind them.
    pub(crate) fn log_in_one_piece(&self, after: u64) -> Result<(Entries, Head, bool), CacheError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let gap = gap(&transaction)?.filter(|goes_on| *goes_on > after);
            let after = gap.map_or(after, |goes_on| goes_on.saturating_sub(1));
            let (entries, head) = log(&transaction, after, usize::MAX, "true")?;
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
            Ok(Some(log(&transaction, after, max, "empty = 0")?.0))
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
        let transaction = connection.unchecked_transaction()?;
        if before == Before::Missing {
            transaction.execute(
                "-- put_gap\nINSERT OR REPLACE INTO documents (name, serial, envelope)
                 SELECT ?1, ?2, x'' WHERE ?2 > coalesce((SELECT sequence FROM head), 0)",
                params![GAP, head.sequence],
            )?;
        }
        if keep != Keep::Nothing {
            transaction.execute(
                "-- put_entry\nINSERT OR REPLACE INTO entries (sequence, bytes, empty)
                 SELECT ?1, ?2, ?3 WHERE ?1 > coalesce((SELECT sequence FROM head), 0)",
                params![head.sequence, entry.as_bytes().as_slice(), keep == Keep::UntilWritten],
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

fn log(connection: &Connection, after: u64, max: usize, which: &str) -> Result<(Entries, Head), Fault> {
    let sql = "-- head\nSELECT sequence, hash FROM head";
    let head = connection
        .query_row(sql, [], |row| Ok(Head { sequence: row.get(0)?, hash: Bytes(row.get(1)?) }))
        .optional()?
        .unwrap_or(Head::EMPTY);
    let sql = format!(
        "-- entries\nSELECT sequence, bytes FROM entries WHERE sequence > ?1 AND {which} ORDER BY sequence LIMIT ?2"
    );
    let mut statement = connection.prepare(&sql)?;
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
            cache.put_entry(&head(n), &entry, Keep::Nothing, Before::Whole).unwrap();
            cache.put_document("keyring", u64::from(n), &[n]).unwrap();
        }
        assert_eq!(cache.log(0).unwrap().1, head(3));
        assert_eq!(cache.document("keyring").unwrap(), Some((3, vec![3])));
        assert_eq!(cache.document("notice").unwrap(), None);
    }
}
