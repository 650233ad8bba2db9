//! What a failed request is answered: the only place that turns errors into HTTP.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use callsign_protocol::error_code::ErrorCode;
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
    code: ErrorCode,
    message: &'static str,
}

impl From<ServiceError> for HttpError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl HttpError {
    fn answer(&self) -> Answer {
        let (code, message) = match self {
            Self::Crowded => {
                (ErrorCode::Unavailable, "Too many documents come in at this moment; try again.")
            }
            Self::Method => (ErrorCode::Method, "This address does not know this method."),
            Self::Timeout => (ErrorCode::Timeout, "The request took too long."),
            Self::TooLarge => (ErrorCode::TooLarge, "The request is too long."),
            Self::Service(error) => service_answer(error),
        };
        Answer { code, message }
    }
}

fn service_answer(error: &ServiceError) -> (ErrorCode, &'static str) {
    match error {
        ServiceError::ChunkConflict => (
            ErrorCode::ChunkConflict,
            "Another chunk lies at this address, or the snapshot takes none any more.",
        ),
        ServiceError::ContentFull => (
            ErrorCode::ContentFull,
            "The desk has as many content packs here as are kept; those that no notice names go after some days.",
        ),
        ServiceError::ContentHash => {
            (ErrorCode::ContentHash, "The content pack is not the one of this address.")
        }
        ServiceError::DayRefused => {
            (ErrorCode::DayRefused, "The day is too far from the hub's, or before the last one posted to.")
        }
        ServiceError::DocumentRefused => (
            ErrorCode::DocumentRefused,
            "The document does not verify, is not valid today, or breaks a rule.",
        ),
        ServiceError::Forbidden => (ErrorCode::Forbidden, "The code or signature is not accepted."),
        ServiceError::GenerationRefused => {
            (ErrorCode::Generation, "The keyring has begun another generation; fetch it first.")
        }
        ServiceError::InvitationConflict => (
            ErrorCode::InvitationConflict,
            "The invitation is at another stage, or something else lies there already.",
        ),
        ServiceError::Malformed => (ErrorCode::Malformed, "The request is not what this address expects."),
        ServiceError::NotFound => (ErrorCode::NotFound, "There is nothing at this address."),
        ServiceError::SerialConflict => {
            (ErrorCode::SerialConflict, "The serial must be exactly one above that of the stored document.")
        }
        ServiceError::SessionNeeded => {
            (ErrorCode::SessionNeeded, "This address needs a session that has not ended.")
        }
        ServiceError::SnapshotRefused => (
            ErrorCode::SnapshotRefused,
            "The snapshot's chunks here are not exactly those that the commit names.",
        ),
        ServiceError::NoRoom | ServiceError::Store(_) => {
            (ErrorCode::Unavailable, "The hub cannot do this now; try again.")
        }
        ServiceError::OthersTurn => (
            ErrorCode::SerialConflict,
            "Another device, which was refused again and again, commits next; try again.",
        ),
        ServiceError::TooMuch => (
            ErrorCode::Unavailable,
            "This device has changed too much in a short time; try again in a minute.",
        ),
        ServiceError::UnknownShard => (ErrorCode::UnknownShard, "The notice has no such shard."),
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let answer = self.answer();
        // Only readers meet a code that has no status.
        let status = answer.code.status().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Unwrap safety: a struct of two texts always serialises.
        let json = serde_json::to_vec(&answer).expect("two texts serialise");
        let content_type = HeaderValue::from_static("application/json");
        (status, [(header::CONTENT_TYPE, content_type)], json).into_response()
    }
}
