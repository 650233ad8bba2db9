//! Composing commits: which events and drops go now. Size and time of a beat depend on the published plan alone.

use std::collections::HashSet;

use callsign_protocol::{
    caller_keys::CallerId,
    commit::{Commit, Rest},
    digest::{SignedHead, SignedList, drop_hash},
    drop::Drop,
    entry::{self, Entry, EntryError, EntryHeader, Writer},
    time::UnixSeconds,
};

use crate::{
    DeskError,
    cases::{EntryRead, Event, EventBody, Listed, Origin, Refusal},
    device::DeviceState,
    hub::follow::RECEIVED_STEP_S,
    log::bundle::{Bundle, by_urgency},
    posting::cadence::AHEAD_S,
};

/// Beats made up for at once, at most: one to end the day before, one to sign it, and some for what waits behind them.
const CATCH_UP_MAX: u64 = 8;

/// Why a commit is made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It is time for one.
    Beat,
    /// As a beat, without drops: the hub has another date and takes none for this one.
    BeatWithoutDrops,
    /// An operator does not want to wait; the hub sees that.
    Flush,
}

/// What a commit has for the hub's lists.
#[derive(Default)]
struct Posts {
    drops: Vec<(u32, Drop)>,
    signed: Vec<SignedList>,
    heads: Vec<SignedHead>,
}

impl DeviceState {
    /// The next commit on top of the log as this device knows it.
    pub(crate) fn compose(&mut self, now: UnixSeconds, pace: Pace) -> Result<Commit, DeskError> {
        self.may_write()?;
        if self.keys.keyring.generation > self.log.fold.generation().max(1) {
            self.begin_generation()?;
        }
        self.withdraw_stale_snapshots()?;
        let mut pending = self.refresh_pending()?;
        self.posting.late_calls = self.late_calls(&pending, now);
        self.hold_until_given(&mut pending);
        let is_attended = |caller: &CallerId| self.log.view.is_attended(caller);
        let is_operators = |body: &EventBody| self.log.view.is_operators(body);
        let mut pending = by_urgency(pending, is_attended, is_operators);
        if pace == Pace::Flush {
            pending.retain(|event| !waits_for_a_beat(event));
        }
        let mut bundle = Bundle::before(&pending);
        let (drops, signed) = match pace {
            Pace::Beat => {
                let signed = self.sign_lists(now.day(), &mut bundle);
                (self.cadence_drops(now, &mut bundle)?, signed)
            }
            Pace::BeatWithoutDrops => (Vec::new(), Vec::new()),
            Pace::Flush => (self.flushed_drops(now, &mut bundle)?, Vec::new()),
        };
        bundle.reserved = 0;
        let posted: Vec<_> = drops.iter().map(|(shard, drop)| (*shard, drop_hash(drop))).collect();
        let heads = self.sign_heads(now, &posted);
        if !posted.is_empty() {
            let listed = self.event(EventBody::Listed(Listed { day: now.day(), posted }));
            bundle.offer(listed);
        }
        // Of whom something waits, that is judged first.
        let steps = if pace == Pace::Beat { self.steps_due(now, &pending)? } else { Vec::new() };
        // In order, so that an answer is never posted before it is in the log.
        let mut is_room = true;
        for event in pending.into_iter().chain(steps) {
            is_room = is_room && bundle.offer(event);
        }
        self.write_commit(now, &bundle.events, Posts { drops, signed, heads })
    }

    /// Steps of waiting that are due behind the log as this device knows it.
    fn steps_due(&self, now: UnixSeconds, pending: &[Event]) -> Result<Vec<Event>, DeskError> {
        let about: HashSet<CallerId> = pending.iter().filter_map(|event| event.body.about()).collect();
        let author = Origin { at: now.whole_minutes(), day: now.day(), ..self.waiting() };
        Ok(self.log.fold.cases.steps_due(&author, |caller| about.contains(caller))?)
    }

    /// The commit that carries these events and nothing else.
    pub(crate) fn compose_events(&mut self, now: UnixSeconds, events: &[Event]) -> Result<Commit, DeskError> {
        self.may_write()?;
        if self.keys.keyring.generation > self.log.fold.generation().max(1) {
            return Err(DeskError::CatchingUp);
        }
        self.write_commit(now, events, Posts::default())
    }

    /// Keeps back what people did while the log does not say whose device this is, as where a hub has lost that: it would count
    /// for nothing, and does count once a custodian's device has told it again.
    fn hold_until_given(&self, pending: &mut Vec<Event>) {
        let (cases, own) = (&self.log.fold.cases, self.keys.author);
        if cases.person_of(&own).is_none() {
            pending.retain(|event| cases.allows(&own, &event.body) != Err(Refusal::Role));
        }
    }

    /// The hub forgets cells after the fixed time, whether or not what came of them is in the log: people hear of it before.
    pub(crate) fn late_calls(&self, pending: &[Event], now: UnixSeconds) -> u64 {
        let late_s = u64::from(self.keys.vault.settings.inbox_delay_s) / 2;
        let is_late = |event: &&Event| matches!(&event.body, EventBody::MessageReceived(received) if now.since(received.received) >= late_s.max(2 * RECEIVED_STEP_S));
        pending.iter().filter(is_late).count() as u64
    }

    fn write_commit(
        &mut self,
        now: UnixSeconds,
        events: &[Event],
        Posts { drops, signed, heads }: Posts,
    ) -> Result<Commit, DeskError> {
        let whole = events.iter().find_map(|event| event.body.whole_snapshot());
        let inbox_done = self.inbox.taken.done_to(now, self.keys.vault.settings.inbox_delay_s);
        let rest = Rest {
            inbox_done,
            log_done: self.log_done(now.day()),
            drops,
            signed,
            heads,
            whole: whole.map(|whole| whole.chunks),
        };
        let header = EntryHeader {
            generation: self.keys.keyring.generation,
            device: self.keys.device()?.id,
            prev: self.log.head.hash,
            day: now.day(),
        };
        let signing_key = self.keys.vault.device_key();
        let writer = Writer {
            fingerprint: &self.keys.fingerprint,
            log_key: &self.keys.desk.log_key,
            signing_key: &signing_key,
        };
        let has_identity = self.keys.vault.identity_seed.is_some();
        let sealed = entry::Bundle::of(now, self.keys.program, events)?.with_identity(has_identity);
        let entry = Entry::write(&header, &rest.hash(), &sealed, &writer, &mut self.rng)?;
        // By the rules of those who will read it: what they cannot read would be lost for all.
        let read = entry.open(&self.keys.fingerprint, &self.keys.desk.log_key)?;
        if EntryRead::new(self.log.head.sequence + 1, &header, self.keys.keyring.fold, Some(&read)).events
            != events
        {
            return Err(EntryError::Json.into());
        }
        self.posting.composed = Some(entry.hash());
        Ok(Commit { entry, rest })
    }

    /// Beats that a desk which is not served makes when it takes its calls: those missed since the last tick that was
    /// posted for, within a bound. The hub, which has that tick's drop, learns nothing else from their number.
    pub(crate) fn beats_missed(&self, now: UnixSeconds) -> u64 {
        if !self.log.fold.is_known() {
            return 0;
        }
        let beat_s = u64::from(self.keys.vault.settings.beat_s.max(1));
        let last = self
            .log
            .fold
            .cases
            .last_tick(now.plus(AHEAD_S))
            .map_or(CATCH_UP_MAX, |tick| now.since(UnixSeconds(tick)) / beat_s);
        last.clamp(1, CATCH_UP_MAX)
    }

    /// Whether a flush would carry anything.
    pub(crate) fn has_something_to_flush(&mut self, now: UnixSeconds) -> Result<bool, DeskError> {
        let mut pending = self.refresh_pending()?;
        self.hold_until_given(&mut pending);
        let waits = pending.iter().any(|event| !waits_for_a_beat(event));
        Ok(waits || self.has_a_drop_waiting(now.day())?)
    }
}

/// What no flush carries. The hub sees when a snapshot is frozen: at a beat that tells nothing else. And what somebody is doing
/// shows nowhere but in beats.
fn waits_for_a_beat(event: &Event) -> bool {
    event.body.whole_snapshot().is_some() || matches!(event.body, EventBody::Presence(_))
}

#[cfg(test)]
pub(crate) mod tests;
