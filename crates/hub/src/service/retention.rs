//! Retention by whole days.

use std::{sync::PoisonError, time::Duration};

use callsign_protocol::time::Day;
use tokio::time::Instant;

use super::{Service, ServiceError, content::hash_of, retention_day::RetentionDay};
use crate::store::Store;

/// Days that drops stay listed, today included.
pub const DROP_DAYS: u32 = 14;
/// Days that cells are kept for the desk, today included: as long as the desk keeps the key that opens them.
pub const CELL_DAYS: u32 = 4;

/// Days that a content pack is kept once no notice names it, today included: a caller may hold a notice for 48 hours, and
/// clocks differ by a day.
const PACK_DAYS: u32 = 5;

/// How far retention has come.
#[derive(Debug)]
pub(super) struct Kept {
    day: RetentionDay,
    /// The day by which everything is erased.
    done_on: Option<Day>,
}

impl<S: Store> Service<S> {
    /// Erases what is past its days on a day.
    pub async fn forget_past(&self, day: Day) -> Result<(), ServiceError> {
        let first_listed = day.minus(DROP_DAYS - 1);
        let forgotten = self.store.forget_before(day.minus(CELL_DAYS - 1), first_listed).await;
        // Afterwards, so that nothing that is being erased is read into memory again.
        self.lists.forget_before(first_listed);
        self.noted(forgotten)?;
        self.forget_contents(day).await
    }

    /// Erases content packs that no notice has named for days.
    async fn forget_contents(&self, day: Day) -> Result<(), ServiceError> {
        let first_kept = day.minus(PACK_DAYS - 1);
        let desks: Vec<_> =
            self.desks.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for desk in desks {
            let notice = desk.notice.read();
            let names = notice.iter().flat_map(|notice| notice.body.notice.content.values());
            let named = names.filter_map(|name| hash_of(name)).collect();
            self.noted(self.store.keep_contents(&desk.id, named, day, first_kept).await)?;
        }
        self.packs.clear();
        Ok(())
    }

    /// Erases what is past its days at once and whenever a day begins, and what desks are done with soon after they say so;
    /// never ends.
    pub async fn keep_retention(&self) {
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        let mut kept = self.begin_retention(Instant::now());
        loop {
            ticks.tick().await;
            self.look_at_day(&mut kept, Instant::now()).await;
            // What fails is noted, and tried again.
            let _ = self.noted(self.store.forget_done().await);
        }
    }

    /// Erases once what clock and notices agree is past its days, and what desks are done with.
    pub async fn forget_now(&self) -> Result<(), ServiceError> {
        self.forget_past(self.today().min(self.confirmed_day())).await?;
        Ok(self.noted(self.store.forget_done().await)?)
    }

    pub(super) fn begin_retention(&self, now: Instant) -> Kept {
        Kept { day: RetentionDay::new(self.confirmed_day(), now), done_on: None }
    }

    pub(super) async fn look_at_day(&self, kept: &mut Kept, now: Instant) {
        let today = self.today();
        let day = kept.day.follow(today, self.confirmed_day(), now);
        if kept.done_on != Some(day) && self.forget_past(day).await.is_ok() {
            kept.done_on = Some(day);
        }
    }

    /// The newest day that a desk's notice has confirmed; before all days where there is no notice, and so nothing to erase.
    fn confirmed_day(&self) -> Day {
        let desks = self.desks.read().unwrap_or_else(PoisonError::into_inner);
        let notices = desks.values().filter_map(|desk| desk.notice.read());
        notices.map(|notice| notice.confirmed_day()).max().unwrap_or(Day(0))
    }
}
