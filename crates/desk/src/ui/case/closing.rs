//! Closing a case and reopening it, on its page.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callsign_protocol::{caller_keys::CallerId, encoding::Bytes};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Asked, Beside, render};
use crate::{
    ClosingError, Desk, DeskError, Holder, PeopleError,
    cases::{Case, ClaimState, Closed, ClosedWhy},
    escape::escape,
    ui::shell::{
        Ui, aside,
        forms::{Came, answer},
        layout::not_found,
        operator::Operator,
        overview::{Overview, case_path},
        wording,
    },
};

/// What the form sends that closes a case.
#[derive(Deserialize)]
pub(super) struct CloseForm {
    /// The newest message that the page showed.
    #[serde(default)]
    seen: String,
    #[serde(default)]
    why: String,
}

/// Closes a case; where it cannot, its page says why.
pub(super) async fn close(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<CloseForm>,
) -> Response {
    let finished = Arc::clone(&ui);
    act(ui, operator, &address, "It is not closed", move |desk, caller| {
        let why = ClosedWhy::of_code(&form.why).ok_or(ClosingError::Why)?;
        let seen = Bytes::from_base64url(&form.seen).ok_or(ClosingError::News)?;
        desk.close(caller, Some(&seen), why).map(|_| finished.has_finished(desk, caller))
    })
    .await
}

/// Reopens a case that was closed.
pub(super) async fn reopen(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
) -> Response {
    act(ui, operator, &address, "It is not reopened", |desk, caller| desk.reopen(caller).map(drop)).await
}

async fn act(
    ui: Arc<Ui>,
    operator: Operator,
    address: &str,
    failed: &'static str,
    act: impl FnOnce(&Desk, &CallerId) -> Result<(), DeskError> + Send + 'static,
) -> Response {
    let Some(caller) = ui.addresses().caller(address) else { return not_found().await };
    let came = aside(move || match act(&operator.desk, &caller) {
        Ok(()) => Came::To(case_path(&ui, &caller)),
        Err(error) => {
            let closing_problem = Some(format!("{failed}: {error}."));
            let asked = Asked::beside(caller, Beside { closing_problem, ..Beside::default() });
            Came::Shown(status(&error), render(&ui, &operator.desk, &asked))
        }
    });
    answer(came.await).await
}

fn status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Closing(ClosingError::Why) => StatusCode::UNPROCESSABLE_ENTITY,
        DeskError::Closing(_) | DeskError::Claim(_) => StatusCode::CONFLICT,
        DeskError::NoSuchCall => StatusCode::NOT_FOUND,
        DeskError::People(PeopleError::Role | PeopleError::Nobody) => StatusCode::FORBIDDEN,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The section in which a case is closed, or reopened. What it names as seen changes with the conversation, and never without it.
pub(super) fn section(
    overview: &Overview,
    case: &Case,
    holder: Option<&Holder>,
    path: &str,
    asked: &Asked,
) -> Markup {
    html! {
        section id="case-closing" {
            h2 { "Close" }
            div id="closing-problems" role="alert" {
                @if let Some(problem) = &asked.beside.closing_problem { p class="problem" { (wording::told(problem)) } }
            }
            div id="closing" data-live {
                @match case.closed() {
                    Some(closed) => {
                        p { (said(overview, closed)) }
                        p class="quiet" { "It waits no longer. A new message reopens it by itself." }
                        form method="post" action=(format!("{path}/reopen")) data-beside="closing-problems"
                            data-said="The case is open again." {
                            button id="reopen" type="submit" { "Reopen" }
                        }
                    }
                    None => (closing(case, holder, path)),
                }
            }
        }
    }
}

fn closing(case: &Case, holder: Option<&Holder>, path: &str) -> Markup {
    let holder = holder.filter(|holder| !holder.is_own && holder.state == ClaimState::Live);
    html! {
        @if !case.unopened().is_empty() {
            p class="quiet" { "A message is there that nobody has opened. Open it first." }
        } @else if let Some(holder) = holder {
            p class="quiet" { (escape(&holder.name)) " has this case, and closes it." }
        } @else if let Some(seen) = case.newest_message() {
            form class="closing" method="post" action=(format!("{path}/close")) data-beside="closing-problems"
                data-said="The case is closed." {
                input type="hidden" name="seen" value=(seen);
                label for="close-why" { "Why" }
                // Nothing is chosen at first: a stray key closes nothing.
                select id="close-why" name="why" required {
                    option value="" { "Choose" }
                    @for why in ClosedWhy::ALL { option value=(why.code()) { (label(why)) } }
                }
                button type="submit" { "Close this case" }
            }
            p class="quiet" { "Closing lets the case go. Follow-ups stay, and answers that wait are still sent." }
        }
    }
}

/// That a case is closed, in a sentence.
fn said(overview: &Overview, closed: &Closed) -> Markup {
    html! {
        strong { "Closed: " (closed.why.told()) } ", by " span class="person" { (escape(overview.who.name(&closed.by))) } " "
        @match closed.at {
            Some(at) => { (wording::span(overview.now.since(at))) " ago." },
            None => "(kept here, not in the log yet).",
        }
    }
}

fn label(why: ClosedWhy) -> &'static str {
    match why {
        ClosedWhy::Answered => "Answered",
        ClosedWhy::Referred => "Referred to somebody else",
        ClosedWhy::NoMoreNeeded => "Nothing more needed",
        ClosedWhy::Junk => "Junk",
    }
}
