//! Lists of drops as the blocks that answers carry: those that are asked for stay in memory, within a bound.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use callsign_protocol::{
    derive::sha256,
    digest::{Chain, DropHash, drop_hash},
    drop::{DROP_LEN, Drop},
    exchange::{BLOCK, BLOCK_LEN, LAST_BLOCK, last_block},
    identity::DeskId,
    time::Day,
};
use chacha20::{ChaCha20Rng, rand_core::Rng as _};
use lru::LruCache;

use crate::store::{Store, StoreError, StoredSignature};

/// Blocks in memory at most: 16 MiB, which is a day of the largest desk that planning knows.
pub const BLOCKS_MAX: NonZeroUsize = NonZeroUsize::new(512).unwrap();
/// Drops that are read at once where a list's chain is made: a megabyte.
const PIECE: u32 = 1_024;

/// One list: desk, day and shard.
pub type ListName = (DeskId, Day, u32);

/// What an answer says of a list, and the block it carries.
#[derive(Clone, Debug)]
pub struct Block {
    /// Position of its first drop.
    pub from: u32,
    /// Length of the whole list.
    pub total: u32,
    /// 32 drops; random bytes from `total` on. Shared by all who ask for this block.
    pub bytes: Bytes,
    /// The newest signature over the list, where there is one.
    pub signed: Option<StoredSignature>,
    /// The chain up to `from`; up to `total` where `from` is beyond it.
    pub chain: DropHash,
}

/// What is in memory of the lists. All of it is durable; what is not in memory is read when it is asked for.
#[derive(Debug)]
pub struct Lists {
    held: Mutex<Held>,
    /// Held while a list is read to its end, so that it is read once for all who wait for it.
    reading: tokio::sync::Mutex<()>,
    /// 32,768 random bytes: every block of an empty list, and of a list that is none.
    blank: Bytes,
}

#[derive(Debug)]
struct Held {
    /// Counts writes, so that what was read before a write is not kept after it.
    writes: u64,
    heads: HashMap<ListName, ListHead>,
    /// By list and the position of the first drop, a multiple of 32.
    blocks: LruCache<(ListName, u32), HeldBlock>,
    rng: ChaCha20Rng,
}

#[derive(Clone, Debug)]
struct ListHead {
    chain: Chain,
    /// The chain at each multiple of 32, from 0 up to the list's end.
    borders: Arc<Vec<DropHash>>,
    signed: Option<StoredSignature>,
    /// Whether the list was written to since: then only its beginning is known.
    is_behind: bool,
}

#[derive(Clone, Debug)]
struct HeldBlock {
    /// Drops in it.
    count: usize,
    bytes: Bytes,
}

impl Lists {
    /// Nothing in memory yet; `rng` makes the random bytes behind a list's end.
    pub fn new(mut rng: ChaCha20Rng) -> Self {
        let blank = fill_up(&[], &mut rng);
        let held = Held { writes: 0, heads: HashMap::new(), blocks: LruCache::new(BLOCKS_MAX), rng };
        Self { held: Mutex::new(held), reading: tokio::sync::Mutex::default(), blank }
    }

    /// A block of nothing.
    pub fn blank(&self) -> Bytes {
        self.blank.clone()
    }

    /// The block at `from`, any position or [`LAST_BLOCK`].
    pub async fn block<S: Store>(&self, store: &S, name: &ListName, from: u32) -> Result<Block, StoreError> {
        let head = self.head(store, name).await?;
        let (total, signed) = (head.chain.total, head.signed);
        let from = if from == LAST_BLOCK { last_block(total) } else { from };
        let into = from % BLOCK;
        let mut bytes = self.aligned(store, name, from - into, total).await?;
        let mut chain = head.before(from - into);
        if into != 0 {
            // A visitor's walk asks for no such block; whoever does gets it out of the two that it lies in.
            let listed = total.saturating_sub(from - into).min(into) as usize;
            let before = bytes.chunks_exact(DROP_LEN).take(listed);
            chain = before
                .fold(chain, |chain, drop| chain.with(&callsign_protocol::encoding::Bytes(sha256(&[drop]))));
            let next = self.aligned(store, name, (from - into).saturating_add(BLOCK), total).await?;
            let middle = into as usize * DROP_LEN;
            bytes = [&bytes[middle..], &next[..middle]].concat().into();
        }
        Ok(Block { from, total, bytes, signed, chain: chain.hash })
    }

    /// Makes memory follow a write to these lists, before all their visitors ask for what is new.
    pub async fn renew<S: Store>(&self, store: &S, names: impl IntoIterator<Item = ListName>) {
        for name in names {
            {
                let mut held = self.held();
                held.writes += 1;
                if let Some(head) = held.heads.get_mut(&name) {
                    head.is_behind = true;
                }
            }
            // Where this fails the list is read when it is asked for.
            let _ = self.block(store, &name, LAST_BLOCK).await;
        }
    }

    /// Frees the lists of days before `first`.
    pub fn forget_before(&self, first: Day) {
        let mut held = self.held();
        held.writes += 1;
        held.heads.retain(|(_, day, _), _| *day >= first);
        let gone = |((list, at), _): (&(ListName, u32), _)| (list.1 < first).then(|| (list.clone(), *at));
        let gone: Vec<_> = held.blocks.iter().filter_map(gone).collect();
        for block in gone {
            held.blocks.pop(&block);
        }
    }

    #[cfg(test)]
    pub fn blocks_held(&self) -> usize {
        self.held().blocks.len()
    }

    #[cfg(test)]
    pub fn lists_held(&self) -> usize {
        self.held().heads.len()
    }

    /// The chain over a whole list.
    pub async fn chain<S: Store>(&self, store: &S, name: &ListName) -> Result<Chain, StoreError> {
        Ok(self.head(store, name).await?.chain)
    }

    async fn head<S: Store>(&self, store: &S, name: &ListName) -> Result<ListHead, StoreError> {
        if let Some(head) = self.known(name).filter(|head| !head.is_behind) {
            return Ok(head);
        }
        let _reading = self.reading.lock().await;
        let (writes, known) = {
            let held = self.held();
            (held.writes, held.heads.get(name).cloned())
        };
        let mut head = match known {
            Some(head) if !head.is_behind => return Ok(head),
            Some(head) => head,
            None => ListHead::default(),
        };
        let (desk, day, shard) = name;
        loop {
            let range = store.drops(desk, *day, *shard, head.chain.total, PIECE).await?;
            if range.total < head.chain.total {
                // Its day was erased meanwhile.
                head = ListHead::default();
            }
            head.grow(&range.drops);
            head.signed = range.signed;
            if range.drops.is_empty() || head.chain.total >= range.total {
                head.chain.total = range.total;
                break;
            }
        }
        head.is_behind = false;
        let mut held = self.held();
        if held.writes == writes {
            held.heads.insert(name.clone(), head.clone());
        }
        Ok(head)
    }

    fn known(&self, name: &ListName) -> Option<ListHead> {
        self.held().heads.get(name).cloned()
    }

    /// The block at a multiple of 32 of a list that has `total` drops at least.
    async fn aligned<S: Store>(
        &self,
        store: &S,
        name: &ListName,
        first: u32,
        total: u32,
    ) -> Result<Bytes, StoreError> {
        let wanted = total.saturating_sub(first).min(BLOCK) as usize;
        if wanted == 0 {
            return Ok(self.blank());
        }
        let key = (name.clone(), first);
        if let Some(block) = self.held().blocks.get(&key).filter(|block| block.count >= wanted) {
            return Ok(block.bytes.clone());
        }
        let (desk, day, shard) = name;
        let drops = store.drops(desk, *day, *shard, first, BLOCK).await?.drops;
        let mut held = self.held();
        let block = HeldBlock { count: drops.len(), bytes: fill_up(&drops, &mut held.rng) };
        let bytes = block.bytes.clone();
        // What was erased meanwhile does not come back.
        if block.count >= wanted {
            held.blocks.put(key, block);
        }
        Ok(bytes)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ListHead {
    fn default() -> Self {
        Self {
            chain: Chain::EMPTY,
            borders: Arc::new(vec![Chain::EMPTY.hash]),
            signed: None,
            is_behind: true,
        }
    }
}

impl ListHead {
    /// The chain over the drops before `at`, a multiple of 32, or over all where there are fewer.
    fn before(&self, at: u32) -> Chain {
        let border = self.borders.get((at / BLOCK) as usize).filter(|_| at <= self.chain.total);
        border.map_or(self.chain, |hash| Chain { total: at, hash: *hash })
    }

    fn grow(&mut self, drops: &[Drop]) {
        let borders = Arc::make_mut(&mut self.borders);
        for drop in drops {
            self.chain = self.chain.with(&drop_hash(drop));
            if self.chain.total.is_multiple_of(BLOCK) {
                borders.push(self.chain.hash);
            }
        }
    }
}

/// 32,768 bytes: the drops, then random ones.
fn fill_up(drops: &[Drop], rng: &mut ChaCha20Rng) -> Bytes {
    let mut bytes = Vec::with_capacity(BLOCK_LEN);
    for drop in drops {
        bytes.extend_from_slice(&drop.0);
    }
    let listed = bytes.len();
    bytes.resize(BLOCK_LEN, 0);
    rng.fill_bytes(&mut bytes[listed..]);
    bytes.into()
}
