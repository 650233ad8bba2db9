//! The desk's state: a pure fold of the log's events. Same log, same state, on every device.

mod act;
mod answers;
mod applied;
mod audit;
mod cadence;
mod calls;
mod checklists;
mod claims;
mod closing;
mod conversation;
mod delivery;
mod devices;
mod erasure;
mod escalation;
mod event;
mod flags;
mod flood;
mod follow_ups;
mod generations;
mod handover;
mod head;
mod identity;
mod lists;
mod notes;
mod notices;
mod people;
mod presence;
mod queues;
mod safe_windows;
mod second_reader;
mod settings;
mod shelf;
mod snapshot;
mod transfer;
mod turns;
mod urgency;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
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
use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use act::VoidActs;
pub use act::{Act, EntryRead, FOLD_VERSION, Origin, Outcome, Refusal, VoidAct};
pub use answers::{AnswerQueued, AnswerReleased, AnswerWithdrawn};
use applied::Applied;
use audit::Audit;
pub(crate) use audit::AuditDay;
pub use audit::{AUDIT_DAYS, AUDIT_DAYS_RANGE, AUDIT_LINES_MAX, ActKind, AuditLine, Tag};
pub use cadence::{Flushed, Ticked};
pub use calls::{MessageReceived, OPENED_MAX, Opened};
pub use checklists::{LIST_KEYWORD_MAX, ListDone, Revision, STEPS_MAX, StepBy, StepDone, is_keyword};
use claims::Beats;
pub use claims::{Claim, ClaimReleased, ClaimState, Claimed, REASON_MAX};
pub use closing::{CaseClosed, CaseReopened, Closed, ClosedWhy};
pub use conversation::{Answer, AnswerText, Call, Case, Heard, Item, Keeps, Reach};
pub use delivery::{DropPosted, PlannedDrop};
use devices::SaidOfDevice;
pub use devices::{DeviceAdmitted, DeviceRemoved, KeyringBefore};
pub use erasure::CaseErased;
use erasure::Used;
pub use escalation::{Escalated, LADDER_MINUTES, LADDER_RANGE, LeftWaiting, STEPS, is_ladder};
pub use event::{Event, EventBody, EventId};
pub use flags::{FLAG_DAYS, FLAG_DAYS_MAX, Flag, FlagLifted, Flagged};
use flood::Siftings;
pub use flood::{ARRIVED_MAX_S, FLOOD_WAITING, SIFTED_MAX, Sifted, Sifting, Unsifted, Verdict};
pub(crate) use flood::{SIFTED_NOUN, UNSIFTED_NOUN};
pub use follow_ups::{
    FOLLOW_UP_DAYS_MAX, FOLLOW_UP_TEXT_MAX, FOLLOW_UPS_MAX, FollowUp, FollowUpDone, FollowUpSet,
};
pub use generations::{GenerationBegun, SnapshotWhole, WrappingKeyAnnounced};
use handover::Sheets;
pub use handover::{HANDOVER_NOTE_MAX, HandoverTaken, LEFT_MAX, Sheet, ShiftEnded};
pub(crate) use head::Head;
pub use lists::{DaysSigned, Listed, Lists, ListsTaken, TAKEN_MAX};
pub use notes::{
    NOTE_PART_MAX, NOTE_PARTS_MAX, NOTES_MAX, Note, NoteKind, NoteStruck, NoteWritten, note_parts,
};
pub use notices::{NoticePublished, SuccessorAnnounced};
use people::People;
pub use people::{
    DeviceGiven, Full, PEOPLE_EVER_MAX, PEOPLE_MAX, PSEUDONYM_MAX, Person, PersonAdded, PersonId, PersonLeft,
    Role, RoleSet, is_idle_trainee, is_pseudonym,
};
use presence::Marks;
pub use presence::{Doing, PRESENCE_BEATS, PresenceSaid};
use queues::Queues;
pub use queues::{Glance, TrackCount, Waiting};
pub use safe_windows::{SafeWindow, SafeWindowSet};
pub use second_reader::{
    AnswerApproved, AnswerRefused, READER_TEXT_MAX, Reading, SecondReader, is_readers_text,
};
pub use settings::{CUSTODIANS_DAYS, LISTED_DAYS, PLANNED_DAYS, SETTINGS_MAX, SettingsSet};
pub use shelf::Unread;
use shelf::{Lies, Slot};
pub(crate) use shelf::{Row, Shelf};
pub use snapshot::SnapshotError;
pub(crate) use snapshot::{RecordReader, StateReader};
pub use transfer::{
    TRANSFER_BEATS, TRANSFER_TEXT_MAX, TransferAnswered, TransferAsked, TransferOffer, TransferOffered,
    TransferSaid, TransferTo, TransferWithdrawn, is_transfer_text,
};

use turns::Turns;
pub use turns::{NotReady, PASSES_MAX, Passed, Ready};
pub use urgency::{Level, UrgencySet};

use crate::DeskError;

/// All cases, and what else the log says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cases {
    /// Records of their own in a snapshot.
    #[serde(skip)]
    by_caller: OrdMap<CallerId, Arc<Slot>>,
    #[serde(skip)]
    queues: Box<Queues>,
    /// Where the cases lie that are not in memory; none where all are.
    #[serde(skip)]
    shelf: Option<Arc<dyn Shelf>>,
    /// Callers whose cases are in memory.
    #[serde(skip)]
    in_memory: BTreeSet<CallerId>,
    /// Rows of cases that are no more.
    #[serde(skip)]
    freed: BTreeSet<i64>,
    /// Of erased cases, while drops of theirs are listed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    erased: BTreeMap<CallerId, Used>,
    /// Events that are part of the state. Records of their own in a snapshot.
    #[serde(skip)]
    applied: Applied,
    /// What people did. Records of their own in a snapshot.
    #[serde(skip)]
    audit: Audit,
    /// The day on which each generation began, the first left out.
    generations: BTreeMap<u32, Day>,
    /// Each device's wrapping key for the generation to come, with the day on which it was said.
    next_keys: BTreeMap<DeviceId, (u32, WrappingKey, Day)>,
    /// Who was let in or shut out, in this generation and the two before.
    said_of_devices: BTreeMap<DeviceId, SaidOfDevice>,
    /// What claims lapse by.
    beats: Box<Beats>,
    /// Whose turn it is.
    turns: Box<Turns>,
    /// What shifts have left.
    sheets: Sheets,
    /// What people say that they are doing; in no snapshot.
    #[serde(skip)]
    marks: Marks,
    /// What was said of many cases at once.
    #[serde(default)]
    siftings: Siftings,
    /// Who is at the desk, and whose each device is.
    people: People,
    /// The generation of the newest restart: what was said of devices before it shuts nobody out.
    #[serde(default)]
    restarted: u32,
    notice_hashes: BTreeMap<Day, Vec<Bytes<32>>>,
    /// Which identity comes after the desk's, as it was announced last; not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    successor: Option<Successor>,
    /// What notices are made of.
    settings: Box<SettingsSet>,
    /// Whether a notice was ever published.
    is_published: bool,
    /// The ticks that were posted for last, in the order of the log.
    ticks: VecDeque<u64>,
    lists: Box<Lists>,
    /// The time of the log.
    time: UnixSeconds,
    /// The version of the fold in force; 0 before the first entry.
    fold: u32,
    /// The newest version of the fold that each device's program knows, and the generation in which it said so.
    programs: BTreeMap<DeviceId, (u32, u32)>,
    /// Devices whose newest entry says that they have the identity, with the day of that entry's commit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    identity_at: BTreeMap<DeviceId, Day>,
    void: VoidActs,
    /// Counts events, so that what was queued first is posted first.
    order: u64,
}

/// Cases that a day forgets something of in one go, at most: some ten milliseconds, in which a page waits.
const FORGET_AT_ONCE: usize = 32;

impl Cases {
    /// Whether a part of a call is part of the state, also where its event is so old that its id is forgotten.
    ///
    /// # Errors
    /// [`Unread`]
    pub fn has_part(&self, part: &CallPart) -> Result<bool, Unread> {
        let has = |call: &Call| call.id == part.id && call.has_part(part.part);
        Ok(self.get(&part.caller_id())?.is_some_and(|case| case.calls().any(has)))
    }

    /// Destroys what no period keeps: drop secrets whose week's answers have expired, notices of past
    /// epochs, lists that are listed no more. Whether cases are left that something has to be destroyed of.
    ///
    /// # Errors
    /// [`Unread`]; what is left is for the next time.
    pub fn forget_before(&mut self, first_listed: Day, first_epoch: Day) -> Result<bool, Unread> {
        self.erased.retain(|_, used| used.forget_before(first_listed));
        self.notice_hashes.retain(|epoch, _| *epoch >= first_epoch);
        self.lists.forget_before(first_listed);
        let due = self.queues.forgets.iter().take_while(|(day, _)| *day <= first_listed);
        let callers: Vec<CallerId> = due.map(|(_, caller)| *caller).take(FORGET_AT_ONCE).collect();
        callers.iter().try_for_each(|caller| {
            self.load(caller)?;
            self.with(caller, |case| case.forget_before(first_listed));
            Ok::<_, Unread>(())
        })?;
        Ok(callers.len() == FORGET_AT_ONCE)
    }

    /// The shard bits of all callers with whom a person has spoken since `time`.
    pub fn spoken_with_since(&self, time: UnixSeconds) -> Vec<u16> {
        let heads = self.by_caller.values().map(|slot| &slot.head);
        heads.filter(|head| head.spoken.time() >= Some(time)).map(|head| head.shard_bits).collect()
    }

    /// Whether a person has ever opened or answered what this caller wrote.
    pub fn is_attended(&self, caller: &CallerId) -> bool {
        self.by_caller.get(caller).is_some_and(|slot| slot.head.spoken.time().is_some())
    }

    /// The lists of drops.
    pub fn lists(&self) -> &Lists {
        &self.lists
    }

    /// All cases; those that wait first, the most urgent on top and of one level the longest-waiting.
    ///
    /// # Errors
    /// [`Unread`]
    pub fn by_waiting(&self, today: Day) -> Result<Vec<Arc<Case>>, Unread> {
        let mut cases = self.all().collect::<Result<Vec<_>, _>>()?;
        cases.sort_by_cached_key(|case| {
            let since = case.waiting_since(today);
            let is_set_aside = since.is_some() && case.has_flag(Flag::Junk);
            let is_silent = is_set_aside && !case.wrote_since_set_aside();
            (since.is_none(), is_set_aside, is_silent, since.map(|_| case.level()), since, case.last_heard())
        });
        Ok(cases)
    }

    /// All callers who have a case.
    pub fn callers(&self) -> impl Iterator<Item = CallerId> {
        self.by_caller.keys().copied()
    }

    /// Whether a caller has a case.
    pub fn has(&self, caller: &CallerId) -> bool {
        self.by_caller.contains_key(caller)
    }

    /// The one caller that an operator means.
    ///
    /// # Errors
    /// [`DeskError::CallSign`], [`DeskError::NoSuchCall`], [`DeskError::Ambiguous`]
    pub fn find(&self, call_sign: &str) -> Result<CallerId, DeskError> {
        let query = CallSignQuery::parse(call_sign)?;
        let near = query.ranges().flat_map(|range| self.by_caller.range(range));
        let meant: BTreeSet<CallerId> =
            near.map(|(caller, _)| *caller).filter(|caller| query.matches(caller)).collect();
        let meant: Vec<CallerId> = meant.into_iter().collect();
        match meant[..] {
            [] => Err(DeskError::NoSuchCall),
            [caller] => Ok(caller),
            _ => Err(DeskError::Ambiguous(
                meant.iter().map(|caller| CallSign::marked(caller, Language::English)).collect(),
            )),
        }
    }

    /// How a caller is named in a language: the call sign, with a mark where another case shares it.
    pub fn name(&self, caller: &CallerId, language: Language) -> String {
        let sign = CallSign::of(caller);
        let mut sharing = self.by_caller.range(sign.identifiers()).filter(|(of, _)| CallSign::of(of) == sign);
        let is_shared = sharing.nth(1).is_some();
        if is_shared { CallSign::marked(caller, language) } else { sign.spoken(language) }
    }

    /// The same name in the caller's language, where that is not English.
    pub fn callers_name(&self, case: &Case) -> Option<(String, Language)> {
        let language = Language::of_tag(&case.language);
        (language != Language::English).then(|| (self.name(&case.id(), language), language))
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
        self.put_case(id, Arc::new(case), None);
    }

    /// Erases a case that is in memory.
    fn erase(&mut self, caller: &CallerId) {
        let used = self.loaded(caller).and_then(|case| case.used());
        self.take_case_out(caller);
        self.forget_void_of(caller);
        self.turns.forget(caller);
        self.sheets.forget(caller);
        self.marks.forget(caller);
        if let Some(used) = used {
            self.erased.insert(*caller, used);
        }
    }

    /// Changes a case that is in memory. What the log and the pages share is copied then, this case alone.
    fn with(&mut self, caller: &CallerId, change: impl FnOnce(&mut Case)) {
        let Some(slot) = self.by_caller.get(caller) else { return };
        let (mut case, number) = match slot.lies.clone() {
            Lies::Memory(case, number) => (case, number),
            Lies::Both(case, row) => (case, Some(row.number)),
            // Who changes a case has loaded it.
            Lies::Row(_) => return,
        };
        change(Arc::make_mut(&mut case));
        self.put_case(*caller, case, number);
    }
}

#[cfg(test)]
mod pairs;
#[cfg(test)]
pub(crate) mod support;
#[cfg(test)]
mod tests;
