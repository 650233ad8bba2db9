//! Which language a page is in: the one of the page that asks, the one that was chosen, or the one that the browser prefers.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use maud::{Markup, html};

use super::{Texts, text};
use crate::ui::shell::Ui;

/// By this the script asks for pages in the language of the page that it runs on, whatever was chosen elsewhere meanwhile.
const LANGUAGE_OF_PAGE: &str = "callsign-language";

/// Where the choice is sent.
pub(in crate::ui) const LANGUAGE_PATH: &str = "/language";

/// The switch: a button for each language, in that language.
pub(in crate::ui) struct Languages<'a> {
    /// What the page speaks.
    pub(in crate::ui) texts: Texts,
    /// Where unlocking is to lead, on the page that asks for the passphrase; empty elsewhere.
    pub(in crate::ui) back: &'a str,
}

impl Texts {
    /// The language of what is answered to a request.
    pub(in crate::ui) fn of_request(ui: &Ui, headers: &HeaderMap) -> Self {
        let of_page = headers.get(LANGUAGE_OF_PAGE).and_then(|tag| Self::of_tag(tag.to_str().ok()?));
        let preferred = || headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok().map(Self::preferred);
        of_page.or(ui.looks().language).or_else(preferred).unwrap_or_default()
    }

    /// What a browser prefers among the languages that are there; English where it names none.
    fn preferred(accepted: &str) -> Self {
        let weighed = accepted.split(',').filter_map(|range| {
            let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
            let weight: f32 = weight.trim().parse().ok()?;
            let tag = tag.trim().split('-').next()?.to_ascii_lowercase();
            Some((Self::of_tag(&tag)?, weight)).filter(|(_, weight)| *weight > 0.0)
        });
        // Of equals the first one.
        weighed
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
            .map_or_else(Self::default, |(texts, _)| texts)
    }
}

impl Languages<'_> {
    /// The form.
    pub(in crate::ui) fn render(&self) -> Markup {
        html! {
            form method="post" action=(LANGUAGE_PATH) class="languages" aria-label=(text!(self.texts, "shell-language")) {
                @if !self.back.is_empty() { input type="hidden" name="back" value=(self.back); }
                @for texts in Texts::ALL {
                    button name="language" value=(texts.tag()) lang=(texts.tag())
                        aria-pressed=(if texts == self.texts { "true" } else { "false" }) { (texts.own_name()) }
                }
            }
        }
    }
}

impl FromRequestParts<Arc<Ui>> for Texts {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, ui: &Arc<Ui>) -> Result<Self, Infallible> {
        Ok(Self::of_request(ui, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_what_it_prefers_of_what_is_there() {
        for (accepted, texts) in [
            ("uk", Texts::Ukrainian),
            ("uk-UA,uk;q=0.9,en;q=0.8", Texts::Ukrainian),
            ("en-US,en;q=0.9,uk;q=0.8", Texts::English),
            ("ru,uk;q=0.5,en;q=0.3", Texts::Ukrainian),
            ("de, en;q=0.2, UK;q=0.7", Texts::Ukrainian),
            ("uk;q=0, en;q=0.1", Texts::English),
            ("uk;q=0", Texts::English),
            ("uk;q=high", Texts::English),
            ("*", Texts::English),
            ("", Texts::English),
        ] {
            assert_eq!(Texts::preferred(accepted), texts, "{accepted}");
        }
    }
}
