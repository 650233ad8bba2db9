//! What is wrong with the hub, and with the way to it.

use callsign_http::Cause;
use callsign_protocol::error_code::ErrorCode;
use maud::{Markup, html};

use super::{Said, Texts, Told, apart, detail, told};
use crate::{
    Alarm, HubError, LettersFault, NoticeFault, RefusedLetters, RefusedNotice,
    keys::{KeysFault, WrongKeyring},
};

impl Said for HubError {
    fn told(&self, texts: Texts) -> Told {
        match self {
            Self::Address(error) => told!("errors-hub-address", error = detail(error)),
            Self::Away(hub, cause) => {
                told!("errors-hub-away", hub = apart(hub), cause = texts.error(cause))
            }
            Self::Conflict => told!("errors-hub-conflict"),
            Self::Lost(hub, cause) => {
                told!("errors-hub-lost", hub = apart(hub), cause = texts.error(cause))
            }
            Self::NotADevice => told!("errors-hub-not-a-device"),
            Self::Refused { code } => refused(code),
            Self::Route(error) => told!("errors-hub-route", error = detail(error)),
        }
    }
}

fn refused(code: &ErrorCode) -> Told {
    let name = code.to_string();
    match code {
        ErrorCode::ChunkConflict | ErrorCode::SnapshotRefused => {
            told!("errors-hub-refused-state", code = name)
        }
        ErrorCode::ContentFull => told!("errors-hub-refused-content-full", code = name),
        ErrorCode::ContentHash => told!("errors-hub-refused-content-hash", code = name),
        ErrorCode::DayRefused => told!("errors-hub-refused-day", code = name),
        ErrorCode::DocumentRefused => told!("errors-hub-refused-document", code = name),
        ErrorCode::Forbidden => told!("errors-hub-refused-forbidden", code = name),
        ErrorCode::Generation => told!("errors-hub-refused-generation", code = name),
        ErrorCode::InvitationConflict => told!("errors-hub-refused-invitation", code = name),
        ErrorCode::Malformed | ErrorCode::Method => told!("errors-hub-refused-malformed", code = name),
        ErrorCode::NotFound => told!("errors-hub-refused-not-found", code = name),
        ErrorCode::SerialConflict => told!("errors-hub-refused-serial", code = name),
        ErrorCode::SessionNeeded => told!("errors-hub-refused-session", code = name),
        ErrorCode::Timeout | ErrorCode::Unavailable => told!("errors-hub-refused-unavailable", code = name),
        ErrorCode::TooLarge => told!("errors-hub-refused-too-large", code = name),
        ErrorCode::Unknown(_) => told!("errors-hub-refused-unknown", code = name),
        ErrorCode::UnknownShard => told!("errors-hub-refused-shard", code = name),
    }
}

impl Said for Cause {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Broken => told!("errors-cause-broken"),
            Self::Garbled => told!("errors-cause-garbled"),
            Self::NoName => told!("errors-cause-no-name"),
            Self::ProxyAway(proxy) => told!("errors-cause-proxy-away", proxy = apart(proxy)),
            Self::ProxyRefuses(proxy) => told!("errors-cause-proxy-refuses", proxy = apart(proxy)),
            Self::Refused => told!("errors-cause-refused"),
            Self::Silent => told!("errors-cause-silent"),
            Self::Status(status) => told!("errors-cause-status", status = *status),
            Self::Tls => told!("errors-cause-tls"),
            Self::Unreachable => told!("errors-cause-unreachable"),
        }
    }
}

impl Said for Alarm {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Forged => told!("errors-alarm-forged"),
            Self::Fork => told!("errors-alarm-fork"),
            Self::KeyringChanged(device) => told!("errors-alarm-keyring-changed", device = apart(device)),
            Self::KeyringForged => told!("errors-alarm-keyring-forged"),
            Self::KeyringUnsaid => told!("errors-alarm-keyring-unsaid"),
            Self::KeyringWentBack => told!("errors-alarm-keyring-went-back"),
            Self::LogWentBack => told!("errors-alarm-log-went-back"),
            Self::Restarted => told!("errors-alarm-restarted"),
        }
    }
}

impl Texts {
    /// That callers may see another notice than the desk's, and the way out.
    pub(in crate::ui) fn refused_notice(self, refused: &RefusedNotice) -> Markup {
        let what = self.part(
            || refused.told(),
            || match refused.fault {
                NoticeFault::Back => told!("errors-notice-back"),
                NoticeFault::Ended => told!("errors-notice-ended"),
                NoticeFault::Far => told!("errors-notice-far"),
                NoticeFault::NoLater => told!("errors-notice-no-later"),
                NoticeFault::Signer => told!("errors-notice-signer"),
                NoticeFault::Unreadable => told!("errors-notice-unreadable"),
                NoticeFault::Unsaid => told!("errors-notice-unsaid"),
            },
        );
        let way_out = self.part(
            || refused.way_out().to_owned(),
            || match refused.fault {
                NoticeFault::Back | NoticeFault::NoLater => told!("errors-notice-way-backup"),
                NoticeFault::Ended => told!("errors-notice-way-ended"),
                NoticeFault::Far | NoticeFault::Signer | NoticeFault::Unreadable | NoticeFault::Unsaid => {
                    told!("errors-notice-way-ask")
                }
            },
        );
        html! { strong { (what) } " " (way_out) }
    }

    /// That a device has given the others keys which are not the desk's, and the way out.
    pub(in crate::ui) fn wrong_keyring(self, wrong: &WrongKeyring) -> Markup {
        let by = || apart(wrong.by);
        let what = self.part(
            || wrong.told(),
            || match wrong.fault {
                KeysFault::AnswerKeys => told!("errors-keyring-answer-keys", device = by()),
                KeysFault::Certificate => told!("errors-keyring-certificate", device = by()),
                KeysFault::DutyKey => told!("errors-keyring-duty-key", device = by()),
                KeysFault::LogKey => told!("errors-keyring-log-key", device = by()),
                KeysFault::TooMany => told!("errors-keyring-too-many", device = by()),
                KeysFault::Unreadable => told!("errors-keyring-unreadable", device = by()),
            },
        );
        let way_out = self.part(|| wrong.way_out().to_owned(), || told!("errors-keyring-way"));
        html! { strong { (what) } " " (way_out) }
    }

    /// That nobody can write letters, why, and the way out.
    pub(in crate::ui) fn refused_letters(self, refused: &RefusedLetters) -> Markup {
        let what = self.part(
            || refused.told(),
            || match refused.fault {
                LettersFault::Far => told!("errors-letters-far"),
                LettersFault::NoLater => told!("errors-letters-no-later"),
                LettersFault::Refused => told!("errors-letters-refused"),
                LettersFault::Unreadable => told!("errors-letters-unreadable"),
            },
        );
        let way_out = self.part(
            || refused.way_out().to_owned(),
            || match refused.fault {
                LettersFault::NoLater => told!("errors-letters-way-backup"),
                LettersFault::Refused => told!("errors-letters-way-versions"),
                LettersFault::Far | LettersFault::Unreadable => told!("errors-letters-way-ask"),
            },
        );
        html! { strong { (what) } " " (way_out) }
    }
}
