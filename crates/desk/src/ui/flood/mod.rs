//! Many calls at once: those that nobody has opened, by when they came; what was said of many, and the button that takes it back.

mod chosen;
mod one_by_one;

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{Redirect, Response},
    routing::{get, post},
};
use callsign_protocol::{encoding::Bytes, time::UnixSeconds};
use maud::{Markup, html};
use serde::Deserialize;

use super::shell::{
    Ui,
    addresses::Window,
    aside,
    forms::{Came, answer},
    layout::{Rendered, page, respond},
    lock,
    operator::Operator,
    overview::Overview,
    texts::{Texts, say, text},
};
use crate::{
    DeskError, FloodError, PeopleError, SiftingLine, Unopened,
    cases::{ARRIVED_MAX_S, Verdict},
    escape::escape_text,
};

/// Seconds of one step of arrival.
const STEP_S: u64 = 600;

/// Where these pages are.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new()
        .route("/flood", get(show))
        .route("/flood/span", post(span).get(back))
        .route("/flood/undo", post(undo).get(back))
        .route("/flood/{window}", get(chosen::show))
        .route("/flood/{window}/preview", post(chosen::preview).get(chosen::back))
        .route("/flood/{window}/do", post(chosen::act).get(back))
        .route("/flood/{window}/next", post(one_by_one::next).get(chosen::back))
}

/// What was done before this page was shown.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Done {
    /// Something was said of many.
    Said,
    /// Something was taken back.
    Undone,
    /// All of a span were gone through.
    Through,
}

#[derive(Deserialize)]
struct Before {
    done: Option<Done>,
}

/// The first step and the last, by their names.
#[derive(Deserialize)]
struct SpanForm {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

#[derive(Deserialize)]
struct UndoForm {
    #[serde(default)]
    act: String,
}

async fn show(State(ui): State<Arc<Ui>>, operator: Operator, Query(before): Query<Before>) -> Response {
    let texts = operator.texts;
    let shown = aside(move || render(&ui, &operator, before.done, None));
    respond(texts, StatusCode::OK, shown.await).await
}

/// Leads to the calls that came between two steps; the second may be named first.
async fn span(State(ui): State<Arc<Ui>>, operator: Operator, Form(form): Form<SpanForm>) -> Response {
    let texts = operator.texts;
    let came = aside(move || {
        let named = |name: &str| ui.windows().named(name);
        let (from, to) = (named(&form.from), named(&form.to));
        let both = from.zip(to).map(|(from, to)| (from.0.min(to.0), from.1.max(to.1)));
        match both.filter(|window| window.1.since(window.0) <= ARRIVED_MAX_S) {
            Some(window) => Came::To(window_path(&ui, window)),
            None => refused(&ui, &operator, &FloodError::Window.into()),
        }
    });
    answer(texts, came.await).await
}

async fn undo(State(ui): State<Arc<Ui>>, operator: Operator, Form(form): Form<UndoForm>) -> Response {
    let texts = operator.texts;
    let came = aside(move || {
        let act = Bytes::from_base64url(&form.act).ok_or(FloodError::Undone);
        match act.map_err(DeskError::from).and_then(|act| operator.desk.unsift(&act)) {
            Ok(_) => Came::To("/flood?done=undone".to_owned()),
            Err(error) => refused(&ui, &operator, &error),
        }
    });
    answer(texts, came.await).await
}

/// Reloading what a form answered leads back to the page.
async fn back() -> Redirect {
    Redirect::to("/flood")
}

fn refused(ui: &Ui, operator: &Operator, error: &DeskError) -> Came {
    let problem = say!(operator.texts, "flood-not-done", error = operator.texts.error(error));
    Came::Shown(status(error), render(ui, operator, None, Some(&problem)))
}

fn status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Flood(FloodError::Changed(_) | FloodError::Undone) | DeskError::Refused(_) => {
            StatusCode::CONFLICT
        }
        DeskError::Flood(_) | DeskError::Flag(_) => StatusCode::UNPROCESSABLE_ENTITY,
        DeskError::People(PeopleError::Role | PeopleError::Nobody) => StatusCode::FORBIDDEN,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The path of the calls of a span.
fn window_path(ui: &Ui, window: Window) -> String {
    format!("/flood/{}", window_name(ui, window))
}

fn window_name(ui: &Ui, window: Window) -> String {
    ui.windows().name(&window, &mut **lock(&ui.rng)).to_owned()
}

/// "30 Nov 2026, 17:10 UTC to 17:30": from the beginning of the first step to the end of the last.
fn told(texts: Texts, window: Window) -> Markup {
    let to = window.1.plus(STEP_S);
    let minutes = to.0 % 86_400 / 60;
    let to = if to.day() == window.0.day() {
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    } else {
        texts.moment(to)
    };
    say!(texts, "flood-span", from = texts.moment(window.0), to = to)
}

fn render(ui: &Ui, operator: &Operator, done: Option<Done>, problem: Option<&Markup>) -> Rendered {
    let texts = operator.texts;
    let overview = Overview::take(ui, operator, None)?;
    let (unopened, siftings) = (operator.desk.unopened()?, operator.desk.siftings()?);
    let (aside, news) = operator.desk.with_cases(|cases| Ok(cases.aside_counts()))?;
    let main = html! {
        h1 { (say!(texts, "flood-title")) }
        p class="quiet" { (say!(texts, "flood-what")) }
        div id="problems" role="alert" { @if let Some(problem) = problem { p class="problem" { (problem) } } }
        div role="status" {
            @match done {
                Some(Done::Said) => p class="done" { (say!(texts, "flood-said")) },
                Some(Done::Undone) => p class="done" { (say!(texts, "flood-undone")) },
                Some(Done::Through) => p class="done" { (say!(texts, "flood-through")) },
                None => {},
            }
        }
        section aria-labelledby="unopened-heading" {
            h2 id="unopened-heading" { (say!(texts, "flood-unopened")) }
            div id="flood-steps" data-live { (steps(ui, texts, &unopened, overview.now)) }
            (span_form(ui, texts, &unopened))
        }
        section aria-labelledby="siftings-heading" {
            h2 id="siftings-heading" { (say!(texts, "flood-siftings")) }
            p id="aside" data-live {
                @if aside == 0 { span class="quiet" { (say!(texts, "flood-no-aside")) } }
                @else {
                    a href="/?aside=yes" { (say!(texts, "flood-aside", number = aside)) }
                    @if news > 0 { ". " strong { (say!(texts, "flood-news", number = news)) } "." }
                }
            }
            ul id="siftings" class="siftings" data-live {
                @for line in &siftings { (sifting(texts, line, &overview)) }
            }
        }
    };
    Ok(page(&text!(texts, "flood-title"), &overview, &main))
}

/// Calls that nobody has opened, by when they came.
fn steps(ui: &Ui, texts: Texts, unopened: &Unopened, now: UnixSeconds) -> Markup {
    html! {
        @if unopened.steps.is_empty() { p class="quiet" { (say!(texts, "flood-none")) } }
        ul class="arrivals" {
            @for step in &unopened.steps {
                li {
                    a href=(window_path(ui, (step.at, step.at))) { (say!(texts, "flood-calls", number = step.calls)) }
                    " " (told(texts, (step.at, step.at))) " "
                    span class="quiet" { (say!(texts, "flood-ago", span = texts.span(now.since(step.at)))) }
                }
            }
        }
        @if unopened.spread > 0 { p { (say!(texts, "flood-spread", number = unopened.spread)) } }
        @if unopened.not_in_log > 0 { p class="quiet" { (say!(texts, "flood-not-in-log", number = unopened.not_in_log)) } }
    }
}

/// The form that leads to a longer span; without scripts, too.
fn span_form(ui: &Ui, texts: Texts, unopened: &Unopened) -> Markup {
    let options = |end: u64| {
        html! {
            @for step in &unopened.steps {
                option value=(window_name(ui, (step.at, step.at))) { (texts.moment(step.at.plus(end))) }
            }
        }
    };
    html! {
        @if unopened.steps.len() > 1 || unopened.spread > 0 {
            form method="post" action="/flood/span" id="span-form" class="person-form" {
                p class="quiet" { (say!(texts, "flood-longer")) }
                label for="span-from" { (say!(texts, "flood-from")) }
                select id="span-from" name="from" { (options(0)) }
                label for="span-to" { (say!(texts, "flood-to")) }
                select id="span-to" name="to" { (options(STEP_S)) }
                button { (say!(texts, "flood-show")) }
            }
        }
    }
}

/// One act on many, and the way back.
fn sifting(texts: Texts, line: &SiftingLine, overview: &Overview) -> Markup {
    let one = &line.sifting;
    let name = html! { span class="person" { bdi { (escape_text(&line.by)) } } };
    html! {
        li data-act=(one.id) {
            p {
                @match one.verdict {
                    Verdict::Junk(until) => (say!(texts, "flood-said-junk", name = name, number = one.counted, day = texts.day(until))),
                    Verdict::Level(level) => (say!(texts, "flood-said-level", name = name, number = one.counted, level = level.number())),
                }
                " "
                span class="quiet" {
                    @match one.at {
                        Some(at) => (say!(texts, "flood-ago", span = texts.span(overview.now.since(at)))),
                        None => {},
                    }
                    @if line.is_waiting { (say!(texts, "flood-waits")) }
                }
            }
            @if one.named > one.counted {
                p {
                    (say!(texts, "flood-void", number = one.named - one.counted))
                    @if !line.void.is_empty() { ": " (line.void.join(", ")) }
                    "."
                }
            }
            @if line.stands == 0 { p class="quiet" { (say!(texts, "flood-stands-not")) } }
            @else if overview.may_take() {
                form method="post" action="/flood/undo" {
                    button name="act" value=(one.id) {
                        @match one.verdict {
                            Verdict::Junk(_) => (say!(texts, "flood-undo-junk", number = line.stands)),
                            Verdict::Level(_) => (say!(texts, "flood-undo-level", number = line.stands)),
                        }
                    }
                }
            }
        }
    }
}
