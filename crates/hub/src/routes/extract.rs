//! What handlers take from a request: the desk in the address, a body of bounded size, a device's session.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::{HeaderMap, header, request::Parts},
};
use callsign_protocol::{identity::DeskId, keyring::DeviceId, session::Token};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::Shared;
use crate::{
    error::HttpError,
    service::{Desk, ServiceError},
    store::Store,
};

/// How long a body may take: a minute, and a second more for each of these bytes that it may have. A slow line through
/// Tor needs some seconds for a cell; who is slower than that loses the place first when others want it.
const BODY_TIME: Duration = Duration::from_mins(1);
const BODY_BYTES_A_SECOND: usize = 512;

/// The id in the first part of the address; the desk need not exist.
pub struct DeskInPath(pub DeskId);

/// The enrolled desk of the address.
pub struct EnrolledDesk(pub Arc<Desk>);

/// The enrolled desk of the address, and its device whose session the sender has shown.
pub struct DeskInSession(pub Arc<Desk>, pub DeviceId);

/// The whole body, `MAX` bytes at most.
pub struct BoundedBody<const MAX: usize>(pub Bytes);

impl<S: Send + Sync> FromRequestParts<S> for DeskInPath {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let not_found = || HttpError::from(ServiceError::NotFound);
        let names = RawPathParams::from_request_parts(parts, state).await.map_err(|_| not_found())?;
        let mut named = names.iter().filter(|(name, _)| *name == "desk");
        named.next().and_then(|(_, id)| DeskId::parse(id)).map(Self).ok_or_else(not_found)
    }
}

impl<S: Store> FromRequestParts<Shared<S>> for EnrolledDesk {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, service: &Shared<S>) -> Result<Self, HttpError> {
        let DeskInPath(id) = DeskInPath::from_request_parts(parts, service).await?;
        Ok(Self(service.desk(&id)?))
    }
}

impl<S: Store> FromRequestParts<Shared<S>> for DeskInSession {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, service: &Shared<S>) -> Result<Self, HttpError> {
        let EnrolledDesk(desk) = EnrolledDesk::from_request_parts(parts, service).await?;
        let token = bearer(&parts.headers).ok_or(ServiceError::SessionNeeded)?;
        let device = service.authorise(&desk, &token)?;
        Ok(Self(desk, device))
    }
}

impl<S: Send + Sync, const MAX: usize> FromRequest<S> for BoundedBody<MAX> {
    type Rejection = HttpError;

    async fn from_request(request: Request, _: &S) -> Result<Self, HttpError> {
        let body = Limited::new(request.into_body(), MAX).collect();
        let time = BODY_TIME + Duration::from_secs((MAX / BODY_BYTES_A_SECOND) as u64);
        match tokio::time::timeout(time, body).await {
            Ok(Ok(body)) => Ok(Self(body.to_bytes())),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(HttpError::TooLarge),
            Ok(Err(_)) => Err(ServiceError::Malformed.into()),
            Err(_) => Err(HttpError::Timeout),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<Token> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Token::from_base64url(token)).flatten()
}
