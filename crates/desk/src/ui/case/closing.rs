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
        overview::{Overview, led_back},
        texts::{Texts, say, text},
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

/// What was to be done.
#[derive(Clone, Copy)]
enum Act {
    Close,
    Reopen,
}

/// Closes a case; where it cannot, its page says why.
pub(super) async fn close(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<CloseForm>,
) -> Response {
    let finished = Arc::clone(&ui);
    act(ui, operator, &address, Act::Close, move |desk, caller| {
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
    act(ui, operator, &address, Act::Reopen, |desk, caller| desk.reopen(caller).map(drop)).await
}

async fn act(
    ui: Arc<Ui>,
    operator: Operator,
    address: &str,
    which: Act,
    act: impl FnOnce(&Desk, &CallerId) -> Result<(), DeskError> + Send + 'static,
) -> Response {
    let texts = operator.texts;
    let Some(caller) = ui.addresses().caller(address) else { return not_found(texts).await };
    let came = aside(move || match act(&operator.desk, &caller) {
        Ok(()) => Came::To(led_back(&ui, &caller)),
        Err(error) => {
            let error_told = texts.error(&error);
            let closing_problem = Some(match which {
                Act::Close => say!(texts, "closing-not-closed", error = error_told),
                Act::Reopen => say!(texts, "closing-not-reopened", error = error_told),
            });
            let asked = Asked::beside(caller, Beside { closing_problem, ..Beside::default() });
            Came::Shown(status(&error), render(&ui, &operator, &asked))
        }
    });
    answer(texts, came.await).await
}

fn status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Closing(ClosingError::Why) => StatusCode::UNPROCESSABLE_ENTITY,
        DeskError::Closing(_) | DeskError::Claim(_) => StatusCode::CONFLICT,
        DeskError::NoSuchCall => StatusCode::NOT_FOUND,
        DeskError::People(PeopleError::Mentor | PeopleError::Role | PeopleError::Nobody) => {
            StatusCode::FORBIDDEN
        }
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
    let texts = overview.texts;
    html! {
        section id="case-closing" {
            h2 { (say!(texts, "closing-title")) }
            div id="closing-problems" role="alert" {
                @if let Some(problem) = &asked.beside.closing_problem { p class="problem" { (problem) } }
            }
            div id="closing" data-live {
                @match case.closed() {
                    Some(closed) => {
                        p { (said(overview, closed)) }
                        p class="quiet" { (say!(texts, "closing-waits-no-longer")) }
                        form method="post" action=(format!("{path}/reopen")) data-beside="closing-problems"
                            data-said=(text!(texts, "closing-open-again")) {
                            button id="reopen" type="submit" { (say!(texts, "closing-reopen")) }
                        }
                    }
                    None => (closing(texts, case, holder, path)),
                }
            }
        }
    }
}

fn closing(texts: Texts, case: &Case, holder: Option<&Holder>, path: &str) -> Markup {
    let holder = holder.filter(|holder| !holder.is_own && holder.state == ClaimState::Live);
    html! {
        @if !case.unopened().is_empty() {
            p class="quiet" { (say!(texts, "closing-unopened")) }
        } @else if let Some(holder) = holder {
            p class="quiet" { (say!(texts, "closing-of-colleague", name = html! { (escape(&holder.name)) })) }
        } @else if let Some(seen) = case.newest_message() {
            form class="closing" method="post" action=(format!("{path}/close")) data-beside="closing-problems"
                data-said=(text!(texts, "closing-closed")) {
                input type="hidden" name="seen" value=(seen);
                label for="close-why" { (say!(texts, "closing-why")) }
                // Nothing is chosen at first: a stray key closes nothing.
                select id="close-why" name="why" required {
                    option value="" { (say!(texts, "closing-choose")) }
                    @for why in ClosedWhy::ALL { option value=(why.code()) { (label(texts, why)) } }
                }
                button type="submit" { (say!(texts, "closing-button")) }
            }
            p class="quiet" { (say!(texts, "closing-what")) }
        }
    }
}

/// That a case is closed, in a sentence.
fn said(overview: &Overview, closed: &Closed) -> Markup {
    let (texts, why) = (overview.texts, overview.texts.closed_why(closed.why));
    let name = html! { span class="person" { (escape(overview.who.name(&closed.by))) } };
    if let Some(at) = closed.at {
        let span = texts.span(overview.now.since(at));
        say!(texts, "closing-closed-by", why = why, name = name, span = span)
    } else {
        say!(texts, "closing-closed-here", why = why, name = name)
    }
}

fn label(texts: Texts, why: ClosedWhy) -> String {
    match why {
        ClosedWhy::Answered => text!(texts, "closing-answered"),
        ClosedWhy::Referred => text!(texts, "closing-referred"),
        ClosedWhy::NoMoreNeeded => text!(texts, "closing-no-more-needed"),
        ClosedWhy::Junk => text!(texts, "closing-junk"),
    }
}
