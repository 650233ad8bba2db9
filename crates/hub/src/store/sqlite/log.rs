//! Statements on the desk log and on the lists of drops that its commits fill.

use std::{collections::BTreeSet, ops::RangeInclusive};

use callsign_protocol::{
    commit::{Commit, Head},
    drop::Drop,
    encoding::Bytes,
    entry::EntryHash,
    identity::DeskId,
    time::{Day, Minute},
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{chunks, desks, forget, inbox};
use crate::store::{Committed, DropRange, Signatures, StoredSignature};

pub fn commit(
    connection: &Connection,
    desk: &DeskId,
    commit: &Commit,
    signed: &Signatures,
    days: &RangeInclusive<Day>,
) -> rusqlite::Result<Committed> {
    let Commit { entry, rest } = commit;
    let hash = entry.hash();
    if let Some(sequence) = sequence_of(connection, desk, &hash)? {
        return Ok(Committed::Applied(Head { sequence, hash }));
    }
    if desks::generation(connection, desk)?.is_some_and(|current| current != entry.header().generation) {
        return Ok(Committed::GenerationRefused);
    }
    let head = head(connection, desk)?;
    if entry.header().prev != head.hash {
        return Ok(Committed::Conflict(head));
    }
    let day = commit.day();
    // A beat without drops edits no list, so a desk that was set back in time can still log calls.
    let is_past = !rest.drops.is_empty() && day < posted_day(connection, desk)?;
    if !days.contains(&day) || is_past {
        return Ok(Committed::DayRefused);
    }
    let generation = entry.header().generation;
    if let Some(whole) = &rest.whole
        && !chunks::holds_exactly(connection, desk, generation, whole)?
    {
        return Ok(Committed::SnapshotRefused);
    }
    let sequence = head.sequence + 1;
    connection
        .prepare_cached(
            "-- commit
             INSERT INTO entries (desk, sequence, hash, entry) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((desk.as_str(), sequence, hash.0, entry.as_bytes()))?;
    append_drops(connection, desk, day, &rest.drops)?;
    keep_heads(connection, desk, day, &rest.drops, &signed.heads)?;
    keep_signatures(connection, desk, &signed.days)?;
    inbox::move_done(connection, desk, rest.inbox_done)?;
    forget_entries(connection, desk, rest.log_done.min(head.sequence))?;
    if let Some(whole) = &rest.whole {
        chunks::freeze(connection, desk, generation, whole, sequence)?;
    }
    Ok(Committed::Applied(Head { sequence, hash }))
}

pub fn drops(
    connection: &mut Connection,
    desk: &DeskId,
    day: Day,
    shard: u32,
    from: u32,
    limit: u32,
) -> rusqlite::Result<DropRange> {
    // One transaction, so that total and drops are of one moment.
    let snapshot = connection.transaction()?;
    let total = list_length(&snapshot, desk, day, shard)?;
    let drops = snapshot
        .prepare_cached(
            "-- drops
             SELECT body FROM drops WHERE desk = ?1 AND day = ?2 AND shard = ?3 AND position >= ?4
             ORDER BY position LIMIT ?5",
        )?
        .query_map((desk.as_str(), day.0, shard, from, limit), |row| row.get(0).map(Drop))?
        .collect::<rusqlite::Result<_>>()?;
    let signed = snapshot
        .prepare_cached(
            "-- drops: signature
             SELECT duty_key, minute, signature FROM list_signatures WHERE desk = ?1 AND day = ?2 AND shard = ?3",
        )?
        .query_row((desk.as_str(), day.0, shard), |row| {
            let minute: u16 = row.get(1)?;
            let minute = Minute::try_from(minute)
                .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(1, minute.into()))?;
            Ok(StoredSignature { duty_key: Bytes(row.get(0)?), minute, signature: Bytes(row.get(2)?) })
        })
        .optional()?;
    Ok(DropRange { total, drops, signed })
}

/// Of the lists that this commit has posted to, what was signed of each before is no longer the whole of it. Others keep what
/// they have where their day is finished.
fn keep_heads(
    connection: &Connection,
    desk: &DeskId,
    day: Day,
    drops: &[(u32, Drop)],
    heads: &[(u32, StoredSignature)],
) -> rusqlite::Result<()> {
    let shards: BTreeSet<u32> = drops.iter().map(|(shard, _)| *shard).collect();
    for shard in &shards {
        connection
            .prepare_cached(
                "-- keep_heads: former
                 DELETE FROM list_signatures WHERE desk = ?1 AND day = ?2 AND shard = ?3",
            )?
            .execute((desk.as_str(), day.0, shard))?;
    }
    let is_open = day == posted_day(connection, desk)?;
    for (shard, head) in heads.iter().filter(|(shard, _)| is_open || shards.contains(shard)) {
        let StoredSignature { duty_key, minute, signature } = head;
        connection
            .prepare_cached(
                "-- keep_heads
                 INSERT OR REPLACE INTO list_signatures (desk, day, shard, duty_key, minute, signature)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute((desk.as_str(), day.0, shard, duty_key.0, u16::from(*minute), signature.0))?;
    }
    Ok(())
}

/// Of lists that can grow no more: drops were posted to a later day.
fn keep_signatures(
    connection: &Connection,
    desk: &DeskId,
    signed: &[((Day, u32), StoredSignature)],
) -> rusqlite::Result<()> {
    for ((day, shard), StoredSignature { duty_key, minute, signature }) in signed {
        connection
            .prepare_cached(
                "-- keep_signatures
                 INSERT OR REPLACE INTO list_signatures (desk, day, shard, duty_key, minute, signature)
                 SELECT id, ?2, ?3, ?4, ?5, ?6 FROM desks WHERE id = ?1 AND posted_day > ?2",
            )?
            .execute((desk.as_str(), day.0, shard, duty_key.0, u16::from(*minute), signature.0))?;
    }
    Ok(())
}

/// Takes note that entries up to and including `done` are done with, the head never among them; a piece of them is erased at
/// once, and what is more than that by [`forget::done`].
fn forget_entries(connection: &Connection, desk: &DeskId, done: u64) -> rusqlite::Result<()> {
    let done: u64 = connection
        .prepare_cached(
            "-- forget_entries
             UPDATE desks SET log_done = max(log_done, ?2) WHERE id = ?1 RETURNING log_done",
        )?
        .query_row((desk.as_str(), done), |row| row.get(0))?;
    forget::done_entries_of(connection, desk, done)?;
    Ok(())
}

fn append_drops(
    connection: &Connection,
    desk: &DeskId,
    day: Day,
    drops: &[(u32, Drop)],
) -> rusqlite::Result<()> {
    if drops.is_empty() {
        return Ok(());
    }
    for (shard, body) in drops {
        let position = list_length(connection, desk, day, *shard)?;
        connection
            .prepare_cached(
                "-- append_drops: insert
                 INSERT INTO drops (desk, day, shard, position, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((desk.as_str(), day.0, shard, position, &body.0[..]))?;
    }
    connection
        .prepare_cached("-- append_drops: day\nUPDATE desks SET posted_day = ?2 WHERE id = ?1")?
        .execute((desk.as_str(), day.0))?;
    Ok(())
}

fn sequence_of(connection: &Connection, desk: &DeskId, hash: &EntryHash) -> rusqlite::Result<Option<u64>> {
    connection
        .prepare_cached("-- sequence_of\nSELECT sequence FROM entries WHERE desk = ?1 AND hash = ?2")?
        .query_row((desk.as_str(), hash.0), |row| row.get(0))
        .optional()
}

fn head(connection: &Connection, desk: &DeskId) -> rusqlite::Result<Head> {
    let newest = connection
        .prepare_cached(
            "-- head
             SELECT sequence, hash FROM entries WHERE desk = ?1 ORDER BY sequence DESC LIMIT 1",
        )?
        .query_row([desk.as_str()], |row| Ok(Head { sequence: row.get(0)?, hash: Bytes(row.get(1)?) }))
        .optional()?;
    Ok(newest.unwrap_or(Head::EMPTY))
}

fn posted_day(connection: &Connection, desk: &DeskId) -> rusqlite::Result<Day> {
    connection
        .prepare_cached("-- posted_day\nSELECT posted_day FROM desks WHERE id = ?1")?
        .query_row([desk.as_str()], |row| row.get(0).map(Day))
}

fn list_length(connection: &Connection, desk: &DeskId, day: Day, shard: u32) -> rusqlite::Result<u32> {
    connection
        .prepare_cached(
            "-- list_length
             SELECT coalesce(max(position) + 1, 0) FROM drops WHERE desk = ?1 AND day = ?2 AND shard = ?3",
        )?
        .query_row((desk.as_str(), day.0, shard), |row| row.get(0))
}
