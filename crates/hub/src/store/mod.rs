//! What the hub keeps, as a trait: three append-only lists a desk, signed documents, content packs.
//!
//! A backend makes every write atomic and answers it only when a loss of power cannot take it back.
//! Ids, days and serials come from the caller; not found is `Ok(None)`; damage is an error, never skipped.
//! A new kind of record is one method here, one in each backend, and one case in `conformance`.

#[cfg(test)]
pub mod conformance;
#[cfg(test)]
pub mod intercepted;
pub mod sqlite;

use std::{error::Error, future::Future, ops::RangeInclusive};

use callsign_protocol::{
    cell::Cell,
    commit::{Commit, Head},
    digest::ListSignature,
    drop::Drop,
    follow::Follow,
    identity::{DeskId, PublicKey},
    signed::Kind,
    time::Day,
};
use thiserror::Error;
use tokio::sync::watch;

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// It is durable, now or since it came first; the head that it made.
    Applied(Head),
    /// Its `prev` is not the head; the head as it is. Nothing changed.
    Conflict(Head),
    /// Its day may not be posted to, or is before the last day posted to. Nothing changed.
    DayRefused,
    /// Its entry is not of the keyring's generation. Nothing changed.
    GenerationRefused,
}

/// A signed document as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    /// The bytes that were put.
    pub envelope: Vec<u8>,
    /// The day on which they were checked and put.
    pub day: Day,
    /// A keyring's generation; a notice has none.
    pub generation: Option<u32>,
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// Its serial is not one above the stored one. Nothing changed.
    Conflict,
    /// It is the stored one now.
    Stored,
}

/// A desk's signature over one finished list, with the key that made it: it is served while the notice names that key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredSignature {
    /// The duty key.
    pub duty_key: PublicKey,
    /// What is served.
    pub signature: ListSignature,
}

/// A range of one list of drops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DropRange {
    /// Length of the whole list.
    pub total: u32,
    /// The drops asked for, as far as they exist.
    pub drops: Vec<Drop>,
    /// The newest signature over the list.
    pub signed: Option<StoredSignature>,
}

/// Where a device stands in inbox and log, and how much it takes at once.
#[derive(Clone, Copy, Debug)]
pub struct FollowQuery {
    /// Cells after this position.
    pub cells_after: u64,
    /// Entries after this sequence number.
    pub entries_after: u64,
    /// Cells at most.
    pub cells_max: usize,
    /// Entries at most.
    pub entries_max: usize,
}

/// How much lies in a store, by day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Cells that wait for their desks, by the day on which they came.
    pub cells: Vec<(Day, u64)>,
    /// Drops that are listed, by the day that they are listed under.
    pub drops: Vec<(Day, u64)>,
    /// What the database takes on the disk.
    pub size_bytes: u64,
}

/// Why a store could not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The backend failed, or what it holds is damaged.
    #[error("{operation} failed")]
    Backend {
        /// The method of [`Store`] or the step that failed.
        operation: &'static str,
        /// For the log only.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Another process works on the same data.
    #[error("the data directory is in use by another hub")]
    InUse,
    /// The write was given up together with its transaction, or the store has stopped.
    #[error("{operation} was given up")]
    GivenUp {
        /// The method of [`Store`] that was given up.
        operation: &'static str,
    },
    /// The data were written by another version of this program.
    #[error("the database has schema version {found}; this program knows versions up to {known}")]
    UnknownSchema {
        /// The version found.
        found: i64,
        /// The newest version known.
        known: i64,
    },
}

impl StoreError {
    /// What failed.
    pub fn operation(&self) -> &'static str {
        match self {
            Self::Backend { operation, .. } | Self::GivenUp { operation } => operation,
            Self::InUse | Self::UnknownSchema { .. } => "open",
        }
    }
}

/// Everything that the hub keeps.
pub trait Store: Send + Sync + 'static {
    /// Sees a new value after each durable write.
    fn changes(&self) -> watch::Receiver<u64>;

    /// The identities of all enrolled desks.
    fn desks(&self) -> impl Future<Output = Result<Vec<PublicKey>, StoreError>> + Send;

    /// Enrols a desk; enrolling it again changes nothing.
    fn add_desk(&self, identity: PublicKey) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The current document of a kind.
    fn document(
        &self,
        desk: &DeskId,
        kind: Kind,
    ) -> impl Future<Output = Result<Option<StoredDocument>, StoreError>> + Send;

    /// Replaces the document of a kind if `serial` is one above that of the stored one; the first is 1.
    fn put_document(
        &self,
        desk: &DeskId,
        kind: Kind,
        serial: u64,
        document: StoredDocument,
    ) -> impl Future<Output = Result<Put, StoreError>> + Send;

    /// The content pack of that hash.
    fn content(
        &self,
        desk: &DeskId,
        hash: [u8; 32],
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;

    /// Keeps a content pack under its hash.
    fn put_content(
        &self,
        desk: &DeskId,
        hash: [u8; 32],
        pack: Vec<u8>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Appends a cell to the inbox and answers its position, from 1; no position is given twice.
    fn append_cell(
        &self,
        desk: &DeskId,
        day: Day,
        cell: Cell,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Appends an entry and its drops, keeps signatures of lists, moves the inbox position and erases entries that are done
    /// with, all or nothing.
    ///
    /// `days` are those that may be posted to now. A commit that was applied before is answered as it was then.
    /// `signed` are those signatures of the commit that hold, by day and shard; one over a list that may still grow is left
    /// out. Who signed the entry is not the store's business.
    fn commit(
        &self,
        desk: &DeskId,
        commit: Commit,
        signed: Vec<((Day, u32), StoredSignature)>,
        days: RangeInclusive<Day>,
    ) -> impl Future<Output = Result<Committed, StoreError>> + Send;

    /// At most `limit` drops of one list, from position `from` (the first is 0).
    fn drops(
        &self,
        desk: &DeskId,
        day: Day,
        shard: u32,
        from: u32,
        limit: u32,
    ) -> impl Future<Output = Result<DropRange, StoreError>> + Send;

    /// What a device has not seen yet of inbox and log, of one moment.
    fn follow(
        &self,
        desk: &DeskId,
        query: FollowQuery,
    ) -> impl Future<Output = Result<Follow, StoreError>> + Send;

    /// Erases cells, and drops and signatures, of days before the given ones.
    fn forget_before(
        &self,
        first_cell_day: Day,
        first_drop_day: Day,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Makes a durable write that changes nothing, to see whether one can be made.
    fn probe(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Counts what is kept, of all desks together.
    fn holdings(&self) -> impl Future<Output = Result<Holdings, StoreError>> + Send;
}
