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
    let ServedFile { content_type, bytes, gzip } = page.file(path).ok_or(ServiceError::NotFound)?;
    let Some(gzip) = gzip else {
        return Ok(([(header::CONTENT_TYPE, content_type.clone())], bytes.clone()).into_response());
    };
    let vary = (header::VARY, HeaderValue::from_static("accept-encoding"));
    if !takes_gzip(headers) {
        let headers = [(header::CONTENT_TYPE, content_type.clone()), vary];
        return Ok((headers, bytes.clone()).into_response());
    }
    let encoding = (header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Ok(([(header::CONTENT_TYPE, content_type.clone()), vary, encoding], gzip.clone()).into_response())
}

/// Whether gzip is named; `q=0`, which refuses it, is no use to anyone but is honoured.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
            && !parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}
