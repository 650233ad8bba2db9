//! Composing commits: which events and drops go now. Size and time of a beat depend on the published cadence alone.

use std::collections::HashSet;

use callsign_protocol::{
    caller_keys::CallerId,
    commit::{Commit, DROPS_MAX, Rest, SIGNATURES_MAX},
    digest::{ListDigest, SignedList, drop_hash},
    drop::Drop,
    entry::{EVENTS_MAX, Entry, EntryHeader, Writer},
    event::{Event, EventBody},
    identity::PrivateKey,
    plan::{PlanEntry, shard_of},
    time::{Day, UnixSeconds},
};

use super::state::State;
use crate::{DeskError, cases::PlannedDrop};

/// Bytes of the event that lists drops, without them, and of each of them at most.
const LISTED_LEN: usize = 128;
const POSTED_LEN: usize = 52;
/// Bytes kept in a beat for what waits for the log, so that drops hold no call back: the largest part of a call.
const PENDING_ROOM: usize = 3_200;

/// Why a commit is made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It is time for one.
    Beat,
    /// An operator does not want to wait; the hub sees that.
    Flush,
}

/// Events for one bundle, never more than fit.
pub(super) struct Bundle {
    events: Vec<Event>,
    json_len: usize,
    /// Bytes kept for what must fit later.
    reserved: usize,
}

impl Bundle {
    pub(super) fn new() -> Self {
        Self { events: Vec::new(), json_len: 2, reserved: 0 }
    }

    pub(super) fn offer(&mut self, event: Event) -> bool {
        let len = serde_json::to_vec(&event).map_or(usize::MAX, |json| json.len() + 1);
        let fits = self.json_len.saturating_add(len).saturating_add(self.reserved) <= EVENTS_MAX;
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
        let pending = by_urgency(self.refresh_pending()?);
        let mut bundle = Bundle::new();
        let (drops, signed) = match pace {
            Pace::Beat => {
                let signed = self.sign_lists(now.day(), &mut bundle);
                (self.cadence_drops(now, &mut bundle)?, signed)
            }
            Pace::Flush => (self.flushed_drops(now, &mut bundle)?, Vec::new()),
        };
        bundle.reserved = 0;
        if !drops.is_empty() {
            let posted = drops.iter().map(|(shard, drop)| (*shard, drop_hash(drop))).collect();
            let listed = self.event(EventBody::Listed { day: now.day(), posted });
            bundle.offer(listed);
        }
        // In order, so that an answer is never posted before it is in the log.
        for event in pending {
            if !bundle.offer(event) {
                break;
            }
        }
        let log = &self.log;
        let inbox_done = self.inbox.done_to(now, self.vault.settings.inbox_delay_s, |id| log.has_applied(id));
        let rest = Rest { inbox_done, day: now.day(), drops, signed };
        let header = EntryHeader {
            generation: self.keyring.generation,
            device: self.device()?.id,
            prev: self.head.hash,
        };
        let signing_key = self.vault.device_key();
        let writer =
            Writer { fingerprint: &self.fingerprint, log_key: &self.keys.log_key, signing_key: &signing_key };
        let entry = Entry::write(&header, &rest.hash(), &bundle.events, &writer, &mut self.rng)?;
        Ok(Commit { entry, rest })
    }

    /// Whether a flush would carry anything.
    pub(crate) fn has_something_to_flush(&mut self, now: UnixSeconds) -> Result<bool, DeskError> {
        let slot = self.device()?.posting_slot;
        Ok(!self.refresh_pending()?.is_empty() || self.log.next_drop(now.day(), slot, |_| true).is_some())
    }

    /// One drop for each tick that has begun and that no device has posted for.
    fn cadence_drops(
        &mut self,
        now: UnixSeconds,
        bundle: &mut Bundle,
    ) -> Result<Vec<(u32, Drop)>, DeskError> {
        let Some(plan) = self.plan_on(now.day()) else { return Ok(Vec::new()) };
        let ticks = ticks_due(&plan, self.log.last_tick(), now, self.vault.settings.beat_s);
        let Some(last) = ticks.last() else { return Ok(Vec::new()) };
        let ticked = self.event(EventBody::Ticked { tick: *last });
        bundle.offer(ticked);
        bundle.reserved = LISTED_LEN + ticks.len() * POSTED_LEN + PENDING_ROOM;
        let slot = self.device()?.posting_slot;
        let mut ahead = None;
        let mut drops = Vec::new();
        for shard in ticks.iter().map(|tick| plan.shard_at(*tick)) {
            let is_served = |bits| shard_of(bits, plan.shards) == shard;
            let planned = ahead.as_ref().unwrap_or(&self.log).next_drop(now.day(), slot, is_served);
            // What does not fit waits for its next tick: as many drops go as there are ticks, whatever they hold.
            let sealed = planned.map_or(Ok(None), |planned| self.seal(&planned, bundle))?;
            let drop = if let Some((drop, event)) = sealed {
                ahead.get_or_insert_with(|| self.log.clone()).apply(&event);
                drop
            } else {
                Drop::dummy(&mut self.rng)
            };
            drops.push((shard, drop));
        }
        Ok(drops)
    }

    /// All drops that wait and fit, at once, whatever their shards.
    fn flushed_drops(
        &mut self,
        now: UnixSeconds,
        bundle: &mut Bundle,
    ) -> Result<Vec<(u32, Drop)>, DeskError> {
        let flushed = self.event(EventBody::Flushed);
        bundle.offer(flushed);
        let Some(plan) = self.plan_on(now.day()) else { return Ok(Vec::new()) };
        let slot = self.device()?.posting_slot;
        bundle.reserved = LISTED_LEN;
        let mut ahead = self.log.clone();
        let mut drops = Vec::new();
        while drops.len() < DROPS_MAX {
            bundle.reserved += POSTED_LEN;
            let Some(planned) = ahead.next_drop(now.day(), slot, |_| true) else { break };
            let Some((drop, event)) = self.seal(&planned, bundle)? else { break };
            ahead.apply(&event);
            drops.push((shard_of(planned.shard_bits(), plan.shards), drop));
        }
        Ok(drops)
    }

    /// Signatures of lists that can grow no more, those that are next. How many, and when, follows from plan and day alone.
    fn sign_lists(&mut self, today: Day, bundle: &mut Bundle) -> Vec<SignedList> {
        let (duty_key, desk) = (PrivateKey::from_seed(&self.keys.duty_key), self.fingerprint);
        let public = duty_key.public();
        // Hub and callers check with the key that the notice names.
        let Some(current) = self.notice.as_ref().filter(|current| current.duty_key == public) else {
            return Vec::new();
        };
        let first_listed = today.minus(current.notice.days.saturating_sub(1));
        let sign = |list: ListDigest| SignedList {
            day: list.day,
            shard: list.shard,
            signature: list.sign(&desk, &duty_key),
        };
        let unsigned = self.log.lists().to_sign(first_listed, &current.notice.plan, &public);
        let signed: Vec<SignedList> = unsigned.take(SIGNATURES_MAX).map(sign).collect();
        if !signed.is_empty() {
            let lists = signed.iter().map(|list| (list.day, list.shard)).collect();
            let event = self.event(EventBody::DaysSigned { duty_key: public, lists });
            bundle.offer(event);
        }
        signed
    }

    /// What the published notice plans for a day. Before the first notice there is no list to post to.
    pub(crate) fn plan_on(&self, day: Day) -> Option<PlanEntry> {
        self.notice.as_ref().and_then(|current| current.notice.plan.on(day)).copied()
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

/// The ticks of today after `last` that have begun, by the seconds in which they began. A beat makes up for those since the
/// beat before it and not for what was missed while nobody was on duty, so that its size tells nothing else.
fn ticks_due(plan: &PlanEntry, last: Option<u64>, now: UnixSeconds, beat_s: u32) -> Vec<u64> {
    let period = u64::from(plan.drop_period_s.max(1));
    let most = (u64::from(beat_s) / period + 1).min(DROPS_MAX as u64);
    let newest = plan.tick(now);
    let is_due = |tick: &u64| *tick >= now.day().start().0 && last.is_none_or(|last| *tick > last);
    let mut ticks: Vec<u64> =
        (0..most).filter_map(|n| newest.checked_sub(n * period)).filter(is_due).collect();
    ticks.reverse();
    ticks
}

/// Notices first, for calls cannot be opened without them; then what operators did, so that a flood of calls holds no
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
        (EventBody::NoticePublished { .. }, _) => 0,
        (_, Some(caller)) if !calling.contains(caller) => 1,
        _ => 2,
    });
    pending
}

#[cfg(test)]
mod tests {
    use super::*;
    use callsign_protocol::encoding::Bytes;

    const DAY: Day = Day(20_000);

    fn due(period: u32, last: Option<u64>, second: u64) -> Vec<u64> {
        let plan = PlanEntry { from: Day(0), shards: 4, drop_period_s: period };
        let start = DAY.start().0;
        let last = last.map(|second| start + second);
        let ticks = ticks_due(&plan, last, UnixSeconds(start + second), 30);
        ticks.into_iter().map(|tick| tick - start).collect()
    }

    #[test]
    fn as_many_drops_as_a_commit_carries_can_always_be_listed() {
        let listed = |n: usize| Event {
            id: Bytes([255; 16]),
            body: EventBody::Listed { day: Day(u32::MAX), posted: vec![(255, Bytes([255; 32])); n] },
        };
        let len = |n: usize| serde_json::to_vec(&listed(n)).unwrap().len() + 1;
        assert!(len(0) <= LISTED_LEN && (0..=DROPS_MAX).all(|n| len(n) <= LISTED_LEN + n * POSTED_LEN));
        let lists = vec![(Day(u32::MAX), 255); SIGNATURES_MAX];
        let signed = EventBody::DaysSigned { duty_key: Bytes([255; 32]), lists };
        let ticked = EventBody::Ticked { tick: u64::MAX };
        let mut bundle = Bundle::new();
        for body in [signed, ticked] {
            assert!(bundle.offer(Event { id: Bytes([255; 16]), body }));
        }
        bundle.reserved = PENDING_ROOM;
        assert!(bundle.offer(listed(DROPS_MAX)));
    }

    #[test]
    fn a_beat_serves_each_tick_since_the_beat_before() {
        assert_eq!(due(300, None, 1_000), [900]);
        assert_eq!(due(300, Some(600), 1_000), [900]);
        assert_eq!(due(300, Some(900), 1_199), [0; 0]);
        assert_eq!(due(10, Some(970), 1_004), [980, 990, 1_000]);
        assert_eq!(due(30, Some(960), 1_000), [990]);
    }

    #[test]
    fn what_was_missed_while_nobody_was_on_duty_is_not_made_up() {
        assert_eq!(due(300, Some(0), 10_000), [9_900]);
        assert_eq!(due(10, None, 1_000), [970, 980, 990, 1_000]);
        assert_eq!(due(10, Some(100), 1_000), [970, 980, 990, 1_000]);
        // 64 drops are what a commit carries.
        let plan = PlanEntry { from: Day(0), shards: 256, drop_period_s: 1 };
        assert_eq!(ticks_due(&plan, None, UnixSeconds(DAY.start().0 + 5_000), 300).len(), 64);
    }

    #[test]
    fn ticks_of_the_day_before_are_never_posted_to_the_day_after() {
        assert_eq!(due(10, None, 15), [0, 10]);
        let start = DAY.start().0;
        let plan = PlanEntry { from: Day(0), shards: 1, drop_period_s: 7 };
        let ticks = ticks_due(&plan, None, UnixSeconds(start + 3), 30);
        assert!(ticks.iter().all(|tick| *tick >= start), "{ticks:?}");
    }
}
