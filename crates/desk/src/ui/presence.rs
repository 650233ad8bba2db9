//! Whether colleagues see what whoever works here is doing: where the switch of the sheet of help is sent.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::State,
    http::StatusCode,
    response::{Redirect, Response},
    routing::post,
};
use serde::Deserialize;

use super::shell::{
    Ui, aside,
    forms::{Came, answer},
    help::{HELP_PATH, PRESENCE_PATH},
    operator::Operator,
};

/// Where the form is sent.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new().route(PRESENCE_PATH, post(choose).get(back))
}

/// What a button of the form sends.
#[derive(Deserialize)]
struct Chosen {
    shown: Shown,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shown {
    Yes,
    No,
}

async fn choose(State(_): State<Arc<Ui>>, operator: Operator, Form(chosen): Form<Chosen>) -> Response {
    let texts = operator.texts;
    let came = aside(move || match operator.desk.show_presence(chosen.shown == Shown::Yes) {
        Ok(()) => Came::To(HELP_PATH.to_owned()),
        Err(error) => Came::Shown(StatusCode::INTERNAL_SERVER_ERROR, Err(error)),
    });
    answer(texts, came.await).await
}

/// Reloading what the form answered leads back to the page.
async fn back() -> Redirect {
    Redirect::to(HELP_PATH)
}
