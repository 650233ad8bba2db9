//! `GET /{desk}/v1/follow`: what is new for a device, as soon as there is something.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

use super::{Shared, extract::DeskInSession, octets};
use crate::{
    error::HttpError,
    service::{FollowRequest, ServiceError},
    store::Store,
};

#[derive(Deserialize)]
pub struct Parameters {
    cells_after: u64,
    log_after: u64,
    wait_s: u64,
}

pub async fn follow<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, device): DeskInSession,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Response, HttpError> {
    let Query(parameters) = parameters.map_err(|_| ServiceError::Malformed)?;
    let Parameters { cells_after, log_after, wait_s } = parameters;
    let news = service.follow(&desk, FollowRequest { device, cells_after, log_after, wait_s }).await?;
    Ok(octets(news.encode()))
}
