//! Fills a new hub's directory through its store, without HTTP, so that a hub of any size can be measured.

use std::{path::Path, sync::Arc};

use callsign_protocol::{
    cell::Cell,
    commit::Commit,
    identity::{DeskId, Fingerprint, PublicKey},
    signed::Kind,
    time::Day,
};
use tokio::task::JoinSet;

use crate::{
    HubError, make_private,
    store::{Committed, Order, Put, Signatures, Store as _, StoreError, StoredDocument, sqlite::SqliteStore},
};

/// A hub's directory with one desk. What is put here, no service has checked.
#[derive(Debug)]
pub struct Filling {
    store: Arc<SqliteStore>,
    desk: DeskId,
}

impl Filling {
    /// Opens or makes the directory and enrols a desk with its first notice, which is served as of `day`.
    pub async fn begin(dir: &Path, desk: PublicKey, notice: Vec<u8>, day: Day) -> Result<Self, HubError> {
        make_private(dir).map_err(|error| HubError::DataDir(dir.to_owned(), error))?;
        let store = Arc::new(SqliteStore::open(dir)?);
        store.add_desk(desk).await?;
        let id = Fingerprint::of(&desk).desk_id();
        let document = StoredDocument { envelope: notice, day, generation: None };
        match store.put_document(&id, Kind::Notice, Order::Next, 1, document).await? {
            Put::Stored => Ok(Self { store, desk: id }),
            Put::Conflict => Err(refused("put_document").into()),
        }
    }

    /// Appends a commit's entry and drops.
    pub async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        let day = commit.day();
        match self.store.commit(&self.desk, commit, Signatures::default(), day..=day).await? {
            Committed::Applied(_) => Ok(()),
            _ => Err(refused("commit")),
        }
    }

    /// Appends cells, all at once, so that they share groups.
    pub async fn append_cells(&self, day: Day, cells: Vec<Cell>) -> Result<(), StoreError> {
        let mut appends = JoinSet::new();
        for cell in cells {
            let (store, desk) = (Arc::clone(&self.store), self.desk.clone());
            appends.spawn(async move { store.append_cell(&desk, day, cell).await });
        }
        while let Some(appended) = appends.join_next().await {
            appended.map_err(|_| refused("append_cell"))??;
        }
        Ok(())
    }
}

/// Of a new directory that is not new, or of commits that do not follow each other.
fn refused(operation: &'static str) -> StoreError {
    StoreError::GivenUp { operation }
}
