//! Texts that stand ready: chosen below the box, and put into it by the script at the cursor, without it behind what stands there.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

use super::{Asked, render, reply::Draft};
use crate::{
    Desk, DeskError,
    escape::label,
    store::Template,
    ui::shell::{
        Ui, aside,
        forms::{Came, answer_text, reach},
        operator::{Closed, Operator},
        texts::{Texts, say, text},
    },
};

/// What is offered; nothing where nothing stands ready in this language.
pub(super) fn offered(texts: Texts, templates: &[Template], path: &str) -> Markup {
    html! {
        @if !templates.is_empty() {
            details id="template-box" {
                summary class="link" { (say!(texts, "templates-title")) }
                div class="acts" {
                    // The script shows it, and narrows the list by it.
                    input type="search" id="template-query" aria-label=(text!(texts, "templates-search")) autocomplete="off" spellcheck="false" hidden;
                    label for="template" { (say!(texts, "templates-template")) }
                    select id="template" name="template" size=(templates.len().clamp(2, 6)) {
                        @for one in templates {
                            option value=(one.keyword) data-text=(one.text) lang=(one.language) {
                                (label(&one.keyword)) ": " (label(&one.title))
                            }
                        }
                    }
                    button type="submit" id="put-in" formaction=(format!("{path}/template")) { (say!(texts, "templates-put-in")) }
                }
            }
        }
    }
}

/// Puts the template that was chosen behind what stands in the box.
pub(super) async fn put_in(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    operator: Result<Operator, Closed>,
    Path(address): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    let draft = draft.with_line_feeds();
    let (caller, operator) = match reach(&ui, operator, &address) {
        Ok(reached) => reached,
        Err(not_reached) => return draft.unsent_from(texts, &ui, not_reached, &address).await,
    };
    let kept = draft.clone();
    let came = aside(move || {
        let language = operator.desk.case(&caller).map(|case| case.language.clone());
        let text = language.and_then(|language| with_template(&operator.desk, &language, &draft));
        let (status, problem, text) = match text {
            Ok(Some(text)) => (StatusCode::OK, None, text),
            Ok(None) => {
                let sentence = say!(texts, "templates-none-chosen");
                (StatusCode::UNPROCESSABLE_ENTITY, Some(sentence), draft.text.clone())
            }
            Err(error) => {
                let sentence = say!(texts, "templates-not-put-in", error = texts.error(&error));
                (StatusCode::INTERNAL_SERVER_ERROR, Some(sentence), draft.text.clone())
            }
        };
        let asked = Asked { problem, ..Asked::with(caller, Draft { text, ..draft }) };
        Came::Shown(status, render(&ui, &operator, &asked))
    });
    answer_text(came.await, |why| kept.unsent(texts, why, &address))
}

/// The text with the template; none where that is not offered.
fn with_template(desk: &Desk, language: &str, draft: &Draft) -> Result<Option<String>, DeskError> {
    let offered = desk.templates_for(language)?;
    let chosen = offered.into_iter().find(|one| one.keyword == draft.template);
    let space = if draft.text.is_empty() || draft.text.ends_with('\n') { "" } else { "\n" };
    Ok(chosen.map(|one| format!("{}{space}{}", draft.text, one.text)))
}
