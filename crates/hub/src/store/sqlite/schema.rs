//! Opens connections to the database file and brings its schema up to date, or refuses it.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, Error, MAIN_DB, TransactionBehavior, ffi};

use super::failed;
use crate::store::StoreError;

/// Every step from an empty file to the schema that the statements expect; shipped steps are never edited.
const MIGRATIONS: [&str; 2] = [include_str!("migrations/0001.sql"), include_str!("migrations/0002.sql")];

/// A connection that writes durably; refuses a schema that this program does not know.
///
/// What a statement erases may have to be put back, and waits for that in memory: in a temporary file, as is usual, it
/// would lie outside the data directory.
pub fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = open_reader(path)?;
    refuse_read_only(&connection).map_err(failed("open"))?;
    refuse_unknown(&connection)?;
    connection
        .execute_batch(
            "-- open_writer
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA temp_store = MEMORY;
             PRAGMA secure_delete = ON;
             PRAGMA foreign_keys = ON;",
        )
        .map_err(failed("open_writer"))?;
    migrate(&mut connection).map_err(failed("migrate"))?;
    Ok(connection)
}

/// A connection for reading.
pub fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path).map_err(failed("open"))?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(failed("open"))?;
    Ok(connection)
}

/// Where a file cannot be opened for writing, `SQLite` opens it for reading, and would refuse each write later.
fn refuse_read_only(connection: &Connection) -> rusqlite::Result<()> {
    if !connection.is_readonly(MAIN_DB)? {
        return Ok(());
    }
    Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CANTOPEN), Some("it can only be read".to_owned())))
}

fn refuse_unknown(connection: &Connection) -> Result<(), StoreError> {
    let found = version(connection).map_err(failed("read_schema_version"))?;
    if usize::try_from(found).is_ok_and(|found| found <= MIGRATIONS.len()) {
        return Ok(());
    }
    Err(StoreError::UnknownSchema { found, known: MIGRATIONS.len().try_into().unwrap_or(i64::MAX) })
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (step, next) in MIGRATIONS.iter().zip(1_i64..) {
        if version(&transaction)? < next {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", next)?;
        }
    }
    transaction.commit()
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("-- version\nPRAGMA user_version", [], |row| row.get(0))
}
