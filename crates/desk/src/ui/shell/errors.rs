//! Errors as pages say them: in English, as commands do.
#![expect(clippy::unused_self, reason = "other languages say them otherwise")]

use maud::Markup;

use super::{
    texts::{Filled, Texts},
    wording::told,
};
use crate::{DeskError, SearchError, Unfinished, Unkept, as_sentence};

impl Texts {
    /// Why something was not done: a part of a sentence, with its way out.
    pub(in crate::ui) fn error(self, error: &DeskError) -> Markup {
        told(&error.to_string())
    }

    /// The same as a sentence of its own.
    pub(in crate::ui) fn error_sentence(self, error: &DeskError) -> Markup {
        Filled::new(error.to_string(), Vec::new()).into_sentence().markup()
    }

    /// Why nothing was searched for, as a sentence.
    pub(in crate::ui) fn search_error(self, error: &SearchError) -> Markup {
        told(&as_sentence(&error.to_string()))
    }

    /// What was begun and not carried out, and the way out.
    pub(in crate::ui) fn unfinished(self, begun: &Unfinished) -> [Markup; 2] {
        [told(&begun.told()), told(begun.way_out())]
    }

    /// Why what was opened is not kept.
    pub(in crate::ui) fn unkept(self, unkept: &Unkept) -> Markup {
        told(&unkept.why)
    }
}
