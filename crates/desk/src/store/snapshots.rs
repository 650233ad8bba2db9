//! Snapshots in the cache, in the chunks in which they are sealed: the state that the kept entries go on from, and an attempt on
//! its way to the hub.

use std::fs::File;

use callsign_protocol::{
    encoding::Bytes,
    snapshot::{AttemptId, Chunk, ChunkList, Whole},
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    Cache, CacheError,
    cache::{Fault, empty_journal},
};
use crate::files::private;

/// What a snapshot is kept for; there is one of each at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The state that the entries here go on from.
    State,
    /// An attempt that is being put at the hub.
    Attempt,
}

/// A snapshot whose chunks are all here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptSnapshot {
    /// The generation of the log key that its chunks are sealed under.
    pub generation: u32,
    /// Its chunks and records.
    pub whole: Whole,
    /// Chunks that the hub has, from the first on.
    pub sent: u32,
}

impl Kept {
    fn text(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Attempt => "attempt",
        }
    }
}

impl Cache {
    /// Lets one process at a time write snapshots; none where another one does.
    pub fn snapshot_lock(&self) -> Result<Option<File>, CacheError> {
        Ok(private::try_lock(self.dir(), "cache.sqlite-snapshots.lock")?)
    }

    /// What is kept.
    pub fn kept(&self, kind: Kept) -> Result<Option<KeptSnapshot>, CacheError> {
        self.read(|connection| {
            let sql = "-- kept\nSELECT generation, attempt, count, hash, state, sent FROM snapshots WHERE kind = ?1";
            let row = connection.query_row(sql, [kind.text()], |row| {
                let attempt = Bytes(row.get(1)?);
                let chunks = ChunkList { attempt, count: row.get(2)?, hash: Bytes(row.get(3)?) };
                let whole = Whole { chunks, state: Bytes(row.get(4)?) };
                Ok(KeptSnapshot { generation: row.get(0)?, whole, sent: row.get(5)? })
            });
            Ok(row.optional()?)
        })
    }

    /// The generation of what is kept.
    pub fn kept_generation(&self, kind: Kept) -> Result<Option<u32>, CacheError> {
        Ok(self.kept(kind)?.map(|kept| kept.generation))
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

    /// Puts a whole snapshot in the place of the one of before, and erases what belongs to none.
    pub fn keep(&self, kind: Kept, kept: &KeptSnapshot) -> Result<(), CacheError> {
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let KeptSnapshot { generation, whole: Whole { chunks, state }, sent } = kept;
            transaction.execute(
                "-- keep\nINSERT OR REPLACE INTO snapshots (kind, generation, attempt, count, hash, state, sent)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    kind.text(),
                    generation,
                    chunks.attempt.0,
                    chunks.count,
                    chunks.hash.0,
                    state.0,
                    sent
                ],
            )?;
            forget_strays(&transaction)?;
            transaction.commit()?;
            empty_journal(connection)
        })
    }

    /// Forgets a snapshot, and what was left of one that was never whole.
    pub fn forget_kept(&self, kind: Kept) -> Result<(), CacheError> {
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            transaction.execute("-- forget_kept\nDELETE FROM snapshots WHERE kind = ?1", [kind.text()])?;
            forget_strays(&transaction)?;
            Ok(transaction.commit()?)
        })
    }

    /// Takes note that the hub has so many chunks of an attempt.
    pub fn note_sent(&self, attempt: &AttemptId, sent: u32) -> Result<(), CacheError> {
        self.write(|connection| {
            let sql = "-- note_sent\nUPDATE snapshots SET sent = ?2 WHERE attempt = ?1";
            connection.execute(sql, params![attempt.0, sent])?;
            Ok(())
        })
    }

    /// A chunk of what is kept.
    pub fn chunk(&self, attempt: &AttemptId, index: u32) -> Result<Chunk, CacheError> {
        self.read(|connection| {
            let sql = "-- chunk\nSELECT chunk FROM chunks WHERE attempt = ?1 AND position = ?2";
            let row = connection
                .query_row(sql, params![attempt.0, index], |row| row.get::<_, Vec<u8>>(0))
                .optional()?;
            let chunk = row.and_then(|bytes| Chunk::from_bytes(&bytes).ok());
            chunk.ok_or_else(|| Fault::Damaged(format!("chunk {index} of the desk's state")))
        })
    }
}

fn forget_strays(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "-- forget_strays\nDELETE FROM chunks WHERE attempt NOT IN (SELECT attempt FROM snapshots)";
    connection.execute(sql, []).map(drop)
}
