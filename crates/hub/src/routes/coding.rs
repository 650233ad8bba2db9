//! Sends a file in the coding that the sender of a request takes: the page's files, and documents that everyone fetches.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};

use crate::coded::Coded;

/// The first form that the headers of a request take.
pub fn respond(file: &Coded, content_type: HeaderValue, headers: &HeaderMap) -> Response {
    let mut response = match file.compressed.iter().find(|(coding, _)| takes(headers, coding)) {
        Some((coding, compressed)) => {
            let coding = HeaderValue::from_static(coding);
            ([(header::CONTENT_ENCODING, coding)], compressed.clone()).into_response()
        }
        None => file.bytes.clone().into_response(),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    if !file.compressed.is_empty() {
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

/// Whether a coding is named; `q=0`, which refuses it, is no use to anyone but is honoured.
fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|accepted| {
        let mut parts = accepted.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding))
            && !parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}
