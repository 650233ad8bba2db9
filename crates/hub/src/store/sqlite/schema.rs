//! Opens connections to the database file and brings its schema up to date, or refuses it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, MAIN_DB, OpenFlags, TransactionBehavior};
use rustix::fs::Access;

use super::{
    cause::{failed, not_opened, unreachable},
    sync_dir,
};
use crate::store::StoreError;

/// Every step from an empty file to the schema that the statements expect; shipped steps are never edited.
pub const MIGRATIONS: [&str; 4] = [
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
];

/// The tables of this schema, in the order in which a check goes through them.
pub const TABLES: [&str; 10] = [
    "desks",
    "documents",
    "marks",
    "list_signatures",
    "contents",
    "cells",
    "entries",
    "drops",
    "snapshots",
    "snapshot_chunks",
];

/// A connection that writes durably; makes the database where there is none, and refuses one that is not the hub's.
///
/// What a statement erases may have to be put back, and waits for that in memory: in a temporary file, as is usual, it
/// would lie outside the data directory.
pub fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    if !path.try_exists().map_err(failed("open"))? {
        create(path)?;
    }
    open_existing(path)
}

/// A connection for reading. It writes nothing, but it can empty the journal.
pub fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(not_opened(path))?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(failed("open"))?;
    Ok(connection)
}

/// A connection for reading the files of a hub of this version, which may be serving meanwhile.
pub fn open_beside(path: &Path) -> Result<Connection, StoreError> {
    if !path.try_exists().map_err(failed("open"))? {
        return Err(StoreError::NoDatabase);
    }
    let connection = open_reader(path)?;
    let found = recognise(&connection, path)?;
    if found < known() {
        return Err(StoreError::OldSchema { found, known: known() });
    }
    Ok(connection)
}

/// The schema version that this program writes.
pub fn known() -> i64 {
    MIGRATIONS.len().try_into().unwrap_or(i64::MAX)
}

/// The version of a database that is this program's, or of no one yet.
pub fn recognise(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    // No crash of this program leaves an empty file: a database gets its name when it is whole.
    if fs::metadata(path).map_err(failed("open"))?.len() == 0 {
        return Err(StoreError::damaged("open", "hub.sqlite is empty"));
    }
    let found = version(connection).map_err(failed("read_schema_version"))?;
    let (tables, desks): (u32, u32) = connection
        .query_row(
            "-- recognise\nSELECT count(*), count(*) FILTER (WHERE name = 'desks') FROM sqlite_schema",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .map_err(failed("read_schema"))?;
    let is_ours = if found == 0 { tables == 0 } else { desks == 1 };
    match found {
        _ if !is_ours => Err(StoreError::Foreign),
        _ if !(0..=known()).contains(&found) => Err(StoreError::UnknownSchema { found, known: known() }),
        _ => Ok(found),
    }
}

/// Brings the database at `path` up to date, durably.
pub fn open_existing(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = open_reader(path)?;
    refuse_read_only(&connection, path)?;
    recognise(&connection, path)?;
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

/// Makes a whole database under another name first, so that a crash leaves all of it or nothing.
fn create(path: &Path) -> Result<(), StoreError> {
    // A journal without its database: SQLite would take it for the new one's.
    if beside(path, "-wal").try_exists().map_err(failed("open"))? {
        return Err(StoreError::damaged(
            "open",
            "hub.sqlite is gone, and its journal hub.sqlite-wal is still there",
        ));
    }
    let draft = beside(path, ".new");
    for end in ["", "-wal", "-shm"] {
        match fs::remove_file(beside(&draft, end)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("create")(error)),
            _ => {}
        }
    }
    let mut connection = Connection::open(&draft).map_err(failed("create"))?;
    connection
        .execute_batch("-- create\nPRAGMA journal_mode = WAL;\nPRAGMA synchronous = FULL;")
        .map_err(failed("create"))?;
    migrate(&mut connection).map_err(failed("create"))?;
    connection.close().map_err(|(_, error)| failed("create")(error))?;
    fs::rename(&draft, path).and_then(|()| sync_dir(path)).map_err(failed("create"))
}

/// Where a file cannot be opened for writing, `SQLite` opens it for reading, and would refuse each write later.
fn refuse_read_only(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    if !connection.is_readonly(MAIN_DB).map_err(failed("open"))? {
        return Ok(());
    }
    let cause = unreachable(path, Access::WRITE_OK);
    Err(StoreError::File(path.to_owned(), cause.unwrap_or(io::ErrorKind::PermissionDenied.into())))
}

/// Writes a page that says what it said before.
pub fn write_version_again(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", version(connection)?)
}

/// The path with something behind its name.
pub fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
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

#[cfg(test)]
mod tests {
    use callsign_protocol::{signed::Kind, time::Day};

    use super::*;
    use crate::store::{Order, Put, Store, StoredDocument, conformance, sqlite::SqliteStore};

    /// A database as the program wrote it that shipped the first `version` steps.
    fn shipped(dir: &Path, version: usize) {
        let database = Connection::open(dir.join("hub.sqlite")).unwrap();
        database.pragma_update(None, "journal_mode", "WAL").unwrap();
        for step in &MIGRATIONS[..version] {
            database.execute_batch(step).unwrap();
        }
        database.pragma_update(None, "user_version", version).unwrap();
        let (id, identity) = (conformance::desk_id(1), conformance::identity(1));
        database
            .execute(
                "INSERT INTO desks (id, identity, last_cell) VALUES (?1, ?2, 1)",
                (id.as_str(), identity.0),
            )
            .unwrap();
        let cell = vec![1; callsign_protocol::cell::CELL_LEN];
        database.execute("INSERT INTO cells VALUES (?1, 1, 20000, ?2)", (id.as_str(), cell)).unwrap();
        let document = "INSERT INTO documents (desk, kind, serial, day, envelope) VALUES (?1, 'notice', 7, 20000, x'07')";
        database.execute(document, [id.as_str()]).unwrap();
        database
            .execute("INSERT INTO contents (desk, hash, pack) VALUES (?1, ?2, x'01')", (id.as_str(), [1; 32]))
            .unwrap();
    }

    fn contents(dir: &Path) -> Vec<String> {
        let database = Connection::open(dir.join("hub.sqlite")).unwrap();
        let mut rows = database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").unwrap();
        let mut all: Vec<String> =
            rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        all.push(version(&database).unwrap().to_string());
        all
    }

    #[tokio::test]
    async fn every_shipped_version_is_brought_up_to_date_and_used() {
        for version in 1..=MIGRATIONS.len() {
            let dir = tempfile::tempdir().unwrap();
            shipped(dir.path(), version);
            let store = SqliteStore::open(dir.path()).unwrap();
            let (desk, today) = (conformance::desk_id(1), Day(20_000));
            assert_eq!(store.desks().await.unwrap(), [conformance::identity(1)]);
            assert_eq!(store.append_cell(&desk, today, conformance::cell(2)).await.unwrap(), 2);
            let notice = |number| StoredDocument { envelope: vec![number], day: today, generation: None };
            assert_eq!(store.document(&desk, Kind::Notice).await.unwrap(), Some(notice(7)));
            assert_eq!(
                store.put_document(&desk, Kind::Notice, Order::Next, 9, notice(9)).await.unwrap(),
                Put::Conflict
            );
            assert_eq!(
                store.put_document(&desk, Kind::Notice, Order::Next, 8, notice(8)).await.unwrap(),
                Put::Stored
            );
            // Nobody has named this pack since packs are counted.
            store.keep_contents(&desk, vec![], today, today).await.unwrap();
            assert_eq!(store.content(&desk, [1; 32]).await.unwrap(), None);
            drop(store);
            let fresh = tempfile::tempdir().unwrap();
            drop(SqliteStore::open(fresh.path()).unwrap());
            assert_eq!(contents(dir.path()), contents(fresh.path()), "from version {version}");
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        shipped(dir.path(), 1);
        let database = Connection::open(dir.path().join("hub.sqlite")).unwrap();
        // The last step trips over this, when those before it have been made.
        database.execute_batch("CREATE TABLE snapshots (other TEXT)").unwrap();
        drop(database);
        let before = contents(dir.path());
        assert!(matches!(
            SqliteStore::open(dir.path()),
            Err(StoreError::Backend { operation: "migrate", .. })
        ));
        assert_eq!(contents(dir.path()), before);
    }

    #[test]
    fn a_later_version_and_another_programs_file_are_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hub.sqlite");
        let open = || SqliteStore::open(dir.path()).map(drop);
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
        for version in [0, 2] {
            Connection::open(&path).unwrap().pragma_update(None, "user_version", version).unwrap();
            let before = fs::read(&path).unwrap();
            assert!(matches!(open(), Err(StoreError::Foreign)));
            assert_eq!(fs::read(&path).unwrap(), before);
        }
        fs::remove_file(&path).unwrap();
        open().unwrap();
        for version in [known() + 1, -1] {
            Connection::open(&path).unwrap().pragma_update(None, "user_version", version).unwrap();
            let before = contents(dir.path());
            assert!(matches!(open(), Err(StoreError::UnknownSchema { found, .. }) if found == version));
            assert_eq!(contents(dir.path()), before);
        }
    }

    #[test]
    fn a_draft_that_was_never_finished_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("hub.sqlite.new"), "half of it").unwrap();
        drop(SqliteStore::open(dir.path()).unwrap());
        assert!(!dir.path().join("hub.sqlite.new").exists());
    }
}
