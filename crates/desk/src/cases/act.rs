//! Acts: an event with who wrote it, when, and where in the log. Each type of event has one rule; an act that breaks it is
//! void: it has no effect, and is kept with its reason.

use std::collections::{BTreeMap, VecDeque};

use callsign_protocol::{
    caller_keys::CallerId,
    encoding::Bytes,
    entry::{Bundle, EntryHeader},
    keyring::DeviceId,
    time::{Day, UnixSeconds},
};
use serde::{Deserialize, Serialize};

use super::{Cases, Event, EventBody, EventId, Role, Unread};

/// The newest version of the fold that this program knows. It grows with each new type of event and each changed rule.
pub const FOLD_VERSION: u32 = 1;

/// Void acts that are kept; others are in the log alone.
const VOID_MAX: usize = 256;
/// Days for which a void act is kept.
const VOID_DAYS: u32 = 90;

/// What an entry says of all its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The device that signed the entry.
    pub author: DeviceId,
    /// When it was written, by that device's clock, in whole minutes.
    pub at: UnixSeconds,
    /// The day of its commit, which the hub has bounded.
    pub day: Day,
    /// The entry's place in the log; none of what waits for it.
    pub sequence: Option<u64>,
    /// The generation of the log key.
    pub generation: u32,
    /// The version of the fold in force there, as the keyring says.
    pub fold: u32,
    /// The newest version of the fold that the author's program knows.
    pub program: u32,
    /// Whether the author has the desk's identity, as it says.
    pub has_identity: bool,
}

/// An event where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// Who, when and where.
    pub origin: &'a Origin,
    /// What.
    pub event: &'a Event,
}

/// An entry as it was read.
#[derive(Clone, Debug)]
pub struct EntryRead {
    /// Who, when and where.
    pub origin: Origin,
    /// Its events, in order.
    pub events: Vec<Event>,
    /// How much of it is no event: the whole, where its bundle does not open.
    pub unreadable: usize,
}

/// What came of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is part of the state.
    Applied,
    /// It was part of the state before.
    Repeated,
    /// It has no effect.
    Void(Refusal),
}

/// Why an act is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It speaks in another device's name.
    Author,
    /// A colleague has the case.
    Claimed,
    /// It would leave the desk without a custodian who has a device.
    Custodian,
    /// There is no such case at its place: it was erased, or has not begun.
    Case,
    /// It names a day or time that was still to come.
    Date,
    /// It is about another generation.
    Generation,
    /// A trainee did it in a case that no colleague had who may answer.
    Mentor,
    /// Its numbers are none that a desk would write.
    Numbers,
    /// The plan had gone on before it came; the desk makes another.
    Plan,
    /// Nobody is the second reader of their own answer.
    Reader,
    /// Its author's roles do not allow it.
    Role,
    /// It is of a type that the version of the fold in force does not know.
    Type,
    /// Its members are not those of its type.
    Unreadable,
    /// Another act came first.
    TooLate,
    /// It would have left a call of level 1 to nobody.
    Urgent,
}

/// An act without effect, as it is kept. It names a case only while that is there: what was erased stays erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidAct {
    /// Its place in the log.
    pub sequence: u64,
    /// Of its event; zeros where it is not readable.
    pub id: EventId,
    /// Who wrote it.
    pub author: DeviceId,
    /// The day of its commit.
    pub day: Day,
    /// What it was, for people: "an answer".
    pub noun: String,
    /// Why it has no effect.
    pub refusal: Refusal,
    /// Whose case it is about; none where that was not there, or was erased since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<CallerId>,
    /// Whether the case that it was about was erased since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
}

/// Who tells an event again to a log that lacks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ToldAgain {
    /// Each device that saw it: what nobody may lose, whoever wrote it.
    ByAnybody,
    /// The device that wrote it alone: nobody acts in another's name.
    ByAuthor,
    /// Nobody: it is made anew, or is about the hub's own lists.
    Never,
}

/// Who may write a type of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    /// Each device of the desk, by itself.
    Device,
    /// A device whose person has one of these roles.
    Person(&'static [Role]),
    /// The same, and a trainee's in a case that a colleague has who may answer.
    Learner(&'static [Role]),
    /// The same, and a trainee's in any case: the colleague may let it go while the words are on their way, and nobody may lose those. The
    /// trainee's own device asks for the colleague before it takes them.
    LearnerAnywhere(&'static [Role]),
}

impl Writer {
    /// The roles of the people who write it without a colleague; none of what devices write.
    fn roles(self) -> Option<&'static [Role]> {
        match self {
            Self::Device => None,
            Self::Person(roles) | Self::Learner(roles) | Self::LearnerAnywhere(roles) => Some(roles),
        }
    }

    /// Whether people write it.
    pub(super) fn is_person(self) -> bool {
        self.roles().is_some()
    }
}

/// What each type of event says of itself.
pub(super) trait EventKind {
    /// What it is, for people, with its article.
    fn noun(&self) -> &'static str;

    /// Who may write it. There is nobody who may write everything.
    fn writer(&self, state: &Cases) -> Writer;

    /// The first version of the fold that knows the type.
    fn since(&self) -> u32 {
        1
    }

    /// The caller whose case it continues; none where it begins one or is about none.
    fn caller(&self) -> Option<&CallerId> {
        None
    }

    /// Cases that its effect touches beside that one; they are in memory then.
    fn loads(&self) -> &[CallerId] {
        &[]
    }

    /// Who tells it again to a log that a hub has lost a part of.
    fn told_again(&self) -> ToldAgain {
        ToldAgain::ByAuthor
    }

    /// Whether its id is kept, so that a repetition changes nothing.
    fn is_remembered(&self) -> bool {
        true
    }

    /// Whether the act may have an effect at its place; that its case is there was seen before, and it is in memory.
    ///
    /// # Errors
    /// The reason for which it is void, the same on every device.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal>;

    /// The effect.
    fn apply(&self, act: &Act<'_>, state: &mut Cases);
}

impl Event {
    /// What a device tells again to a log that has lost this event; nothing where that is not its part. Of a drop that is lost
    /// the place stays taken, for a second drop at one address is no dummy; but what it carried has yet to be posted.
    pub fn told_again(self, is_own: bool) -> Option<Self> {
        let who = self.body.kind().map_or(ToldAgain::Never, EventKind::told_again);
        let is_told = who == ToldAgain::ByAnybody || (is_own && who == ToldAgain::ByAuthor);
        let body = match self.body {
            EventBody::DropPosted(posted) => EventBody::DropPosted(posted.without_content()),
            body => body,
        };
        is_told.then_some(Self { id: self.id, body })
    }
}

impl EntryRead {
    /// Reads what an entry carries; `fold` is the version in force in its generation. An entry that no reader can read counts
    /// as empty, and an event that is ill-formed as void: a program that is wrong, or a device that means ill, must not stop the
    /// others.
    pub fn new(sequence: u64, header: &EntryHeader, fold: u32, bundle: Option<&Bundle>) -> Self {
        let EntryHeader { generation, device: author, day, .. } = *header;
        let (at, program, has_identity) =
            bundle.map_or_else(Default::default, |bundle| (bundle.at, bundle.fold, bundle.identity));
        let origin =
            Origin { author, at, day, sequence: Some(sequence), generation, fold, program, has_identity };
        let written = bundle.map_or(&[][..], |bundle| &bundle.events);
        let events: Vec<Event> =
            written.iter().filter_map(|event| serde_json::from_str(event.get()).ok()).collect();
        let unreadable = if bundle.is_some() { written.len() - events.len() } else { 1 };
        Self { origin, events, unreadable }
    }

    /// One that says nothing but who was at work, and when.
    pub fn empty(origin: Origin) -> Self {
        Self { origin, events: Vec::new(), unreadable: 0 }
    }
}

impl Origin {
    /// That a day lies no more than one past the time of the log; what waits is judged where it comes to stand.
    pub(super) fn bounds_day(&self, day: Day, state: &Cases) -> Result<(), Refusal> {
        let is_to_come = self.sequence.is_some() && day > state.time().day().plus(1);
        if is_to_come { Err(Refusal::Date) } else { Ok(()) }
    }

    /// When it was written, for people to read; none of what waits for the log.
    pub(super) fn written(&self, state: &Cases) -> Option<UnixSeconds> {
        self.sequence.map(|_| self.not_after(self.at, state))
    }

    /// A time of the past, or that of the log: what people wrote is never lost for a clock that was wrong.
    pub(super) fn not_after(&self, time: UnixSeconds, state: &Cases) -> UnixSeconds {
        if self.sequence.is_some() { time.min(state.time().plus(86_400)) } else { time }
    }
}

impl Cases {
    /// Takes note of an entry, before its events: the time of the log, what its author's program knows, and whether it has the
    /// identity. A time more than a day past the entry's own day counts for nothing.
    fn enter(&mut self, origin: &Origin) {
        if origin.at.day() <= origin.day.plus(1) {
            self.time = self.time.max(origin.at);
        }
        self.fold = origin.fold;
        self.forget_lines();
        self.sheets.forget_before(self.time.day());
        self.siftings.forget_before(self.time.day());
        self.programs.insert(origin.author, (origin.generation, origin.program));
        self.note_identity(origin);
    }

    /// Sets the time of the log to that of the entry which begins a generation, be it earlier: a clock or a hub that was wrong once moves it for no
    /// longer than that.
    pub(super) fn begin_time(&mut self, origin: &Origin) {
        if origin.at.day() <= origin.day.plus(1) {
            self.time = origin.at;
        }
    }

    /// Takes in an entry with all its acts.
    ///
    /// # Errors
    /// [`Unread`]; the state is then no state of the log, and is to be made anew.
    pub fn take(&mut self, entry: &EntryRead) -> Result<(), Unread> {
        let EntryRead { origin, events, unreadable } = entry;
        self.enter(origin);
        self.beats.note(origin, events.iter().any(|event| matches!(event.body, EventBody::Flushed(_))));
        for event in events {
            self.apply(&Act { origin, event })?;
        }
        // More of one entry than are kept say nothing more.
        for _ in 0..(*unreadable).min(VOID_MAX) {
            self.keep_void(origin, None, "an act", Refusal::Unreadable);
        }
        self.end_flags()?;
        self.turn_over()
    }

    /// Takes in one act. A second event of the same id changes nothing.
    ///
    /// # Errors
    /// [`Unread`] of the case that it is about; nothing has changed then.
    pub fn apply(&mut self, act: &Act<'_>) -> Result<Outcome, Unread> {
        if self.has_applied(&act.event.id) {
            return Ok(Outcome::Repeated);
        }
        if let Some(caller) = act.event.body.about() {
            self.load(&caller)?;
        }
        // By what holds before it: an erasure takes the tag away, and who founds a desk is nobody yet.
        let audited = self.audited(act);
        let kind = match self.authorize(act) {
            Ok(kind) => kind,
            Err(refusal) => {
                if let Some(audited) = audited {
                    self.keep_line(act.origin, audited, Some(refusal));
                }
                let noun = act.event.body.kind().map_or("an act of an unknown type", EventKind::noun);
                self.keep_void(act.origin, Some(act.event), noun, refusal);
                return Ok(Outcome::Void(refusal));
            }
        };
        for caller in kind.loads() {
            self.load(caller)?;
        }
        if kind.is_remembered() {
            self.applied.insert(self.generation(), act.event.id);
        }
        self.order += 1;
        if kind.writer(self).is_person() {
            self.marks.has_acted(&act.origin.author);
        }
        // It came before its case, or without it, and counts now.
        self.void.retain(|void| void.id != act.event.id);
        // Before its effect, by which its author may leave the desk.
        if let Some(audited) = audited {
            self.keep_line(act.origin, audited, None);
        }
        kind.apply(act, self);
        if let (Some(caller), true) = (kind.caller(), kind.writer(self).is_person()) {
            self.note_life(act, caller);
        }
        Ok(Outcome::Applied)
    }

    /// Whether an act would count, behind all that this state knows; nothing changes.
    ///
    /// # Errors
    /// [`Unread`] of the case that it is about.
    pub fn would_count(&mut self, act: &Act<'_>) -> Result<Result<(), Refusal>, Unread> {
        if let Some(caller) = act.event.body.about() {
            self.load(&caller)?;
        }
        Ok(self.authorize(act).map(drop))
    }

    /// Whether an event is of a type that operators write.
    pub(crate) fn is_operators(&self, body: &EventBody) -> bool {
        let roles = body.kind().and_then(|kind| kind.writer(self).roles());
        roles.is_some_and(|roles| roles.contains(&Role::Operator))
    }

    /// The time of the log: the latest that an entry has said within its day.
    pub fn time(&self) -> UnixSeconds {
        self.time
    }

    /// The version of the fold in force at the newest entry.
    pub fn fold(&self) -> u32 {
        self.fold.max(1)
    }

    /// The newest version of the fold that a device's program knows, by its newest entry.
    pub fn program(&self, device: &DeviceId) -> Option<u32> {
        self.programs.get(device).map(|(_, program)| *program)
    }

    /// Acts without effect, the newest last.
    pub fn void(&self) -> impl DoubleEndedIterator<Item = &VoidAct> {
        self.void.iter()
    }

    /// Deny by default: a type without a rule is void, and so is one above the version in force, for ever.
    fn authorize<'a>(&self, act: &Act<'a>) -> Result<&'a dyn EventKind, Refusal> {
        let kind = act.event.body.kind().ok_or(Refusal::Type)?;
        if kind.since() > act.origin.fold {
            return Err(Refusal::Type);
        }
        self.allows(&act.origin.author, &act.event.body)?;
        if kind.caller().is_some_and(|caller| !self.by_caller.contains_key(caller)) {
            return Err(Refusal::Case);
        }
        kind.authorize(act, self)?;
        Ok(kind)
    }

    /// Keeps an act without effect, by its event where that is readable.
    fn keep_void(&mut self, origin: &Origin, event: Option<&Event>, noun: &str, refusal: Refusal) {
        // What waits for the log is judged there.
        let Some(sequence) = origin.sequence else { return };
        let (author, day, noun) = (origin.author, origin.day, noun.to_owned());
        let id = event.map_or(Bytes([0; 16]), |event| event.id);
        let about = event.and_then(|event| event.body.about());
        let caller = about.filter(|caller| self.by_caller.contains_key(caller));
        self.push_void(VoidAct { sequence, id, author, day, noun, refusal, caller, erased: false });
    }

    /// Keeps that an act on many cases has no effect on one of them.
    pub(super) fn keep_void_of(&mut self, act: &Act<'_>, caller: &CallerId, noun: &str, refusal: Refusal) {
        let Some(sequence) = act.origin.sequence else { return };
        let (author, day, noun, id) = (act.origin.author, act.origin.day, noun.to_owned(), act.event.id);
        self.keep_line_of(act, caller, Some(refusal));
        let caller = Some(*caller).filter(|caller| self.by_caller.contains_key(caller));
        self.push_void(VoidAct { sequence, id, author, day, noun, refusal, caller, erased: false });
    }

    fn push_void(&mut self, void: VoidAct) {
        self.void.push_back(void);
        if self.void.len() > VOID_MAX {
            self.forget_oldest_void();
        }
    }

    /// Forgets the oldest void act of the device that has most: who writes many pushes out none of another's. All that are kept
    /// are looked through, as behind each act that counts.
    fn forget_oldest_void(&mut self) {
        let mut kept = BTreeMap::<_, usize>::new();
        for void in &self.void {
            *kept.entry(void.author).or_default() += 1;
        }
        let most = kept.into_iter().max_by_key(|(author, count)| (*count, *author));
        let oldest = most.and_then(|(most, _)| self.void.iter().position(|void| void.author == most));
        self.void.remove(oldest.unwrap_or(0));
    }

    /// Forgets whose case void acts were about.
    pub(super) fn forget_void_of(&mut self, caller: &CallerId) {
        for void in self.void.iter_mut().filter(|void| void.caller.as_ref() == Some(caller)) {
            (void.caller, void.erased) = (None, true);
        }
    }

    /// Forgets void acts whose time is over.
    pub(super) fn forget_void(&mut self) {
        let now = self.time.day();
        self.void.retain(|void| void.day.plus(VOID_DAYS) >= now);
    }

    /// Forgets what programs know, and who has the identity, of devices that have written nothing in this generation and the one before.
    pub(super) fn forget_programs(&mut self) {
        let now = self.generation();
        self.programs.retain(|_, (generation, _)| generation.saturating_add(1) >= now);
        self.beats.retain(|device| self.programs.contains_key(device));
        self.identity_at.retain(|device, _| self.programs.contains_key(device));
    }
}

impl Refusal {
    /// Whether two people cause it who did their work at once, by no fault of theirs or their devices.
    pub fn is_collision(self) -> bool {
        matches!(
            self,
            Self::Case
                | Self::Claimed
                | Self::Custodian
                | Self::Mentor
                | Self::Plan
                | Self::TooLate
                | Self::Urgent
        )
    }

    /// Why, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Case => "case",
            Self::Claimed => "claimed",
            Self::Custodian => "custodian",
            Self::Date => "date",
            Self::Generation => "generation",
            Self::Mentor => "mentor",
            Self::Numbers => "numbers",
            Self::Plan => "plan",
            Self::Reader => "reader",
            Self::Role => "role",
            Self::TooLate => "too_late",
            Self::Type => "type",
            Self::Unreadable => "unreadable",
            Self::Urgent => "urgent",
        }
    }

    /// Why, for people, behind "had no effect: ".
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Author => "it speaks in the name of another device",
            Self::Case => "the case had been erased, or was not there",
            Self::Claimed => "a colleague has the case",
            Self::Custodian => "it would have left the desk without a custodian who has a device",
            Self::Date => "it names a day that was still to come",
            Self::Generation => "it is about another generation of keys",
            Self::Mentor => "a trainee works in cases that a colleague has, and nobody had this one",
            Self::Numbers => "its numbers are none that a desk would write",
            Self::Plan => "the plan of shards had gone on before it came",
            Self::Reader => "nobody is the second reader of their own answer",
            Self::Role => "its author's roles do not allow it, and may have changed meanwhile",
            Self::Type => "it is of a kind that the desk does not use",
            Self::Unreadable => "it cannot be read",
            Self::TooLate => "another act came first",
            Self::Urgent => "a call of level 1 waited and nobody else was at work",
        }
    }
}

/// Acts that are kept, as a queue.
pub(super) type VoidActs = VecDeque<VoidAct>;

#[cfg(test)]
mod tests;
