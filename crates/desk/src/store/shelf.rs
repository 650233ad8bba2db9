//! Cases read from their rows one by one, and the last of them in memory.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lru::LruCache;
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Cache, CacheError,
    cache::{connect_to_read, named},
    state::open_body,
};
use crate::cases::{Case, Row, Shelf, Unread};

/// Bytes of rows whose cases stay in memory.
const IN_MEMORY_MAX: usize = 4 << 20;

/// Reads bodies over a connection of its own, beside whatever is written.
pub(crate) struct CaseShelf {
    path: PathBuf,
    connection: Mutex<Connection>,
    last: Mutex<Last>,
}

/// The cases that were looked at last.
struct Last {
    cases: LruCache<i64, (Row, Arc<Case>, usize)>,
    bytes: usize,
}

impl CaseShelf {
    fn open(path: &Path) -> Result<Self, CacheError> {
        let connection = connect_to_read(path).map_err(|fault| named(path, fault))?;
        let last = Last { cases: LruCache::unbounded(), bytes: 0 };
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection), last: Mutex::new(last) })
    }

    /// Lets go of the cases of rows that are no more.
    pub(crate) fn forget(&self, numbers: &[i64]) {
        let mut last = locked(&self.last);
        for number in numbers {
            let gone = last.cases.pop(number);
            last.bytes -= gone.map_or(0, |(.., bytes)| bytes);
        }
    }

    /// The case of a row, and the row's bytes.
    fn open_row(&self, row: &Row) -> Result<(Arc<Case>, usize), Unread> {
        let sealed = self.read(row.number)?.ok_or(Unread::Altered)?;
        let case = open_body(row, &sealed).ok_or(Unread::Altered)?;
        Ok((Arc::new(case), sealed.len()))
    }

    fn read(&self, number: i64) -> Result<Option<Vec<u8>>, CacheError> {
        let connection = locked(&self.connection);
        let read = || {
            let sql = "-- body\nSELECT sealed FROM bodies WHERE number = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            Ok(statement.query_row([number], |row| row.get::<_, Vec<u8>>(0)).optional()?)
        };
        read().map_err(|fault| named(&self.path, fault))
    }
}

impl Cache {
    /// A shelf of the cases as they are, whenever one is read.
    pub(crate) fn shelf(&self) -> Result<Arc<CaseShelf>, CacheError> {
        CaseShelf::open(self.path()).map(Arc::new)
    }

    /// A shelf of the cases as they are now, whatever is written later.
    pub(crate) fn still_shelf(&self) -> Result<Arc<CaseShelf>, CacheError> {
        let shelf = CaseShelf::open(self.path())?;
        // The first thing that is read chooses the moment.
        let begin = || {
            let connection = locked(&shelf.connection);
            connection.execute_batch("-- begin\nBEGIN")?;
            connection.query_row("-- now\nSELECT count(*) FROM state", [], |row| row.get::<_, i64>(0))
        };
        begin().map_err(|error| named(&shelf.path, error.into()))?;
        Ok(Arc::new(shelf))
    }
}

impl Shelf for CaseShelf {
    fn case(&self, row: &Row) -> Result<Arc<Case>, Unread> {
        if let Some(case) = locked(&self.last).get(row) {
            return Ok(case);
        }
        let (case, bytes) = self.open_row(row)?;
        locked(&self.last).put(row, &case, bytes);
        Ok(case)
    }

    fn case_in_passing(&self, row: &Row) -> Result<Arc<Case>, Unread> {
        Ok(self.open_row(row)?.0)
    }
}

impl Last {
    fn get(&mut self, row: &Row) -> Option<Arc<Case>> {
        let (of, case, _) = self.cases.get(&row.number)?;
        (of == row).then(|| Arc::clone(case))
    }

    fn put(&mut self, row: &Row, case: &Arc<Case>, bytes: usize) {
        if bytes > IN_MEMORY_MAX / 4 {
            return;
        }
        self.bytes += bytes;
        let before = self.cases.put(row.number, (row.clone(), Arc::clone(case), bytes));
        self.bytes -= before.map_or(0, |(.., bytes)| bytes);
        while self.bytes > IN_MEMORY_MAX
            && let Some((_, (.., bytes))) = self.cases.pop_lru()
        {
            self.bytes -= bytes;
        }
    }
}

impl std::fmt::Debug for CaseShelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaseShelf")
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
