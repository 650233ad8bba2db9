//! What a device has to do for the generation's snapshot, by what the log and its own disk say.

use callsign_protocol::{
    snapshot::Whole,
    time::{Day, UnixSeconds},
};

use crate::{
    DeskError,
    cases::{Cases, Event, EventBody},
    device::DeviceState,
    store::Attempt,
};

/// The next thing that is to be done, beside beats.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    /// Write the state into an attempt.
    Begin,
    /// See that the hub still has the newest whole one.
    Check(Whole),
    /// Read the state from the hub, for this device does not know it.
    Fetch,
    /// Write the state to this disk under the generation's key, for the entries before it are to go.
    Keep,
    /// See whether the state fits, before a generation ends.
    Measure,
    /// Put the attempt at the hub and read it back.
    Send(Attempt),
}

impl DeviceState {
    /// What is to be done now.
    pub(crate) fn snapshot_task(&self, now: UnixSeconds) -> Result<Option<Task>, DeskError> {
        let (generation, today) = (self.keys.keyring.generation, now.day());
        let is_in_step = self.log.fold.generation() == generation;
        if self.log.alarm.is_some() || !self.log.head_confirmed {
            return Ok(None);
        }
        if !self.log.fold.is_known() {
            return Ok(self.lacks_state().then_some(Task::Fetch));
        }
        if generation > 1 && !is_in_step {
            return Ok(None);
        }
        if generation > 1 {
            let of_generation = |attempt: &Attempt| attempt.generation == generation;
            let newest = self.log.fold.whole().next();
            if newest.is_some() && self.kept_generation() != Some(generation) {
                return Ok(Some(Task::Keep));
            }
            let pending = self.cache.pending()?;
            let is_said = |attempt: &Attempt| {
                pending.iter().any(|event| event.body.whole_snapshot() == Some(attempt.whole))
            };
            let mut attempt = self.cache.attempt()?.filter(of_generation);
            if attempt.is_some_and(|attempt| self.log.fold.whole().any(|whole| *whole == attempt.whole)) {
                // The log says so, and this device was stopped before it took note.
                self.cache.forget_attempt()?;
                attempt = None;
            }
            match attempt {
                Some(attempt) if !is_said(&attempt) => return Ok(Some(Task::Send(attempt))),
                None if newest.is_none() && self.may_begin(&pending)? => return Ok(Some(Task::Begin)),
                _ => {}
            }
            if let Some(whole) = newest
                && self.log.checked_on != Some(today)
            {
                return Ok(Some(Task::Check(*whole)));
            }
        }
        let is_measured = self.log.measured_on == Some(today);
        Ok((self.generation_is_due(today) && !is_measured).then_some(Task::Measure))
    }

    /// Whether the state is still to be read from the hub, and can be. While the generation that has just begun has no snapshot, the
    /// one before it does: nobody else may be there to write one.
    pub(crate) fn lacks_state(&self) -> bool {
        !self.log.fold.is_known() && self.log.head_confirmed && self.saved().next().is_some()
    }

    /// Snapshots that this device can read the state from, each with its generation, the newest first.
    pub(crate) fn saved(&self) -> impl Iterator<Item = (u32, &Whole)> {
        self.log.fold.saved().filter(|(generation, _)| self.keys.log_key(*generation).is_some())
    }

    /// What is erased while a generation begins goes before its state is written.
    fn may_begin(&self, pending: &[Event]) -> Result<bool, DeskError> {
        let erases = |event: &Event| matches!(event.body, EventBody::CaseErased { .. });
        Ok(self.log.fold.is_writer(&self.keys.device()?.id) && !pending.iter().any(erases))
    }

    /// Withdraws what says of another attempt than the one at hand that it is whole.
    pub(crate) fn withdraw_stale_snapshots(&mut self) -> Result<(), DeskError> {
        let generation = self.keys.keyring.generation;
        let attempt = self.cache.attempt()?.filter(|kept| kept.generation == generation);
        let is_stale = |event: &&Event| {
            event.body.whole_snapshot().is_some_and(|whole| Some(whole) != attempt.map(|kept| kept.whole))
        };
        let stale: Vec<_> = self.cache.pending()?.iter().filter(is_stale).map(|event| event.id).collect();
        Ok(self.cache.remove_pending(&stale)?)
    }

    /// Gives this device's attempt up where a snapshot is whole, or where the hub does not take it.
    pub(crate) fn give_up_attempt(&mut self) -> Result<(), DeskError> {
        Ok(self.cache.forget_attempt()?)
    }

    /// Goes on from a state that was read from the hub.
    pub(crate) fn restore(&mut self, sequence: u64, cases: Cases) -> Result<(), DeskError> {
        if self.log.fold.is_known() {
            // Another thread was faster.
            return Ok(());
        }
        self.log.all_changed();
        self.log.fold.restore(sequence, cases)?;
        self.log.all_changed();
        // Whatever becomes of the rows: what comes in next is shown behind this.
        self.show_anew()?;
        self.keep_whole()
    }

    /// Takes note that the state fits a snapshot today.
    pub(crate) fn note_measured(&mut self, today: Day) {
        self.log.measured_on = Some(today);
    }
}
