//! Snapshots: the state of a generation in one piece, as sealed chunks that lie at the hub beside the log.

mod read;
mod write;

#[cfg(test)]
mod tests;

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

pub use self::{
    read::SnapshotReader,
    write::{SnapshotWriter, WriteError},
};
use serde::{Deserialize, Serialize};

use crate::{
    derive::{derive, sha256},
    encoding::{Bytes, Secret},
    identity::Fingerprint,
    layout::{LayoutError, Reader},
};

/// Bytes of a chunk.
pub const CHUNK_LEN: usize = 65_536;
/// Chunks of a snapshot at least, 8 MiB: up to here nobody sees how large the state is.
pub const CHUNKS_MIN: u32 = 128;
/// Chunks of a snapshot at most, 256 MiB.
pub const CHUNKS_MAX: u32 = 4_096;
/// Bytes of a record at most, inflated: a reader needs no more memory than some of them.
pub const RECORD_MAX: usize = 1_048_576;

const NONCE_LEN: usize = 24;
/// Bytes of the stream in a chunk.
const PLAINTEXT_LEN: usize = CHUNK_LEN - NONCE_LEN - 16;
/// Bytes of a deflated record at most: what does not get smaller gets a little longer.
const DEFLATED_MAX: usize = RECORD_MAX + 4_096;

/// Names one attempt to write a snapshot; random.
pub type AttemptId = Bytes<16>;
/// SHA-256 of a chunk.
pub type ChunkHash = Bytes<32>;

/// A chunk as it travels: sealed, or random filler that looks the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Chunk(Box<[u8; CHUNK_LEN]>);

/// The chunks of a whole snapshot as a commit names them, 52 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkList {
    /// The attempt that wrote them.
    pub attempt: AttemptId,
    /// How many there are, filler included.
    pub count: u32,
    /// SHA-256 over their hashes, in order.
    pub hash: Bytes<32>,
}

/// A whole snapshot: its chunks, and what is in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whole {
    /// Its chunks.
    pub chunks: ChunkList,
    /// SHA-256 over `u32 length || record` of each record, in order.
    pub state: Bytes<32>,
}

/// What the chunks of one attempt are sealed with, and bound to.
pub struct ChunkSeal {
    attempt: AttemptId,
    cipher: XChaCha20Poly1305,
    /// The aad without the index.
    bound: Vec<u8>,
}

/// Whether chunks are followed by filler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// As at a hub: up to [`padded_count`].
    Filler,
    /// As on a device's own disk.
    None,
}

/// Why chunks are no snapshot. All of them are found before anything of it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// The chunks are not those that the log names.
    #[error("the snapshot's chunks are not those that the log names")]
    Chunks,
    /// A record is not deflated, has another length than it says, is empty, or is longer than [`RECORD_MAX`].
    #[error("a record of the snapshot does not inflate to what it says")]
    Deflated,
    /// A chunk is no chunk by its size, or what stands behind the records is not zero.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A chunk does not open: it is another one than belongs there, or none of this desk, generation and attempt.
    #[error("a chunk of the snapshot does not open")]
    Sealed,
    /// No snapshot has so many chunks.
    #[error("no snapshot has so many chunks")]
    Size,
    /// The records are not those that the log names.
    #[error("the snapshot's records are not those that the log names")]
    State,
    /// Chunks are missing, or all are filler.
    #[error("the snapshot ends before its last record")]
    Truncated,
}

/// How many chunks a snapshot has whose stream fills so many: a power of two from [`CHUNKS_MIN`] on.
///
/// `None` where that is over [`CHUNKS_MAX`].
pub fn padded_count(filled: u32) -> Option<u32> {
    filled.checked_next_power_of_two().map(|count| count.max(CHUNKS_MIN)).filter(|count| *count <= CHUNKS_MAX)
}

impl Padding {
    fn count(self, filled: u32) -> Option<u32> {
        match self {
            Self::Filler => padded_count(filled),
            Self::None => (1..=CHUNKS_MAX).contains(&filled).then_some(filled),
        }
    }
}

impl Chunk {
    /// Reads a chunk's bytes; the size alone is checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LayoutError> {
        let mut reader = Reader::exactly(bytes, CHUNK_LEN)?;
        let mut chunk = Self::empty();
        chunk.0.copy_from_slice(reader.slice(CHUNK_LEN)?);
        Ok(chunk)
    }

    /// Filler.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut chunk = Self::empty();
        rng.fill_bytes(&mut *chunk.0);
        chunk
    }

    /// The bytes as they travel.
    pub fn as_bytes(&self) -> &[u8; CHUNK_LEN] {
        &self.0
    }

    /// SHA-256 of the bytes.
    pub fn hash(&self) -> ChunkHash {
        Bytes(sha256(&[&*self.0]))
    }

    /// Zeros, made on the heap: a chunk is too large for a small stack.
    fn empty() -> Self {
        let zeros = vec![0; CHUNK_LEN].into_boxed_slice();
        // Unwrap safety: it was made as long as that.
        Self(zeros.try_into().expect("a chunk's size"))
    }
}

impl std::fmt::Debug for Chunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chunk({})", self.hash())
    }
}

impl std::fmt::Debug for ChunkSeal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChunkSeal({})", self.attempt)
    }
}

impl ChunkList {
    /// Bytes of [`ChunkList::encode`].
    pub const LEN: usize = 52;

    /// Whether a snapshot may have so many: as [`padded_count`] makes them.
    pub fn is_padded(&self) -> bool {
        padded_count(self.count) == Some(self.count)
    }

    /// `attempt 16 || u32 count || hash 32`.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..16].copy_from_slice(&self.attempt.0);
        bytes[16..20].copy_from_slice(&self.count.to_be_bytes());
        bytes[20..].copy_from_slice(&self.hash.0);
        bytes
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, LayoutError> {
        Ok(Self { attempt: Bytes(reader.array()?), count: reader.u32()?, hash: Bytes(reader.array()?) })
    }

    /// The list over all hashes of an attempt's chunks, in order.
    pub fn of(attempt: AttemptId, hashes: &[ChunkHash]) -> Self {
        let parts: Vec<&[u8]> = hashes.iter().map(|hash| hash.0.as_slice()).collect();
        Self { attempt, count: u32::try_from(hashes.len()).unwrap_or(u32::MAX), hash: Bytes(sha256(&parts)) }
    }
}

impl ChunkSeal {
    /// Of one attempt in one generation, under a key derived from that generation's log key.
    pub fn new(desk: &Fingerprint, log_key: &Secret<32>, generation: u32, attempt: AttemptId) -> Self {
        let key = Zeroizing::new(derive::<32>(&log_key.0, "snapshot", &attempt.0));
        let label = b"callsign/v1 snapshot".as_slice();
        let bound = [label, &desk.0, &generation.to_be_bytes(), &attempt.0].concat();
        Self { attempt, cipher: XChaCha20Poly1305::new(&(*key).into()), bound }
    }

    /// The attempt that the seal is of.
    pub fn attempt(&self) -> AttemptId {
        self.attempt
    }

    fn seal(&self, index: u32, plaintext: &[u8], rng: &mut impl CryptoRng) -> Result<Chunk, SnapshotError> {
        let mut chunk = Chunk::empty();
        let (nonce, sealed) = chunk.0.split_at_mut(NONCE_LEN);
        rng.fill_bytes(nonce);
        let nonce = XNonce::try_from(&*nonce).map_err(|_| SnapshotError::Sealed)?;
        let payload = Payload { msg: plaintext, aad: &self.aad(index) };
        let ct = self.cipher.encrypt(&nonce, payload).map_err(|_| SnapshotError::Sealed)?;
        sealed.copy_from_slice(&ct);
        Ok(chunk)
    }

    fn open(&self, index: u32, chunk: &Chunk) -> Result<Zeroizing<Vec<u8>>, SnapshotError> {
        let (nonce, sealed) = chunk.0.split_at(NONCE_LEN);
        let nonce = XNonce::try_from(nonce).map_err(|_| SnapshotError::Sealed)?;
        let payload = Payload { msg: sealed, aad: &self.aad(index) };
        self.cipher.decrypt(&nonce, payload).map(Zeroizing::new).map_err(|_| SnapshotError::Sealed)
    }

    fn aad(&self, index: u32) -> Vec<u8> {
        [&self.bound[..], &index.to_be_bytes()].concat()
    }
}
