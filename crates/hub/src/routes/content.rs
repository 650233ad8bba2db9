//! `/{desk}/v1/content/{name}`: content packs.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use callsign_protocol::content::PACK_MAX;

use super::{
    Shared,
    coding::respond,
    extract::{BoundedBody, DeskInSession, EnrolledDesk},
};
use crate::{error::HttpError, service::ServiceError, store::Store};

pub async fn show_content<S: Store>(
    State(service): State<Shared<S>>,
    EnrolledDesk(desk): EnrolledDesk,
    name: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let Path((_, name)) = name.map_err(|_| ServiceError::NotFound)?;
    let pack = service.content(&desk, &name).await?;
    let content_type = HeaderValue::from_static("application/json");
    Ok(respond(&pack, content_type, &headers))
}

pub async fn put_content<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, _): DeskInSession,
    name: Result<Path<(String, String)>, PathRejection>,
    BoundedBody(body): BoundedBody<PACK_MAX>,
) -> Result<StatusCode, HttpError> {
    let Path((_, name)) = name.map_err(|_| ServiceError::NotFound)?;
    service.put_content(&desk, &name, body.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
