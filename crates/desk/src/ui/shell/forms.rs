//! What comes of a form: whether it reaches its case, where it leads, and the page that says why nothing came of it.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use callsign_protocol::caller_keys::CallerId;

use super::{
    Ui,
    layout::{Rendered, respond},
    operator::{Closed, Operator},
    texts::Texts,
    unsent::Unsent,
};
use crate::DeskError;

/// What came of a form.
pub(in crate::ui) enum Came {
    /// Another page shows it.
    To(String),
    /// The form's own page says it.
    Shown(StatusCode, Rendered),
}

/// Why a form did not reach its case; with the operator where one sent it, who may be told of other cases.
pub(in crate::ui) struct NotReached {
    pub(in crate::ui) why: Unsent,
    pub(in crate::ui) operator: Option<Operator>,
}

/// Whom a form with a text is about, and the operator who sent it.
pub(in crate::ui) fn reach(
    ui: &Ui,
    operator: Result<Operator, Closed>,
    address: &str,
) -> Result<(CallerId, Operator), NotReached> {
    let operator = operator?;
    match ui.addresses().caller(address) {
        Some(caller) => Ok((caller, operator)),
        None => Err(NotReached { why: Unsent::Gone, operator: Some(operator) }),
    }
}

/// Answers a form in which nothing stands that would be missed.
pub(in crate::ui) async fn answer(texts: Texts, came: Result<Came, Response>) -> Response {
    match came {
        Ok(Came::To(path)) => Redirect::to(&path).into_response(),
        Ok(Came::Shown(status, shown)) => respond(texts, status, Ok(shown)).await,
        Err(failed) => failed,
    }
}

/// Answers a form with a text, which comes back where no page of its case can be shown.
pub(in crate::ui) fn answer_text(
    came: Result<Came, Response>,
    unsent: impl FnOnce(Unsent) -> Response,
) -> Response {
    match came {
        Ok(Came::To(path)) => Redirect::to(&path).into_response(),
        Ok(Came::Shown(status, Ok(shown))) => (status, shown).into_response(),
        Ok(Came::Shown(_, Err(DeskError::NoSuchCall))) => unsent(Unsent::Gone),
        Ok(Came::Shown(_, Err(_))) | Err(_) => unsent(Unsent::Failed),
    }
}

/// As it was typed: browsers send CR LF for each line break of a form.
pub(in crate::ui) fn as_typed(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The hexadecimal digits of an address: nothing else makes one, and nothing else may get into a header or a form.
pub(in crate::ui) fn digits(address: &str) -> String {
    address.chars().filter(char::is_ascii_hexdigit).collect()
}

impl From<Closed> for NotReached {
    fn from(closed: Closed) -> Self {
        Self { why: closed.into(), operator: None }
    }
}
