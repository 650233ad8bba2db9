//! What every page of an unlocked desk shows: how many wait, who is next, how the desk is.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds, words::Language};
use maud::{Markup, html};

use super::{Ui, entrance, lock, session::Standing};
use crate::{
    Desk, Health, Trouble,
    cases::{Case, Cases},
};

/// A person who has unlocked the desk in this browser; all others are sent to where they can.
pub(super) struct Operator {
    pub(super) desk: Arc<Desk>,
}

/// Why a browser may not see the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// The passphrase has not been given, or the desk was locked since.
    Locked,
    /// The browser was not let in.
    Stranger,
}

/// The desk at one moment.
pub(super) struct Overview {
    pub(super) name: String,
    pub(super) words: String,
    pub(super) now: UnixSeconds,
    pub(super) health: Health,
    pub(super) troubles: Vec<Trouble>,
    /// Cases that wait for an answer.
    pub(super) waiting: usize,
    /// Messages of all callers, for telling that there is a new one.
    pub(super) messages: usize,
    /// The path of the case that has waited longest.
    pub(super) next: Option<String>,
}

/// The call sign of a case, for operators and as the caller says it.
pub(super) struct Names {
    pub(super) english: String,
    callers: Option<(String, Language)>,
}

impl FromRequestParts<Arc<Ui>> for Operator {
    type Rejection = Closed;

    async fn from_request_parts(parts: &mut Parts, ui: &Arc<Ui>) -> Result<Self, Closed> {
        let cookie = session_cookie(&parts.headers, ui.site.port());
        let standing = ui.sessions().standing(cookie);
        match (standing, ui.desk()) {
            (Standing::Unlocked, Some(desk)) => Ok(Self { desk }),
            (Standing::Stranger, _) => Err(Closed::Stranger),
            _ => Err(Closed::Locked),
        }
    }
}

impl IntoResponse for Closed {
    fn into_response(self) -> Response {
        match self {
            Self::Locked => Redirect::to("/unlock").into_response(),
            Self::Stranger => entrance::stranger_page(),
        }
    }
}

impl Overview {
    /// Looks at the desk; `except` is not offered as the next case.
    pub(super) fn take(ui: &Ui, desk: &Desk, except: Option<&CallerId>) -> Self {
        let (waiting, messages, next) = desk.with_cases(|cases| {
            let ordered = cases.by_waiting();
            let waiting = ordered.iter().take_while(|case| case.waiting_since().is_some()).count();
            let next = ordered[..waiting].iter().map(|case| case.id()).find(|id| Some(id) != except);
            (waiting, ordered.iter().map(|case| case.calls().count()).sum(), next)
        });
        Self {
            name: desk.name(),
            words: desk.fingerprint().words(),
            now: desk.now(),
            health: desk.health(),
            troubles: ui.troubles(),
            waiting,
            messages,
            next: next.map(|id| case_path(ui, &id)),
        }
    }
}

/// The path of a caller's case.
pub(super) fn case_path(ui: &Ui, caller: &CallerId) -> String {
    ui.addresses().path(caller, &mut **lock(&ui.rng))
}

/// A case with the names that are spoken for it.
pub(super) fn find_case(cases: &Cases, caller: &CallerId) -> Option<(Case, Names)> {
    cases.get(caller).map(|case| (case.clone(), Names::of(cases, case)))
}

impl Names {
    /// The names of a case.
    pub(super) fn of(cases: &Cases, case: &Case) -> Self {
        Self { english: cases.name(case, Language::English), callers: cases.callers_name(case) }
    }

    /// The call sign as the caller says it; nothing where that is English.
    pub(super) fn as_the_caller_says(&self) -> Markup {
        html! {
            @if let Some((name, language)) = &self.callers {
                bdi class="callers-name" lang=(language.tag()) { (name) }
            }
        }
    }
}

/// The name of the cookie. Cookies know no ports: two desks on one computer must not take each other's.
pub(super) fn cookie_name(port: u16) -> String {
    format!("callsign-desk-{port}")
}

/// The cookie that tells which browser this is.
pub(super) fn session_cookie(headers: &HeaderMap, port: u16) -> Option<&str> {
    let name = cookie_name(port);
    let all = headers.get_all(axum::http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split("; ")).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then_some(value)
    })
}
