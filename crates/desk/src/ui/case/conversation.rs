//! A conversation as it is read: who wrote what, what has not arrived, what has left.

use callsign_protocol::{encoding::Bytes, time::UnixSeconds};
use maud::{Markup, html};

use crate::{
    Who,
    cases::{Answer, Call, Case, Item, Keeps},
    escape::escape_text,
    ui::shell::wording,
};

/// What an answer is shown with.
#[derive(Clone, Copy)]
struct Shown<'a> {
    who: &'a Who,
    path: &'a str,
    now: UnixSeconds,
    /// The newest answer that can be taken back.
    newest: Option<Bytes<16>>,
}

/// The items of a conversation; what nobody has opened is announced, not shown.
pub(super) fn render(case: &Case, who: &Who, path: &str, now: UnixSeconds) -> Markup {
    let unopened = case.unopened().len();
    let mut answers = case.items.iter().rev().filter_map(|item| match item {
        Item::Answer(answer) => Some(answer),
        Item::Call(_) => None,
    });
    let newest = answers.find(|answer| can_be_taken_back(answer)).map(|answer| answer.id);
    let shown = Shown { who, path, now, newest };
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

fn can_be_taken_back(answer: &Answer) -> bool {
    answer.kept_back != Keeps::TakenBack && !answer.has_begun()
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
            p class="state" { (state(answer, is_lost)) }
            @if can_be_taken_back(answer) { (acts(answer, shown)) }
        }
    }
}

/// What becomes of an answer.
fn state(answer: &Answer, is_lost: bool) -> Markup {
    let posted = answer.parts.iter().flatten().filter(|part| part.posted).count();
    html! {
        @match answer.kept_back {
            Keeps::Held => strong { "Held: a colleague had this case. It leaves once it is let go." },
            Keeps::TakenBack => strong { "Taken back: nothing of it was posted" },
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
            @if answer.kept_back == Keeps::Held {
                form method="post" action=(format!("{path}/let-go")) {
                    input type="hidden" name="answer" value=(answer.id);
                    button { "Let it go" }
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
