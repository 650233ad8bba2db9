//! `/` and `/{desk}`: they lead to the desk's page, by relative addresses so that any mirror's name will do.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{Shared, astray::is_navigation, extract::EnrolledDesk};
use crate::{
    error::HttpError,
    service::{Desk, ServiceError},
    store::Store,
};

pub async fn lead_to_desk<S: Store>(State(service): State<Shared<S>>, headers: HeaderMap) -> Response {
    if let Some(desk) = service.only_desk() {
        return redirect(&desk);
    }
    if is_navigation(&headers) {
        return HttpError::from(ServiceError::NotFound).into_response();
    }
    let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
    ([(header::CONTENT_TYPE, content_type)], "This hub has no desk yet.\n").into_response()
}

pub async fn add_slash(EnrolledDesk(desk): EnrolledDesk) -> Response {
    redirect(&desk)
}

fn redirect(desk: &Desk) -> Response {
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, format!("{}/", desk.id))]).into_response()
}
