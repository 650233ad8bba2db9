//! Fills a desk with events that come from nobody, so that a desk of any size can be measured.

use crate::{Desk, DeskError, cases::Event, hub::HubError, log::bundle::Bundle};

impl Desk {
    /// Puts events into the log, as many in each commit as fit, one commit behind the other and none of them at a beat. They
    /// go the way of all others: sealed and signed, to the hub, into this device's files and through the fold; the hub lists no
    /// drop with them. Nobody else may write meanwhile. How many entries that took.
    ///
    /// # Errors
    /// [`DeskError::CatchingUp`] where a generation is about to begin; those of a commit, and of an event that fits none.
    pub fn fill(&self, events: impl IntoIterator<Item = Event>) -> Result<u64, DeskError> {
        let mut entries = 0;
        let mut bundle = Bundle::new();
        for event in events {
            if bundle.offer(event.clone()) {
                continue;
            }
            self.put_events(&bundle.events)?;
            entries += 1;
            bundle = Bundle::new();
            if !bundle.offer(event) {
                return Err(callsign_protocol::entry::EntryError::TooLarge.into());
            }
        }
        if !bundle.events.is_empty() {
            self.put_events(&bundle.events)?;
            entries += 1;
        }
        Ok(entries)
    }

    /// Forgets the state on this device's disk, so that the next program to open it folds the whole log.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn forget_state(&self) -> Result<(), DeskError> {
        Ok(self.state().cache.forget_state()?)
    }

    fn put_events(&self, events: &[Event]) -> Result<(), DeskError> {
        let commit = self.state().compose_events(self.now(), events)?;
        let head = self.client.commit(&commit)?;
        if head.hash != commit.entry.hash() {
            return Err(HubError::Conflict.into());
        }
        self.state().take_entry(head.sequence, &commit.entry, self.now())
    }
}
