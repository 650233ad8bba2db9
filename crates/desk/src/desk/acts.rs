//! Acts that had no effect, as the desk tells them: a device's own to its people, and what another device should not have written.

use std::collections::BTreeMap;

use callsign_protocol::{caller_keys::CallerId, keyring::DeviceId, time::Day, words::Language};

use crate::{
    cases::{Refusal, SIFTED_NOUN, UNSIFTED_NOUN, VoidAct},
    device::DeviceState,
    escape::label,
};

/// Days for which people are told of an act without effect.
const TOLD_DAYS: u32 = 7;
/// The same where somebody else was faster: until the end of the day after.
const COLLISION_TOLD_DAYS: u32 = 1;
/// Characters of a device's id that are shown.
const SHORT_ID_LEN: usize = 8;

/// Acts of one device that had no effect for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutEffect {
    /// Who wrote them.
    pub author: DeviceId,
    /// Whether that is this device.
    pub is_own: bool,
    /// The pseudonym of whoever has it; none where nobody does.
    pub person: Option<String>,
    /// What they were: "an answer".
    pub noun: String,
    /// Whose case they were about; none where that was not there, or was erased since.
    pub caller: Option<CallerId>,
    /// Its call sign.
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
            let person = self.person.as_ref().map_or_else(|| "nobody known".to_owned(), |name| label(name));
            format!("Something that {person} wrote at the device {} counts as nothing", self.device())
        };
        let times = if self.count > 1 { format!(", {} times", self.count) } else { String::new() };
        let case = match (&self.call_sign, self.refusal) {
            (Some(name), _) => format!(" for {name}"),
            (None, Refusal::Case) => " for a caller whose case is not there any more".to_owned(),
            (None, _) => String::new(),
        };
        format!("{who}: {}{case}{times}. The reason: {}.", self.noun, self.refusal.sentence())
    }

    /// The device, by as many characters as lists of devices show.
    pub fn device(&self) -> String {
        self.author.to_string().chars().take(SHORT_ID_LEN).collect()
    }

    /// Whether somebody else was merely faster: that is worth a word, and nothing is wrong.
    pub fn is_collision(&self) -> bool {
        self.refusal.is_collision()
    }

    /// What people can do about it, in sentences.
    pub fn way_out(&self) -> &'static str {
        match (self.is_own, self.refusal) {
            (false, Refusal::Role | Refusal::Mentor) => {
                "Their roles may have changed while it was on its way: `callsign desk people` shows them. Ask them whether it is still \
                 wanted. If it happens again though nobody has changed their roles, have that device looked at."
            }
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
            (true, Refusal::Custodian) => {
                "A colleague was faster: look at who is a custodian now. Make somebody else one, and do it once more where it is still wanted."
            }
            (true, Refusal::Role) => {
                "Your roles may have changed meanwhile: `callsign desk people` shows them, and a custodian changes them. Ask one whether \
                 it is still wanted."
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
        // Before the state is known, acts seem void for want of what stands in it.
        let is_known = self.log.fold.is_known();
        let is_told = |void: &&VoidAct| {
            is_known
                && self.keys.keyring.device(&void.author).is_some()
                && is_told(void, void.author == own, today)
        };
        let mut counts = BTreeMap::<_, u64>::new();
        for void in self.log.fold.cases.void().filter(is_told) {
            // Of many cases one line says enough; their page names them.
            let is_of_many = [SIFTED_NOUN, UNSIFTED_NOUN].contains(&&*void.noun);
            let caller = void.caller.filter(|_| !is_of_many);
            *counts.entry((void.author, void.refusal, void.noun.clone(), caller)).or_default() += 1;
        }
        let line = |((author, refusal, noun, caller), count): ((_, _, _, Option<CallerId>), _)| {
            let is_own = author == own;
            let call_sign = caller.map(|caller| self.log.view.name(&caller, Language::English));
            let person = self.log.view.person_of(&author).and_then(|person| self.log.view.person(&person));
            let person = person.map(|person| person.name.clone());
            WithoutEffect { author, is_own, person, noun, caller, call_sign, refusal, count }
        };
        counts.into_iter().map(line).collect()
    }
}

/// Whether people are told of an act without effect that a device of the desk wrote.
fn is_told(void: &VoidAct, is_own: bool, today: Day) -> bool {
    if !void.refusal.is_collision() {
        return void.day.plus(TOLD_DAYS) >= today;
    }
    // The desk plans anew by itself, and of an erased case nothing is left to do.
    let is_over = void.refusal == Refusal::Plan || void.erased;
    is_own && !is_over && void.day.plus(COLLISION_TOLD_DAYS) >= today
}

#[cfg(test)]
mod tests {
    use callsign_protocol::encoding::Bytes;

    use super::*;

    const TODAY: Day = Day(20_000);

    fn void(refusal: Refusal) -> VoidAct {
        VoidAct {
            sequence: 1,
            id: Bytes([1; 16]),
            author: Bytes([2; 16]),
            day: TODAY,
            noun: "a claim".to_owned(),
            refusal,
            caller: Some(Bytes([3; 16])),
            erased: false,
        }
    }

    #[test]
    fn who_was_slower_is_told_for_a_day_and_nobody_else_is() {
        for refusal in [Refusal::Case, Refusal::Claimed, Refusal::Custodian, Refusal::TooLate] {
            let void = void(refusal);
            let told = |is_own, days| is_told(&void, is_own, TODAY.plus(days));
            assert_eq!([told(true, 0), told(true, 1), told(true, 2)], [true, true, false], "{refusal:?}");
            assert!(!told(false, 0), "{refusal:?}");
            assert!(!is_told(&VoidAct { erased: true, caller: None, ..void.clone() }, true, TODAY));
        }
        assert!(!is_told(&void(Refusal::Plan), true, TODAY));
    }

    #[test]
    fn what_no_program_writes_is_told_to_all_for_a_week() {
        for refusal in [Refusal::Author, Refusal::Date, Refusal::Role, Refusal::Unreadable] {
            let erased = VoidAct { erased: true, caller: None, ..void(refusal) };
            for (void, is_own) in [(&erased, true), (&erased, false), (&void(refusal), false)] {
                assert!(is_told(void, is_own, TODAY.plus(7)) && !is_told(void, is_own, TODAY.plus(8)));
            }
        }
    }

    #[test]
    fn whose_roles_did_not_allow_it_is_not_called_a_bad_device_at_once() {
        let line = |is_own, refusal| WithoutEffect {
            author: Bytes([2; 16]),
            is_own,
            person: Some("Osy\u{202e}ka".to_owned()),
            noun: "an answer".to_owned(),
            caller: None,
            call_sign: None,
            refusal,
            count: 1,
        };
        for is_own in [true, false] {
            assert!(line(is_own, Refusal::Role).way_out().contains("roles may have changed"));
        }
        assert!(line(true, Refusal::Role).way_out().contains("a custodian"));
        assert!(line(false, Refusal::Date).way_out().starts_with("No program"));
        for refusal in [Refusal::Role, Refusal::Mentor] {
            assert!(!line(false, refusal).way_out().contains("remove"), "{refusal:?}");
        }
        // Whose it is and which one, as the page of people has them.
        let told = line(false, Refusal::Date).told();
        assert!(told.contains("Osy\\u{202e}ka wrote at the device AgICAgIC counts"), "{told}");
        let nobodys = WithoutEffect { person: None, ..line(false, Refusal::Date) };
        assert!(nobodys.told().contains("nobody known wrote at the device AgICAgIC"), "{}", nobodys.told());
    }
}
