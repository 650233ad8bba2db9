//! What of all cases is looked at together, kept in order with each change: who waits, who was answered, what is due, what is
//! to be posted. A page of it costs as much at a hundred thousand cases as at ten.

use callsign_protocol::{
    caller_keys::CallerId,
    time::{Day, UnixSeconds},
};
use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};

use super::{Case, Cases, EventId, FollowUp};

/// A case's place among those that wait: since when, when it was last heard, and its caller.
type Waits = (UnixSeconds, Option<UnixSeconds>, CallerId);
/// A place in the order in which acts came, and a caller.
type Turn = (u64, CallerId);

/// The sets. All of it is made from the cases, so no snapshot has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Queues {
    /// The day for which it is so: an answer that can be posted no more leaves its caller waiting.
    today: Day,
    /// What the sets hold of each case, to be taken out again.
    held: RedBlackTreeMapSync<CallerId, Held>,
    waiting: RedBlackTreeSetSync<Waits>,
    /// Those who do not wait, the last to write first.
    answered: RedBlackTreeSetSync<(std::cmp::Reverse<Option<UnixSeconds>>, CallerId)>,
    due: RedBlackTreeSetSync<((Day, u8), CallerId, EventId)>,
    /// Callers with a part of an answer that is not posted, by the turn of the first.
    pub(super) to_answer: RedBlackTreeSetSync<Turn>,
    /// Callers who are to be told that something was opened, by the turn of the first.
    pub(super) to_tell: RedBlackTreeSetSync<Turn>,
    tracks: RedBlackTreeMapSync<String, Track>,
    messages: usize,
}

/// What the sets hold of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    waiting: Option<UnixSeconds>,
    heard: Option<UnixSeconds>,
    due: Vec<((Day, u8), EventId)>,
    to_answer: Option<u64>,
    to_tell: Option<u64>,
    track: String,
    messages: usize,
}

/// The cases of one track.
#[derive(Clone, Debug, Default)]
struct Track {
    cases: usize,
    waiting: RedBlackTreeSetSync<Waits>,
}

/// One track at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackCount<'a> {
    /// As callers named it; empty where they named none.
    pub track: &'a str,
    /// Its cases.
    pub cases: usize,
    /// Those of them that wait.
    pub waiting: usize,
    /// Since when the first of them waits.
    pub since: Option<UnixSeconds>,
}

impl Held {
    fn of(case: &Case, today: Day) -> Self {
        Self {
            waiting: case.waiting_since(today),
            heard: case.last_heard(),
            due: case.follow_ups().iter().map(|one| (one.at(), one.id)).collect(),
            to_answer: case.first_unposted(),
            to_tell: case.untold.first().map(|(order, _)| *order),
            track: case.track.clone(),
            messages: case.calls().count(),
        }
    }
}

impl Queues {
    /// Takes in how a case is now; nothing where it is no more.
    pub(super) fn put(&mut self, caller: CallerId, case: Option<&Case>) {
        let now = case.map(|case| Held::of(case, self.today));
        if self.held.get(&caller) == now.as_ref() {
            return;
        }
        if let Some(before) = self.held.get(&caller).cloned() {
            self.take_out(caller, &before);
            self.held.remove_mut(&caller);
        }
        if let Some(now) = now {
            self.put_in(caller, &now);
            self.held.insert_mut(caller, now);
        }
    }

    fn put_in(&mut self, caller: CallerId, held: &Held) {
        let mut track = self.tracks.get(&held.track).cloned().unwrap_or_default();
        track.cases += 1;
        if let Some(since) = held.waiting {
            self.waiting.insert_mut((since, held.heard, caller));
            track.waiting.insert_mut((since, held.heard, caller));
        } else {
            self.answered.insert_mut((std::cmp::Reverse(held.heard), caller));
        }
        self.tracks.insert_mut(held.track.clone(), track);
        for (at, id) in &held.due {
            self.due.insert_mut((*at, caller, *id));
        }
        if let Some(order) = held.to_answer {
            self.to_answer.insert_mut((order, caller));
        }
        if let Some(order) = held.to_tell {
            self.to_tell.insert_mut((order, caller));
        }
        self.messages += held.messages;
    }

    fn take_out(&mut self, caller: CallerId, held: &Held) {
        let mut track = self.tracks.get(&held.track).cloned().unwrap_or_default();
        track.cases = track.cases.saturating_sub(1);
        if let Some(since) = held.waiting {
            self.waiting.remove_mut(&(since, held.heard, caller));
            track.waiting.remove_mut(&(since, held.heard, caller));
        } else {
            self.answered.remove_mut(&(std::cmp::Reverse(held.heard), caller));
        }
        if track.cases == 0 {
            self.tracks.remove_mut(&held.track);
        } else {
            self.tracks.insert_mut(held.track.clone(), track);
        }
        for (at, id) in &held.due {
            self.due.remove_mut(&(*at, caller, *id));
        }
        if let Some(order) = held.to_answer {
            self.to_answer.remove_mut(&(order, caller));
        }
        if let Some(order) = held.to_tell {
            self.to_tell.remove_mut(&(order, caller));
        }
        self.messages = self.messages.saturating_sub(held.messages);
    }
}

impl Cases {
    /// Brings the queues to a day: whom the desk can answer changes with it, and so who waits.
    pub fn turn_to(&mut self, today: Day) {
        if self.queues.today == today {
            return;
        }
        self.queues.today = today;
        // Only an answer that is not posted can be lost.
        let unposted: Vec<CallerId> = self.queues.to_answer.iter().map(|(_, caller)| *caller).collect();
        for caller in unposted {
            self.requeue(&caller);
        }
    }

    /// How many cases wait.
    pub fn waiting_count(&self) -> usize {
        self.queues.waiting.size()
    }

    /// Cases that wait, the longest-waiting first.
    pub fn waiting(&self) -> impl Iterator<Item = (UnixSeconds, Option<UnixSeconds>, CallerId)> {
        self.queues.waiting.iter().copied()
    }

    /// Cases of one track that wait, the longest-waiting first.
    pub fn waiting_on(
        &self,
        track: &str,
    ) -> impl Iterator<Item = (UnixSeconds, Option<UnixSeconds>, CallerId)> {
        self.queues.tracks.get(track).into_iter().flat_map(|track| track.waiting.iter().copied())
    }

    /// How many cases were answered.
    pub fn answered_count(&self) -> usize {
        self.queues.answered.size()
    }

    /// Cases that do not wait, the last to write first.
    pub fn answered(&self) -> impl Iterator<Item = (Option<UnixSeconds>, CallerId)> {
        self.queues.answered.iter().map(|(heard, caller)| (heard.0, *caller))
    }

    /// The tracks that callers named, and how many wait on each.
    pub fn tracks(&self) -> impl Iterator<Item = TrackCount<'_>> {
        self.queues.tracks.iter().map(|(name, track)| TrackCount {
            track: name,
            cases: track.cases,
            waiting: track.waiting.size(),
            since: track.waiting.first().map(|(since, ..)| *since),
        })
    }

    /// Messages of all callers.
    pub fn message_count(&self) -> usize {
        self.queues.messages
    }

    /// All follow-ups with their cases, the soonest first.
    pub fn due(&self) -> impl Iterator<Item = (&Case, &FollowUp)> {
        self.queues.due.iter().filter_map(|(_, caller, id)| {
            let case = self.get(caller)?;
            Some((case, case.follow_ups().iter().find(|one| one.id == *id)?))
        })
    }

    /// When follow-ups are due, and of whose cases, the soonest first.
    pub fn due_at(&self) -> impl Iterator<Item = ((Day, u8), CallerId)> {
        self.queues.due.iter().map(|(at, caller, _)| (*at, *caller))
    }

    /// How many follow-ups there are.
    pub fn due_count(&self) -> usize {
        self.queues.due.size()
    }

    /// Puts a case where it belongs now.
    pub(super) fn requeue(&mut self, caller: &CallerId) {
        let case = self.by_caller.get(caller).cloned();
        self.queues.put(*caller, case.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{
        Event,
        support::{DAY, any_event},
    };
    use callsign_protocol::encoding::Bytes;
    use proptest::prelude::*;

    proptest! {
        /// Whatever happened, the queues are what looking at every case would say.
        #[test]
        fn the_queues_say_what_all_cases_say(
            events in prop::collection::vec((0..7_u8, 0..4_u8, any::<u8>()), 0..60), days in 0..20_u32,
        ) {
            let mut cases = Cases::default();
            for (kind, caller, n) in events {
                cases.see(&any_event(kind, caller, n));
                if n % 5 == 0 && let Some(planned) = cases.next_drop(DAY, 0, |_| true) {
                    cases.see(&Event { id: Bytes([n ^ 0xe0; 16]), body: planned.event() });
                }
            }
            let today = DAY.plus(days);
            cases.turn_to(today);
            if days % 3 == 0 {
                cases.forget_before(today, today);
            }
            let waiting: Vec<_> = cases.waiting().map(|(.., caller)| caller).collect();
            let slow = cases.by_waiting(today);
            let waits = |case: &&&Case| case.waiting_since(today).is_some();
            let mut expected: Vec<_> =
                slow.iter().filter(waits).map(|case| (case.waiting_since(today), case.last_heard(), case.id())).collect();
            expected.sort();
            prop_assert_eq!(&waiting, &expected.iter().map(|(.., id)| *id).collect::<Vec<_>>());
            prop_assert_eq!((cases.waiting_count(), cases.answered_count()), (waiting.len(), slow.len() - waiting.len()));
            prop_assert_eq!(cases.message_count(), slow.iter().map(|case| case.calls().count()).sum::<usize>());
            let mut tracks: Vec<_> = slow.iter().map(|case| case.track.as_str()).collect();
            tracks.sort_unstable();
            tracks.dedup();
            prop_assert_eq!(cases.tracks().map(|count| count.track).collect::<Vec<_>>(), tracks);
            for count in cases.tracks() {
                let on = || slow.iter().filter(|case| case.track == count.track);
                prop_assert_eq!((count.cases, count.waiting), (on().count(), on().filter(waits).count()));
                prop_assert_eq!(count.since, on().filter_map(|case| case.waiting_since(today)).min());
                prop_assert_eq!(cases.waiting_on(count.track).count(), count.waiting);
            }
            prop_assert_eq!(cases.due().count(), slow.iter().map(|case| case.follow_ups().len()).sum::<usize>());
            prop_assert!(cases.due().map(|(_, one)| one.at()).is_sorted());
            let firsts = slow.iter().filter_map(|case| Some((case.first_unposted()?, case.id()))).min();
            prop_assert_eq!(cases.queues.to_answer.first().copied(), firsts);
        }
    }
}
