//! One caller's case: what they wrote, what was answered, and what of it they have been told.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use callsign_protocol::{
    call::PARTS_MAX,
    call_sign::CallSign,
    caller_keys::{CallerId, CallerPublicKey, DropSecret, caller_id},
    derive::sha256_id,
    encoding::Bytes,
    time::{Day, UnixSeconds, Week},
};

use super::{
    Claim, Closed, EventId, ListDone, Note, PersonId, SecondReader, Tag,
    escalation::Escalation,
    flags::{Flags, SetAside},
    follow_ups::FollowUp,
    safe_windows::SafeWindowOf,
    transfer::Transfer,
    urgency::Urgency,
};

/// A caller and the desk's conversation with them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Case {
    /// The caller's key.
    pub caller: CallerPublicKey,
    /// What the caller said the call is about; empty where they said nothing.
    pub track: String,
    /// The first bits choose the lists in which the caller looks for answers.
    pub shard_bits: u16,
    /// The caller's language (BCP 47).
    pub language: String,
    /// When it is safe for the caller to look, in their words.
    pub safe_times: Option<String>,
    /// Calls and answers, in the order of the log.
    pub items: Vec<Item>,
    #[serde(with = "super::snapshot::pairs")]
    pub(super) drop_secrets: BTreeMap<Week, DropSecret>,
    /// Messages that were opened and of which the caller has not been told, each with its place in the log's order.
    pub(super) untold: Vec<(u64, Bytes<16>)>,
    /// Messages that were opened and have not come in here yet.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) opened_ahead: BTreeSet<Bytes<16>>,
    /// Who has it; none where it is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) claim: Option<Claim>,
    /// The newest claim, or the newest answer of whoever had it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_touch: Option<EventId>,
    /// What was said of handing it over, which few cases have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) transfer: Option<Box<Transfer>>,
    /// What colleagues wrote of it, in the order of the log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<Note>,
    /// That nothing more is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) closed: Option<Closed>,
    /// How urgent somebody has said that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) urgency: Option<Urgency>,
    /// The step of waiting that it has taken last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) escalation: Option<Escalation>,
    /// What is said of the whole case, until a day.
    #[serde(default, skip_serializing_if = "Flags::is_empty")]
    pub(super) flags: Flags,
    /// How it came to be set aside as junk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) set_aside: Option<SetAside>,
    /// When it is safe for the caller to look, as a person understood it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) safe_window: Option<SafeWindowOf>,
    /// What of checklists was done in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) lists_done: Vec<ListDone>,
    /// What is to be done, the soonest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) follow_ups: Vec<FollowUp>,
    #[serde(with = "super::snapshot::pairs")]
    pub(super) posted_on: BTreeMap<(Day, u8), u8>,
    pub(super) last_number: u32,
    /// What names it in the audit; none where no message has brought one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tag: Option<Tag>,
}

/// What was said in a case so far, in 16 bytes: any message or part that comes in makes another one, and so does an answer that is written,
/// held, let go or taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard(Bytes<16>);

/// Whether an answer finds its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It does.
    Now,
    /// Not before this day: the caller's clock was ahead.
    From(Day),
    /// No longer: the caller must write again.
    Lapsed,
    /// Not at all: nothing that came in is proven to be the caller's.
    Unproven,
}

/// One side's turn in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// From the caller.
    Call(Call),
    /// From the desk.
    Answer(Answer),
}

/// What a caller wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Made by the caller.
    pub id: Bytes<16>,
    /// Its parts as far as they have arrived.
    pub parts: Vec<Option<String>>,
    /// When the first part was taken, in steps of ten minutes.
    pub received: UnixSeconds,
    /// Whether a person has opened it.
    pub opened: bool,
    /// Beats that the desk had made when the first part came into the log.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) beats: u64,
    /// Whether someone who had a device that was removed may have written it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubted: bool,
}

/// What the desk wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Made by the desk.
    pub id: Bytes<16>,
    /// Its parts as far as they are in the log.
    pub parts: Vec<Option<AnswerText>>,
    /// When it was written, in whole minutes.
    pub queued: UnixSeconds,
    /// Who wrote it.
    pub by: PersonId,
    /// What keeps it from being posted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kept_back: Keeps,
    /// Whether another person has to read it first, and what they said.
    #[serde(default, skip_serializing_if = "is_default")]
    pub second_reader: SecondReader,
}

/// What keeps an answer from being posted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeps {
    /// Nothing: its drops leave with the cadence.
    #[default]
    Nothing,
    /// When it came into the log, its author had not the case that a colleague has or had. It leaves once whoever has the case, or
    /// its author where nobody is at work on it, lets it go.
    Held,
    /// When it came into the log, a message stood there that its author had not seen. It leaves as one that is held does.
    Overtaken,
    /// Somebody took it back before its first drop was posted.
    TakenBack,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerText {
    /// This part of the text.
    pub text: String,
    /// Whether its drop has been posted.
    pub posted: bool,
    pub(super) order: u64,
}

impl Case {
    pub(super) fn new(caller: CallerPublicKey, shard_bits: u16) -> Self {
        Self {
            caller,
            shard_bits,
            track: String::new(),
            language: String::new(),
            safe_times: None,
            items: Vec::new(),
            drop_secrets: BTreeMap::new(),
            untold: Vec::new(),
            opened_ahead: BTreeSet::new(),
            claim: None,
            last_touch: None,
            transfer: None,
            notes: Vec::new(),
            closed: None,
            urgency: None,
            escalation: None,
            flags: Flags::new(),
            set_aside: None,
            safe_window: None,
            lists_done: Vec::new(),
            follow_ups: Vec::new(),
            posted_on: BTreeMap::new(),
            last_number: 0,
            tag: None,
        }
    }

    /// What names it in the audit; none where no message has brought one.
    pub fn tag(&self) -> Option<Tag> {
        self.tag
    }

    /// The caller's identifier.
    pub fn id(&self) -> CallerId {
        caller_id(&self.caller)
    }

    /// The name to speak.
    pub fn call_sign(&self) -> CallSign {
        CallSign::of(&self.id())
    }

    /// When the oldest message that waits came in: one that has no answer behind it, or that nobody has opened. A device
    /// may have answered before it knew of a message that stands before its answer in the log. An answer that can never be
    /// posted is none. Nothing waits in a case that is closed.
    pub fn waiting_since(&self, today: Day) -> Option<UnixSeconds> {
        self.first_waiting(today).map(|call| call.received)
    }

    /// The message that waits and came in first.
    pub(super) fn first_waiting(&self, today: Day) -> Option<&Call> {
        if self.closed.is_some() {
            return None;
        }
        let answers = |item: &Item| matches!(item, Item::Answer(answer) if answer.leaves() && !self.is_lost(answer, today));
        let answered_to = self.items.iter().rposition(answers);
        let waiting = self.items.iter().enumerate().filter_map(|(at, item)| match item {
            Item::Call(call) if call.is_unopened() || Some(at) > answered_to => Some(call),
            _ => None,
        });
        waiting.min_by_key(|call| (call.received, call.id))
    }

    /// Whether an answer cannot be posted any more, unless its caller writes again: the mailbox has lapsed.
    pub fn is_lost(&self, answer: &Answer, today: Day) -> bool {
        answer.leaves() && !answer.is_posted() && matches!(self.reach(today), Reach::Lapsed | Reach::Unproven)
    }

    /// When the caller last wrote.
    pub fn last_heard(&self) -> Option<UnixSeconds> {
        self.calls().map(|call| call.received).max()
    }

    /// What the caller wrote, in order.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.items.iter().filter_map(|item| match item {
            Item::Call(call) => Some(call),
            Item::Answer(_) => None,
        })
    }

    /// When the newest message came in that a person has opened, or when the newest answer was written.
    pub fn last_spoken_with(&self) -> Option<UnixSeconds> {
        let spoken = self.items.iter().filter_map(|item| match item {
            Item::Call(call) => call.opened.then_some(call.received),
            Item::Answer(answer) => answer.leaves().then_some(answer.queued),
        });
        spoken.max()
    }

    /// Parts that came in since a person has last answered, or opened one: what a stranger makes the desk keep.
    pub fn unheard_parts(&self) -> usize {
        let parts = |call: &Call| call.parts.iter().flatten().count();
        let unheard = self.items.iter().rev().map_while(|item| match item {
            Item::Call(call) if !call.opened => Some(parts(call)),
            _ => None,
        });
        unheard.sum()
    }

    /// Whole messages that nobody has opened yet.
    pub fn unopened(&self) -> Vec<Bytes<16>> {
        self.calls().filter(|call| call.is_unopened()).map(|call| call.id).collect()
    }

    /// Whether somebody else than the caller may have written one of the messages.
    pub fn is_doubted(&self) -> bool {
        self.calls().any(|call| call.doubted)
    }

    /// Everything that was said, whether it was opened or not.
    pub fn heard(&self) -> Heard {
        Heard::of(self.calls(), self.answers())
    }

    /// What of it a page shows: all but whole messages that nobody has opened.
    pub fn shown(&self) -> Heard {
        Heard::of(self.calls().filter(|call| !call.is_unopened()), self.answers())
    }

    /// What the caller has written, in 16 bytes, whether or not it was opened: `id16("asked" || u64 parts || parts)`, each part as its message's
    /// id and its number, in their order as bytes. Any part that comes in makes another one.
    pub fn asked(&self) -> Bytes<16> {
        let mut parts: Vec<[u8; 17]> = self.calls().flat_map(Call::parts_here).collect();
        parts.sort_unstable();
        sha256_id(&[b"asked", &(parts.len() as u64).to_be_bytes(), parts.as_flattened()])
    }

    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.items.iter().filter_map(|item| match item {
            Item::Answer(answer) => Some(answer),
            Item::Call(_) => None,
        })
    }

    /// Whether an answer posted on `day` could reach the caller.
    pub fn can_be_answered(&self, day: Day) -> bool {
        self.reach(day) == Reach::Now
    }

    /// Whether an answer posted on `day` could reach the caller, and why not.
    pub fn reach(&self, day: Day) -> Reach {
        if self.drop_secrets.contains_key(&day.week()) {
            return Reach::Now;
        }
        match self.drop_secrets.keys().find(|week| **week > day.week()) {
            Some(week) => Reach::From(week.first_day()),
            None if self.calls().all(|call| call.doubted) => Reach::Unproven,
            None => Reach::Lapsed,
        }
    }

    /// The first day of the lists for which [`Case::forget_before`] destroys something.
    pub(super) fn forgets_on(&self) -> Option<Day> {
        let secrets = self.drop_secrets.keys().map(|week| week.last_day());
        secrets.chain(self.posted_on.keys().map(|(day, _)| *day)).min().map(|day| day.plus(1))
    }

    /// Destroys what no period keeps: secrets of weeks whose answers have expired, places of days that are no longer listed.
    pub(super) fn forget_before(&mut self, first_listed: Day) {
        self.drop_secrets.retain(|week, _| week.last_day() >= first_listed);
        self.posted_on.retain(|(day, _), _| *day >= first_listed);
    }

    /// The index of the item that `is_it` knows, or of a new one at the end.
    pub(super) fn place_of(&mut self, is_it: impl Fn(&Item) -> bool, new: impl FnOnce() -> Item) -> usize {
        self.items.iter().position(is_it).unwrap_or_else(|| {
            self.items.push(new());
            self.items.len() - 1
        })
    }
}

impl Heard {
    /// Reads what `Display` writes; none where it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        Bytes::from_base64url(text).map(Self)
    }

    /// The same for the same messages and answers, in whatever order they came.
    fn of<'a>(calls: impl Iterator<Item = &'a Call>, answers: impl Iterator<Item = &'a Answer>) -> Self {
        let mut parts: Vec<[u8; 17]> = calls.flat_map(Call::parts_here).collect();
        parts.sort_unstable();
        let mut answers: Vec<[u8; 17]> = answers.map(Answer::in_short).collect();
        answers.sort_unstable();
        let count = (parts.len() as u64).to_be_bytes();
        Self(sha256_id(&[b"heard", &count, parts.as_flattened(), answers.as_flattened()]))
    }
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Call {
    /// Whether all parts have arrived.
    pub fn is_complete(&self) -> bool {
        self.parts.iter().all(Option::is_some)
    }

    /// Whether a part, counted from 1, has arrived.
    pub fn has_part(&self, part: u8) -> bool {
        let at = usize::from(part).checked_sub(1);
        at.and_then(|at| self.parts.get(at)).is_some_and(Option::is_some)
    }

    /// Its id and the number of a part, for each that has arrived.
    fn parts_here(&self) -> impl Iterator<Item = [u8; 17]> {
        let numbers = (1..=PARTS_MAX).filter(|part| self.has_part(*part));
        numbers.map(|part| {
            let mut name = [part; 17];
            name[..16].copy_from_slice(&self.id.0);
            name
        })
    }

    /// Whether it could be opened and nobody has.
    pub fn is_unopened(&self) -> bool {
        !self.opened && self.is_complete()
    }

    /// The text as far as it has arrived.
    pub fn text(&self) -> String {
        self.parts.iter().flatten().map(String::as_str).collect()
    }

    /// Parts that have not arrived.
    pub fn missing(&self) -> usize {
        self.parts.iter().filter(|part| part.is_none()).count()
    }
}

impl Answer {
    /// Which one, and whether it leaves.
    fn in_short(&self) -> [u8; 17] {
        let mut short = [0; 17];
        short[..16].copy_from_slice(&self.id.0);
        short[16] = match self.kept_back {
            Keeps::Nothing => 0,
            Keeps::Held => 1,
            Keeps::TakenBack => 2,
            Keeps::Overtaken => 3,
        };
        short[16] |= match &self.second_reader {
            SecondReader::Unneeded => 0,
            SecondReader::Waited => 4,
            SecondReader::Read(reading) if reading.agreed => 8,
            SecondReader::Read(_) => 12,
        };
        short
    }

    /// The text.
    pub fn text(&self) -> String {
        self.parts.iter().flatten().map(|part| part.text.as_str()).collect()
    }

    /// Whether nothing keeps it from being posted.
    pub fn leaves(&self) -> bool {
        let is_read = match &self.second_reader {
            SecondReader::Unneeded => true,
            SecondReader::Waited => false,
            SecondReader::Read(reading) => reading.agreed,
        };
        self.kept_back == Keeps::Nothing && is_read
    }

    /// Whether it leaves only once somebody lets it go.
    pub fn is_held(&self) -> bool {
        matches!(self.kept_back, Keeps::Held | Keeps::Overtaken)
    }

    /// Whether a drop with any part of it has been posted: then it cannot be taken back.
    pub fn has_begun(&self) -> bool {
        self.parts.iter().flatten().any(|part| part.posted)
    }

    /// Parts whose drops have not been posted.
    pub fn parts_waiting(&self) -> usize {
        self.parts.iter().filter(|part| !part.as_ref().is_some_and(|part| part.posted)).count()
    }

    /// Whether every part's drop has been posted.
    pub fn is_posted(&self) -> bool {
        self.parts_waiting() == 0
    }
}
