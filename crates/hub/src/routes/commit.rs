//! `POST /{desk}/v1/commit`: what a device writes.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use callsign_protocol::commit::COMMIT_MAX;

use super::{
    Shared,
    extract::{BoundedBody, DeskInSession},
    octets,
};
use crate::{error::HttpError, service::CommitAnswer, store::Store};

pub async fn post_commit<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, by): DeskInSession,
    BoundedBody(body): BoundedBody<COMMIT_MAX>,
) -> Result<Response, HttpError> {
    let (status, head) = match service.commit(&desk, &by, &body).await? {
        CommitAnswer::Applied(head) => (StatusCode::OK, head),
        CommitAnswer::Conflict(head) => (StatusCode::CONFLICT, head),
    };
    Ok((status, octets(head.encode().to_vec())).into_response())
}
