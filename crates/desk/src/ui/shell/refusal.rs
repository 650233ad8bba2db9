//! Pages for what was not done: each says why, and leads back.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use maud::html;

use super::{
    layout::plain_page,
    site::Site,
    texts::{Texts, say, text},
};

/// Whether an answer is a refusal without a page.
pub(in crate::ui) fn is_bare(response: &Response) -> bool {
    let status = response.status();
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|of| of.as_bytes().starts_with(b"text/html"));
    (status.is_client_error() || status.is_server_error()) && !is_page
}

/// The page for a refusal of this status.
pub(in crate::ui) fn page_for(status: StatusCode, texts: Texts, site: &Site) -> Response {
    let (title, sentence) = match status {
        StatusCode::MISDIRECTED_REQUEST => {
            (text!(texts, "refusal-address-title"), say!(texts, "refusal-address"))
        }
        StatusCode::FORBIDDEN => {
            (text!(texts, "refusal-not-from-here-title"), say!(texts, "refusal-not-from-here"))
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            (text!(texts, "refusal-not-possible-title"), say!(texts, "refusal-not-possible"))
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            (text!(texts, "refusal-too-long-title"), say!(texts, "refusal-too-long"))
        }
        StatusCode::NOT_FOUND => (text!(texts, "refusal-not-found-title"), say!(texts, "refusal-not-found")),
        status if status.is_client_error() => {
            (text!(texts, "refusal-not-understood-title"), say!(texts, "refusal-not-understood"))
        }
        _ => (text!(texts, "refusal-failed-title"), say!(texts, "refusal-failed")),
    };
    // At a wrong name the board of that name would be refused as well.
    let board = if status == StatusCode::MISDIRECTED_REQUEST { site.url() } else { "/".to_owned() };
    let main = html! {
        h1 { (title) }
        p class="problem" { (sentence) }
        p { a href=(board) { (say!(texts, "shell-back-to-board")) } }
    };
    (status, plain_page(texts, &title, &main)).into_response()
}
