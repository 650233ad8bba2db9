//! The page of help, for browsers without the script and for who wants it whole; and where the choice of looks is taken.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::State,
    http::StatusCode,
    response::{Redirect, Response},
    routing::{get, post},
};
use maud::html;
use serde::Deserialize;

use super::shell::{
    Ui, aside,
    help::{HELP_PATH, LOOKS_PATH, help},
    layout::{page_of_help, respond},
    looks::{Letters, Looks, Theme},
    operator::Operator,
    overview::Overview,
    texts::{say, text},
};

/// Where this page is.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new().route(HELP_PATH, get(show_help)).route(LOOKS_PATH, post(choose).get(back))
}

/// What the form sends; a box that is not ticked sends nothing.
#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    theme: Theme,
    letters: Option<String>,
}

async fn show_help(State(ui): State<Arc<Ui>>, operator: Operator) -> Response {
    let texts = operator.texts;
    let shown = aside(move || {
        let overview = Overview::take(&ui, &operator, None)?;
        let main = html! {
            article class="help" {
                h1 { (say!(texts, "help-title")) }
                (help(&overview))
            }
        };
        Ok(page_of_help(&text!(texts, "help-title"), &overview, &main))
    });
    respond(texts, StatusCode::OK, shown.await).await
}

/// Takes the choice, for all browsers of this program.
async fn choose(State(ui): State<Arc<Ui>>, _operator: Operator, Form(chosen): Form<Chosen>) -> Redirect {
    let letters = if chosen.letters.is_some() { Letters::On } else { Letters::Off };
    ui.set_looks(Looks { theme: chosen.theme, letters, ..ui.looks() });
    Redirect::to(HELP_PATH)
}

/// Reloading what the form answered leads back to the page.
async fn back() -> Redirect {
    Redirect::to(HELP_PATH)
}
