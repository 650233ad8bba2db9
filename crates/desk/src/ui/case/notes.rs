//! Notes among colleagues, beside the conversation: another paper, another box, and no way from here to a caller.

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
    Caution, Desk, DeskError, NewNote, NoteError, PeopleError, Telltale,
    cases::{Case, Note, NoteKind, Role},
    escape::{escape, escape_text},
    seen_as,
    ui::shell::{
        Ui, aside,
        cautions::seen,
        forms::{Came, answer, answer_text, as_typed, digits, reach},
        layout::not_found,
        operator::{Closed, Operator},
        overview::{Overview, led_back},
        session::Ticket,
        text_area::text_area_content,
        texts::{Texts, say, text},
        unsent::{Kept, Unsent, What, unsent},
    },
};

/// What the form sends.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Draft {
    #[serde(default)]
    text: String,
    /// Drawn for each note that is begun: a repetition has the same.
    #[serde(default)]
    once: String,
    /// Names the text whose telling parts were shown, where it is to be kept all the same.
    #[serde(default)]
    all_the_same: String,
}

/// What the button sends that strikes a note.
#[derive(Deserialize)]
pub(super) struct StrikeForm {
    #[serde(default)]
    note: String,
}

/// Keeps a note; where it cannot, the page comes back with the text.
pub(super) async fn keep(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    operator: Result<Operator, Closed>,
    Path(address): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    let draft = Draft { text: as_typed(&draft.text), ..draft };
    let (caller, operator) = match reach(&ui, operator, &address) {
        Ok(reached) => reached,
        Err(not_reached) => return draft.unsent(texts, not_reached.why, &address),
    };
    let kept = draft.clone();
    let came = aside(move || match take(&operator.desk, &caller, &draft) {
        Ok(()) => Came::To(led_back(&ui, &caller)),
        Err(error) => {
            let is_used = matches!(error, DeskError::Note(NoteError::OnceUsed));
            let note = if is_used { Draft { once: String::new(), ..draft } } else { draft };
            let problem = Some(match &error {
                DeskError::Note(NoteError::Telling(cautions)) => telling(texts, cautions, &note.text),
                other => say!(texts, "notes-not-kept", error = texts.error(other)),
            });
            let beside = Beside { note, problem, ..Beside::default() };
            Came::Shown(status(&error), render(&ui, &operator, &Asked::beside(caller, beside)))
        }
    });
    answer_text(came.await, |why| kept.unsent(texts, why, &address))
}

/// Strikes a note. One that is struck already was somebody else's act: the page shows it.
pub(super) async fn strike(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<StrikeForm>,
) -> Response {
    let texts = operator.texts;
    let Some(caller) = ui.addresses().caller(&address) else { return not_found(texts).await };
    let came = aside(move || {
        let struck = match Bytes::from_base64url(&form.note) {
            Some(note) => operator.desk.strike_note(&caller, &note).map(drop),
            None => Err(NoteError::Gone.into()),
        };
        match struck {
            Ok(()) | Err(DeskError::Note(NoteError::Gone)) => Came::To(led_back(&ui, &caller)),
            Err(error) => {
                let problem = Some(say!(texts, "notes-not-struck", error = texts.error(&error)));
                let asked = Asked::beside(caller, Beside { problem, ..Beside::default() });
                Came::Shown(status(&error), render(&ui, &operator, &asked))
            }
        }
    });
    answer(texts, came.await).await
}

fn take(desk: &Desk, caller: &CallerId, draft: &Draft) -> Result<(), DeskError> {
    let once = Ticket::is_one(&draft.once).then_some(&*draft.once);
    let telling = Telltale::Seen(&draft.all_the_same);
    desk.keep_note(&NewNote { once, telling, ..NewNote::new(caller, &draft.text) }).map(drop)
}

/// What it may tell, and the button that keeps it all the same.
fn telling(texts: Texts, cautions: &[Caution], text: &str) -> Markup {
    html! {
        (seen(texts, cautions, &seen_as(text), "note-form"))
        button type="submit" id="keep-all-the-same" form="note-form" { (say!(texts, "cautions-keep")) }
    }
}

fn status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Note(NoteError::OnceUsed) => StatusCode::CONFLICT,
        DeskError::Note(_) => StatusCode::UNPROCESSABLE_ENTITY,
        DeskError::People(PeopleError::Mentor | PeopleError::Role | PeopleError::Nobody) => {
            StatusCode::FORBIDDEN
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The notes of a case, and the box in which one is written. It is shut until somebody opens it; while it is open, the answer's box
/// is folded by the style alone, and keeps what stands in it.
pub(super) fn section(ui: &Ui, overview: &Overview, case: &Case, path: &str, asked: &Asked) -> Markup {
    let (texts, draft) = (overview.texts, &asked.beside.note);
    let once = if draft.once.is_empty() { ui.draw().text() } else { draft.once.clone() };
    html! {
        section id="case-notes" {
            h2 { (say!(texts, "notes-title")) }
            div id="beside-problems" role="alert" {
                @if let Some(problem) = &asked.beside.problem { div class="problem" { (problem) } }
            }
            div id="no-notes" data-live {
                @if case.notes().is_empty() {
                    p class="quiet" { (say!(texts, "notes-none")) }
                }
            }
            ol id="notes" class="notes" data-live data-keyed {
                @for note in case.notes() { (one(overview, note, path)) }
            }
            details id="note-box" open[!draft.text.is_empty()] {
                summary id="write-note" class="link" { (say!(texts, "notes-write")) }
                form id="note-form" class="note" method="post" action=(format!("{path}/notes"))
                    data-beside="beside-problems" data-said=(text!(texts, "notes-kept")) {
                    input type="hidden" name="once" value=(once);
                    p class="note-for" { (say!(texts, "notes-colleagues-only")) }
                    label for="note-text" { (say!(texts, "notes-note")) }
                    // Spelling aids of browsers may send what is typed to their makers.
                    textarea id="note-text" name="text" rows="5" spellcheck="false" autocomplete="off"
                        aria-describedby="note-room" { (text_area_content(&draft.text)) }
                    p id="note-room" class="quiet" { (say!(texts, "notes-room")) }
                    button id="keep-note" type="submit" { (say!(texts, "notes-keep")) }
                    noscript { p class="quiet" { (say!(texts, "notes-no-scripts")) } }
                }
            }
        }
    }
}

fn one(overview: &Overview, note: &Note, path: &str) -> Markup {
    let (who, now, texts) = (&overview.who, overview.now, overview.texts);
    let can_strike = who.me() == Some(note.by) || who.has_role(Role::Leader);
    html! {
        li class=(if note.struck_by.is_some() { "note struck" } else { "note" }) data-key=(note.id) {
            p class="note-for" {
                (say!(texts, "notes-colleagues-only"))
                @match note.kind {
                    NoteKind::Note => {},
                    NoteKind::Draft => { ": " (say!(texts, "notes-draft")) }
                    NoteKind::Next => { ": " (say!(texts, "notes-next")) }
                }
            }
            p class="meta" {
                span class="person" { (escape(who.name(&note.by))) }
                @match note.at {
                    Some(at) => {
                        (say!(texts, "notes-ago", span = texts.span(now.since(at))))
                        span class="moment" { " · " (texts.moment(at)) }
                    },
                    None => (say!(texts, "notes-here")),
                }
            }
            @if let Some(by) = &note.struck_by {
                div class="text" { (say!(texts, "notes-struck", name = html! { (escape(who.name(by))) })) }
            } @else {
                div class="text" dir="auto" { (escape_text(&note.text())) }
                @if !note.is_complete() { p class="missing" { (say!(texts, "notes-rest")) } }
                @if can_strike {
                    details {
                        summary class="link" { (say!(texts, "notes-strike")) }
                        form method="post" action=(format!("{path}/notes/strike")) data-beside="beside-problems"
                            data-said=(text!(texts, "notes-is-struck")) {
                            input type="hidden" name="note" value=(note.id);
                            p class="quiet" { (say!(texts, "notes-strike-what")) }
                            button type="submit" { (say!(texts, "notes-strike-button")) }
                        }
                    }
                }
            }
        }
    }
}

impl Draft {
    /// The page where this did not reach its case.
    fn unsent(&self, texts: Texts, why: Unsent, address: &str) -> Response {
        let (action, fields) = (format!("/case/{}/notes", digits(address)), vec![("once", &*self.once)]);
        unsent(texts, why, &Kept { what: What::Note, taken: None, action: &action, fields, text: &self.text })
    }
}
