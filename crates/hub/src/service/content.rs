//! Content packs, kept and served under their SHA-256.

use callsign_protocol::content::{ContentPack, pack_name};

use super::{Service, ServiceError, desk::Desk};
use crate::store::Store;

impl<S: Store> Service<S> {
    /// Keeps a pack under its name.
    pub async fn put_content(&self, desk: &Desk, name: &str, pack: Vec<u8>) -> Result<(), ServiceError> {
        ContentPack::decode(&pack).map_err(|_| ServiceError::Malformed)?;
        if pack_name(&pack) != name {
            return Err(ServiceError::ContentHash);
        }
        let hash = hash_of(name).ok_or(ServiceError::NotFound)?;
        Ok(self.noted(self.store.put_content(&desk.id, hash, pack).await)?)
    }

    /// The pack of that name.
    pub async fn content(&self, desk: &Desk, name: &str) -> Result<Vec<u8>, ServiceError> {
        let hash = hash_of(name).ok_or(ServiceError::NotFound)?;
        self.noted(self.store.content(&desk.id, hash).await)?.ok_or(ServiceError::NotFound)
    }
}

fn hash_of(name: &str) -> Option<[u8; 32]> {
    data_encoding::HEXLOWER.decode(name.as_bytes()).ok()?.try_into().ok()
}
