//! What is new in inbox and log, with a wait until there is something.

use std::{pin::pin, time::Duration};

use callsign_protocol::{
    follow::{CELLS_MAX, ENTRIES_MAX, Follow, WAIT_MAX_S},
    keyring::DeviceId,
};

use super::{Desk, Service, ServiceError};
use crate::store::{FollowQuery, Store, StoreError};

/// Where a device stands, and how long it would wait.
#[derive(Clone, Copy, Debug)]
pub struct FollowRequest {
    /// Who asks.
    pub device: DeviceId,
    /// Cells after this position.
    pub cells_after: u64,
    /// Entries after this sequence number.
    pub log_after: u64,
    /// Seconds to wait for something new.
    pub wait_s: u64,
}

impl<S: Store> Service<S> {
    /// Answers as soon as there is something new; empty when the wait is over or the hub closes.
    pub async fn follow(&self, desk: &Desk, request: FollowRequest) -> Result<Follow, ServiceError> {
        let query = FollowQuery {
            cells_after: request.cells_after,
            entries_after: request.log_after,
            cells_max: CELLS_MAX,
            entries_max: ENTRIES_MAX,
        };
        let mut changes = self.store.changes();
        let mut closing = self.closing.subscribe();
        let mut wait = pin!(tokio::time::sleep(Duration::from_secs(request.wait_s.min(WAIT_MAX_S))));
        loop {
            // Marked as seen before reading: what is written in between wakes the next round.
            changes.borrow_and_update();
            let mut news = self.noted(self.store.follow(&desk.id, query).await)?;
            news.keyring = desk.keyring.read().map_or(0, |keyring| keyring.serial);
            // Whoever was removed while they waited learns nothing of what came since.
            desk.signing_key(&request.device).ok_or(ServiceError::SessionNeeded)?;
            if request.wait_s == 0 || !news.cells.is_empty() || !news.entries.is_empty() {
                return Ok(news);
            }
            tokio::select! {
                changed = changes.changed() => {
                    changed.map_err(|_| StoreError::GivenUp { operation: "follow" })?;
                }
                () = &mut wait => return Ok(news),
                _ = closing.wait_for(|closing| *closing) => return Ok(news),
            }
        }
    }
}
