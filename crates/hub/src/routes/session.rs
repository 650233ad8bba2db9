//! `POST /{desk}/v1/session/challenge` and `POST /{desk}/v1/session`: how a device shows that it is one.

use axum::{extract::State, response::Response};
use callsign_protocol::session::SESSION_LEN;

use super::{
    Shared,
    extract::{BoundedBody, EnrolledDesk},
    octets,
};
use crate::{error::HttpError, store::Store};

pub async fn post_challenge<S: Store>(
    State(service): State<Shared<S>>,
    EnrolledDesk(desk): EnrolledDesk,
) -> Response {
    octets(service.challenge(&desk).0.to_vec())
}

pub async fn post_session<S: Store>(
    State(service): State<Shared<S>>,
    EnrolledDesk(desk): EnrolledDesk,
    BoundedBody(body): BoundedBody<SESSION_LEN>,
) -> Result<Response, HttpError> {
    Ok(octets(service.open_session(&desk, &body)?.0.to_vec()))
}
