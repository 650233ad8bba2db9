//! Lists of drops as the blocks that answers carry: those that are asked for stay in memory, within a bound.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use callsign_protocol::{
    drop::{DROP_LEN, Drop},
    exchange::{BLOCK, BLOCK_LEN, LAST_BLOCK, last_block},
    identity::DeskId,
    time::Day,
};
use chacha20::{ChaCha20Rng, rand_core::Rng as _};
use lru::LruCache;

use crate::store::{DropRange, Store, StoreError, StoredSignature};

/// Blocks in memory at most: 16 MiB, which is a day of the largest desk that planning knows.
pub const BLOCKS_MAX: NonZeroUsize = NonZeroUsize::new(512).unwrap();

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
    /// The list's signature, once there is one.
    pub signed: Option<StoredSignature>,
}

/// What is in memory of the lists. All of it is durable; what is not in memory is read when it is asked for.
#[derive(Debug)]
pub struct Lists {
    held: Mutex<Held>,
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

#[derive(Clone, Copy, Debug)]
struct ListHead {
    total: u32,
    signed: Option<StoredSignature>,
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
        Self { held: Mutex::new(held), blank }
    }

    /// A block of nothing.
    pub fn blank(&self) -> Bytes {
        self.blank.clone()
    }

    /// The block at `from`, any position or [`LAST_BLOCK`].
    pub async fn block<S: Store>(&self, store: &S, name: &ListName, from: u32) -> Result<Block, StoreError> {
        let ListHead { total, signed } = self.head(store, name).await?;
        let from = if from == LAST_BLOCK { last_block(total) } else { from };
        let into = from % BLOCK;
        let mut bytes = self.aligned(store, name, from - into, total).await?;
        if into != 0 {
            // A visitor's walk asks for no such block; whoever does gets it out of the two that it lies in.
            let next = self.aligned(store, name, (from - into).saturating_add(BLOCK), total).await?;
            let middle = into as usize * DROP_LEN;
            bytes = [&bytes[middle..], &next[..middle]].concat().into();
        }
        Ok(Block { from, total, bytes, signed })
    }

    /// Makes memory follow a write to these lists, before all their visitors ask for what is new.
    pub async fn renew<S: Store>(&self, store: &S, names: impl IntoIterator<Item = ListName>) {
        for name in names {
            {
                let mut held = self.held();
                held.writes += 1;
                held.heads.remove(&name);
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

    async fn head<S: Store>(&self, store: &S, name: &ListName) -> Result<ListHead, StoreError> {
        let writes = {
            let held = self.held();
            if let Some(head) = held.heads.get(name) {
                return Ok(*head);
            }
            held.writes
        };
        let (desk, day, shard) = name;
        let DropRange { total, signed, .. } = store.drops(desk, *day, *shard, 0, 0).await?;
        let head = ListHead { total, signed };
        let mut held = self.held();
        if held.writes == writes {
            held.heads.insert(name.clone(), head);
        }
        Ok(head)
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
