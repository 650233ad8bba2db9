//! What the hub tells a following device: new cells, new entries, and where both lists stand.

use thiserror::Error;

use crate::{
    VERSION,
    cell::{CELL_LEN, Cell},
    entry::{ENTRY_LEN, Entry, EntryError},
    layout::{LayoutError, Reader},
};

/// Cells in one answer at most.
pub const CELLS_MAX: usize = 256;
/// Entries in one answer at most.
pub const ENTRIES_MAX: usize = 128;
/// Seconds that a hub waits for something new at most.
pub const WAIT_MAX_S: u64 = 30;
/// Bytes before the cells.
const HEADER_LEN: usize = 37;
/// Bytes of an answer at most.
pub const FOLLOW_MAX: usize = HEADER_LEN + CELLS_MAX * (8 + CELL_LEN) + ENTRIES_MAX * (8 + ENTRY_LEN);

/// An answer to `follow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    /// Cells up to and including this position are gone.
    pub inbox_done: u64,
    /// The position of the last cell that ever came; 0 before the first.
    pub inbox_last: u64,
    /// Entries in the log.
    pub head: u64,
    /// The serial of the desk's keyring.
    pub keyring: u64,
    /// Position and cell, ascending.
    pub cells: Vec<(u64, Cell)>,
    /// Sequence and entry, ascending.
    pub entries: Vec<(u64, Entry)>,
}

/// Why an answer is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FollowError {
    /// An entry is malformed.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The sizes do not agree.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// More cells or entries than an answer may have.
    #[error("too many cells or entries")]
    TooMany,
    /// A version that this program does not know.
    #[error("unknown version")]
    Version,
}

impl Follow {
    /// The bytes of section 11.
    ///
    /// # Panics
    /// With more than 65,535 cells or entries.
    pub fn encode(&self) -> Vec<u8> {
        let count = |n: usize| u16::try_from(n).expect("bounded by CELLS_MAX and ENTRIES_MAX").to_be_bytes();
        let len = HEADER_LEN + self.cells.len() * (8 + CELL_LEN) + self.entries.len() * (8 + ENTRY_LEN);
        let mut bytes = Vec::with_capacity(len);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.inbox_done.to_be_bytes());
        bytes.extend_from_slice(&self.inbox_last.to_be_bytes());
        bytes.extend_from_slice(&self.head.to_be_bytes());
        bytes.extend_from_slice(&self.keyring.to_be_bytes());
        bytes.extend_from_slice(&count(self.cells.len()));
        bytes.extend_from_slice(&count(self.entries.len()));
        for (position, cell) in &self.cells {
            bytes.extend_from_slice(&position.to_be_bytes());
            bytes.extend_from_slice(&*cell.0);
        }
        for (sequence, entry) in &self.entries {
            bytes.extend_from_slice(&sequence.to_be_bytes());
            bytes.extend_from_slice(entry.as_bytes());
        }
        bytes
    }

    /// Reads [`Follow::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, FollowError> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(FollowError::Version);
        }
        let (inbox_done, inbox_last) = (reader.u64()?, reader.u64()?);
        let (head, keyring) = (reader.u64()?, reader.u64()?);
        let (cell_count, entry_count) = (usize::from(reader.u16()?), usize::from(reader.u16()?));
        if cell_count > CELLS_MAX || entry_count > ENTRIES_MAX {
            return Err(FollowError::TooMany);
        }
        let mut cells = Vec::with_capacity(cell_count);
        for _ in 0..cell_count {
            cells.push((reader.u64()?, Cell::from_bytes(reader.slice(CELL_LEN)?)?));
        }
        let mut entries = Vec::with_capacity(entry_count);
        for _ in 0..entry_count {
            entries.push((reader.u64()?, Entry::from_bytes(reader.slice(ENTRY_LEN)?)?));
        }
        reader.finish()?;
        Ok(Self { inbox_done, inbox_last, head, keyring, cells, entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_encodes_back_and_every_cut_is_refused() {
        let entry = Entry::from_bytes(&[VERSION; ENTRY_LEN]).unwrap();
        let cell = Cell(Box::new([2; CELL_LEN]));
        let follow = Follow {
            inbox_done: 3,
            inbox_last: 4,
            head: 9,
            keyring: 5,
            cells: vec![(4, cell)],
            entries: vec![(9, entry)],
        };
        let bytes = follow.encode();
        assert_eq!(Follow::decode(&bytes).as_ref(), Ok(&follow));
        for at in 0..bytes.len() {
            assert!(Follow::decode(&bytes[..at]).is_err());
        }
        let mut many = bytes;
        many[33] = 0xff;
        assert_eq!(Follow::decode(&many), Err(FollowError::TooMany));
    }
}
