//! What a failed request is answered: the only place that turns errors into HTTP.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::service::ServiceError;

/// Why a request was not done.
#[derive(Debug)]
pub enum HttpError {
    /// Too many send the like at this moment, and this one took longest.
    Crowded,
    /// The method does not exist at this address.
    Method,
    /// The use case failed.
    Service(ServiceError),
    /// The body did not come in time.
    Timeout,
    /// The body is longer than it may be.
    TooLarge,
}

/// The public side of an error: never the cause, never anything of the request.
#[derive(Serialize)]
struct Answer {
    code: &'static str,
    message: &'static str,
}

impl From<ServiceError> for HttpError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl HttpError {
    fn answer(&self) -> (StatusCode, Answer) {
        let (status, code, message) = match self {
            Self::Crowded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Too many documents come in at this moment; try again.",
            ),
            Self::Method => {
                (StatusCode::METHOD_NOT_ALLOWED, "method", "This address does not know this method.")
            }
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "timeout", "The request took too long."),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The request is too long."),
            Self::Service(error) => service_answer(error),
        };
        (status, Answer { code, message })
    }
}

fn service_answer(error: &ServiceError) -> (StatusCode, &'static str, &'static str) {
    match error {
        ServiceError::ChunkConflict => (
            StatusCode::CONFLICT,
            "chunk_conflict",
            "Another chunk lies at this address, or the snapshot takes none any more.",
        ),
        ServiceError::ContentFull => (
            StatusCode::INSUFFICIENT_STORAGE,
            "content_full",
            "The desk has as many content packs here as are kept; those that no notice names go after some days.",
        ),
        ServiceError::ContentHash => {
            (StatusCode::BAD_REQUEST, "content_hash", "The content pack is not the one of this address.")
        }
        ServiceError::DayRefused => (
            StatusCode::BAD_REQUEST,
            "day_refused",
            "The day is too far from the hub's, or before the last one posted to.",
        ),
        ServiceError::DocumentRefused => (
            StatusCode::BAD_REQUEST,
            "document_refused",
            "The document does not verify, is not valid today, or breaks a rule.",
        ),
        ServiceError::Forbidden => {
            (StatusCode::FORBIDDEN, "forbidden", "The code or signature is not accepted.")
        }
        ServiceError::GenerationRefused => (
            StatusCode::PRECONDITION_FAILED,
            "generation",
            "The keyring has begun another generation; fetch it first.",
        ),
        ServiceError::Malformed => {
            (StatusCode::BAD_REQUEST, "malformed", "The request is not what this address expects.")
        }
        ServiceError::NotFound => (StatusCode::NOT_FOUND, "not_found", "There is nothing at this address."),
        ServiceError::SerialConflict => (
            StatusCode::CONFLICT,
            "serial_conflict",
            "The serial must be exactly one above that of the stored document.",
        ),
        ServiceError::SessionNeeded => {
            (StatusCode::UNAUTHORIZED, "session_needed", "This address needs a session that has not ended.")
        }
        ServiceError::SnapshotRefused => (
            StatusCode::BAD_REQUEST,
            "snapshot_refused",
            "The snapshot's chunks here are not exactly those that the commit names.",
        ),
        ServiceError::NoRoom | ServiceError::Store(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The hub cannot do this now; try again.")
        }
        ServiceError::UnknownShard => {
            (StatusCode::BAD_REQUEST, "unknown_shard", "The notice has no such shard.")
        }
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let (status, answer) = self.answer();
        // Unwrap safety: a struct of two texts always serialises.
        let json = serde_json::to_vec(&answer).expect("two texts serialise");
        let content_type = HeaderValue::from_static("application/json");
        (status, [(header::CONTENT_TYPE, content_type)], json).into_response()
    }
}
