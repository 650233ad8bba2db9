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
        overview::{Overview, led_back},
        texts::{Texts, say, text},
    },
};

/// What was typed into one of the forms, and why nothing came of it.
#[derive(Default)]
pub(super) struct Draft {
    /// Which form.
    form: Option<Which>,
    to: String,
    text: String,
    problem: Option<Markup>,
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
    let texts = operator.texts;
    let Some(caller) = ui.addresses().caller(address) else { return not_found(texts).await };
    let came = aside(move || match act(&operator.desk, &caller) {
        Ok(_) => Came::To(led_back(&ui, &caller)),
        Err(error) => {
            let transfer = Draft {
                problem: Some(say!(texts, "transfer-refused-act", error = texts.error(&error))),
                ..draft
            };
            let asked = Asked::beside(caller, Beside { transfer, ..Beside::default() });
            Came::Shown(status(&error), render(&ui, &operator, &asked))
        }
    });
    answer(texts, came.await).await
}

fn status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Transfer(TransferError::Line | TransferError::Whom) => StatusCode::UNPROCESSABLE_ENTITY,
        DeskError::Transfer(_) | DeskError::Claim(_) => StatusCode::CONFLICT,
        DeskError::NoSuchCall => StatusCode::NOT_FOUND,
        DeskError::People(PeopleError::Mentor | PeopleError::Role | PeopleError::Nobody) => {
            StatusCode::FORBIDDEN
        }
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
    html! { @if let Some(problem) = &draft.problem { p class="problem" dir="auto" { (problem) } } }
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
    let texts = overview.texts;
    let typed = |form: Which| if draft.form == Some(form) { draft.text.as_str() } else { "" };
    let offer = handover.offer.as_ref();
    html! {
        @if holder.is_own {
            @for (name, text) in &handover.asked {
                section class="banner" role="note" {
                    p { (say!(texts, "transfer-asks", name = named(name))) (why(text.as_deref())) }
                }
            }
            @if let Some(offer) = offer { (own_offer(offer, overview)) }
            @if overview.may_take() {
                div class="acts" {
                    (hand_over(texts, &desk.present_takers(), path, draft))
                    @if offer.is_some_and(|offer| offer.state == OfferState::Open) {
                        (form(&format!("{path}/transfer/withdraw"), &text!(texts, "transfer-said-withdrawn"), &html! {
                            button id="withdraw-offer" { (say!(texts, "transfer-withdraw")) }
                        }))
                    }
                }
            }
        } @else if let Some(offer) = offer.filter(|offer| offer.is_for_me) {
            section class="banner" role="note" aria-label=(text!(texts, "transfer-offered-to-you")) {
                p {
                    @if offer.is_to_person { (say!(texts, "transfer-offers-you", name = named(&holder.name))) }
                    @else { (say!(texts, "transfer-offers", name = named(&holder.name), to = told(texts, offer))) }
                    (why(offer.text.as_deref()))
                }
                div class="acts" { (answers(texts, offer, path, typed(Which::Refuse), draft)) }
            }
        } @else {
            @if let Some(offer) = offer.filter(|offer| offer.state == OfferState::Open) {
                p class="quiet" {
                    (say!(texts, "transfer-offers", name = html! { (escape_text(&holder.name)) }, to = told(texts, offer))) "."
                }
            }
            @if overview.may_take() { (asking(texts, (handover, holder), path, typed(Which::Ask), draft)) }
        }
    }
}

/// What becomes of whoever looks' own offer.
fn own_offer(offer: &OfferLine, overview: &Overview) -> Markup {
    let texts = overview.texts;
    html! {
        @for (name, text) in &offer.refused {
            section class="banner" role="note" {
                p { (say!(texts, "transfer-does-not-take", name = named(name))) (why(text.as_deref())) }
            }
        }
        @match offer.state {
            OfferState::Open => p id="offered" {
                (say!(texts, "transfer-offered", to = told(texts, offer))) (why(offer.text.as_deref())) " "
                span class="quiet" {
                    @match offer.at {
                        Some(at) => (say!(texts, "transfer-waits", span = texts.span(overview.now.since(at)))),
                        None => (say!(texts, "transfer-waits-here")),
                    }
                }
            },
            OfferState::Ended => p id="offered" class="quiet" { (say!(texts, "transfer-ended")) },
            OfferState::Refused => {},
        }
    }
}

/// The form in which a case is offered. Nothing is chosen at first: a stray key gives nothing away.
fn hand_over(texts: Texts, present: &[(PersonId, String)], path: &str, draft: &Draft) -> Markup {
    let is_typed = draft.form == Some(Which::Offer);
    let chosen = |to: &str| is_typed && draft.to == to;
    html! {
        details id="transfer" class="more" open[is_typed] {
            summary { (say!(texts, "transfer-hand-over")) }
            (form(&format!("{path}/transfer"), &text!(texts, "transfer-said-offered"), &html! {
                label for="transfer-to" {
                    (say!(texts, "transfer-to-whom"))
                    @if present.is_empty() { " " (say!(texts, "transfer-nobody-else")) }
                }
                select id="transfer-to" name="to" class="field" required {
                    option value="" { (say!(texts, "transfer-choose")) }
                    @for (person, name) in present {
                        option value=(person) selected[chosen(&person.to_string())] { (escape_text(name)) }
                    }
                    option value="operator" selected[chosen("operator")] { (say!(texts, "transfer-any-operator")) }
                    option value="leader" selected[chosen("leader")] { (say!(texts, "transfer-any-leader")) }
                    option value="anyone" selected[chosen("anyone")] { (say!(texts, "transfer-anyone")) }
                }
                (line("transfer-text", &say!(texts, "transfer-why-colleagues"), if is_typed { &draft.text } else { "" }))
                button { (say!(texts, "transfer-offer-button")) }
            }))
        }
    }
}

/// The forms of those for whom an offer is meant: Enter in the line refuses, and never takes.
fn answers(texts: Texts, offer: &OfferLine, path: &str, typed: &str, draft: &Draft) -> Markup {
    let which = || html! { input type="hidden" name="offer" value=(offer.id); };
    html! {
        (form(&format!("{path}/transfer/accept"), &text!(texts, "transfer-said-accepted"), &html! {
            (which())
            button id="accept-offer" class="main" { (say!(texts, "transfer-accept")) }
        }))
        details id="refuse-offer" class="more" open[draft.form == Some(Which::Refuse)] {
            summary { (say!(texts, "transfer-refuse")) }
            (form(&format!("{path}/transfer/refuse"), &text!(texts, "transfer-said-refused"), &html! {
                (which())
                (line("refuse-text", &say!(texts, "transfer-why"), typed))
                button { (say!(texts, "transfer-refuse-button")) }
            }))
        }
    }
}

/// The form in which somebody asks a colleague for a case.
fn asking(
    texts: Texts,
    (handover, holder): (&Handover, &Holder),
    path: &str,
    typed: &str,
    draft: &Draft,
) -> Markup {
    let name = || html! { (escape_text(&holder.name)) };
    html! {
        @if handover.has_asked {
            p class="quiet" id="has-asked" { (say!(texts, "transfer-has-asked", name = name())) }
        } @else {
            div class="acts" {
                details id="ask-for" class="more" open[draft.form == Some(Which::Ask)] {
                    summary { span { (say!(texts, "transfer-ask", name = html! { bdi { (name()) } })) } }
                    (form(&format!("{path}/transfer/ask"), &text!(texts, "transfer-said-asked"), &html! {
                        (line("ask-text", &say!(texts, "transfer-why-colleagues"), typed))
                        button { (say!(texts, "transfer-ask-button")) }
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

fn line(id: &str, label: &Markup, typed: &str) -> Markup {
    html! {
        label for=(id) { (label) }
        input id=(id) name="text" type="text" class="field" maxlength=(TRANSFER_TEXT_MAX) value=(typed) autocomplete="off" spellcheck="false";
    }
}

/// To whom a case is offered.
fn told(texts: Texts, offer: &OfferLine) -> Markup {
    html! {
        @match offer.to.as_str() {
            name if offer.is_to_person => bdi { (escape_text(name)) },
            "anyone" => (say!(texts, "transfer-to-anyone")),
            "leader" => (say!(texts, "transfer-to-leader")),
            _ => (say!(texts, "transfer-to-operator")),
        }
    }
}

/// Who says it.
fn named(name: &str) -> Markup {
    html! { strong { (escape_text(name)) } }
}

/// What was said with it, behind a sentence that it ends.
fn why(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { ": " q dir="auto" { (escape_text(text)) } } @else { "." } }
}
