//! Erasure: a case goes, with all that is known of its caller; what must outlive it is no content.

use std::collections::BTreeMap;

use callsign_protocol::{caller_keys::CallerId, time::Day};
use serde::{Deserialize, Serialize};

use super::{
    Cases,
    act::{Act, EventKind, Refusal, ToldAgain, Writer},
    conversation::Case,
    people::ALL_ROLES,
};

/// An operator has erased a case: all that is known of a caller. What comes in later begins a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseErased {
    /// Whose.
    pub caller: CallerId,
}

/// What outlives a case that was erased while its drops are listed: in another case of the same caller no address may come
/// twice, and no number that the caller has seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Used {
    #[serde(with = "super::snapshot::pairs")]
    posted_on: BTreeMap<(Day, u8), u8>,
    last_number: u32,
}

impl EventKind for CaseErased {
    fn noun(&self) -> &'static str {
        "an erasure"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(ALL_ROLES)
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::ByAnybody
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, _: &Act<'_>, _: &Cases) -> Result<(), Refusal> {
        Ok(())
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.erase(&self.caller);
    }
}

impl Case {
    /// The case of a caller whose case was erased before.
    pub(super) fn after(self, used: Used) -> Self {
        Self { posted_on: used.posted_on, last_number: used.last_number, ..self }
    }

    /// What must outlive the case; nothing where no drop of it is listed.
    pub(super) fn used(&self) -> Option<Used> {
        let Self { posted_on, last_number, .. } = self;
        (!posted_on.is_empty()).then(|| Used { posted_on: posted_on.clone(), last_number: *last_number })
    }
}

impl Used {
    /// Forgets days that are no longer listed; whether any is left.
    pub(super) fn forget_before(&mut self, first_listed: Day) -> bool {
        self.posted_on.retain(|(day, _), _| *day >= first_listed);
        !self.posted_on.is_empty()
    }
}
