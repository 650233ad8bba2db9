//! Flags: what a person says of a whole case, until a day: that it is junk, that it abuses, that its caller may be under duress.

use std::collections::BTreeMap;

use callsign_protocol::{caller_keys::CallerId, time::Day};
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, EventId, Unread,
    act::{Act, EventKind, Refusal, Writer},
    people::OPERATORS,
};

/// Days for which a flag stands at most: nobody is set aside for good.
pub const FLAG_DAYS_MAX: u32 = 90;
/// Days for which a flag stands where nobody says otherwise.
pub const FLAG_DAYS: u32 = 30;
/// Cases whose flags end behind one entry at most; the next entry goes on.
const ENDED_AT_ONCE: usize = 32;

/// What is said of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Its messages are such as nobody should read unprepared.
    Abusive,
    /// Its caller may be watched, or made to write: each answer to it has a second reader.
    Coerced,
    /// There is nothing in it for a desk: it comes behind all other cases that wait.
    Junk,
}

/// A person flags a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flagged {
    /// Whose.
    pub caller: CallerId,
    /// As what.
    pub flag: Flag,
    /// The last day on which it stands.
    pub until: Day,
}

/// A person lifts a flag before its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagLifted {
    /// Whose case.
    pub caller: CallerId,
    /// Which.
    pub flag: Flag,
    /// The last day of it that the author saw.
    pub until: Day,
}

/// How a case came to be set aside as junk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SetAside {
    /// The event that did it.
    pub(super) by: EventId,
    /// Whether it did so with many, which nobody had opened.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) many: bool,
    /// Parts of messages that were there: what comes later is new.
    pub(super) parts: u32,
}

/// The flags of a case, with the last day of each.
pub(super) type Flags = BTreeMap<Flag, Day>;

impl Flag {
    /// All, in the order in which people see them.
    pub const ALL: [Self; 3] = [Self::Coerced, Self::Abusive, Self::Junk];

    /// Its name in the log and in commands.
    pub fn code(self) -> &'static str {
        match self {
            Self::Abusive => "abusive",
            Self::Coerced => "coerced",
            Self::Junk => "junk",
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Abusive => "abusive",
            Self::Coerced => "under duress",
            Self::Junk => "junk",
        }
    }

    /// The flag of a name.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.code() == code)
    }
}

impl EventKind for Flagged {
    fn noun(&self) -> &'static str {
        "a flag"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// Of two the longer stays.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        // What waits is judged where it comes to stand.
        if act.origin.sequence.is_some() && self.until > state.time().day().plus(FLAG_DAYS_MAX + 1) {
            return Err(Refusal::Date);
        }
        let is_longer = case.flags.get(&self.flag).is_none_or(|until| *until < self.until);
        if is_longer { Ok(()) } else { Err(Refusal::TooLate) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let aside = SetAside { by: act.event.id, many: false, parts: 0 };
        state.with(&self.caller, |case| case.set_flag(self.flag, self.until, aside));
    }
}

impl EventKind for FlagLifted {
    fn noun(&self) -> &'static str {
        "the lifting of a flag"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// Who has not seen that a colleague made it longer does not lift it.
    fn authorize(&self, _: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        if case.flags.get(&self.flag) == Some(&self.until) { Ok(()) } else { Err(Refusal::TooLate) }
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.with(&self.caller, |case| case.retain_flags(|flag, _| flag != self.flag));
    }
}

impl Case {
    /// Its flags, with the last day of each; one whose day is over goes with the next entry of the log.
    pub fn flags(&self) -> impl Iterator<Item = (Flag, Day)> {
        self.flags.iter().map(|(flag, until)| (*flag, *until))
    }

    /// Whether it has a flag.
    pub fn has_flag(&self, flag: Flag) -> bool {
        self.flags.contains_key(&flag)
    }

    /// Whether its caller wrote, or a part came in, since it was set aside as junk: that is shown first among those.
    pub fn wrote_since_set_aside(&self) -> bool {
        self.set_aside.is_some_and(|aside| self.parts_here() > aside.parts)
    }

    /// Whether it was set aside with many others, which nobody had opened.
    pub fn is_set_aside_with_many(&self) -> bool {
        self.set_aside.is_some_and(|aside| aside.many)
    }

    /// Sets a flag until a day; of junk it is noted how that came about.
    pub(super) fn set_flag(&mut self, flag: Flag, until: Day, aside: SetAside) {
        self.flags.insert(flag, until);
        if flag == Flag::Junk {
            self.set_aside = Some(SetAside { parts: self.parts_here(), ..aside });
        }
    }

    /// Keeps those of its flags.
    pub(super) fn retain_flags(&mut self, keeps: impl Fn(Flag, Day) -> bool) {
        self.flags.retain(|flag, until| keeps(*flag, *until));
        if !self.has_flag(Flag::Junk) {
            self.set_aside = None;
        }
    }

    /// Parts of messages that have come in.
    fn parts_here(&self) -> u32 {
        let parts = self.calls().map(|call| call.parts.iter().flatten().count()).sum::<usize>();
        u32::try_from(parts).unwrap_or(u32::MAX)
    }

    /// The first last day of its flags.
    pub(super) fn flag_ends(&self) -> Option<Day> {
        self.flags.values().min().copied()
    }
}

impl Cases {
    /// Ends the flags whose last day is over, behind each entry: the time of the log decides, so all devices agree.
    ///
    /// # Errors
    /// [`Unread`] of a case that has one; the state is then no state of the log.
    pub(super) fn end_flags(&mut self) -> Result<(), Unread> {
        let today = self.time().day();
        let over = self.queues.flagged.iter().take_while(|(until, _)| *until < today);
        let callers: Vec<CallerId> = over.take(ENDED_AT_ONCE).map(|(_, caller)| *caller).collect();
        for caller in callers {
            self.load(&caller)?;
            self.with(&caller, |case| case.retain_flags(|_, until| until >= today));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
