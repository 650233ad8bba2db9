//! Why an act of a person is refused.

use super::{Said, Texts, Told, apart, detail, told};
use crate::{
    AuditError, ChecklistError, ClaimError, ClosingError, DraftError, FlagError, FloodError, FollowUpError,
    HandoverError, NoteError, PeopleError, QUERY_MAX, ReaderError, SearchError, SettingsError, TERMS_MAX,
    TemplateError, TransferError, TurnError,
    cases::{
        FLAG_DAYS_MAX, FOLLOW_UP_DAYS_MAX, FOLLOW_UP_TEXT_MAX, FOLLOW_UPS_MAX, HANDOVER_NOTE_MAX, LEFT_MAX,
        NOTE_PART_MAX, NOTE_PARTS_MAX, NOTES_MAX, PEOPLE_EVER_MAX, PEOPLE_MAX, PSEUDONYM_MAX,
        READER_TEXT_MAX, REASON_MAX, SIFTED_MAX, TRANSFER_TEXT_MAX,
    },
    escape::escape,
};

impl Said for ClaimError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::AnothersAnswer => told!("errors-claim-anothers-answer"),
            Self::Free => told!("errors-claim-free"),
            Self::NothingHeld => told!("errors-claim-nothing-held"),
            Self::NothingToTakeBack => told!("errors-claim-nothing-to-take-back"),
            Self::Reason => told!("errors-claim-reason", max = REASON_MAX),
            Self::Taken(name) => told!("errors-claim-taken", name = apart(escape(name))),
        }
    }
}

impl Said for ClosingError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Closed => told!("errors-closing-closed"),
            Self::News => told!("errors-closing-news"),
            Self::Open => told!("errors-closing-open"),
            Self::Why => told!("errors-closing-why"),
        }
    }
}

impl Said for DraftError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Gone => told!("errors-draft-gone"),
            Self::TooLong => told!("errors-draft-too-long"),
        }
    }
}

impl Said for FlagError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Days => told!("errors-flag-days", max = FLAG_DAYS_MAX),
            Self::Hours => told!("errors-flag-hours"),
            Self::None => told!("errors-flag-none"),
            Self::Stands => told!("errors-flag-stands"),
        }
    }
}

impl Said for FloodError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Changed(number) => told!("errors-flood-changed", number = *number),
            Self::Nothing => told!("errors-flood-nothing"),
            Self::TooMany => told!("errors-flood-too-many", max = SIFTED_MAX),
            Self::Undone => told!("errors-flood-undone"),
            Self::Window => told!("errors-flood-window"),
        }
    }
}

impl Said for ReaderError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Changed => told!("errors-reader-changed"),
            Self::Nothing => told!("errors-reader-nothing"),
            Self::Own => told!("errors-reader-own"),
            Self::Text => told!("errors-reader-text", max = READER_TEXT_MAX),
        }
    }
}

impl Said for FollowUpError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Empty => told!("errors-follow-up-empty"),
            Self::Gone => told!("errors-follow-up-gone"),
            Self::Hour => told!("errors-follow-up-hour"),
            Self::Lines => told!("errors-follow-up-lines"),
            Self::NoDay => told!("errors-follow-up-no-day"),
            Self::Outside { hour, window } => told!(
                "errors-follow-up-outside",
                hour = format!("{hour:02}:00"),
                window = apart(window.told())
            ),
            Self::Past => told!("errors-follow-up-past"),
            Self::TooFar => told!("errors-follow-up-too-far", max = FOLLOW_UP_DAYS_MAX),
            Self::TooLong => told!("errors-follow-up-too-long", max = FOLLOW_UP_TEXT_MAX),
            Self::TooMany => told!("errors-follow-up-too-many", max = FOLLOW_UPS_MAX),
        }
    }
}

impl Said for HandoverError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Note => told!("errors-handover-note", max = HANDOVER_NOTE_MAX),
            Self::Nothing => told!("errors-handover-nothing"),
            Self::NotYours => told!("errors-handover-not-yours"),
            Self::TooMany => told!("errors-handover-too-many", max = LEFT_MAX),
            Self::Urgent => told!("errors-handover-urgent"),
        }
    }
}

impl Said for NoteError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Empty => told!("errors-note-empty"),
            Self::Gone => told!("errors-note-gone"),
            Self::NotYours => told!("errors-note-not-yours"),
            Self::OnceUsed => told!("errors-note-once-used"),
            Self::TooLong { parts } => {
                told!("errors-note-too-long", parts = *parts, bytes = NOTE_PART_MAX, max = NOTE_PARTS_MAX)
            }
            Self::TooMany => told!("errors-note-too-many", max = NOTES_MAX),
            Self::Telling(_) => told!("errors-note-telling", found = detail(self)),
            Self::NoDraft => told!("errors-note-no-draft"),
            Self::NextLine => told!("errors-note-next-line", max = HANDOVER_NOTE_MAX),
        }
    }
}

impl Said for PeopleError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::LastCustodian => told!("errors-people-last-custodian"),
            Self::Left => told!("errors-people-left"),
            Self::NameOfLeft => told!("errors-people-name-of-left"),
            Self::NameTaken => told!("errors-people-name-taken"),
            Self::NoSuchPerson => told!("errors-people-no-such-person"),
            Self::Nobody => told!("errors-people-nobody"),
            Self::Pseudonym => told!("errors-people-pseudonym", max = PSEUDONYM_MAX),
            Self::Mentor => told!("errors-people-mentor"),
            Self::Role => told!("errors-people-role"),
            Self::SetSince => told!("errors-people-set-since"),
            Self::TooMany => told!("errors-people-too-many", max = PEOPLE_MAX),
            Self::TooManyEver => told!("errors-people-too-many-ever", max = PEOPLE_EVER_MAX),
            Self::TraineeBeside => told!("errors-people-trainee-beside"),
        }
    }
}

impl Said for SearchError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Empty => told!("errors-search-empty"),
            Self::Files(error) => told!("errors-search-files", error = detail(error)),
            Self::Memory => told!("errors-search-memory"),
            Self::NoDataFor(what) => told!("errors-search-no-data", what = apart(what)),
            Self::NoSuch { what, there } => {
                told!("errors-search-no-such", what = apart(what), there = apart(there.join(", ")))
            }
            Self::NoValue(what) => told!("errors-search-no-value", what = apart(what)),
            Self::NotASpan => told!("errors-search-not-a-span"),
            Self::TooLong => told!("errors-search-too-long", words = TERMS_MAX, letters = QUERY_MAX),
            Self::TooShort => told!("errors-search-too-short"),
            Self::UnknownFilter(what) => told!("errors-search-unknown-filter", what = apart(what)),
        }
    }
}

/// Commands alone change what the desk says of itself, and so meet these.
impl Said for SettingsError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::AuditDays(_)
            | Self::CertificateDays(_)
            | Self::Channel(_)
            | Self::Language(_)
            | Self::Name(_)
            | Self::Nothing
            | Self::Pace
            | Self::Page(_)
            | Self::Planned(_)
            | Self::TooLong(_)
            | Self::Track(_)
            | Self::TrackId(_)
            | Self::TrackTwice(_)
            | Self::Waiting => told!("errors-settings", error = detail(self)),
        }
    }
}

/// Commands alone import checklists, and leave out which is meant.
impl Said for AuditError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::NoTag => told!("errors-audit-no-tag"),
            Self::Others => told!("errors-audit-others"),
        }
    }
}

impl Said for ChecklistError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::File { .. } | Self::Twice(..) | Self::TooMany => {
                told!("errors-checklists", error = detail(self))
            }
            Self::NoList => told!("errors-checklist-no-list"),
            Self::WhichList(names) => told!("errors-checklist-which", names = apart(names)),
            Self::NoStep(steps) => told!("errors-checklist-no-step", number = *steps),
            Self::Changed => told!("errors-checklist-changed"),
        }
    }
}

/// Commands alone import templates, and so meet these.
impl Said for TemplateError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::File { .. } | Self::Twice(..) | Self::TooMany => {
                told!("errors-templates", error = detail(self))
            }
        }
    }
}

impl Said for TransferError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::CannotTake(name) => told!("errors-transfer-cannot-take", name = apart(name)),
            Self::Free => told!("errors-transfer-free"),
            Self::Line => told!("errors-transfer-line", max = TRANSFER_TEXT_MAX),
            Self::NotOffered => told!("errors-transfer-not-offered"),
            Self::NothingOffered => told!("errors-transfer-nothing-offered"),
            Self::Own => told!("errors-transfer-own"),
            Self::Whom => told!("errors-transfer-whom"),
            Self::Yourself => told!("errors-transfer-yourself"),
        }
    }
}

impl Said for TurnError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::NotOffered => told!("errors-turn-not-offered"),
            Self::Passes => told!("errors-turn-passes"),
        }
    }
}
