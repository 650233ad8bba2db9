//! Presence: what people say of what they are doing now. It decides nothing, is in no snapshot, and lives a generation at most.

use std::collections::BTreeMap;

use callsign_protocol::{caller_keys::CallerId, keyring::DeviceId};
use serde::{Deserialize, Serialize};

use super::{
    Cases, PersonId,
    act::{Act, EventKind, Refusal, ToldAgain, Writer},
    people::EVERYBODY,
};

/// Beats of a device behind which what another one said of its person is no news any more: 15 minutes at 30 s.
pub const PRESENCE_BEATS: u32 = 30;

/// What a person is doing, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// They have locked the desk or ended their shift.
    Away,
    /// They look at no case.
    Here,
    /// They look at a case.
    Reading,
    /// They write an answer.
    Writing,
}

/// A person's device says what they are doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceSaid {
    /// At whose case they read or write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<CallerId>,
    /// What they are doing.
    pub doing: Doing,
}

/// What was said last by one device.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    said: PresenceSaid,
    /// The beats of all devices when it was said.
    since: BTreeMap<DeviceId, u32>,
}

/// What each device has said last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks(BTreeMap<DeviceId, Mark>);

impl Doing {
    /// Its name in the log and in commands.
    pub fn code(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Here => "here",
            Self::Reading => "reading",
            Self::Writing => "writing",
        }
    }
}

impl EventKind for PresenceSaid {
    fn noun(&self) -> &'static str {
        "what somebody is doing"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(EVERYBODY)
    }

    // It continues no case: where that was erased meanwhile, nothing is said of it, and nobody is told that this is void.
    fn loads(&self) -> &[CallerId] {
        self.caller.as_slice()
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    /// The newest counts, so that a repetition says nothing else.
    fn is_remembered(&self) -> bool {
        false
    }

    /// Who is at no case names none.
    fn authorize(&self, _: &Act<'_>, _: &Cases) -> Result<(), Refusal> {
        let is_at_a_case = matches!(self.doing, Doing::Reading | Doing::Writing);
        if is_at_a_case || self.caller.is_none() { Ok(()) } else { Err(Refusal::Numbers) }
    }

    /// Who is at a case that they have is alive there.
    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let caller = self.caller.filter(|caller| state.has(caller));
        let said = Self { caller, ..*self };
        let since = state.beats.counts();
        state.marks.0.insert(act.origin.author, Mark { said, since });
        if let Some(caller) = caller {
            state.note_life(act, &caller);
        }
    }
}

impl Marks {
    /// Forgets all of them, as a generation begins.
    pub(super) fn forget_all(&mut self) {
        self.0.clear();
    }

    /// Whoever does something is not away; beats tell of them, until they say what they are doing.
    pub(super) fn has_acted(&mut self, device: &DeviceId) {
        if self.0.get(device).is_some_and(|mark| mark.said.doing == Doing::Away) {
            self.0.remove(device);
        }
    }

    /// Forgets a case that was erased.
    pub(super) fn forget(&mut self, caller: &CallerId) {
        for mark in self.0.values_mut().filter(|mark| mark.said.caller.as_ref() == Some(caller)) {
            mark.said.caller = None;
        }
    }
}

impl Cases {
    /// What a device has said last of its person, with the beats that it has made since; none where it has said nothing in this
    /// generation, or this program has begun since.
    pub fn said_by(&self, device: &DeviceId) -> Option<(PresenceSaid, u32)> {
        let mark = self.marks.0.get(device)?;
        Some((mark.said, self.beats.since(&mark.since, |of| of == device)))
    }

    /// Cases at which somebody said that they are.
    pub fn said_at(&self) -> impl Iterator<Item = CallerId> {
        self.marks.0.values().filter_map(|mark| mark.said.caller)
    }

    /// What a person is doing, by the beats of `viewer`: the most that one of their devices has said. None where only beats tell.
    pub fn doing(&self, person: &PersonId, viewer: &DeviceId) -> Option<Doing> {
        self.marks_of(person, viewer).map(|said| said.doing).max()
    }

    /// Who of the others is at a case and what they do there, by the beats of a device.
    pub fn others_at(&self, caller: &CallerId, viewer: &DeviceId) -> Vec<(PersonId, Doing)> {
        let me = self.person_of(viewer);
        let others = self.people().map(|(person, _)| *person).filter(|person| Some(*person) != me);
        let present = others.filter(|person| self.is_present(person, viewer));
        let at_it = |person: PersonId| {
            let marks = self.marks_of(&person, viewer).filter(|said| said.caller.as_ref() == Some(caller));
            Some((person, marks.map(|said| said.doing).max()?))
        };
        present.filter_map(at_it).collect()
    }

    /// What the devices of a person have said that is still news. That somebody went away stays so until they do or say something else.
    fn marks_of(&self, person: &PersonId, viewer: &DeviceId) -> impl Iterator<Item = PresenceSaid> {
        let (person, viewer) = (*person, *viewer);
        let is_theirs = move |of: &DeviceId| self.person_of(of) == Some(person);
        let is_news = move |mark: &Mark| {
            mark.said.doing == Doing::Away
                || self.beats.since(&mark.since, |of| *of == viewer) < PRESENCE_BEATS
        };
        self.marks
            .0
            .iter()
            .filter(move |(of, mark)| is_theirs(of) && is_news(mark))
            .map(|(_, mark)| mark.said)
    }

    /// Says of a person who ends their shift by a device that they are away, whichever device they said anything by.
    pub(super) fn has_gone(&mut self, person: &PersonId, device: DeviceId) {
        let theirs: Vec<DeviceId> =
            self.marks.0.keys().filter(|of| self.person_of(of) == Some(*person)).copied().collect();
        let said = PresenceSaid { caller: None, doing: Doing::Away };
        for of in theirs.into_iter().chain([device]) {
            self.marks.0.insert(of, Mark { said, since: self.beats.counts() });
        }
    }
}

#[cfg(test)]
mod tests;
