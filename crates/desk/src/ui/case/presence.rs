//! Which colleagues are at this case: said at its top, and beside the box so that no two write to one caller unawares.

use maud::{Markup, html};

use crate::{
    AtCase,
    cases::Doing,
    escape::escape_text,
    ui::shell::texts::{Texts, say},
};

/// All who read or write here; nothing where nobody does.
pub(super) fn here(texts: Texts, others: &[AtCase]) -> Markup {
    html! {
        @if !others.is_empty() {
            p class="others" {
                @for (at, one) in others.iter().enumerate() {
                    @if at > 0 { " · " }
                    @match one.doing {
                        Doing::Writing => (say!(texts, "presence-writes-here", name = name(one))),
                        _ => (say!(texts, "presence-reads-here", name = name(one))),
                    }
                }
            }
        }
    }
}

/// The warning beside the box; nothing where nobody else writes.
pub(super) fn writing(texts: Texts, others: &[AtCase]) -> Markup {
    html! {
        @for one in others.iter().filter(|one| one.doing == Doing::Writing) {
            p class="problem" { (say!(texts, "presence-writing-warning", name = name(one))) }
        }
    }
}

/// The same in a preview.
pub(super) fn writing_too(texts: Texts, others: &[AtCase]) -> Markup {
    html! {
        @for one in others.iter().filter(|one| one.doing == Doing::Writing) {
            p class="problem" role="alert" { (say!(texts, "presence-writing-too", name = name(one))) }
        }
    }
}

fn name(one: &AtCase) -> Markup {
    html! { span class="person" { bdi { (escape_text(&one.name)) } } }
}
