//! `/{desk}/v1/letters`: the keys that letters are sealed to, which every visit fetches once.

use axum::{extract::State, http::StatusCode, response::Response};
use callsign_protocol::letters::LETTERS_LEN;

use super::{
    Shared,
    extract::{BoundedBody, DeskInSession, EnrolledDesk},
    octets,
};
use crate::{error::HttpError, service::ServiceError, store::Store};

/// Never compressed: the keys do not shrink and the spaces behind them do, so the length would tell how many there are.
pub async fn show_letters(EnrolledDesk(desk): EnrolledDesk) -> Result<Response, HttpError> {
    let letters = desk.letters.read().ok_or(ServiceError::NotFound)?;
    Ok(octets(letters.envelope.bytes.clone()))
}

pub async fn put_letters<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, device): DeskInSession,
    BoundedBody(body): BoundedBody<LETTERS_LEN>,
) -> Result<StatusCode, HttpError> {
    service.put_letters(&desk, &device, body.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
