//! A hub's database that is only looked at: beside a serving hub, or a backup.

use std::{collections::BTreeMap, path::Path};

use callsign_protocol::{
    identity::{DeskId, PublicKey},
    signed::Kind,
    time::Day,
};
use rusqlite::{Connection, OpenFlags};

use super::{
    DATABASE, backup,
    cause::{failed, not_opened},
    check, desks, holdings, schema,
};
use crate::store::{StoreError, StoredDocument};

/// The database as it was at one moment.
pub struct Snapshot {
    connection: Connection,
    schema: i64,
}

/// How much is kept of one desk. No time is finer than a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Cells that wait for the desk, by the day on which they came.
    pub waiting: BTreeMap<Day, u64>,
    /// Drops by day.
    pub drops: BTreeMap<Day, DropDay>,
    /// Entries of the log.
    pub entries: u64,
    /// Signatures over finished lists.
    pub signatures: u64,
    /// Content packs.
    pub packs: u64,
    /// Chunks of snapshots, 64 KiB each.
    pub chunks: u64,
}

/// The lists of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DropDay {
    /// Length of each list that is not empty.
    pub shards: BTreeMap<u32, u64>,
}

impl Snapshot {
    /// The database of a data directory; a hub may be serving it.
    pub fn of_hub(dir: &Path) -> Result<Self, StoreError> {
        Self::begin(schema::open_beside(&dir.join(DATABASE))?, schema::known())
    }

    /// A backup; nothing is written to it.
    pub fn of_file(file: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).map_err(not_opened(file))?;
        let schema = match schema::recognise(&connection, file)? {
            // Of no one yet: no backup is.
            0 => return Err(StoreError::Foreign),
            known => known,
        };
        Self::begin(connection, schema)
    }

    fn begin(connection: Connection, schema: i64) -> Result<Self, StoreError> {
        // Until the connection is closed: all that is read is of one moment.
        connection.execute_batch("-- begin\nBEGIN").map_err(failed("begin"))?;
        Ok(Self { connection, schema })
    }

    /// Its schema version.
    pub fn schema(&self) -> i64 {
        self.schema
    }

    /// Goes through every page and every row; what is damaged.
    pub fn check(&self) -> Result<(), StoreError> {
        let answer: String = self
            .connection
            .query_row("-- check\nPRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(failed("check"))?;
        if answer == "ok" { Ok(()) } else { Err(StoreError::damaged("check", &answer)) }
    }

    /// The identities of all desks.
    pub fn desks(&self) -> Result<Vec<PublicKey>, StoreError> {
        desks::desks(&self.connection).map_err(failed("desks"))
    }

    /// The document of a kind. The schema of before has the same columns, its first version all but one.
    pub fn document(&self, desk: &DeskId, kind: Kind) -> Result<Option<StoredDocument>, StoreError> {
        desks::document_of(&self.connection, desk, kind, self.schema).map_err(failed("document"))
    }

    /// The last day on which something was done with the files as a whole.
    pub fn mark(&self, name: &str) -> Result<Option<Day>, StoreError> {
        if self.schema < 3 {
            return Ok(None);
        }
        backup::marked(&self.connection, name).map_err(failed("mark"))
    }

    /// How much is kept of a desk.
    pub fn census(&self, desk: &DeskId) -> Result<Census, StoreError> {
        self.count(desk).map_err(failed("census"))
    }

    /// Bytes of pages that hold nothing and will be used again.
    pub fn free_bytes(&self) -> Result<u64, StoreError> {
        holdings::free_bytes(&self.connection).map_err(failed("free_bytes"))
    }

    fn count(&self, desk: &DeskId) -> rusqlite::Result<Census> {
        let one = |sql: &str| self.connection.query_row(sql, [desk.as_str()], |row| row.get(0));
        let mut census = Census {
            entries: one("-- census: entries
                          SELECT count(*) FROM entries JOIN desks ON id = desk WHERE desk = ?1 AND sequence > log_done")?,
            signatures: one("-- census: signatures\nSELECT count(*) FROM list_signatures WHERE desk = ?1")?,
            packs: one("-- census: packs\nSELECT count(*) FROM contents WHERE desk = ?1")?,
            chunks: one("-- census: chunks\nSELECT count(*) FROM snapshot_chunks WHERE desk = ?1")?,
            ..Census::default()
        };
        let mut cells = self.connection.prepare(
            "-- census: cells
             SELECT day, count(*) FROM cells JOIN desks ON id = desk WHERE desk = ?1 AND position > inbox_done GROUP BY day",
        )?;
        for row in cells.query_map([desk.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))? {
            let (day, count) = row?;
            census.waiting.insert(Day(day), count);
        }
        let mut drops = self.connection.prepare(
            "-- census: drops\nSELECT day, shard, count(*) FROM drops WHERE desk = ?1 GROUP BY day, shard",
        )?;
        for row in drops.query_map([desk.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))? {
            let (day, shard, count) = row?;
            census.drops.entry(Day(day)).or_default().shards.insert(shard, count);
        }
        Ok(census)
    }
}

/// The finding that the last check of a hub's files left, with its day.
pub fn kept_finding(dir: &Path) -> Option<(Day, String)> {
    check::kept_finding(dir)
}
