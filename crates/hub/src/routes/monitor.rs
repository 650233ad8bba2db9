//! `/health` and `/metrics`, on a listener of their own: for programs on the hub's machine that watch over it.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    middleware::map_response,
    response::{IntoResponse as _, Response},
    routing::get,
};

use super::{Shared, headers};
use crate::{
    error::HttpError,
    service::{Condition, Machine, ServiceError},
    store::Store,
};

/// The two addresses.
pub fn router<S: Store>(service: Shared<S>, machine: Arc<Machine>) -> Router {
    Router::new()
        .route("/health", get(show_health::<S>))
        .route("/metrics", get(show_metrics::<S>))
        .fallback(async || HttpError::from(ServiceError::NotFound))
        .method_not_allowed_fallback(async || HttpError::Method)
        .layer((Extension(machine), map_response(headers::everywhere)))
        .with_state(service)
}

async fn show_health<S: Store>(
    State(service): State<Shared<S>>,
    Extension(machine): Extension<Arc<Machine>>,
) -> Response {
    let health = service.health(&machine);
    let status = match health.status {
        Condition::Failing => StatusCode::SERVICE_UNAVAILABLE,
        Condition::Ok | Condition::Warning => StatusCode::OK,
    };
    // Unwrap safety: a struct of words and numbers always serialises.
    let json = serde_json::to_vec(&health).expect("words and numbers serialise");
    let content_type = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, content_type)], json).into_response()
}

async fn show_metrics<S: Store>(State(service): State<Shared<S>>) -> Response {
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, content_type)], service.figures().to_string()).into_response()
}
