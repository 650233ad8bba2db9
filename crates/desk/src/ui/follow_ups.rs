//! Follow-ups: what is to be done on which day, for all cases and for one, and the forms that set, move and end one.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{Redirect, Response},
    routing::{get, post},
};
use callsign_protocol::{caller_keys::CallerId, encoding::Bytes, time::UnixSeconds};
use maud::{Markup, html};
use serde::Deserialize;

use super::shell::{
    Ui, aside, date,
    forms::{Came, answer, answer_text, digits, reach},
    layout::{Rendered, not_found, page, respond},
    operator::{Closed, Operator},
    overview::{Names, Overview, case_path, find_case},
    texts::{Texts, say, text},
    unsent::{Kept, Unsent, What, unsent},
};
use crate::{
    Desk, DeskError, DueIn, FollowUpError, NewFollowUp,
    cases::{Case, EventId, FOLLOW_UP_DAYS_MAX, FOLLOW_UP_TEXT_MAX, FollowUp, SafeWindow, Unread},
    escape::escape_text,
};

/// Rows of the list of all cases, at most.
const ROWS_MAX: usize = 200;
/// Safe hours that are suggested.
const SUGGESTED: usize = 3;

/// Where these pages are.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new()
        .route("/follow-ups", get(show_due))
        .route("/case/{address}/follow-ups", get(show_case).post(set))
        .route("/case/{address}/follow-ups/done", post(done).get(back))
}

/// What the form sends.
#[derive(Clone, Default, Deserialize)]
struct Draft {
    #[serde(default)]
    due: String,
    #[serde(default)]
    hour: String,
    #[serde(default)]
    text: String,
    /// A suggested day and hour that was pressed, as YYYY-MM-DD and the hour behind a blank.
    #[serde(default)]
    at: String,
    /// Why it may lie outside of the safe hours.
    #[serde(default)]
    why: String,
    /// Whether that is asked.
    #[serde(skip)]
    asks_why: bool,
    /// The event that set the one that is moved.
    #[serde(default)]
    moves: String,
}

/// What the button "Done" sends.
#[derive(Deserialize)]
struct DoneForm {
    follow_up: String,
}

/// Shows what is to be done for all callers, the soonest first.
async fn show_due(State(ui): State<Arc<Ui>>, operator: Operator) -> Response {
    let texts = operator.texts;
    let shown = aside(move || {
        let (desk, now) = (&operator.desk, operator.desk.now());
        let overview = Overview::take(&ui, &operator, None)?;
        let (rows, all) = desk.with_cases(|cases| {
            let row = |due: Result<(Arc<Case>, FollowUp), Unread>| {
                due.map(|(case, one)| (case_path(&ui, &case.id()), Names::of(cases, &case), one))
            };
            Ok((cases.due().take(ROWS_MAX).map(row).collect::<Result<Vec<_>, _>>()?, cases.due_count()))
        })?;
        let main = html! {
            h1 { (say!(texts, "follow_ups-title")) }
            div id="due" data-live {
                @if rows.is_empty() {
                    p class="quiet" { (say!(texts, "follow_ups-nothing")) }
                }
                @if all > rows.len() {
                    p class="quiet" { (say!(texts, "follow_ups-first", number = rows.len(), all = all)) }
                }
                ol class="due" {
                    @for (path, names, one) in &rows {
                        li class=[is_due(one, now).then_some("overdue")] {
                            a href=(path) { (names.as_operators_say()) " " (names.as_the_caller_says()) }
                            (line(one, now, texts))
                        }
                    }
                }
            }
        };
        Ok(page(&text!(texts, "follow_ups-title"), &overview, &main))
    });
    respond(texts, StatusCode::OK, shown.await).await
}

/// Shows the follow-ups of one case.
async fn show_case(State(ui): State<Arc<Ui>>, operator: Operator, Path(address): Path<String>) -> Response {
    let texts = operator.texts;
    let Some(caller) = ui.addresses().caller(&address) else { return not_found(texts).await };
    let shown = aside(move || render(&ui, &operator, &caller, &Draft::default(), None));
    respond(texts, StatusCode::OK, shown.await).await
}

/// Sets a follow-up, or moves one; where it cannot, the page comes back with what was written.
async fn set(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    operator: Result<Operator, Closed>,
    Path(address): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    let (caller, operator) = match reach(&ui, operator, &address) {
        Ok(reached) => reached,
        Err(not_reached) => return draft.unsent(texts, not_reached.why, &address),
    };
    let kept = draft.clone();
    let came = aside(move || match take(&operator.desk, &caller, &draft) {
        Ok(()) => Came::To(path_of(&ui, &caller)),
        Err(error) => {
            let problem = if let DeskError::FollowUp(FollowUpError::Outside { hour, window }) = &error {
                let window = html! { bdi { (window.told()) } };
                say!(texts, "follow_ups-outside", hour = format!("{hour:02}:00"), window = window)
            } else {
                say!(texts, "follow_ups-not-set", error = texts.error(&error))
            };
            let asks_why = matches!(error, DeskError::FollowUp(FollowUpError::Outside { .. }));
            let draft = Draft { asks_why, ..draft.as_chosen() };
            Came::Shown(status(&error), render(&ui, &operator, &caller, &draft, Some(&problem)))
        }
    });
    answer_text(came.await, |why| kept.unsent(texts, why, &address))
}

/// Marks one as done. One that is not there any more was done by somebody else: the page shows what is left.
async fn done(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<DoneForm>,
) -> Response {
    let texts = operator.texts;
    let Some(caller) = ui.addresses().caller(&address) else { return not_found(texts).await };
    let came = aside(move || {
        let ended = match Bytes::from_base64url(&form.follow_up) {
            Some(id) => operator.desk.follow_up_done(&caller, &id),
            None => Err(FollowUpError::Gone.into()),
        };
        match ended {
            Ok(_) | Err(DeskError::FollowUp(FollowUpError::Gone)) => Came::To(path_of(&ui, &caller)),
            Err(error) => {
                let problem = say!(texts, "follow_ups-not-done", error = texts.error(&error));
                let shown = render(&ui, &operator, &caller, &Draft::default(), Some(&problem));
                Came::Shown(status(&error), shown)
            }
        }
    });
    answer(texts, came.await).await
}

fn status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::FollowUp(_) => StatusCode::UNPROCESSABLE_ENTITY,
        DeskError::People(_) => StatusCode::CONFLICT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Reloading what a form answered leads back to the page.
async fn back(Path(address): Path<String>) -> Redirect {
    Redirect::to(&format!("/case/{}/follow-ups", digits(&address)))
}

fn take(desk: &Desk, caller: &CallerId, draft: &Draft) -> Result<(), DeskError> {
    let (day, hour) = draft.at.split_once(' ').unwrap_or((draft.due.trim(), draft.hour.trim()));
    let hour = match hour {
        "" => None,
        hour => Some(hour.parse().map_err(|_| FollowUpError::Hour)?),
    };
    let moves: Option<EventId> = match &*draft.moves {
        "" => None,
        id => Some(Bytes::from_base64url(id).ok_or(FollowUpError::Gone)?),
    };
    let due = date::parse(day).ok_or(FollowUpError::NoDay)?;
    let outside_why = Some(&*draft.why);
    desk.set_follow_up(&NewFollowUp { caller, due, hour, text: &draft.text, outside_why, moves }).map(drop)
}

/// The page of one case.
fn render(
    ui: &Ui,
    operator: &Operator,
    caller: &CallerId,
    draft: &Draft,
    problem: Option<&Markup>,
) -> Rendered {
    let texts = operator.texts;
    let (case, names) = find_case(&operator.desk, caller)?;
    let overview = Overview::take(ui, operator, Some(caller))?;
    let (path, now) = (case_path(ui, caller), overview.now);
    let moved = case.follow_ups().iter().find(|one| one.set_by.to_string() == draft.moves);
    let main = html! {
        h1 {
            @let name = html! { (names.as_operators_say()) " " (names.as_the_caller_says()) };
            (say!(texts, "follow_ups-of", name = name))
        }
        p { a href=(path) id="to-case" { (say!(texts, "follow_ups-back")) } }
        @if let Some(problem) = problem { p class="problem" role="alert" { (problem) } }
        // Not refreshed by the script: somebody may be typing in a form of it.
        div id="due" {
            @if case.follow_ups().is_empty() { p class="quiet" { (say!(texts, "follow_ups-none")) } }
            ol class="due" {
                @for one in case.follow_ups() {
                    li class=[is_due(one, now).then_some("overdue")] {
                        (line(one, now, texts))
                        form method="post" action=(format!("{path}/follow-ups/done")) {
                            input type="hidden" name="follow_up" value=(one.id.to_string());
                            button type="submit" { (say!(texts, "follow_ups-done")) }
                        }
                        details {
                            summary class="link" { (say!(texts, "follow_ups-move")) }
                            (form(&path, now, &Draft::of(one), case.safe_window(), texts))
                        }
                    }
                }
            }
        }
        @if let Some(times) = &case.safe_times {
            p { (say!(texts, "follow_ups-safe-times")) " "
                span class="words-of-caller" dir="auto" lang=(case.language) { (escape_text(times)) } }
        }
        @if moved.is_some() {
            h2 { (say!(texts, "follow_ups-move-it")) }
            (form(&path, now, draft, case.safe_window(), texts))
        } @else {
            h2 { (say!(texts, "follow_ups-set-one")) }
            (form(&path, now, &Draft { moves: String::new(), ..draft.clone() }, case.safe_window(), texts))
        }
    };
    Ok(page(&text!(texts, "follow_ups-title"), &overview, &main))
}

/// The form; days and hours are those of UTC, as everywhere at the desk.
fn form(path: &str, now: UnixSeconds, draft: &Draft, window: Option<SafeWindow>, texts: Texts) -> Markup {
    let today = now.day();
    // Several forms stand on one page: their labels hold what they name.
    html! {
        form method="post" action=(format!("{path}/follow-ups")) class="follow-up" {
            input type="hidden" name="moves" value=(draft.moves);
            label { (say!(texts, "follow_ups-day")) " "
                input type="date" name="due" required value=(draft.due) min=(date::written(today))
                    max=(date::written(today.plus(FOLLOW_UP_DAYS_MAX))); }
            label { (say!(texts, "follow_ups-hour")) " "
                input type="number" name="hour" min="0" max="23" step="1" inputmode="numeric" value=(draft.hour); }
            label class="wide" { (say!(texts, "follow_ups-what")) " "
                input type="text" name="text" required maxlength=(FOLLOW_UP_TEXT_MAX) autocomplete="off" spellcheck="false"
                    dir="auto" value=(draft.text); }
            @if draft.asks_why || !draft.why.is_empty() {
                label class="wide" { (say!(texts, "follow_ups-why")) " "
                    input type="text" name="why" maxlength=(FOLLOW_UP_TEXT_MAX) autocomplete="off" spellcheck="false"
                        dir="auto" value=(draft.why); }
            }
            button type="submit" class="main" {
                @if draft.moves.is_empty() { (say!(texts, "follow_ups-set")) } @else { (say!(texts, "follow_ups-move-it")) }
            }
            // Behind the form's own button, which Enter presses.
            @if let Some(window) = window { (suggestions(now, window, texts)) }
        }
    }
}

/// Hours in which it is safe for the caller to look: one press sets the follow-up for one of them.
fn suggestions(now: UnixSeconds, window: SafeWindow, texts: Texts) -> Markup {
    let hours = window.next_hours(now, SUGGESTED);
    html! {
        p class="hours" { (say!(texts, "follow_ups-window", window = html! { bdi { (window.told()) } })) }
        @if !hours.is_empty() {
            div class="acts hours" {
                @for (day, hour) in hours {
                    // The form's own day is not asked for then.
                    button type="submit" name="at" value=(format!("{} {hour}", date::written(day))) formnovalidate {
                        (texts.due(day, Some(hour)))
                    }
                }
            }
        }
    }
}

/// One follow-up: when, what, and from when it was moved.
fn line(one: &FollowUp, now: UnixSeconds, texts: Texts) -> Markup {
    html! {
        span class="when" {
            strong { (texts.due(one.due, one.hour)) }
            " " @match DueIn::of(one, now) {
                DueIn::Now => span class="badge new" { (say!(texts, "follow_ups-due")) },
                DueIn::Today => span class="badge" { (say!(texts, "follow_ups-today")) },
                DueIn::Days(1) => span class="badge" { (say!(texts, "follow_ups-tomorrow")) },
                DueIn::Days(days) => span class="quiet" { (say!(texts, "follow_ups-in-days", number = days)) },
            }
        }
        span class="what" dir="auto" { (escape_text(&one.text)) }
        @if let Some(why) = &one.why {
            span class="quiet" dir="auto" { (say!(texts, "follow_ups-outside-why", why = escape_text(why))) }
        }
        @if let Some((_, from, hour)) = one.moved {
            span class="quiet" { (say!(texts, "follow_ups-moved", day = texts.due(from, hour))) }
        }
    }
}

fn is_due(one: &FollowUp, now: UnixSeconds) -> bool {
    DueIn::of(one, now) == DueIn::Now
}

fn path_of(ui: &Ui, caller: &CallerId) -> String {
    format!("{}/follow-ups", case_path(ui, caller))
}

impl Draft {
    /// With the day and hour that were pressed in their boxes.
    fn as_chosen(&self) -> Self {
        match self.at.split_once(' ') {
            Some((due, hour)) => {
                Self { due: due.to_owned(), hour: hour.to_owned(), at: String::new(), ..self.clone() }
            }
            None => self.clone(),
        }
    }

    /// What the form shows that moves a follow-up.
    fn of(one: &FollowUp) -> Self {
        Self {
            due: date::written(one.due),
            hour: one.hour.map_or_else(String::new, |hour| hour.to_string()),
            text: one.text.clone(),
            why: one.why.clone().unwrap_or_default(),
            moves: one.set_by.to_string(),
            ..Self::default()
        }
    }

    /// The page where this did not reach its case.
    fn unsent(&self, texts: Texts, why: Unsent, address: &str) -> Response {
        let fields = vec![
            ("due", &*self.due),
            ("hour", &*self.hour),
            ("at", &*self.at),
            ("why", &*self.why),
            ("moves", &*self.moves),
        ];
        unsent(
            texts,
            why,
            &Kept {
                what: What::FollowUp,
                taken: None,
                action: &format!("/case/{}/follow-ups", digits(address)),
                fields,
                text: &self.text,
            },
        )
    }
}
