//! What is said of the whole case, until when, and when its caller may look: what is shown, and the forms by which that changes.

use maud::{Markup, html};

use crate::{
    cases::{Case, Flag, SafeWindow},
    ui::shell::{
        overview::Overview,
        texts::{Texts, say},
    },
};

/// Rows of the facts: flags with their ends, and the hours as a person has understood them.
pub(super) fn facts(case: &Case, overview: &Overview, path: &str) -> Markup {
    let texts = overview.texts;
    html! {
        @for (flag, until) in case.flags() {
            div class="flagged" {
                dt { (say!(texts, "flags-flag")) }
                dd {
                    strong { (texts.flag(flag)) } " " (say!(texts, "flags-until", day = texts.day(until)))
                    @if flag == Flag::Junk && case.is_set_aside_with_many() { " " span class="quiet" { (say!(texts, "flags-with-many")) } }
                    form method="post" action=(format!("{path}/lift")) class="beside" {
                        input type="hidden" name="until" value=(until.0);
                        button name="flag" value=(flag.code()) { (say!(texts, "flags-lift")) }
                    }
                }
            }
        }
        @if let Some(window) = case.safe_window() {
            div { dt { (say!(texts, "flags-safe-hours")) } dd {
                strong { (window.told()) }
                @let minute = u16::try_from(overview.now.0 / 60 % 1_440).unwrap_or(0);
                " " span class="quiet" {
                    @if window.has(minute) { (say!(texts, "flags-safe-now")) } @else { (say!(texts, "flags-not-safe-now")) }
                }
            } }
        }
    }
}

/// What nobody may overlook who writes here.
pub(super) fn banner(case: &Case, texts: Texts) -> Markup {
    html! {
        @if case.has_flag(Flag::Coerced) {
            section class="banner" role="note" { p { (say!(texts, "flags-coerced-banner")) } }
        }
    }
}

/// The forms: a flag that the case has not, and the hours.
pub(super) fn section(case: &Case, overview: &Overview, path: &str) -> Markup {
    let texts = overview.texts;
    let window = case.safe_window();
    html! {
        section id="case-flags" {
            h2 { (say!(texts, "flags-title")) }
            details id="flags" class="more" {
                summary { (say!(texts, "flags-set")) }
                form method="post" action=(format!("{path}/flag")) {
                    @for flag in Flag::ALL {
                        @if !case.has_flag(flag) {
                            button name="flag" value=(flag.code()) { (texts.flag(flag)) }
                            p class="quiet" { (meaning(texts, flag)) }
                        }
                    }
                }
            }
            details id="safe-hours" class="more" {
                summary { (say!(texts, "flags-set-safe-hours")) }
                form method="post" action=(format!("{path}/safe-hours")) class="hours" {
                    input type="hidden" id="safe-was" name="was" data-shown value=(case.safe_window_set_by().map_or_else(String::new, |was| was.to_string()));
                    (time("safe-from", "from", &say!(texts, "flags-from"), window.map(|window| window.from())))
                    (time("safe-to", "to", &say!(texts, "flags-to"), window.map(|window| window.to())))
                    label for="safe-zone" { (say!(texts, "flags-zone")) }
                    input id="safe-zone" name="zone" type="text" class="field" maxlength="6" pattern="[+\\-][0-9]{2}:[0-9]{2}" placeholder="+03:00"
                        value=(window.map_or_else(String::new, |window| window.told_zone())) autocomplete="off" spellcheck="false";
                    p class="quiet" { (say!(texts, "flags-hours-what")) }
                    button { (say!(texts, "flags-keep-hours")) }
                }
            }
        }
    }
}

fn time(id: &str, name: &str, words: &Markup, now: Option<u16>) -> Markup {
    html! {
        label for=(id) { (words) }
        input id=(id) name=(name) type="text" class="field" inputmode="numeric" maxlength="5" pattern="[0-2][0-9]:[0-5][0-9]" placeholder="20:00" value=(now.map_or_else(String::new, SafeWindow::told_time)) autocomplete="off";
    }
}

fn meaning(texts: Texts, flag: Flag) -> Markup {
    match flag {
        Flag::Abusive => say!(texts, "flags-abusive-what"),
        Flag::Coerced => say!(texts, "flags-coerced-what"),
        Flag::Junk => say!(texts, "flags-junk-what"),
    }
}
