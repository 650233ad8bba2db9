//! A conversation as it is read: who wrote what, what has not arrived, what has left.

use callsign_protocol::{encoding::Bytes, time::UnixSeconds};
use maud::{Markup, html};

use crate::{
    Holder, Who,
    cases::{Answer, Call, Case, ClaimState, Item, Keeps},
    escape::escape_text,
    ui::shell::wording,
};

/// What an answer is shown with.
#[derive(Clone, Copy)]
struct Shown<'a> {
    who: &'a Who,
    holder: Option<&'a Holder>,
    path: &'a str,
    now: UnixSeconds,
    /// The newest answer that can be taken back.
    newest: Option<Bytes<16>>,
}

/// The items of a conversation; what nobody has opened is announced, not shown.
pub(super) fn render(
    case: &Case,
    holder: Option<&Holder>,
    who: &Who,
    path: &str,
    now: UnixSeconds,
) -> Markup {
    let unopened = case.unopened().len();
    let mut answers = case.items.iter().rev().filter_map(|item| match item {
        Item::Answer(answer) => Some(answer),
        Item::Call(_) => None,
    });
    let shown = Shown { who, holder, path, now, newest: None };
    let newest = answers.find(|answer| shown.can_be_taken_back(answer)).map(|answer| answer.id);
    let shown = Shown { newest, ..shown };
    html! {
        @for item in &case.items {
            @match item {
                Item::Call(call) if !call.opened && call.is_complete() => {},
                Item::Call(call) => (from_caller(call, case, now)),
                Item::Answer(answer) => (from_desk(answer, case.is_lost(answer, now.day()), &shown)),
            }
        }
        @if unopened > 0 {
            li class="unread" data-key="unread" {
                p { strong { @if unopened == 1 { "A new message" } @else { (unopened) " new messages" } } " from the caller, not opened yet." }
                p class="quiet" { "Opening tells the caller that a person has opened it." }
                // The draft travels along, so that nothing is lost where the script does not run.
                button type="submit" id="open" form="reply-form" formaction=(format!("{path}/open")) {
                    @if unopened == 1 { "Open it" } @else { "Open them" }
                }
            }
        }
    }
}

fn from_caller(call: &Call, case: &Case, now: UnixSeconds) -> Markup {
    html! {
        li class="from-caller" data-key=(call.id) tabindex="-1" {
            p class="meta" {
                strong { "Caller" } " · " (wording::span(now.since(call.received))) " ago"
                span class="moment" { " · " (wording::moment(call.received)) }
            }
            @if call.doubted {
                p class="doubted" { strong { "May be forged. " } "It is proven with a key that a removed device knew: make sure who is writing." }
            }
            @if call.is_complete() {
                (text(&call.text(), Some(&case.language)))
            } @else {
                @for (number, part) in (1..).zip(&call.parts) {
                    @match part {
                        Some(part) => (text(part, Some(&case.language))),
                        None => (missing(number, call.parts.len(), "has not arrived")),
                    }
                }
            }
        }
    }
}

impl Shown<'_> {
    /// Whether it is for whoever looks to decide on an answer: who wrote it, or has the case.
    fn may_decide(&self, answer: &Answer) -> bool {
        self.is_own() || self.who.me() == Some(answer.by)
    }

    fn is_own(&self) -> bool {
        self.holder.is_some_and(|holder| holder.is_own)
    }

    /// The colleague who is at work on the case.
    fn colleague(&self) -> Option<&Holder> {
        self.holder.filter(|holder| !holder.is_own && holder.state == ClaimState::Live)
    }

    fn can_be_taken_back(&self, answer: &Answer) -> bool {
        answer.kept_back != Keeps::TakenBack && !answer.has_begun() && self.may_decide(answer)
    }

    fn can_leave(&self, answer: &Answer) -> bool {
        answer.kept_back == Keeps::Held && self.colleague().is_none() && self.may_decide(answer)
    }
}

fn from_desk(answer: &Answer, is_lost: bool, shown: &Shown<'_>) -> Markup {
    let Shown { who, now, .. } = *shown;
    let whole = answer.parts.iter().all(Option::is_some);
    html! {
        li class=(if answer.leaves() { "from-desk" } else { "from-desk held" }) data-key=(answer.id) {
            p class="meta" {
                strong { "Desk" } " · " bdi { (escape_text(who.name(&answer.by))) } " · " (wording::span(now.since(answer.queued))) " ago"
                span class="moment" { " · " (wording::moment(answer.queued)) }
            }
            @if whole {
                (text(&answer.text(), None))
            } @else {
                @for (number, part) in (1..).zip(&answer.parts) {
                    @match part {
                        Some(part) => (text(&part.text, None)),
                        None => (missing(number, answer.parts.len(), "is not in the desk's log yet")),
                    }
                }
            }
            p class="state" { (state(answer, is_lost, shown)) }
            @if shown.can_be_taken_back(answer) { (acts(answer, shown)) }
        }
    }
}

/// What becomes of an answer.
fn state(answer: &Answer, is_lost: bool, shown: &Shown<'_>) -> Markup {
    let posted = answer.parts.iter().flatten().filter(|part| part.posted).count();
    html! {
        @match answer.kept_back {
            Keeps::Held => strong { "Held: " @match shown.colleague() {
                Some(holder) => { bdi { (escape_text(&holder.name)) } " has this case. It leaves once they let it leave." },
                None if shown.may_decide(answer) => "a colleague had this case when it was sent. Let it leave, or take it back.",
                None => "a colleague had this case when it was sent. It leaves once its author, or whoever takes the case, lets it leave.",
            } },
            Keeps::TakenBack => strong { "Taken back: nothing of it was posted" },
            Keeps::Nothing if answer.waits_for_a_reader() => strong { "Waits for a second reader: it leaves once a colleague has read it" },
            Keeps::Nothing if !answer.leaves() => {
                strong { "Not to leave like this, a second reader says" }
                @if let Some(text) = answer.reading().and_then(|reading| reading.text.as_deref()) { ": " bdi { (escape_text(text)) } }
            }
            Keeps::Nothing if answer.is_posted() => span class="posted" { "posted" },
            Keeps::Nothing => {
                @if is_lost { strong { "never left: the caller's mailbox has lapsed" } }
                @else { span class="queued" { "waits for its turn in the cadence" } }
                @if posted > 0 { " (" (posted) " of " (wording::count(answer.parts.len() as u64, "part", "parts")) " posted)" }
            }
        }
    }
}

/// What can be done with an answer of which nothing was posted.
fn acts(answer: &Answer, shown: &Shown<'_>) -> Markup {
    let path = shown.path;
    html! {
        div class="acts" {
            @if shown.can_leave(answer) {
                form method="post" action=(format!("{path}/let-go")) {
                    input type="hidden" name="answer" value=(answer.id);
                    button { "Let it leave" }
                }
            }
            form method="post" action=(format!("{path}/take-back")) {
                input type="hidden" name="answer" value=(answer.id);
                button id=[(shown.newest == Some(answer.id)).then_some("take-back")] { "Take it back" }
            }
        }
    }
}

fn missing(number: usize, of: usize, what: &str) -> Markup {
    html! { p class="missing" { "part " (number) " of " (of) " " (what) } }
}

fn text(text: &str, language: Option<&str>) -> Markup {
    let language = language.filter(|tag| !tag.is_empty());
    html! { div class="text" dir="auto" lang=[language] { (escape_text(text)) } }
}
