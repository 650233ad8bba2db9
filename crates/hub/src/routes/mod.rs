//! The hub's addresses, one endpoint a file. Nothing here names a backend.

mod astray;
mod call_policy;
mod coding;
mod commit;
mod content;
mod document_places;
mod enrol;
mod exchange;
mod extract;
mod follow;
mod headers;
mod invitation;
mod keyring;
mod letters;
mod lists;
mod monitor;
mod notice;
mod page;
mod root;
mod session;
mod snapshot;

use std::{str::FromStr, sync::Arc};

use axum::{
    Extension, Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{Next, from_fn, from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};

pub use self::{call_policy::CallPolicy, extract::BoundedBody, monitor::router as monitor_router};
use self::{call_policy::take_calls, document_places::take_place};
use crate::{
    error::HttpError,
    page::ServedPage,
    service::{Service, ServiceError},
    store::{Store, StoreError},
};

/// What every handler may use.
type Shared<S> = Arc<Service<S>>;

/// All addresses of section 11.
pub fn router<S: Store>(service: Shared<S>, page: Arc<ServedPage>, calls: CallPolicy) -> Router {
    let exchange = post(exchange::post_exchange::<S>).layer(from_fn_with_state(calls, take_calls));
    let in_places = from_fn_with_state(document_places::places(), take_place);
    let put_keyring = put(keyring::put_keyring::<S>).layer(in_places.clone());
    let put_letters = put(letters::put_letters::<S>).layer(in_places.clone());
    let put_notice = put(notice::put_notice::<S>).layer(in_places);
    let finished_once_begun = Router::new()
        .route("/{desk}/v1/commit", post(commit::post_commit::<S>))
        .route("/{desk}/v1/content/{name}", get(content::show_content::<S>).put(content::put_content::<S>))
        .route("/{desk}/v1/enrol", post(enrol::post_enrol::<S>))
        .route(
            "/{desk}/v1/join/{slot}",
            get(invitation::show::<S>).put(invitation::open::<S>).delete(invitation::end::<S>),
        )
        .route("/{desk}/v1/join/{slot}/commitment", put(invitation::put_commitment::<S>))
        .route("/{desk}/v1/join/{slot}/nonce", put(invitation::put_nonce::<S>))
        .route("/{desk}/v1/join/{slot}/opening", put(invitation::put_opening::<S>))
        .route("/{desk}/v1/keyring", put_keyring.get(keyring::show_keyring))
        .route("/{desk}/v1/letters", put_letters.get(letters::show_letters))
        .route("/{desk}/v1/lists/{day}", get(lists::show_day::<S>))
        .route("/{desk}/v1/lists/{day}/{shard}/{from}", get(lists::show_drops::<S>))
        .route("/{desk}/v1/notice", put_notice.get(notice::show_notice))
        .route("/{desk}/v1/session", post(session::post_session::<S>))
        .route("/{desk}/v1/session/challenge", post(session::post_challenge::<S>))
        .route(
            "/{desk}/v1/snapshot/{generation}/{attempt}/{index}",
            get(snapshot::show_chunk::<S>).put(snapshot::put_chunk::<S>),
        )
        .layer(from_fn(finish));
    let page_files = Router::new()
        .route("/{desk}/", get(page::show_page))
        .route("/{desk}/{*path}", get(page::show_file))
        .layer((Extension(page), map_response(headers::page)));
    Router::new()
        .route("/", get(root::lead_to_desk::<S>))
        .route("/{desk}", get(root::add_slash))
        .route("/astray.js", get(astray::show_script))
        .route("/astray.css", get(astray::show_style))
        // Its cell is on the way to the disk whether or not its sender stays.
        .route("/{desk}/v1/exchange", exchange)
        .route("/{desk}/v1/follow", get(follow::follow::<S>))
        .merge(finished_once_begun)
        .merge(page_files)
        .fallback(async || HttpError::from(ServiceError::NotFound))
        .method_not_allowed_fallback(async || HttpError::Method)
        .layer(from_fn_with_state(Arc::clone(&service), astray::lead_back::<S>))
        .layer(map_response(headers::everywhere))
        .with_state(service)
}

/// Runs a handler to its end even if the sender hangs up: what is durable must also reach memory.
pub async fn finish(request: Request, next: Next) -> Response {
    let handler = tokio::spawn(next.run(request));
    handler.await.unwrap_or_else(|_| {
        HttpError::from(ServiceError::Store(StoreError::GivenUp { operation: "handler" })).into_response()
    })
}

/// A number in an address, in its only form: digits alone, without zeros before them.
fn number<N: FromStr + ToString>(text: &str) -> Option<N> {
    text.parse().ok().filter(|number: &N| number.to_string() == text)
}

/// Bytes of the protocol as a response.
pub fn octets(bytes: impl Into<Body>) -> Response {
    let content_type = HeaderValue::from_static("application/octet-stream");
    ([(header::CONTENT_TYPE, content_type)], bytes.into()).into_response()
}
