//! The store in one `SQLite` file: a writing thread with group commit, and connections for reading.

mod desks;
mod inbox;
mod log;
mod place;
mod readers;
mod schema;
mod writer;

use std::{
    error::Error,
    fs::{File, TryLockError},
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use callsign_protocol::{
    cell::Cell,
    commit::Commit,
    follow::Follow,
    identity::{DeskId, PublicKey},
    signed::Kind,
    time::Day,
};
use rusqlite::Connection;
use tokio::sync::watch;

use self::{place::Place, readers::Readers, writer::Writer};
use super::{Committed, DropRange, FollowQuery, Put, Store, StoreError, StoredDocument, StoredSignature};

/// A store in a directory of its own.
#[derive(Debug)]
pub struct SqliteStore {
    // In this order they are closed: the lock goes last.
    writer: Writer,
    readers: Readers,
    database: PathBuf,
    _lock: File,
}

impl SqliteStore {
    /// Opens or creates the database in `dir`, which must exist.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let lock = lock(&dir.join("lock"))?;
        let database = dir.join("hub.sqlite");
        let connection = schema::open_writer(&database)?;
        let place = Place::of(&database).map_err(failed("open"))?;
        let writer = Writer::start(connection, place).map_err(failed("start_writer"))?;
        let readers = Readers::open(&database)?;
        Ok(Self { writer, readers, database, _lock: lock })
    }
}

impl Store for SqliteStore {
    fn changes(&self) -> watch::Receiver<u64> {
        self.writer.changes()
    }

    async fn desks(&self) -> Result<Vec<PublicKey>, StoreError> {
        self.readers.read("desks", |connection| desks::desks(connection)).await
    }

    async fn add_desk(&self, identity: PublicKey) -> Result<(), StoreError> {
        self.writer.write("add_desk", move |connection| desks::add_desk(connection, &identity)).await
    }

    async fn document(&self, desk: &DeskId, kind: Kind) -> Result<Option<StoredDocument>, StoreError> {
        let desk = desk.clone();
        self.readers.read("document", move |connection| desks::document(connection, &desk, kind)).await
    }

    async fn put_document(
        &self,
        desk: &DeskId,
        kind: Kind,
        serial: u64,
        document: StoredDocument,
    ) -> Result<Put, StoreError> {
        let desk = desk.clone();
        let put =
            move |connection: &Connection| desks::put_document(connection, &desk, kind, serial, &document);
        self.writer.write("put_document", put).await
    }

    async fn content(&self, desk: &DeskId, hash: [u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        let desk = desk.clone();
        self.readers.read("content", move |connection| desks::content(connection, &desk, &hash)).await
    }

    async fn put_content(&self, desk: &DeskId, hash: [u8; 32], pack: Vec<u8>) -> Result<(), StoreError> {
        let desk = desk.clone();
        let put = move |connection: &Connection| desks::put_content(connection, &desk, &hash, &pack);
        self.writer.write("put_content", put).await
    }

    async fn append_cell(&self, desk: &DeskId, day: Day, cell: Cell) -> Result<u64, StoreError> {
        let desk = desk.clone();
        let append = move |connection: &Connection| inbox::append_cell(connection, &desk, day, &cell);
        // Half of it would be a position that no cell has.
        self.writer.write_simple("append_cell", append).await
    }

    async fn commit(
        &self,
        desk: &DeskId,
        commit: Commit,
        signed: Vec<((Day, u32), StoredSignature)>,
        days: RangeInclusive<Day>,
    ) -> Result<Committed, StoreError> {
        let desk = desk.clone();
        let apply = move |connection: &Connection| log::commit(connection, &desk, &commit, &signed, &days);
        self.writer.write("commit", apply).await
    }

    async fn drops(
        &self,
        desk: &DeskId,
        day: Day,
        shard: u32,
        from: u32,
        limit: u32,
    ) -> Result<DropRange, StoreError> {
        let desk = desk.clone();
        self.readers
            .read("drops", move |connection| log::drops(connection, &desk, day, shard, from, limit))
            .await
    }

    async fn follow(&self, desk: &DeskId, query: FollowQuery) -> Result<Follow, StoreError> {
        let desk = desk.clone();
        self.readers.read("follow", move |connection| inbox::follow(connection, &desk, query)).await
    }

    async fn forget_before(&self, first_cell_day: Day, first_drop_day: Day) -> Result<(), StoreError> {
        let forget = move |connection: &Connection| {
            inbox::forget_cells(connection, first_cell_day)?;
            log::forget_drops(connection, first_drop_day)
        };
        self.writer.write("forget_before", forget).await?;
        let database = self.database.clone();
        tokio::task::spawn_blocking(move || empty_journal(&database))
            .await
            .map_err(|_| StoreError::GivenUp { operation: "empty_journal" })?
    }
}

/// What was erased from the tables is still in the journal until that is emptied. Where a reader is in the way,
/// the next turn of the journal overwrites it.
fn empty_journal(database: &Path) -> Result<(), StoreError> {
    schema::open_reader(database)?
        .query_row("-- empty_journal\nPRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(failed("empty_journal"))
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(failed("open the lock file"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(failed("lock")(error)),
    }
}

/// Names the operation that an error of the backend belongs to.
fn failed<E: Error + Send + Sync + 'static>(operation: &'static str) -> impl FnOnce(E) -> StoreError {
    move |source| StoreError::Backend { operation, source: Box::new(source) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance;

    #[tokio::test]
    async fn keeps_the_promises_of_a_store() {
        conformance::check(|| {
            let dir = tempfile::tempdir().unwrap();
            (SqliteStore::open(dir.path()).unwrap(), dir)
        })
        .await;
    }

    #[test]
    fn an_unknown_schema_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        drop(SqliteStore::open(dir.path()).unwrap());
        let database = Connection::open(dir.path().join("hub.sqlite")).unwrap();
        for version in [3, -1] {
            database.pragma_update(None, "user_version", version).unwrap();
            let refused = SqliteStore::open(dir.path()).unwrap_err();
            assert!(matches!(refused, StoreError::UnknownSchema { found, known: 2 } if found == version));
        }
        database.pragma_update(None, "user_version", 2).unwrap();
        SqliteStore::open(dir.path()).unwrap();
    }

    #[test]
    fn two_stores_never_share_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let first = SqliteStore::open(dir.path()).unwrap();
        assert!(matches!(SqliteStore::open(dir.path()), Err(StoreError::InUse)));
        drop(first);
        SqliteStore::open(dir.path()).unwrap();
    }

    #[tokio::test]
    async fn a_bad_write_does_not_spoil_its_group() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path()).unwrap();
        store.add_desk(conformance::identity(1)).await.unwrap();
        let desk = conformance::desk_id(1);
        let nobody = conformance::desk_id(2);
        // The writing thread waits in this write while the others gather behind it.
        let (release, held) = std::sync::mpsc::channel::<()>();
        let hold = store.writer.write("hold", move |_| {
            held.recv().unwrap();
            Ok(())
        });
        let groups = *store.changes().borrow();
        let good = store.append_cell(&desk, Day(1), conformance::cell(1));
        let bad = store.append_cell(&nobody, Day(1), conformance::cell(2));
        let after = store.append_cell(&desk, Day(1), conformance::cell(3));
        let (held, good, bad, after, ()) =
            tokio::join!(hold, good, bad, after, async { release.send(()).unwrap() });
        held.unwrap();
        assert_eq!(good.unwrap(), 1);
        assert!(bad.is_err());
        assert_eq!(after.unwrap(), 2);
        assert_eq!(*store.changes().borrow(), groups + 1, "all of them share one transaction");
    }

    #[tokio::test]
    async fn a_transaction_that_ends_early_takes_back_all_its_writes() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path()).unwrap();
        store.add_desk(conformance::identity(1)).await.unwrap();
        let desk = conformance::desk_id(1);
        let (release, held) = std::sync::mpsc::channel::<()>();
        let hold = store.writer.write("hold", move |_| {
            held.recv().unwrap();
            Ok(())
        });
        let before = store.append_cell(&desk, Day(1), conformance::cell(1));
        // What SQLite may do on its own when the disk is full.
        let rollback = store.writer.write("rollback", |connection| connection.execute_batch("ROLLBACK"));
        let after = store.append_cell(&desk, Day(1), conformance::cell(2));
        let (held, before, rollback, after, ()) =
            tokio::join!(hold, before, rollback, after, async { release.send(()).unwrap() });
        assert!(held.is_err() && before.is_err() && rollback.is_err());
        // The next one is made in a transaction of its own, and finds nothing of those before.
        assert_eq!(after.unwrap(), 1);
    }

    #[tokio::test]
    async fn what_is_forgotten_is_gone_from_every_file() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path()).unwrap();
        store.add_desk(conformance::identity(1)).await.unwrap();
        let marked = Cell(Box::new(*b"a cell that must go ".repeat(205)[..].first_chunk().unwrap()));
        store.append_cell(&conformance::desk_id(1), Day(1), marked).await.unwrap();
        let holds_mark = || {
            std::fs::read_dir(dir.path()).unwrap().any(|file| {
                let bytes = std::fs::read(file.unwrap().path()).unwrap();
                bytes.windows(20).any(|window| window == b"a cell that must go ")
            })
        };
        assert!(holds_mark());
        store.forget_before(Day(2), Day(2)).await.unwrap();
        assert!(!holds_mark());
    }

    #[tokio::test]
    async fn what_may_be_taken_back_lies_in_no_file_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path()).unwrap();
        store.add_desk(conformance::identity(1)).await.unwrap();
        for number in 0..100 {
            store.append_cell(&conformance::desk_id(1), Day(1), conformance::cell(number)).await.unwrap();
        }
        let erase = |connection: &Connection| {
            inbox::forget_cells(connection, Day(2))?;
            let open = std::fs::read_dir("/proc/self/fd").unwrap();
            let paths = open.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
            // SQLite's own name for temporary files.
            Ok(paths.filter(|path| path.to_string_lossy().contains("etilqs")).count())
        };
        assert_eq!(store.writer.write("erase", erase).await.unwrap(), 0);
    }
}
