//! Who looks: a person who has unlocked the desk in this browser, and by which cookie the browser is known.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use maud::html;

use super::{
    Ui,
    guard::is_persons_visit,
    layout::plain_page,
    presence,
    session::Standing,
    texts::{Texts, say, text},
};
use crate::Desk;

/// A person who has unlocked the desk in this browser; all others are sent to where they can.
pub(in crate::ui) struct Operator {
    pub(in crate::ui) desk: Arc<Desk>,
    /// What the pages speak that they see.
    pub(in crate::ui) texts: Texts,
}

/// Why a browser may not see the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Closed {
    /// The passphrase has not been given, or the desk was locked since.
    Locked,
    /// The browser was not let in; the page that says so speaks this.
    Stranger(Texts),
}

impl FromRequestParts<Arc<Ui>> for Operator {
    type Rejection = Closed;

    async fn from_request_parts(parts: &mut Parts, ui: &Arc<Ui>) -> Result<Self, Closed> {
        let texts = Texts::of_request(ui, &parts.headers);
        let cookie = session_cookie(&parts.headers, ui.site.port());
        let standing = ui.sessions().standing(cookie);
        let visits = parts.method == Method::GET && is_persons_visit(&parts.headers);
        match (standing, ui.desk(), cookie) {
            (Standing::Unlocked, Some(desk), _) => {
                if visits || parts.method == Method::POST {
                    ui.sessions().note_act(desk.now());
                    presence::note(ui, &desk, (&parts.method, &parts.uri, &parts.headers)).await;
                }
                Ok(Self { desk, texts })
            }
            (Standing::Stranger, ..) | (.., None) => Err(Closed::Stranger(texts)),
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
            Self::Stranger(texts) => stranger_page(texts),
        }
    }
}

/// What a browser sees that was never let in.
pub(in crate::ui) fn stranger_page(texts: Texts) -> Response {
    let page = plain_page(
        texts,
        &text!(texts, "shell-closed"),
        &html! {
            h1 { (say!(texts, "shell-not-let-in")) }
            p { (say!(texts, "shell-one-time-link")) }
            p { (say!(texts, "shell-new-link")) }
            p { a href="/" { (say!(texts, "shell-continue")) } }
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
