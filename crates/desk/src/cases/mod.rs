//! The desk's state: a pure fold of the log's events. Same log, same state, on every device.

mod conversation;
mod delivery;
mod lists;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use callsign_protocol::{
    WrappingKey,
    call::CallPart,
    call_sign::{CallSign, CallSignQuery},
    caller_keys::CallerId,
    encoding::Bytes,
    event::{Event, EventBody, EventId},
    keyring::DeviceId,
    successor::Successor,
    time::{Day, UnixSeconds},
    words::Language,
};
use serde::{Deserialize, Serialize};

use conversation::Used;
pub use conversation::{Answer, AnswerText, Call, Case, Heard, Item, Reach};
pub use delivery::PlannedDrop;
pub use lists::Lists;
pub use snapshot::SnapshotError;
pub(crate) use snapshot::StateReader;

use crate::DeskError;

/// Days after the end of a generation for which its events' ids are remembered: longer than any cell opens.
const REPEAT_DAYS: u32 = 8;

/// Ticks that are remembered: those of several devices, of which one may be wrong.
const TICKS_MAX: usize = 64;

/// All cases, and what else the log says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cases {
    /// Records of their own in a snapshot.
    #[serde(skip)]
    by_caller: BTreeMap<CallerId, Case>,
    /// Of erased cases, while drops of theirs are listed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    erased: BTreeMap<CallerId, Used>,
    #[serde(skip)]
    signs: BTreeMap<CallSign, u32>,
    /// Events that are part of the state, by the generation in which they came. Records of their own in a snapshot.
    #[serde(skip)]
    applied: BTreeMap<u32, BTreeSet<EventId>>,
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
    /// Counts events, so that what was queued first is posted first.
    order: u64,
}

impl Cases {
    /// Takes in one event; a second one of the same id changes nothing. An event about a caller of whom nothing is known
    /// yet says nothing that could be shown: it counts when it comes again behind the call.
    pub fn apply(&mut self, event: &Event) {
        let continues_nothing =
            || event.body.caller().is_some_and(|caller| !self.by_caller.contains_key(caller));
        if self.has_applied(&event.id) || continues_nothing() {
            return;
        }
        self.applied.entry(self.generation()).or_default().insert(event.id);
        self.order += 1;
        match &event.body {
            EventBody::MessageReceived { call, received, doubted } => {
                let (id, order) = (call.caller_id(), self.order);
                let case = self.by_caller.entry(id).or_insert_with(|| {
                    let case = Case::new(call.caller, call.shard_bits);
                    *self.signs.entry(case.call_sign()).or_default() += 1;
                    match self.erased.remove(&id) {
                        Some(used) => case.after(used),
                        None => case,
                    }
                });
                case.message_received(call, *received, *doubted, order);
            }
            EventBody::Opened { caller, messages } => {
                let order = self.order;
                self.with(caller, |case| case.opened(messages, order));
            }
            EventBody::AnswerQueued { caller, answer, part, parts, text, queued } => {
                let order = self.order;
                let position = conversation::PartOf { answer: *answer, part: *part, parts: *parts };
                self.with(caller, |case| case.answer_queued(position, text, *queued, order));
            }
            EventBody::DropPosted { caller, place, number, answer, opened } => {
                self.with(caller, |case| case.drop_posted(*place, *number, *answer, opened));
            }
            EventBody::NoticePublished { hash, epochs, .. } => {
                for epoch in epochs {
                    self.notice_hashes.entry(*epoch).or_default().push(*hash);
                }
            }
            EventBody::SuccessorAnnounced { successor } => self.successor = Some(*successor),
            EventBody::Ticked { tick } => {
                self.ticks.push_back(*tick);
                let surplus = self.ticks.len().saturating_sub(TICKS_MAX);
                self.ticks.drain(..surplus);
            }
            EventBody::Listed { day, posted } => self.lists.listed(*day, posted),
            EventBody::DaysSigned { duty_key, lists } => self.lists.signed(*duty_key, lists),
            EventBody::CaseErased { caller } => self.erase(caller),
            EventBody::GenerationBegun { generation, day, .. } => {
                self.generations.insert(*generation, *day);
                self.forget_repeats();
            }
            EventBody::WrappingKey { device, generation, key } => {
                self.next_keys.insert(*device, (*generation, **key));
            }
            EventBody::Flushed | EventBody::Whole { .. } | EventBody::Unknown => {}
        }
    }

    /// Whether an event of this id is part of the state.
    pub fn has_applied(&self, id: &EventId) -> bool {
        self.applied.values().any(|ids| ids.contains(id))
    }

    /// Whether a part of a call is part of the state, also where its event is so old that its id is forgotten.
    pub fn has_part(&self, part: &CallPart) -> bool {
        let has = |call: &Call| call.id == part.id && call.has_part(part.part);
        self.by_caller.get(&part.caller_id()).is_some_and(|case| case.calls().any(has))
    }

    /// Destroys what no period keeps: drop secrets whose week's answers have expired, notices of past
    /// epochs, lists that are listed no more.
    pub fn forget_before(&mut self, first_listed: Day, first_epoch: Day) {
        for case in self.by_caller.values_mut() {
            case.forget_before(first_listed);
        }
        self.erased.retain(|_, used| used.forget_before(first_listed));
        self.notice_hashes.retain(|epoch, _| *epoch >= first_epoch);
        self.lists.forget_before(first_listed);
    }

    /// Hashes of all notices that carried the key of an epoch, newest first.
    pub fn notice_hashes(&self, epoch: Day) -> Vec<[u8; 32]> {
        self.notice_hashes
            .get(&epoch)
            .map_or_else(Vec::new, |hashes| hashes.iter().rev().map(|hash| hash.0).collect())
    }

    /// The generation in which the log stands, from 1.
    pub fn generation(&self) -> u32 {
        self.generations.last_key_value().map_or(1, |(generation, _)| *generation)
    }

    /// The wrapping key that a device has announced for a generation.
    pub fn wrapping_key(&self, device: &DeviceId, generation: u32) -> Option<&WrappingKey> {
        self.next_keys.get(device).filter(|(of, _)| *of == generation).map(|(_, key)| key)
    }

    /// The shard bits of all callers with whom a person has spoken since `time`.
    pub fn spoken_with_since(&self, time: UnixSeconds) -> Vec<u16> {
        let spoken = self.by_caller.values().filter(|case| case.was_spoken_with_since(time));
        spoken.map(|case| case.shard_bits).collect()
    }

    /// The successor that was announced last. Whoever uses it verifies it.
    pub fn successor(&self) -> Option<&Successor> {
        self.successor.as_ref()
    }

    /// The last tick of the cadence, until `latest`, that any device has posted for: the second in which it began.
    pub fn last_tick(&self, latest: UnixSeconds) -> Option<u64> {
        self.ticks.iter().copied().filter(|tick| *tick <= latest.0).max()
    }

    /// The lists of drops.
    pub fn lists(&self) -> &Lists {
        &self.lists
    }

    /// All cases; those that wait first, the longest-waiting on top.
    pub fn by_waiting(&self, today: Day) -> Vec<&Case> {
        let mut cases: Vec<&Case> = self.by_caller.values().collect();
        cases.sort_by_cached_key(|case| {
            let since = case.waiting_since(today);
            (since.is_none(), since, case.last_heard())
        });
        cases
    }

    /// All cases, in no order that means anything.
    pub fn all(&self) -> impl Iterator<Item = &Case> {
        self.by_caller.values()
    }

    /// All callers who have a case.
    pub fn callers(&self) -> impl Iterator<Item = CallerId> {
        self.by_caller.keys().copied()
    }

    /// The case of a caller.
    pub fn get(&self, id: &CallerId) -> Option<&Case> {
        self.by_caller.get(id)
    }

    /// The one case that an operator means.
    pub fn find(&self, call_sign: &str) -> Result<&Case, DeskError> {
        let query = CallSignQuery::parse(call_sign)?;
        let meant: Vec<&Case> = self.by_caller.values().filter(|case| query.matches(&case.id())).collect();
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

    fn erase(&mut self, caller: &CallerId) {
        let Some(case) = self.by_caller.remove(caller) else { return };
        if let Some(callers) = self.signs.get_mut(&case.call_sign()) {
            *callers -= 1;
        }
        if let Some(used) = case.used() {
            self.erased.insert(*caller, used);
        }
    }

    /// Events of a generation that ended so long ago that none of its cells opens any more cannot come again.
    fn forget_repeats(&mut self) {
        let Some((_, now)) = self.generations.last_key_value() else { return };
        let old = |ended: &Day| ended.plus(REPEAT_DAYS) < *now;
        let ended: Vec<_> = self.generations.iter().filter(|(_, day)| old(day)).map(|(g, _)| *g).collect();
        for next in ended {
            self.generations.remove(&next);
            self.applied = self.applied.split_off(&next);
        }
    }

    fn with(&mut self, caller: &CallerId, change: impl FnOnce(&mut Case)) {
        if let Some(case) = self.by_caller.get_mut(caller) {
            change(case);
        }
    }
}

#[cfg(test)]
mod tests;
