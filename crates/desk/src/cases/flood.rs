//! Floods: what a person says of many cases at once to which nobody has turned, chosen by when they came and never by what is in them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use callsign_protocol::{
    caller_keys::CallerId,
    time::{Day, UnixSeconds},
};
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, EventId, FLAG_DAYS_MAX, Flag, Level, PersonId,
    act::{Act, EventKind, Refusal, Writer},
    flags::SetAside,
    people::OPERATORS,
    urgency::Urgency,
};

/// Cases that wait, beyond which a desk is in a flood; those that are set aside as junk are not counted.
pub const FLOOD_WAITING: usize = 200;
/// Cases in one act at most: what a person can look through before they do it, and few enough for any beat.
pub const SIFTED_MAX: usize = 100;
/// Seconds from the first to the last step in which the cases of one act came in, at most.
pub const ARRIVED_MAX_S: u64 = 86_400;
/// Acts that are remembered so that they can be undone in one step.
const SIFTINGS_MAX: usize = 64;

/// A person sets many cases aside, or gives them a level. It counts for each case by itself: for one to which somebody has turned at its
/// place in the log it is void.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sifted {
    /// Whose cases, each once; [`SIFTED_MAX`] at most.
    pub callers: Vec<CallerId>,
    /// The step of ten minutes in which the first of their messages came in, and that of the last.
    pub from: UnixSeconds,
    /// The latter.
    pub to: UnixSeconds,
    /// As what.
    #[serde(rename = "as")]
    pub verdict: Verdict,
}

/// A person takes such an act back, for the cases of which it still stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsifted {
    /// The event of the act.
    pub sifted: EventId,
    /// Whose cases, each once; [`SIFTED_MAX`] at most.
    pub callers: Vec<CallerId>,
}

/// What is said of many cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They are junk until the end of this day.
    Junk(Day),
    /// They are as urgent as this.
    Level(Level),
}

/// An act on many cases, as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sifting {
    /// Its event.
    pub id: EventId,
    /// Who.
    pub by: PersonId,
    /// When, by its author's clock in whole minutes; none while it waits for the log.
    pub at: Option<UnixSeconds>,
    /// What was said.
    pub verdict: Verdict,
    /// How many cases it named.
    pub named: u32,
    /// For how many it counted.
    pub counted: u32,
    /// Who has taken it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<PersonId>,
}

/// The acts, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Siftings(VecDeque<Sifting>);

/// What people are told of a void one.
pub(crate) const SIFTED_NOUN: &str = "the sifting of many calls";
/// The same of taking it back.
pub(crate) const UNSIFTED_NOUN: &str = "the undoing of a sifting";

impl EventKind for Sifted {
    fn noun(&self) -> &'static str {
        SIFTED_NOUN
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn loads(&self) -> &[CallerId] {
        &self.callers
    }

    /// It is void as a whole where it counts for none of them.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let is_window = self.from <= self.to && self.to.since(self.from) <= ARRIVED_MAX_S;
        if !is_window || !are_callers(&self.callers) {
            return Err(Refusal::Numbers);
        }
        // What waits is judged where it comes to stand.
        if let (Verdict::Junk(until), Some(_)) = (self.verdict, act.origin.sequence)
            && until > state.time().day().plus(FLAG_DAYS_MAX + 1)
        {
            return Err(Refusal::Date);
        }
        let mut judged = self.callers.iter().map(|caller| self.counts_for(caller, act, state));
        let first = judged.next().unwrap_or(Err(Refusal::Numbers));
        if first.is_ok() || judged.any(|one| one.is_ok()) { Ok(()) } else { first }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let Some(by) = state.person_of(&act.origin.author) else { return };
        let (id, mut counted) = (act.event.id, 0);
        for caller in &self.callers {
            if let Err(refusal) = self.counts_for(caller, act, state) {
                state.keep_void_of(act, caller, self.noun(), refusal);
                continue;
            }
            counted += 1;
            state.keep_line_of(act, caller, None);
            state.with(caller, |case| match self.verdict {
                Verdict::Junk(until) => {
                    case.set_flag(Flag::Junk, until, SetAside { by: id, many: true, parts: 0 });
                }
                Verdict::Level(level) => case.set_urgency(Urgency::of_many(level, id)),
            });
        }
        let (at, verdict) = (act.origin.written(state), self.verdict);
        let named = u32::try_from(self.callers.len()).unwrap_or(u32::MAX);
        state.siftings.keep(Sifting { id, by, at, verdict, named, counted, undone_by: None });
    }
}

impl EventKind for Unsifted {
    fn noun(&self) -> &'static str {
        UNSIFTED_NOUN
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn loads(&self) -> &[CallerId] {
        &self.callers
    }

    fn authorize(&self, _: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        if !are_callers(&self.callers) {
            return Err(Refusal::Numbers);
        }
        let stands = self.callers.iter().any(|caller| state.is_sifted_by(caller, &self.sifted));
        if stands { Ok(()) } else { Err(Refusal::TooLate) }
    }

    /// What a person has said since of one case by itself stays.
    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        for caller in &self.callers {
            if state.is_sifted_by(caller, &self.sifted) {
                state.keep_line_of(act, caller, None);
                state.with(caller, |case| case.unsift(&self.sifted));
            } else {
                let refusal = if state.has(caller) { Refusal::TooLate } else { Refusal::Case };
                state.keep_void_of(act, caller, self.noun(), refusal);
            }
        }
        let me = state.person_of(&act.origin.author);
        if let Some(sifting) = state.siftings.0.iter_mut().find(|one| one.id == self.sifted) {
            sifting.undone_by = sifting.undone_by.or(me);
        }
    }
}

impl Sifted {
    /// Whether it counts for one of its cases: nobody has turned to that, and all that its caller wrote came in between.
    fn counts_for(&self, caller: &CallerId, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        if !state.has(caller) {
            return Err(Refusal::Case);
        }
        match state.holder_of(caller) {
            Some(holder) if state.person_of(&act.origin.author) != Some(holder) => Err(Refusal::Claimed),
            _ if state.arrived(caller).is_some_and(|(first, last)| self.from <= first && last <= self.to) => {
                Ok(())
            }
            _ => Err(Refusal::TooLate),
        }
    }
}

/// Some callers, few enough, each once.
fn are_callers(callers: &[CallerId]) -> bool {
    let each: BTreeSet<_> = callers.iter().collect();
    (1..=SIFTED_MAX).contains(&callers.len()) && each.len() == callers.len()
}

impl Siftings {
    fn keep(&mut self, sifting: Sifting) {
        self.0.push_back(sifting);
        if self.0.len() > SIFTINGS_MAX {
            self.forget_one();
        }
    }

    /// Forgets the oldest act of the person who has most: who sifts much pushes out none of another's.
    fn forget_one(&mut self) {
        let mut counts = BTreeMap::<_, usize>::new();
        for one in &self.0 {
            *counts.entry(one.by).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(by, count)| (*count, *by)).map(|(by, _)| by);
        let oldest = self.0.iter().position(|one| Some(one.by) == most);
        self.0.remove(oldest.unwrap_or(0));
    }

    /// Forgets acts of which no flag can stand any more, by the time of the log.
    pub(super) fn forget_before(&mut self, today: Day) {
        let is_over = |at: UnixSeconds| at.day().plus(FLAG_DAYS_MAX + 1) < today;
        self.0.retain(|one| !one.at.is_some_and(is_over));
    }
}

impl Case {
    /// Whether no person has done anything with it: nobody has opened, answered, taken, flagged, noted, dated or closed it, or given it a
    /// level by itself.
    pub fn is_untouched(&self) -> bool {
        let is_level_by_hand = self.urgency.is_some_and(|urgency| !urgency.is_of_many());
        let is_spoken_of = !self.flags.is_empty() || !self.notes.is_empty() || !self.follow_ups.is_empty();
        let is_opened = !self.opened_ahead.is_empty() || self.calls().any(|call| call.opened);
        self.closed.is_none()
            && self.last_touch.is_none()
            && self.safe_window.is_none()
            && !is_level_by_hand
            && !is_spoken_of
            && !is_opened
            && self.answers().next().is_none()
            && self.calls().next().is_some()
    }

    /// The acts on many cases that stand for it.
    pub(super) fn sifted_by(&self) -> Vec<EventId> {
        let aside = self.set_aside.filter(|aside| aside.many).map(|aside| aside.by);
        let level = self.urgency.filter(Urgency::is_of_many).map(|urgency| urgency.set_by());
        aside.into_iter().chain(level).collect()
    }

    fn unsift(&mut self, sifted: &EventId) {
        if self.set_aside.is_some_and(|aside| aside.many && aside.by == *sifted) {
            self.retain_flags(|flag, _| flag != Flag::Junk);
        }
        if self.urgency.is_some_and(|urgency| urgency.is_of_many() && urgency.set_by() == *sifted) {
            self.urgency = None;
        }
    }
}

impl Cases {
    /// Whether more wait than a desk can look at one by one.
    pub fn is_flooded(&self) -> bool {
        self.waiting_count().saturating_sub(self.waiting_aside_count()) > FLOOD_WAITING
    }

    /// When the first and the last message of a case to which nobody has turned came in, in steps of ten minutes; none of another one.
    pub fn arrived(&self, caller: &CallerId) -> Option<(UnixSeconds, UnixSeconds)> {
        self.head(caller)
            .filter(|head| head.is_untouched())
            .and_then(|head| Some((head.waiting.time()?, head.heard.time()?)))
    }

    /// Cases to which nobody has turned, with when their first and last messages came in. All that wait are looked through.
    pub fn untouched(&self) -> impl Iterator<Item = (CallerId, UnixSeconds, UnixSeconds)> {
        let waiting = self.waiting().take_while(|waiting| !waiting.is_set_aside);
        waiting.filter_map(|waiting| {
            self.arrived(&waiting.caller).map(|(first, last)| (waiting.caller, first, last))
        })
    }

    /// Acts on many cases, the newest last.
    pub fn siftings(&self) -> impl DoubleEndedIterator<Item = &Sifting> {
        self.siftings.0.iter()
    }

    /// Of each act on many cases those for which it still stands. The heads of all cases are looked through.
    pub fn sifted(&self) -> BTreeMap<EventId, Vec<CallerId>> {
        let mut sifted = BTreeMap::<_, Vec<_>>::new();
        for (caller, head) in self.all_heads() {
            for act in head.sifted_by() {
                sifted.entry(*act).or_default().push(*caller);
            }
        }
        sifted
    }

    fn is_sifted_by(&self, caller: &CallerId, act: &EventId) -> bool {
        self.head(caller).is_some_and(|head| head.sifted_by().contains(act))
    }
}

#[cfg(test)]
mod tests;
