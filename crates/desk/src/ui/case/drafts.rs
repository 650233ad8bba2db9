//! The draft of an answer: kept while it is written, discarded, taken back, and what stood there before.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callsign_protocol::{caller_keys::CallerId, encoding::Bytes, time::UnixSeconds};
use maud::{Markup, html};

use super::{Asked, render, reply::Draft};
use crate::{
    Desk, DeskError, DraftError, DraftSaved, NewDraft, NoteError, Telltale,
    escape::escape_text,
    seen_as,
    store::{DraftVersion, KeptDraft, OlderDraft, PutAside},
    ui::shell::{
        Ui, aside,
        cautions::seen,
        forms::{Came, answer_text, reach},
        operator::{Closed, Operator},
        overview::case_path,
        texts::{Texts, say},
    },
};

/// What a person wants of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Discard,
    Give,
    Keep,
    PutBack,
}

/// Keeps what is written so far.
pub(super) async fn keep(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    operator: Result<Operator, Closed>,
    Path(address): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    change(texts, &ui, operator, &address, draft, Wish::Keep).await
}

/// Discards it.
pub(super) async fn discard(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    operator: Result<Operator, Closed>,
    Path(address): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    change(texts, &ui, operator, &address, draft, Wish::Discard).await
}

/// Gives it to colleagues, as a note.
pub(super) async fn give(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    operator: Result<Operator, Closed>,
    Path(address): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    change(texts, &ui, operator, &address, draft, Wish::Give).await
}

/// Puts back what stood there before.
pub(super) async fn put_back(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    operator: Result<Operator, Closed>,
    Path(address): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    change(texts, &ui, operator, &address, draft, Wish::PutBack).await
}

/// Where the draft stands, below its box; what it says changes with what is kept.
pub(super) fn state(texts: Texts, kept: Option<&KeptDraft>, path: &str) -> Markup {
    html! {
        div id="draft" data-live {
            @if let Some(kept) = kept {
                @if !kept.text.is_empty() {
                    p class="quiet" {
                        (say!(texts, "drafts-kept", time = clock(kept.saved))) " "
                        button type="submit" id="give" formaction=(format!("{path}/draft/give")) { (say!(texts, "drafts-give")) } " "
                        button type="submit" id="discard" formaction=(format!("{path}/draft/discard")) { (say!(texts, "drafts-discard")) }
                    }
                }
                @if let Some(older) = &kept.older { (before(texts, older, path)) }
            }
        }
    }
}

fn before(texts: Texts, older: &OlderDraft, path: &str) -> Markup {
    let put_back = format!("{path}/draft/older");
    let until = clock(older.until());
    let sentence = match older.why {
        PutAside::Changed => say!(texts, "drafts-before", time = until),
        PutAside::Discarded => say!(texts, "drafts-discarded", time = until),
        PutAside::OtherPage => say!(texts, "drafts-other-page", time = until),
        PutAside::NotTaken => say!(texts, "drafts-not-taken", time = until),
    };
    html! {
        details id="older" {
            summary { (sentence) }
            div class="text" dir="auto" { (escape_text(&older.text)) }
            button type="submit" id="put-back" formaction=(put_back) { (say!(texts, "drafts-put-back")) }
        }
    }
}

/// Hour and minute, in UTC.
fn clock(at: UnixSeconds) -> String {
    let minutes = at.since(at.day().start()) / 60;
    format!("{:02}:{:02} UTC", minutes / 60, minutes % 60)
}

async fn change(
    texts: Texts,
    ui: &Arc<Ui>,
    operator: Result<Operator, Closed>,
    address: &str,
    draft: Draft,
    wish: Wish,
) -> Response {
    let draft = draft.with_line_feeds();
    let (caller, operator) = match reach(ui, operator, address) {
        Ok(reached) => reached,
        Err(not_reached) => return draft.unsent_from(texts, ui, not_reached, address).await,
    };
    let (ui, kept) = (Arc::clone(ui), draft.clone());
    let came = aside(move || {
        let (status, asked) = match fulfil(&operator.desk, &caller, &draft, wish) {
            Err(error) => (status(&error), {
                let path = case_path(&ui, &caller);
                let told = not_done(texts, &error, wish, (&draft.text, &path));
                Asked { draft_told: Some(told), ..Asked::with(caller, draft) }
            }),
            Ok(_) if wish == Wish::Give => {
                (StatusCode::OK, Asked { draft_told: Some(say!(texts, "drafts-given")), ..Asked::of(caller) })
            }
            Ok(saved) => (StatusCode::OK, Asked { draft_told: told(texts, saved), ..Asked::of(caller) }),
        };
        Came::Shown(status, render(&ui, &operator, &asked))
    });
    answer_text(came.await, |why| kept.unsent(texts, why, address))
}

fn fulfil(desk: &Desk, caller: &CallerId, draft: &Draft, wish: Wish) -> Result<DraftSaved, DeskError> {
    // Whatever is wished, what stands in the box is kept before: it may be newer than what is kept.
    let saved = save(desk, caller, draft)?;
    match wish {
        Wish::Keep => {}
        Wish::Discard => desk.discard_draft(caller)?,
        Wish::Give => drop(desk.give_draft(caller, Telltale::Seen(&draft.all_the_same))?),
        Wish::PutBack => desk.put_back_draft(caller)?,
    }
    Ok(if wish == Wish::Keep { saved } else { DraftSaved::Kept })
}

/// Keeps what stands in a box.
pub(super) fn save(desk: &Desk, caller: &CallerId, draft: &Draft) -> Result<DraftSaved, DeskError> {
    let base: Option<DraftVersion> = Bytes::from_base64url(&draft.base);
    let place = draft.place.parse().unwrap_or(0);
    let second_reader = draft.wants_a_reader();
    desk.save_draft(&NewDraft { caller, text: &draft.text, place, second_reader, base })
}

fn told(texts: Texts, saved: DraftSaved) -> Option<Markup> {
    match saved {
        DraftSaved::Kept => None,
        DraftSaved::BesideAnother => Some(say!(texts, "drafts-beside-another")),
        DraftSaved::Sent => Some(say!(texts, "drafts-sent")),
    }
}

/// That what was wished is not done, and what to do.
fn not_done(texts: Texts, error: &DeskError, wish: Wish, (text, path): (&str, &str)) -> Markup {
    match error {
        DeskError::Note(NoteError::Telling(cautions)) => html! {
            (seen(texts, cautions, &seen_as(text), "reply-form"))
            button type="submit" id="give-all-the-same" formaction=(format!("{path}/draft/give")) { (say!(texts, "drafts-give-all-the-same")) }
        },
        other if wish == Wish::Give => say!(texts, "drafts-not-given", error = texts.error(other)),
        other => not_kept(texts, other),
    }
}

/// That it is not kept, and what to do.
pub(super) fn not_kept(texts: Texts, error: &DeskError) -> Markup {
    say!(texts, "drafts-not-kept", error = texts.error(error))
}

fn status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Draft(DraftError::TooLong) | DeskError::Note(_) => StatusCode::UNPROCESSABLE_ENTITY,
        DeskError::Draft(DraftError::Gone) => StatusCode::CONFLICT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
