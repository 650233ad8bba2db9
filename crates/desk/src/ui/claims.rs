//! Taking a case and letting it go, its level, and answers that are held or taken back: forms of the case's page, which each lead back to it.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::post,
};
use callsign_protocol::encoding::Bytes;
use serde::Deserialize;

use crate::{
    ClaimError, Desk, DeskError, Shown,
    cases::{Answer, Heard, Keeps, Level, PersonId},
    ui::shell::{
        Ui,
        acting::{act, back, shown},
        operator::Operator,
        said::Said,
    },
};

/// Where the forms are sent.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new()
        .route("/case/{address}/claim", post(claim).get(back))
        .route("/case/{address}/release", post(release).get(back))
        .route("/case/{address}/level", post(level).get(back))
        .route("/case/{address}/take-back", post(take_back).get(back))
        .route("/case/{address}/let-go", post(let_go).get(back))
}

#[derive(Deserialize)]
struct ClaimForm {
    /// Why a leader takes it; empty where nobody has to say.
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct LevelForm {
    level: u8,
    /// The event that had set the level that the form shows; empty where nobody had.
    #[serde(default)]
    was: String,
}

#[derive(Deserialize)]
struct AnswerForm {
    answer: String,
}

#[derive(Deserialize)]
struct LetGoForm {
    answer: String,
    /// What of the caller's messages the page showed.
    #[serde(default)]
    shown: String,
}

async fn claim(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<ClaimForm>,
) -> Response {
    let reason = Some(form.reason).filter(|reason| !reason.is_empty());
    act(ui, operator, &address, Said::Taken, move |desk, caller| desk.claim(caller, reason.as_deref())).await
}

async fn release(State(ui): State<Arc<Ui>>, operator: Operator, Path(address): Path<String>) -> Response {
    act(ui, operator, &address, Said::Free, Desk::release).await
}

async fn level(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<LevelForm>,
) -> Response {
    let Some(level) = Level::new(form.level) else { return StatusCode::UNPROCESSABLE_ENTITY.into_response() };
    act(ui, operator, &address, Said::Level, move |desk, caller| {
        desk.set_level_over(caller, level, shown(&form.was)?)
    })
    .await
}

async fn take_back(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<AnswerForm>,
) -> Response {
    act(ui, operator, &address, Said::TakenBack, move |desk, caller| {
        let answer = Bytes::from_base64url(&form.answer).ok_or(ClaimError::NothingToTakeBack)?;
        let me = desk.me();
        let taken = desk.case(caller)?.answer(&answer).filter(|one| to_change(one, me.as_ref())).cloned();
        let event = desk.take_back(caller, Some(&answer))?;
        if let Some(taken) = taken {
            // It is taken back; that it stands in no box hides none of it.
            drop(desk.bring_back(caller, &taken));
        }
        Ok(event)
    })
    .await
}

/// Whether an answer that is taken back is to be written anew here: one's own, and one that a message came before.
fn to_change(answer: &Answer, me: Option<&PersonId>) -> bool {
    (answer.kept_back == Keeps::Overtaken || Some(&answer.by) == me) && answer.is_whole()
}

async fn let_go(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<LetGoForm>,
) -> Response {
    act(ui, operator, &address, Said::LetGo, move |desk, caller| {
        let answer = Bytes::from_base64url(&form.answer).ok_or(ClaimError::NothingHeld)?;
        let shown = Heard::parse(&form.shown).ok_or(DeskError::NotShown)?;
        desk.release_answer(caller, Some(&answer), Shown::This(shown))
    })
    .await
}
