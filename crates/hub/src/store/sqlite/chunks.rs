//! Statements on snapshots: attempts of devices, of which commits freeze those that are whole.

use callsign_protocol::{
    derive::sha256,
    encoding::Bytes,
    identity::DeskId,
    snapshot::{Chunk, ChunkHash, ChunkList},
};
use rusqlite::{Connection, OptionalExtension as _};

use super::desks;
use crate::store::{ChunkAddress, FROZEN_KEPT, PutChunk, UNFINISHED_CHUNKS_MAX, UNFINISHED_MAX};

/// How far an attempt has come.
enum Stage {
    Unfinished,
    Frozen,
    Done,
}

pub fn put_chunk(
    connection: &Connection,
    desk: &DeskId,
    address: &ChunkAddress,
    chunk: &Chunk,
) -> rusqlite::Result<PutChunk> {
    if desks::generation(connection, desk)?.is_some_and(|current| current != address.generation) {
        return Ok(PutChunk::GenerationRefused);
    }
    let stage = stage(connection, desk, address)?;
    if matches!(stage, Some(Stage::Done)) {
        return Ok(PutChunk::Conflict);
    }
    let hash = chunk.hash();
    if let Some((stored, _)) = self::chunk(connection, desk, address)? {
        return Ok(if stored == hash { PutChunk::Stored } else { PutChunk::Conflict });
    }
    match stage {
        Some(Stage::Frozen | Stage::Done) => return Ok(PutChunk::Conflict),
        Some(Stage::Unfinished) => {}
        None => begin(connection, desk, address)?,
    }
    connection
        .prepare_cached(
            "-- put_chunk
             INSERT INTO snapshot_chunks (desk, generation, attempt, position, hash, chunk) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            desk.as_str(),
            address.generation,
            address.attempt.0,
            address.index,
            hash.0,
            chunk.as_bytes(),
        ))?;
    make_room(connection, desk, address)?;
    Ok(PutChunk::Stored)
}

/// A chunk and the hash that it was stored with.
pub fn chunk(
    connection: &Connection,
    desk: &DeskId,
    address: &ChunkAddress,
) -> rusqlite::Result<Option<(ChunkHash, Vec<u8>)>> {
    connection
        .prepare_cached(
            "-- chunk
             SELECT hash, chunk FROM snapshots JOIN snapshot_chunks USING (desk, generation, attempt)
             WHERE desk = ?1 AND generation = ?2 AND attempt = ?3 AND position = ?4 AND done = 0",
        )?
        .query_row((desk.as_str(), address.generation, address.attempt.0, address.index), |row| {
            Ok((Bytes(row.get(0)?), row.get(1)?))
        })
        .optional()
}

/// Whether exactly these chunks are here, not one more.
pub fn holds_exactly(
    connection: &Connection,
    desk: &DeskId,
    generation: u32,
    list: &ChunkList,
) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached(
        "-- holds_exactly
         SELECT position, hash FROM snapshots JOIN snapshot_chunks USING (desk, generation, attempt)
         WHERE desk = ?1 AND generation = ?2 AND attempt = ?3 AND done = 0 ORDER BY position",
    )?;
    let chunks: Vec<(u32, [u8; 32])> = statement
        .query_map((desk.as_str(), generation, list.attempt.0), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let is_without_gap = chunks.iter().map(|(position, _)| *position).eq(0..list.count);
    let hashes: Vec<&[u8]> = chunks.iter().map(|(_, hash)| &hash[..]).collect();
    Ok(list.count > 0 && is_without_gap && sha256(&hashes) == list.hash.0)
}

/// Lets nobody change an attempt any more; what is neither it nor the newest frozen one before is done with.
pub fn freeze(
    connection: &Connection,
    desk: &DeskId,
    generation: u32,
    list: &ChunkList,
    sequence: u64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "-- freeze
             UPDATE snapshots SET frozen = ?4 WHERE desk = ?1 AND generation = ?2 AND attempt = ?3",
        )?
        .execute((desk.as_str(), generation, list.attempt.0, sequence))?;
    connection
        .prepare_cached(
            "-- freeze: others
             UPDATE snapshots SET done = 1 WHERE desk = ?1 AND done = 0 AND rowid NOT IN
             (SELECT rowid FROM snapshots WHERE desk = ?1 AND done = 0 AND frozen IS NOT NULL ORDER BY frozen DESC LIMIT ?2)",
        )?
        .execute((desk.as_str(), FROZEN_KEPT))?;
    Ok(())
}

/// Gives up what devices were writing when a backup was made: none of them goes on with it.
pub fn give_up_unfinished(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .execute("-- give_up_unfinished\nUPDATE snapshots SET done = 1 WHERE frozen IS NULL", [])
        .map(drop)
}

fn stage(connection: &Connection, desk: &DeskId, address: &ChunkAddress) -> rusqlite::Result<Option<Stage>> {
    connection
        .prepare_cached(
            "-- stage
             SELECT done, frozen IS NOT NULL FROM snapshots WHERE desk = ?1 AND generation = ?2 AND attempt = ?3",
        )?
        .query_row((desk.as_str(), address.generation, address.attempt.0), |row| {
            Ok(match (row.get(0)?, row.get(1)?) {
                (true, _) => Stage::Done,
                (false, true) => Stage::Frozen,
                (false, false) => Stage::Unfinished,
            })
        })
        .optional()
}

fn begin(connection: &Connection, desk: &DeskId, address: &ChunkAddress) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "-- begin
             INSERT INTO snapshots (desk, generation, attempt, number)
             SELECT ?1, ?2, ?3, coalesce(max(number), 0) + 1 FROM snapshots WHERE desk = ?1",
        )?
        .execute((desk.as_str(), address.generation, address.attempt.0))
        .map(drop)
}

/// Of the attempts that are being written the oldest are done with, until the others are few enough.
fn make_room(connection: &Connection, desk: &DeskId, newest: &ChunkAddress) -> rusqlite::Result<()> {
    let unfinished: Vec<(i64, usize)> = connection
        .prepare_cached(
            "-- make_room
             SELECT snapshots.rowid,
                 (SELECT count(*) FROM snapshot_chunks AS chunks WHERE chunks.desk = snapshots.desk
                  AND chunks.generation = snapshots.generation AND chunks.attempt = snapshots.attempt)
             FROM snapshots WHERE desk = ?1 AND done = 0 AND frozen IS NULL
             ORDER BY generation = ?2 AND attempt = ?3, number",
        )?
        .query_map((desk.as_str(), newest.generation, newest.attempt.0), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let (mut attempts, mut chunks) =
        (unfinished.len(), unfinished.iter().map(|(_, chunks)| chunks).sum::<usize>());
    for (oldest, its_chunks) in unfinished {
        if attempts <= UNFINISHED_MAX && chunks <= UNFINISHED_CHUNKS_MAX {
            break;
        }
        connection
            .prepare_cached("-- make_room: done\nUPDATE snapshots SET done = 1 WHERE rowid = ?1")?
            .execute([oldest])?;
        (attempts, chunks) = (attempts - 1, chunks - its_chunks);
    }
    Ok(())
}
