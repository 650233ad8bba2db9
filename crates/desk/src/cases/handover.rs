//! The end of a shift: what somebody leaves to whoever comes next, and who has taken it over.

use std::collections::{BTreeSet, VecDeque};

use callsign_protocol::{
    caller_keys::CallerId,
    invisible::is_blank,
    keyring::DeviceId,
    time::{Day, UnixSeconds},
};
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, EventId, Level, PersonId,
    act::{Act, EventKind, Refusal, Writer},
    people::{EVERYBODY, OPERATORS},
};

/// Characters (Unicode scalar values) of what somebody writes at the end of a shift at most.
pub const HANDOVER_NOTE_MAX: usize = 300;
/// Cases that one shift leaves at most.
pub const LEFT_MAX: usize = 64;
/// Sheets that are kept, the newest, and days for which each is.
const SHEETS_MAX: usize = 8;
const SHEET_DAYS: u32 = 7;

/// A person ends their shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftEnded {
    /// What whoever comes next has to know, in one line: 300 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whose cases they had, 64 at most; those that they still have become free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<CallerId>,
}

/// A person takes over what a shift has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverTaken {
    /// The event that ended the shift.
    pub shift: EventId,
}

/// What somebody left at the end of a shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The event that ended the shift.
    pub id: EventId,
    /// Who.
    pub by: PersonId,
    /// When, by its author's clock in whole minutes; none while that waits for the log.
    pub at: Option<UnixSeconds>,
    /// What they wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whose cases they had; those that were erased since are not among them.
    pub left: Vec<CallerId>,
    /// Who has taken it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_by: Option<PersonId>,
}

/// The sheets, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sheets(VecDeque<Sheet>);

impl EventKind for ShiftEnded {
    fn noun(&self) -> &'static str {
        "the end of a shift"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(EVERYBODY)
    }

    /// Nobody leaves a call of level 1 to nobody, or says in their note what becomes of it.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let is_note = |note: &String| {
            !is_blank(note) && note.chars().count() <= HANDOVER_NOTE_MAX && !note.contains(['\n', '\r'])
        };
        let left: BTreeSet<_> = self.left.iter().collect();
        if !self.note.as_ref().is_none_or(is_note)
            || self.left.len() > LEFT_MAX
            || left.len() != self.left.len()
        {
            return Err(Refusal::Numbers);
        }
        let leaves_alone = self.note.is_none() && state.leaves_urgent(&act.origin.author);
        if leaves_alone { Err(Refusal::Urgent) } else { Ok(()) }
    }

    fn loads(&self) -> &[CallerId] {
        &self.left
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let Some(by) = state.person_of(&act.origin.author) else { return };
        state.turns.step_back(&by);
        state.has_gone(&by, act.origin.author);
        for caller in &self.left {
            if state.loaded(caller).is_some_and(|case| case.is_held_by(&by)) {
                state.with(caller, Case::let_go);
            }
        }
        let left = self.left.iter().filter(|caller| state.has(caller)).copied().collect();
        let at = act.origin.written(state);
        let sheets = &mut state.sheets;
        sheets.0.push_back(Sheet { id: act.event.id, by, at, note: self.note.clone(), left, taken_by: None });
        if sheets.0.len() > SHEETS_MAX {
            sheets.forget_one();
        }
    }
}

impl EventKind for HandoverTaken {
    fn noun(&self) -> &'static str {
        "that somebody took over a shift"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let me = state.person_of(&act.origin.author);
        let sheet = state.sheets().find(|sheet| sheet.id == self.shift).ok_or(Refusal::TooLate)?;
        // Whoever ends a shift and stays has left nothing.
        if sheet.taken_by.is_none() && Some(sheet.by) != me { Ok(()) } else { Err(Refusal::TooLate) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let me = state.person_of(&act.origin.author);
        if let Some(sheet) = state.sheets.0.iter_mut().find(|sheet| sheet.id == self.shift) {
            sheet.taken_by = me;
        }
    }
}

impl Sheets {
    /// Forgets the oldest sheet of the person who has most: who ends many shifts pushes out none of another's.
    fn forget_one(&mut self) {
        let count = |by: &PersonId| self.0.iter().filter(|sheet| sheet.by == *by).count();
        let most = self.0.iter().map(|sheet| (count(&sheet.by), sheet.by)).max();
        let oldest = most.and_then(|(_, by)| self.0.iter().position(|sheet| sheet.by == by));
        self.0.remove(oldest.unwrap_or(0));
    }

    /// Forgets what a week is over since, by the time of the log.
    pub(super) fn forget_before(&mut self, today: Day) {
        self.0.retain(|sheet| sheet.at.is_none_or(|at| at.day().plus(SHEET_DAYS) >= today));
    }

    /// Forgets a case that was erased.
    pub(super) fn forget(&mut self, caller: &CallerId) {
        for sheet in &mut self.0 {
            sheet.left.retain(|left| left != caller);
        }
    }
}

impl Cases {
    /// What shifts of the last days have left, the newest last.
    pub fn sheets(&self) -> impl DoubleEndedIterator<Item = &Sheet> {
        self.sheets.0.iter()
    }

    /// Whether a call of level 1 waits and nobody but the person of this device is there who could take it.
    pub fn leaves_urgent(&self, device: &DeviceId) -> bool {
        let waits = self.waiting().next().is_some_and(|first| first.level == Level::FIRST);
        waits && !self.is_among_others(device)
    }

    /// Whether another person who may take cases is there, as this device's beats show it.
    pub fn is_among_others(&self, device: &DeviceId) -> bool {
        let me = self.person_of(device);
        self.people().any(|(person, known)| {
            Some(*person) != me && known.may_answer() && self.is_present(person, device)
        })
    }
}

#[cfg(test)]
mod tests;
