//! Who has the case, and how urgent it is: what is shown, and the forms by which that changes.

use maud::{Markup, html};

use crate::{
    Holder, Who,
    cases::{Case, ClaimState, Level, Role},
    escape::escape_text,
    ui::shell::wording,
};

/// What each level means, for people.
const MEANING: [(u8, &str); 4] = [(1, "at once"), (2, "soon"), (3, "usual"), (4, "can wait")];

/// The bar of a case: whose it is or to whom it is offered, and its level.
pub(super) fn bar(
    case: &Case,
    holder: Option<&Holder>,
    offered_to: Option<&str>,
    who: &Who,
    path: &str,
) -> Markup {
    let others = holder.filter(|holder| !holder.is_own);
    let is_live = others.is_some_and(|holder| holder.state == ClaimState::Live);
    html! {
        @if ![Role::Leader, Role::Operator].iter().any(|role| who.has_role(*role)) {
            p class="trouble" { "Your roles let you read this case, and change nothing in it: a custodian sets roles." }
        }
        @if let Some(holder) = others { (banner(holder)) }
        div class="acts" {
            @match holder {
                Some(holder) if holder.is_own => {
                    span class="person self" { (escape_text(&holder.name)) " (you)" }
                    form method="post" action=(format!("{path}/release")) { button id="release" { "Let the case go" } }
                }
                Some(holder) => {
                    span class="person" { (escape_text(&holder.name)) }
                    @if !is_live { (take(path, "Take it over")) }
                    @else if who.has_role(Role::Leader) { (take_with_reason(path)) }
                }
                None => {
                    @if let Some(name) = offered_to { span class="badge" { "offered to " bdi { (escape_text(name)) } } }
                    (take(path, "Take this case"))
                }
            }
            (levels(case.level(), path))
        }
    }
}

fn banner(holder: &Holder) -> Markup {
    let what = match holder.state {
        ClaimState::Live => "has this case. What you send is held until they let it leave.",
        ClaimState::Lapsed => {
            "has this case and has done nothing in it for a long time. You may take it over."
        }
        ClaimState::Absent => {
            "has this case, and nothing comes from their device: perhaps only their line is down. You may take it over."
        }
    };
    html! { section class="banner" role="note" { p { strong { (escape_text(&holder.name)) } " " (what) } } }
}

fn take(path: &str, words: &str) -> Markup {
    html! { form method="post" action=(format!("{path}/claim")) { button id="claim" class="main" { (words) } } }
}

fn take_with_reason(path: &str) -> Markup {
    html! {
        details id="take-over" class="more" {
            summary { "Take it over" }
            form method="post" action=(format!("{path}/claim")) {
                label for="reason" { "Why, in one line. It stays in the desk's log." }
                input id="reason" name="reason" type="text" class="field" maxlength="300" required autocomplete="off" spellcheck="false";
                button { "Take it over" }
            }
        }
    }
}

fn levels(now: Level, path: &str) -> Markup {
    html! {
        details id="levels" class="more" {
            summary id="level" { (wording::level(now)) }
            form method="post" action=(format!("{path}/level")) {
                @for (number, meaning) in MEANING {
                    button name="level" value=(number) aria-pressed=(if number == now.number() { "true" } else { "false" }) {
                        (number) ": " (meaning)
                    }
                }
            }
        }
    }
}
