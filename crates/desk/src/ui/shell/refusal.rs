//! Pages for what was not done: each says why, and leads back.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use maud::html;

use super::{layout::plain_page, site::Site};

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
pub(in crate::ui) fn page_for(status: StatusCode, site: &Site) -> Response {
    let (title, sentence) = match status {
        StatusCode::MISDIRECTED_REQUEST => {
            ("Another address", "This desk answers only at the address that it printed.".to_owned())
        }
        StatusCode::FORBIDDEN => (
            "Not from here",
            "This did not come from the desk's own pages, so nothing was done.".to_owned(),
        ),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("Not possible here", "Nothing can be sent to this address.".to_owned())
        }
        StatusCode::PAYLOAD_TOO_LARGE => (
            "Too long",
            "Nothing was sent: the text is far longer than any answer can be. Go back, and send it as several answers."
                .to_owned(),
        ),
        StatusCode::NOT_FOUND => {
            ("Not found", "There is nothing at this address. Addresses of cases change each time the desk program starts.".to_owned())
        }
        status if status.is_client_error() => {
            ("Not understood", "The desk does not understand this address or form, so nothing was done.".to_owned())
        }
        _ => (
            "Failed",
            "The desk program failed at this. Look at the board what became of it, then try again; an answer that was taken is not taken twice."
                .to_owned(),
        ),
    };
    // At a wrong name the board of that name would be refused as well.
    let board = if status == StatusCode::MISDIRECTED_REQUEST { site.url() } else { "/".to_owned() };
    let main = html! {
        h1 { (title) }
        p class="problem" { (sentence) }
        p { a href=(board) { "Back to the board" } }
    };
    (status, plain_page(title, &main)).into_response()
}
