//! Acts that had no effect, as the desk tells them: a device's own to its people, and what another device should not have written.

use std::collections::BTreeMap;

use callsign_protocol::{caller_keys::CallerId, keyring::DeviceId, time::Day, words::Language};

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
    /// Whose case they were about, by its call sign; none where that was not there, or was erased since.
    pub call_sign: Option<String>,
    /// Why.
    pub refusal: Refusal,
    /// How many.
    pub count: u64,
}

impl WithoutEffect {
    /// What had no effect, of which case, and why: a sentence.
    pub fn told(&self) -> String {
        let who = if self.is_own {
            "Something that this device wrote had no effect".to_owned()
        } else {
            format!("Something that the device {} wrote counts as nothing", self.author)
        };
        let times = if self.count > 1 { format!(", {} times", self.count) } else { String::new() };
        let case = match (&self.call_sign, self.refusal) {
            (Some(name), _) => format!(" for {name}"),
            (None, Refusal::Case | Refusal::TooLate) => {
                " for a caller whose case is not there any more".to_owned()
            }
            (None, _) => String::new(),
        };
        format!("{who}: {}{case}{times}. The reason: {}.", self.noun, self.refusal.sentence())
    }

    /// What people can do about it, in sentences.
    pub fn way_out(&self) -> &'static str {
        match (self.is_own, self.refusal) {
            (false, _) => {
                "No program of the desk writes that. Have that device looked at; if it is not in good hands, remove it with \
                 `callsign desk remove`."
            }
            (true, Refusal::Case) => {
                "Nothing is left to do for that case. If the caller has written again since, do it once more in their new one."
            }
            (true, Refusal::Claimed) => {
                "Look at the case: whoever has it answers. A leader may take it over with a reason."
            }
            (true, Refusal::TooLate) => {
                "Somebody was faster: look at the case, and do it once more where it is still wanted."
            }
            (true, _) => {
                "Look at the case, and do it once more. If it happens again, see that this computer's clock is right and that all \
                 devices run the newest version of the program."
            }
        }
    }
}

impl DeviceState {
    /// What people are told: all of this device's own acts of the last days, and of other devices of the desk those that no
    /// program of the desk writes. That two devices acted on one case at once is no fault of theirs.
    pub(crate) fn without_effect(&self, today: Day) -> Vec<WithoutEffect> {
        let own = self.waiting().author;
        let is_fault = |void: &VoidAct| {
            !matches!(void.refusal, Refusal::Case | Refusal::Claimed | Refusal::Plan | Refusal::TooLate)
        };
        let is_told = |void: &&VoidAct| {
            let is_recent = void.day.plus(TOLD_DAYS) >= today;
            let is_known = self.keys.keyring.device(&void.author).is_some();
            // The desk plans anew by itself.
            let is_own = void.author == own && void.refusal != Refusal::Plan;
            is_recent && is_known && (is_own || is_fault(void))
        };
        let mut counts = BTreeMap::<_, u64>::new();
        for void in self.log.fold.cases.void().filter(is_told) {
            *counts.entry((void.author, void.refusal, void.noun.clone(), void.caller)).or_default() += 1;
        }
        let line = |((author, refusal, noun, caller), count): ((_, _, _, Option<CallerId>), _)| {
            let is_own = author == own;
            let call_sign = caller.map(|caller| self.log.view.name(&caller, Language::English));
            WithoutEffect { author, is_own, noun, call_sign, refusal, count }
        };
        counts.into_iter().map(line).collect()
    }
}
