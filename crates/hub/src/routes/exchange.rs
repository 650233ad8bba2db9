//! `POST /{desk}/v1/exchange`: the one thing that callers do.

use axum::{extract::State, response::Response};
use callsign_protocol::exchange::REQUEST_LEN;

use super::{
    Shared,
    extract::{BoundedBody, EnrolledDesk},
    octets,
};
use crate::{error::HttpError, store::Store};

pub async fn post_exchange<S: Store>(
    State(service): State<Shared<S>>,
    EnrolledDesk(desk): EnrolledDesk,
    BoundedBody(body): BoundedBody<REQUEST_LEN>,
) -> Result<Response, HttpError> {
    Ok(octets(service.exchange(&desk, &body).await?))
}
