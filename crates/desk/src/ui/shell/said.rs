//! What the page of a case says of what was just done there: a code in its address, a sentence on it.

use maud::Markup;
use serde::Deserialize;

use super::texts::{Texts, say};
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
    pub(in crate::ui) fn sentence(self, texts: Texts) -> Markup {
        match self {
            Self::AnothersAnswer => say!(texts, "said-anothers-answer"),
            Self::Away => say!(texts, "said-away"),
            Self::Clock => say!(texts, "said-clock"),
            Self::Free => say!(texts, "said-free"),
            Self::Held => say!(texts, "said-held"),
            Self::Kept => say!(texts, "said-kept"),
            Self::Known => say!(texts, "said-known"),
            Self::Level => say!(texts, "said-level"),
            Self::LetGo => say!(texts, "said-let-go"),
            Self::Nobody => say!(texts, "said-nobody"),
            Self::NobodyHasIt => say!(texts, "said-nobody-has-it"),
            Self::NothingHeld => say!(texts, "said-nothing-held"),
            Self::NothingToTakeBack => say!(texts, "said-nothing-to-take-back"),
            Self::Outside => say!(texts, "said-outside"),
            Self::Posted => say!(texts, "said-posted"),
            Self::Queued => say!(texts, "said-queued"),
            Self::Reason => say!(texts, "said-reason"),
            Self::Role => say!(texts, "said-role"),
            Self::Stopped => say!(texts, "said-stopped"),
            Self::Taken => say!(texts, "said-taken"),
            Self::TakenFaster => say!(texts, "said-taken-faster"),
            Self::TakenBack => say!(texts, "said-taken-back"),
            Self::TakenByAnother => say!(texts, "said-taken-by-another"),
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
