//! Commits of devices: an entry of the log, its drops and the inbox position, all or nothing.

use std::{collections::BTreeSet, ops::RangeInclusive, sync::Arc};

use callsign_protocol::{
    commit::{Commit, Head},
    digest::{Chain, ListDigest, ListSignature, SignedHead, SignedList, Stage, drop_hash},
    keyring::DeviceId,
    time::Day,
};
use tokio::time::Instant;

use super::{Desk, Service, ServiceError, retention::DROP_DAYS};
use crate::store::{Committed, Signatures, Store, StoreError, StoredSignature};

/// Seconds that a device's clock may be ahead of the hub's where it posts: at midnight it has tomorrow's date already.
const AHEAD_S: u64 = 900;

/// What a device is told about its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitAnswer {
    /// It is durable, now or since it came first.
    Applied(Head),
    /// Something else came first; this is the head.
    Conflict(Head),
}

impl<S: Store> Service<S> {
    /// Checks and applies a commit that a device sends, whoever wrote it.
    pub async fn commit(
        &self,
        desk: &Desk,
        by: &DeviceId,
        bytes: &[u8],
    ) -> Result<CommitAnswer, ServiceError> {
        let commit = Commit::decode(bytes).map_err(|_| ServiceError::Malformed)?;
        Self::may_commit(desk, &commit)?;
        if !desk.precedence.allows(by, Instant::now()) {
            return Err(ServiceError::OthersTurn);
        }
        if !desk.commit_turns.take(by, self.now()) {
            return Err(ServiceError::TooMuch);
        }
        let answer = self.apply(desk, commit).await;
        if !matches!(answer, Ok(CommitAnswer::Applied(_))) {
            desk.commit_turns.give_back(by);
        }
        match answer {
            Ok(CommitAnswer::Applied(_)) => desk.precedence.committed(by, Instant::now()),
            Ok(CommitAnswer::Conflict(_)) => desk.precedence.refused(by, Instant::now()),
            Err(_) => {}
        }
        answer
    }

    /// Whether the device that has signed the entry belongs to the desk, and the drops are for shards that there are.
    fn may_commit(desk: &Desk, commit: &Commit) -> Result<(), ServiceError> {
        let keyring = desk.keyring.read().ok_or(ServiceError::Forbidden)?;
        let device = commit.entry.header().device;
        let of_keyring = keyring.body.keyring.device(&device).ok_or(ServiceError::Forbidden)?;
        let signed = commit.entry.verify(&desk.fingerprint, &of_keyring.signing_key);
        signed.map_err(|_| ServiceError::Forbidden)?;
        if shards_of(commit).last().is_some_and(|last| *last >= desk.shards(commit.day())) {
            return Err(ServiceError::UnknownShard);
        }
        Ok(())
    }

    async fn apply(&self, desk: &Desk, commit: Commit) -> Result<CommitAnswer, ServiceError> {
        let today = self.today();
        // Drops of tomorrow nobody looks for, and behind them no device whose clock is right could post to today.
        let last = if commit.rest.drops.is_empty() { today.plus(1) } else { self.now().plus(AHEAD_S).day() };
        let days = today.minus(1)..=last;
        let turn = Arc::clone(&desk.committing).lock_owned().await;
        let signed = self.signatures_that_hold(desk, &commit, &days).await?;
        let heads = signed.heads.iter().map(|(shard, _)| *shard);
        let mut changed: BTreeSet<(Day, u32)> =
            shards_of(&commit).into_iter().chain(heads).map(|shard| (commit.day(), shard)).collect();
        changed.extend(signed.days.iter().map(|(list, _)| *list));
        let (store, lists, id) = (Arc::clone(&self.store), Arc::clone(&self.lists), desk.id.clone());
        // Goes on where the device hangs up: what was applied must show, and the next one is judged by it.
        let applied = tokio::spawn(async move {
            let _turn = turn;
            let committed = store.commit(&id, commit, signed, days).await;
            if matches!(committed, Ok(Committed::Applied(_))) {
                lists.renew(&*store, changed.into_iter().map(|(day, shard)| (id.clone(), day, shard))).await;
            }
            committed
        });
        let committed = applied.await.unwrap_or(Err(StoreError::GivenUp { operation: "commit" }));
        match self.noted(committed)? {
            Committed::Conflict(head) => Ok(CommitAnswer::Conflict(head)),
            Committed::GenerationRefused => Err(ServiceError::GenerationRefused),
            Committed::DayRefused => Err(ServiceError::DayRefused),
            Committed::SnapshotRefused => Err(ServiceError::SnapshotRefused),
            Committed::Applied(head) => {
                self.monitor.note_commit(self.now());
                Ok(CommitAnswer::Applied(head))
            }
        }
    }

    /// Those that the notice's duty key made over the lists as they are here, or as this commit makes them. One that does not
    /// hold is left out and refuses no commit: a list whose days ended meanwhile, or a duty key that was replaced, must not
    /// stop a desk.
    async fn signatures_that_hold(
        &self,
        desk: &Desk,
        commit: &Commit,
        days: &RangeInclusive<Day>,
    ) -> Result<Signatures, ServiceError> {
        let mut held = Signatures::default();
        let Some(notice) = desk.notice.read() else { return Ok(held) };
        let duty_key = notice.body.signer.duty_key;
        let holds = |digest: &ListDigest, stage, signature: &ListSignature| {
            digest.verify(stage, &desk.fingerprint, &duty_key, signature).is_ok()
        };
        // Each list that is looked at stays in memory until its day is over: of days that nobody can ask for there are too many.
        let listed = self.today().minus(DROP_DAYS - 1)..=self.today();
        let listed = |list: &&SignedList| listed.contains(&list.day) && list.shard < desk.shards(list.day);
        for SignedList { day, shard, minute, signature } in commit.rest.signed.iter().filter(listed) {
            let (day, shard, minute) = (*day, *shard, *minute);
            let chain = self.chain(desk, day, shard).await?;
            if holds(&ListDigest { day, shard, chain, minute }, Stage::Day, signature) {
                let signature = StoredSignature { duty_key, minute, signature: *signature };
                held.days.push(((day, shard), signature));
            }
        }
        let heads = commit.rest.heads.iter().filter(|_| days.contains(&commit.day()));
        for SignedHead { shard, minute, signature } in heads {
            let (day, shard, minute) = (commit.day(), *shard, *minute);
            let posted = || commit.rest.drops.iter().filter(|(to, _)| *to == shard);
            if shard >= desk.shards(day) {
                continue;
            }
            // A list that cannot be read has no head, and stops no desk: callers are told that it has none.
            let Ok(before) = self.chain(desk, day, shard).await else { continue };
            let chain = posted().fold(before, |chain, (_, drop)| chain.with(&drop_hash(drop)));
            // Without a drop it says nothing, and anything could be its minute.
            if chain.total > 0 && holds(&ListDigest { day, shard, chain, minute }, Stage::Head, signature) {
                held.heads.push((shard, StoredSignature { duty_key, minute, signature: *signature }));
            }
        }
        Ok(held)
    }

    /// Over a whole list as it is here.
    async fn chain(&self, desk: &Desk, day: Day, shard: u32) -> Result<Chain, ServiceError> {
        let name = (desk.id.clone(), day, shard);
        Ok(self.noted(self.lists.chain(&*self.store, &name).await)?)
    }
}

/// To which it posts.
fn shards_of(commit: &Commit) -> BTreeSet<u32> {
    commit.rest.drops.iter().map(|(shard, _)| *shard).collect()
}
