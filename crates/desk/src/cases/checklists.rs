//! Checklists: which steps of which list were done in a case. The lists themselves are files of each device; a list is named here by its
//! keyword and a hash of what it says, so that ticks of two versions are never mixed.

use std::collections::BTreeMap;

use callsign_protocol::{
    caller_keys::CallerId,
    encoding::Bytes,
    invisible::{is_blank, is_invisible},
    time::UnixSeconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, PersonId,
    act::{Act, EventKind, Refusal, Writer},
    people::OPERATORS,
};

/// Characters (Unicode scalar values) of a list's keyword at most.
pub const LIST_KEYWORD_MAX: usize = 40;
/// Steps of a list at most.
pub const STEPS_MAX: u8 = 32;
/// Versions of lists in which anything was done in one case, at most.
const REVISIONS_MAX: usize = 16;

/// Names what a list says: its language, track and steps.
pub type Revision = Bytes<16>;

/// A person has done a step of a list, or not after all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDone {
    /// In whose case.
    pub caller: CallerId,
    /// The keyword of the list: 1 to 40 characters that can be seen.
    pub list: String,
    /// What the list said.
    pub revision: Revision,
    /// Which step, from 1.
    pub step: u8,
    /// Whether it is done.
    pub done: bool,
}

/// A step that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepBy {
    /// Who did it.
    pub by: PersonId,
    /// When, by their clock in whole minutes; none while it waits for the log.
    pub at: Option<UnixSeconds>,
}

/// The steps of one version of a list that were done in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListDone {
    /// The list's keyword.
    pub list: String,
    /// What it said.
    pub revision: Revision,
    /// The steps that are done.
    pub steps: BTreeMap<u8, StepBy>,
}

impl EventKind for StepDone {
    fn noun(&self) -> &'static str {
        "a step of a checklist"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Learner(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// Of two the later counts, step by step.
    fn authorize(&self, _: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        if !is_keyword(&self.list) || !(1..=STEPS_MAX).contains(&self.step) {
            return Err(Refusal::Numbers);
        }
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        let has_room = case.lists_done.len() < REVISIONS_MAX || !self.done;
        if has_room || case.steps_done(&self.list, &self.revision).is_some() {
            Ok(())
        } else {
            // Whoever was faster has filled the case.
            Err(Refusal::TooLate)
        }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let Some(by) = state.person_of(&act.origin.author) else { return };
        let at = act.origin.written(state);
        state.with(&self.caller, |case| case.step_done(self, StepBy { by, at }));
    }
}

/// Whether a text may be a list's keyword.
pub fn is_keyword(text: &str) -> bool {
    !is_blank(text)
        && text.chars().count() <= LIST_KEYWORD_MAX
        && !text.chars().any(|letter| letter.is_control() || is_invisible(letter))
}

impl Case {
    /// What was done, of all versions of all lists; the one that was begun first first.
    pub fn lists_done(&self) -> &[ListDone] {
        &self.lists_done
    }

    /// The steps of one version of a list that are done; none where nobody did any.
    pub fn steps_done(&self, list: &str, revision: &Revision) -> Option<&ListDone> {
        self.lists_done.iter().find(|of| of.list == list && of.revision == *revision)
    }

    fn step_done(&mut self, said: &StepDone, by: StepBy) {
        let is_it = |of: &ListDone| of.list == said.list && of.revision == said.revision;
        let place = self.lists_done.iter().position(is_it);
        match (place, said.done) {
            (Some(place), true) => _ = self.lists_done[place].steps.insert(said.step, by),
            (None, true) => {
                let (list, revision) = (said.list.clone(), said.revision);
                self.lists_done.push(ListDone { list, revision, steps: [(said.step, by)].into() });
            }
            (Some(place), false) => _ = self.lists_done[place].steps.remove(&said.step),
            (None, false) => {}
        }
        self.lists_done.retain(|of| !of.steps.is_empty());
    }
}

#[cfg(test)]
mod tests;
