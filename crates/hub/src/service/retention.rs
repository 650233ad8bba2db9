//! Retention by whole days of the hub's clock.

use std::{sync::PoisonError, time::Duration};

use super::{Service, ServiceError, content::hash_of};
use crate::store::Store;

/// Days that drops stay listed, today included.
pub const DROP_DAYS: u32 = 14;
/// Days that cells are kept for the desk, today included: as long as the desk keeps the key that opens them.
pub const CELL_DAYS: u32 = 4;

/// Days that a content pack is kept once no notice names it, today included: a caller may hold a notice for 48 hours, and
/// clocks differ by a day.
const PACK_DAYS: u32 = 5;

impl<S: Store> Service<S> {
    /// Erases what is past its days.
    pub async fn forget_expired(&self) -> Result<(), ServiceError> {
        let today = self.today();
        let first_listed = today.minus(DROP_DAYS - 1);
        let forgotten = self.store.forget_before(today.minus(CELL_DAYS - 1), first_listed).await;
        // Afterwards, so that nothing that is being erased is read into memory again.
        self.lists.forget_before(first_listed);
        self.noted(forgotten)?;
        self.forget_contents().await
    }

    /// Erases content packs that no notice has named for days.
    async fn forget_contents(&self) -> Result<(), ServiceError> {
        let (today, first_kept) = (self.today(), self.today().minus(PACK_DAYS - 1));
        let desks: Vec<_> =
            self.desks.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for desk in desks {
            let notice = desk.notice.read();
            let names = notice.iter().flat_map(|notice| notice.body.notice.content.values());
            let named = names.filter_map(|name| hash_of(name)).collect();
            self.noted(self.store.keep_contents(&desk.id, named, today, first_kept).await)?;
        }
        self.packs.clear();
        Ok(())
    }

    /// Erases what is past its days at once and whenever a day begins, and what desks are done with soon after they say so;
    /// never ends.
    pub async fn keep_retention(&self) {
        let mut look = tokio::time::interval(Duration::from_secs(1));
        let mut done_on = None;
        loop {
            look.tick().await;
            let today = self.today();
            if done_on != Some(today) && self.forget_expired().await.is_ok() {
                done_on = Some(today);
            }
            // What fails is noted, and tried again.
            let _ = self.noted(self.store.forget_done().await);
        }
    }
}
