//! Sends a file in the coding that the sender of a request takes: the page's files, and documents that everyone fetches.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};

/// A file and its compressed forms, the best first.
pub struct Coded<'a> {
    pub content_type: HeaderValue,
    pub bytes: &'a [u8],
    /// Coding and compressed file.
    pub compressed: &'a [(&'static str, &'a [u8])],
}

impl Coded<'_> {
    /// The first form that the headers of a request take.
    pub fn respond(&self, headers: &HeaderMap) -> Response {
        let mut response = match self.compressed.iter().find(|(coding, _)| takes(headers, coding)) {
            Some((coding, compressed)) => {
                let coding = HeaderValue::from_static(coding);
                ([(header::CONTENT_ENCODING, coding)], Body::from(compressed.to_vec())).into_response()
            }
            None => Body::from(self.bytes.to_vec()).into_response(),
        };
        response.headers_mut().insert(header::CONTENT_TYPE, self.content_type.clone());
        if !self.compressed.is_empty() {
            response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        response
    }
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
