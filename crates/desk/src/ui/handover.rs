//! The handover: what shifts have left, what whoever looks has, what waits, and the form that ends a shift.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::State,
    http::StatusCode,
    response::{Redirect, Response},
    routing::{get, post},
};
use callsign_protocol::{
    caller_keys::CallerId,
    encoding::Bytes,
    time::{Day, UnixSeconds},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::shell::{
    Ui, aside,
    cautions::seen,
    forms::{Came, answer},
    layout::{Rendered, page, respond},
    operator::Operator,
    overview::{Names, Overview, case_path},
    texts::{Texts, say, text},
};
use crate::{
    Desk, DeskError, HandoverError, NewNote, NoteError, PeopleError, Telltale,
    cases::{Cases, HANDOVER_NOTE_MAX, LeftWaiting, Level, Note, NoteKind, PersonId, Sheet, Unread},
    escape::escape_text,
    seen_as, telling,
};

/// Rows of each list at most.
const ROWS_MAX: usize = 100;
/// How far ahead the sheet looks for follow-ups: until the end of the shift to come.
const AHEAD_S: u64 = 16 * 3_600;

/// Where this page is.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new()
        .route("/handover", get(show))
        .route("/handover/end", post(end).get(back))
        .route("/handover/take", post(take).get(back))
}

/// What the form that ends a shift sends: a line, and one for some of the cases on what is next, by their addresses.
#[derive(Default)]
struct EndForm {
    note: String,
    next: Vec<(String, String)>,
    /// Names the lines whose telling parts were shown, where they are to be kept all the same.
    all_the_same: String,
}

#[derive(Deserialize)]
struct TakeForm {
    shift: String,
}

/// A case in one line.
struct Row {
    path: String,
    names: Names,
    level: Level,
    waiting_since: Option<UnixSeconds>,
    is_closed: bool,
    /// What somebody said that is to be done next.
    next: Option<String>,
    /// That nobody has it, and it has waited for long.
    left_waiting: Option<LeftWaiting>,
}

/// All that the page shows of cases.
struct Shown {
    sheets: Vec<(Sheet, Vec<Row>)>,
    mine: Vec<Row>,
    /// Of each level how many wait, and the longest since when.
    levels: Vec<(Level, usize, Option<UnixSeconds>)>,
    due: usize,
    /// Whoever has taken the last step of waiting.
    late: Vec<Row>,
}

async fn show(State(ui): State<Arc<Ui>>, operator: Operator) -> Response {
    let texts = operator.texts;
    let shown = aside(move || render(&ui, &operator, &EndForm::default(), None));
    respond(texts, StatusCode::OK, shown.await).await
}

/// Ends the shift; where it cannot, the page says why and what was written stands there.
async fn end(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let texts = operator.texts;
    let form = EndForm::of(fields);
    let came = aside(move || match form.end(&ui, &operator.desk) {
        Ok(()) => {
            ui.set_takes_turns(false);
            ui.has_ended.note();
            Came::To("/handover".to_owned())
        }
        Err(error) => {
            let problem = match &error {
                DeskError::Note(NoteError::Telling(cautions)) => {
                    seen(texts, cautions, &seen_as(&form.lines()), "end")
                }
                other => say!(texts, "handover-not-ended", error = texts.error(other)),
            };
            Came::Shown(status(&error), render(&ui, &operator, &form, Some(&problem)))
        }
    });
    answer(texts, came.await).await
}

/// Takes over what a shift has left; the page shows who has, where a colleague was faster.
async fn take(State(ui): State<Arc<Ui>>, operator: Operator, Form(form): Form<TakeForm>) -> Response {
    let texts = operator.texts;
    let came = aside(move || {
        let shift = Bytes::from_base64url(&form.shift).ok_or(HandoverError::Nothing);
        match shift.map_err(DeskError::from).and_then(|shift| operator.desk.take_over_shift(Some(&shift))) {
            Ok(_) | Err(DeskError::Handover(HandoverError::Nothing)) => Came::To("/handover".to_owned()),
            Err(error) => {
                let problem = say!(texts, "handover-not-taken", error = texts.error(&error));
                Came::Shown(status(&error), render(&ui, &operator, &EndForm::default(), Some(&problem)))
            }
        }
    });
    answer(texts, came.await).await
}

/// Reloading what a form answered leads back to the page.
async fn back() -> Redirect {
    Redirect::to("/handover")
}

fn status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Handover(_) | DeskError::Note(_) => StatusCode::UNPROCESSABLE_ENTITY,
        DeskError::People(PeopleError::Mentor | PeopleError::Role | PeopleError::Nobody) => {
            StatusCode::CONFLICT
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn render(ui: &Ui, operator: &Operator, form: &EndForm, problem: Option<&Markup>) -> Rendered {
    let texts = operator.texts;
    let overview = Overview::take(ui, operator, None)?;
    let shown = Shown::take(ui, &operator.desk, &overview)?;
    let main = html! {
        h1 { (say!(texts, "handover-title")) }
        div id="sheets" data-live { (shown.sheets(&overview)) }
        section aria-labelledby="mine-heading" {
            h2 id="mine-heading" { (say!(texts, "handover-mine")) }
            div id="mine" data-live {
                @if shown.mine.is_empty() { p class="quiet" { (say!(texts, "handover-mine-none")) } } @else { (list(&shown.mine, overview.now, texts, Some(form))) }
            }
        }
        section aria-labelledby="waiting-heading" {
            h2 id="waiting-heading" { (say!(texts, "handover-waiting")) }
            div id="levels" data-live { (shown.levels(overview.now, texts)) }
        }
        section aria-labelledby="end-heading" {
            h2 id="end-heading" { (say!(texts, "handover-end")) }
            p class="quiet" { (say!(texts, "handover-end-what")) }
            div id="problems" role="alert" { @if let Some(problem) = problem { div class="problem" { (problem) } } }
            form method="post" action="/handover/end" id="end" class="person-form" {
                label for="shift-note" { (say!(texts, "handover-note")) }
                p class="quiet" id="shift-note-hint" { (say!(texts, "handover-note-hint")) }
                input id="shift-note" name="note" type="text" class="field" maxlength=(HANDOVER_NOTE_MAX) autocomplete="off" spellcheck="false"
                    dir="auto" aria-describedby="shift-note-hint" value=(form.note);
                button id="end-shift" class="main" type="submit" { (say!(texts, "handover-end-button")) }
            }
        }
    };
    Ok(page(&text!(texts, "handover-title"), &overview, &main))
}

impl Shown {
    fn take(ui: &Ui, desk: &Desk, overview: &Overview) -> Result<Self, DeskError> {
        let (me, now) = (overview.who.me(), overview.now);
        desk.with_cases(|cases| {
            let rows = |callers: &mut dyn Iterator<Item = CallerId>,
                        by: Option<&PersonId>|
             -> Result<Vec<Row>, Unread> {
                let rows =
                    callers.take(ROWS_MAX).filter_map(|caller| Row::of(ui, cases, &caller, by).transpose());
                rows.collect()
            };
            let mut levels: Vec<_> = Level::ALL.map(|level| (level, 0, None)).into();
            for waiting in cases.waiting() {
                let (_, count, since) = &mut levels[usize::from(waiting.level.number()) - 1];
                *count += 1;
                *since =
                    since.map_or(Some(waiting.since), |since: UnixSeconds| Some(since.min(waiting.since)));
            }
            let until = now.plus(AHEAD_S);
            let is_due = |at: &(Day, u8)| at.0.start().plus(u64::from(at.1) * 3_600) <= until;
            let sheet = |sheet: &Sheet| {
                Ok::<_, Unread>((sheet.clone(), rows(&mut sheet.left.iter().copied(), Some(&sheet.by))?))
            };
            Ok(Self {
                sheets: cases.sheets().rev().map(sheet).collect::<Result<_, _>>()?,
                mine: match me {
                    Some(me) => rows(&mut cases.claimed_by(&me), Some(&me))?,
                    None => Vec::new(),
                },
                levels,
                late: rows(&mut cases.at_last_step(), None)?,
                due: cases.due_at().take_while(|(at, _)| is_due(at)).count(),
            })
        })
    }

    /// What shifts have left, the newest first.
    fn sheets(&self, overview: &Overview) -> Markup {
        let texts = overview.texts;
        html! {
            @if self.sheets.is_empty() {
                p class="quiet" { (say!(texts, "handover-no-sheets")) }
            }
            @for (sheet, rows) in &self.sheets {
                section class="turn" data-shift=(sheet.id) {
                    p {
                        @let name = html! { strong { bdi { (escape_text(overview.who.name(&sheet.by))) } } };
                        @match sheet.at {
                            Some(at) => (say!(texts, "handover-ended", name = name, span = texts.span(overview.now.since(at)))),
                            None => (say!(texts, "handover-ended-here", name = name)),
                        }
                    }
                    @if let Some(note) = &sheet.note { p class="text" dir="auto" { (escape_text(note)) } }
                    @if rows.is_empty() { p class="quiet" { (say!(texts, "handover-left-none")) } } @else { (list(rows, overview.now, texts, None)) }
                    @match &sheet.taken_by {
                        Some(by) => p class="quiet" {
                            @let name = html! { bdi { (escape_text(overview.who.name(by))) } };
                            (say!(texts, "handover-taken", name = name))
                        },
                        None if Some(sheet.by) == overview.who.me() => p class="quiet" { (say!(texts, "handover-not-taken-yet")) },
                        None if overview.may_take() => form method="post" action="/handover/take" {
                            input type="hidden" name="shift" value=(sheet.id);
                            button { (say!(texts, "handover-take")) }
                        },
                        None => {},
                    }
                }
            }
        }
    }

    fn levels(&self, now: UnixSeconds, texts: Texts) -> Markup {
        html! {
            @if self.levels.iter().all(|(_, count, _)| *count == 0) { p class="quiet" { (say!(texts, "handover-nobody")) } }
            @else {
                ul class="levels" {
                    @for (level, count, since) in self.levels.iter().filter(|(_, count, _)| *count > 0) {
                        li {
                            (texts.level(*level)) ": " strong { (say!(texts, "handover-calls", number = *count)) }
                            @if let Some(since) = since { ", " (say!(texts, "handover-longest", span = texts.span(now.since(*since)))) }
                        }
                    }
                }
            }
            @if !self.late.is_empty() {
                p { strong { (say!(texts, "handover-late")) } }
                (list(&self.late, now, texts, None))
            }
            @if self.due > 0 {
                p { a href="/follow-ups" { (say!(texts, "handover-due", number = self.due)) } "." }
            }
        }
    }
}

impl Row {
    fn of(ui: &Ui, cases: &Cases, caller: &CallerId, by: Option<&PersonId>) -> Result<Option<Self>, Unread> {
        let (Some(case), Some(glance)) = (cases.get(caller)?, cases.glance(caller)) else { return Ok(None) };
        Ok(Some(Self {
            path: case_path(ui, caller),
            names: Names::of(cases, &case),
            level: glance.level,
            waiting_since: glance.waiting_since,
            is_closed: glance.is_closed,
            next: by.and_then(|by| case.next_by(by)).map(Note::text),
            left_waiting: LeftWaiting::of(glance.left_waiting, cases.ladder()),
        }))
    }
}

impl EndForm {
    fn of(fields: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in fields {
            match (&*name, name.strip_prefix("next-")) {
                ("note", _) => form.note = value,
                ("all_the_same", _) => form.all_the_same = value,
                (_, Some(address)) => form.next.push((address.to_owned(), value)),
                _ => {}
            }
        }
        form
    }

    /// What was written of cases.
    fn said(&self) -> impl Iterator<Item = (&str, &str)> {
        let said = self.next.iter().map(|(address, line)| (&**address, line.trim()));
        said.filter(|(_, line)| !line.is_empty())
    }

    /// All of it, as it is looked at for what it may tell.
    fn lines(&self) -> String {
        self.said().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
    }

    fn end(&self, ui: &Ui, desk: &Desk) -> Result<(), DeskError> {
        let lines = self.lines();
        if self.all_the_same != seen_as(&lines) {
            let telling = telling(&lines);
            if !telling.is_empty() {
                return Err(NoteError::Telling(telling).into());
            }
        }
        let callers: Vec<(CallerId, &str)> = self
            .said()
            .map(|(address, line)| Some((ui.addresses().caller(address)?, line)))
            .collect::<Option<_>>()
            .ok_or(HandoverError::NotYours)?;
        let next: Vec<NewNote<'_>> = callers
            .iter()
            .map(|(caller, line)| NewNote {
                kind: NoteKind::Next,
                telling: Telltale::Keep,
                ..NewNote::new(caller, line)
            })
            .collect();
        let note = Some(self.note.as_str()).filter(|note| !note.is_empty());
        desk.end_shift_with(note, &next).map(drop)
    }

    /// What was written of the case at an address.
    fn next(&self, path: &str) -> &str {
        let address = path.trim_start_matches("/case/");
        self.next.iter().find(|(of, _)| of == address).map_or("", |(_, line)| line)
    }
}

/// Cases in one line each; with a box for what is next where a form ends the shift.
fn list(rows: &[Row], now: UnixSeconds, texts: Texts, form: Option<&EndForm>) -> Markup {
    html! {
        ul class="left" {
            @for row in rows {
                li {
                    a href=(row.path) { (row.names.as_operators_say()) } " " (row.names.as_the_caller_says()) " "
                    (texts.level(row.level)) ", "
                    @match row.waiting_since {
                        Some(since) => (say!(texts, "handover-waits", span = texts.span(now.since(since)))),
                        None if row.is_closed => (say!(texts, "handover-closed")),
                        None => (say!(texts, "handover-answered")),
                    }
                    @if let Some(left) = row.left_waiting { " " span class="badge new" { (texts.step_of_waiting(left)) } }
                    @if let Some(next) = &row.next {
                        p class="next" { (say!(texts, "handover-next-said")) " " bdi { (escape_text(next)) } }
                    }
                    @if let Some(form) = form {
                        @let id = row.path.replace("/case/", "next-");
                        label for=(id) class="quiet" { (say!(texts, "handover-next")) }
                        input id=(id) name=(id) form="end" type="text" class="field" maxlength=(HANDOVER_NOTE_MAX) autocomplete="off"
                            spellcheck="false" dir="auto" value=(form.next(&row.path));
                    }
                }
            }
        }
    }
}
