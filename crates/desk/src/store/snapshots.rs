//! The snapshot that is on its way to the hub, in the chunks in which it is sealed.

use std::fs::File;

use callsign_protocol::{
    encoding::Bytes,
    snapshot::{AttemptId, Chunk, ChunkList, Whole},
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Cache, CacheError, cache::Fault};
use crate::files::private;

/// A snapshot whose chunks are all here, to be put at the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The generation of the log key that its chunks are sealed under.
    pub generation: u32,
    /// Its chunks and records.
    pub whole: Whole,
    /// Chunks that the hub has, from the first on.
    pub sent: u32,
}

impl Cache {
    /// Lets one process at a time write snapshots; none where another one does.
    pub fn snapshot_lock(&self) -> Result<Option<File>, CacheError> {
        Ok(private::try_lock(self.dir(), "cache.sqlite-snapshots.lock")?)
    }

    /// The attempt at hand.
    pub fn attempt(&self) -> Result<Option<Attempt>, CacheError> {
        self.read(|connection| {
            let sql = "-- attempt\nSELECT generation, attempt, count, hash, state, sent FROM attempts";
            let row = connection.query_row(sql, [], |row| {
                let attempt = Bytes(row.get(1)?);
                let chunks = ChunkList { attempt, count: row.get(2)?, hash: Bytes(row.get(3)?) };
                let whole = Whole { chunks, state: Bytes(row.get(4)?) };
                Ok(Attempt { generation: row.get(0)?, whole, sent: row.get(5)? })
            });
            Ok(row.optional()?)
        })
    }

    /// Keeps chunks of a snapshot that is being written; they count once it is whole.
    pub fn put_chunks(&self, attempt: &AttemptId, chunks: &[(u32, Chunk)]) -> Result<(), CacheError> {
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            for (index, chunk) in chunks {
                let sql = "-- put_chunks\nINSERT OR REPLACE INTO chunks (attempt, position, chunk) VALUES (?1, ?2, ?3)";
                transaction.execute(sql, params![attempt.0, index, chunk.as_bytes()])?;
            }
            Ok(transaction.commit()?)
        })
    }

    /// Puts an attempt in the place of the one of before, and erases chunks that belong to none.
    pub fn put_attempt(&self, attempt: &Attempt) -> Result<(), CacheError> {
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let Attempt { generation, whole: Whole { chunks, state }, sent } = attempt;
            transaction.execute(
                "-- put_attempt\nINSERT OR REPLACE INTO attempts (one, generation, attempt, count, hash, state, sent)
                 VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
                params![generation, chunks.attempt.0, chunks.count, chunks.hash.0, state.0, sent],
            )?;
            forget_strays(&transaction)?;
            self.journal_is_due.set(true);
            Ok(transaction.commit()?)
        })
    }

    /// Forgets the attempt, and what was left of one that was never whole.
    pub fn forget_attempt(&self) -> Result<(), CacheError> {
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            transaction.execute("-- forget_attempt\nDELETE FROM attempts", [])?;
            forget_strays(&transaction)?;
            Ok(transaction.commit()?)
        })
    }

    /// Takes note that the hub has so many chunks of an attempt.
    pub fn note_sent(&self, attempt: &AttemptId, sent: u32) -> Result<(), CacheError> {
        self.write(|connection| {
            let sql = "-- note_sent\nUPDATE attempts SET sent = ?2 WHERE attempt = ?1";
            connection.execute(sql, params![attempt.0, sent])?;
            Ok(())
        })
    }

    /// A chunk of the attempt.
    pub fn chunk(&self, attempt: &AttemptId, index: u32) -> Result<Chunk, CacheError> {
        self.read(|connection| {
            let sql = "-- chunk\nSELECT chunk FROM chunks WHERE attempt = ?1 AND position = ?2";
            let row = connection
                .query_row(sql, params![attempt.0, index], |row| row.get::<_, Vec<u8>>(0))
                .optional()?;
            let chunk = row.and_then(|bytes| Chunk::from_bytes(&bytes).ok());
            chunk.ok_or_else(|| Fault::Damaged(format!("chunk {index} of the desk's snapshot")))
        })
    }
}

fn forget_strays(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "-- forget_strays\nDELETE FROM chunks WHERE attempt NOT IN (SELECT attempt FROM attempts)";
    connection.execute(sql, []).map(drop)
}
