//! What the page of a case says of what was just done there: a code in its address, a sentence on it.

use serde::Deserialize;

use crate::ClaimError;

/// What the page of a case says of what was just done there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::ui) enum Said {
    /// A colleague wrote the answer that is held, and nobody has the case.
    AnothersAnswer,
    /// It was to leave at once, and the hub does not answer.
    Away,
    /// It was to leave at once, and the hub has another date.
    Clock,
    /// A colleague has the case.
    Held,
    /// It was to leave at once and could not yet.
    Kept,
    /// It was taken before.
    Known,
    /// Nobody has the case now.
    Free,
    /// The case has another level.
    Level,
    /// An answer that was held leaves.
    LetGo,
    /// It is kept, and this device does nothing for the desk.
    Outside,
    /// All that waited for this caller has left.
    Posted,
    /// It waits for the cadence.
    Queued,
    /// No answer is held that could be let go.
    NothingHeld,
    /// No answer can be taken back.
    NothingToTakeBack,
    /// The desk does not know whose the device is.
    Nobody,
    /// Nobody had the case.
    NobodyHasIt,
    /// A leader gave no reason.
    Reason,
    /// The person's roles do not allow it.
    Role,
    /// The case was taken.
    Taken,
    /// Somebody was faster.
    TakenFaster,
    /// A colleague has the case.
    TakenByAnother,
    /// An answer was taken back.
    TakenBack,
    /// It was to leave at once, and something is in the way that the strip above names.
    Stopped,
}

impl Said {
    /// As an address has it.
    pub(in crate::ui) fn code(self) -> &'static str {
        match self {
            Self::AnothersAnswer => "anothers-answer",
            Self::Away => "away",
            Self::Clock => "clock",
            Self::Free => "free",
            Self::Held => "held",
            Self::Kept => "kept",
            Self::Known => "known",
            Self::Level => "level",
            Self::LetGo => "let-go",
            Self::Nobody => "nobody",
            Self::NobodyHasIt => "nobody-has-it",
            Self::NothingHeld => "nothing-held",
            Self::NothingToTakeBack => "nothing-to-take-back",
            Self::Outside => "outside",
            Self::Posted => "posted",
            Self::Queued => "queued",
            Self::Reason => "reason",
            Self::Role => "role",
            Self::Stopped => "stopped",
            Self::Taken => "taken",
            Self::TakenFaster => "taken-faster",
            Self::TakenBack => "taken-back",
            Self::TakenByAnother => "taken-by-another",
        }
    }

    /// For people.
    pub(in crate::ui) fn sentence(self) -> &'static str {
        match self {
            Self::AnothersAnswer => {
                "Nothing was done: a colleague wrote that answer and nobody has the case. Take the case, and let the answer leave then."
            }
            Self::Away => "The answer is kept and leaves by itself once the hub answers: it does not now.",
            Self::Clock => {
                "The answer is kept and could not leave: the hub has another date than this computer. Set this computer's clock; \
                 where it is right, have the hub's set. It leaves by itself then."
            }
            Self::Free => "Nobody has this case now: any colleague may take it.",
            Self::Held => {
                "The answer is kept and held: a colleague has this case. It leaves once they let it leave, or once nobody is at work on the case and you do."
            }
            Self::Kept => {
                "The answer is kept and leaves by itself. Not all of it could leave right now: today's places for this caller are used up."
            }
            Self::Known => "This answer was taken already: it is above, once.",
            Self::Level => "The level is set. The others see it within a minute.",
            Self::LetGo => "The answer leaves with its turn.",
            Self::Nobody => {
                "Nothing was done: the desk does not know yet whose device this is. A custodian says so by admitting it; try again in a while."
            }
            Self::NobodyHasIt => "Nobody had this case, so there was nothing to let go.",
            Self::NothingHeld => {
                "Nothing was done: no answer is held here any more. A colleague may have let it leave, or taken it back."
            }
            Self::NothingToTakeBack => {
                "Nothing was taken back: the answer was taken back already, was posted, is on its way, or is not yours. What became of it stands below it."
            }
            Self::Outside => {
                "The answer is kept on this computer and does not leave: this device does nothing for the desk now, and why stands at the \
                 top of this page. Unless that is mended, this caller has to be answered from a device that works."
            }
            Self::Posted => "Posted. The caller finds it at their next visit.",
            Self::Queued => "Queued. It leaves with the cadence; you need not wait here.",
            Self::Reason => "The case was not taken: say in one line why you take it from a colleague.",
            Self::Role => {
                "Nothing was done: your roles at this desk do not allow it. A custodian changes them."
            }
            Self::Stopped => {
                "The answer is kept and could not leave now: what is in the way stands at the top of this page, within a minute. \
                 It leaves by itself once that is mended."
            }
            Self::Taken => {
                "You have taken this case. The others see that within a minute; where somebody was faster, their name stands above by then."
            }
            Self::TakenFaster => "You do not have this case: somebody was faster.",
            Self::TakenBack => {
                "The answer is taken back: nothing of it was posted. It stays in the conversation, for colleagues."
            }
            Self::TakenByAnother => "Nothing was done: a colleague has this case.",
        }
    }

    /// Why a case was not taken or let go, or an answer not taken back.
    pub(in crate::ui) fn of(error: &ClaimError) -> Self {
        match error {
            ClaimError::AnothersAnswer => Self::AnothersAnswer,
            ClaimError::Free => Self::NobodyHasIt,
            ClaimError::NothingHeld => Self::NothingHeld,
            ClaimError::NothingToTakeBack => Self::NothingToTakeBack,
            ClaimError::Reason => Self::Reason,
            ClaimError::Taken(_) => Self::TakenByAnother,
        }
    }
}
