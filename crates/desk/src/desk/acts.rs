//! Acts that had no effect, as the desk tells them: a device's own to its people, and what another device should not have written.

use std::collections::BTreeMap;

use callsign_protocol::{keyring::DeviceId, time::Day};

use crate::{
    cases::{Refusal, VoidAct},
    device::DeviceState,
};

/// Days for which people are told of an act without effect.
const TOLD_DAYS: u32 = 7;

/// Acts of one device that had no effect for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutEffect {
    /// Who wrote them.
    pub author: DeviceId,
    /// Whether that is this device.
    pub is_own: bool,
    /// What they were: "an answer".
    pub noun: String,
    /// Why.
    pub refusal: Refusal,
    /// How many.
    pub count: u64,
}

impl DeviceState {
    /// What people are told: all of this device's own acts of the last days, and of other devices of the desk those that no
    /// program of the desk writes. That two devices acted on one case at once is no fault of theirs.
    pub(crate) fn without_effect(&self, today: Day) -> Vec<WithoutEffect> {
        let own = self.waiting().author;
        let is_fault = |void: &VoidAct| !matches!(void.refusal, Refusal::Case | Refusal::TooLate);
        let is_told = |void: &&VoidAct| {
            let is_recent = void.day.plus(TOLD_DAYS) >= today;
            let is_known = self.keyring.device(&void.author).is_some();
            is_recent && is_known && (void.author == own || is_fault(void))
        };
        let mut counts = BTreeMap::<_, u64>::new();
        for void in self.log.cases.void().filter(is_told) {
            *counts.entry((void.author, void.refusal, void.noun.clone())).or_default() += 1;
        }
        let line = |((author, refusal, noun), count)| {
            let is_own = author == own;
            WithoutEffect { author, is_own, noun, refusal, count }
        };
        counts.into_iter().map(line).collect()
    }
}
