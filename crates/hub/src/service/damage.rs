//! What is known of damage to the files: looked for in the background, and come upon during work.

use std::{sync::PoisonError, time::Duration};

use callsign_protocol::time::Day;

use super::Service;
use crate::store::{Store, StoreError};

/// After the start, which must not wait for it.
const FIRST_CHECK_AFTER: Duration = Duration::from_mins(1);
/// From one check to the next.
const CHECK_EVERY: Duration = Duration::from_hours(24);

/// Damage to the hub's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// When it was found.
    pub found_on: Day,
    /// Names tables and pages, never what is in them.
    pub what: String,
}

impl<S: Store> Service<S> {
    /// The damage that is known of.
    pub fn damage(&self) -> Option<Damage> {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at all that is stored soon after the start and once a day; never ends.
    pub async fn keep_checked(&self) {
        tokio::time::sleep(FIRST_CHECK_AFTER).await;
        loop {
            self.check_files().await;
            tokio::time::sleep(CHECK_EVERY).await;
        }
    }

    /// Looks at all that is stored. What is found sound again counts as mended.
    pub async fn check_files(&self) {
        let today = self.today();
        match self.noted(self.store.check(today).await) {
            Ok(Some(finding)) => self.found(today, &finding),
            Ok(None) => *self.damage.lock().unwrap_or_else(PoisonError::into_inner) = None,
            Err(_) => {}
        }
    }

    /// Has damage logged that the store cannot see.
    pub fn noted_damage(&self, operation: &'static str, what: &str) -> StoreError {
        let error = StoreError::damaged(operation, what);
        self.trouble.note(&error, self.today());
        self.note_damage(&error);
        error
    }

    /// Remembers an error of the store that is damage.
    pub fn note_damage(&self, error: &StoreError) {
        if let StoreError::Damaged { operation, what } = error {
            let mut known = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
            let what = format!("{operation}: {what}");
            known.get_or_insert_with(|| Damage { found_on: self.today(), what });
        }
    }

    /// Logs a finding, once.
    fn found(&self, today: Day, finding: &str) {
        let mut known = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_some_and(|known| known.what == finding) {
            return;
        }
        tracing::error!(
            finding,
            "the hub's database is damaged; stop the hub, copy its directory away, and bring back a backup with \
             `callsign hub restore --replace`"
        );
        *known = Some(Damage { found_on: today, what: finding.to_owned() });
    }
}
