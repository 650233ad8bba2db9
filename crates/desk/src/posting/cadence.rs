//! The drops of a beat and of a flush, and signatures of finished lists: how many, and when, follows from the plan alone.

use callsign_protocol::{
    caller_keys::{CallerId, x25519_public},
    commit::{DROPS_MAX, HEADS_MAX, SIGNATURES_MAX},
    digest::{DropHash, ListDigest, SignedHead, SignedList, Stage},
    drop::Drop,
    encoding::Bytes,
    identity::{PrivateKey, PublicKey},
    plan::{PlanEntry, shard_of},
    time::{Day, UnixSeconds},
};

use crate::{
    DeskError,
    cases::{Act, Cases, DaysSigned, Event, EventBody, Flushed, LISTED_DAYS, PlannedDrop, Ticked, Unread},
    device::DeviceState,
    log::bundle::{Bundle, LISTED_LEN, POSTED_LEN},
};

/// Seconds that a tick of another device may be ahead of this clock: one that is more is not followed, or one wrong clock
/// would stop the cadence of all.
pub(crate) const AHEAD_S: u64 = 120;

/// Beats after a notice was made that carry the heads of lists which they do not post to: so many that the most shards have
/// their turn, and that one is at the hub behind the notice.
const BEATS_OF_ALL_HEADS: u64 = 4;

/// The drop of a tick, kept until it is posted or the tick has passed.
#[derive(Clone)]
pub(crate) struct Offered {
    tick: u64,
    drop: Drop,
    /// What it holds, and the event that goes with it; none for a dummy.
    posts: Option<(PlannedDrop, Event)>,
}

impl Offered {
    fn holds(&self, tick: u64, log: &Cases) -> Result<bool, Unread> {
        match &self.posts {
            Some((planned, _)) if self.tick == tick => log.still_waits(planned),
            _ => Ok(self.tick == tick),
        }
    }

    /// Whether it carries a part of an answer.
    pub(crate) fn carries(&self, answer: &Bytes<16>) -> bool {
        self.posts.as_ref().is_some_and(|(planned, _)| planned.carries(answer))
    }
}

impl DeviceState {
    /// One drop for each tick that has begun and that no device has posted for.
    pub(crate) fn cadence_drops(
        &mut self,
        now: UnixSeconds,
        bundle: &mut Bundle,
    ) -> Result<Vec<(u32, Drop)>, DeskError> {
        let before = self.posting.offered.clone();
        // What may have left this device already is offered again, whatever stops this.
        self.serve_ticks(now, bundle).inspect_err(|_| self.posting.offered = before)
    }

    fn serve_ticks(&mut self, now: UnixSeconds, bundle: &mut Bundle) -> Result<Vec<(u32, Drop)>, DeskError> {
        let Some(plan) = self.plan_on(now.day()) else { return Ok(Vec::new()) };
        let last = self.log.fold.cases.last_tick(now.plus(AHEAD_S));
        let ticks = ticks_due(&plan, last, now, self.keys.vault.settings.beat_s);
        let Some(last) = ticks.last() else { return Ok(Vec::new()) };
        let ticked = self.event(EventBody::Ticked(Ticked { tick: *last }));
        bundle.offer(ticked);
        bundle.reserved = LISTED_LEN + ticks.len() * POSTED_LEN + bundle.room;
        // What was offered for a tick and refused is offered again: another drop would show which of both is real.
        let mut before = std::mem::take(&mut self.posting.offered);
        let (waiting, mut ahead) = (self.waiting(), None);
        let mut drops = Vec::new();
        for tick in ticks {
            let mut kept = None;
            for (at, offered) in before.iter().enumerate() {
                if offered.holds(tick, &self.log.fold.cases)? {
                    kept = Some(at);
                    break;
                }
            }
            let offered = match kept.map(|at| before.swap_remove(at)) {
                Some(kept) if kept.posts.as_ref().is_none_or(|(_, event)| bundle.offer(event.clone())) => {
                    kept
                }
                // What does not fit waits for its next tick: as many drops go as there are ticks, whatever they hold.
                _ => self.offer(tick, &plan, ahead.as_ref(), bundle)?,
            };
            if let Some((_, event)) = &offered.posts {
                ahead
                    .get_or_insert_with(|| self.log.fold.cases.clone())
                    .apply(&Act { origin: &waiting, event })?;
            }
            drops.push((plan.shard_at(tick), offered.drop));
            self.posting.offered.push(offered);
        }
        Ok(drops)
    }

    /// The drop for a tick. Its place is used up, for a second drop at the same address is no dummy.
    fn offer(
        &mut self,
        tick: u64,
        plan: &PlanEntry,
        ahead: Option<&Cases>,
        bundle: &mut Bundle,
    ) -> Result<Offered, DeskError> {
        let (day, slot) = (UnixSeconds(tick).day(), self.keys.device()?.posting_slot);
        let is_served = |caller: &CallerId, shard_bits: u16| {
            shard_of(shard_bits, plan.shards) == plan.shard_at(tick) && self.places_are_known(caller)
        };
        let planned = ahead.unwrap_or(&self.log.fold.cases).next_drop(day, slot, is_served)?;
        let may_be_taken = self.answer_key_is_published() && self.posting.refused_day != Some(day);
        if let Some(planned) = planned.filter(|_| may_be_taken)
            && let Some((drop, event)) = self.seal(&planned, bundle)?
        {
            self.log.fold.cases.use_place(&planned)?;
            return Ok(Offered { tick, drop, posts: Some((planned, event)) });
        }
        Ok(Offered { tick, drop: Drop::dummy(&mut self.rng), posts: None })
    }

    /// All drops that wait and fit, at once, whatever their shards.
    pub(crate) fn flushed_drops(
        &mut self,
        now: UnixSeconds,
        bundle: &mut Bundle,
    ) -> Result<Vec<(u32, Drop)>, DeskError> {
        let flushed = self.event(EventBody::Flushed(Flushed {}));
        bundle.offer(flushed);
        let Some(plan) = self.plan_on(now.day()) else { return Ok(Vec::new()) };
        let slot = self.keys.device()?.posting_slot;
        bundle.reserved = LISTED_LEN;
        let (waiting, mut ahead) = (self.waiting(), self.log.fold.cases.clone());
        let mut drops = Vec::new();
        while drops.len() < DROPS_MAX && self.answer_key_is_published() {
            bundle.reserved += POSTED_LEN;
            let planned = ahead.next_drop(now.day(), slot, |caller, _| self.places_are_known(caller))?;
            let Some(planned) = planned else { break };
            let Some((drop, event)) = self.seal(&planned, bundle)? else { break };
            ahead.apply(&Act { origin: &waiting, event: &event })?;
            drops.push((shard_of(planned.shard_bits(), plan.shards), drop));
        }
        Ok(drops)
    }

    /// Whether a flush would post anything.
    pub(crate) fn has_a_drop_waiting(&self, day: Day) -> Result<bool, DeskError> {
        let slot = self.keys.device()?.posting_slot;
        let next = || self.log.fold.cases.next_drop(day, slot, |caller, _| self.places_are_known(caller));
        Ok(self.answer_key_is_published() && next()?.is_some())
    }

    /// Whether the log says of all drops to a caller which places they have used.
    fn places_are_known(&self, caller: &CallerId) -> bool {
        !self.posting.unsettled.contains(caller)
    }

    /// Uses up the places of drops that were offered, in a state that does not know them.
    pub(crate) fn keep_offered(&mut self) -> Result<(), Unread> {
        let posts = self.posting.offered.iter().filter_map(|offered| offered.posts.as_ref());
        posts.map(|(planned, _)| planned).try_for_each(|planned| self.log.fold.cases.use_place(planned))
    }

    /// Signatures of lists that can grow no more, those that are next.
    pub(crate) fn sign_lists(&mut self, today: Day, bundle: &mut Bundle) -> Vec<SignedList> {
        let Some(duty_key) = self.published_duty_key() else { return Vec::new() };
        let Some(plan) = self.log.fold.cases.settings().plan.as_ref() else {
            return Vec::new();
        };
        let (public, desk) = (duty_key.public(), self.keys.fingerprint);
        let first_listed = today.minus(LISTED_DAYS - 1);
        let sign = |list: ListDigest| SignedList {
            day: list.day,
            shard: list.shard,
            minute: list.minute,
            signature: list.sign(Stage::Day, &desk, &duty_key),
        };
        let unsigned = self.log.fold.cases.lists().to_sign(first_listed, plan, &public, today);
        let signed: Vec<SignedList> = unsigned.take(SIGNATURES_MAX).map(sign).collect();
        if !signed.is_empty() {
            let lists = signed.iter().map(|list| (list.day, list.shard)).collect();
            let event = self.event(EventBody::DaysSigned(DaysSigned { duty_key: public, lists }));
            bundle.offer(event);
        }
        signed
    }

    /// The heads of the lists that these drops go to, as this commit makes them. In the first beats of a notice those of the
    /// day's other lists too: where it names a new duty key, the hub serves none that the key before has made.
    pub(crate) fn sign_heads(&self, now: UnixSeconds, posted: &[(u32, DropHash)]) -> Vec<SignedHead> {
        let Some(duty_key) = self.published_duty_key() else { return Vec::new() };
        let sign = |list: ListDigest| SignedHead {
            shard: list.shard,
            minute: list.minute,
            signature: list.sign(Stage::Head, &self.keys.fingerprint, &duty_key),
        };
        let lists = self.log.fold.cases.lists();
        let mut heads = lists.heads(now.day(), posted, now);
        let issued = self.keys.notice.as_ref().map_or(now, |current| current.notice.issued);
        let beat = now.since(issued) / u64::from(self.keys.vault.settings.beat_s.max(1));
        if beat < BEATS_OF_ALL_HEADS {
            let beside = lists.heads_beside(now.day(), posted);
            let (room, turns) = (HEADS_MAX - heads.len(), beside.len().div_ceil(HEADS_MAX).max(1));
            let turn = usize::try_from(beat).unwrap_or(0) % turns;
            heads.extend(beside.into_iter().skip(turn * HEADS_MAX).take(room));
        }
        heads.into_iter().map(sign).collect()
    }

    /// The duty key where the notice names it, for hub and callers check with that one.
    fn published_duty_key(&self) -> Option<PrivateKey> {
        let duty_key = PrivateKey::from_seed(&self.keys.desk.duty_key);
        let public = duty_key.public();
        let is_published = self.keys.notice.as_ref().is_some_and(|current| current.signer.duty_key == public);
        is_published.then_some(duty_key)
    }

    /// The duty key that hub and callers check with.
    pub(crate) fn published_key(&self) -> Option<PublicKey> {
        self.published_duty_key().map(|key| key.public())
    }

    /// Whether there are finished lists that the published duty key has not signed.
    pub(crate) fn has_lists_to_sign(&self, today: Day) -> bool {
        let cases = &self.log.fold.cases;
        let (Some(key), Some(plan)) = (self.published_key(), cases.settings().plan.as_ref()) else {
            return false;
        };
        cases.lists().to_sign(today.minus(LISTED_DAYS - 1), plan, &key, today).next().is_some()
    }

    /// Whether the notice in hand is signed with the duty key in use.
    pub(crate) fn has_published(&self) -> bool {
        self.published_duty_key().is_some()
    }

    /// What the log plans for a day. Before the first notice there is no list to post to.
    pub(crate) fn plan_on(&self, day: Day) -> Option<PlanEntry> {
        self.keys.notice.as_ref()?;
        self.log.fold.cases.settings().plan.as_ref()?.on(day).copied()
    }

    /// Answers under a key that no notice names yet would not be understood.
    fn answer_key_is_published(&self) -> bool {
        let published = self.keys.notice.as_ref().map(|current| current.notice.answer_key);
        published == Some(x25519_public(&self.keys.desk.answer_key))
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
        let drop = planned.seal(&self.keys.fingerprint, &self.keys.desk.answer_key, &mut self.rng)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Day = Day(20_000);

    fn due(period: u32, last: Option<u64>, second: u64) -> Vec<u64> {
        let plan = PlanEntry { from: Day(0), shards: 4, drop_period_s: period };
        let start = DAY.start().0;
        let last = last.map(|second| start + second);
        let ticks = ticks_due(&plan, last, UnixSeconds(start + second), 30);
        ticks.into_iter().map(|tick| tick - start).collect()
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
