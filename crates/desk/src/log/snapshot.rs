//! What a device has to do for the generation's snapshot, by what the log and its own disk say.

use callsign_protocol::{
    identity::Fingerprint,
    snapshot::{ChunkSeal, Padding, SnapshotReader, Whole},
    time::{Day, UnixSeconds},
};

use crate::{
    DeskError,
    cases::{Cases, Event, EventBody, SnapshotError, StateReader},
    device::DeviceState,
    store::{Cache, Kept, KeptSnapshot},
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
    /// Write the state to this disk, for the entries before the generation are to go.
    Keep,
    /// See whether the state fits, before a generation ends.
    Measure,
    /// Put the attempt at the hub and read it back.
    Send(KeptSnapshot),
}

impl DeviceState {
    /// What is to be done now.
    pub(crate) fn snapshot_task(&self, now: UnixSeconds) -> Result<Option<Task>, DeskError> {
        let (generation, today) = (self.keyring.generation, now.day());
        let is_in_step = self.log.generation() == generation;
        if self.alarm.is_some() || !self.head_confirmed || (generation > 1 && !is_in_step) {
            return Ok(None);
        }
        if !self.log.is_known() {
            return Ok(self.lacks_state().then_some(Task::Fetch));
        }
        if generation > 1 {
            let of_generation = |kept: &KeptSnapshot| kept.generation == generation;
            let newest = self.log.whole().next();
            if newest.is_some() && !self.cache.kept(Kept::State)?.as_ref().is_some_and(of_generation) {
                return Ok(Some(Task::Keep));
            }
            let pending = self.cache.pending()?;
            let is_said = |kept: &KeptSnapshot| {
                pending.iter().any(|event| event.body.whole_snapshot() == Some(kept.whole))
            };
            match self.cache.kept(Kept::Attempt)?.filter(of_generation) {
                Some(attempt) if !is_said(&attempt) => return Ok(Some(Task::Send(attempt))),
                None if newest.is_none() && self.may_begin(&pending)? => return Ok(Some(Task::Begin)),
                _ => {}
            }
            if let Some(whole) = newest
                && self.checked_on != Some(today)
            {
                return Ok(Some(Task::Check(*whole)));
            }
        }
        let is_measured = self.measured_on == Some(today);
        Ok((self.generation_is_due(today) && !is_measured).then_some(Task::Measure))
    }

    /// Whether the state is still to be read from the hub, and can be.
    pub(crate) fn lacks_state(&self) -> bool {
        !self.log.is_known()
            && self.log.generation() == self.keyring.generation
            && self.log.whole().next().is_some()
    }

    /// What is erased while a generation begins goes before its state is written.
    fn may_begin(&self, pending: &[Event]) -> Result<bool, DeskError> {
        let erases = |event: &Event| matches!(event.body, EventBody::CaseErased { .. });
        Ok(self.log.is_writer(&self.device()?.id) && !pending.iter().any(erases))
    }

    /// Withdraws what says of another attempt than the one at hand that it is whole.
    pub(crate) fn withdraw_stale_snapshots(&mut self) -> Result<(), DeskError> {
        let generation = self.keyring.generation;
        let attempt = self.cache.kept(Kept::Attempt)?.filter(|kept| kept.generation == generation);
        let is_stale = |event: &&Event| {
            event.body.whole_snapshot().is_some_and(|whole| Some(whole) != attempt.map(|kept| kept.whole))
        };
        let stale: Vec<_> = self.cache.pending()?.iter().filter(is_stale).map(|event| event.id).collect();
        Ok(self.cache.remove_pending(&stale)?)
    }

    /// Gives this device's attempt up where a snapshot is whole, or where the hub does not take it.
    pub(crate) fn give_up_attempt(&mut self) -> Result<(), DeskError> {
        Ok(self.cache.forget_kept(Kept::Attempt)?)
    }

    /// Goes on from a state that was read from the hub.
    pub(crate) fn restore(&mut self, sequence: u64, cases: Cases) -> Result<(), DeskError> {
        if self.log.is_known() {
            // Another thread was faster.
            return Ok(());
        }
        self.log.restore(sequence, cases)?;
        self.all_changed();
        self.show_anew()?;
        Ok(())
    }

    /// Chunks of the state that is kept here: how large the desk is.
    pub(crate) fn kept_chunks(&self) -> Result<u32, DeskError> {
        Ok(self.cache.kept(Kept::State)?.map_or(0, |kept| kept.whole.chunks.count))
    }

    /// Takes note that the state fits a snapshot today.
    pub(crate) fn note_measured(&mut self, today: Day) {
        self.measured_on = Some(today);
    }
}

/// The state that is kept on this disk, and the sequence up to which entries are part of it.
pub(crate) fn kept_state(
    cache: &Cache,
    kept: &KeptSnapshot,
    seal: &ChunkSeal,
) -> Result<(u64, Cases), DeskError> {
    let mut reader = SnapshotReader::new(seal, Padding::None, kept.whole).map_err(SnapshotError::from)?;
    let mut state = StateReader::default();
    for index in 0..kept.whole.chunks.count {
        let chunk = cache.chunk(&kept.whole.chunks.attempt, index)?;
        for record in reader.chunk(&chunk).map_err(SnapshotError::from)? {
            state.record(&record)?;
        }
    }
    reader.finish().map_err(SnapshotError::from)?;
    Ok(state.finish()?)
}

/// What the chunks of a snapshot of this generation are sealed with.
pub(crate) fn seal_of(
    desk: &Fingerprint,
    log_key: &callsign_protocol::encoding::Secret<32>,
    kept: &KeptSnapshot,
) -> ChunkSeal {
    ChunkSeal::new(desk, log_key, kept.generation, kept.whole.chunks.attempt)
}
