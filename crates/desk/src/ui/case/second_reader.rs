//! An answer that another person reads before it leaves: what is shown of that, and the forms by which they say yes or no.

use maud::{Markup, html};

use crate::{
    Who,
    cases::{Answer, Case, Flag, READER_TEXT_MAX},
    escape::escape_text,
    ui::shell::{
        overview::Overview,
        texts::{Texts, say},
    },
};

/// What becomes of an answer that waits for its reader, or was refused by one.
pub(super) fn state(answer: &Answer, overview: &Overview) -> Markup {
    let texts = overview.texts;
    html! {
        @match answer.reading() {
            None => strong { (say!(texts, "second_reader-waits")) },
            Some(reading) => {
                @let name = html! { bdi { (escape_text(overview.who.name(&reading.by))) } };
                strong { (say!(texts, "second_reader-refused", name = name)) }
                @if let Some(text) = &reading.text { " " bdi { (escape_text(text)) } }
            }
        }
    }
}

/// Whether whoever looks may be the answer's reader.
pub(super) fn may_read(answer: &Answer, overview: &Overview) -> bool {
    let is_anothers = overview.who.me() != Some(answer.by);
    overview.may_take() && is_anothers && answer.waits_for_a_reader() && answer.is_whole()
}

/// The reader's yes and no, bound to the text above.
pub(super) fn acts(answer: &Answer, overview: &Overview, path: &str) -> Markup {
    let (texts, digest) = (overview.texts, answer.digest());
    let id = format!("why-{}", answer.id);
    html! {
        div class="acts" {
            form method="post" action=(format!("{path}/approve")) {
                input type="hidden" name="digest" value=(digest);
                button class="main approve" { (say!(texts, "second_reader-approve")) }
            }
            details id=(format!("refuse-{}", answer.id)) class="more" {
                summary { (say!(texts, "second_reader-refuse")) }
                form method="post" action=(format!("{path}/refuse")) {
                    input type="hidden" name="digest" value=(digest);
                    label for=(id) { (say!(texts, "second_reader-why")) }
                    input id=(id) name="text" type="text" class="field" maxlength=(READER_TEXT_MAX) required autocomplete="off" spellcheck="false";
                    button { (say!(texts, "second_reader-tell")) }
                }
            }
        }
    }
}

/// The box that asks for a reader, in the form of an answer; why there is one all the same, where that is not for its author to say.
pub(super) fn choice(texts: Texts, case: &Case, who: &Who, is_wanted: bool) -> Markup {
    html! {
        @if case.has_flag(Flag::Coerced) {
            p class="quiet" { (say!(texts, "second_reader-demanded")) }
        } @else if who.is_trainee() {
            p class="quiet" { (say!(texts, "second_reader-trainee")) }
        } @else {
            p class="second-reader" { label {
                input type="checkbox" name="second_reader" value="yes" id="second-reader" checked[is_wanted];
                (say!(texts, "second_reader-wanted"))
            } }
        }
    }
}
