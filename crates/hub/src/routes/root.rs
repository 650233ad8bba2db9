//! `/` and `/{desk}`: they lead to the desk's page, by relative addresses so that any mirror's name will do.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{Shared, extract::EnrolledDesk};
use crate::{service::Desk, store::Store};

pub async fn lead_to_desk<S: Store>(State(service): State<Shared<S>>) -> Response {
    if let Some(desk) = service.only_desk() {
        return redirect(&desk);
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
