//! Cells of one answer: opened with keys that were taken for it, while nobody waits for the desk, and taken in behind that.

use std::collections::{BTreeMap, BTreeSet};

use callsign_protocol::{
    XWingSecret,
    cell::{Cell, CellError, Opened, Opener},
    encoding::{Bytes, Secret},
    follow::Follow,
    identity::Fingerprint,
    keyring::FormerAnswerKey,
    time::{Day, UnixSeconds},
};

use crate::{
    DeskError,
    cases::{Event, EventBody},
    device::DeviceState,
    hub::{documents::Standing, follow::in_steps},
    log::bundle::Bundle,
};

/// Parts of one caller that are taken before a person has opened one or answered: a megabyte, or 64 messages of the
/// greatest length.
/// What is more is not kept, so that nobody fills the desk with what no person reads.
pub(crate) const UNHEARD_PARTS_MAX: usize = 512;

/// All that decides what some cells are, as it was at one moment. Wiped when it is dropped.
#[derive(PartialEq, Eq)]
pub(crate) struct CellKeys {
    fingerprint: Fingerprint,
    epochs: BTreeMap<(Day, u16), OfEpoch>,
    answer_key: Secret<32>,
    former_answer_keys: Vec<FormerAnswerKey>,
}

/// An epoch's key, and the hashes of all notices that carried it.
#[derive(PartialEq, Eq)]
struct OfEpoch {
    seed: XWingSecret,
    notice_hashes: Vec<[u8; 32]>,
}

/// What cells were found to be, by these keys.
pub(crate) struct OpenedCells {
    by: CellKeys,
    /// In the order of the answer.
    came: Vec<(u64, Came)>,
}

enum Came {
    Call(Event),
    Cover,
    /// The same bytes as a cell before.
    Again,
    Garbage,
}

impl CellKeys {
    /// Opens the cells that were asked for. Takes long, and nothing of the desk.
    pub(crate) fn open(self, follow: &Follow, asked: &Standing, now: UnixSeconds) -> OpenedCells {
        let (mut seen, received) = (BTreeSet::new(), in_steps(now));
        let asked_for = follow.cells.iter().filter(|(position, _)| *position > asked.cells_after);
        let came = asked_for.map(|(position, cell)| {
            // The same bytes once more say nothing new, and one opening takes as long as the next.
            let came = if seen.insert(&cell.0) { self.came_of(cell, received) } else { Came::Again };
            (*position, came)
        });
        let came = came.collect();
        OpenedCells { by: self, came }
    }

    fn came_of(&self, cell: &Cell, received: UnixSeconds) -> Came {
        let event = match self.open_cell(cell) {
            Ok(Opened::Call(call)) => Event::message_received(call, received),
            Ok(Opened::Doubted(call)) => Event::doubted_message(call, received),
            Ok(Opened::Cover) => return Came::Cover,
            Err(_) => return Came::Garbage,
        };
        // What no log can hold would stand in the way of all behind it.
        let tagged = event.clone().tagged(Bytes([0; 6]));
        let fits = tagged.is_readable() && Bundle::new().offer(tagged);
        if fits { Came::Call(event) } else { Came::Garbage }
    }

    fn open_cell(&self, cell: &Cell) -> Result<Opened, CellError> {
        let epoch = self.epochs.get(&cell.key()?).ok_or(CellError::Epoch)?;
        cell.open(&Opener {
            fingerprint: &self.fingerprint,
            seed: &epoch.seed,
            answer_key: &self.answer_key,
            former_answer_keys: &self.former_answer_keys,
            notice_hashes: &epoch.notice_hashes,
        })
    }
}

impl DeviceState {
    /// What the cells that an answer brought are to be opened with; none where nothing is to be taken of them now.
    pub(crate) fn cells_to_open(
        &mut self,
        follow: &Follow,
        asked: &Standing,
    ) -> Result<Option<CellKeys>, DeskError> {
        // The log says which notices there were: a cell that is opened before all of it is known may seem to be garbage.
        if self.log.head.sequence < follow.head || !self.log.fold.is_known() || self.may_write().is_err() {
            return Ok(None);
        }
        let taken = self.cache.taken()?;
        if taken != self.inbox.taken {
            // Another process has taken some of them.
            self.inbox.taken = taken;
            self.refresh_pending()?;
        }
        let from = self.inbox.taken.to();
        // Where another thread went back to the first cell, those before these are asked for first.
        let is_next = from >= asked.cells_after;
        let is_new = is_next && follow.cells.iter().any(|(position, _)| *position > from);
        Ok(is_new.then(|| self.keys_of(follow)))
    }

    /// Takes in what was opened, and keeps all that came of it in one write: a hub that times the next request learns of no cell what it
    /// was. Where something has changed meanwhile by which the cells are judged, nothing is taken, and they are to be opened anew.
    pub(crate) fn take_opened(
        &mut self,
        follow: &Follow,
        asked: &Standing,
        opened: &OpenedCells,
        now: UnixSeconds,
    ) -> Result<Option<CellKeys>, DeskError> {
        let Some(keys) = self.cells_to_open(follow, asked)? else { return Ok(None) };
        if keys != opened.by {
            return Ok(Some(keys));
        }
        let from = self.inbox.taken.to();
        let new = opened.came.iter().filter(|(position, _)| *position > from);
        let Some(last) = new.clone().map(|(position, _)| *position).max() else { return Ok(None) };
        let (mut of_cells, mut events, mut dropped) = (Vec::new(), Vec::new(), 0);
        for (_, came) in new {
            let event = match came {
                Came::Call(event) if !self.crowds_out(event, &events)? => {
                    Some(self.tag_new_case(event.clone())?)
                }
                _ => None,
            };
            dropped += u64::from(matches!(came, Came::Garbage));
            events.extend(event.clone());
            of_cells.push(event);
        }
        let delay_s = self.keys.vault.settings.inbox_delay_s;
        let taken = self.inbox.taken.clone().and(last, now, delay_s);
        self.keep_taken(&of_cells, &events, taken)?;
        self.inbox.dropped_cells += dropped;
        Ok(None)
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

    /// Gives a part of a call what names its case in the audit, where that has nothing yet.
    pub(crate) fn tag_new_case(&mut self, event: Event) -> Result<Event, DeskError> {
        let EventBody::MessageReceived(received) = &event.body else { return Ok(event) };
        let caller = received.call.caller_id();
        let case = self.reading(|state| Ok(state.log.view.get(&caller)?))?;
        let has_tag = case.is_some_and(|case| case.tag().is_some());
        Ok(if has_tag { event } else { event.tagged(Bytes::random(&mut self.rng)) })
    }

    fn keys_of(&self, follow: &Follow) -> CellKeys {
        let named: BTreeSet<_> = follow.cells.iter().filter_map(|(_, cell)| cell.key().ok()).collect();
        let known = self.keys.desk.epochs.iter().filter(|key| named.contains(&(key.epoch, key.key_id)));
        let of_epoch = |seed: &XWingSecret, day| OfEpoch {
            seed: seed.clone(),
            notice_hashes: self.log.view.notice_hashes(day),
        };
        let epochs = known.map(|key| ((key.epoch, key.key_id), of_epoch(&key.seed, key.epoch)));
        CellKeys {
            fingerprint: self.keys.fingerprint,
            epochs: epochs.collect(),
            answer_key: self.keys.desk.answer_key.clone(),
            former_answer_keys: self.keys.desk.former_answer_keys.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
