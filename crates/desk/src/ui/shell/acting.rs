//! Acts at a case whose forms lead back to its page, which says what became of them.

use std::sync::Arc;

use axum::{
    extract::Path,
    http::StatusCode,
    response::{Redirect, Response},
};
use callsign_protocol::{caller_keys::CallerId, encoding::Bytes};

use super::{
    Ui, aside,
    forms::{Came, answer, digits},
    layout::not_found,
    operator::Operator,
    overview::case_path,
    said::Said,
};
use crate::{
    Desk, DeskError,
    cases::{EventId, Refusal},
};

/// Reloading what a form answered leads back to the case.
pub(in crate::ui) async fn back(Path(address): Path<String>) -> Redirect {
    Redirect::to(&format!("/case/{}?look=1", digits(&address)))
}

/// The event that had set what a form shows; none where nobody had.
///
/// # Errors
/// [`Refusal::TooLate`] of what is no event: nobody writes over what they have not seen.
pub(in crate::ui) fn shown(was: &str) -> Result<Option<EventId>, DeskError> {
    if was.is_empty() {
        return Ok(None);
    }
    Bytes::from_base64url(was).map(Some).ok_or(DeskError::Refused(Refusal::TooLate))
}

/// Does something at a case and leads back to its page, which says what became of it.
pub(in crate::ui) async fn act(
    ui: Arc<Ui>,
    operator: Operator,
    address: &str,
    done: Said,
    what: impl FnOnce(&Desk, &CallerId) -> Result<EventId, DeskError> + Send + 'static,
) -> Response {
    let texts = operator.texts;
    let Some(caller) = ui.addresses().caller(address) else { return not_found(texts).await };
    let came = aside(move || {
        let said = match what(&operator.desk, &caller) {
            Ok(_) => done,
            Err(error) => match Said::why_not(&error) {
                Some(said) => said,
                None => return Came::Shown(StatusCode::INTERNAL_SERVER_ERROR, Err(error)),
            },
        };
        Came::To(format!("{}?said={}", case_path(&ui, &caller), said.code()))
    });
    answer(texts, came.await).await
}
