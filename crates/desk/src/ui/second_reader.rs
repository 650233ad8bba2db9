//! The second reader's yes or no to a colleague's answer: forms of the case's page, which each lead back to it.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use callsign_protocol::encoding::Bytes;
use serde::Deserialize;

use crate::{
    ReaderError,
    ui::shell::{
        Ui,
        acting::{act, back},
        operator::Operator,
        said::Said,
    },
};

/// Where the forms are sent.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new()
        .route("/case/{address}/approve", post(approve).get(back))
        .route("/case/{address}/refuse", post(refuse).get(back))
}

/// What was read, and what is said of it.
#[derive(Deserialize)]
struct ReaderForm {
    /// Names the text that the page showed.
    digest: String,
    #[serde(default)]
    text: String,
}

async fn approve(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<ReaderForm>,
) -> Response {
    act(ui, operator, &address, Said::Approved, move |desk, caller| {
        let digest = Bytes::from_base64url(&form.digest).ok_or(ReaderError::Changed)?;
        desk.approve(caller, &digest)
    })
    .await
}

async fn refuse(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<ReaderForm>,
) -> Response {
    act(ui, operator, &address, Said::NotApproved, move |desk, caller| {
        let digest = Bytes::from_base64url(&form.digest).ok_or(ReaderError::Changed)?;
        desk.refuse_answer(caller, &digest, Some(&form.text))
    })
    .await
}
