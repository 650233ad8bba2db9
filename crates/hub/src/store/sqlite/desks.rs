//! Statements on desks, their signed documents and their content packs.

use callsign_protocol::{
    encoding::Bytes,
    identity::{DeskId, Fingerprint, PublicKey},
    signed::Kind,
    time::Day,
};
use rusqlite::{Connection, OptionalExtension as _};

use crate::store::{Put, StoredDocument};

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

pub fn put_document(
    connection: &Connection,
    desk: &DeskId,
    kind: Kind,
    serial: u64,
    document: &StoredDocument,
) -> rusqlite::Result<Put> {
    let stored: u64 = connection
        .prepare_cached(
            "-- put_document: serial
             SELECT coalesce(max(serial), 0) FROM documents WHERE desk = ?1 AND kind = ?2",
        )?
        .query_row((desk.as_str(), kind_text(kind)), |row| row.get(0))?;
    if stored.checked_add(1) != Some(serial) {
        return Ok(Put::Conflict);
    }
    connection
        .prepare_cached(
            "-- put_document: replace
             INSERT OR REPLACE INTO documents (desk, kind, serial, day, generation, envelope)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            desk.as_str(),
            kind_text(kind),
            serial,
            document.day.0,
            document.generation,
            &document.envelope,
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
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "-- put_content
             INSERT INTO contents (desk, hash, pack) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute((desk.as_str(), hash, pack))?;
    Ok(())
}

fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::Keyring => "keyring",
        Kind::Notice => "notice",
    }
}
