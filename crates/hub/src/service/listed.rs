//! What lists hold, shown to devices: a desk that was restarted goes on with them.

use callsign_protocol::{
    digest::{DROP_HASHES_MAX, DayChains, DropHashes, drop_hash},
    time::Day,
};

use super::{Service, ServiceError, desk::Desk, retention::DROP_DAYS};
use crate::store::Store;

impl<S: Store> Service<S> {
    /// The chains of all lists of a day.
    pub async fn day_chains(&self, desk: &Desk, day: Day) -> Result<DayChains, ServiceError> {
        self.is_listed(day)?;
        let mut chains = Vec::new();
        for shard in 0..desk.shards(day) {
            let name = (desk.id.clone(), day, shard);
            chains.push(self.noted(self.lists.chain(&*self.store, &name).await)?);
        }
        Ok(DayChains(chains))
    }

    /// Hashes of a list's drops from `from` on, as many as are shown at once.
    pub async fn drop_hashes(
        &self,
        desk: &Desk,
        (day, shard): (Day, u32),
        from: u32,
    ) -> Result<DropHashes, ServiceError> {
        self.is_listed(day)?;
        if shard >= desk.shards(day) {
            return Err(ServiceError::UnknownShard);
        }
        let most = u32::try_from(DROP_HASHES_MAX).unwrap_or(u32::MAX);
        let range = self.noted(self.store.drops(&desk.id, day, shard, from, most).await)?;
        Ok(DropHashes(range.drops.iter().map(drop_hash).collect()))
    }

    /// Each list that is looked at stays in memory until its day is over: of days that nobody can ask for there are too many.
    fn is_listed(&self, day: Day) -> Result<(), ServiceError> {
        let today = self.today();
        let is_listed = (today.minus(DROP_DAYS - 1)..=today.plus(1)).contains(&day);
        if is_listed { Ok(()) } else { Err(ServiceError::NotFound) }
    }
}
