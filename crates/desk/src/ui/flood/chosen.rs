//! The calls of one span of arrival: which of them are meant, what is said of them, and the preview without which nothing is done.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{Redirect, Response},
};
use callsign_protocol::caller_keys::CallerId;
use maud::{Markup, html};

use super::{status, told, window_path};
use crate::{
    DeskError, FlagError, FloodError, Sift, SiftAs,
    cases::{FLAG_DAYS, FLAG_DAYS_MAX, Level, SIFTED_MAX},
    ui::shell::{
        Ui,
        addresses::Window,
        aside,
        forms::{Came, answer, digits},
        layout::{Rendered, not_found, page, respond},
        lock,
        operator::Operator,
        overview::{Names, Overview},
        texts::{Texts, say, text},
    },
};

/// What stands in front of the name of a case in the form.
const CASE: &str = "case-";

/// What the forms send: a box that is ticked for each case, what is said, and for how many days.
type Fields = BTreeMap<String, String>;

/// A case in one line; nothing of what its caller wrote.
struct Row {
    caller: CallerId,
    /// The name of its address.
    address: String,
    names: Names,
    track: String,
    language: String,
    messages: usize,
}

/// What is chosen.
#[derive(Clone)]
struct Chosen {
    callers: Vec<CallerId>,
    /// Cases whose addresses are of before a new start of the program.
    unknown: usize,
    verdict: Result<SiftAs, FlagError>,
    /// As it was typed.
    days: String,
    /// As it was pressed.
    as_what: String,
}

impl Chosen {
    fn of(ui: &Ui, fields: &Fields) -> Self {
        let named: Vec<&str> = fields.keys().filter_map(|key| key.strip_prefix(CASE)).collect();
        let callers: Vec<CallerId> = named.iter().filter_map(|name| ui.addresses().caller(name)).collect();
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let (as_what, days) = (field("as"), field("days"));
        let level = as_what.parse().ok().and_then(Level::new);
        let in_days = days.trim().parse().ok().filter(|days| (1..=FLAG_DAYS_MAX).contains(days));
        let verdict = match level {
            Some(level) => Ok(SiftAs::Level(level)),
            None => in_days.map(|days| SiftAs::Junk { days }).ok_or(FlagError::Days),
        };
        Self { unknown: named.len() - callers.len(), callers, verdict, days, as_what }
    }

    /// What it would do, by the rules of the act.
    fn checked(&self) -> Result<SiftAs, DeskError> {
        match self.callers.len() {
            _ if self.unknown > 0 => Err(FloodError::Changed(self.unknown).into()),
            0 => Err(FloodError::Nothing.into()),
            len if len > SIFTED_MAX => Err(FloodError::TooMany.into()),
            _ => Ok(self.verdict?),
        }
    }
}

pub(super) async fn show(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(name): Path<String>,
) -> Response {
    let texts = operator.texts;
    let Some(window) = ui.windows().named(&name) else { return not_found(texts).await };
    let shown = aside(move || render(&ui, &operator, window, None, None));
    respond(texts, StatusCode::OK, shown.await).await
}

/// Shows what would be done: how many, which, and what follows. Nothing is done yet.
pub(super) async fn preview(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(name): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    let texts = operator.texts;
    let Some(window) = ui.windows().named(&name) else { return not_found(texts).await };
    let came = aside(move || {
        let chosen = Chosen::of(&ui, &fields);
        let previewed =
            chosen.checked().and_then(|verdict| render_preview(&ui, &operator, window, &chosen, verdict));
        match previewed {
            Ok(page) => Came::Shown(StatusCode::OK, Ok(page)),
            Err(error) => refused(&ui, &operator, window, &chosen, &error),
        }
    });
    answer(texts, came.await).await
}

/// Does what the preview showed, for all of them or for none.
pub(super) async fn act(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(name): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    let texts = operator.texts;
    let Some(window) = ui.windows().named(&name) else { return not_found(texts).await };
    let came = aside(move || {
        let chosen = Chosen::of(&ui, &fields);
        let done = chosen
            .checked()
            .and_then(|verdict| operator.desk.sift(&Sift { callers: &chosen.callers, window, verdict }));
        match done {
            Ok(_) => Came::To("/flood?done=said".to_owned()),
            Err(error) => refused(&ui, &operator, window, &chosen, &error),
        }
    });
    answer(texts, came.await).await
}

/// Reloading what a form answered leads back to the span.
pub(super) async fn back(Path(name): Path<String>) -> Redirect {
    Redirect::to(&format!("/flood/{}", digits(&name)))
}

/// The span as it is now, with what was chosen, and why nothing was done.
fn refused(ui: &Ui, operator: &Operator, window: Window, chosen: &Chosen, error: &DeskError) -> Came {
    let problem = say!(operator.texts, "flood-not-done", error = operator.texts.error(error));
    Came::Shown(status(error), render(ui, operator, window, Some(chosen), Some(&problem)))
}

/// Rows of cases, in their order.
fn rows(ui: &Ui, operator: &Operator, callers: &[CallerId]) -> Result<Vec<Row>, DeskError> {
    let (texts, tracks) = (operator.texts, operator.desk.tracks());
    operator.desk.with_cases(|cases| {
        let mut rows = Vec::new();
        for caller in callers {
            let Some(case) = cases.get(caller)? else { continue };
            rows.push(Row {
                caller: *caller,
                address: ui.addresses().name(caller, &mut **lock(&ui.rng)).to_owned(),
                names: Names::of(cases, &case),
                track: texts.track(&tracks, &case.track),
                language: texts.language(&case.language),
                messages: case.calls().count(),
            });
        }
        Ok(rows)
    })
}

fn render(
    ui: &Ui,
    operator: &Operator,
    window: Window,
    chosen: Option<&Chosen>,
    problem: Option<&Markup>,
) -> Rendered {
    let texts = operator.texts;
    let overview = Overview::take(ui, operator, None)?;
    let arrived = operator.desk.arrived_within(window)?;
    let shown = rows(ui, operator, &arrived[..arrived.len().min(SIFTED_MAX)])?;
    let path = window_path(ui, window);
    let is_ticked = |row: &Row| chosen.is_none_or(|chosen| chosen.callers.contains(&row.caller));
    let main = html! {
        h1 { (say!(texts, "flood-chosen", number = arrived.len())) }
        p { (told(texts, window)) ". " (say!(texts, "flood-chosen-what")) }
        div id="problems" role="alert" { @if let Some(problem) = problem { p class="problem" { (problem) } } }
        @if shown.is_empty() {
            p class="empty" { (say!(texts, "flood-chosen-none")) }
        } @else {
            section aria-labelledby="one-heading" {
                h2 id="one-heading" { (say!(texts, "flood-one-by-one")) }
                p class="quiet" { (say!(texts, "flood-one-by-one-what")) }
                form method="post" action=(format!("{path}/next")) class="acts" {
                    button id="one-by-one" { (say!(texts, "flood-open-first")) }
                }
            }
            @if overview.may_take() {
                section aria-labelledby="many-heading" {
                    h2 id="many-heading" { (say!(texts, "flood-many")) }
                    form method="post" action=(format!("{path}/preview")) id="sift" {
                        fieldset class="sift" {
                            legend {
                                @if arrived.len() > shown.len() { (say!(texts, "flood-which-first", number = shown.len(), all = arrived.len())) }
                                @else { (say!(texts, "flood-which")) }
                            }
                            ul class="chosen" {
                                @for row in &shown {
                                    li {
                                        label {
                                            input type="checkbox" name=(format!("{CASE}{}", row.address)) value="yes" checked[is_ticked(row)];
                                            span { (row.render(texts)) }
                                        }
                                    }
                                }
                            }
                        }
                        (as_what(texts, chosen))
                        button class="main" id="preview" { (say!(texts, "flood-preview")) }
                    }
                }
            } @else { p class="quiet" { (say!(texts, "flood-no-role")) } }
        }
        p { a href="/flood" { (say!(texts, "flood-back")) } }
    };
    Ok(page(&text!(texts, "flood-title"), &overview, &main))
}

/// What is said of those that are chosen: junk where nobody presses another.
fn as_what(texts: Texts, chosen: Option<&Chosen>) -> Markup {
    let pressed = chosen.map_or("junk", |chosen| chosen.as_what.as_str());
    let days = chosen.map_or_else(|| FLAG_DAYS.to_string(), |chosen| chosen.days.clone());
    html! {
        fieldset class="sift" {
            legend { (say!(texts, "flood-as")) }
            p {
                label { input type="radio" name="as" value="junk" checked[!["1", "2", "3", "4"].contains(&pressed)]; " " (say!(texts, "flood-as-junk")) }
                " "
                label for="sift-days" { (say!(texts, "flood-days")) } " "
                input id="sift-days" name="days" type="number" class="field days" min="1" max=(FLAG_DAYS_MAX) value=(days) autocomplete="off";
            }
            @for level in Level::ALL.into_iter().rev() {
                @let number = level.number().to_string();
                p { label { input type="radio" name="as" value=(number) checked[pressed == number]; " " (say!(texts, "flood-as-level", level = level.number())) } }
            }
        }
    }
}

fn render_preview(
    ui: &Ui,
    operator: &Operator,
    window: Window,
    chosen: &Chosen,
    verdict: SiftAs,
) -> Rendered {
    let texts = operator.texts;
    let overview = Overview::take(ui, operator, None)?;
    let left = operator.desk.arrived_within(window)?;
    let gone = chosen.callers.iter().filter(|caller| !left.contains(caller)).count();
    if gone > 0 {
        return Err(FloodError::Changed(gone).into());
    }
    // In the order in which they stand on the page before.
    let meant: Vec<CallerId> = left.into_iter().filter(|caller| chosen.callers.contains(caller)).collect();
    let (shown, path) = (rows(ui, operator, &meant)?, window_path(ui, window));
    let number = shown.len();
    let main = html! {
        h1 {
            @match verdict {
                SiftAs::Junk { days } => (say!(texts, "flood-preview-junk", number = number, day = texts.day(overview.now.day().plus(days - 1)))),
                SiftAs::Level(level) => (say!(texts, "flood-preview-level", number = number, level = level.number())),
            }
        }
        p {
            @match verdict {
                SiftAs::Junk { .. } => (say!(texts, "flood-follows-junk")),
                SiftAs::Level(_) => (say!(texts, "flood-follows-level")),
            }
            " " (say!(texts, "flood-follows"))
        }
        ol id="previewed" class="chosen" { @for row in &shown { li { (row.render(texts)) } } }
        form method="post" action=(format!("{path}/do")) {
            @for row in &shown { input type="hidden" name=(format!("{CASE}{}", row.address)) value="yes"; }
            input type="hidden" name="as" value=(chosen.as_what);
            input type="hidden" name="days" value=(chosen.days);
            div class="acts" {
                button class="main" id="do" {
                    @match verdict {
                        SiftAs::Junk { .. } => (say!(texts, "flood-do-junk", number = number)),
                        SiftAs::Level(_) => (say!(texts, "flood-do-level", number = number)),
                    }
                }
                a href=(path) { (say!(texts, "flood-not")) }
            }
        }
    };
    Ok(page(&text!(texts, "flood-title"), &overview, &main))
}

impl Row {
    fn render(&self, texts: Texts) -> Markup {
        html! {
            (self.names.as_operators_say()) " " (self.names.as_the_caller_says()) " "
            span class="quiet" {
                bdi { (self.track) } " · " bdi { (self.language) } " · " (say!(texts, "board-messages", number = self.messages))
            }
        }
    }
}
