//! The store in one `SQLite` file: a writing thread with group commit, and connections for reading.

mod backup;
mod cause;
mod check;
mod chunks;
mod desks;
mod forget;
mod holdings;
mod inbox;
mod log;
mod place;
mod readers;
mod restore;
mod schema;
mod snapshot;
mod writer;

use std::{
    fs::{File, TryLockError},
    io,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use callsign_protocol::{
    cell::Cell,
    commit::Commit,
    follow::Follow,
    identity::{DeskId, PublicKey},
    signed::Kind,
    snapshot::Chunk,
    time::Day,
};
use rusqlite::{Connection, ErrorCode};
use tokio::sync::watch;

pub use self::{
    backup::{Draft, note_backup},
    restore::Staged,
    snapshot::{Census, DropDay, Snapshot, kept_finding},
};
use self::{cause::failed, check::Check, place::Place, readers::Readers, writer::Writer};
use super::{
    ChunkAddress, Committed, DropRange, FollowQuery, Holdings, Order, Put, PutChunk, PutContent, Signatures,
    Store, StoreError, StoredDocument,
};

/// The database's name in the data directory.
const DATABASE: &str = "hub.sqlite";
/// The file whose lock says that a hub works in the directory.
const LOCK: &str = "lock";
/// How long readers are waited for when the journal is emptied.
const JOURNAL_PATIENCE: Duration = Duration::from_millis(20);

/// A store in a directory of its own.
#[derive(Debug)]
pub struct SqliteStore {
    // In this order they are closed: the lock goes last.
    writer: Writer,
    readers: Readers,
    database: PathBuf,
    /// Whether the journal holds what was erased from the tables.
    journal_is_due: AtomicBool,
    _lock: File,
}

impl SqliteStore {
    /// Opens or creates the database in `dir`, which must exist.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let lock = lock(dir)?;
        let database = dir.join(DATABASE);
        restore::refuse_unfinished(&database)?;
        let connection = schema::open_writer(&database)?;
        let place = Place::of(&database).map_err(failed("open"))?;
        let writer = Writer::start(connection, place).map_err(failed("start_writer"))?;
        let readers = Readers::open(&database)?;
        Ok(Self { writer, readers, database, journal_is_due: AtomicBool::new(false), _lock: lock })
    }

    /// Erases cells of days before `first_kept`, a window of each inbox after the other.
    async fn forget_cells(&self, first_kept: Day) -> Result<(), StoreError> {
        for desk in self.readers.read("desk_ids", |connection| forget::desk_ids(connection)).await? {
            let mut after = 0;
            loop {
                let desk = desk.clone();
                let next = move |connection: &mut Connection| {
                    forget::next_window(connection, &desk, after, first_kept)
                };
                let Some(window) = self.readers.read("next_window", next).await? else { break };
                after = window.last;
                if window.has_expired {
                    let erase = move |connection: &Connection| forget::cells(connection, &window, first_kept);
                    self.writer.write("forget_cells", erase).await?;
                }
            }
        }
        Ok(())
    }

    /// Repeats a piece until it finds nothing more; whoever else writes comes in between.
    async fn in_pieces(
        &self,
        operation: &'static str,
        piece: impl Fn(&Connection) -> rusqlite::Result<usize> + Clone + Send + 'static,
    ) -> Result<(), StoreError> {
        while self.writer.write(operation, piece.clone()).await? > 0 {}
        Ok(())
    }

    /// Empties the journal; where a reader is in the way, the next call tries again.
    async fn empty_journal(&self) -> Result<(), StoreError> {
        let database = self.database.clone();
        let emptied = tokio::task::spawn_blocking(move || empty_journal(&database))
            .await
            .map_err(|_| StoreError::GivenUp { operation: "empty_journal" })??;
        self.journal_is_due.store(!emptied, Ordering::Relaxed);
        Ok(())
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
        order: Order,
        serial: u64,
        document: StoredDocument,
    ) -> Result<Put, StoreError> {
        let desk = desk.clone();
        let name = (kind, order, serial);
        let put = move |connection: &Connection| desks::put_document(connection, &desk, name, &document);
        self.writer.write("put_document", put).await
    }

    async fn content(&self, desk: &DeskId, hash: [u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        let desk = desk.clone();
        self.readers.read("content", move |connection| desks::content(connection, &desk, &hash)).await
    }

    async fn put_content(
        &self,
        desk: &DeskId,
        hash: [u8; 32],
        pack: Vec<u8>,
        today: Day,
    ) -> Result<PutContent, StoreError> {
        let desk = desk.clone();
        let put = move |connection: &Connection| desks::put_content(connection, &desk, &hash, &pack, today);
        self.writer.write("put_content", put).await
    }

    async fn keep_contents(
        &self,
        desk: &DeskId,
        named: Vec<[u8; 32]>,
        today: Day,
        first_kept: Day,
    ) -> Result<(), StoreError> {
        let desk = desk.clone();
        let keep =
            move |connection: &Connection| desks::keep_contents(connection, &desk, &named, today, first_kept);
        self.writer.write("keep_contents", keep).await
    }

    async fn put_chunk(
        &self,
        desk: &DeskId,
        address: ChunkAddress,
        chunk: Chunk,
    ) -> Result<PutChunk, StoreError> {
        let desk = desk.clone();
        let put = move |connection: &Connection| chunks::put_chunk(connection, &desk, &address, &chunk);
        self.writer.write("put_chunk", put).await
    }

    async fn chunk(&self, desk: &DeskId, address: ChunkAddress) -> Result<Option<Chunk>, StoreError> {
        let desk = desk.clone();
        let read = move |connection: &mut Connection| chunks::chunk(connection, &desk, &address);
        let Some((hash, bytes)) = self.readers.read("chunk", read).await? else { return Ok(None) };
        let chunk = Chunk::from_bytes(&bytes).ok().filter(|chunk| chunk.hash() == hash);
        let damaged = || StoreError::damaged("chunk", "a chunk of a snapshot is not the one of its hash");
        chunk.map(Some).ok_or_else(damaged)
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
        signed: Signatures,
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
        self.forget_cells(first_cell_day).await?;
        self.in_pieces("forget_drops", move |connection| forget::drops(connection, first_drop_day)).await?;
        let signatures = move |connection: &Connection| forget::signatures(connection, first_drop_day);
        self.in_pieces("forget_signatures", signatures).await?;
        self.empty_journal().await
    }

    async fn forget_done(&self) -> Result<(), StoreError> {
        if self.readers.read("forget_done", |connection| forget::is_done_with_some(connection)).await? {
            self.journal_is_due.store(true, Ordering::Relaxed);
            self.in_pieces("forget_done", forget::done).await?;
        }
        if self.journal_is_due.load(Ordering::Relaxed) { self.empty_journal().await } else { Ok(()) }
    }

    async fn check(&self, today: Day) -> Result<Option<String>, StoreError> {
        let (check, stop) = Check::new(&self.database)?;
        let finding = tokio::task::spawn_blocking(move || check.run())
            .await
            .map_err(|_| StoreError::GivenUp { operation: "check" })??;
        drop(stop);
        let dir = self.database.parent().unwrap_or(Path::new(""));
        let kept = check::keep_finding(dir, finding.as_deref(), today).map_err(failed("keep_finding"));
        // A disk that damages a file may take no other: what was found is told all the same.
        if finding.is_none() {
            kept?;
        }
        Ok(finding)
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.writer.write("probe", schema::write_version_again).await
    }

    async fn free_bytes(&self) -> Result<u64, StoreError> {
        self.readers.read("free_bytes", |connection| holdings::free_bytes(connection)).await
    }

    async fn holdings(&self) -> Result<Holdings, StoreError> {
        let database = self.database.clone();
        // A connection of its own: counting a million drops takes a while, and the others are for callers.
        tokio::task::spawn_blocking(move || {
            let mut connection = schema::open_reader(&database)?;
            holdings::count(&mut connection).map_err(failed("holdings"))
        })
        .await
        .map_err(|_| StoreError::GivenUp { operation: "holdings" })?
    }
}

/// What was erased from the tables is still in the journal until that is emptied. Whether it is: a reader that takes long
/// is not waited for, for writers would wait meanwhile.
fn empty_journal(database: &Path) -> Result<bool, StoreError> {
    let connection = schema::open_reader(database)?;
    connection.busy_timeout(JOURNAL_PATIENCE).map_err(failed("empty_journal"))?;
    let emptied = connection.query_row("-- empty_journal\nPRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        row.get::<_, i64>(0).map(|busy| busy == 0)
    });
    match emptied {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
        emptied => emptied.map_err(failed("empty_journal")),
    }
}

/// Holds the directory for this process alone, as long as the file is open.
fn lock(dir: &Path) -> Result<File, StoreError> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(dir.join(LOCK))
        .map_err(|error| StoreError::File(dir.join(LOCK), error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(failed("lock")(error)),
    }
}

/// Makes the name of a file durable.
fn sync_dir(file: &Path) -> io::Result<()> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir)?.sync_all()
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
        for version in [5, -1] {
            database.pragma_update(None, "user_version", version).unwrap();
            let refused = SqliteStore::open(dir.path()).unwrap_err();
            assert!(matches!(refused, StoreError::UnknownSchema { found, known: 4 } if found == version));
        }
        database.pragma_update(None, "user_version", 4).unwrap();
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
    async fn a_probe_writes_a_page_and_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path()).unwrap();
        let journal_len = || std::fs::metadata(dir.path().join("hub.sqlite-wal")).unwrap().len();
        let before = journal_len();
        store.probe().await.unwrap();
        assert!(journal_len() > before);
        drop(store);
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
    async fn what_may_be_taken_back_lies_in_no_file_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path()).unwrap();
        store.add_desk(conformance::identity(1)).await.unwrap();
        for number in 0..100 {
            store.append_cell(&conformance::desk_id(1), Day(1), conformance::cell(number)).await.unwrap();
        }
        let erase = |connection: &Connection| {
            connection.execute("DELETE FROM cells", [])?;
            let open = std::fs::read_dir("/proc/self/fd").unwrap();
            let paths = open.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
            // SQLite's own name for temporary files.
            Ok(paths.filter(|path| path.to_string_lossy().contains("etilqs")).count())
        };
        assert_eq!(store.writer.write("erase", erase).await.unwrap(), 0);
    }
}
