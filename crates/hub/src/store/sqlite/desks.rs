//! Statements on desks, their signed documents and their content packs.

use callsign_protocol::{
    encoding::Bytes,
    identity::{DeskId, Fingerprint, PublicKey},
    signed::Kind,
    time::Day,
};
use rusqlite::{Connection, OptionalExtension as _};

use crate::store::{CONTENTS_MAX, Order, Put, PutContent, StoredDocument};

/// Serials that a notice or letters document may be ahead of one from a backup: more than a desk publishes in the days after which a backup is
/// refused, and too few to use the numbers up.
const RESTORED_AHEAD_MAX: u64 = 64;

pub fn desks(connection: &Connection) -> rusqlite::Result<Vec<PublicKey>> {
    connection
        .prepare_cached("-- desks\nSELECT identity FROM desks ORDER BY id")?
        .query_map([], |row| row.get(0).map(Bytes))?
        .collect()
}

pub fn add_desk(connection: &Connection, identity: &PublicKey) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "-- add_desk\nINSERT INTO desks (id, identity) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute((Fingerprint::of(identity).desk_id().as_str(), identity.0))?;
    Ok(())
}

pub fn document(
    connection: &Connection,
    desk: &DeskId,
    kind: Kind,
) -> rusqlite::Result<Option<StoredDocument>> {
    connection
        .prepare_cached(
            "-- document\nSELECT envelope, day, generation FROM documents WHERE desk = ?1 AND kind = ?2",
        )?
        .query_row((desk.as_str(), kind_text(kind)), |row| {
            Ok(StoredDocument { envelope: row.get(0)?, day: Day(row.get(1)?), generation: row.get(2)? })
        })
        .optional()
}

/// As [`document`], out of a database of an earlier schema too: its first version has no generations.
pub fn document_of(
    connection: &Connection,
    desk: &DeskId,
    kind: Kind,
    schema: i64,
) -> rusqlite::Result<Option<StoredDocument>> {
    if schema >= 2 {
        return document(connection, desk, kind);
    }
    connection
        .prepare_cached("-- document_of\nSELECT envelope, day FROM documents WHERE desk = ?1 AND kind = ?2")?
        .query_row((desk.as_str(), kind_text(kind)), |row| {
            Ok(StoredDocument { envelope: row.get(0)?, day: Day(row.get(1)?), generation: None })
        })
        .optional()
}

pub fn put_document(
    connection: &Connection,
    desk: &DeskId,
    (kind, order, serial): (Kind, Order, u64),
    document: &StoredDocument,
) -> rusqlite::Result<Put> {
    let (stored, is_restored): (u64, bool) = connection
        .prepare_cached(
            "-- put_document: serial
             SELECT coalesce(max(serial), 0), coalesce(max(restored), 0) FROM documents WHERE desk = ?1 AND kind = ?2",
        )?
        .query_row((desk.as_str(), kind_text(kind)), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let is_next = stored.checked_add(1) == Some(serial);
    // What stood between a backup and the newest is lost, and no device can bring it again. Keyrings come one by one.
    let is_ahead =
        kind != Kind::Keyring && is_restored && serial > stored && serial - stored <= RESTORED_AHEAD_MAX;
    let is_above = order == Order::Above && serial > stored;
    if !is_next && !is_ahead && !is_above {
        return Ok(Put::Conflict);
    }
    connection
        .prepare_cached(
            "-- put_document: replace
             INSERT OR REPLACE INTO documents (desk, kind, serial, day, generation, envelope, restored)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            desk.as_str(),
            kind_text(kind),
            serial,
            document.day.0,
            document.generation,
            &document.envelope,
            is_ahead && !is_next,
        ))?;
    Ok(Put::Stored)
}

/// The generation of the stored keyring.
pub fn generation(connection: &Connection, desk: &DeskId) -> rusqlite::Result<Option<u32>> {
    connection
        .prepare_cached("-- generation\nSELECT generation FROM documents WHERE desk = ?1 AND kind = ?2")?
        .query_row((desk.as_str(), kind_text(Kind::Keyring)), |row| row.get(0))
        .optional()
        .map(Option::flatten)
}

pub fn content(connection: &Connection, desk: &DeskId, hash: &[u8; 32]) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("-- content\nSELECT pack FROM contents WHERE desk = ?1 AND hash = ?2")?
        .query_row((desk.as_str(), hash), |row| row.get(0))
        .optional()
}

pub fn put_content(
    connection: &Connection,
    desk: &DeskId,
    hash: &[u8; 32],
    pack: &[u8],
    today: Day,
) -> rusqlite::Result<PutContent> {
    let others: usize = connection
        .prepare_cached(
            "-- put_content: count\nSELECT count(*) FROM contents WHERE desk = ?1 AND hash <> ?2",
        )?
        .query_row((desk.as_str(), hash), |row| row.get(0))?;
    if others >= CONTENTS_MAX {
        return Ok(PutContent::Full);
    }
    connection
        .prepare_cached(
            "-- put_content
             INSERT INTO contents (desk, hash, pack, named_day) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET named_day = excluded.named_day",
        )?
        .execute((desk.as_str(), hash, pack, today.0))?;
    Ok(PutContent::Stored)
}

/// Takes note that packs are named today, and erases those of the desk that were named last before `first_kept`.
pub fn keep_contents(
    connection: &Connection,
    desk: &DeskId,
    named: &[[u8; 32]],
    today: Day,
    first_kept: Day,
) -> rusqlite::Result<()> {
    for hash in named {
        connection
            .prepare_cached(
                "-- keep_contents: named\nUPDATE contents SET named_day = ?3 WHERE desk = ?1 AND hash = ?2",
            )?
            .execute((desk.as_str(), hash, today.0))?;
    }
    connection
        .prepare_cached("-- keep_contents: forget\nDELETE FROM contents WHERE desk = ?1 AND named_day < ?2")?
        .execute((desk.as_str(), first_kept.0))?;
    Ok(())
}

fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::Keyring => "keyring",
        Kind::Letters => "letters",
        Kind::Notice => "notice",
    }
}
