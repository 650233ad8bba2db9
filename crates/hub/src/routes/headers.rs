//! The headers that every response carries whatever its outcome, those of the page, and the few that may differ.
//!
//! There is no `Strict-Transport-Security`: a browser writes the hub's name into the profile for it (docs/decisions).

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};

static EVERYWHERE: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

static PAGE: [(HeaderName, &str); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types 'none'",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), autoplay=(), bluetooth=(), camera=(), clipboard-read=(), display-capture=(), \
         encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), \
         local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), \
         publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), \
         window-management=(), xr-spatial-tracking=()",
    ),
];

/// What a handler, axum or hyper may add to one response and not to another.
static VARYING: [HeaderName; 6] = [
    header::ALLOW,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::LOCATION,
    header::VARY,
];

/// Adds the headers of every response, and takes away what is not in this file.
pub async fn everywhere(mut response: Response) -> Response {
    let removed = remove_unlisted(response.headers_mut());
    debug_assert!(removed.is_empty(), "no response may have {removed:?}");
    with(response, &EVERYWHERE)
}

/// Adds the headers of the page: nothing but its own files may run or be reached, and no device is opened.
pub async fn page(response: Response) -> Response {
    with(response, &PAGE)
}

/// What is in none of the lists above, taken out.
fn remove_unlisted(headers: &mut HeaderMap) -> Vec<HeaderName> {
    let unlisted: Vec<_> = headers.keys().filter(|name| !is_listed(name)).cloned().collect();
    for name in &unlisted {
        headers.remove(name);
    }
    unlisted
}

fn is_listed(name: &HeaderName) -> bool {
    VARYING.contains(name) || EVERYWHERE.iter().chain(&PAGE).any(|(listed, _)| listed == name)
}

fn with(mut response: Response, headers: &[(HeaderName, &'static str)]) -> Response {
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;
    use crate::{error::HttpError, service::ServiceError};

    #[test]
    fn what_is_in_no_list_is_taken_away() {
        let listed = [(header::CONTENT_TYPE, "a/b"), (header::LOCATION, "c"), (header::CACHE_CONTROL, "d")];
        let unlisted = [header::SERVER, header::DATE, header::SET_COOKIE, header::STRICT_TRANSPORT_SECURITY];
        let mut headers = HeaderMap::new();
        for (name, value) in listed.clone() {
            headers.insert(name, HeaderValue::from_static(value));
        }
        for name in &unlisted {
            headers.append(name, HeaderValue::from_static("once"));
            headers.append(name, HeaderValue::from_static("twice"));
        }
        assert_eq!(remove_unlisted(&mut headers), unlisted);
        let left: HeaderMap =
            listed.map(|(name, value)| (name, HeaderValue::from_static(value))).into_iter().collect();
        assert_eq!(headers, left);
        assert_eq!(remove_unlisted(&mut headers), [] as [HeaderName; 0]);
    }

    #[tokio::test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "no response may have")]
    async fn a_handler_that_adds_one_fails_its_tests() {
        everywhere(([(header::SERVER, "callsign")], "").into_response()).await;
    }

    #[tokio::test]
    async fn a_request_that_took_too_long_is_answered_like_a_malformed_one() {
        let late = everywhere(HttpError::Timeout.into_response()).await;
        let malformed = everywhere(HttpError::from(ServiceError::Malformed).into_response()).await;
        assert_eq!(late.headers(), malformed.headers());
    }
}
