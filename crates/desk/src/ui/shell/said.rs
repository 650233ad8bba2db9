//! What the page of a case says of what was just done there: a code in its address, a sentence on it.

use callsign_protocol::encoding::Bytes;
use maud::Markup;
use serde::Deserialize;

use super::texts::{Texts, say};
use crate::{ClaimError, DeskError, FlagError, PeopleError, ReaderError, cases::Refusal};

/// What the page of a case says of what was just done there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::ui) enum Said {
    /// A second reader's yes.
    Approved,
    /// A colleague wrote the answer that is held, and nobody has the case.
    AnothersAnswer,
    /// It was to leave at once, and the hub does not answer.
    Away,
    /// It was to leave at once, and the hub has another date.
    Clock,
    /// Somebody was faster.
    Faster,
    /// A flag was lifted.
    FlagLifted,
    /// The case has that flag already.
    FlagStands,
    /// The case was flagged.
    Flagged,
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
    /// A message stands before the answer that its author had not read.
    Overtaken,
    /// An answer that is held cannot be let go: a message stands beside it that nobody has opened.
    NotOpened,
    /// It is kept, and this device does nothing for the desk.
    Outside,
    /// All that waited for this caller has left.
    Posted,
    /// An answer waits for a second reader.
    ToBeRead,
    /// It waits for the cadence.
    Queued,
    /// The case has no such flag.
    NoFlag,
    /// No hours of a day.
    NoHours,
    /// A second reader's no.
    NotApproved,
    /// No answer waits for a second reader.
    NothingToRead,
    /// No answer is held that could be let go.
    NothingHeld,
    /// No answer can be taken back.
    NothingToTakeBack,
    /// The desk does not know whose the device is.
    Nobody,
    /// Nobody had the case.
    NobodyHasIt,
    /// The answer that waits for a second reader is the person's own.
    OwnAnswer,
    /// The answer is another one than was shown to its second reader.
    ReadAgain,
    /// What is said to the author is no line.
    ReaderText,
    /// The hours in which the caller may look are kept.
    SafeHours,
    /// A leader gave no reason.
    Reason,
    /// The person's roles do not allow it.
    Role,
    /// A trainee wrote in a case that nobody has who may answer.
    Mentor,
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
            Self::Approved => "approved",
            Self::Faster => "faster",
            Self::FlagLifted => "flag-lifted",
            Self::FlagStands => "flag-stands",
            Self::Flagged => "flagged",
            Self::NoFlag => "no-flag",
            Self::NoHours => "no-hours",
            Self::NotApproved => "not-approved",
            Self::NothingToRead => "nothing-to-read",
            Self::OwnAnswer => "own-answer",
            Self::ReadAgain => "read-again",
            Self::ReaderText => "reader-text",
            Self::SafeHours => "safe-hours",
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
            Self::Overtaken => "overtaken",
            Self::NotOpened => "not-opened",
            Self::Outside => "outside",
            Self::Posted => "posted",
            Self::ToBeRead => "to-be-read",
            Self::Queued => "queued",
            Self::Reason => "reason",
            Self::Role => "role",
            Self::Mentor => "mentor",
            Self::Stopped => "stopped",
            Self::Taken => "taken",
            Self::TakenFaster => "taken-faster",
            Self::TakenBack => "taken-back",
            Self::TakenByAnother => "taken-by-another",
        }
    }

    /// Whether it tells of an act that colleagues hear of with a beat.
    pub(in crate::ui) fn is_for_colleagues(self) -> bool {
        matches!(
            self,
            Self::Approved
                | Self::FlagLifted
                | Self::Flagged
                | Self::Free
                | Self::LetGo
                | Self::Level
                | Self::NotApproved
                | Self::Queued
                | Self::SafeHours
                | Self::Taken
                | Self::TakenBack
                | Self::ToBeRead
        )
    }

    /// What has to stand on the page, as a selector, for this to be true still; none where it stays true. `newest` is the newest answer
    /// of whoever looks.
    pub(in crate::ui) fn is_true_while(self, newest: Option<&Bytes<16>>) -> Option<String> {
        match self {
            Self::Free => Some("#claim".to_owned()),
            Self::Queued => newest.map(|answer| format!("#conversation [data-key=\"{answer}\"]:not(.held)")),
            Self::Taken => Some("#release".to_owned()),
            Self::ToBeRead => Some("#conversation .held".to_owned()),
            _ => None,
        }
    }

    /// For people.
    pub(in crate::ui) fn sentence(self, texts: Texts) -> Markup {
        match self {
            Self::Approved => say!(texts, "said-approved"),
            Self::Faster => say!(texts, "said-faster"),
            Self::FlagLifted => say!(texts, "said-flag-lifted"),
            Self::FlagStands => say!(texts, "said-flag-stands"),
            Self::Flagged => say!(texts, "said-flagged"),
            Self::NoFlag => say!(texts, "said-no-flag"),
            Self::NoHours => say!(texts, "said-no-hours"),
            Self::NotApproved => say!(texts, "said-not-approved"),
            Self::NothingToRead => say!(texts, "said-nothing-to-read"),
            Self::OwnAnswer => say!(texts, "said-own-answer"),
            Self::ReadAgain => say!(texts, "said-read-again"),
            Self::ReaderText => say!(texts, "said-reader-text"),
            Self::SafeHours => say!(texts, "said-safe-hours"),
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
            Self::Overtaken => say!(texts, "said-overtaken"),
            Self::NotOpened => say!(texts, "said-not-opened"),
            Self::Outside => say!(texts, "said-outside"),
            Self::Posted => say!(texts, "said-posted"),
            Self::ToBeRead => say!(texts, "said-to-be-read"),
            Self::Queued => say!(texts, "said-queued"),
            Self::Reason => say!(texts, "said-reason"),
            Self::Role => say!(texts, "said-role"),
            Self::Mentor => say!(texts, "said-mentor"),
            Self::Stopped => say!(texts, "said-stopped"),
            Self::Taken => say!(texts, "said-taken"),
            Self::TakenFaster => say!(texts, "said-taken-faster"),
            Self::TakenBack => say!(texts, "said-taken-back"),
            Self::TakenByAnother => say!(texts, "said-taken-by-another"),
        }
    }

    /// Why nothing came of an act at a case; none where the page cannot say it.
    pub(in crate::ui) fn why_not(error: &DeskError) -> Option<Self> {
        Some(match error {
            DeskError::Claim(error) => match error {
                ClaimError::AnothersAnswer => Self::AnothersAnswer,
                ClaimError::Free => Self::NobodyHasIt,
                ClaimError::NothingHeld => Self::NothingHeld,
                ClaimError::NothingToTakeBack => Self::NothingToTakeBack,
                ClaimError::Reason => Self::Reason,
                ClaimError::Taken(_) => Self::TakenByAnother,
            },
            DeskError::Flag(error) => match error {
                FlagError::Days | FlagError::Stands => Self::FlagStands,
                FlagError::Hours => Self::NoHours,
                FlagError::None => Self::NoFlag,
            },
            DeskError::Reader(error) => match error {
                ReaderError::Changed => Self::ReadAgain,
                ReaderError::Nothing => Self::NothingToRead,
                ReaderError::Own => Self::OwnAnswer,
                ReaderError::Text => Self::ReaderText,
            },
            DeskError::People(PeopleError::Role) => Self::Role,
            DeskError::People(PeopleError::Mentor) => Self::Mentor,
            DeskError::People(PeopleError::Nobody) => Self::Nobody,
            DeskError::NotShown => Self::NotOpened,
            DeskError::Refused(Refusal::TooLate) => Self::Faster,
            _ => return None,
        })
    }
}
