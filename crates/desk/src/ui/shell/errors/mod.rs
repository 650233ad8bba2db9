//! Errors and other sentences that commands say as well, in the language of whoever looks. In English they are what the commands
//! say; in every other language each variant has its key, by a match that a new variant does not pass without one.

mod acts;
mod desk;
mod files;
mod hub;
mod trouble;

use std::fmt::Display;

use maud::{Markup, html};

use super::{
    texts::{Texts, Told},
    wording::marked,
};
use crate::as_sentence;

/// A sentence that commands say in English and pages in each language: why something was not done, without a full stop.
pub(in crate::ui) trait Said: Display {
    /// Its key and what fills it.
    fn told(&self, texts: Texts) -> Told;
}

/// A key of `errors.ftl`, and what it is filled with.
macro_rules! told {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::ui::shell::texts::Told {
            key: $key,
            parts: vec![$((stringify!($name), $crate::ui::shell::texts::Part::from($value))),*],
        }
    };
}

use told;

impl Texts {
    /// Why something was not done: a part of a sentence, with its way out.
    pub(in crate::ui) fn error(self, error: &impl Said) -> Markup {
        self.part(|| error.to_string(), || error.told(self))
    }

    /// The same as a sentence of its own.
    pub(in crate::ui) fn error_sentence(self, error: &impl Said) -> Markup {
        let said = (self != Self::English).then(|| self.try_fill(error.told(self))).flatten();
        match said {
            Some(said) => said.into_sentence().markup(),
            None => marked(&as_sentence(&error.to_string())),
        }
    }

    /// What the desk says in English, in this language; where it cannot be said, in English.
    fn part(self, english: impl FnOnce() -> String, told: impl FnOnce() -> Told) -> Markup {
        let said = (self != Self::English).then(|| self.try_fill(told())).flatten();
        said.map_or_else(|| marked(&english()), |said| said.markup())
    }
}

/// What is said in English on every page: a detail for whoever looks after program or hub.
fn detail(detail: impl Display) -> Markup {
    html! { span lang="en" { (detail.to_string()) } }
}

/// What others wrote, among words of the page.
fn apart(text: impl Display) -> Markup {
    html! { bdi { (text.to_string()) } }
}
