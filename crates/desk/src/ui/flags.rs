//! Flags of a case and the hours in which its caller may look: forms of the case's page, which each lead back to it.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use callsign_protocol::time::Day;
use serde::Deserialize;

use crate::{
    FlagError,
    cases::{FLAG_DAYS, Flag, SafeWindow},
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
        .route("/case/{address}/flag", post(flag).get(back))
        .route("/case/{address}/lift", post(lift).get(back))
        .route("/case/{address}/safe-hours", post(safe_hours).get(back))
}

#[derive(Deserialize)]
struct FlagForm {
    flag: Flag,
}

#[derive(Deserialize)]
struct LiftForm {
    flag: Flag,
    /// The last day of it that the form shows, as a number; none is before all others.
    #[serde(default)]
    until: u32,
}

/// Times of the day as HH:MM, and how far the zone is ahead of UTC, as +HH:MM or -HH:MM.
#[derive(Deserialize)]
struct HoursForm {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    zone: String,
    /// The event that had set the hours that the form shows; empty where nobody had.
    #[serde(default)]
    was: String,
}

async fn flag(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<FlagForm>,
) -> Response {
    act(ui, operator, &address, Said::Flagged, move |desk, caller| desk.flag(caller, form.flag, FLAG_DAYS))
        .await
}

async fn lift(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<LiftForm>,
) -> Response {
    act(ui, operator, &address, Said::FlagLifted, move |desk, caller| {
        desk.lift_flag_until(caller, form.flag, Day(form.until))
    })
    .await
}

/// Hours that are no hours change nothing; both left out say that nobody knows them.
async fn safe_hours(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<HoursForm>,
) -> Response {
    act(ui, operator, &address, Said::SafeHours, move |desk, caller| {
        let is_unknown = form.from.trim().is_empty() && form.to.trim().is_empty();
        let window = if is_unknown {
            None
        } else {
            Some(SafeWindow::parse(&form.from, &form.to, &form.zone).ok_or(FlagError::Hours)?)
        };
        desk.set_safe_window_over(caller, window, shown(&form.was)?)
    })
    .await
}
