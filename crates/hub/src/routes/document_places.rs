//! Signed documents are large and anyone may send one: few are taken in at a time, and a slow one makes room.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{
    error::HttpError,
    places::{PeersBody, Places},
};

/// Documents that are on their way in, of 262 KB each at most.
const DOCUMENTS_MAX: usize = 32;

/// Places for the documents of all desks.
pub fn places() -> Arc<Places> {
    Places::new(DOCUMENTS_MAX)
}

/// Takes a document in; one that is not whole yet may lose its place to a newcomer.
pub async fn take_place(State(places): State<Arc<Places>>, request: Request, next: Next) -> Response {
    let Some(place) = places.take().map(Arc::new) else {
        return HttpError::Crowded.into_response();
    };
    let request = request.map(|body| Body::new(PeersBody::new(body, Arc::clone(&place))));
    tokio::select! {
        biased;
        () = place.lost() => HttpError::Crowded.into_response(),
        response = next.run(request) => response,
    }
}
