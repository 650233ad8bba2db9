//! Why an answer is not taken, in a sentence, and as what its form comes back.

use axum::http::StatusCode;

use maud::{Markup, html};

use super::reply::Draft;
use crate::{
    DeskError,
    escape::label,
    ui::shell::texts::{Texts, say},
};

/// Why an answer is not taken.
pub(super) enum Refusal {
    Empty,
    Error(DeskError),
    /// The form has not the key that every form of ours carries.
    NoKey,
    NoSuchCase,
}

impl Refusal {
    /// For people.
    pub(super) fn sentence(&self, texts: Texts) -> Markup {
        match self {
            Self::Empty => say!(texts, "reply-empty"),
            Self::Error(DeskError::AnswerKeyUsed) => say!(texts, "reply-key-used"),
            Self::Error(DeskError::SameWords) => say!(texts, "reply-same-words"),
            Self::Error(DeskError::Brackets(piece)) => {
                say!(texts, "reply-brackets", what = html! { bdi { (label(piece)) } })
            }
            Self::Error(DeskError::NotShown) => say!(texts, "reply-not-shown"),
            Self::Error(error) => say!(texts, "reply-refused", error = texts.error(error)),
            Self::NoKey => say!(texts, "reply-not-whole"),
            Self::NoSuchCase => say!(texts, "reply-no-case"),
        }
    }

    /// The draft as its form comes back. It stays the same answer, but where its key has served for another one.
    pub(super) fn draft_for_next_try(&self, draft: Draft) -> Draft {
        match self {
            Self::NoKey | Self::Error(DeskError::AnswerKeyUsed) => Draft { once: String::new(), ..draft },
            _ => draft,
        }
    }

    /// As a page answers it.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Empty
            | Self::NoKey
            | Self::Error(DeskError::Answer(_) | DeskError::Brackets(_) | DeskError::Hole(_)) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Error(
                DeskError::AnswerKeyUsed
                | DeskError::Lapsed
                | DeskError::NotShown
                | DeskError::NotYet(_)
                | DeskError::People(_)
                | DeskError::SameWords
                | DeskError::ShutOut
                | DeskError::Unproven,
            ) => StatusCode::CONFLICT,
            Self::NoSuchCase => StatusCode::NOT_FOUND,
            Self::Error(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
