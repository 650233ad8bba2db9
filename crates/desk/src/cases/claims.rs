//! Claims: who has a case, so that no two people answer one caller. A claim is a lease: it lapses by what other devices write, and
//! no clock decides that.

use std::{cmp::Ordering, collections::BTreeMap};

use callsign_protocol::{
    caller_keys::CallerId, encoding::Bytes, invisible::is_blank, keyring::DeviceId, time::UnixSeconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, EventId, Origin, Person, PersonId, Role,
    act::{Act, EventKind, Refusal, Writer},
    people::OPERATORS,
};

/// Beats of one other device without a sign of life of the holder in that case, behind which a claim has lapsed: 20 minutes at 30 s.
pub const LAPSED_BEATS: u32 = 40;
/// Beats of one other device without any entry of the holder's device, behind which the holder is away: 5 minutes at 30 s.
pub const ABSENT_BEATS: u32 = 10;
/// Characters (Unicode scalar values) of a leader's reason at most.
pub const REASON_MAX: usize = 300;
/// Beats of one device that count in one minute of its own: beats of 30 s.
const BEATS_A_MINUTE: u8 = 2;
/// Seconds of a minute.
const MINUTE_S: u64 = 60;
/// Spans of minutes that one device has written, at most; one more makes one of the two earliest.
const SPANS_MAX: usize = 4;

/// A person takes a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// Whose case.
    pub caller: CallerId,
    /// The newest touch that the author saw: a claim, one that was let go too, or an answer of whoever had the case; none where there
    /// was none. Of two who race, the second saw another than there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<EventId>,
    /// Why a leader takes it from a colleague who is at work on it: 300 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A person lets a case go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimReleased {
    /// Whose case.
    pub caller: CallerId,
    /// The claim that its author saw.
    pub claim: EventId,
}

/// Who has a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The event that made it.
    pub id: EventId,
    /// Who.
    pub person: PersonId,
    /// By which device.
    pub device: DeviceId,
    /// The beats of all devices at the holder's last sign of life in this case.
    life: BTreeMap<DeviceId, u32>,
}

/// How a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimState {
    /// Its holder is at work on it.
    Live,
    /// Its holder is at work, and has done nothing in this case for long.
    Lapsed,
    /// Nothing comes from its holder's device, of which perhaps only the line is down, or its holder may answer no more.
    Absent,
}

/// What the log shows of each device's beats, by which claims lapse.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Beats {
    /// Beats that counted.
    counts: BTreeMap<DeviceId, u32>,
    /// The minute of the last one, and how many counted in it; as many as can where none does.
    last: BTreeMap<DeviceId, (UnixSeconds, u8)>,
    /// The minutes that it has written, the earliest first: a clock that goes back and on counts none of them again.
    spans: BTreeMap<DeviceId, Vec<Span>>,
    /// Beats of all devices that counted, also of those that are forgotten.
    #[serde(default)]
    total: u64,
    /// What all others had counted when a device last wrote anything.
    at_entry: BTreeMap<DeviceId, BTreeMap<DeviceId, u32>>,
}

/// Minutes of a device's clock, one behind the other: the first and the last of them.
type Span = (UnixSeconds, UnixSeconds);

impl EventKind for Claimed {
    fn noun(&self) -> &'static str {
        "a claim"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let is_reason = |reason: &String| !is_blank(reason) && reason.chars().count() <= REASON_MAX;
        if !self.reason.as_ref().is_none_or(is_reason) {
            return Err(Refusal::Numbers);
        }
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        if case.last_touch.is_some_and(|last| self.over != Some(last)) {
            return Err(Refusal::TooLate);
        }
        let Some(claim) = &case.claim else { return Ok(()) };
        let author = &act.origin.author;
        let is_own = state.person_of(author) == Some(claim.person);
        let is_taken_over = self.reason.is_some() && state.has_role(author, Role::Leader);
        if is_own || is_taken_over || state.claim_state(claim) != ClaimState::Live {
            Ok(())
        } else {
            Err(Refusal::Claimed)
        }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        state.make_theirs(act, &self.caller);
    }
}

impl EventKind for ClaimReleased {
    fn noun(&self) -> &'static str {
        "the end of a claim"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        let claim = case.claim.as_ref().filter(|claim| claim.id == self.claim).ok_or(Refusal::TooLate)?;
        let author = &act.origin.author;
        let is_own = state.person_of(author) == Some(claim.person);
        if is_own || state.has_role(author, Role::Leader) { Ok(()) } else { Err(Refusal::Claimed) }
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.with(&self.caller, Case::let_go);
    }
}

impl Beats {
    /// Takes note of an entry, and of a beat where it is no flush, which can come at any time.
    pub(super) fn note(&mut self, origin: &Origin, is_flush: bool) {
        self.at_entry.insert(origin.author, self.counts.clone());
        if is_flush {
            return;
        }
        let (minute, in_it) = self.last.get(&origin.author).copied().unwrap_or((UnixSeconds(0), 0));
        // Of a device that is new the hub's day alone says what is long past.
        let past = || UnixSeconds(origin.day.minus(1).start().0.min(origin.at.0.saturating_sub(MINUTE_S)));
        let spans = self.spans.entry(origin.author).or_insert_with(|| vec![(UnixSeconds(0), past())]);
        // A clock that was ahead once, and was set right, counts on from there; only what it counted ahead it does not count again.
        let in_it = match origin.at.cmp(&minute) {
            Ordering::Less => BEATS_A_MINUTE,
            Ordering::Equal => in_it,
            Ordering::Greater if is_spent(spans, origin.at) => BEATS_A_MINUTE,
            Ordering::Greater => 0,
        };
        spend(spans, origin.at);
        if in_it >= BEATS_A_MINUTE {
            self.last.insert(origin.author, (origin.at, in_it));
            return;
        }
        self.last.insert(origin.author, (origin.at, in_it + 1));
        *self.counts.entry(origin.author).or_default() += 1;
        self.total += 1;
    }

    /// Beats of all devices that counted: no clock makes them faster.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The latest minute that another device said which has written within [`ABSENT_BEATS`] beats of one; none where none has.
    pub(super) fn latest_beside(&self, device: &DeviceId) -> Option<UnixSeconds> {
        let is_at_work =
            |other: &DeviceId| other != device && self.since_entry(other, |one| one == device) < ABSENT_BEATS;
        self.last.iter().filter(|(other, _)| is_at_work(other)).map(|(_, (minute, _))| *minute).max()
    }

    /// Beats of all devices that counted.
    pub(super) fn counts(&self) -> BTreeMap<DeviceId, u32> {
        self.counts.clone()
    }

    /// Devices that have written something of late.
    pub(super) fn writers(&self) -> impl Iterator<Item = &DeviceId> {
        self.at_entry.keys()
    }

    /// The most beats that one other device has made since a device last wrote anything.
    pub(super) fn since_entry(&self, device: &DeviceId, is_other: impl Fn(&DeviceId) -> bool) -> u32 {
        let nothing = BTreeMap::new();
        self.since(self.at_entry.get(device).unwrap_or(&nothing), is_other)
    }

    /// The most beats that one other device has made since these.
    pub(super) fn since(
        &self,
        counts: &BTreeMap<DeviceId, u32>,
        is_other: impl Fn(&DeviceId) -> bool,
    ) -> u32 {
        let made = |(device, count): (&DeviceId, &u32)| {
            count.saturating_sub(counts.get(device).copied().unwrap_or(0))
        };
        self.counts.iter().filter(|(device, _)| is_other(device)).map(made).max().unwrap_or(0)
    }

    /// Forgets devices that have written nothing for long.
    pub(super) fn retain(&mut self, is_known: impl Fn(&DeviceId) -> bool) {
        self.counts.retain(|device, _| is_known(device));
        self.last.retain(|device, _| is_known(device));
        self.spans.retain(|device, _| is_known(device));
        self.at_entry.retain(|device, _| is_known(device));
    }
}

/// Whether a device has written a minute before it went on to another, or may have.
fn is_spent(spans: &[Span], minute: UnixSeconds) -> bool {
    spans.iter().any(|(first, last)| (first..=last).contains(&&minute))
}

/// Takes note of a minute that a device has written.
fn spend(spans: &mut Vec<Span>, minute: UnixSeconds) {
    if is_spent(spans, minute) {
        return;
    }
    let at = spans.partition_point(|(first, _)| *first < minute);
    spans.insert(at, (minute, minute));
    // What lies side by side is one.
    spans.dedup_by(|next, before| {
        let is_beside = next.0 <= before.1.plus(MINUTE_S);
        before.1 = if is_beside { next.1 } else { before.1 };
        is_beside
    });
    if spans.len() > SPANS_MAX {
        let (first, _) = spans.remove(0);
        spans[0].0 = first;
    }
}

impl Case {
    /// Who has it; none where it is free.
    pub fn claim(&self) -> Option<&Claim> {
        self.claim.as_ref()
    }

    /// Whether a person has it.
    pub fn is_held_by(&self, person: &PersonId) -> bool {
        self.claim.as_ref().is_some_and(|claim| claim.person == *person)
    }

    /// The newest claim, or the newest answer of whoever had the case then; none where nobody ever had it.
    pub fn last_touch(&self) -> Option<EventId> {
        self.last_touch
    }

    /// Nobody has it any more; with the claim goes what was said of handing it over.
    pub(super) fn let_go(&mut self) {
        (self.claim, self.transfer) = (None, None);
    }

    /// Whether an answer of a person is held here: who has the case answers, and where nobody ever had it, anybody. Whoever else
    /// answers has not seen what a colleague did.
    pub(super) fn holds_answers_of(&self, person: &PersonId) -> bool {
        self.last_touch.is_some() && !self.is_held_by(person)
    }
}

impl Cases {
    /// How a claim stands.
    pub fn claim_state(&self, claim: &Claim) -> ClaimState {
        if !self.person(&claim.person).is_some_and(Person::may_answer) {
            return ClaimState::Absent;
        }
        let is_other = |device: &DeviceId| self.person_of(device) != Some(claim.person);
        if self.beats.since_entry(&claim.device, is_other) >= ABSENT_BEATS {
            return ClaimState::Absent;
        }
        if self.beats.since(&claim.life, is_other) >= LAPSED_BEATS {
            ClaimState::Lapsed
        } else {
            ClaimState::Live
        }
    }

    /// Whether another person than a device's is at work on a case.
    pub fn is_anothers(&self, case: &Case, device: &DeviceId) -> bool {
        case.claim.as_ref().is_some_and(|claim| {
            self.person_of(device) != Some(claim.person) && self.claim_state(claim) == ClaimState::Live
        })
    }

    /// Cases that a person has, without reading them.
    pub fn claimed_by(&self, person: &PersonId) -> impl Iterator<Item = CallerId> {
        let all = (*person, Bytes([0; 16]))..=(*person, Bytes([0xff; 16]));
        self.queues.claimed.range(all).map(|(_, caller)| *caller)
    }

    /// Who has a case, without reading it; none where it is free, or there is none.
    pub fn holder_of(&self, caller: &CallerId) -> Option<PersonId> {
        self.by_caller.get(caller).and_then(|slot| slot.head.claimed_by())
    }

    /// Makes a case that of whoever wrote an act, and the act its newest touch.
    pub(super) fn make_theirs(&mut self, act: &Act<'_>, caller: &CallerId) {
        let device = act.origin.author;
        let Some(person) = self.person_of(&device) else { return };
        let life = self.beats.counts();
        self.turns.has_taken(&person);
        let claim = Claim { id: act.event.id, person, device, life };
        self.with(caller, |case| {
            case.let_go();
            (case.last_touch, case.claim) = (Some(claim.id), Some(claim));
        });
    }

    /// Takes note that the holder has done something in a case.
    pub(super) fn note_life(&mut self, act: &Act<'_>, caller: &CallerId) {
        let person = self.person_of(&act.origin.author);
        if !person.is_some_and(|person| self.loaded(caller).is_some_and(|case| case.is_held_by(&person))) {
            return;
        }
        let (life, device) = (self.beats.counts(), act.origin.author);
        self.with(caller, |case| {
            if let Some(claim) = &mut case.claim {
                (claim.life, claim.device) = (life, device);
            }
        });
    }
}

#[cfg(test)]
pub(super) mod tests;
