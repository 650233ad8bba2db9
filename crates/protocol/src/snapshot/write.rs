//! Writing a snapshot, a record at a time: memory holds one chunk, whatever the size of the state.

use flate2::{Compress, Compression, FlushCompress, Status};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{
    CHUNKS_MAX, Chunk, ChunkList, ChunkSeal, DEFLATED_MAX, PLAINTEXT_LEN, Padding, RECORD_MAX, Whole,
};
use crate::encoding::Bytes;

/// Cuts records into chunks and passes each on with its index.
pub struct SnapshotWriter<'a, R, S> {
    seal: &'a ChunkSeal,
    padding: Padding,
    rng: R,
    sink: S,
    compress: Compress,
    /// Of the record that is being written.
    deflated: Zeroizing<Vec<u8>>,
    /// Of the chunk that is being filled.
    plaintext: Zeroizing<Vec<u8>>,
    count: u32,
    hashes: Sha256,
    state: Sha256,
}

/// Why a snapshot is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WriteError<E> {
    /// A record is empty, longer than [`RECORD_MAX`], or could not be deflated.
    #[error("a record is empty or too long for a snapshot")]
    Record,
    /// The state fills more than [`CHUNKS_MAX`] chunks.
    #[error("the state is larger than a snapshot may be")]
    TooLarge,
    /// A chunk could not be sealed.
    #[error("a chunk could not be sealed")]
    Sealed,
    /// What takes the chunks failed.
    #[error(transparent)]
    Sink(E),
}

impl<R, S> std::fmt::Debug for SnapshotWriter<'_, R, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SnapshotWriter({} of {:?})", self.count, self.seal)
    }
}

impl<'a, E, R: CryptoRng, S: FnMut(u32, Chunk) -> Result<(), E>> SnapshotWriter<'a, R, S> {
    /// Passes chunks to `sink` as they become full.
    pub fn new(seal: &'a ChunkSeal, padding: Padding, rng: R, sink: S) -> Self {
        Self {
            seal,
            padding,
            rng,
            sink,
            compress: Compress::new(Compression::default(), false),
            deflated: Zeroizing::new(Vec::with_capacity(DEFLATED_MAX)),
            plaintext: Zeroizing::new(Vec::with_capacity(PLAINTEXT_LEN)),
            count: 0,
            hashes: Sha256::new(),
            state: Sha256::new(),
        }
    }

    /// Appends a record, deflated by itself: no text of one meets that of another.
    ///
    /// # Errors
    /// Of no byte or more than [`RECORD_MAX`], and where the sink refuses a chunk.
    pub fn record(&mut self, record: &[u8]) -> Result<(), WriteError<E>> {
        let length = u32::try_from(record.len()).map_err(|_| WriteError::Record)?.to_be_bytes();
        if record.is_empty() || record.len() > RECORD_MAX {
            return Err(WriteError::Record);
        }
        self.compress.reset();
        self.deflated.clear();
        let status = self.compress.compress_vec(record, &mut self.deflated, FlushCompress::Finish);
        if !matches!(status, Ok(Status::StreamEnd)) {
            return Err(WriteError::Record);
        }
        self.state.update(length);
        self.state.update(record);
        let deflated = std::mem::take(&mut self.deflated);
        let deflated_len = u32::try_from(deflated.len()).map_err(|_| WriteError::Record)?.to_be_bytes();
        let appended = self
            .append(&deflated_len)
            .and_then(|()| self.append(&length))
            .and_then(|()| self.append(&deflated));
        self.deflated = deflated;
        appended
    }

    /// Ends the stream and pads with filler.
    ///
    /// # Errors
    /// Of a state that fills more than [`CHUNKS_MAX`] chunks, and where the sink refuses a chunk.
    pub fn finish(mut self) -> Result<Whole, WriteError<E>> {
        self.append(&[0; 4])?;
        if !self.plaintext.is_empty() {
            self.plaintext.resize(PLAINTEXT_LEN, 0);
            self.seal_chunk()?;
        }
        let count = self.padding.count(self.count).ok_or(WriteError::TooLarge)?;
        while self.count < count {
            let filler = Chunk::random(&mut self.rng);
            self.pass_on(filler)?;
        }
        let attempt = self.seal.attempt;
        let chunks = ChunkList { attempt, count, hash: Bytes(self.hashes.finalize().into()) };
        Ok(Whole { chunks, state: Bytes(self.state.finalize().into()) })
    }

    fn append(&mut self, mut bytes: &[u8]) -> Result<(), WriteError<E>> {
        while !bytes.is_empty() {
            let room = PLAINTEXT_LEN - self.plaintext.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.plaintext.extend_from_slice(now);
            bytes = later;
            if self.plaintext.len() == PLAINTEXT_LEN {
                self.seal_chunk()?;
            }
        }
        Ok(())
    }

    fn seal_chunk(&mut self) -> Result<(), WriteError<E>> {
        let sealed = self.seal.seal(self.count, &self.plaintext, &mut self.rng);
        self.plaintext.clear();
        self.pass_on(sealed.map_err(|_| WriteError::Sealed)?)
    }

    fn pass_on(&mut self, chunk: Chunk) -> Result<(), WriteError<E>> {
        if self.count >= CHUNKS_MAX {
            return Err(WriteError::TooLarge);
        }
        self.hashes.update(chunk.hash().0);
        (self.sink)(self.count, chunk).map_err(WriteError::Sink)?;
        self.count += 1;
        Ok(())
    }
}
