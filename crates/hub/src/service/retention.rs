//! Retention by whole days of the hub's clock.

use std::time::Duration;

use super::{Service, ServiceError};
use crate::store::Store;

/// Days that drops stay listed, today included.
pub const DROP_DAYS: u32 = 14;
/// Days that cells are kept for the desk, today included: as long as the desk keeps the key that opens them.
pub const CELL_DAYS: u32 = 4;

impl<S: Store> Service<S> {
    /// Erases what is past its days.
    pub async fn forget_expired(&self) -> Result<(), ServiceError> {
        let today = self.today();
        let first_listed = today.minus(DROP_DAYS - 1);
        let forgotten = self.store.forget_before(today.minus(CELL_DAYS - 1), first_listed).await;
        // Afterwards, so that nothing that is being erased is read into memory again.
        self.lists.forget_before(first_listed);
        Ok(self.noted(forgotten)?)
    }

    /// Erases what is past its days at once and whenever a day begins; never ends.
    pub async fn keep_retention(&self) {
        let mut look = tokio::time::interval(Duration::from_secs(1));
        let mut done_on = None;
        loop {
            look.tick().await;
            let today = self.today();
            if done_on != Some(today) && self.forget_expired().await.is_ok() {
                done_on = Some(today);
            }
        }
    }
}
