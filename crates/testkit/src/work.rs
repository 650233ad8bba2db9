//! What a desk's work on its disk would take, counted and not measured, so that each run takes the same.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};

/// Milliseconds that a row takes which the desk keeps of a cell or of what waits for the log: more than half of a step of its
/// requests, so that one row more shows.
const ROW_MS: u64 = 150;
/// Milliseconds of a transaction: `SQLite` syncs once for each.
const SYNC_MS: u64 = 20;
/// Milliseconds of a page of 4,096 bytes that is written.
const PAGE_MS: u64 = 5;
/// Bytes of the journal's header and of that of each frame (<https://www.sqlite.org/fileformat2.html#walformat>).
const HEADER_LEN: usize = 32;
const FRAME_HEADER_LEN: usize = 24;

/// Counts what is written into a desk's cache.
#[derive(Debug)]
pub struct Work {
    cache: PathBuf,
    counted: Mutex<Counted>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    rows: u64,
    journal: Journal,
}

/// How far a journal has been counted. It begins anew with another salt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Journal {
    salt: [u8; 8],
    frames: u64,
    commits: u64,
}

impl Work {
    /// Of the desk with this cache; what was written before is not counted.
    pub fn of(cache: &Path) -> Self {
        let counted = Counted { rows: rows_kept(cache), journal: Journal::default().grown(cache) };
        Self { cache: cache.to_owned(), counted: Mutex::new(counted) }
    }

    /// Milliseconds for what was written since this was last asked.
    pub fn take_ms(&self) -> u64 {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Counted { rows: rows_kept(&self.cache), journal: counted.journal.grown(&self.cache) };
        let before = std::mem::replace(&mut *counted, now);
        let since = |now: u64, before: u64| if now < before { now } else { now - before };
        let is_same = now.journal.salt == before.journal.salt;
        let before_here = if is_same { before.journal } else { Journal::default() };
        ROW_MS * now.rows.saturating_sub(before.rows)
            + SYNC_MS * since(now.journal.commits, before_here.commits)
            + PAGE_MS * since(now.journal.frames, before_here.frames)
    }
}

impl Journal {
    /// As it is now.
    fn grown(self, cache: &Path) -> Self {
        let mut path = cache.as_os_str().to_owned();
        path.push("-wal");
        let Ok(file) = File::open(path) else { return Self::default() };
        self.read_on(&file).unwrap_or_default()
    }

    fn read_on(self, file: &File) -> io::Result<Self> {
        let mut header = [0; HEADER_LEN];
        file.read_exact_at(&mut header, 0)?;
        let page = u64::from(u32::from_be_bytes([header[8], header[9], header[10], header[11]]));
        let mut salt = [0; 8];
        salt.copy_from_slice(&header[16..24]);
        let mut journal = if salt == self.salt { self } else { Self { salt, ..Self::default() } };
        let mut frame = [0; FRAME_HEADER_LEN];
        // Frames of the journal before have its salt.
        while file
            .read_exact_at(&mut frame, HEADER_LEN as u64 + journal.frames * (FRAME_HEADER_LEN as u64 + page))
            .is_ok_and(|()| frame[8..16] == salt)
        {
            journal.frames += 1;
            // The last frame of a transaction names the file's new size.
            journal.commits += u64::from(frame[4..8] != [0; 4]);
        }
        Ok(journal)
    }
}

/// Rows that were ever kept of cells, and of what waits for the log.
fn rows_kept(cache: &Path) -> u64 {
    let open = || Connection::open_with_flags(cache, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let sql = "SELECT coalesce(sum(seq), 0) FROM sqlite_sequence WHERE name IN ('pending', 'cover')";
    let kept = open().and_then(|cache| cache.query_row(sql, [], |row| row.get(0)));
    kept.expect("a cache")
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn rows_pages_and_transactions_are_counted_once_over_a_journal_that_begins_anew() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("cache.sqlite");
        let cache = Connection::open(&path).unwrap();
        cache.pragma_update(None, "journal_mode", "WAL").unwrap();
        let tables = "CREATE TABLE pending (n INTEGER PRIMARY KEY AUTOINCREMENT, text BLOB); CREATE TABLE other (text BLOB);";
        cache.execute_batch(tables).unwrap();
        let work = Work::of(&path);
        assert_eq!(work.take_ms(), 0);
        cache.execute("INSERT INTO other VALUES (zeroblob(10))", []).unwrap();
        let small = work.take_ms();
        assert_eq!((small, work.take_ms()), (SYNC_MS + PAGE_MS, 0));
        cache.execute("INSERT INTO other VALUES (zeroblob(40960))", []).unwrap();
        assert!(work.take_ms() >= SYNC_MS + 10 * PAGE_MS);
        cache.execute_batch("PRAGMA wal_checkpoint(RESTART)").unwrap();
        assert_eq!(work.take_ms(), 0);
        cache.execute("INSERT INTO pending (text) VALUES (zeroblob(10))", []).unwrap();
        let with_row = work.take_ms();
        assert!(with_row > ROW_MS + SYNC_MS && with_row < ROW_MS + SYNC_MS + 5 * PAGE_MS, "{with_row}");
    }
}
