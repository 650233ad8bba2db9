//! Statements that count what is kept.

use callsign_protocol::time::Day;
use rusqlite::Connection;

use super::backup;
use crate::store::Holdings;

pub fn count(connection: &mut Connection) -> rusqlite::Result<Holdings> {
    // One transaction, so that all parts are of one moment.
    let snapshot = connection.transaction()?;
    let by_day = |statement: &str| {
        snapshot
            .prepare(statement)?
            .query_map([], |row| Ok((Day(row.get(0)?), row.get(1)?)))?
            .collect::<rusqlite::Result<Vec<_>>>()
    };
    let cells = by_day("-- holdings: cells\nSELECT day, count(*) FROM cells GROUP BY day ORDER BY day")?;
    let drops = by_day("-- holdings: drops\nSELECT day, count(*) FROM drops GROUP BY day ORDER BY day")?;
    let size_bytes = snapshot.query_row(
        "-- holdings: size\nSELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        [],
        |row| row.get(0),
    )?;
    Ok(Holdings { cells, drops, size_bytes, backup: backup::marked(&snapshot, "backup")? })
}

/// Bytes of pages that hold nothing and will be used again.
pub fn free_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row(
        "-- free_bytes\nSELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size",
        [],
        |row| row.get(0),
    )
}
