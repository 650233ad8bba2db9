//! What the board shows of all cases: one track, one language, news, one level, or those of whoever looks; the addresses of that, and what
//! chooses it.

use std::collections::BTreeSet;

use maud::{Markup, html};
use serde::Deserialize;

use crate::{
    cases::Level,
    ui::shell::texts::{Texts, say},
};

/// What to show: one track, the cases of whoever looks, or all, and the page of each list by the place behind which it begins.
#[derive(Deserialize)]
pub(super) struct Filter {
    pub(super) track: Option<String>,
    pub(super) waiting: Option<String>,
    pub(super) answered: Option<String>,
    /// Set where only the cases of whoever looks are shown.
    pub(super) mine: Option<String>,
    /// The language of the cases that are shown, without what is said of it further.
    pub(super) language: Option<String>,
    /// Set where only cases are shown of which something came since somebody last looked at them here.
    pub(super) news: Option<String>,
    /// Set where only those of one level are shown.
    pub(super) level: Option<String>,
    /// Set where only those are shown that are set aside as junk.
    pub(super) aside: Option<String>,
}

impl Filter {
    /// The level that is asked for; what is none is not asked for.
    pub(super) fn level(&self) -> Option<Level> {
        self.level.as_deref().and_then(|level| level.parse().ok()).and_then(Level::new)
    }

    /// Whether everything is shown.
    pub(super) fn is_of_all(&self) -> bool {
        self.track.is_none() && self.mine.is_none() && !self.is_narrow()
    }

    /// Whether it leaves out cases that no track and no holder tells apart.
    fn is_narrow(&self) -> bool {
        self.language.is_some() || self.news.is_some() || self.level().is_some() || self.aside.is_some()
    }

    /// The address of the board with what is given of these, and as narrow as it is.
    pub(super) fn address(&self, named: &[(&str, Option<&str>)]) -> String {
        let own = [
            ("language", self.language.as_deref()),
            ("news", self.news.as_deref()),
            ("level", self.level.as_deref()),
            ("aside", self.aside.as_deref()),
        ];
        address(&[named, &own].concat())
    }

    /// How narrow it is, in a heading.
    pub(super) fn named(&self, texts: Texts) -> Markup {
        html! {
            @if let Some(language) = &self.language { ", " bdi { (texts.language(language)) } }
            @if self.news.is_some() { ", " (say!(texts, "board-news-named")) }
        }
    }

    /// What narrows the board beside tracks: news, and the languages of all cases.
    pub(super) fn render(&self, texts: Texts, languages: &BTreeSet<String>) -> Markup {
        let (track, mine) = (("track", self.track.as_deref()), ("mine", self.mine.as_deref()));
        let (level, aside) = (("level", self.level.as_deref()), ("aside", self.aside.as_deref()));
        let (language, news) = (self.language.as_deref(), self.news.as_deref());
        let to = |language: Option<&str>, news: Option<&str>| {
            address(&[track, mine, level, aside, ("language", language), ("news", news)])
        };
        let is_news = news.is_some();
        html! {
            ul class="filters" {
                li { a href=(to(language, if is_news { None } else { Some("yes") })) aria-current=[is_news.then_some("true")] { (say!(texts, "board-news")) } }
                @if languages.len() > 1 || language.is_some() {
                    @for tag in languages.iter().filter(|tag| !tag.is_empty()) {
                        @let is_it = language == Some(tag);
                        li { a href=(to(if is_it { None } else { Some(tag) }, news)) aria-current=[is_it.then_some("true")] { bdi { (texts.language(tag)) } } }
                    }
                }
                @if self.is_narrow() { li { a href="/" id="clear" { (say!(texts, "board-clear")) } } }
            }
        }
    }
}

/// A language, without what is said of it further.
pub(super) fn base(language: &str) -> String {
    language.split('-').next().unwrap_or("").to_ascii_lowercase()
}

/// The address of the board with what is given of these.
fn address(named: &[(&str, Option<&str>)]) -> String {
    let given =
        named.iter().filter_map(|(name, value)| value.map(|value| format!("{name}={}", query_value(value))));
    let query = given.collect::<Vec<_>>().join("&");
    if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
}

fn query_value(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_track_id_makes_an_address() {
        assert_eq!(query_value("called-up"), "called-up");
        assert_eq!(query_value("a&b=ї"), "a%26b%3D%D1%97");
    }
}
