//! Forgetting in pieces: each is a write of its own, so that calls are stored in between.

use callsign_protocol::{identity::DeskId, time::Day};
use rusqlite::{Connection, OptionalExtension as _};

/// Rows that one piece erases at most: a megabyte of cells, or two of entries, go through the journal.
pub const PIECE: usize = 256;
/// Chunks of snapshots that one piece erases at most: a megabyte.
const CHUNKS_PIECE: usize = 16;

/// A range of one inbox that is looked at in one go.
#[derive(Clone, Debug)]
pub struct Window {
    pub desk: String,
    /// Cells after this position,
    pub after: u64,
    /// up to this one.
    pub last: u64,
    /// Whether any of them is past its days.
    pub has_expired: bool,
}

/// Erases a piece of what a desk's inbox position has passed.
pub fn done_cells_of(connection: &Connection, desk: &DeskId, done: u64) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "-- done_cells_of
             DELETE FROM cells WHERE rowid IN
             (SELECT rowid FROM cells WHERE desk = ?1 AND position <= ?2 ORDER BY position LIMIT ?3)",
        )?
        .execute((desk.as_str(), done, PIECE))
}

/// Erases a piece of the entries that a desk is done with.
pub fn done_entries_of(connection: &Connection, desk: &DeskId, done: u64) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "-- done_entries_of
             DELETE FROM entries WHERE rowid IN
             (SELECT rowid FROM entries WHERE desk = ?1 AND sequence <= ?2 ORDER BY sequence LIMIT ?3)",
        )?
        .execute((desk.as_str(), done, PIECE))
}

/// Erases a piece of what any desk is done with; the number of rows.
pub fn done(connection: &Connection) -> rusqlite::Result<usize> {
    for (sql, piece) in [
        (
            "-- done: cells
             DELETE FROM cells WHERE rowid IN
             (SELECT cells.rowid FROM desks CROSS JOIN cells ON desk = id AND position <= inbox_done LIMIT ?1)",
            PIECE,
        ),
        (
            "-- done: entries
             DELETE FROM entries WHERE rowid IN
             (SELECT entries.rowid FROM desks CROSS JOIN entries ON desk = id AND sequence <= log_done LIMIT ?1)",
            PIECE,
        ),
        (
            "-- done: chunks
             DELETE FROM snapshot_chunks WHERE rowid IN
             (SELECT chunks.rowid FROM snapshots CROSS JOIN snapshot_chunks AS chunks
              USING (desk, generation, attempt) WHERE done = 1 LIMIT ?1)",
            CHUNKS_PIECE,
        ),
    ] {
        let rows = connection.prepare_cached(sql)?.execute([piece])?;
        if rows > 0 {
            return Ok(rows);
        }
    }
    connection.prepare_cached("-- done: snapshots\nDELETE FROM snapshots WHERE done = 1")?.execute([])
}

/// Whether anything is left that a desk is done with.
pub fn is_done_with_some(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "-- is_done_with_some
             SELECT EXISTS (SELECT 1 FROM desks CROSS JOIN cells ON desk = id AND position <= inbox_done)
                 OR EXISTS (SELECT 1 FROM desks CROSS JOIN entries ON desk = id AND sequence <= log_done)
                 OR EXISTS (SELECT 1 FROM snapshots WHERE done = 1)",
        )?
        .query_row([], |row| row.get(0))
}

/// The next cells of a desk after a position. Days of cells go up with positions only as far as the clock did, so all of
/// them are looked at; but never many at a time.
pub fn next_window(
    connection: &Connection,
    desk: &str,
    after: u64,
    first_kept: Day,
) -> rusqlite::Result<Option<Window>> {
    connection
        .prepare_cached(
            "-- next_window
             SELECT max(position), total(day < ?3) > 0 FROM
             (SELECT position, day FROM cells WHERE desk = ?1 AND position > ?2 ORDER BY position LIMIT ?4)
             HAVING count(*) > 0",
        )?
        .query_row((desk, after, first_kept.0, PIECE), |row| {
            Ok(Window { desk: desk.to_owned(), after, last: row.get(0)?, has_expired: row.get(1)? })
        })
        .optional()
}

/// Erases the cells of a window that are past their days.
pub fn cells(connection: &Connection, window: &Window, first_kept: Day) -> rusqlite::Result<usize> {
    let Window { desk, after, last, .. } = window;
    connection
        .prepare_cached(
            "-- forget_cells
             DELETE FROM cells WHERE desk = ?1 AND position > ?2 AND position <= ?3 AND day < ?4",
        )?
        .execute((desk, after, last, first_kept.0))
}

/// Erases a piece of the drops that are past their days.
pub fn drops(connection: &Connection, first_kept: Day) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "-- forget_drops
             DELETE FROM drops WHERE rowid IN
             (SELECT drops.rowid FROM desks CROSS JOIN drops ON desk = id AND day < ?1 LIMIT ?2)",
        )?
        .execute((first_kept.0, PIECE))
}

/// Erases a piece of the signatures over lists that are past their days.
pub fn signatures(connection: &Connection, first_kept: Day) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "-- forget_signatures
             DELETE FROM list_signatures WHERE rowid IN
             (SELECT list_signatures.rowid FROM desks CROSS JOIN list_signatures ON desk = id AND day < ?1 LIMIT ?2)",
        )?
        .execute((first_kept.0, PIECE))
}

/// The ids of all desks.
pub fn desk_ids(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection.prepare_cached("-- desk_ids\nSELECT id FROM desks")?.query_map([], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use callsign_protocol::{
        VERSION,
        cell::{CELL_LEN, Cell},
        commit::{Commit, Head, Rest},
        drop::{DROP_LEN, Drop},
        encoding::Bytes,
        entry::{ENTRY_LEN, Entry, EntryHash},
        signed::Kind,
        snapshot::{CHUNK_LEN, Chunk, ChunkList},
    };

    use super::*;
    use crate::store::{
        ChunkAddress, Committed, Order, Signatures, Store, StoredDocument, conformance, sqlite::SqliteStore,
    };

    const TODAY: Day = Day(20_000);

    async fn store(dir: &Path) -> (SqliteStore, DeskId) {
        let store = SqliteStore::open(dir).unwrap();
        store.add_desk(conformance::identity(1)).await.unwrap();
        (store, conformance::desk_id(1))
    }

    /// `len` bytes that are found again.
    fn marked(mark: &str, len: usize) -> Vec<u8> {
        mark.bytes().cycle().take(len).collect()
    }

    fn is_in_files(dir: &Path, mark: &str) -> bool {
        fs::read_dir(dir).unwrap().any(|file| {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            bytes.windows(mark.len()).any(|window| window == mark.as_bytes())
        })
    }

    fn entry(mark: &str, prev: EntryHash, day: Day) -> Entry {
        let mut bytes = marked(mark, ENTRY_LEN);
        bytes[0] = VERSION;
        bytes[21..53].copy_from_slice(&prev.0);
        bytes[53..57].copy_from_slice(&day.0.to_be_bytes());
        Entry::from_bytes(&bytes).unwrap()
    }

    async fn commit(store: &SqliteStore, desk: &DeskId, entry: Entry, rest: Rest) -> EntryHash {
        let committed = store
            .commit(desk, Commit { entry, rest }, Signatures::default(), TODAY.minus(1)..=TODAY)
            .await
            .unwrap();
        let Committed::Applied(head) = committed else { panic!("{committed:?}") };
        head.hash
    }

    fn rest() -> Rest {
        Rest { inbox_done: 0, log_done: 0, drops: vec![], signed: vec![], heads: vec![], whole: None }
    }

    #[tokio::test]
    async fn what_is_forgotten_is_gone_from_every_file() {
        let dir = tempfile::tempdir().unwrap();
        let (store, desk) = store(dir.path()).await;
        let cell = |mark: &str| Cell(Box::new(marked(mark, CELL_LEN).try_into().unwrap()));
        let document =
            |mark: &str| StoredDocument { envelope: marked(mark, 9_000), day: TODAY, generation: None };
        let marks = [
            "a cell past its days ",
            "a cell that is done with ",
            "a drop past its days ",
            "an entry that is done with ",
            "a notice that was replaced ",
            "a pack that nobody names ",
            "a chunk of an attempt that is not frozen ",
        ];
        let yesterday = TODAY.minus(1);
        store.append_cell(&desk, TODAY, cell(marks[1])).await.unwrap();
        store.append_cell(&desk, yesterday, cell(marks[0])).await.unwrap();
        let drops = vec![(0, Drop(marked(marks[2], DROP_LEN).try_into().unwrap()))];
        let posting = Rest { drops, ..rest() };
        let prev = commit(&store, &desk, entry(marks[3], Head::EMPTY.hash, yesterday), posting).await;
        store.put_document(&desk, Kind::Notice, Order::Next, 1, document(marks[4])).await.unwrap();
        store.put_content(&desk, [1; 32], marked(marks[5], 50_000), yesterday).await.unwrap();
        let chunk = Chunk::from_bytes(&marked(marks[6], CHUNK_LEN)).unwrap();
        let kept = Chunk::from_bytes(&marked("a chunk that stays ", CHUNK_LEN)).unwrap();
        let last = entry("an entry that stays", prev, TODAY);
        let (generation, [attempt, other]) = (last.header().generation, [1, 2].map(|byte| Bytes([byte; 16])));
        let address = |attempt, index| ChunkAddress { generation, attempt, index };
        // More than go in one piece.
        for index in 0..20 {
            store.put_chunk(&desk, address(other, index), chunk.clone()).await.unwrap();
        }
        store.put_chunk(&desk, address(attempt, 0), kept.clone()).await.unwrap();
        for mark in marks {
            assert!(is_in_files(dir.path(), mark), "{mark} was never there");
        }
        let whole = Some(ChunkList::of(attempt, &[kept.hash()]));
        commit(&store, &desk, last, Rest { inbox_done: 1, log_done: 1, whole, ..rest() }).await;
        store
            .put_document(&desk, Kind::Notice, Order::Next, 2, document("a notice that stays"))
            .await
            .unwrap();
        store.keep_contents(&desk, vec![], TODAY, TODAY).await.unwrap();
        store.forget_done().await.unwrap();
        store.forget_before(TODAY, TODAY).await.unwrap();
        for mark in marks {
            assert!(!is_in_files(dir.path(), mark), "{mark} is still there");
        }
        for mark in ["an entry that stays", "a notice that stays", "a chunk that stays "] {
            assert!(is_in_files(dir.path(), mark), "{mark} is gone");
        }
    }

    #[tokio::test]
    async fn a_journal_that_a_reader_holds_is_emptied_when_the_reader_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let (store, desk) = store(dir.path()).await;
        let mark = "a cell behind a reader ";
        let cell = Cell(Box::new(marked(mark, CELL_LEN).try_into().unwrap()));
        store.append_cell(&desk, TODAY, cell).await.unwrap();
        let reader = Connection::open(dir.path().join("hub.sqlite")).unwrap();
        reader.execute_batch("BEGIN").unwrap();
        reader.query_row("SELECT count(*) FROM cells", [], |row| row.get::<_, i64>(0)).unwrap();
        store.forget_before(TODAY.plus(1), TODAY).await.unwrap();
        assert!(is_in_files(dir.path(), mark), "the reader still sees it");
        reader.execute_batch("COMMIT").unwrap();
        store.forget_done().await.unwrap();
        assert!(!is_in_files(dir.path(), mark));
    }

    /// Rows as a flood leaves them, in one transaction.
    fn flood(dir: &Path, desk: &DeskId, cells: usize, entries: usize) {
        let mut connection = Connection::open(dir.join("hub.sqlite")).unwrap();
        let transaction = connection.transaction().unwrap();
        for at in 1..=cells {
            transaction
                .execute("INSERT INTO cells VALUES (?1, ?2, ?3, x'00')", (desk.as_str(), at, TODAY.0))
                .unwrap();
            transaction
                .execute("INSERT INTO drops VALUES (?1, ?2, 0, ?3, x'00')", (desk.as_str(), TODAY.0, at))
                .unwrap();
        }
        for at in 1..=entries {
            let hash = at.to_be_bytes();
            transaction
                .execute("INSERT INTO entries VALUES (?1, ?2, ?3, x'00')", (desk.as_str(), at, hash))
                .unwrap();
        }
        let moved = "UPDATE desks SET last_cell = ?1, inbox_done = ?1, log_done = ?2";
        transaction.execute(moved, (cells, entries)).unwrap();
        transaction.commit().unwrap();
    }

    /// Rows of each table that are left.
    fn left(dir: &Path) -> (usize, usize, usize) {
        let connection = Connection::open(dir.join("hub.sqlite")).unwrap();
        let sql = "SELECT (SELECT count(*) FROM cells), (SELECT count(*) FROM entries), (SELECT count(*) FROM drops)";
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
    }

    #[tokio::test]
    async fn forgetting_goes_in_pieces_and_calls_are_stored_in_between() {
        let dir = tempfile::tempdir().unwrap();
        let (store, desk) = store(dir.path()).await;
        let pieces = 5;
        flood(dir.path(), &desk, pieces * PIECE, pieces * PIECE);
        let before = *store.changes().borrow();
        let call = async {
            let mut changes = store.changes();
            // The first piece is done, and no more than that.
            changes.changed().await.unwrap();
            let after_first = left(dir.path());
            store.append_cell(&desk, TODAY, conformance::cell(1)).await.unwrap();
            (after_first, left(dir.path()))
        };
        let (forgotten, (after_first, at_call)) = tokio::join!(store.forget_done(), call);
        forgotten.unwrap();
        assert!(after_first.0 >= PIECE, "{after_first:?}");
        assert!(at_call.1 >= PIECE, "the call waited for all pieces: {at_call:?}");
        assert_eq!(left(dir.path()), (1, 0, pieces * PIECE));
        // Each piece is a transaction of its own; one more finds nothing, and one is the call's.
        let transactions = *store.changes().borrow() - before;
        assert!((2 * pieces as u64 + 1..=2 * pieces as u64 + 2).contains(&transactions), "{transactions}");

        let before = *store.changes().borrow();
        store.forget_before(TODAY.plus(1), TODAY.plus(1)).await.unwrap();
        assert_eq!(left(dir.path()), (0, 0, 0));
        assert!(*store.changes().borrow() - before > pieces as u64);
    }

    #[tokio::test]
    async fn a_commit_erases_one_piece_itself() {
        let dir = tempfile::tempdir().unwrap();
        let (store, desk) = store(dir.path()).await;
        flood(dir.path(), &desk, 3 * PIECE, 0);
        let nothing_done = "UPDATE desks SET inbox_done = 0";
        Connection::open(dir.path().join("hub.sqlite")).unwrap().execute(nothing_done, []).unwrap();
        let all = Rest { inbox_done: u64::MAX, ..rest() };
        commit(&store, &desk, entry("x", Head::EMPTY.hash, TODAY), all).await;
        assert_eq!(left(dir.path()).0, 2 * PIECE);
    }
}
