//! Composing commits: which events and drops go now. Size and time of a beat depend on the published cadence alone.

use std::collections::HashSet;

use callsign_protocol::{
    caller_keys::{CallerId, x25519_public},
    commit::{Commit, DROPS_MAX, Rest},
    drop::Drop,
    entry::{EVENTS_MAX, Entry, EntryHeader, Writer},
    event::{Event, EventBody},
    time::{Day, UnixSeconds},
};

use super::state::State;
use crate::{
    DeskError,
    cases::{Cases, PlannedDrop},
};

/// Why a commit is made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It is time for one.
    Beat,
    /// An operator does not want to wait; the hub sees that.
    Flush,
}

/// The drop of a tick, kept until it is posted or the tick has passed.
pub(super) struct Offered {
    tick: u64,
    day: Day,
    drop: Drop,
    /// What it holds, and the event that goes with it; none for a dummy.
    posts: Option<(PlannedDrop, Event)>,
}

impl Offered {
    fn holds(&self, tick: u64, day: Day, log: &Cases) -> bool {
        let waits = self.posts.as_ref().is_none_or(|(planned, _)| log.still_waits(planned));
        (self.tick, self.day) == (tick, day) && waits
    }
}

/// Events for one bundle, never more than fit.
pub(super) struct Bundle {
    events: Vec<Event>,
    json_len: usize,
}

impl Bundle {
    pub(super) fn new() -> Self {
        Self { events: Vec::new(), json_len: 2 }
    }

    pub(super) fn offer(&mut self, event: Event) -> bool {
        let len = serde_json::to_vec(&event).map_or(usize::MAX, |json| json.len() + 1);
        let fits = self.json_len.saturating_add(len) <= EVENTS_MAX;
        if fits {
            self.json_len += len;
            self.events.push(event);
        }
        fits
    }
}

impl State {
    /// The next commit on top of the log as this device knows it.
    pub(crate) fn compose(&mut self, now: UnixSeconds, pace: Pace) -> Result<Commit, DeskError> {
        if let Some(alarm) = self.alarm {
            return Err(DeskError::Alarm(alarm));
        }
        if !self.log.is_known() {
            return Err(DeskError::CatchingUp);
        }
        if self.keyring.generation > self.log.generation().max(1) {
            self.begin_generation()?;
        }
        let mut pending = by_urgency(self.refresh_pending()?);
        if pace == Pace::Flush {
            // A flush is seen: it must not tell how large the state is.
            pending.retain(|event| !matches!(event.body, EventBody::Snapshot { .. }));
        }
        let mut bundle = Bundle::new();
        let drops = match pace {
            Pace::Beat => self.cadence_drop(now, &mut bundle)?,
            Pace::Flush => self.flushed_drops(now, &mut bundle)?,
        };
        // In order, so that an answer is never posted before it is in the log.
        for event in pending {
            if !bundle.offer(event) {
                break;
            }
        }
        let log = &self.log.cases;
        let inbox_done = self.inbox.done_to(now, self.vault.settings.inbox_delay_s, |id| log.has_applied(id));
        let rest = Rest {
            inbox_done,
            log_done: self.log_done(now.day()),
            day: now.day(),
            drops: drops.into_iter().map(|drop| (0, drop)).collect(),
        };
        let header = EntryHeader {
            generation: self.keyring.generation,
            device: self.device()?.id,
            prev: self.head.hash,
        };
        let signing_key = self.vault.device_key();
        let writer =
            Writer { fingerprint: &self.fingerprint, log_key: &self.keys.log_key, signing_key: &signing_key };
        let entry = Entry::write(&header, &rest.hash(), &bundle.events, &writer, &mut self.rng)?;
        self.composed = Some((entry.hash(), self.inbox.seen_to()));
        Ok(Commit { entry, rest })
    }

    /// Whether a flush would carry anything.
    pub(crate) fn has_something_to_flush(&mut self, now: UnixSeconds) -> Result<bool, DeskError> {
        let waits =
            self.refresh_pending()?.iter().any(|event| !matches!(event.body, EventBody::Snapshot { .. }));
        Ok(waits || self.next_drop(now.day())?.is_some())
    }

    /// The one drop of a tick that has begun and that no device has posted for.
    fn cadence_drop(&mut self, now: UnixSeconds, bundle: &mut Bundle) -> Result<Vec<Drop>, DeskError> {
        let tick = now.0 / u64::from(self.vault.settings.drop_period_s.max(1));
        // Before the first notice there is no list to post to.
        if self.notice.is_none() || self.log.cases.last_tick() >= Some(tick) {
            return Ok(Vec::new());
        }
        let ticked = self.event(EventBody::Ticked { tick });
        bundle.offer(ticked);
        // What was offered for this tick and refused is offered again: another drop would show which of both is real.
        let again = self.offered.take_if(|offered| offered.holds(tick, now.day(), &self.log.cases));
        let offered = match again {
            Some(offered) => offered,
            None => self.offer(tick, now.day())?,
        };
        // Small, and almost the first in the bundle: it fits.
        if let Some((_, event)) = &offered.posts {
            bundle.offer(event.clone());
        }
        let drop = offered.drop;
        self.offered = Some(offered);
        Ok(vec![drop])
    }

    /// The drop for a tick. Its place is used up, for a second drop at the same address is no dummy.
    fn offer(&mut self, tick: u64, day: Day) -> Result<Offered, DeskError> {
        let planned = self.next_drop(day)?;
        let Some(planned) = planned else {
            return Ok(Offered { tick, day, drop: Drop::dummy(&mut self.rng), posts: None });
        };
        let drop = planned.seal(&self.fingerprint, &self.keys.answer_key, &mut self.rng)?;
        self.log.cases.use_place(&planned);
        let event = self.event(planned.event());
        Ok(Offered { tick, day, drop, posts: Some((planned, event)) })
    }

    /// All drops that wait and fit, at once.
    fn flushed_drops(&mut self, now: UnixSeconds, bundle: &mut Bundle) -> Result<Vec<Drop>, DeskError> {
        let flushed = self.event(EventBody::Flushed);
        bundle.offer(flushed);
        let slot = self.device()?.posting_slot;
        let mut ahead = self.log.cases.clone();
        let mut drops = Vec::new();
        // Answers under a key that no notice names yet would not be understood.
        while drops.len() < DROPS_MAX && self.answer_key_is_published() {
            let Some(planned) = ahead.next_drop(now.day(), slot) else { break };
            let Some((drop, event)) = self.seal(&planned, bundle)? else { break };
            ahead.apply(&event);
            drops.push(drop);
        }
        Ok(drops)
    }

    fn next_drop(&self, day: Day) -> Result<Option<PlannedDrop>, DeskError> {
        let slot = self.device()?.posting_slot;
        Ok(self.log.cases.next_drop(day, slot).filter(|_| self.answer_key_is_published()))
    }

    fn answer_key_is_published(&self) -> bool {
        let published = self.notice.as_ref().map(|current| current.notice.answer_key);
        published == Some(x25519_public(&self.keys.answer_key))
    }

    /// Seals a drop and puts its event into the bundle; nothing where the bundle is full.
    fn seal(
        &mut self,
        planned: &PlannedDrop,
        bundle: &mut Bundle,
    ) -> Result<Option<(Drop, Event)>, DeskError> {
        let event = self.event(planned.event());
        if !bundle.offer(event.clone()) {
            return Ok(None);
        }
        let drop = planned.seal(&self.fingerprint, &self.keys.answer_key, &mut self.rng)?;
        Ok(Some((drop, event)))
    }
}

/// What begins a generation first, and its snapshot last; notices next, for calls cannot be opened without them; then what operators did, so that a flood of calls holds no
/// answer back; then calls. What operators did about a caller stays behind that caller's own calls.
fn by_urgency(mut pending: Vec<Event>) -> Vec<Event> {
    let calling: HashSet<CallerId> = pending
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::MessageReceived { call, .. } => Some(call.caller_id()),
            _ => None,
        })
        .collect();
    pending.sort_by_key(|event| match (&event.body, event.body.caller()) {
        (EventBody::GenerationBegun { .. }, _) => 0,
        (EventBody::NoticePublished { .. }, _) => 1,
        (EventBody::Snapshot { .. }, _) => 4,
        (_, Some(caller)) if !calling.contains(caller) => 2,
        _ => 3,
    });
    pending
}
