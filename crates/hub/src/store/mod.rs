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

use std::{future::Future, io, ops::RangeInclusive, path::PathBuf};

use callsign_protocol::{
    cell::Cell,
    commit::{Commit, Head},
    digest::ListSignature,
    drop::Drop,
    follow::Follow,
    identity::{DeskId, PublicKey},
    os_error::cause_and_way_out,
    signed::Kind,
    snapshot::{AttemptId, Chunk},
    time::{Day, Minute},
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
    /// The chunks of the snapshot that it says is whole are not exactly those that are here. Nothing changed.
    SnapshotRefused,
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

/// Which serial a document may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Any above the stored one: a keyring that the identity puts over all that went before.
    Above,
    /// One above the stored one; the first is 1.
    Next,
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// Its serial is not in order. Nothing changed.
    Conflict,
    /// It is the stored one now.
    Stored,
}

/// Content packs of a desk that are kept at a time: those of its notice in all languages, and some days' worth of former
/// ones. With the size of a pack that is 8 MiB.
pub const CONTENTS_MAX: usize = 64;

/// What became of a content pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutContent {
    /// The desk has as many as are kept. Nothing changed.
    Full,
    /// It is kept.
    Stored,
}

/// Snapshots of a desk that are whole and kept at a time: the newest, and the one before, which a device may be reading.
pub const FROZEN_KEPT: usize = 2;
/// Attempts of a desk that are written at a time.
pub const UNFINISHED_MAX: usize = 4;
/// Chunks of those together at most, 512 MiB: two snapshots of the largest size.
pub const UNFINISHED_CHUNKS_MAX: usize = 8_192;

/// Where a chunk of a snapshot lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkAddress {
    /// The snapshot's generation.
    pub generation: u32,
    /// The attempt that it belongs to.
    pub attempt: AttemptId,
    /// Its place, from 0.
    pub index: u32,
}

/// What became of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutChunk {
    /// Another one lies there, or nothing can be put there any more. Nothing changed.
    Conflict,
    /// It is not of the keyring's generation. Nothing changed.
    GenerationRefused,
    /// It is kept, now or since it came first.
    Stored,
}

/// A desk's signature over one list, with the key that made it: it is served while the notice names that key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredSignature {
    /// The duty key.
    pub duty_key: PublicKey,
    /// The minute in what is signed.
    pub minute: Minute,
    /// What is served.
    pub signature: ListSignature,
}

/// Those signatures of a commit that hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signatures {
    /// Over finished lists, by day and shard.
    pub days: Vec<((Day, u32), StoredSignature)>,
    /// Over the heads of lists of the commit's day as they are behind it, by shard.
    pub heads: Vec<(u32, StoredSignature)>,
}

/// A range of one list of drops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DropRange {
    /// Length of the whole list.
    pub total: u32,
    /// The drops asked for, as far as they exist.
    pub drops: Vec<Drop>,
    /// The newest signature over the list as it is: its day's, or that of its head.
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

/// How much lies in a store, by day, and when it was last copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Cells that wait for their desks, by the day on which they came.
    pub cells: Vec<(Day, u64)>,
    /// Drops that are listed, by the day that they are listed under.
    pub drops: Vec<(Day, u64)>,
    /// What the database takes on the disk.
    pub size_bytes: u64,
    /// The day of the last backup.
    pub backup: Option<Day>,
}

/// Why a store could not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The backend failed.
    #[error("the hub's database cannot be used (at {operation}): {cause}")]
    Backend {
        /// The method of `Store` or the step that failed.
        operation: &'static str,
        /// The cause and the way out.
        cause: String,
    },
    /// A backup was not made; nothing is left of it.
    #[error("no backup was written to {file:?}: {cause}")]
    Backup {
        /// The file that it was to be.
        file: PathBuf,
        /// The cause and the way out.
        cause: &'static str,
    },
    /// What is stored is not what was written.
    #[error(
        "the hub's database is damaged ({operation}: {what}); stop the hub, copy its directory away, and bring back a backup with \
         `callsign hub restore --replace`"
    )]
    Damaged {
        /// The method of `Store` or the step that came upon it.
        operation: &'static str,
        /// Names tables and pages, never what is in them.
        what: String,
    },
    /// A file or directory cannot be read or written.
    #[error("{0:?} cannot be used: {cause}", cause = cause_and_way_out(.1))]
    File(PathBuf, io::Error),
    /// The file is another program's.
    #[error("hub.sqlite is not a hub's database; move it away, or name another directory")]
    Foreign,
    /// Another process works on the same data.
    #[error(
        "another hub, or a restore, works in the data directory; stop it first, or name another directory"
    )]
    InUse,
    /// The write was given up together with its transaction, or the store has stopped.
    #[error("the hub did not finish {operation}: it stops, or its disk failed; start it anew")]
    GivenUp {
        /// The method of `Store` that was given up.
        operation: &'static str,
    },
    /// There is nothing to look at.
    #[error("there is no hub's database in this directory; check the directory's name")]
    NoDatabase,
    /// The data were written by an earlier version of this program, which may be serving.
    #[error(
        "the database has schema version {found}, this program writes {known}; start the hub with this program first"
    )]
    OldSchema {
        /// The version found.
        found: i64,
        /// The version that this program writes.
        known: i64,
    },
    /// A restore was stopped half-way.
    #[error("a restore was not finished here; run `callsign hub restore` again")]
    RestoreUnfinished,
    /// The data were written by another version of this program.
    #[error(
        "the database has schema version {found}, and this program knows versions up to {known}; it was left as it is: \
         run the version of callsign that wrote it, or a later one"
    )]
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
            Self::Backend { operation, .. }
            | Self::Damaged { operation, .. }
            | Self::GivenUp { operation } => operation,
            Self::Backup { .. } => "back_up",
            Self::File(..)
            | Self::Foreign
            | Self::InUse
            | Self::NoDatabase
            | Self::OldSchema { .. }
            | Self::RestoreUnfinished
            | Self::UnknownSchema { .. } => "open",
        }
    }

    /// Damage that was not found by the database itself.
    pub(crate) fn damaged(operation: &'static str, what: &str) -> Self {
        Self::Damaged { operation, what: what.to_owned() }
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

    /// Replaces the document of a kind if `serial` is in order. Where the stored notice came from a backup, one that is a few
    /// higher will do, until one has followed in order.
    fn put_document(
        &self,
        desk: &DeskId,
        kind: Kind,
        order: Order,
        serial: u64,
        document: StoredDocument,
    ) -> impl Future<Output = Result<Put, StoreError>> + Send;

    /// The content pack of that hash.
    fn content(
        &self,
        desk: &DeskId,
        hash: [u8; 32],
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;

    /// Keeps a content pack under its hash, [`CONTENTS_MAX`] of a desk at most; it counts as named on `today`.
    fn put_content(
        &self,
        desk: &DeskId,
        hash: [u8; 32],
        pack: Vec<u8>,
        today: Day,
    ) -> impl Future<Output = Result<PutContent, StoreError>> + Send;

    /// Takes note that the desk's notice names these packs today, and erases those named last before `first_kept`.
    fn keep_contents(
        &self,
        desk: &DeskId,
        named: Vec<[u8; 32]>,
        today: Day,
        first_kept: Day,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Keeps a chunk of an attempt that is not frozen; where [`UNFINISHED_MAX`] or [`UNFINISHED_CHUNKS_MAX`] is passed, the
    /// attempts that began first are done with. The same chunk once more changes nothing.
    fn put_chunk(
        &self,
        desk: &DeskId,
        address: ChunkAddress,
        chunk: Chunk,
    ) -> impl Future<Output = Result<PutChunk, StoreError>> + Send;

    /// A chunk as it was put.
    fn chunk(
        &self,
        desk: &DeskId,
        address: ChunkAddress,
    ) -> impl Future<Output = Result<Option<Chunk>, StoreError>> + Send;

    /// Appends a cell to the inbox and answers its position, from 1; no position is given twice.
    fn append_cell(
        &self,
        desk: &DeskId,
        day: Day,
        cell: Cell,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Appends an entry and its drops, keeps signatures of lists, and moves the positions up to which cells and entries are
    /// done with, all or nothing. What is done with is read no more; it is erased now or by [`Store::forget_done`].
    /// A snapshot that it says is whole is frozen if its chunks are exactly those that are here; of all others the newest
    /// frozen one is kept, [`FROZEN_KEPT`] with this one.
    ///
    /// `days` are those that may be posted to now. A commit that was applied before is answered as it was then.
    /// Of `signed`, one over a list that may still grow, or over a head that the commit does not make, is left out. The head
    /// of a list goes when the list grows. Who signed the entry is not the store's business.
    fn commit(
        &self,
        desk: &DeskId,
        commit: Commit,
        signed: Signatures,
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

    /// Erases cells, and drops and signatures, of days before the given ones, in pieces between other writes.
    fn forget_before(
        &self,
        first_cell_day: Day,
        first_drop_day: Day,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Makes a durable write that changes nothing, to see whether one can be made.
    fn probe(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Counts what is kept, of all desks together.
    fn holdings(&self) -> impl Future<Output = Result<Holdings, StoreError>> + Send;

    /// Bytes in the store's files that hold nothing, and are written to before the files grow.
    fn free_bytes(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Erases, in pieces between other writes, what commits were done with and did not erase themselves.
    fn forget_done(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Looks at all that is stored, beside all other work, and tells what is damaged; stops when the future is dropped.
    fn check(&self, today: Day) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;
}
