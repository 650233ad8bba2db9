//! How the pages look and whether single letters are keys: one choice for this desk program, kept in its memory alone.

use serde::Deserialize;

use super::texts::{Texts, text};

/// What was chosen. Browsers keep nothing of it; a new start of the program begins with what holds by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) struct Looks {
    pub(in crate::ui) theme: Theme,
    pub(in crate::ui) letters: Letters,
    /// What the pages speak; none before anybody has chosen, and each browser gets what it prefers.
    pub(in crate::ui) language: Option<Texts>,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::ui) enum Theme {
    /// As the computer is set.
    #[default]
    Computer,
    Light,
    Dark,
}

/// Whether a single letter is a key where nothing is typed. Who speaks to the computer, or hits keys by accident, wants none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) enum Letters {
    #[default]
    On,
    Off,
}

impl Theme {
    /// All of them, in the order in which they are offered.
    pub(in crate::ui) const ALL: [Self; 3] = [Self::Computer, Self::Light, Self::Dark];

    /// Its name in forms.
    pub(in crate::ui) fn code(self) -> &'static str {
        match self {
            Self::Computer => "computer",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What the form calls it.
    pub(in crate::ui) fn told(self, texts: Texts) -> String {
        match self {
            Self::Computer => text!(texts, "help-theme-computer"),
            Self::Light => text!(texts, "help-theme-light"),
            Self::Dark => text!(texts, "help-theme-dark"),
        }
    }

    /// The line of the style sheet from which all colours follow.
    pub(in crate::ui) fn rule(self) -> &'static str {
        match self {
            Self::Computer => ":root { color-scheme: light dark; }\n",
            Self::Light => ":root { color-scheme: light; }\n",
            Self::Dark => ":root { color-scheme: dark; }\n",
        }
    }
}
