//! `POST /{desk}/v1/enrol`: whoever holds the code brings the desk's identity.

use axum::{extract::State, http::StatusCode};
use callsign_protocol::enrol::ENROL_LEN;

use super::{
    Shared,
    extract::{BoundedBody, DeskInPath},
};
use crate::{error::HttpError, store::Store};

pub async fn post_enrol<S: Store>(
    State(service): State<Shared<S>>,
    DeskInPath(desk): DeskInPath,
    BoundedBody(body): BoundedBody<ENROL_LEN>,
) -> Result<StatusCode, HttpError> {
    service.enrol(&desk, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}
