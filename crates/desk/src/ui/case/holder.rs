//! Who has the case, and how urgent it is: what is shown, and the forms by which that changes.

use maud::{Markup, html};

use crate::{
    Holder,
    cases::{Case, ClaimState, Level, Role},
    escape::escape_text,
    ui::shell::{
        overview::Overview,
        texts::{Texts, say},
    },
};

/// The bar of a case: whose it is or to whom it is offered, and its level.
pub(super) fn bar(
    case: &Case,
    holder: Option<&Holder>,
    offered_to: Option<&str>,
    overview: &Overview,
    path: &str,
) -> Markup {
    let (texts, who) = (overview.texts, &overview.who);
    let others = holder.filter(|holder| !holder.is_own);
    let is_live = others.is_some_and(|holder| holder.state == ClaimState::Live);
    html! {
        @if overview.may_take() { @if let Some(holder) = others { (banner(texts, holder)) } }
        @else { p class="trouble" { (not_theirs(overview, others)) } }
        div class="acts" {
            @match holder {
                _ if !overview.may_take() => {}
                Some(holder) if holder.is_own => {
                    span class="person self" { (escape_text(&holder.name)) " " (say!(texts, "holder-you")) }
                    form method="post" action=(format!("{path}/release")) { button id="release" { (say!(texts, "holder-let-go")) } }
                }
                Some(holder) => {
                    span class="person" { (escape_text(&holder.name)) }
                    @if !is_live { (take(path, &say!(texts, "holder-take-over"))) }
                    @else if who.has_role(Role::Leader) { (take_with_reason(texts, path)) }
                }
                None => {
                    @if let Some(name) = offered_to { span class="badge" { (say!(texts, "holder-offered-to", name = html! { bdi { (escape_text(name)) } })) } }
                    (take(path, &say!(texts, "holder-take")))
                }
            }
            @if overview.may_take() || (who.is_trainee() && others.is_some()) { (levels(texts, case, path)) }
        }
    }
}

/// What who takes no calls may do in a case.
fn not_theirs(overview: &Overview, mentor: Option<&Holder>) -> Markup {
    let texts = overview.texts;
    match mentor {
        _ if !overview.who.is_trainee() => say!(texts, "holder-only-read"),
        Some(holder) => {
            say!(texts, "holder-trainee", name = html! { strong { bdi { (escape_text(&holder.name)) } } })
        }
        None => say!(texts, "holder-trainee-free"),
    }
}

fn banner(texts: Texts, holder: &Holder) -> Markup {
    let name = html! { strong { (escape_text(&holder.name)) } };
    let what = match holder.state {
        ClaimState::Live => say!(texts, "holder-live", name = name),
        ClaimState::Lapsed => say!(texts, "holder-lapsed", name = name),
        ClaimState::Absent => say!(texts, "holder-absent", name = name),
    };
    html! { section class="banner" role="note" { p { (what) } } }
}

fn take(path: &str, words: &Markup) -> Markup {
    html! { form method="post" action=(format!("{path}/claim")) { button id="claim" class="main" { (words) } } }
}

fn take_with_reason(texts: Texts, path: &str) -> Markup {
    html! {
        details id="take-over" class="more" {
            summary { (say!(texts, "holder-take-over")) }
            form method="post" action=(format!("{path}/claim")) {
                label for="reason" { (say!(texts, "holder-reason")) }
                input id="reason" name="reason" type="text" class="field" maxlength="300" required autocomplete="off" spellcheck="false";
                button { (say!(texts, "holder-take-over")) }
            }
        }
    }
}

fn levels(texts: Texts, case: &Case, path: &str) -> Markup {
    let now = case.level();
    html! {
        details id="levels" class="more" {
            summary id="level" { (texts.level(now)) }
            form method="post" action=(format!("{path}/level")) {
                input type="hidden" name="was" value=(case.level_set_by().map_or_else(String::new, |was| was.to_string()));
                @for (level, meaning) in Level::ALL.into_iter().zip(meanings(texts)) {
                    button name="level" value=(level.number()) aria-pressed=(if level == now { "true" } else { "false" }) {
                        (level.number()) ": " (meaning)
                    }
                }
            }
        }
    }
}

/// What each level means, for people, the most urgent first.
fn meanings(texts: Texts) -> [Markup; 4] {
    [
        say!(texts, "holder-level-at-once"),
        say!(texts, "holder-level-soon"),
        say!(texts, "holder-level-usual"),
        say!(texts, "holder-level-can-wait"),
    ]
}
