//! One caller's case: what they wrote, what was answered, and what of it they have been told.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use callsign_protocol::{
    call::{CallPart, PARTS_MAX},
    call_sign::CallSign,
    caller_keys::{CallerId, CallerPublicKey, DropSecret, caller_id},
    derive::sha256_id,
    drop::{ANSWER_PARTS_MAX, Place},
    encoding::Bytes,
    time::{Day, UnixSeconds, Week},
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
    opened_ahead: BTreeSet<Bytes<16>>,
    #[serde(with = "super::snapshot::pairs")]
    pub(super) posted_on: BTreeMap<(Day, u8), u8>,
    pub(super) last_number: u32,
}

/// What a caller has said so far, in 16 bytes: any message or part that comes in makes another one.
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

/// What outlives a case that was erased while its drops are listed: in another case of the same caller no address may come
/// twice, and no number that the caller has seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Used {
    #[serde(with = "super::snapshot::pairs")]
    posted_on: BTreeMap<(Day, u8), u8>,
    last_number: u32,
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

/// Which part of which answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct PartOf {
    pub(super) answer: Bytes<16>,
    pub(super) part: u8,
    pub(super) parts: u8,
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
            posted_on: BTreeMap::new(),
            last_number: 0,
        }
    }

    /// The case of a caller whose case was erased before.
    pub(super) fn after(self, used: Used) -> Self {
        Self { posted_on: used.posted_on, last_number: used.last_number, ..self }
    }

    /// What must outlive the case; nothing where no drop of it is listed.
    pub(super) fn used(self) -> Option<Used> {
        let Self { posted_on, last_number, .. } = self;
        (!posted_on.is_empty()).then_some(Used { posted_on, last_number })
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
    /// posted is none.
    pub fn waiting_since(&self, today: Day) -> Option<UnixSeconds> {
        let answers = |item: &Item| matches!(item, Item::Answer(answer) if !self.is_lost(answer, today));
        let answered_to = self.items.iter().rposition(answers);
        let waiting = self.items.iter().enumerate().filter_map(|(at, item)| match item {
            Item::Call(call) if call.is_unopened() || Some(at) > answered_to => Some(call.received),
            _ => None,
        });
        waiting.min()
    }

    /// Whether an answer cannot be posted any more, unless its caller writes again: the mailbox has lapsed.
    pub fn is_lost(&self, answer: &Answer, today: Day) -> bool {
        !answer.is_posted() && matches!(self.reach(today), Reach::Lapsed | Reach::Unproven)
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

    /// Whether a person has opened what came in since `time`, or has answered since.
    pub fn was_spoken_with_since(&self, time: UnixSeconds) -> bool {
        self.items.iter().any(|item| match item {
            Item::Call(call) => call.opened && call.received >= time,
            Item::Answer(answer) => answer.queued >= time,
        })
    }

    /// Whether a person has ever opened or answered what this caller wrote.
    pub fn is_attended(&self) -> bool {
        self.was_spoken_with_since(UnixSeconds(0))
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

    /// Everything that the caller has said, whether it was opened or not.
    pub fn heard(&self) -> Heard {
        Heard::of(self.calls())
    }

    /// What of it a page shows: all but whole messages that nobody has opened.
    pub fn shown(&self) -> Heard {
        Heard::of(self.calls().filter(|call| !call.is_unopened()))
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

    pub(super) fn message_received(
        &mut self,
        part: &CallPart,
        received: UnixSeconds,
        doubted: bool,
        order: u64,
    ) {
        // A week's secret once received is never overwritten: whoever learned a phrase later cannot redirect answers.
        // Of a doubted call nothing is taken but its text: answers might never be found, or be looked for at a bad time.
        if !doubted {
            if self.drop_secrets.is_empty() {
                // A doubted call may have begun the case.
                self.shard_bits = part.shard_bits;
            }
            for (week, secret) in &part.drop_secrets {
                self.drop_secrets.entry(*week).or_insert_with(|| secret.clone());
            }
            if !part.track.is_empty() {
                self.track.clone_from(&part.track);
            }
            self.language.clone_from(&part.language);
            if part.safe_times.is_some() {
                self.safe_times.clone_from(&part.safe_times);
            }
        }
        let of = |item: &Item| matches!(item, Item::Call(call) if call.id == part.id);
        let at = self.place_of(of, || {
            let parts = vec![None; usize::from(part.parts.min(PARTS_MAX))];
            Item::Call(Call { id: part.id, parts, received, opened: false, doubted })
        });
        if let Item::Call(call) = &mut self.items[at]
            && let Some(slot) = usize::from(part.part).checked_sub(1).and_then(|at| call.parts.get_mut(at))
        {
            slot.get_or_insert_with(|| part.text.clone());
            call.doubted |= doubted;
            // Of parts that come out of order the first one gives the time.
            call.received = call.received.min(received);
        }
        if self.opened_ahead.remove(&part.id) {
            self.opened(&[part.id], order);
        }
    }

    /// Destroys what no period keeps: secrets of weeks whose answers have expired, places of days that are no longer listed.
    pub(super) fn forget_before(&mut self, first_listed: Day) {
        self.drop_secrets.retain(|week, _| week.last_day() >= first_listed);
        self.posted_on.retain(|(day, _), _| *day >= first_listed);
    }

    pub(super) fn opened(&mut self, messages: &[Bytes<16>], order: u64) {
        for id in messages {
            let is_it = |item: &&mut Item| matches!(item, Item::Call(call) if call.id == *id);
            match self.items.iter_mut().find(is_it) {
                Some(Item::Call(call)) if !call.opened => {
                    call.opened = true;
                    self.untold.push((order, call.id));
                }
                Some(_) => {}
                None => {
                    self.opened_ahead.insert(*id);
                }
            }
        }
    }

    pub(super) fn answer_queued(&mut self, of: PartOf, text: &str, queued: UnixSeconds, order: u64) {
        let at = self.place_of(
            |item| matches!(item, Item::Answer(answer) if answer.id == of.answer),
            || {
                let parts = vec![None; usize::from(of.parts.min(ANSWER_PARTS_MAX))];
                Item::Answer(Answer { id: of.answer, parts, queued })
            },
        );
        if let Item::Answer(answer) = &mut self.items[at]
            && let Some(slot) = usize::from(of.part).checked_sub(1).and_then(|at| answer.parts.get_mut(at))
        {
            slot.get_or_insert_with(|| AnswerText { text: text.to_owned(), posted: false, order });
        }
    }

    /// The index of the item that `is_it` knows, or of a new one at the end.
    fn place_of(&mut self, is_it: impl Fn(&Item) -> bool, new: impl FnOnce() -> Item) -> usize {
        self.items.iter().position(is_it).unwrap_or_else(|| {
            self.items.push(new());
            self.items.len() - 1
        })
    }

    pub(super) fn drop_posted(
        &mut self,
        place: Place,
        number: u32,
        answer: Option<(Bytes<16>, u8)>,
        opened: &[Bytes<16>],
    ) {
        self.last_number = self.last_number.max(number);
        self.place_used(place);
        self.untold.retain(|(_, id)| !opened.contains(id));
        let Some((id, part)) = answer else { return };
        for item in &mut self.items {
            if let Item::Answer(answer) = item
                && answer.id == id
                && let Some(at) = usize::from(part).checked_sub(1)
                && let Some(Some(text)) = answer.parts.get_mut(at)
            {
                text.posted = true;
            }
        }
    }

    pub(super) fn place_used(&mut self, place: Place) {
        let used = self.posted_on.entry((place.day, place.slot)).or_default();
        *used = (*used).max(place.index.saturating_add(1));
    }
}

impl Heard {
    /// Reads what `Display` writes; none where it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        Bytes::from_base64url(text).map(Self)
    }

    /// The same for the same messages, in whatever order they came.
    fn of<'a>(calls: impl Iterator<Item = &'a Call>) -> Self {
        let mut parts: Vec<[u8; 17]> = calls.flat_map(Call::parts_here).collect();
        parts.sort_unstable();
        Self(sha256_id(&[b"heard", parts.as_flattened()]))
    }
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Used {
    /// Forgets days that are no longer listed; whether any is left.
    pub(super) fn forget_before(&mut self, first_listed: Day) -> bool {
        self.posted_on.retain(|(day, _), _| *day >= first_listed);
        !self.posted_on.is_empty()
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
    /// The text.
    pub fn text(&self) -> String {
        self.parts.iter().flatten().map(|part| part.text.as_str()).collect()
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
