//! Reading a snapshot, a chunk at a time and strictly: what is not exactly what was written is an error.

use flate2::{Decompress, FlushDecompress, Status};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    CHUNKS_MAX, Chunk, ChunkSeal, DEFLATED_MAX, PLAINTEXT_LEN, Padding, RECORD_MAX, SnapshotError, Whole,
};
use crate::layout::Reader;

/// Bytes before a record: its length deflated, and its length.
const RECORD_HEAD: usize = 8;

/// A snapshot as its chunks come in, in order.
pub struct SnapshotReader<'a> {
    seal: &'a ChunkSeal,
    padding: Padding,
    whole: Whole,
    decompress: Decompress,
    /// What has come and is no whole record yet.
    stream: Zeroizing<Vec<u8>>,
    /// Chunks that the stream filled, once its end was seen.
    filled: Option<u32>,
    next: u32,
    hashes: Sha256,
    state: Sha256,
}

impl<'a> SnapshotReader<'a> {
    /// Reads the chunks that the log names.
    ///
    /// # Errors
    /// [`SnapshotError::Size`] where no snapshot has so many, [`SnapshotError::Chunks`] where they are of another attempt.
    pub fn new(seal: &'a ChunkSeal, padding: Padding, whole: Whole) -> Result<Self, SnapshotError> {
        if padding.count(whole.chunks.count) != Some(whole.chunks.count) {
            return Err(SnapshotError::Size);
        }
        if whole.chunks.attempt != seal.attempt {
            return Err(SnapshotError::Chunks);
        }
        Ok(Self {
            seal,
            padding,
            whole,
            decompress: Decompress::new(false),
            stream: Zeroizing::new(Vec::with_capacity(RECORD_HEAD + DEFLATED_MAX + PLAINTEXT_LEN)),
            filled: None,
            next: 0,
            hashes: Sha256::new(),
            state: Sha256::new(),
        })
    }

    /// Takes the next chunk, and gives the records that are whole with it. Use none of them before [`SnapshotReader::finish`].
    ///
    /// # Errors
    /// Of a chunk that is not the next one, or whose records break a rule.
    pub fn chunk(&mut self, chunk: &Chunk) -> Result<Vec<Zeroizing<Vec<u8>>>, SnapshotError> {
        if self.next >= self.whole.chunks.count.min(CHUNKS_MAX) {
            return Err(SnapshotError::Chunks);
        }
        let index = self.next;
        self.next += 1;
        self.hashes.update(chunk.hash().0);
        if self.filled.is_some() {
            // Filler opens under no key; it is compared by its hash alone.
            return Ok(Vec::new());
        }
        self.stream.extend_from_slice(&self.seal.open(index, chunk)?);
        self.take_records()
    }

    /// Says that all chunks were given.
    ///
    /// # Errors
    /// Where any is missing or another one, or where the records are not those that were written.
    pub fn finish(self) -> Result<(), SnapshotError> {
        let filled = self.filled.ok_or(SnapshotError::Truncated)?;
        if self.next != self.whole.chunks.count {
            return Err(SnapshotError::Truncated);
        }
        if self.padding.count(filled) != Some(self.next) {
            return Err(SnapshotError::Size);
        }
        if self.hashes.finalize()[..] != self.whole.chunks.hash.0 {
            return Err(SnapshotError::Chunks);
        }
        if self.state.finalize()[..] != self.whole.state.0 {
            return Err(SnapshotError::State);
        }
        Ok(())
    }

    /// The records that are whole; what is left is the beginning of one. Behind the end nothing is but zeros.
    fn take_records(&mut self) -> Result<Vec<Zeroizing<Vec<u8>>>, SnapshotError> {
        let stream = std::mem::take(&mut self.stream);
        let mut rest = &stream[..];
        let mut records = Vec::new();
        while let Some((deflated_len, behind)) = split_u32(rest) {
            if deflated_len == 0 {
                // All of one chunk, so that a snapshot has one length alone.
                Reader::new(behind).zeros(behind.len())?;
                self.filled = Some(self.next);
                return Ok(records);
            }
            let Some((length, behind)) = split_u32(behind) else { break };
            if deflated_len > DEFLATED_MAX || !(1..=RECORD_MAX).contains(&length) {
                return Err(SnapshotError::Deflated);
            }
            let Some((deflated, behind)) = behind.split_at_checked(deflated_len) else { break };
            records.push(self.inflate(deflated, length)?);
            rest = behind;
        }
        let used = stream.len() - rest.len();
        self.stream = stream;
        self.stream.drain(..used);
        Ok(records)
    }

    /// Inflates into as many bytes as were said, never more.
    fn inflate(&mut self, deflated: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, SnapshotError> {
        self.decompress.reset(false);
        let mut record = Zeroizing::new(vec![0; length]);
        let status = self.decompress.decompress(deflated, &mut record, FlushDecompress::Finish);
        let is_exact = self.decompress.total_in() == deflated.len() as u64
            && self.decompress.total_out() == length as u64;
        if !matches!(status, Ok(Status::StreamEnd)) || !is_exact {
            return Err(SnapshotError::Deflated);
        }
        let length = u32::try_from(length).map_err(|_| SnapshotError::Deflated)?;
        self.state.update(length.to_be_bytes());
        self.state.update(&record[..]);
        Ok(record)
    }
}

impl std::fmt::Debug for SnapshotReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SnapshotReader({} of {:?})", self.next, self.whole.chunks)
    }
}

fn split_u32(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, behind) = bytes.split_first_chunk()?;
    Some((usize::try_from(u32::from_be_bytes(*number)).ok()?, behind))
}
