//! Commits of devices: an entry of the log, its drops and the inbox position, all or nothing.

use std::collections::BTreeSet;

use callsign_protocol::commit::{Commit, Head};

use super::{Desk, Service, ServiceError};
use crate::store::{Committed, Store};

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
        let device = keyring.body.device(&commit.entry.header().device).ok_or(ServiceError::Forbidden)?;
        let signed = commit.entry.verify(&desk.fingerprint, &device.signing_key);
        signed.map_err(|_| ServiceError::Forbidden)?;
        let shards: BTreeSet<u32> = commit.rest.drops.iter().map(|(shard, _)| *shard).collect();
        if shards.last().is_some_and(|last| *last >= desk.shards()) {
            return Err(ServiceError::UnknownShard);
        }
        let (today, day) = (self.today(), commit.rest.day);
        let days = today.minus(1)..=today.plus(1);
        match self.noted(self.store.commit(&desk.id, commit, days).await)? {
            Committed::Conflict(head) => Ok(CommitAnswer::Conflict(head)),
            Committed::GenerationRefused => Err(ServiceError::GenerationRefused),
            Committed::DayRefused => Err(ServiceError::DayRefused),
            Committed::Applied(head) => {
                for shard in shards {
                    self.todays_drops.catch_up(&self.store, (&desk.id, day, shard), today).await;
                }
                Ok(CommitAnswer::Applied(head))
            }
        }
    }
}
