//! What a hub answers to a device that follows: entries of other devices are folded in, and cells are left to be opened.

use callsign_protocol::{cell::Cell, encoding::Bytes, follow::Follow, time::UnixSeconds};

use crate::{
    DeskError,
    cases::{Event, EventBody},
    device::DeviceState,
    hub::{cells::CellKeys, documents::Standing, inbox::Taken},
    log::Alarm,
};

/// Waiting times need no more precision than this, and the log keeps no more.
pub(crate) const RECEIVED_STEP_S: u64 = 600;

/// A time as the log keeps that of a call.
pub(crate) fn in_steps(now: UnixSeconds) -> UnixSeconds {
    UnixSeconds(now.0 / RECEIVED_STEP_S * RECEIVED_STEP_S)
}

impl DeviceState {
    /// Whether a cell names a key that this device does not have, so that a newer keyring may be needed.
    pub(crate) fn lacks_key(&self, follow: &Follow) -> bool {
        let known = |cell: &Cell| cell.key().is_ok_and(|key| self.epoch_key(key).is_some());
        follow.cells.iter().any(|(_, cell)| !known(cell))
            || follow.entries.iter().any(|(_, entry)| {
                let header = entry.header();
                header.generation > self.keys.keyring.generation
                    || self.keys.keyring.signing_key(&header.device, header.generation).is_none()
            })
    }

    /// Takes in what the hub had when it was asked, but for cells: says what those are to be opened with.
    pub(crate) fn take(
        &mut self,
        follow: &Follow,
        asked: &Standing,
        now: UnixSeconds,
    ) -> Result<Option<CellKeys>, DeskError> {
        if asked.log_after > self.log.head.sequence {
            // This device has begun anew since it asked: what comes behind that place tells it nothing.
            return Ok(None);
        }
        if follow.head < asked.head {
            return self.raise(Alarm::LogWentBack);
        }
        if !asked.knew_at_most(follow.keyring) {
            return self.raise(Alarm::KeyringWentBack);
        }
        self.log.compare_clocks(now);
        for (sequence, entry) in &follow.entries {
            self.take_entry(*sequence, entry, now)?;
        }
        self.log.head_confirmed = true;
        let is_read = self.log.head.sequence >= follow.head && self.log.fold.is_known();
        // What bears a keyring out was in the log before it was put.
        if is_read && asked.knew(self.keys.keyring.serial) {
            self.bear_out_keyring(now.day())?;
        }
        if is_read && asked.is_known && follow.inbox_last < asked.cells_after && self.may_write().is_ok() {
            self.retake(asked.cells_after)?;
            return Ok(None);
        }
        self.cells_to_open(follow, asked)
    }

    /// Begins with the first cell that the hub has: it told positions before that it does not have, in a lie or ahead of a backup, and
    /// what has come since would never be asked for. A call that is taken twice is one.
    fn retake(&mut self, told: u64) -> Result<(), DeskError> {
        self.inbox.taken = self.cache.taken()?;
        if self.inbox.taken.to() != told {
            // Another process of this device was faster.
            return Ok(());
        }
        self.keep_taken(&[], &[], Taken::default())
    }

    /// Tells calls that come before an erasure that waits here once more behind it: who erased the case had not seen them.
    pub(crate) fn keep_from_erasures(&mut self, events: &[Event]) -> Result<(), DeskError> {
        let new: Vec<_> = events.iter().filter(|event| !self.log.view.has_applied(&event.id)).collect();
        if !new.iter().any(|event| matches!(event.body, EventBody::MessageReceived { .. })) {
            return Ok(());
        }
        let pending = self.refresh_pending()?;
        let mut kept = Vec::new();
        for event in new.into_iter().filter(|event| !self.log.view.has_applied(&event.id)) {
            let EventBody::MessageReceived(received) = &event.body else { continue };
            let of = received.call.caller_id();
            let erases = |waiting: &&Event| matches!(&waiting.body, EventBody::CaseErased(erased) if erased.caller == of);
            let erasure = pending.iter().rfind(erases);
            kept.extend(
                erasure.map(|erasure| event.behind_erasure(&erasure.id, Bytes::random(&mut self.rng))),
            );
        }
        self.queue(kept)
    }

    fn epoch_key(
        &self,
        key: (callsign_protocol::time::Day, u16),
    ) -> Option<&callsign_protocol::keyring::EpochKey> {
        self.keys.desk.epochs.iter().find(|epoch| (epoch.epoch, epoch.key_id) == key)
    }
}
