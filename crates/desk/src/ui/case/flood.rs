//! Going through the calls of a span one by one: what stands over a call that was opened so.

use maud::{Markup, html};

use crate::ui::shell::{
    Ui,
    overview::Overview,
    texts::{say, text},
};

/// The way to the next one; nothing on a page that was come to otherwise, or of before a new start of the program.
pub(super) fn bar(ui: &Ui, overview: &Overview, span: Option<&str>, path: &str) -> Markup {
    let texts = overview.texts;
    let known = span.filter(|name| ui.windows().named(name).is_some());
    html! {
        @if let Some(span) = known {
            section id="one-by-one" class="turn" aria-label=(text!(texts, "flood-one-by-one")) {
                p { (say!(texts, "flood-bar")) }
                form method="post" action=(format!("/flood/{span}/next")) class="acts" {
                    input type="hidden" name="case" value=(path.trim_start_matches("/case/"));
                    @if overview.may_take() { button name="as" value="junk" id="junk-next" { (say!(texts, "flood-junk-next")) } }
                    button name="as" value="leave" id="leave-next" { (say!(texts, "flood-leave-next")) }
                    a href=(format!("/flood/{span}")) { (say!(texts, "flood-bar-back")) }
                }
            }
        }
    }
}
