//! `/{desk}/v1/keyring`: who may write, and the keys wrapped to them.

use axum::{extract::State, http::StatusCode, response::Response};
use callsign_protocol::signed::ENVELOPE_MAX;

use super::{
    Shared,
    extract::{BoundedBody, DeskInSession, EnrolledDesk},
    octets,
};
use crate::{error::HttpError, service::ServiceError, store::Store};

pub async fn show_keyring(DeskInSession(desk, _): DeskInSession) -> Result<Response, HttpError> {
    let keyring = desk.keyring.read().ok_or(ServiceError::NotFound)?;
    Ok(octets(keyring.envelope.bytes.clone()))
}

pub async fn put_keyring<S: Store>(
    State(service): State<Shared<S>>,
    EnrolledDesk(desk): EnrolledDesk,
    BoundedBody(body): BoundedBody<ENVELOPE_MAX>,
) -> Result<StatusCode, HttpError> {
    service.put_keyring(&desk, body.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
