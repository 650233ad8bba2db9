//! `/{desk}/v1/content/{name}`: content packs.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use callsign_protocol::content::PACK_MAX;

use super::{
    Shared,
    coding::respond,
    extract::{BoundedBody, DeskInSession, EnrolledDesk},
};
use crate::{error::HttpError, store::Store};

pub async fn show_content<S: Store>(
    State(service): State<Shared<S>>,
    EnrolledDesk(desk): EnrolledDesk,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let pack = service.content(&desk, &name).await?;
    let content_type = HeaderValue::from_static("application/json");
    Ok(respond(&pack, content_type, &headers))
}

pub async fn put_content<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, _): DeskInSession,
    Path((_, name)): Path<(String, String)>,
    BoundedBody(body): BoundedBody<PACK_MAX>,
) -> Result<StatusCode, HttpError> {
    service.put_content(&desk, &name, body.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
