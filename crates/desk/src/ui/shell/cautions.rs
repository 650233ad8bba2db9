//! What in a text may tell who or where somebody is, in words; and the second act that keeps it all the same.

use maud::{Markup, html};

use super::texts::{Texts, say};
use crate::{Caution, Telling, escape::label};

/// One kind of what was found, with the pieces.
pub(in crate::ui) fn telling(texts: Texts, kind: Telling, found: &[String]) -> Markup {
    html! {
        (words(texts, kind)) ": "
        @for (at, piece) in found.iter().enumerate() {
            @if at > 0 { ", " }
            bdi { (label(piece)) }
        }
    }
}

/// All that was found. Sent once more with the digest of what was seen, the text is taken; with another text it is not.
pub(in crate::ui) fn seen(texts: Texts, cautions: &[Caution], digest: &str, form: &str) -> Markup {
    html! {
        (say!(texts, "cautions-not-yet"))
        ul {
            @for caution in cautions {
                @if let Caution::Telling(kind, found) = caution { li { (telling(texts, *kind, found)) } }
            }
        }
        input type="hidden" form=(form) name="all_the_same" value=(digest);
    }
}

fn words(texts: Texts, kind: Telling) -> Markup {
    match kind {
        Telling::Coordinates => say!(texts, "preview-coordinates"),
        Telling::Link => say!(texts, "preview-link"),
        Telling::Name => say!(texts, "preview-name"),
        Telling::Phone => say!(texts, "preview-phone"),
        Telling::Place => say!(texts, "preview-place"),
        Telling::Plate => say!(texts, "preview-plate"),
    }
}
