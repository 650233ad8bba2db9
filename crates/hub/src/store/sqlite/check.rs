//! Looks for damage in the whole file, one table after the other, so that no look holds the journal back for long.

use std::{
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use callsign_protocol::time::Day;
use rusqlite::{Connection, ErrorCode, InterruptHandle};

use super::{
    cause::{cause, failed, is_damage},
    schema,
};
use crate::store::StoreError;

/// Where a finding is kept for whoever looks at the files.
const FILE: &str = "damage";

/// Stops the check when it is dropped: a hub that is asked to stop does not read on.
pub struct Stop {
    asked: Arc<AtomicBool>,
    statement: InterruptHandle,
}

/// A check that can be stopped.
pub struct Check {
    connection: Connection,
    stopped: Arc<AtomicBool>,
}

impl Check {
    /// A check with a connection of its own.
    pub fn new(database: &Path) -> Result<(Self, Stop), StoreError> {
        let connection = schema::open_reader(database)?;
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Stop { asked: Arc::clone(&stopped), statement: connection.get_interrupt_handle() };
        Ok((Self { connection, stopped }, stop))
    }

    /// What is damaged, in the database's words; they name tables and pages, never what is in them.
    pub fn run(&self) -> Result<Option<String>, StoreError> {
        for table in schema::TABLES {
            if self.stopped.load(Ordering::Relaxed) {
                return Err(StoreError::GivenUp { operation: "check" });
            }
            if let Some(finding) = quick_check(&self.connection, table)? {
                return Ok(Some(finding));
            }
        }
        Ok(None)
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.asked.store(true, Ordering::Relaxed);
        self.statement.interrupt();
    }
}

/// Keeps a finding beside the database, or forgets the one of before.
pub fn keep_finding(dir: &Path, finding: Option<&str>, today: Day) -> io::Result<()> {
    let file = dir.join(FILE);
    if let Some(finding) = finding {
        return fs::write(file, format!("{} {finding}\n", today.0));
    }
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The day of the finding that is kept, and what was found.
pub fn kept_finding(dir: &Path) -> Option<(Day, String)> {
    let text = fs::read_to_string(dir.join(FILE)).ok()?;
    let (day, finding) = text.trim_end().split_once(' ')?;
    Some((Day(day.parse().ok()?), finding.to_owned()))
}

fn quick_check(connection: &Connection, table: &'static str) -> Result<Option<String>, StoreError> {
    let statement = format!("-- check\nPRAGMA quick_check({table})");
    match connection.query_row(&statement, [], |row| row.get::<_, String>(0)) {
        Ok(answer) if answer == "ok" => Ok(None),
        Ok(finding) => Ok(Some(format!("{table}: {}", finding.replace('\n', " ")))),
        Err(error) if is_damage(&error) => Ok(Some(format!("{table}: {}", cause(&error)))),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            Err(StoreError::GivenUp { operation: "check" })
        }
        Err(error) => Err(failed("check")(error)),
    }
}

#[cfg(test)]
mod tests {
    //! Real files, broken where a disk breaks them.

    use std::{fs::OpenOptions, io::Write as _, os::unix::fs::FileExt as _, path::PathBuf};

    use callsign_protocol::{
        cell::CELL_LEN,
        drop::DROP_LEN,
        encoding::Bytes,
        follow::Follow,
        identity::DeskId,
        signed::Kind,
        snapshot::{CHUNK_LEN, Chunk},
    };

    use super::*;
    use crate::store::{ChunkAddress, DropRange, FollowQuery, Store, conformance, sqlite::SqliteStore};

    const TODAY: Day = Day(20_000);
    const ROWS: u32 = 250;
    const PAGE: u64 = 4_096;

    /// What a disk, or a person, does to a file.
    type Break = fn(&Path);

    /// A database with rows of each kind, closed; all bytes of a row are its number.
    async fn filled(dir: &Path) -> DeskId {
        let store = SqliteStore::open(dir).unwrap();
        store.add_desk(conformance::identity(1)).await.unwrap();
        drop(store);
        let desk = conformance::desk_id(1);
        let id = desk.as_str();
        let mut database = Connection::open(dir.join("hub.sqlite")).unwrap();
        let all = database.transaction().unwrap();
        let blob = |at: u32, len: usize| vec![at.to_be_bytes()[3]; len];
        for at in 1..=ROWS {
            all.execute("INSERT INTO cells VALUES (?1, ?2, ?3, ?4)", (id, at, TODAY.0, blob(at, CELL_LEN)))
                .unwrap();
            all.execute(
                "INSERT INTO drops VALUES (?1, ?2, 0, ?3, ?4)",
                (id, TODAY.0, at - 1, blob(at, DROP_LEN)),
            )
            .unwrap();
            all.execute(
                "INSERT INTO entries VALUES (?1, ?2, ?3, ?4)",
                (id, at, blob(at, 32), blob(1, 8_341)),
            )
            .unwrap();
            all.execute(
                "INSERT INTO list_signatures VALUES (?1, ?2, ?3, ?4, 0, ?4)",
                (id, TODAY.0, at, blob(at, 64)),
            )
            .unwrap();
        }
        all.execute("INSERT INTO documents VALUES (?1, 'notice', 1, 1, ?2, NULL, 0)", (id, blob(1, 9_000)))
            .unwrap();
        all.execute("INSERT INTO contents VALUES (?1, ?2, ?3, 0)", (id, [1; 32], blob(1, 90_000))).unwrap();
        all.execute("INSERT INTO snapshots VALUES (?1, 1, ?2, 1, 1, 0)", (id, [1; 16])).unwrap();
        for at in 0..4 {
            let chunk = Chunk::from_bytes(&blob(100 + at, CHUNK_LEN)).unwrap();
            let insert = "INSERT INTO snapshot_chunks VALUES (?1, 1, ?2, ?3, ?4, ?5)";
            all.execute(insert, (id, [1; 16], at, chunk.hash().0, chunk.as_bytes())).unwrap();
        }
        all.execute("UPDATE desks SET last_cell = ?1", [ROWS]).unwrap();
        all.commit().unwrap();
        desk
    }

    fn database(dir: &Path) -> PathBuf {
        dir.join("hub.sqlite")
    }

    fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
        OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, at).unwrap();
    }

    fn root(dir: &Path, table: &str) -> u64 {
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        Connection::open(database(dir)).unwrap().query_row(sql, [table], |row| row.get(0)).unwrap()
    }

    /// Whatever is answered is what was written.
    async fn answers_nothing_wrong(store: &SqliteStore, desk: &DeskId) {
        let every = FollowQuery { cells_after: 0, entries_after: 0, cells_max: 999, entries_max: 0 };
        if let Ok(Follow { cells, .. }) = store.follow(desk, every).await {
            for (position, cell) in cells {
                assert!(cell.0.iter().all(|byte| *byte == position.to_be_bytes()[7]), "cell {position}");
            }
        }
        for from in 0..ROWS {
            if let Ok(DropRange { drops, total, .. }) = store.drops(desk, TODAY, 0, from, 1).await {
                let byte = (from + 1).to_be_bytes()[3];
                assert!(total == ROWS && drops.iter().all(|drop| drop.0 == [byte; DROP_LEN]), "drop {from}");
            }
        }
        for index in 0..4 {
            let address = ChunkAddress { generation: 1, attempt: Bytes([1; 16]), index };
            if let Ok(Some(chunk)) = store.chunk(desk, address).await {
                assert!(chunk.as_bytes().iter().all(|byte| u32::from(*byte) == 100 + index), "chunk {index}");
            }
        }
        if let Ok(Some(document)) = store.document(desk, Kind::Notice).await {
            assert_eq!(document.envelope, [1; 9_000]);
        }
    }

    #[tokio::test]
    async fn a_broken_page_of_any_table_is_found_and_never_served() {
        for table in schema::TABLES.into_iter().filter(|table| *table != "marks") {
            let dir = tempfile::tempdir().unwrap();
            let desk = filled(dir.path()).await;
            overwrite(&database(dir.path()), (root(dir.path(), table) - 1) * PAGE, &[0xa5; 64]);
            let store = SqliteStore::open(dir.path()).unwrap();
            let finding = store.check(TODAY).await.unwrap().unwrap();
            assert!(finding.starts_with(table), "{table}: {finding}");
            assert_eq!(kept_finding(dir.path()), Some((TODAY, finding)));
            answers_nothing_wrong(&store, &desk).await;
        }
    }

    #[tokio::test]
    async fn a_broken_chain_of_overflow_pages_is_found_and_never_served() {
        let dir = tempfile::tempdir().unwrap();
        let desk = filled(dir.path()).await;
        let bytes = fs::read(database(dir.path())).unwrap();
        // The pack is the only row of 22 pages: a page of it that is not the last begins with the number of the next.
        let page =
            bytes.chunks(4_096).rposition(|page| page[4..] == [1; 4_092] && page[..4] != [0; 4]).unwrap();
        overwrite(&database(dir.path()), page as u64 * PAGE, &[0xff; 4]);
        let store = SqliteStore::open(dir.path()).unwrap();
        assert!(store.check(TODAY).await.unwrap().is_some());
        assert!(
            matches!(store.content(&desk, [1; 32]).await, Err(StoreError::Damaged { .. }))
                || matches!(store.document(&desk, Kind::Notice).await, Err(StoreError::Damaged { .. }))
        );
        answers_nothing_wrong(&store, &desk).await;
    }

    #[tokio::test]
    async fn a_file_that_is_no_hubs_database_is_refused_with_what_to_do() {
        let breaks: [(&str, Break); 5] = [
            ("header", |path| overwrite(path, 0, &[0xa5; 32])),
            ("zero length", |path| OpenOptions::new().write(true).open(path).unwrap().set_len(0).unwrap()),
            ("cut in its first page", |path| {
                OpenOptions::new().write(true).open(path).unwrap().set_len(700).unwrap();
            }),
            ("text", |path| fs::write(path, "Dear diary, ".repeat(900)).unwrap()),
            ("schema page", |path| overwrite(path, 100, &[0xa5; 900])),
        ];
        for (what, broken) in breaks {
            let dir = tempfile::tempdir().unwrap();
            filled(dir.path()).await;
            broken(&database(dir.path()));
            let before = fs::read(database(dir.path())).unwrap();
            let error = SqliteStore::open(dir.path()).unwrap_err();
            assert!(matches!(error, StoreError::Damaged { .. }), "{what}: {error:?}");
            assert!(error.to_string().contains("callsign hub restore"), "{what}: {error}");
            assert_eq!(fs::read(database(dir.path())).unwrap(), before, "{what}: it was changed");
        }
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path()).await;
        fs::rename(database(dir.path()), dir.path().join("moved")).unwrap();
        fs::write(dir.path().join("hub.sqlite-wal"), "a journal").unwrap();
        assert!(matches!(SqliteStore::open(dir.path()), Err(StoreError::Damaged { .. })));
    }

    #[tokio::test]
    async fn a_file_that_was_cut_is_found_and_never_served() {
        for part in [2, 4, 10] {
            let dir = tempfile::tempdir().unwrap();
            let desk = filled(dir.path()).await;
            let path = database(dir.path());
            let length = fs::metadata(&path).unwrap().len();
            OpenOptions::new().write(true).open(&path).unwrap().set_len(length / part / PAGE * PAGE).unwrap();
            let Ok(store) = SqliteStore::open(dir.path()) else { continue };
            assert!(store.check(TODAY).await.unwrap().is_some(), "1/{part}");
            answers_nothing_wrong(&store, &desk).await;
        }
    }

    #[tokio::test]
    async fn a_journal_is_used_up_to_where_it_is_broken() {
        // In the middle of its last frames, and behind its end.
        for (from_end, kept_at_least) in [(5_000, 1), (0, 8)] {
            let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let store = SqliteStore::open(dir.path()).unwrap();
            store.add_desk(conformance::identity(1)).await.unwrap();
            let desk = conformance::desk_id(1);
            for number in 1..=8 {
                store.append_cell(&desk, TODAY, conformance::cell(number)).await.unwrap();
            }
            // As a machine leaves them that stops at once: the journal is not taken over.
            for name in ["hub.sqlite", "hub.sqlite-wal"] {
                fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
            }
            let journal = copy.path().join("hub.sqlite-wal");
            let length = fs::metadata(&journal).unwrap().len();
            if from_end == 0 {
                OpenOptions::new().append(true).open(&journal).unwrap().write_all(&[0xa5; 9_000]).unwrap();
            } else {
                overwrite(&journal, length - from_end, &[0xa5; 200]);
            }
            let store = SqliteStore::open(copy.path()).unwrap();
            assert_eq!(store.check(TODAY).await.unwrap(), None);
            let every = FollowQuery { cells_after: 0, entries_after: 0, cells_max: 99, entries_max: 0 };
            let cells = store.follow(&desk, every).await.unwrap().cells;
            assert!(cells.len() >= kept_at_least, "{}", cells.len());
            let whole = (1..=8)
                .zip(cells)
                .all(|(number, (at, cell))| at == u64::from(number) && cell == conformance::cell(number));
            assert!(whole, "a prefix, each cell whole");
        }
    }

    #[tokio::test]
    async fn a_check_stops_when_nobody_waits_for_it() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path()).await;
        let (check, stop) = Check::new(&database(dir.path())).unwrap();
        drop(stop);
        assert!(matches!(check.run(), Err(StoreError::GivenUp { .. })));
        let (check, _stop) = Check::new(&database(dir.path())).unwrap();
        assert_eq!(check.run().unwrap(), None);
    }

    #[tokio::test]
    async fn a_finding_that_cannot_be_kept_is_told() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path()).await;
        overwrite(&database(dir.path()), (root(dir.path(), "cells") - 1) * PAGE, &[0xa5; 64]);
        fs::create_dir(dir.path().join(FILE)).unwrap();
        let store = SqliteStore::open(dir.path()).unwrap();
        assert!(store.check(TODAY).await.unwrap().is_some());
    }

    #[test]
    fn a_finding_is_kept_until_a_check_finds_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(kept_finding(dir.path()), None);
        keep_finding(dir.path(), Some("cells: a page is broken"), TODAY).unwrap();
        assert_eq!(kept_finding(dir.path()), Some((TODAY, "cells: a page is broken".to_owned())));
        keep_finding(dir.path(), None, TODAY).unwrap();
        keep_finding(dir.path(), None, TODAY).unwrap();
        assert_eq!(kept_finding(dir.path()), None);
    }
}
