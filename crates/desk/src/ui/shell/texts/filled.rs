//! A sentence with what belongs into it: markup where it has marks, and what others wrote, escaped.

use maud::{Escaper, Markup, PreEscaped, html};

/// What fills a place of a sentence.
#[derive(Clone, Debug)]
pub(in crate::ui) enum Part {
    /// It decides between forms of words, and is written as the language writes numbers.
    Number(u64),
    /// What anybody wrote.
    Text(String),
    /// An element.
    Markup(Markup),
}

/// The same where no markup can be.
pub(in crate::ui) enum Plain {
    Number(u64),
    Text(String),
}

/// A sentence whose places are filled.
pub(in crate::ui) struct Filled {
    /// With a character for private use in each place that is no number.
    text: String,
    parts: Vec<(&'static str, Part)>,
}

/// The first of the characters that stand in the places; no text of ours has one, and none of another goes in here.
const FIRST_PLACE: u32 = 0xE000;

/// What stands in the place of a part before it is put in.
pub(super) fn place(at: usize) -> char {
    u32::try_from(at)
        .ok()
        .and_then(|at| char::from_u32(FIRST_PLACE + at))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

impl Filled {
    pub(super) fn new(text: String, parts: Vec<(&'static str, Part)>) -> Self {
        Self { text, parts }
    }

    /// As a sentence of its own: in upper case, where it begins with a word, and with a full stop.
    pub(in crate::ui) fn into_sentence(self) -> Self {
        Self { text: crate::as_sentence(&self.text), ..self }
    }

    /// As part of a page: commands between backticks look like commands, what stands between `**` is strong.
    pub(in crate::ui) fn markup(&self) -> Markup {
        let mut page = String::new();
        for (at, strong) in self.text.split("**").enumerate() {
            if at > 0 {
                page.push_str(if at % 2 == 1 { "<strong>" } else { "</strong>" });
            }
            for (at, code) in strong.split('`').enumerate() {
                if at > 0 {
                    page.push_str(if at % 2 == 1 { "<code>" } else { "</code>" });
                }
                self.put(code, &mut page);
            }
        }
        PreEscaped(page)
    }

    /// As bare text.
    pub(in crate::ui) fn plain(&self) -> String {
        let mut text = String::new();
        for letter in self.text.chars() {
            match self.part(letter) {
                Some(Part::Text(part)) => text.push_str(part),
                _ => text.push(letter),
            }
        }
        text
    }

    fn put(&self, text: &str, page: &mut String) {
        for letter in text.chars() {
            match self.part(letter) {
                Some(Part::Markup(part)) => page.push_str(&part.0),
                Some(Part::Text(part)) => page.push_str(&html! { (part) }.0),
                // Unwrap safety: not needed, writing to a string cannot fail.
                _ => drop(std::fmt::Write::write_char(&mut Escaper::new(page), letter)),
            }
        }
    }

    fn part(&self, letter: char) -> Option<&Part> {
        let at = u32::from(letter).checked_sub(FIRST_PLACE)?;
        self.parts.get(usize::try_from(at).ok()?).map(|(_, part)| part)
    }
}

macro_rules! numbers {
    ($($number:ty),*) => { $(
        impl From<$number> for Plain {
            fn from(number: $number) -> Self {
                Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
            }
        }

        impl From<$number> for Part {
            fn from(number: $number) -> Self {
                Plain::from(number).into()
            }
        }
    )* };
}

macro_rules! texts {
    ($($text:ty),*) => { $(
        impl From<$text> for Plain {
            fn from(text: $text) -> Self {
                Self::Text(text.to_string())
            }
        }

        impl From<$text> for Part {
            fn from(text: $text) -> Self {
                Plain::from(text).into()
            }
        }
    )* };
}

numbers!(u8, u16, u32, u64, usize);
texts!(&str, &String, String);

impl From<Plain> for Part {
    fn from(plain: Plain) -> Self {
        match plain {
            Plain::Number(number) => Self::Number(number),
            Plain::Text(text) => Self::Text(text),
        }
    }
}

impl From<Markup> for Part {
    fn from(markup: Markup) -> Self {
        Self::Markup(markup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_escaped_and_makes_no_marks() {
        let parts = vec![("name", Part::from("<b>`**\u{e001}")), ("code", Part::from(html! { i { "x" } }))];
        let text = format!("**{}** & `callsign {}`", place(0), place(1));
        let filled = Filled::new(text, parts);
        assert_eq!(
            filled.markup().into_string(),
            "<strong>&lt;b&gt;`**\u{e001}</strong> &amp; <code>callsign <i>x</i></code>"
        );
    }

    #[test]
    fn a_sentence_begins_in_upper_case_but_where_somebody_else_begins_it() {
        let sentence = |text: &str| {
            let parts = vec![("name", Part::from("osyka"))];
            Filled::new(text.replace('$', &place(0).to_string()), parts).into_sentence().plain()
        };
        assert_eq!(sentence("стіл зайнятий"), "Стіл зайнятий.");
        assert_eq!(sentence("$ takes no cases"), "osyka takes no cases.");
    }
}
