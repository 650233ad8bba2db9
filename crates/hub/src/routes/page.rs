//! `/{desk}/` and the files below it: the caller's page.

use std::sync::Arc;

use axum::{
    Extension,
    extract::Path,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};

use super::extract::EnrolledDesk;
use crate::{
    error::HttpError,
    page::{ServedFile, ServedPage},
    service::ServiceError,
};

pub async fn show_page(
    Extension(page): Extension<Arc<ServedPage>>,
    _: EnrolledDesk,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    show(&page, "", &headers)
}

pub async fn show_file(
    Extension(page): Extension<Arc<ServedPage>>,
    _: EnrolledDesk,
    Path((_, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    show(&page, &path, &headers)
}

fn show(page: &ServedPage, path: &str, headers: &HeaderMap) -> Result<Response, HttpError> {
    let ServedFile { content_type, bytes, compressed } = page.file(path).ok_or(ServiceError::NotFound)?;
    let mut response = match compressed.iter().find(|(coding, _)| takes(headers, coding)) {
        Some((coding, compressed)) => {
            let coding = HeaderValue::from_static(coding);
            ([(header::CONTENT_ENCODING, coding)], compressed.clone()).into_response()
        }
        None => bytes.clone().into_response(),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
    if !compressed.is_empty() {
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    Ok(response)
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
