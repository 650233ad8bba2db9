//! Checklists beside a case: each step is a button of its own, pressed once it is done and once more where it is not after all.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callsign_protocol::encoding::Bytes;
use maud::{Markup, html};
use serde::Deserialize;

use super::{Asked, Beside, render};
use crate::{
    CaseList, CaseLists, ChecklistError, DeskError, ElsewhereDone, PeopleError, Step,
    escape::{escape_text, label},
    ui::shell::{
        Ui, aside,
        forms::{Came, answer},
        layout::not_found,
        operator::Operator,
        overview::led_back,
        texts::{Texts, say, text},
    },
};

/// What the button of a step sends.
#[derive(Deserialize)]
pub(super) struct StepForm {
    #[serde(default)]
    list: String,
    #[serde(default)]
    revision: String,
    #[serde(default)]
    step: String,
    #[serde(default)]
    done: String,
}

/// Says that a step is done, or not after all.
pub(super) async fn tick(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<StepForm>,
) -> Response {
    let texts = operator.texts;
    let Some(caller) = ui.addresses().caller(&address) else { return not_found(texts).await };
    let came = aside(move || {
        let revision = Bytes::from_base64url(&form.revision).ok_or(DeskError::from(ChecklistError::Changed));
        let ticked = revision.and_then(|revision| {
            let step = form.step.parse().unwrap_or(0);
            operator.desk.set_step(&caller, (Some(&form.list), Some(&revision)), step, !form.done.is_empty())
        });
        match ticked {
            Ok(_) => Came::To(led_back(&ui, &caller)),
            Err(error) => {
                let problem = Some(say!(texts, "checklists-not-ticked", error = texts.error(&error)));
                let asked = Asked::beside(caller, Beside { problem, ..Beside::default() });
                Came::Shown(status(&error), render(&ui, &operator, &asked))
            }
        }
    });
    answer(texts, came.await).await
}

fn status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Checklist(_) => StatusCode::CONFLICT,
        DeskError::People(PeopleError::Mentor | PeopleError::Role | PeopleError::Nobody) => {
            StatusCode::FORBIDDEN
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The lists beside a case; nothing where there is none and nobody has ticked one.
pub(super) fn section(texts: Texts, lists: &CaseLists, path: &str) -> Markup {
    html! {
        @if !lists.lists.is_empty() || !lists.elsewhere.is_empty() {
            h2 { (say!(texts, "checklists-title")) }
            @for (at, list) in lists.lists.iter().enumerate() { (one(texts, at, list, path)) }
            @for ticked in &lists.elsewhere { (elsewhere(texts, ticked)) }
        }
    }
}

fn one(texts: Texts, at: usize, list: &CaseList, path: &str) -> Markup {
    html! {
        h3 dir="auto" lang=(list.language) {
            (label(&list.title)) " "
            span class="number" lang=(texts.tag()) { (say!(texts, "checklists-of", done = list.done(), all = list.steps.len())) }
        }
        ol class="checks" {
            @for step in &list.steps { li { (step_form(texts, at, (list, step), path)) } }
        }
    }
}

fn step_form(texts: Texts, at: usize, (list, step): (&CaseList, &Step), path: &str) -> Markup {
    let is_done = step.done_by.is_some();
    html! {
        form method="post" action=(format!("{path}/step")) data-beside="beside-problems"
            data-said=(if is_done { text!(texts, "checklists-is-open") } else { text!(texts, "checklists-is-done") }) {
            input type="hidden" name="list" value=(list.keyword);
            input type="hidden" name="revision" value=(list.revision);
            input type="hidden" name="step" value=(step.number);
            input type="hidden" name="done" value=(if is_done { "" } else { "yes" });
            button id=(format!("step-{at}-{}", step.number)) class="check" aria-pressed=(if is_done { "true" } else { "false" }) {
                span dir="auto" lang=(list.language) { (label(&step.text)) }
            }
            @if let Some(by) = &step.done_by { " " span class="person" { bdi { (escape_text(by)) } } }
        }
    }
}

/// That a colleague has ticked what does not stand here.
fn elsewhere(texts: Texts, ticked: &ElsewhereDone) -> Markup {
    let names = html! {
        @for (at, name) in ticked.by.iter().enumerate() {
            @if at > 0 { ", " }
            bdi { (escape_text(name)) }
        }
    };
    let list = html! { bdi { (label(&ticked.keyword)) } };
    html! { p class="quiet" { (say!(texts, "checklists-elsewhere", number = ticked.steps, list = list, names = names)) } }
}
