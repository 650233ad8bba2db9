//! What a browser is shown where its address leads nowhere: the desk's page where that is certain, otherwise the way out
//! and, where there is one, the way to the page. Programs are answered as if this file did not exist.

mod mistyped;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use self::mistyped::Mistyped;
use super::{Shared, headers::page};
use crate::store::Store;

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("script.js");
const STYLE: &str = include_str!("style.css");
/// What leads from the request's address to the root of the hub.
const UP: &str = "{up}";
/// The address of the desk's page, relative to the root.
const DESK: &str = "{desk}";
/// What stands around the lines about the desk's page.
const WAY: [&str; 2] = ["<!-- way -->\n", "<!-- /way -->\n"];

/// Leads navigations on that would end in an error.
pub async fn lead_back<S: Store>(State(service): State<Shared<S>>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read || !is_navigation(request.headers()) {
        return next.run(request).await;
    }
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let up = "../".repeat(path.matches('/').count().saturating_sub(1));
    let mistyped = Mistyped::read(&path).filter(|read| service.desk(&read.desk).is_ok());
    if let Some(address) =
        mistyped.as_ref().and_then(Mistyped::certain).filter(|certain| format!("/{certain}") != path)
    {
        return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, format!("{up}{address}"))])
            .into_response();
    }
    let desk = mistyped.map(|read| read.desk).or_else(|| Some(service.only_desk()?.id.clone()));
    let shown = text("text/html; charset=utf-8", page_for(&up, desk.map(|id| id.to_string()).as_deref()));
    page((status, shown).into_response()).await
}

pub async fn show_script() -> Response {
    page(text("text/javascript; charset=utf-8", SCRIPT.to_owned())).await
}

pub async fn show_style() -> Response {
    page(text("text/css; charset=utf-8", STYLE.to_owned())).await
}

/// Whether a person will look at the answer. Old browsers, and those that do not trust the address, only say what they take.
pub fn is_navigation(headers: &HeaderMap) -> bool {
    if let Some(destination) = headers.get("sec-fetch-dest") {
        return destination == "document";
    }
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .any(|media| media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/html"))
}

/// The page, with the lines about the desk's page where there is one desk that may be meant.
fn page_for(up: &str, desk: Option<&str>) -> String {
    let mut page = PAGE.to_owned();
    if desk.is_none()
        && let (Some(begin), Some(end)) = (page.find(WAY[0]), page.find(WAY[1]))
    {
        page.replace_range(begin..end, "");
    }
    for mark in WAY {
        page = page.replace(mark, "");
    }
    page.replace(UP, up).replace(DESK, desk.unwrap_or_default())
}

fn text(content_type: &'static str, body: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn navigates(headers: &[(&'static str, &'static str)]) -> bool {
        is_navigation(
            &headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
                .collect(),
        )
    }

    #[test]
    fn browsers_that_navigate_are_told_from_programs_and_from_what_pages_load() {
        let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert!(navigates(&[("accept", firefox)]));
        assert!(navigates(&[("accept", "*/*"), ("sec-fetch-dest", "document")]));
        assert!(navigates(&[("accept", "application/xml, Text/HTML;q=0.5")]));
        assert!(!navigates(&[]));
        assert!(!navigates(&[("accept", "*/*")]));
        assert!(!navigates(&[("accept", "text/htmlx, application/json")]));
        for destination in ["empty", "image", "script", "iframe"] {
            assert!(!navigates(&[("accept", firefox), ("sec-fetch-dest", destination)]), "{destination}");
        }
    }

    #[test]
    fn the_page_names_a_desk_only_where_there_is_one() {
        let with = page_for("../", Some("abc"));
        assert!(with.contains(r#"href="../abc/""#) && with.contains(r#"src="../astray.js""#));
        let without = page_for("", None);
        for page in [&with, &without] {
            assert!(!page.contains('{') && !page.contains("way -->"), "{page}");
            assert!(page.contains(r#"id="leave""#));
        }
        assert!(!without.contains("id=\"page\""));
    }
}
