//! Chunks of snapshots, kept for devices and served to them; which of them are whole, commits say.

use callsign_protocol::snapshot::{CHUNKS_MAX, Chunk};

use super::{Service, ServiceError, desk::Desk};
use crate::store::{ChunkAddress, PutChunk, Store, StoreError};

impl<S: Store> Service<S> {
    /// Keeps a chunk; the same one once more is kept already.
    pub async fn put_chunk(
        &self,
        desk: &Desk,
        address: ChunkAddress,
        bytes: &[u8],
    ) -> Result<(), ServiceError> {
        let chunk = Chunk::from_bytes(bytes).map_err(|_| ServiceError::Malformed)?;
        if address.index >= CHUNKS_MAX {
            return Err(ServiceError::NotFound);
        }
        // What desks commit and erase comes first: a large snapshot must not take the last room from it.
        if !self.room.is_there_for_chunks() {
            return Err(ServiceError::NoRoom);
        }
        match self.noted(self.store.put_chunk(&desk.id, address, chunk).await)? {
            PutChunk::Stored => Ok(()),
            PutChunk::Conflict => Err(ServiceError::ChunkConflict),
            PutChunk::GenerationRefused => Err(ServiceError::GenerationRefused),
        }
    }

    /// The chunk of that address. One that is damaged counts as none: devices then save the state anew, and do not wait.
    pub async fn chunk(&self, desk: &Desk, address: ChunkAddress) -> Result<Chunk, ServiceError> {
        match self.noted(self.store.chunk(&desk.id, address).await) {
            Err(StoreError::Damaged { .. }) => Err(ServiceError::NotFound),
            other => other?.ok_or(ServiceError::NotFound),
        }
    }
}
