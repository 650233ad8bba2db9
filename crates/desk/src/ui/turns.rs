//! Asking for the next case, saying that one is not ready, and sending an offered case on: forms of the head and of the board.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::State,
    http::StatusCode,
    response::{Redirect, Response},
    routing::post,
};
use serde::Deserialize;

use crate::{
    Desk, DeskError, Next,
    ui::shell::{
        Ui, aside,
        forms::{Came, answer},
        operator::Operator,
        overview::case_path,
        said::Said,
    },
};

/// Where the forms are sent.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new()
        .route("/next", post(next).get(to_board))
        .route("/turn/not-ready", post(not_ready).get(to_board))
        .route("/turn/pass", post(pass).get(to_board))
}

#[derive(Deserialize)]
struct NextForm {
    /// The address of the case that is looked at; empty elsewhere.
    #[serde(default)]
    from: String,
}

#[derive(Deserialize)]
struct PassForm {
    case: String,
}

/// Leads to the case that is taken, or to the board, which says whose turn it is.
async fn next(State(ui): State<Arc<Ui>>, operator: Operator, Form(form): Form<NextForm>) -> Response {
    let texts = operator.texts;
    let except = ui.addresses().caller(&form.from);
    ui.set_takes_turns(true);
    let came = aside(move || match operator.desk.next(except.as_ref()) {
        Ok(Next::Taken(caller)) => {
            Came::To(format!("{}?led=1&said={}", case_path(&ui, &caller), Said::Taken.code()))
        }
        Ok(Next::Ready | Next::Nobody) => Came::To("/".to_owned()),
        Err(error) => Came::Shown(StatusCode::INTERNAL_SERVER_ERROR, Err(error)),
    });
    answer(texts, came.await).await
}

async fn not_ready(State(ui): State<Arc<Ui>>, operator: Operator) -> Response {
    ui.set_takes_turns(false);
    act(operator, Desk::not_ready).await
}

/// One that is offered no more was taken or sent on meanwhile: the board shows what is offered now.
async fn pass(State(ui): State<Arc<Ui>>, operator: Operator, Form(form): Form<PassForm>) -> Response {
    let caller = ui.addresses().caller(&form.case);
    act(operator, move |desk| match caller.map(|caller| desk.pass(&caller)) {
        Some(Err(DeskError::Turn(_))) | None => Ok(()),
        Some(passed) => passed.map(drop),
    })
    .await
}

/// Reloading what a form answered leads back to the board.
async fn to_board() -> Redirect {
    Redirect::to("/")
}

async fn act(
    operator: Operator,
    what: impl FnOnce(&Desk) -> Result<(), DeskError> + Send + 'static,
) -> Response {
    let texts = operator.texts;
    let came = aside(move || match what(&operator.desk) {
        Ok(()) => Came::To("/".to_owned()),
        Err(error) => Came::Shown(StatusCode::INTERNAL_SERVER_ERROR, Err(error)),
    });
    answer(texts, came.await).await
}
