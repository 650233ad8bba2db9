//! `/{desk}/v1/notice`: what everyone fetches before a visit.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use callsign_protocol::signed::ENVELOPE_MAX;

use super::{
    Shared,
    coding::respond,
    extract::{BoundedBody, DeskInSession, EnrolledDesk},
};
use crate::{error::HttpError, service::ServiceError, store::Store};

pub async fn show_notice(
    EnrolledDesk(desk): EnrolledDesk,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let notice = desk.notice.read().ok_or(ServiceError::NotFound)?;
    let content_type = HeaderValue::from_static("application/octet-stream");
    Ok(respond(&notice.envelope, content_type, &headers))
}

pub async fn put_notice<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, device): DeskInSession,
    BoundedBody(body): BoundedBody<ENVELOPE_MAX>,
) -> Result<StatusCode, HttpError> {
    service.put_notice(&desk, &device, body.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
