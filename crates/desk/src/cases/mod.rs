//! The desk's state: a pure fold of the log's events. Same log, same state, on every device.

mod act;
mod answers;
mod cadence;
mod calls;
mod conversation;
mod delivery;
mod erasure;
mod event;
mod follow_ups;
mod generations;
mod lists;
mod notices;
mod queues;
mod snapshot;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use callsign_protocol::{
    WrappingKey,
    call::CallPart,
    call_sign::{CallSign, CallSignQuery},
    caller_keys::CallerId,
    encoding::Bytes,
    keyring::DeviceId,
    successor::Successor,
    time::{Day, UnixSeconds},
    words::Language,
};
use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};
use serde::{Deserialize, Serialize};

use act::VoidActs;
pub use act::{Act, EntryRead, FOLD_VERSION, Origin, Outcome, Refusal, VoidAct};
pub use answers::AnswerQueued;
pub use cadence::{Flushed, Ticked};
pub use calls::{MessageReceived, OPENED_MAX, Opened};
pub use conversation::{Answer, AnswerText, Call, Case, Heard, Item, Reach};
pub use delivery::{DropPosted, PlannedDrop};
pub use erasure::CaseErased;
use erasure::Used;
pub use event::{Event, EventBody, EventId};
pub use follow_ups::{
    FOLLOW_UP_DAYS_MAX, FOLLOW_UP_TEXT_MAX, FOLLOW_UPS_MAX, FollowUp, FollowUpDone, FollowUpSet,
};
pub use generations::{GenerationBegun, SnapshotWhole, WrappingKeyAnnounced};
pub use lists::{DaysSigned, Listed, Lists};
pub use notices::{NoticePublished, SuccessorAnnounced};
use queues::Queues;
pub use queues::TrackCount;
pub use snapshot::SnapshotError;
pub(crate) use snapshot::StateReader;

use crate::DeskError;

/// All cases, and what else the log says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cases {
    /// Records of their own in a snapshot.
    #[serde(skip)]
    by_caller: RedBlackTreeMapSync<CallerId, Arc<Case>>,
    #[serde(skip)]
    queues: Queues,
    /// Of erased cases, while drops of theirs are listed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    erased: BTreeMap<CallerId, Used>,
    #[serde(skip)]
    signs: RedBlackTreeMapSync<CallSign, u32>,
    /// Events that are part of the state, by the generation in which they came. Records of their own in a snapshot.
    #[serde(skip)]
    applied: BTreeMap<u32, RedBlackTreeSetSync<EventId>>,
    /// The day on which each generation began, the first left out.
    generations: BTreeMap<u32, Day>,
    /// Each device's wrapping key for the generation to come.
    next_keys: BTreeMap<DeviceId, (u32, WrappingKey)>,
    notice_hashes: BTreeMap<Day, Vec<Bytes<32>>>,
    /// Which identity comes after the desk's, as it was announced last; not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    successor: Option<Successor>,
    /// The ticks that were posted for last, in the order of the log.
    ticks: VecDeque<u64>,
    lists: Lists,
    /// The time of the log.
    time: UnixSeconds,
    /// The version of the fold in force; 0 before the first entry.
    fold: u32,
    /// The newest version of the fold that each device's program knows, and the generation in which it said so.
    programs: BTreeMap<DeviceId, (u32, u32)>,
    void: VoidActs,
    /// Counts events, so that what was queued first is posted first.
    order: u64,
}

impl Cases {
    /// Whether a part of a call is part of the state, also where its event is so old that its id is forgotten.
    pub fn has_part(&self, part: &CallPart) -> bool {
        let has = |call: &Call| call.id == part.id && call.has_part(part.part);
        self.by_caller.get(&part.caller_id()).is_some_and(|case| case.calls().any(has))
    }

    /// Destroys what no period keeps: drop secrets whose week's answers have expired, notices of past
    /// epochs, lists that are listed no more.
    pub fn forget_before(&mut self, first_listed: Day, first_epoch: Day) {
        let outlived = self.by_caller.values().filter(|case| case.outlives_any(first_listed));
        for caller in outlived.map(|case| case.id()).collect::<Vec<_>>() {
            self.with(&caller, |case| case.forget_before(first_listed));
        }
        self.erased.retain(|_, used| used.forget_before(first_listed));
        self.notice_hashes.retain(|epoch, _| *epoch >= first_epoch);
        self.lists.forget_before(first_listed);
    }

    /// The shard bits of all callers with whom a person has spoken since `time`.
    pub fn spoken_with_since(&self, time: UnixSeconds) -> Vec<u16> {
        let spoken = self.all().filter(|case| case.was_spoken_with_since(time));
        spoken.map(|case| case.shard_bits).collect()
    }

    /// The lists of drops.
    pub fn lists(&self) -> &Lists {
        &self.lists
    }

    /// All cases; those that wait first, the longest-waiting on top.
    pub fn by_waiting(&self, today: Day) -> Vec<&Case> {
        let mut cases: Vec<&Case> = self.all().collect();
        cases.sort_by_cached_key(|case| {
            let since = case.waiting_since(today);
            (since.is_none(), since, case.last_heard())
        });
        cases
    }

    /// All cases, in no order that means anything.
    pub fn all(&self) -> impl Iterator<Item = &Case> {
        self.by_caller.values().map(|case| &**case)
    }

    /// All callers who have a case.
    pub fn callers(&self) -> impl Iterator<Item = CallerId> {
        self.by_caller.keys().copied()
    }

    /// The case of a caller.
    pub fn get(&self, id: &CallerId) -> Option<&Case> {
        self.by_caller.get(id).map(|case| &**case)
    }

    /// The same, to be read where nothing holds up others.
    pub(crate) fn shared(&self, id: &CallerId) -> Option<Arc<Case>> {
        self.by_caller.get(id).cloned()
    }

    /// The one case that an operator means.
    pub fn find(&self, call_sign: &str) -> Result<&Case, DeskError> {
        let query = CallSignQuery::parse(call_sign)?;
        let meant: Vec<&Case> = self.all().filter(|case| query.matches(&case.id())).collect();
        match meant[..] {
            [] => Err(DeskError::NoSuchCall),
            [case] => Ok(case),
            _ => Err(DeskError::Ambiguous(
                meant.iter().map(|case| CallSign::marked(&case.id(), Language::English)).collect(),
            )),
        }
    }

    /// How a case is named in a language: its call sign, with a mark where another case shares it.
    pub fn name(&self, case: &Case, language: Language) -> String {
        let sign = case.call_sign();
        let shared = self.signs.get(&sign).is_some_and(|callers| *callers > 1);
        if shared { CallSign::marked(&case.id(), language) } else { sign.spoken(language) }
    }

    /// The same name in the caller's language, where that is not English.
    pub fn callers_name(&self, case: &Case) -> Option<(String, Language)> {
        let language = Language::of_tag(&case.language);
        (language != Language::English).then(|| (self.name(case, language), language))
    }

    /// Begins the case of a part of a call, where there is none.
    fn begin(&mut self, call: &CallPart) {
        let id = call.caller_id();
        if self.by_caller.contains_key(&id) {
            return;
        }
        let case = Case::new(call.caller, call.shard_bits);
        let case = match self.erased.remove(&id) {
            Some(used) => case.after(used),
            None => case,
        };
        self.put(id, case);
    }

    /// Puts in a case that is new here; whether there was none.
    fn put(&mut self, caller: CallerId, case: Case) -> bool {
        let sign = case.call_sign();
        let callers = self.signs.get(&sign).copied().unwrap_or(0);
        self.signs.insert_mut(sign, callers + 1);
        let is_new = !self.by_caller.contains_key(&caller);
        self.by_caller.insert_mut(caller, Arc::new(case));
        self.requeue(&caller);
        is_new
    }

    fn erase(&mut self, caller: &CallerId) {
        let Some(case) = self.by_caller.get(caller).cloned() else { return };
        self.by_caller.remove_mut(caller);
        self.requeue(caller);
        let sign = case.call_sign();
        match self.signs.get(&sign).copied().unwrap_or(0) {
            0 | 1 => self.signs.remove_mut(&sign),
            more => {
                self.signs.insert_mut(sign, more - 1);
                true
            }
        };
        if let Some(used) = case.used() {
            self.erased.insert(*caller, used);
        }
    }

    /// Changes a case. What the log and the pages share is copied then, this case alone.
    fn with(&mut self, caller: &CallerId, change: impl FnOnce(&mut Case)) {
        if let Some(case) = self.by_caller.get_mut(caller) {
            change(Arc::make_mut(case));
            self.requeue(caller);
        }
    }
}

#[cfg(test)]
pub(crate) mod support;
#[cfg(test)]
mod tests;
