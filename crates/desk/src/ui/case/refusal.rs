//! Why an answer is not taken, in a sentence, and as what its form comes back.

use axum::http::StatusCode;

use super::reply::Draft;
use crate::DeskError;

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
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Empty => "Nothing was sent: the answer is empty.".to_owned(),
            Self::Error(DeskError::AnswerKeyUsed) => {
                "An answer was taken from this form already, with other words; look above. What is below was not sent: \
                 sending it now sends it as another answer."
                    .to_owned()
            }
            Self::Error(DeskError::SameWords) => {
                "These very words were taken as an answer to this caller within the hour: they stand in the conversation above. \
                 Nothing was sent a second time. Send it once more only if the caller is to get it twice."
                    .to_owned()
            }
            Self::Error(DeskError::NotShown) => {
                "Nothing was sent: a new message has come in meanwhile, or a colleague's answer. Read it above, then send; \
                 your text is still here."
                    .to_owned()
            }
            Self::Error(error) => format!("Nothing was sent: {error}."),
            Self::NoKey => {
                "Nothing was sent: this form was not whole. Your text is still here; send it once more.".to_owned()
            }
            Self::NoSuchCase => "There is no such case.".to_owned(),
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
            Self::Empty | Self::NoKey | Self::Error(DeskError::Answer(_) | DeskError::Hole(_)) => {
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
