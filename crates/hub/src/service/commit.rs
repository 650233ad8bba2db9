//! Commits of devices: an entry of the log, its drops and the inbox position, all or nothing.

use std::collections::BTreeSet;

use callsign_protocol::{
    commit::{Commit, Head},
    digest::{Chain, ListDigest, SignedList, drop_hash},
    time::Day,
};

use super::{Desk, Service, ServiceError, retention::DROP_DAYS};
use crate::store::{Committed, Store, StoreError, StoredSignature};

/// Seconds that a device's clock may be ahead of the hub's where it posts: at midnight it has tomorrow's date already.
const AHEAD_S: u64 = 900;
/// Drops that are read at once: a megabyte.
const PIECE: u32 = 1_024;

/// What a device is told about its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitAnswer {
    /// It is durable, now or since it came first.
    Applied(Head),
    /// Something else came first; this is the head.
    Conflict(Head),
}

impl<S: Store> Service<S> {
    /// Checks and applies a commit.
    pub async fn commit(&self, desk: &Desk, bytes: &[u8]) -> Result<CommitAnswer, ServiceError> {
        let commit = Commit::decode(bytes).map_err(|_| ServiceError::Malformed)?;
        let keyring = desk.keyring.read().ok_or(ServiceError::Forbidden)?;
        let device =
            keyring.body.keyring.device(&commit.entry.header().device).ok_or(ServiceError::Forbidden)?;
        let signed = commit.entry.verify(&desk.fingerprint, &device.signing_key);
        signed.map_err(|_| ServiceError::Forbidden)?;
        let shards: BTreeSet<u32> = commit.rest.drops.iter().map(|(shard, _)| *shard).collect();
        if shards.last().is_some_and(|last| *last >= desk.shards(commit.day())) {
            return Err(ServiceError::UnknownShard);
        }
        let today = self.today();
        // Drops of tomorrow nobody looks for, and behind them no device whose clock is right could post to today.
        let last = if commit.rest.drops.is_empty() { today.plus(1) } else { self.now().plus(AHEAD_S).day() };
        let days = today.minus(1)..=last;
        let mut changed: BTreeSet<(Day, u32)> = shards.iter().map(|shard| (commit.day(), *shard)).collect();
        let signed = self.signatures_that_hold(desk, &commit.rest.signed).await?;
        changed.extend(signed.iter().map(|(list, _)| *list));
        match self.noted(self.store.commit(&desk.id, commit, signed, days).await)? {
            Committed::Conflict(head) => Ok(CommitAnswer::Conflict(head)),
            Committed::GenerationRefused => Err(ServiceError::GenerationRefused),
            Committed::DayRefused => Err(ServiceError::DayRefused),
            Committed::SnapshotRefused => Err(ServiceError::SnapshotRefused),
            Committed::Applied(head) => {
                self.monitor.note_commit(self.now());
                let names = changed.into_iter().map(|(day, shard)| (desk.id.clone(), day, shard));
                self.lists.renew(&*self.store, names).await;
                Ok(CommitAnswer::Applied(head))
            }
        }
    }

    /// Those that the notice's duty key made over the lists as they are here. One that does not hold is left out and refuses
    /// no commit: a list whose days ended meanwhile, or a duty key that was replaced, must not stop a desk.
    async fn signatures_that_hold(
        &self,
        desk: &Desk,
        signed: &[SignedList],
    ) -> Result<Vec<((Day, u32), StoredSignature)>, ServiceError> {
        let Some(notice) = desk.notice.read() else { return Ok(Vec::new()) };
        let duty_key = notice.body.signer.duty_key;
        let first_listed = self.today().minus(DROP_DAYS - 1);
        let mut held = Vec::new();
        for SignedList { day, shard, signature } in signed.iter().filter(|list| list.day >= first_listed) {
            let chain = self.noted(self.chain(desk, *day, *shard).await)?;
            let digest = ListDigest { day: *day, shard: *shard, chain };
            if *shard < desk.shards(*day) && digest.verify(&desk.fingerprint, &duty_key, signature).is_ok() {
                held.push(((*day, *shard), StoredSignature { duty_key, signature: *signature }));
            }
        }
        Ok(held)
    }

    /// Over a whole list, read in pieces: a list may be larger than memory should be.
    async fn chain(&self, desk: &Desk, day: Day, shard: u32) -> Result<Chain, StoreError> {
        let mut chain = Chain::EMPTY;
        loop {
            let range = self.store.drops(&desk.id, day, shard, chain.total, PIECE).await?;
            chain = range.drops.iter().map(drop_hash).fold(chain, |chain, drop| chain.with(&drop));
            if range.drops.is_empty() || chain.total >= range.total {
                return Ok(chain);
            }
        }
    }
}
