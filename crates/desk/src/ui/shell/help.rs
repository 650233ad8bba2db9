//! Help: the keys of a page, how the pages look, and what is worth knowing of this desk. It is a sheet over each page, and a
//! page of its own where the script does not run.

use maud::{Markup, html};

use super::{
    health,
    looks::{Letters, Looks, Theme},
    overview::Overview,
};

/// Where the page is.
pub(in crate::ui) const HELP_PATH: &str = "/help";
/// Where the choice of looks is sent.
pub(in crate::ui) const LOOKS_PATH: &str = "/looks";

/// The sheet, shut until somebody asks for it.
pub(super) fn sheet(overview: &Overview) -> Markup {
    html! {
        dialog id="sheet" class="sheet" aria-labelledby="sheet-heading" {
            div class="sheet-top" {
                h2 id="sheet-heading" { "Help" }
                // Leaves the sheet without the script as well.
                form method="dialog" { button id="sheet-close" { "Close" } }
            }
            (help(overview))
        }
    }
}

/// What the sheet and the page show.
pub(in crate::ui) fn help(overview: &Overview) -> Markup {
    html! {
        section aria-labelledby="keys-heading" {
            h2 id="keys-heading" { "Keys" }
            // The script writes them here, from the table by which it knows them.
            div id="keys" { noscript { p { "Keys need scripts, and they are off in this browser." } } }
        }
        section aria-labelledby="looks-heading" {
            h2 id="looks-heading" { "Looks and keys" }
            (looks_form(overview.looks))
        }
        section aria-labelledby="desk-heading" {
            h2 id="desk-heading" { "This desk" }
            p { "Callers check it by these words. They are public:" }
            p class="words" { (overview.words) }
            (health::quiet_lines(overview))
        }
    }
}

fn looks_form(looks: Looks) -> Markup {
    html! {
        form method="post" action=(LOOKS_PATH) id="looks" class="looks" {
            fieldset {
                legend { "Colours" }
                @for theme in Theme::ALL {
                    label { input type="radio" name="theme" value=(theme.code()) checked[theme == looks.theme]; " " (theme.told()) }
                }
            }
            label { input type="checkbox" id="letters" name="letters" value="on" checked[looks.letters == Letters::On];
                " Single keys work: letters, / and ?" }
            p class="quiet" { "Both hold in all browsers of this desk program until it is stopped. Nothing is kept on a disk." }
            p id="looks-said" role="status" {}
            // The script sends each change at once.
            noscript { button type="submit" class="main" { "Keep this" } }
        }
    }
}
