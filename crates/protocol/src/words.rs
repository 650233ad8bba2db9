//! The word lists: 2,048 words of each language, 11 bits a word.

use std::sync::LazyLock;

static ENGLISH: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("../words/en.txt").lines().collect());
static UKRAINIAN: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("../words/uk.txt").lines().collect());
static RUSSIAN: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("../words/ru.txt").lines().collect());

/// Words in each list.
pub const COUNT: u16 = 2_048;

/// A language that has a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Ukrainian,
    Russian,
}

impl Language {
    /// All that have a list.
    pub const ALL: [Self; 3] = [Self::English, Self::Ukrainian, Self::Russian];

    /// The language of a tag such as `uk` or `uk-UA`; English where there is no list.
    pub fn of_tag(tag: &str) -> Self {
        match tag.split('-').next().unwrap_or("").to_ascii_lowercase().as_str() {
            "uk" => Self::Ukrainian,
            "ru" => Self::Russian,
            _ => Self::English,
        }
    }

    /// The language whose list has most of these words; English where all have as many.
    pub fn of_words(words: &[&str]) -> Self {
        let listed = |language: &Self| words.iter().filter(|word| language.index(word).is_some()).count();
        // Of equals the last is taken.
        Self::ALL.into_iter().rev().max_by_key(listed).unwrap_or(Self::English)
    }

    /// The tag of the language (RFC 5646), and the name of its list in `words/`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Ukrainian => "uk",
            Self::Russian => "ru",
        }
    }

    /// The word of an index; only the low 11 bits count.
    pub fn word(self, index: u16) -> &'static str {
        self.list()[usize::from(index % COUNT)]
    }

    /// The index of a word, exactly as it is in the list.
    pub fn index(self, word: &str) -> Option<u16> {
        self.list().binary_search(&word).ok().and_then(|at| u16::try_from(at).ok())
    }

    /// The first `count` groups of 11 bits of `bytes`, as words.
    ///
    /// # Panics
    /// Where `bytes` has fewer than `11 * count` bits.
    pub(crate) fn spell(self, bytes: &[u8], count: usize) -> Vec<&'static str> {
        indices(bytes).take(count).map(|index| self.word(index)).collect()
    }

    fn list(self) -> &'static [&'static str] {
        match self {
            Self::English => &ENGLISH,
            Self::Ukrainian => &UKRAINIAN,
            Self::Russian => &RUSSIAN,
        }
    }
}

/// Groups of 11 bits, the most significant first; panics past the end of `bytes`.
pub(crate) fn indices(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    let bit = |at: usize| u16::from(bytes[at / 8] >> (7 - at % 8) & 1);
    (0..).map(move |n| (11 * n..11 * (n + 1)).fold(0, |index, at| index << 1 | bit(at)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{derive::sha256, fold::fold};

    #[test]
    fn the_english_list_is_the_published_one() {
        // SHA-256 of english.txt in the BIP-39 repository.
        let published = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda";
        let hash = sha256(&[include_bytes!("../words/en.txt")]);
        assert_eq!(data_encoding::HEXLOWER.encode(&hash), published);
    }

    #[test]
    fn every_list_is_fit_to_be_said_and_typed() {
        for language in Language::ALL {
            let list = language.list();
            assert_eq!(list.len(), usize::from(COUNT), "{language:?}");
            assert!((0..COUNT).all(|n| language.index(language.word(n)) == Some(n)), "{language:?}");
            let beginnings: HashSet<Vec<char>> =
                list.iter().map(|word| word.chars().take(4).collect()).collect();
            assert_eq!(beginnings.len(), list.len(), "the first four letters tell the words of a list apart");
            for word in list {
                assert!((3..=9).contains(&word.chars().count()), "{word}");
                assert_eq!(fold(word), *word, "no table changes a listed word");
            }
        }
    }

    #[test]
    fn cyrillic_lists_have_letters_that_nobody_mistakes_and_words_two_letters_apart() {
        let letters = |language| match language {
            Language::Ukrainian => "абвгдежзийклмнопрстуфхцчшщьюяєії",
            _ => "абвгдежзийклмнопрстуфхцчшщыьэюя",
        };
        for language in [Language::Ukrainian, Language::Russian] {
            let list: HashSet<Vec<char>> =
                language.list().iter().map(|word| word.chars().collect()).collect();
            for word in &list {
                assert!(word.iter().all(|c| letters(language).contains(*c)), "{word:?}");
                for at in 0..word.len() {
                    let without = [&word[..at], &word[at + 1..]].concat();
                    assert!(!list.contains(&without), "{word:?} is {without:?} with one letter more");
                    for other in letters(language).chars().filter(|c| *c != word[at]) {
                        let mut changed = word.clone();
                        changed[at] = other;
                        assert!(!list.contains(&changed), "{word:?} and {changed:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn bits_are_taken_from_the_most_significant() {
        let bytes = [0, 0b0010_0000, 0b0000_1000];
        for language in Language::ALL {
            assert_eq!(language.spell(&bytes, 2), [language.word(1), language.word(2)]);
        }
    }

    #[test]
    fn a_language_is_known_by_its_tag_and_by_its_words() {
        assert_eq!(
            ["uk-UA", "RU", "en", "fa", ""].map(|tag| Language::of_tag(tag).tag()),
            ["uk", "ru", "en", "en", "en"]
        );
        for language in Language::ALL {
            let words: Vec<&str> = (0..40).map(|n| language.word(50 * n)).collect();
            assert_eq!(Language::of_words(&words), language);
        }
        let with_a_slip: Vec<&str> =
            (0..9).map(|n| Language::Russian.word(50 * n)).chain(["xyzzy"]).collect();
        assert_eq!(Language::of_words(&with_a_slip), Language::Russian);
        assert_eq!(Language::of_words(&["xyzzy"]), Language::English);
    }
}
