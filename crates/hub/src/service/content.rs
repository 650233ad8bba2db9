//! Content packs, kept and served under their SHA-256; those that are asked for are served from memory.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use callsign_protocol::{
    content::{ContentPack, pack_name},
    identity::DeskId,
};

use super::{Service, ServiceError, desk::Desk};
use crate::{
    coded::Coded,
    store::{PutContent, Store},
};

/// Packs in memory at most: with their compressed forms, 16 MiB.
const IN_MEMORY_MAX: usize = 64;

/// Whose pack it is, and its hash.
type PackName = (DeskId, [u8; 32]);

/// Packs that were asked for.
#[derive(Debug, Default)]
pub struct Packs(RwLock<HashMap<PackName, Coded>>);

impl Packs {
    /// Forgets all of them; those that are still kept are read again when somebody asks.
    pub fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn find(&self, name: &PackName) -> Option<Coded> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn keep(&self, name: PackName, pack: &Coded) {
        let mut packs = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if packs.len() >= IN_MEMORY_MAX {
            packs.clear();
        }
        packs.insert(name, pack.clone());
    }
}

impl<S: Store> Service<S> {
    /// Keeps a pack under its name.
    pub async fn put_content(&self, desk: &Desk, name: &str, pack: Vec<u8>) -> Result<(), ServiceError> {
        ContentPack::decode(&pack).map_err(|_| ServiceError::Malformed)?;
        if pack_name(&pack) != name {
            return Err(ServiceError::ContentHash);
        }
        let hash = hash_of(name).ok_or(ServiceError::NotFound)?;
        match self.noted(self.store.put_content(&desk.id, hash, pack, self.today()).await)? {
            PutContent::Stored => Ok(()),
            PutContent::Full => Err(ServiceError::ContentFull),
        }
    }

    /// The pack of that name.
    pub async fn content(&self, desk: &Desk, name: &str) -> Result<Coded, ServiceError> {
        let hash = hash_of(name).ok_or(ServiceError::NotFound)?;
        let key = (desk.id.clone(), hash);
        if let Some(pack) = self.packs.find(&key) {
            return Ok(pack);
        }
        let bytes = self.noted(self.store.content(&desk.id, hash).await)?.ok_or(ServiceError::NotFound)?;
        if pack_name(&bytes) != name {
            return Err(self.noted_damage("content", "a content pack is not the one of its name").into());
        }
        let pack = Coded::gzipped(bytes);
        self.packs.keep(key, &pack);
        Ok(pack)
    }
}

/// The hash that a pack's name is.
pub fn hash_of(name: &str) -> Option<[u8; 32]> {
    data_encoding::HEXLOWER.decode(name.as_bytes()).ok()?.try_into().ok()
}
