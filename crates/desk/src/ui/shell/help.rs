//! Help: the keys of a page, how the pages look, and what is worth knowing of this desk. It is a sheet over each page, and a
//! page of its own where the script does not run.

use maud::{Markup, html};

use super::{
    health,
    looks::{Letters, Looks, Theme},
    overview::Overview,
    texts::{Texts, say},
};

/// Where the page is.
pub(in crate::ui) const HELP_PATH: &str = "/help";
/// Where the choice of looks is sent.
pub(in crate::ui) const LOOKS_PATH: &str = "/looks";
/// Where it is sent whether colleagues see what one is doing.
pub(in crate::ui) const PRESENCE_PATH: &str = "/presence";

/// The sheet, shut until somebody asks for it.
pub(super) fn sheet(overview: &Overview) -> Markup {
    let texts = overview.texts;
    html! {
        dialog id="sheet" class="sheet" aria-labelledby="sheet-heading" {
            div class="sheet-top" {
                h2 id="sheet-heading" { (say!(texts, "help-title")) }
                // Leaves the sheet without the script as well.
                form method="dialog" { button id="sheet-close" { (say!(texts, "help-close")) } }
            }
            (help(overview))
        }
    }
}

/// What the sheet and the page show.
pub(in crate::ui) fn help(overview: &Overview) -> Markup {
    let texts = overview.texts;
    html! {
        section aria-labelledby="keys-heading" {
            h2 id="keys-heading" { (say!(texts, "help-keys")) }
            // The script writes them here, from the table by which it knows them.
            div id="keys" { noscript { p { (say!(texts, "help-keys-need-scripts")) } } }
        }
        section aria-labelledby="looks-heading" {
            h2 id="looks-heading" { (say!(texts, "help-looks")) }
            (looks_form(overview.looks, texts))
        }
        section aria-labelledby="presence-heading" {
            h2 id="presence-heading" { (say!(texts, "presence-title")) }
            (presence_form(overview.shows_presence, texts))
        }
        section aria-labelledby="desk-heading" {
            h2 id="desk-heading" { (say!(texts, "help-desk")) }
            p { (say!(texts, "help-words")) }
            p class="words" lang="en" { (overview.words) }
            (health::quiet_lines(overview))
        }
    }
}

fn presence_form(is_shown: bool, texts: Texts) -> Markup {
    html! {
        form method="post" action=(PRESENCE_PATH) {
            p {
                @if is_shown { (say!(texts, "presence-is-shown")) } @else { (say!(texts, "presence-is-not-shown")) }
                " " (say!(texts, "presence-holds"))
            }
            button name="shown" value=(if is_shown { "no" } else { "yes" }) {
                @if is_shown { (say!(texts, "presence-show-no-more")) } @else { (say!(texts, "presence-show")) }
            }
        }
    }
}

fn looks_form(looks: Looks, texts: Texts) -> Markup {
    html! {
        form method="post" action=(LOOKS_PATH) id="looks" class="looks" {
            fieldset {
                legend { (say!(texts, "help-colours")) }
                @for theme in Theme::ALL {
                    label { input type="radio" name="theme" value=(theme.code()) checked[theme == looks.theme]; " " (theme.told(texts)) }
                }
            }
            label { input type="checkbox" id="letters" name="letters" value="on" checked[looks.letters == Letters::On];
                " " (say!(texts, "help-single-keys")) }
            p class="quiet" { (say!(texts, "help-looks-hold")) }
            p id="looks-said" role="status" {}
            // The script sends each change at once.
            noscript { button type="submit" class="main" { (say!(texts, "help-keep")) } }
        }
    }
}
