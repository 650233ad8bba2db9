//! Writing an answer: the form, what it refuses, and the two ways in which an answer leaves.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use callsign_protocol::{
    caller_keys::CallerId,
    drop::{ANSWER_PARTS_MAX, ANSWER_TEXT_MAX},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Ui, aside,
    case::{self, Asked},
    conversation::text_area_content,
    layout::not_found,
    overview::Operator,
    wording,
};
use crate::{
    AnswerKey, Desk, DeskError, NewAnswer, Shown,
    cases::{Case, Item},
};

/// What the form sends.
#[derive(Default, Deserialize)]
pub(super) struct Draft {
    #[serde(default)]
    text: String,
    /// Drawn for each form, so that a double click is told from a second answer.
    #[serde(default)]
    once: String,
    #[serde(default)]
    how: How,
}

/// How an answer leaves.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    /// At once, which the hub can see.
    Now,
    /// With the cadence.
    #[default]
    Queue,
}

/// What the page says after an answer was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Said {
    /// It was to leave at once and could not.
    Kept,
    /// All that waited for this caller has left.
    Posted,
    /// It waits for the cadence.
    Queued,
}

/// Why an answer is not taken.
enum Refusal {
    Empty,
    Error(DeskError),
    NewMessage,
    NoSuchCase,
}

/// Takes an answer; where it cannot, the page comes back with the text.
pub(super) async fn send_reply(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    let Some(caller) = ui.addresses().caller(&address) else { return not_found().await };
    let done = |said: &str| Redirect::to(&format!("/case/{address}{said}")).into_response();
    if !ui.sessions().take_form(&operator.cookie, &draft.once) {
        return done("");
    }
    // Browsers send CR LF for each line break of a form.
    let draft = Draft { text: draft.text.replace("\r\n", "\n"), ..draft };
    let worker = Arc::clone(&ui);
    let taken = aside(move || match take(&operator.desk, &caller, &draft) {
        Ok(said) => Ok(said),
        Err(Refusal::NoSuchCase) => Err((StatusCode::NOT_FOUND, None)),
        Err(refusal) => {
            worker.sessions().release_form(&operator.cookie, &draft.once);
            let problem = Some(refusal.sentence());
            let asked = Asked { caller, draft, said: None, problem };
            Err((refusal.status(), case::render(&worker, &operator.desk, &asked)))
        }
    });
    match taken.await {
        Ok(Ok(Said::Kept)) => done("?said=kept"),
        Ok(Ok(Said::Posted)) => done("?said=posted"),
        Ok(Ok(Said::Queued)) => done("?said=queued"),
        Ok(Err((status, page))) => case::respond(status, Ok(page)).await,
        Err(failed) => failed,
    }
}

/// The form, and above it what became of the last try.
pub(super) fn form(ui: &Ui, desk: &Desk, case: &Case, path: &str, asked: &Asked) -> Markup {
    let can_be_answered = case.can_be_answered(desk.now().day());
    html! {
        form id="reply-form" method="post" action=(format!("{path}/reply"))
            data-part-bytes=(ANSWER_TEXT_MAX) data-parts-max=(ANSWER_PARTS_MAX) {
            input type="hidden" name="once" value=(ui.draw().text());
            div id="problems" role="alert" {
                @if let Some(problem) = &asked.problem { p class="problem" { (problem) } }
            }
            div id="said" role="status" {
                @if let Some(said) = asked.said { p class="said" { (said.sentence()) } }
            }
            @if can_be_answered {
                (writing(desk, case, asked))
            } @else {
                p class="lapsed" { strong { "This caller cannot be answered now. " }
                    "Their mailbox has lapsed; they can be answered again once they have written again." }
            }
        }
    }
}

fn writing(desk: &Desk, case: &Case, asked: &Asked) -> Markup {
    let every = wording::every(desk.shard_period_s());
    html! {
        h2 { label for="reply" { "Answer" } }
        // Spelling aids of browsers may send what is typed to their makers.
        textarea id="reply" name="text" rows="7" dir="auto" spellcheck="false" autocomplete="off"
            aria-describedby="reply-count reply-ways" { (text_area_content(&asked.draft.text)) }
        p id="reply-count" class="quiet" {
            "At most " (ANSWER_PARTS_MAX) " parts of " (ANSWER_TEXT_MAX) " bytes; a Cyrillic letter takes two."
        }
        div class="ways" id="reply-ways" {
            div class="way" {
                button id="send" class="main" type="submit" name="how" value="queue" { "Send" }
                p { "Takes its turn in the cadence: one part of all that waits in this caller's list leaves every " (every)
                    ". The hub cannot see when you answered." }
            }
            div class="way" {
                button id="send-now" type="submit" name="how" value="now" { "Send now" }
                p { "Sends this answer and all that waits, at once. The price: the hub can see that this desk "
                    "has just answered or opened something." }
            }
        }
        @if has_unposted(case) {
            p class="quiet" { "With nothing written, Send now sends only what waits." }
        }
    }
}

fn take(desk: &Desk, caller: &CallerId, draft: &Draft) -> Result<Said, Refusal> {
    let Some(case) = desk.with_cases(|cases| cases.get(caller).cloned()) else {
        return Err(Refusal::NoSuchCase);
    };
    // Answering counts as having opened; nobody answers, or is told of, what they have not seen.
    if !case.unopened().is_empty() {
        return Err(Refusal::NewMessage);
    }
    let written = !draft.text.trim().is_empty();
    let sends_rest = draft.how == How::Now && has_unposted(&case);
    if !written && !sends_rest {
        return Err(Refusal::Empty);
    }
    if written {
        let (key, shown) = (Some(AnswerKey::of(&draft.once)), Shown::WhatWasOpened);
        desk.answer(&NewAnswer { caller, text: &draft.text, key, shown }).map_err(Refusal::Error)?;
    }
    if draft.how == How::Queue {
        return Ok(Said::Queued);
    }
    // The answer is kept whatever happens here: a refusal with the text would have it sent twice.
    let flushed = desk.flush().is_ok();
    let waits = desk.with_cases(|cases| cases.get(caller).is_some_and(has_unposted));
    Ok(if flushed && !waits { Said::Posted } else { Said::Kept })
}

fn has_unposted(case: &Case) -> bool {
    case.items.iter().any(|item| matches!(item, Item::Answer(answer) if !answer.is_posted()))
}

impl Said {
    fn sentence(self) -> &'static str {
        match self {
            Self::Kept => {
                "The answer is kept and leaves by itself. Not all of it could leave right now: the hub does not take it, or today's places for this caller are used up."
            }
            Self::Posted => "Posted. The caller finds it at their next visit.",
            Self::Queued => "Queued. It leaves with the cadence; you need not wait here.",
        }
    }
}

impl Refusal {
    fn sentence(&self) -> String {
        match self {
            Self::Empty => "Nothing was sent: the answer is empty.".to_owned(),
            Self::Error(error) => format!("Nothing was sent: {error}."),
            Self::NewMessage => {
                "Nothing was sent: a new message has come in meanwhile. Open it above, then send; your text is still here."
                    .to_owned()
            }
            Self::NoSuchCase => "There is no such case.".to_owned(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Empty | Self::Error(DeskError::Answer(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Error(DeskError::Lapsed) | Self::NewMessage => StatusCode::CONFLICT,
            Self::NoSuchCase => StatusCode::NOT_FOUND,
            Self::Error(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
