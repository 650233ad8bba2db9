//! `/{desk}/v1/join/{slot}`: how a device that joins meets one of the desk.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};
use callsign_protocol::{
    encoding::Bytes,
    invitation::{OPENING_LEN, Slot},
};
use data_encoding::HEXLOWER;

use super::{
    Shared,
    extract::{BoundedBody, DeskInSession, EnrolledDesk},
    octets,
};
use crate::{error::HttpError, service::ServiceError, store::Store};

/// Desk and slot.
type Names = Result<Path<(String, String)>, PathRejection>;

pub async fn open<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, device): DeskInSession,
    names: Names,
    BoundedBody(_): BoundedBody<0>,
) -> Result<StatusCode, HttpError> {
    service.open_invitation(&desk, device, slot_of(names)?)?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn end<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, device): DeskInSession,
    names: Names,
) -> Result<StatusCode, HttpError> {
    service.end_invitation(&desk, &device, &slot_of(names)?);
    Ok(StatusCode::NO_CONTENT)
}

pub async fn show<S: Store>(
    State(service): State<Shared<S>>,
    EnrolledDesk(desk): EnrolledDesk,
    names: Names,
) -> Result<Response, HttpError> {
    let invitation = service.invitation(&desk, &slot_of(names)?)?;
    Ok(octets(invitation.encode()))
}

pub async fn put_commitment<S: Store>(
    State(service): State<Shared<S>>,
    EnrolledDesk(desk): EnrolledDesk,
    names: Names,
    BoundedBody(body): BoundedBody<32>,
) -> Result<StatusCode, HttpError> {
    service.commit_to_invitation(&desk, &slot_of(names)?, &body)?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn put_nonce<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, device): DeskInSession,
    names: Names,
    BoundedBody(body): BoundedBody<32>,
) -> Result<StatusCode, HttpError> {
    service.answer_invitation(&desk, &device, (&slot_of(names)?, &body))?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn put_opening<S: Store>(
    State(service): State<Shared<S>>,
    EnrolledDesk(desk): EnrolledDesk,
    names: Names,
    BoundedBody(body): BoundedBody<OPENING_LEN>,
) -> Result<StatusCode, HttpError> {
    service.show_to_invitation(&desk, &slot_of(names)?, &body)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The only form of an address: 64 hexadecimal digits in lower case.
fn slot_of(names: Names) -> Result<Slot, ServiceError> {
    let Path((_, slot)) = names.map_err(|_| ServiceError::NotFound)?;
    let bytes = HEXLOWER.decode(slot.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(Bytes).ok_or(ServiceError::NotFound)
}
