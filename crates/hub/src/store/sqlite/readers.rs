//! Connections for reading: a few, so that one long read holds up no other.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, TryLockError},
};

use rusqlite::Connection;

use super::{cause::failed, schema};
use crate::store::StoreError;

/// More would only wait for the disk together; each has a cache of 2 MB at most.
const READERS: usize = 4;

/// The connections.
#[derive(Clone, Debug)]
pub struct Readers(Arc<[Mutex<Connection>]>);

impl Readers {
    /// Opens them.
    pub fn open(database: &Path) -> Result<Self, StoreError> {
        let readers: Result<Vec<_>, _> =
            (0..READERS).map(|_| schema::open_reader(database).map(Mutex::new)).collect();
        Ok(Self(readers?.into()))
    }

    /// Reads in a thread that may wait for the disk.
    pub async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        read: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = self.clone();
        tokio::task::spawn_blocking(move || readers.with_one(read))
            .await
            .map_err(|_| StoreError::GivenUp { operation })?
            .map_err(failed(operation))
    }

    fn with_one<T>(&self, read: impl FnOnce(&mut Connection) -> T) -> T {
        for reader in self.0.iter() {
            match reader.try_lock() {
                Ok(mut connection) => return read(&mut connection),
                Err(TryLockError::Poisoned(poisoned)) => return read(&mut poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        // Where all are busy, any will do.
        read(&mut self.0[0].lock().unwrap_or_else(PoisonError::into_inner))
    }
}
