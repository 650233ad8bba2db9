//! Handing a case over, on its page: whoever has it offers it, those for whom it is meant take it or refuse, others ask for it.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callsign_protocol::{caller_keys::CallerId, encoding::Bytes};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Asked, Beside, render};
use crate::{
    Desk, DeskError, Handover, Holder, OfferAnswer, OfferLine, OfferState, PeopleError, TransferError,
    cases::{EventId, PersonId, TRANSFER_TEXT_MAX, TransferTo},
    escape::escape_text,
    ui::shell::{
        Ui, aside,
        forms::{Came, answer},
        layout::not_found,
        operator::Operator,
        overview::{Overview, case_path},
        wording,
    },
};

/// What was typed into one of the forms, and why nothing came of it.
#[derive(Default)]
pub(super) struct Draft {
    /// Which form.
    form: Option<Which>,
    to: String,
    text: String,
    problem: Option<String>,
}

/// A form that opens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Offer,
    Refuse,
    Ask,
}

/// What the form sends that offers a case.
#[derive(Deserialize)]
pub(super) struct OfferForm {
    #[serde(default)]
    to: String,
    #[serde(default)]
    text: String,
}

/// What the forms send that take a case or refuse it.
#[derive(Deserialize)]
pub(super) struct AnswerForm {
    #[serde(default)]
    offer: String,
    #[serde(default)]
    text: String,
}

/// What the form sends that asks for a case.
#[derive(Deserialize)]
pub(super) struct AskForm {
    #[serde(default)]
    text: String,
}

/// Offers a case.
pub(super) async fn offer(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(OfferForm { to, text }): Form<OfferForm>,
) -> Response {
    let draft = Draft { form: Some(Which::Offer), to: to.clone(), text: text.clone(), problem: None };
    act(ui, operator, &address, draft, move |desk, caller| {
        desk.offer_case(caller, meant(&to).ok_or(TransferError::Whom)?, Some(&text))
    })
    .await
}

/// Takes a case that is offered.
pub(super) async fn accept(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(form): Form<AnswerForm>,
) -> Response {
    act(ui, operator, &address, Draft::default(), move |desk, caller| {
        let offer = Bytes::from_base64url(&form.offer).ok_or(TransferError::NotOffered)?;
        desk.answer_transfer(caller, Some(&offer), OfferAnswer::Taken, None)
    })
    .await
}

/// Refuses a case that is offered.
pub(super) async fn refuse(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(AnswerForm { offer, text }): Form<AnswerForm>,
) -> Response {
    let draft = Draft { form: Some(Which::Refuse), text: text.clone(), ..Draft::default() };
    act(ui, operator, &address, draft, move |desk, caller| {
        let offer = Bytes::from_base64url(&offer).ok_or(TransferError::NotOffered)?;
        desk.answer_transfer(caller, Some(&offer), OfferAnswer::Refused, Some(&text))
    })
    .await
}

/// Takes an offer back.
pub(super) async fn withdraw(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
) -> Response {
    act(ui, operator, &address, Draft::default(), Desk::withdraw_transfer).await
}

/// Asks whoever has a case for it.
pub(super) async fn ask(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(address): Path<String>,
    Form(AskForm { text }): Form<AskForm>,
) -> Response {
    let draft = Draft { form: Some(Which::Ask), text: text.clone(), ..Draft::default() };
    act(ui, operator, &address, draft, move |desk, caller| desk.ask_for_case(caller, Some(&text))).await
}

async fn act(
    ui: Arc<Ui>,
    operator: Operator,
    address: &str,
    draft: Draft,
    act: impl FnOnce(&Desk, &CallerId) -> Result<EventId, DeskError> + Send + 'static,
) -> Response {
    let Some(caller) = ui.addresses().caller(address) else { return not_found().await };
    let came = aside(move || match act(&operator.desk, &caller) {
        Ok(_) => Came::To(case_path(&ui, &caller)),
        Err(error) => {
            let transfer = Draft { problem: Some(format!("Nothing was done: {error}.")), ..draft };
            let asked = Asked::beside(caller, Beside { transfer, ..Beside::default() });
            Came::Shown(status(&error), render(&ui, &operator.desk, &asked))
        }
    });
    answer(came.await).await
}

fn status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Transfer(TransferError::Line | TransferError::Whom) => StatusCode::UNPROCESSABLE_ENTITY,
        DeskError::Transfer(_) | DeskError::Claim(_) => StatusCode::CONFLICT,
        DeskError::NoSuchCall => StatusCode::NOT_FOUND,
        DeskError::People(PeopleError::Role | PeopleError::Nobody) => StatusCode::FORBIDDEN,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// For whom an offer is meant, as the form sends it.
fn meant(to: &str) -> Option<TransferTo> {
    match to {
        "operator" => Some(TransferTo::Operator),
        "leader" => Some(TransferTo::Leader),
        "anyone" => Some(TransferTo::Anyone),
        person => Bytes::from_base64url(person).map(TransferTo::Person),
    }
}

/// Why nothing came of a form.
pub(super) fn problem(draft: &Draft) -> Markup {
    html! { @if let Some(problem) = &draft.problem { p class="problem" dir="auto" { (wording::told(problem)) } } }
}

/// What is said of handing the case over, and what whoever looks can do about it.
pub(super) fn part(
    desk: &Desk,
    handover: &Handover,
    holder: Option<&Holder>,
    overview: &Overview,
    (path, draft): (&str, &Draft),
) -> Markup {
    let Some(holder) = holder else { return html! {} };
    let typed = |form: Which| if draft.form == Some(form) { draft.text.as_str() } else { "" };
    let offer = handover.offer.as_ref();
    html! {
        @if holder.is_own {
            @for (name, text) in &handover.asked {
                section class="banner" role="note" { p { strong { (escape_text(name)) } " asks for this case" (why(text.as_deref())) } }
            }
            @if let Some(offer) = offer { (own_offer(offer, overview)) }
            @if overview.may_take() {
                div class="acts" {
                    (hand_over(&desk.present_takers(), path, draft))
                    @if offer.is_some_and(|offer| offer.state == OfferState::Open) {
                        (form(&format!("{path}/transfer/withdraw"), "It is offered no more.", &html! {
                            button id="withdraw-offer" { "Offer it no more" }
                        }))
                    }
                }
            }
        } @else if let Some(offer) = offer.filter(|offer| offer.is_for_me) {
            section class="banner" role="note" aria-label="Offered to you" {
                p {
                    strong { (escape_text(&holder.name)) } " offers this case to "
                    @if offer.is_to_person { "you" } @else { (told(offer)) } (why(offer.text.as_deref()))
                }
                div class="acts" { (answers(offer, path, typed(Which::Refuse), draft)) }
            }
        } @else {
            @if let Some(offer) = offer.filter(|offer| offer.state == OfferState::Open) {
                p class="quiet" { (escape_text(&holder.name)) " offers this case to " (told(offer)) "." }
            }
            @if overview.may_take() { (asking(handover, holder, path, typed(Which::Ask), draft)) }
        }
    }
}

/// What becomes of whoever looks' own offer.
fn own_offer(offer: &OfferLine, overview: &Overview) -> Markup {
    html! {
        @for (name, text) in &offer.refused {
            section class="banner" role="note" { p { strong { (escape_text(name)) } " does not take this case" (why(text.as_deref())) } }
        }
        @match offer.state {
            OfferState::Open => p id="offered" {
                "Offered to " (told(offer)) (why(offer.text.as_deref())) " "
                span class="quiet" {
                    "It waits for an answer"
                    @match offer.at {
                        Some(at) => { ", for " (wording::span(overview.now.since(at))) "." },
                        None => ", and is not in the log yet.",
                    }
                    " Until then the case is yours."
                }
            },
            OfferState::Ended => p id="offered" class="quiet" { "Nobody has taken this case in time: it is yours alone." },
            OfferState::Refused => {},
        }
    }
}

/// The form in which a case is offered. Nothing is chosen at first: a stray key gives nothing away.
fn hand_over(present: &[(PersonId, String)], path: &str, draft: &Draft) -> Markup {
    let is_typed = draft.form == Some(Which::Offer);
    let chosen = |to: &str| is_typed && draft.to == to;
    html! {
        details id="transfer" class="more" open[is_typed] {
            summary { "Hand over" }
            (form(&format!("{path}/transfer"), "The case is offered, and stays yours until it is taken.", &html! {
                label for="transfer-to" {
                    "To whom. The case stays yours until it is taken."
                    @if present.is_empty() { " Nobody else is here now." }
                }
                select id="transfer-to" name="to" class="field" required {
                    option value="" { "Choose" }
                    @for (person, name) in present {
                        option value=(person) selected[chosen(&person.to_string())] { (escape_text(name)) }
                    }
                    option value="operator" selected[chosen("operator")] { "Any operator" }
                    option value="leader" selected[chosen("leader")] { "Any leader" }
                    option value="anyone" selected[chosen("anyone")] { "Whoever is next" }
                }
                (line("transfer-text", "Why, in one line, if you like. Colleagues read it, the caller never.", if is_typed { &draft.text } else { "" }))
                button { "Offer this case" }
            }))
        }
    }
}

/// The forms of those for whom an offer is meant: Enter in the line refuses, and never takes.
fn answers(offer: &OfferLine, path: &str, typed: &str, draft: &Draft) -> Markup {
    let which = || html! { input type="hidden" name="offer" value=(offer.id); };
    html! {
        (form(&format!("{path}/transfer/accept"), "The case is yours.", &html! {
            (which())
            button id="accept-offer" class="main" { "Accept" }
        }))
        details id="refuse-offer" class="more" open[draft.form == Some(Which::Refuse)] {
            summary { "Refuse" }
            (form(&format!("{path}/transfer/refuse"), "The offer is refused.", &html! {
                (which())
                (line("refuse-text", "Why, in one line, if you like", typed))
                button { "Refuse this case" }
            }))
        }
    }
}

/// The form in which somebody asks a colleague for a case.
fn asking(handover: &Handover, holder: &Holder, path: &str, typed: &str, draft: &Draft) -> Markup {
    html! {
        @if handover.has_asked {
            p class="quiet" id="has-asked" { "You have asked " (escape_text(&holder.name)) " for this case." }
        } @else {
            div class="acts" {
                details id="ask-for" class="more" open[draft.form == Some(Which::Ask)] {
                    summary { "Ask " bdi { (escape_text(&holder.name)) } " for this case" }
                    (form(&format!("{path}/transfer/ask"), "You have asked for this case.", &html! {
                        (line("ask-text", "Why, in one line, if you like. Colleagues read it, the caller never.", typed))
                        button { "Ask" }
                    }))
                }
            }
        }
    }
}

/// A form that is sent beside the conversation, so that what is written there stays.
fn form(action: &str, said: &str, fields: &Markup) -> Markup {
    html! { form method="post" action=(action) data-beside="transfer-problems" data-said=(said) { (fields) } }
}

fn line(id: &str, label: &str, typed: &str) -> Markup {
    html! {
        label for=(id) { (label) }
        input id=(id) name="text" type="text" class="field" maxlength=(TRANSFER_TEXT_MAX) value=(typed) autocomplete="off" spellcheck="false";
    }
}

/// To whom a case is offered.
fn told(offer: &OfferLine) -> Markup {
    html! {
        @match offer.to.as_str() {
            name if offer.is_to_person => bdi { (escape_text(name)) },
            "anyone" => "whoever is next",
            role => { "any " (role) },
        }
    }
}

/// What was said with it, behind a sentence that it ends.
fn why(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { ": " q dir="auto" { (escape_text(text)) } } @else { "." } }
}
