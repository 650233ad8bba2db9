//! Who looks: a person who has unlocked the desk in this browser, and by which cookie the browser is known.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use maud::html;

use super::{Ui, guard::is_persons_visit, layout::plain_page, session::Standing};
use crate::Desk;

/// A person who has unlocked the desk in this browser; all others are sent to where they can.
pub(in crate::ui) struct Operator {
    pub(in crate::ui) desk: Arc<Desk>,
}

/// Why a browser may not see the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Closed {
    /// The passphrase has not been given, or the desk was locked since.
    Locked,
    /// The browser was not let in.
    Stranger,
}

impl FromRequestParts<Arc<Ui>> for Operator {
    type Rejection = Closed;

    async fn from_request_parts(parts: &mut Parts, ui: &Arc<Ui>) -> Result<Self, Closed> {
        let cookie = session_cookie(&parts.headers, ui.site.port());
        let standing = ui.sessions().standing(cookie);
        let visits = parts.method == Method::GET && is_persons_visit(&parts.headers);
        match (standing, ui.desk(), cookie) {
            (Standing::Unlocked, Some(desk), _) => {
                if visits || parts.method == Method::POST {
                    ui.sessions().note_act(desk.now());
                }
                Ok(Self { desk })
            }
            (Standing::Stranger, ..) | (.., None) => Err(Closed::Stranger),
            (_, _, Some(cookie)) => {
                if visits && let Some(path) = parts.uri.path_and_query() {
                    ui.sessions().note_wanted(cookie, path.as_str());
                }
                Err(Closed::Locked)
            }
        }
    }
}

impl IntoResponse for Closed {
    fn into_response(self) -> Response {
        match self {
            Self::Locked => Redirect::to("/unlock").into_response(),
            Self::Stranger => stranger_page(),
        }
    }
}

/// What a browser sees that was never let in.
pub(in crate::ui) fn stranger_page() -> Response {
    let page = plain_page(
        "Closed",
        &html! {
            h1 { "This browser has not been let in" }
            p { "The desk opens from its one-time link. Each link lets one browser in, once, and this browser has no valid one." }
            p { "For a new link, stop the desk program and start it again: " code { "callsign desk serve" }
                " prints one at each start. No call and no answer that was sent is lost by that." }
            p { a href="/" { "I have just opened the link: continue" } }
        },
    );
    (StatusCode::FORBIDDEN, page).into_response()
}

/// The name of the cookie. Cookies know no ports: two desks on one computer must not take each other's.
pub(in crate::ui) fn cookie_name(port: u16) -> String {
    format!("callsign-desk-{port}")
}

/// The cookie that tells which browser this is.
pub(in crate::ui) fn session_cookie(headers: &HeaderMap, port: u16) -> Option<&str> {
    let name = cookie_name(port);
    let all = headers.get_all(axum::http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split("; ")).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then_some(value)
    })
}
