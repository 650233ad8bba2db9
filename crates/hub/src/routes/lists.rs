//! `/{desk}/v1/lists/{day}` and below it `/{shard}/{from}`: what the desk's lists hold, for its devices.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::Response,
};
use callsign_protocol::time::Day;

use super::{Shared, extract::DeskInSession, number, octets};
use crate::{error::HttpError, service::ServiceError, store::Store};

pub async fn show_day<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, _): DeskInSession,
    names: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, HttpError> {
    let Path((_, day)) = names.map_err(|_| ServiceError::NotFound)?;
    let day = number(&day).map(Day).ok_or(ServiceError::NotFound)?;
    Ok(octets(service.day_chains(&desk, day).await?.encode()))
}

pub async fn show_drops<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, _): DeskInSession,
    names: Result<Path<(String, String, String, String)>, PathRejection>,
) -> Result<Response, HttpError> {
    let Path((_, day, shard, from)) = names.map_err(|_| ServiceError::NotFound)?;
    let day = number(&day).map(Day).ok_or(ServiceError::NotFound)?;
    let shard = number(&shard).ok_or(ServiceError::NotFound)?;
    let from = number(&from).ok_or(ServiceError::NotFound)?;
    Ok(octets(service.drop_hashes(&desk, (day, shard), from).await?.encode()))
}
