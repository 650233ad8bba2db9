//! What stands before every page: refuses requests that no operator's browser sends, and sets the headers of every answer.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{Ui, refusal, site::Site, texts::Texts};

/// Nothing from elsewhere, nothing inline, nothing framed.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // `no-referrer` would make browsers send `Origin: null` with every form, and the check of origins could not hold.
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
];

/// Refuses what is not for this desk, sees that every refusal is a page with a way back, and sets the headers.
pub(in crate::ui) async fn guard(State(ui): State<Arc<Ui>>, request: Request, next: Next) -> Response {
    let texts = Texts::of_request(&ui, request.headers());
    let refused = refused(&ui.site, request.method(), request.headers());
    let mut response = if let Some(status) = refused {
        status.into_response()
    } else {
        ui.lock_if_idle();
        next.run(request).await
    };
    // The framework's own refusals, and those above, are bare.
    if refusal::is_bare(&response) {
        response = refusal::page_for(response.status(), texts, &ui.site);
    }
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refused(site: &Site, method: &Method, headers: &HeaderMap) -> Option<StatusCode> {
    // Another name that leads to this address is a rebound one: its page must not read ours.
    if !only(headers, &header::HOST).is_some_and(|host| site.is_host(host)) {
        return Some(StatusCode::MISDIRECTED_REQUEST);
    }
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if !reads && !only(headers, &header::ORIGIN).is_some_and(|origin| site.is_origin(origin)) {
        return Some(StatusCode::FORBIDDEN);
    }
    let foreign = fetch_header(headers, "sec-fetch-site")
        .is_some_and(|site| matches!(site, "cross-site" | "same-site"));
    let navigates = fetch_header(headers, "sec-fetch-mode") == Some("navigate");
    (foreign && !(reads && navigates)).then_some(StatusCode::FORBIDDEN)
}

/// Whether the browser says that a person went to this page: from the desk's own pages, by the address bar or a reload.
/// Prefetching, fetches by script and other sites' links say something else; a browser that says nothing proves nothing.
pub(in crate::ui) fn is_persons_visit(headers: &HeaderMap) -> bool {
    matches!(fetch_header(headers, "sec-fetch-site"), Some("same-origin" | "none"))
        && fetch_header(headers, "sec-fetch-mode") == Some("navigate")
        && fetch_header(headers, "sec-fetch-dest") == Some("document")
        && !headers.contains_key("sec-purpose")
        && !headers.contains_key("purpose")
}

fn fetch_header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A header's value where it is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.to_str().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &Method, headers: &[(&'static str, &'static str)]) -> Option<StatusCode> {
        let pairs = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let mut map = HeaderMap::new();
        pairs.for_each(|(name, value)| {
            map.append(name, value);
        });
        refused(&Site::new("127.0.0.1:8701".parse().unwrap()), method, &map)
    }

    #[test]
    fn only_the_desks_own_names_are_answered() {
        for host in ["127.0.0.1:8701", "localhost:8701", "[::1]:8701"] {
            assert_eq!(check(&Method::GET, &[("host", host)]), None, "{host}");
        }
        for host in ["127.0.0.1", "127.0.0.1:8702", "localhost:8701.evil.example", "evil.example:8701", ""] {
            let status = check(&Method::GET, &[("host", host)]);
            assert_eq!(status, Some(StatusCode::MISDIRECTED_REQUEST), "{host}");
        }
        assert_eq!(check(&Method::GET, &[]), Some(StatusCode::MISDIRECTED_REQUEST));
        let twice = [("host", "localhost:8701"), ("host", "localhost:8701")];
        assert_eq!(check(&Method::GET, &twice), Some(StatusCode::MISDIRECTED_REQUEST));
    }

    #[test]
    fn only_the_desks_own_pages_may_change_anything() {
        let host = ("host", "127.0.0.1:8701");
        for origin in ["http://127.0.0.1:8701", "http://localhost:8701", "http://[::1]:8701"] {
            assert_eq!(check(&Method::POST, &[host, ("origin", origin)]), None, "{origin}");
        }
        for origin in ["null", "https://127.0.0.1:8701", "http://127.0.0.1:8700", "http://evil.example", ""] {
            let status = check(&Method::POST, &[host, ("origin", origin)]);
            assert_eq!(status, Some(StatusCode::FORBIDDEN), "{origin}");
        }
        assert_eq!(check(&Method::POST, &[host]), Some(StatusCode::FORBIDDEN));
        assert_eq!(check(&Method::DELETE, &[host]), Some(StatusCode::FORBIDDEN));
    }

    #[test]
    fn other_sites_may_link_here_and_nothing_else() {
        let from =
            |mode| [("host", "localhost:8701"), ("sec-fetch-site", "same-site"), ("sec-fetch-mode", mode)];
        assert_eq!(check(&Method::GET, &from("navigate")), None);
        assert_eq!(check(&Method::GET, &from("no-cors")), Some(StatusCode::FORBIDDEN));
    }

    #[test]
    fn a_prefetch_is_no_visit() {
        let visit = |extra: Option<(&'static str, &'static str)>, site: &'static str| {
            let all =
                [("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
            let pairs = all.into_iter().chain(extra);
            let map =
                pairs.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            is_persons_visit(&map.collect())
        };
        assert!(visit(None, "same-origin") && visit(None, "none"));
        assert!(!visit(None, "same-site") && !visit(None, "cross-site"));
        assert!(!visit(Some(("sec-purpose", "prefetch;prerender")), "same-origin"));
        assert!(!is_persons_visit(&HeaderMap::new()));
    }
}
