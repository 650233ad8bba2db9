//! A store that asks a closure before each operation, so that a test can count, hold back or fail it.

use std::{future::Future, ops::RangeInclusive, pin::Pin};

use callsign_protocol::{
    cell::Cell,
    commit::Commit,
    follow::Follow,
    identity::{DeskId, PublicKey},
    signed::Kind,
    snapshot::Chunk,
    time::Day,
};
use tokio::sync::watch;

use super::{
    ChunkAddress, Committed, DropRange, FollowQuery, Holdings, Order, Put, PutChunk, PutContent, Signatures,
    Store, StoreError, StoredDocument,
};

type Permission = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

pub struct Intercepted<S> {
    inner: S,
    before: Box<dyn Fn(&'static str) -> Permission + Send + Sync>,
}

impl<S: Store> Intercepted<S> {
    /// `before` gets the name of the operation; it goes on when the future ends with `Ok`.
    pub fn new<P>(inner: S, before: impl Fn(&'static str) -> P + Send + Sync + 'static) -> Self
    where
        P: Future<Output = Result<(), StoreError>> + Send + 'static,
    {
        Self { inner, before: Box::new(move |operation| Box::pin(before(operation))) }
    }
}

/// What a full disk looks like from above.
pub fn disk_full(operation: &'static str) -> StoreError {
    StoreError::Backend { operation, cause: "the disk is full".to_owned() }
}

impl<S: Store> Store for Intercepted<S> {
    fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes()
    }

    async fn desks(&self) -> Result<Vec<PublicKey>, StoreError> {
        (self.before)("desks").await?;
        self.inner.desks().await
    }

    async fn add_desk(&self, identity: PublicKey) -> Result<(), StoreError> {
        (self.before)("add_desk").await?;
        self.inner.add_desk(identity).await
    }

    async fn document(&self, desk: &DeskId, kind: Kind) -> Result<Option<StoredDocument>, StoreError> {
        (self.before)("document").await?;
        self.inner.document(desk, kind).await
    }

    async fn put_document(
        &self,
        desk: &DeskId,
        kind: Kind,
        order: Order,
        serial: u64,
        document: StoredDocument,
    ) -> Result<Put, StoreError> {
        (self.before)("put_document").await?;
        self.inner.put_document(desk, kind, order, serial, document).await
    }

    async fn content(&self, desk: &DeskId, hash: [u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        (self.before)("content").await?;
        self.inner.content(desk, hash).await
    }

    async fn put_content(
        &self,
        desk: &DeskId,
        hash: [u8; 32],
        pack: Vec<u8>,
        today: Day,
    ) -> Result<PutContent, StoreError> {
        (self.before)("put_content").await?;
        self.inner.put_content(desk, hash, pack, today).await
    }

    async fn keep_contents(
        &self,
        desk: &DeskId,
        named: Vec<[u8; 32]>,
        today: Day,
        first_kept: Day,
    ) -> Result<(), StoreError> {
        (self.before)("keep_contents").await?;
        self.inner.keep_contents(desk, named, today, first_kept).await
    }

    async fn put_chunk(
        &self,
        desk: &DeskId,
        address: ChunkAddress,
        chunk: Chunk,
    ) -> Result<PutChunk, StoreError> {
        (self.before)("put_chunk").await?;
        self.inner.put_chunk(desk, address, chunk).await
    }

    async fn chunk(&self, desk: &DeskId, address: ChunkAddress) -> Result<Option<Chunk>, StoreError> {
        (self.before)("chunk").await?;
        self.inner.chunk(desk, address).await
    }

    async fn append_cell(&self, desk: &DeskId, day: Day, cell: Cell) -> Result<u64, StoreError> {
        (self.before)("append_cell").await?;
        self.inner.append_cell(desk, day, cell).await
    }

    async fn commit(
        &self,
        desk: &DeskId,
        commit: Commit,
        signed: Signatures,
        days: RangeInclusive<Day>,
    ) -> Result<Committed, StoreError> {
        (self.before)("commit").await?;
        self.inner.commit(desk, commit, signed, days).await
    }

    async fn drops(
        &self,
        desk: &DeskId,
        day: Day,
        shard: u32,
        from: u32,
        limit: u32,
    ) -> Result<DropRange, StoreError> {
        (self.before)("drops").await?;
        self.inner.drops(desk, day, shard, from, limit).await
    }

    async fn follow(&self, desk: &DeskId, query: FollowQuery) -> Result<Follow, StoreError> {
        (self.before)("follow").await?;
        self.inner.follow(desk, query).await
    }

    async fn forget_before(&self, first_cell_day: Day, first_drop_day: Day) -> Result<(), StoreError> {
        (self.before)("forget_before").await?;
        self.inner.forget_before(first_cell_day, first_drop_day).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        (self.before)("probe").await?;
        self.inner.probe().await
    }

    async fn holdings(&self) -> Result<Holdings, StoreError> {
        (self.before)("holdings").await?;
        self.inner.holdings().await
    }

    async fn free_bytes(&self) -> Result<u64, StoreError> {
        (self.before)("free_bytes").await?;
        self.inner.free_bytes().await
    }

    async fn forget_done(&self) -> Result<(), StoreError> {
        (self.before)("forget_done").await?;
        self.inner.forget_done().await
    }

    async fn check(&self, today: Day) -> Result<Option<String>, StoreError> {
        (self.before)("check").await?;
        self.inner.check(today).await
    }
}
