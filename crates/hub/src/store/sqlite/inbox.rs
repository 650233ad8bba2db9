//! Statements on the inbox, and on what is new in inbox and log.

use callsign_protocol::{cell::Cell, entry::Entry, follow::Follow, identity::DeskId, time::Day};
use rusqlite::{
    Connection,
    types::{FromSqlError, ValueRef},
};

use super::forget;
use crate::store::FollowQuery;

/// The largest position that the database can hold; larger ones from outside mean "all".
const POSITION_MAX: u64 = i64::MAX.unsigned_abs();

pub fn append_cell(connection: &Connection, desk: &DeskId, day: Day, cell: &Cell) -> rusqlite::Result<u64> {
    let position: u64 = connection
        .prepare_cached(
            "-- append_cell: position
             UPDATE desks SET last_cell = last_cell + 1 WHERE id = ?1 RETURNING last_cell",
        )?
        .query_row([desk.as_str()], |row| row.get(0))?;
    connection
        .prepare_cached(
            "-- append_cell: insert
             INSERT INTO cells (desk, position, day, cell) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((desk.as_str(), position, day.0, &cell.0[..]))?;
    Ok(position)
}

/// Moves the inbox position forward, never past the last cell. What it passes is read no more; a piece of it is erased at
/// once, and what is more than that by [`forget::done`].
pub fn move_done(connection: &Connection, desk: &DeskId, inbox_done: u64) -> rusqlite::Result<()> {
    let done: u64 = connection
        .prepare_cached(
            "-- move_done: position
             UPDATE desks SET inbox_done = max(inbox_done, min(?2, last_cell)) WHERE id = ?1 RETURNING inbox_done",
        )?
        .query_row((desk.as_str(), inbox_done.min(POSITION_MAX)), |row| row.get(0))?;
    forget::done_cells_of(connection, desk, done)?;
    Ok(())
}

pub fn follow(connection: &mut Connection, desk: &DeskId, query: FollowQuery) -> rusqlite::Result<Follow> {
    // One transaction, so that all parts are of one moment.
    let snapshot = connection.transaction()?;
    let (inbox_done, inbox_last, log_done, head): (u64, u64, u64, u64) = snapshot
        .prepare_cached(
            "-- follow: head
             SELECT inbox_done, last_cell, log_done, (SELECT coalesce(max(sequence), 0) FROM entries WHERE desk = ?1)
             FROM desks WHERE id = ?1",
        )?
        .query_row([desk.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    // What is done with counts as gone, although its rows go in pieces.
    let cells_after = query.cells_after.clamp(inbox_done, POSITION_MAX);
    let entries_after = query.entries_after.clamp(log_done, POSITION_MAX);
    let cells = snapshot
        .prepare_cached(
            "-- follow: cells
             SELECT position, cell FROM cells WHERE desk = ?1 AND position > ?2 ORDER BY position LIMIT ?3",
        )?
        .query_map((desk.as_str(), cells_after, query.cells_max), |row| {
            Ok((row.get(0)?, Cell(Box::new(row.get(1)?))))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let entries = snapshot
        .prepare_cached(
            "-- follow: entries
             SELECT sequence, entry FROM entries WHERE desk = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
        )?
        .query_map((desk.as_str(), entries_after, query.entries_max), |row| {
            Ok((row.get(0)?, entry(row.get_ref(1)?)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    // Who serves documents from memory knows the keyring's serial.
    Ok(Follow { inbox_done, inbox_last, head, keyring: 0, cells, entries })
}

fn entry(column: ValueRef<'_>) -> Result<Entry, FromSqlError> {
    Entry::from_bytes(column.as_blob()?).map_err(FromSqlError::other)
}
