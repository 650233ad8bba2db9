//! A conversation as it is read: who wrote what, what has not arrived, what has left.

use std::collections::BTreeSet;

use callsign_protocol::encoding::Bytes;
use maud::{Markup, html};

use super::second_reader;
use crate::{
    Holder,
    cases::{Answer, Call, Case, ClaimState, Heard, Item, Keeps},
    escape::escape_text,
    ui::shell::{
        overview::{Overview, StaysHere},
        texts::{Texts, say},
    },
};

/// What an answer is shown with.
#[derive(Clone, Copy)]
struct Shown<'a> {
    overview: &'a Overview,
    holder: Option<&'a Holder>,
    path: &'a str,
    /// What of the conversation the page shows.
    heard: Heard,
    /// The newest answer that can be taken back.
    newest: Option<Bytes<16>>,
    /// Answers that are on this device alone.
    not_in_log: &'a BTreeSet<Bytes<16>>,
}

/// The items of a conversation; what nobody has opened is announced, not shown.
pub(super) fn render(
    case: &Case,
    holder: Option<&Holder>,
    not_in_log: &BTreeSet<Bytes<16>>,
    overview: &Overview,
    path: &str,
) -> Markup {
    let (texts, now) = (overview.texts, overview.now);
    let unopened = case.unopened().len();
    let mut answers = case.items.iter().rev().filter_map(|item| match item {
        Item::Answer(answer) => Some(answer),
        Item::Call(_) => None,
    });
    let shown = Shown { overview, holder, path, heard: case.shown(), newest: None, not_in_log };
    let newest = answers.find(|answer| shown.can_be_taken_back(answer)).map(|answer| answer.id);
    let shown = Shown { newest, ..shown };
    html! {
        @for item in &case.items {
            @match item {
                Item::Call(call) if !call.opened && call.is_complete() => {},
                Item::Call(call) => (from_caller(call, case, overview)),
                Item::Answer(answer) => (from_desk(answer, case.is_lost(answer, now.day()), &shown)),
            }
        }
        @if unopened > 0 {
            li class="unread" data-key="unread" {
                p { (say!(texts, "conversation-new", number = unopened)) }
                p class="quiet" { (say!(texts, "conversation-opening-tells")) }
                // The draft travels along, so that nothing is lost where the script does not run.
                button type="submit" id="open" form="reply-form" formaction=(format!("{path}/open")) {
                    (say!(texts, "conversation-open", number = unopened))
                }
            }
        }
    }
}

fn from_caller(call: &Call, case: &Case, overview: &Overview) -> Markup {
    let (texts, now) = (overview.texts, overview.now);
    html! {
        li class="from-caller" data-key=(call.id) tabindex="-1" {
            p class="meta" {
                strong { (say!(texts, "conversation-caller")) } " · "
                (say!(texts, "conversation-ago", span = texts.span(now.since(call.received))))
                span class="moment" { " · " (texts.moment(call.received)) }
            }
            @if call.doubted {
                p class="doubted" { (say!(texts, "conversation-may-be-forged")) }
            }
            @if call.is_complete() {
                (text(&call.text(), Some(&case.language)))
            } @else {
                @for (number, part) in (1_usize..).zip(&call.parts) {
                    @match part {
                        Some(part) => (text(part, Some(&case.language))),
                        None => p class="missing" { (say!(texts, "conversation-part-missing", number = number, all = call.parts.len())) },
                    }
                }
            }
        }
    }
}

impl Shown<'_> {
    /// Whether it is for whoever looks to decide on an answer: who wrote it, or has the case.
    fn may_decide(&self, answer: &Answer) -> bool {
        self.is_own() || self.overview.who.me() == Some(answer.by)
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
        answer.is_held() && self.colleague().is_none() && self.may_decide(answer)
    }
}

fn from_desk(answer: &Answer, is_lost: bool, shown: &Shown<'_>) -> Markup {
    let Overview { who, now, texts, .. } = shown.overview;
    let whole = answer.parts.iter().all(Option::is_some);
    html! {
        li class=(if answer.leaves() { "from-desk" } else { "from-desk held" }) data-key=(answer.id) {
            p class="meta" {
                strong { (say!(texts, "conversation-desk")) } " · " bdi { (escape_text(who.name(&answer.by))) } " · "
                (say!(texts, "conversation-ago", span = texts.span(now.since(answer.queued))))
                span class="moment" { " · " (texts.moment(answer.queued)) }
            }
            @if whole {
                (text(&answer.text(), None))
            } @else {
                @for (number, part) in (1_usize..).zip(&answer.parts) {
                    @match part {
                        Some(part) => (text(&part.text, None)),
                        None => p class="missing" { (say!(texts, "conversation-part-not-in-log", number = number, all = answer.parts.len())) },
                    }
                }
            }
            p class="state" { (state(answer, is_lost, shown)) }
            @if second_reader::may_read(answer, shown.overview) { (second_reader::acts(answer, shown.overview, shown.path)) }
            @if shown.can_be_taken_back(answer) { (acts(answer, shown)) }
        }
    }
}

/// What becomes of an answer.
fn state(answer: &Answer, is_lost: bool, shown: &Shown<'_>) -> Markup {
    let texts = shown.overview.texts;
    let posted = answer.parts.iter().flatten().filter(|part| part.posted).count();
    html! {
        @match answer.kept_back {
            Keeps::Held => strong { (held(answer, shown)) },
            Keeps::Overtaken => strong { (overtaken(answer, shown)) },
            Keeps::TakenBack => strong { (say!(texts, "conversation-taken-back")) },
            Keeps::Nothing if answer.waits_for_a_reader() || !answer.leaves() => { (second_reader::state(answer, shown.overview)) }
            Keeps::Nothing if answer.is_posted() => span class="posted" { (say!(texts, "conversation-posted")) },
            Keeps::Nothing => {
                @if is_lost { strong { (say!(texts, "conversation-never-left")) } }
                @else { span class="queued" { (queued(answer, shown)) } }
                @if posted > 0 { " " (say!(texts, "conversation-some-posted", number = posted, all = answer.parts.len())) }
            }
        }
    }
}

/// What an answer waits for.
fn queued(answer: &Answer, shown: &Shown<'_>) -> Markup {
    let texts = shown.overview.texts;
    match shown.overview.stays_here().filter(|_| shown.not_in_log.contains(&answer.id)) {
        Some(StaysHere::ForNow) => say!(texts, "conversation-kept-here"),
        Some(StaysHere::ForGood) => say!(texts, "conversation-stays-here"),
        None => say!(texts, "conversation-queued"),
    }
}

/// Why an answer does not leave, and who decides.
fn held(answer: &Answer, shown: &Shown<'_>) -> Markup {
    let texts: Texts = shown.overview.texts;
    match shown.colleague() {
        Some(holder) => {
            say!(texts, "conversation-held", name = html! { bdi { (escape_text(&holder.name)) } })
        }
        None if shown.may_decide(answer) => say!(texts, "conversation-held-decide"),
        None => say!(texts, "conversation-held-by-others"),
    }
}

/// Why an answer does not leave that was written before a message which stands before it, and who decides.
fn overtaken(answer: &Answer, shown: &Shown<'_>) -> Markup {
    let texts: Texts = shown.overview.texts;
    if shown.colleague().is_none() && shown.may_decide(answer) {
        return say!(texts, "conversation-overtaken-decide");
    }
    say!(texts, "conversation-overtaken-by-others")
}

/// What can be done with an answer of which nothing was posted.
fn acts(answer: &Answer, shown: &Shown<'_>) -> Markup {
    let (texts, path) = (shown.overview.texts, shown.path);
    html! {
        div class="acts" {
            @if shown.can_leave(answer) {
                form method="post" action=(format!("{path}/let-go")) {
                    input type="hidden" name="answer" value=(answer.id);
                    input type="hidden" name="shown" value=(shown.heard);
                    button { (say!(texts, "conversation-let-it-leave")) }
                }
            }
            form method="post" action=(format!("{path}/take-back")) {
                input type="hidden" name="answer" value=(answer.id);
                button id=[(shown.newest == Some(answer.id)).then_some("take-back")] {
                    @if answer.kept_back == Keeps::Overtaken { (say!(texts, "conversation-change-it")) }
                    @else { (say!(texts, "conversation-take-it-back")) }
                }
            }
        }
    }
}

fn text(text: &str, language: Option<&str>) -> Markup {
    let language = language.filter(|tag| !tag.is_empty());
    html! { div class="text" dir="auto" lang=[language] { (escape_text(text)) } }
}
