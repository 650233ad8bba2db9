//! Today's lists of drops in memory; lists of other days are read from the store.

use std::collections::HashMap;

use callsign_protocol::{
    drop::Drop,
    exchange::{BLOCK, LAST_BLOCK, last_block},
    identity::DeskId,
    time::Day,
};
use tokio::sync::RwLock;

use crate::store::{Store, StoreError, StoredSignature};

/// One list: desk, day and shard.
pub type ListName<'a> = (&'a DeskId, Day, u32);

/// A block of a list.
#[derive(Debug)]
pub struct Block {
    /// Position of its first drop.
    pub from: u32,
    /// Length of the whole list.
    pub total: u32,
    /// 32 drops at most.
    pub drops: Vec<Drop>,
    /// The list's signature; today's list has none yet.
    pub signed: Option<StoredSignature>,
}

/// Lists of today (and of later days, when a desk's clock runs ahead), each a prefix of what is durable.
#[derive(Debug, Default)]
pub struct TodaysDrops(RwLock<HashMap<(DeskId, Day, u32), Vec<Drop>>>);

impl TodaysDrops {
    /// The block at `from` of a list, from memory where the list is today's.
    pub async fn block<S: Store>(
        &self,
        store: &S,
        name: ListName<'_>,
        from: u32,
        today: Day,
    ) -> Result<Block, StoreError> {
        let (desk, day, shard) = name;
        if day < today {
            return read_block(store, name, from).await;
        }
        let key = (desk.clone(), day, shard);
        if let Some(list) = self.0.read().await.get(&key) {
            return Ok(cut_block(list, from));
        }
        self.extend(store, name).await?;
        read_block(store, name, from).await
    }

    /// Takes over what a commit has added. Where that fails the list is forgotten and read again when needed.
    pub async fn catch_up<S: Store>(&self, store: &S, name: ListName<'_>, today: Day) {
        let (desk, day, shard) = name;
        if day >= today && self.extend(store, name).await.is_err() {
            self.0.write().await.remove(&(desk.clone(), day, shard));
        }
    }

    /// Frees the lists of days before `today`.
    pub async fn forget_before(&self, today: Day) {
        self.0.write().await.retain(|(_, day, _), _| *day >= today);
    }

    async fn extend<S: Store>(&self, store: &S, name: ListName<'_>) -> Result<(), StoreError> {
        let (desk, day, shard) = name;
        let key = (desk.clone(), day, shard);
        let mut lists = self.0.write().await;
        let known = lists.get(&key).map_or(0, Vec::len);
        let from = u32::try_from(known).unwrap_or(u32::MAX);
        let new = store.drops(desk, day, shard, from, u32::MAX).await?;
        lists.entry(key).or_default().extend(new.drops);
        Ok(())
    }
}

async fn read_block<S: Store>(store: &S, name: ListName<'_>, from: u32) -> Result<Block, StoreError> {
    let (desk, day, shard) = name;
    let from = match from {
        LAST_BLOCK => last_block(store.drops(desk, day, shard, 0, 0).await?.total),
        position => position,
    };
    let range = store.drops(desk, day, shard, from, BLOCK).await?;
    Ok(Block { from, total: range.total, drops: range.drops, signed: range.signed })
}

fn cut_block(list: &[Drop], from: u32) -> Block {
    let total = u32::try_from(list.len()).unwrap_or(u32::MAX);
    let from = if from == LAST_BLOCK { last_block(total) } else { from };
    let drops = list.iter().skip(from as usize).take(BLOCK as usize).copied().collect();
    Block { from, total, drops, signed: None }
}
