//! One case: the conversation and the answer being written. Going to the page opens what is new.

mod checklists;
mod closing;
mod conversation;
mod drafts;
mod flags;
mod flood;
mod holder;
mod notes;
mod presence;
mod preview;
mod refusal;
mod reply;
mod second_reader;
mod templates;
mod transfer;

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{Redirect, Response},
    routing::{get, post},
};
use callsign_protocol::{caller_keys::CallerId, encoding::Bytes};
use maud::{Markup, html};
use serde::Deserialize;

use crate::{
    Desk, DueIn, Unkept,
    cases::{Case, LeftWaiting},
    escape::escape_text,
    ui::shell::{
        Ui, aside,
        forms::{Came, answer_text, digits, reach},
        guard::is_persons_visit,
        layout::{Rendered, not_found, page, respond},
        lock,
        operator::{Closed, Operator},
        overview::{Overview, case_path, find_case},
        said::Said,
        texts::{Texts, say, text},
    },
};
use reply::{Draft, Shown};

/// Where this page is.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new()
        .route("/case/{address}", get(show_case))
        .route("/case/{address}/open", post(open_messages).get(back_to_case))
        .route("/case/{address}/reply", post(reply::send_reply).get(back_to_case))
        .route("/case/{address}/draft", post(drafts::keep).get(back_to_case))
        .route("/case/{address}/draft/discard", post(drafts::discard).get(back_to_case))
        .route("/case/{address}/draft/give", post(drafts::give).get(back_to_case))
        .route("/case/{address}/draft/older", post(drafts::put_back).get(back_to_case))
        .route("/case/{address}/template", post(templates::put_in).get(back_to_case))
        .route("/case/{address}/notes", post(notes::keep).get(back_to_case))
        .route("/case/{address}/notes/strike", post(notes::strike).get(back_to_case))
        .route("/case/{address}/step", post(checklists::tick).get(back_to_case))
        .route("/case/{address}/close", post(closing::close).get(back_to_case))
        .route("/case/{address}/reopen", post(closing::reopen).get(back_to_case))
        .route("/case/{address}/transfer", post(transfer::offer).get(back_to_case))
        .route("/case/{address}/transfer/accept", post(transfer::accept).get(back_to_case))
        .route("/case/{address}/transfer/refuse", post(transfer::refuse).get(back_to_case))
        .route("/case/{address}/transfer/withdraw", post(transfer::withdraw).get(back_to_case))
        .route("/case/{address}/transfer/ask", post(transfer::ask).get(back_to_case))
}

/// What was done before this page was shown.
#[derive(Deserialize)]
struct Before {
    said: Option<Said>,
    /// Set where a person only looks, as from what a search found: nothing is opened before they say so.
    look: Option<String>,
    /// Set where what was said led a person here from elsewhere, as **Next** does: a form of this page leads back to it, and opens nothing.
    led: Option<String>,
    /// The span of arrival whose calls are gone through one by one.
    span: Option<String>,
}

/// What is asked for by its address.
struct Asked {
    caller: CallerId,
    /// What was typed; where nothing was, the box shows the draft that is kept.
    draft: Option<Draft>,
    said: Option<Said>,
    /// The span of arrival whose calls are gone through one by one.
    span: Option<String>,
    problem: Option<Markup>,
    /// Whether what was just refused is taken when it is sent once more.
    again: bool,
    /// Names brackets that stop an answer until the writer says that they are meant.
    brackets: Option<Bytes<16>>,
    /// What is said of the draft.
    draft_told: Option<Markup>,
    /// What of the forms beside the conversation comes back.
    beside: Beside,
}

/// What was written beside a conversation, and why it was not taken.
#[derive(Default)]
struct Beside {
    note: notes::Draft,
    problem: Option<Markup>,
    closing_problem: Option<Markup>,
    transfer: transfer::Draft,
}

impl Before {
    /// Whether a person comes here to read it.
    fn comes_to_read(&self) -> bool {
        self.look.is_none() && (self.said.is_none() || self.led.is_some())
    }
}

impl Asked {
    /// The page of a case as it is.
    fn of(caller: CallerId) -> Self {
        let beside = Beside::default();
        Self {
            caller,
            draft: None,
            said: None,
            span: None,
            problem: None,
            again: false,
            brackets: None,
            draft_told: None,
            beside,
        }
    }

    /// A page on which something beside the conversation was refused.
    fn beside(caller: CallerId, beside: Beside) -> Self {
        Self { beside, ..Self::of(caller) }
    }

    /// The same with what was typed.
    fn with(caller: CallerId, draft: Draft) -> Self {
        Self { draft: Some(draft), ..Self::of(caller) }
    }
}

/// Shows a case. A person's own navigation opens its messages; prefetching, other sites and this page's refreshing script
/// cannot: browsers mark those in Sec-Fetch headers that no page can forge, and without the headers a button asks first.
async fn show_case(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Query(before): Query<Before>,
    headers: HeaderMap,
) -> Response {
    let texts = operator.texts;
    let Some(caller) = ui.addresses().caller(&address) else { return not_found(texts).await };
    let is_persons = is_persons_visit(&headers);
    let visit = is_persons && before.comes_to_read();
    let shown = aside(move || {
        let problem = visit.then(|| open(&operator, &caller)).flatten();
        if is_persons {
            operator.desk.with_cases(|cases| {
                lock(&ui.looked).note(cases, &caller);
                Ok(())
            })?;
        }
        let asked = Asked { said: before.said, span: before.span, problem, ..Asked::of(caller) };
        render(&ui, &operator, &asked)
    });
    respond(texts, StatusCode::OK, shown.await).await
}

/// Opens what is new in a case that is being read; the draft comes back unchanged.
async fn open_messages(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    operator: Result<Operator, Closed>,
    Path(address): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    let (caller, operator) = match reach(&ui, operator, &address) {
        Ok(reached) => reached,
        Err(not_reached) => return draft.unsent_from(texts, &ui, not_reached, &address).await,
    };
    let kept = draft.clone();
    let came = aside(move || {
        let problem = open(&operator, &caller);
        let asked = Asked { problem, ..Asked::with(caller, draft) };
        Came::Shown(StatusCode::OK, render(&ui, &operator, &asked))
    });
    answer_text(came.await, |why| kept.unsent(texts, why, &address))
}

/// Reloading what a form answered leads back to the case.
async fn back_to_case(Path(address): Path<String>) -> Redirect {
    Redirect::to(&format!("/case/{}?look=1", digits(&address)))
}

/// The page of a case.
fn render(ui: &Ui, operator: &Operator, asked: &Asked) -> Rendered {
    let (desk, texts) = (&operator.desk, operator.texts);
    let (case, names) = find_case(desk, &asked.caller)?;
    // Read before it is rendered: what was shown stays on the page when the script fetches it again.
    let unkept = desk.unkept(&case);
    let case = unkept.as_ref().map_or(case.clone(), |unkept| Arc::new(unkept.as_shown(&case)));
    let overview = Overview::take(ui, operator, Some(&asked.caller))?;
    let (path, holder) = (case_path(ui, &asked.caller), desk.holder(&case));
    let offered_to = desk.with_cases(|cases| Ok(cases.offered_to(&asked.caller)))?;
    let offered_to =
        offered_to.filter(|to| Some(*to) != overview.who.me()).map(|to| overview.who.name(&to).to_owned());
    let kept = desk.draft(&asked.caller)?;
    let is_mine = holder.as_ref().is_some_and(|holder| holder.is_own);
    let said = asked.said.map(|said| if said == Said::Taken && !is_mine { Said::TakenFaster } else { said });
    let templates = desk.templates_for(&case.language)?;
    let lists = desk.lists_of(&case)?;
    let others = desk.others_at(&asked.caller);
    let newest = case.answers().filter(|answer| Some(answer.by) == overview.who.me()).last();
    let newest = newest.map(|answer| answer.id);
    let not_in_log = desk.answers_not_in_log(&asked.caller)?;
    let draft = asked.draft.clone().unwrap_or_else(|| Draft::of(kept.as_ref()));
    let main = html! {
        article class="case" {
            h1 { (names.as_operators_say()) " " (names.as_the_caller_says()) }
            (flood::bar(ui, &overview, asked.span.as_deref(), &path))
            div id="facts" data-live { (facts(&case, desk, &overview, &path)) }
            div id="holder" data-live { (holder::bar(&case, holder.as_ref(), offered_to.as_deref(), &overview, &path)) }
            div id="others" data-live { (presence::here(texts, &others)) }
            div id="transfer-problems" role="alert" { (transfer::problem(&asked.beside.transfer)) }
            div id="handover" data-live { (transfer::part(desk, &desk.handover(&case), holder.as_ref(), &overview, (&path, &asked.beside.transfer))) }
            div id="unkept" data-live { @if let Some(unkept) = &unkept { (not_kept(texts, unkept, &path)) } }
            div class="columns" {
                div class="first" {
                    h2 { (say!(texts, "case-conversation")) }
                    ol id="conversation" data-live data-keyed { (conversation::render(&case, holder.as_ref(), &not_in_log, &overview, &path)) }
                    (reply::form(ui, operator, &case, &path, &Shown { asked, said, newest, stays_here: overview.stays_here(), draft, kept, templates, others }))
                }
                // What colleagues need to know of the case, and the caller never sees.
                div class="side" {
                    (notes::section(ui, &overview, &case, &path, asked))
                    section id="checklist" data-live { (checklists::section(texts, &lists, &path)) }
                    div id="flagging" data-live { (flags::section(&case, &overview, &path)) }
                    section id="case-follow-ups" data-live { (follow_ups(&case, &overview, &path)) }
                    (closing::section(&overview, &case, holder.as_ref(), &path, asked))
                }
            }
        }
    };
    Ok(page(&text!(texts, "case-title"), &overview, &main))
}

/// Opens what is new; a sentence where that fails.
fn open(operator: &Operator, caller: &CallerId) -> Option<Markup> {
    let Operator { desk, texts } = operator;
    desk.open_call(caller).err().map(|error| say!(texts, "case-not-opened", error = texts.error(&error)))
}

/// That messages are shown and nobody will know of it.
fn not_kept(texts: Texts, unkept: &Unkept, path: &str) -> Markup {
    html! {
        section class="trouble" role="alert" aria-label=(text!(texts, "case-not-kept-label")) {
            p { (say!(texts, "case-not-kept", number = unkept.messages.len())) }
            p class="detail" dir="auto" { (say!(texts, "case-reason", why = texts.error(&*unkept.why))) }
            button type="submit" form="reply-form" formaction=(format!("{path}/open")) { (say!(texts, "case-mended")) }
        }
    }
}

fn facts(case: &Case, desk: &Desk, overview: &Overview, path: &str) -> Markup {
    let texts = overview.texts;
    let waits = case.waiting_since(overview.now.day()).map(|since| texts.span(overview.now.since(since)));
    html! {
        (flags::banner(case, texts))
        @if let Some(left) = LeftWaiting::of(case.left_waiting(), desk.waiting_minutes()) {
            section class="banner" id="step-of-waiting" role="note" { p { strong { (texts.step_of_waiting(left)) } } }
        }
        dl class="facts" {
            div { dt { (say!(texts, "case-track")) } dd { bdi { (texts.track(&desk.tracks(), &case.track)) } } }
            div { dt { (say!(texts, "case-language")) } dd { bdi { (texts.language(&case.language)) } } }
            div { dt { (say!(texts, "case-waits")) } dd { @if let Some(waits) = waits { strong { (waits) } } @else if case.closed().is_some() { (say!(texts, "case-closed")) } @else { (say!(texts, "case-answered")) } } }
            @if case.is_doubted() {
                div class="doubted" { dt { (say!(texts, "case-sender")) } dd { strong { (say!(texts, "case-sender-not-proven")) } } }
            }
            @if let Some(times) = &case.safe_times {
                div class="safe-times" {
                    dt { (say!(texts, "case-safe-times")) }
                    dd class="words-of-caller" dir="auto" lang=(case.language) { (escape_text(times)) }
                }
            }
            (flags::facts(case, overview, path))
        }
    }
}

fn follow_ups(case: &Case, overview: &Overview, path: &str) -> Markup {
    let texts = overview.texts;
    html! {
        h2 { (say!(texts, "case-follow-ups")) }
        ul class="follow-ups" {
            @for one in case.follow_ups() {
                li {
                    strong { (texts.due(one.due, one.hour)) }
                    @if DueIn::of(one, overview.now) == DueIn::Now { " " span class="badge new" { (say!(texts, "case-due")) } }
                    div dir="auto" { (escape_text(&one.text)) }
                }
            }
        }
        p { a href=(format!("{path}/follow-ups")) id="follow-ups" {
            @if case.follow_ups().is_empty() { (say!(texts, "case-set-follow-up")) }
            @else { (say!(texts, "case-change-follow-ups")) }
        } }
    }
}
