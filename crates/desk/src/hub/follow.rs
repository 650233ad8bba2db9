//! Taking calls: cells are opened, kept, and queued for the log; entries of other devices are folded in.

use std::collections::BTreeSet;

use callsign_protocol::{
    cell::{Cell, CellError, Opened, Opener},
    follow::Follow,
    time::UnixSeconds,
};

use crate::{
    DeskError,
    cases::{Event, EventBody},
    device::DeviceState,
    hub::{documents::Standing, inbox::Taken},
    log::{Alarm, bundle::Bundle},
};

/// Waiting times need no more precision than this, and the log keeps no more.
pub(crate) const RECEIVED_STEP_S: u64 = 600;

/// Parts of one caller that are taken before a person has opened one or answered: a megabyte, or 64 messages of the
/// greatest length.
/// What is more is not kept, so that nobody fills the desk with what no person reads.
pub(crate) const UNHEARD_PARTS_MAX: usize = 512;

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

    /// Takes in what the hub had when it was asked.
    pub(crate) fn take(
        &mut self,
        follow: &Follow,
        asked: &Standing,
        now: UnixSeconds,
    ) -> Result<(), DeskError> {
        if follow.head < asked.head {
            return self.raise(Alarm::LogWentBack);
        }
        self.log.compare_clocks(now);
        for (sequence, entry) in &follow.entries {
            self.take_entry(*sequence, entry, now)?;
        }
        self.log.head_confirmed = true;
        let is_read = self.log.head.sequence >= follow.head && self.log.fold.is_known();
        // What bears a keyring out was in the log before it was put.
        if is_read && asked.knew(self.keys.keyring.serial) {
            self.bear_out_keyring()?;
        }
        // The log says which notices there were: a cell that is opened before all of it is known may seem to be garbage.
        if self.log.head.sequence < follow.head || !self.log.fold.is_known() || self.may_write().is_err() {
            return Ok(());
        }
        if asked.is_known && follow.inbox_last < asked.cells_after {
            return self.retake(asked.cells_after);
        }
        self.take_cells(&follow.cells, now)
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
            kept.extend(pending.iter().rfind(erases).map(|erasure| event.behind_erasure(&erasure.id)));
        }
        self.queue(kept)
    }

    /// Opens cells, and keeps all that came of them in one write: a hub that times the next request learns of none what it was.
    fn take_cells(&mut self, cells: &[(u64, Cell)], now: UnixSeconds) -> Result<(), DeskError> {
        let taken = self.cache.taken()?;
        if taken != self.inbox.taken {
            // Another process has taken some of them.
            self.inbox.taken = taken;
            self.refresh_pending()?;
        }
        let from = self.inbox.taken.to();
        let new = cells.iter().filter(|(position, _)| *position > from);
        let Some(last) = new.clone().map(|(position, _)| *position).max() else { return Ok(()) };
        let (mut seen, mut of_cells, mut events) = (BTreeSet::new(), Vec::new(), Vec::new());
        for (_, cell) in new {
            // The same bytes once more say nothing new, and one opening takes as long as the next.
            let event = if seen.insert(&cell.0) { self.event_of(cell, now) } else { None };
            let event = match event {
                Some(event) if !self.crowds_out(&event, &events)? => Some(event),
                _ => None,
            };
            events.extend(event.clone());
            of_cells.push(event);
        }
        let delay_s = self.keys.vault.settings.inbox_delay_s;
        let taken = self.inbox.taken.clone().and(last, now, delay_s);
        self.keep_taken(&of_cells, &events, taken)
    }

    /// What comes of a cell; nothing of cover and of what does not open.
    fn event_of(&mut self, cell: &Cell, now: UnixSeconds) -> Option<Event> {
        let received = in_steps(now);
        let event = match self.open_cell(cell) {
            Ok(Opened::Call(call)) => Some(Event::message_received(call, received)),
            Ok(Opened::Doubted(call)) => Some(Event::doubted_message(call, received)),
            Ok(Opened::Cover) => return None,
            Err(_) => None,
        };
        // What no log can hold would stand in the way of all behind it.
        let event = event.filter(|event| event.is_readable() && Bundle::new().offer(event.clone()));
        self.inbox.dropped_cells += u64::from(event.is_none());
        event
    }

    /// Whether a part is not kept, because its caller, to whom nobody has turned, has sent as much as is kept of one; counts
    /// it then. `beside` are events that come with it.
    pub(crate) fn crowds_out(&mut self, event: &Event, beside: &[Event]) -> Result<bool, DeskError> {
        let EventBody::MessageReceived(received) = &event.body else { return Ok(false) };
        let caller = received.call.caller_id();
        let case = self.reading(|state| Ok(state.log.view.get(&caller)?))?;
        let beside = beside.iter().filter(|event| event.body.caller() == Some(&caller)).count();
        let unheard = case.map_or(0, |case| case.unheard_parts()) + beside;
        let is_crowded = unheard >= UNHEARD_PARTS_MAX && !self.log.view.has_applied(&event.id);
        self.inbox.crowded_out += u64::from(is_crowded);
        Ok(is_crowded)
    }

    fn open_cell(&self, cell: &Cell) -> Result<Opened, CellError> {
        let (epoch, key_id) = cell.key()?;
        let seed = self.epoch_key((epoch, key_id)).ok_or(CellError::Epoch)?;
        cell.open(&Opener {
            fingerprint: &self.keys.fingerprint,
            seed: &seed.seed,
            answer_key: &self.keys.desk.answer_key,
            former_answer_keys: &self.keys.desk.former_answer_keys,
            notice_hashes: &self.log.view.notice_hashes(epoch),
        })
    }

    fn epoch_key(
        &self,
        key: (callsign_protocol::time::Day, u16),
    ) -> Option<&callsign_protocol::keyring::EpochKey> {
        self.keys.desk.epochs.iter().find(|epoch| (epoch.epoch, epoch.key_id) == key)
    }
}
