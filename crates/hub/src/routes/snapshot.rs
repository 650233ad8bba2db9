//! `/{desk}/v1/snapshot/{generation}/{attempt}/{index}`: chunks of the desk's snapshots.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};
use callsign_protocol::{encoding::Bytes, snapshot::CHUNK_LEN};
use data_encoding::HEXLOWER;

use super::{
    Shared,
    extract::{BoundedBody, DeskInSession},
    number, octets,
};
use crate::{
    error::HttpError,
    service::ServiceError,
    store::{ChunkAddress, Store},
};

/// Desk, generation, attempt and index.
type Names = Result<Path<(String, String, String, String)>, PathRejection>;

pub async fn show_chunk<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, _): DeskInSession,
    names: Names,
) -> Result<Response, HttpError> {
    let address = address_of(names).ok_or(ServiceError::NotFound)?;
    let chunk = service.chunk(&desk, address).await?;
    Ok(octets(chunk.as_bytes().to_vec()))
}

pub async fn put_chunk<S: Store>(
    State(service): State<Shared<S>>,
    DeskInSession(desk, _): DeskInSession,
    names: Names,
    BoundedBody(body): BoundedBody<CHUNK_LEN>,
) -> Result<StatusCode, HttpError> {
    let address = address_of(names).ok_or(ServiceError::NotFound)?;
    service.put_chunk(&desk, address, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The only form of an address: numbers in digits alone without zeros before them, the attempt in lower case.
fn address_of(names: Names) -> Option<ChunkAddress> {
    let Path((_, generation, attempt, index)) = names.ok()?;
    let attempt = HEXLOWER.decode(attempt.as_bytes()).ok()?.try_into().ok()?;
    Some(ChunkAddress { generation: number(&generation)?, attempt: Bytes(attempt), index: number(&index)? })
}
