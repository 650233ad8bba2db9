//! `/{desk}/` and the files below it: the caller's page.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};

use super::{coding::respond, extract::EnrolledDesk};
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
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let Path((_, path)) = path.map_err(|_| ServiceError::NotFound)?;
    show(&page, &path, &headers)
}

fn show(page: &ServedPage, path: &str, headers: &HeaderMap) -> Result<Response, HttpError> {
    let ServedFile { content_type, file } = page.file(path).ok_or(ServiceError::NotFound)?;
    Ok(respond(file, content_type.clone(), headers))
}
