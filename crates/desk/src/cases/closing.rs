//! Closing: a person says that nothing more is to be done in a case, until its caller writes again or somebody reopens it.

use callsign_protocol::{caller_keys::CallerId, encoding::Bytes, time::UnixSeconds};
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, PersonId,
    act::{Act, EventKind, Refusal, Writer},
    people::OPERATORS,
};

/// Why a case is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedWhy {
    /// The caller has what they asked for.
    Answered,
    /// Somebody else helps them now.
    Referred,
    /// There was nothing in it for a desk.
    Junk,
    /// The caller needs nothing more, or said so.
    NoMoreNeeded,
}

/// A person closes a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseClosed {
    /// Whose.
    pub caller: CallerId,
    /// The newest message that the author saw.
    pub seen: Bytes<16>,
    /// Why.
    pub why: ClosedWhy,
}

/// A person reopens a case that was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseReopened {
    /// Whose.
    pub caller: CallerId,
}

/// That a case is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Who closed it.
    pub by: PersonId,
    /// Why.
    pub why: ClosedWhy,
    /// When, by its author's clock in whole minutes; none while that waits for the log.
    pub at: Option<UnixSeconds>,
}

impl ClosedWhy {
    /// All, in the order in which people are asked.
    pub const ALL: [Self; 4] = [Self::Answered, Self::Referred, Self::NoMoreNeeded, Self::Junk];

    /// Its name in the log and in commands.
    pub fn code(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Referred => "referred",
            Self::Junk => "junk",
            Self::NoMoreNeeded => "no_more_needed",
        }
    }

    /// The reason of a name.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }

    /// For people, behind "closed: ".
    pub fn told(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Referred => "referred to somebody else",
            Self::Junk => "junk",
            Self::NoMoreNeeded => "nothing more needed",
        }
    }
}

impl EventKind for CaseClosed {
    fn noun(&self) -> &'static str {
        "the closing of a case"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// Nobody closes what they have not seen, or what a colleague is at work on.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        if state.is_anothers(case, &act.origin.author) {
            return Err(Refusal::Claimed);
        }
        let is_seen = case.newest_message() == Some(self.seen) && !case.calls().any(super::Call::is_unopened);
        if is_seen && case.closed.is_none() { Ok(()) } else { Err(Refusal::TooLate) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let Some(by) = state.person_of(&act.origin.author) else { return };
        let closed = Closed { by, why: self.why, at: act.origin.written(state) };
        state.with(&self.caller, |case| {
            case.let_go();
            case.closed = Some(closed);
        });
    }
}

impl EventKind for CaseReopened {
    fn noun(&self) -> &'static str {
        "the reopening of a case"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, _: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        if case.closed.is_some() { Ok(()) } else { Err(Refusal::TooLate) }
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.with(&self.caller, |case| case.closed = None);
    }
}

impl Case {
    /// Who closed it, and why; none where it is open.
    pub fn closed(&self) -> Option<&Closed> {
        self.closed.as_ref()
    }

    /// The message of which a part came last into the log as a new one.
    pub fn newest_message(&self) -> Option<Bytes<16>> {
        self.calls().last().map(|call| call.id)
    }
}

#[cfg(test)]
mod tests;
