//! Words of a text as search compares them: lower case, and one spelling.

use std::{ops::Range, sync::LazyLock};

use callsign_protocol::{fold::TWINS, invisible::is_invisible};
use unicode_normalization::{UnicodeNormalization as _, char::compose, char::is_combining_mark};

/// Characters of a word that count.
const WORD_MAX: usize = 64;
/// Up to here characters have one spelling by themselves: what lies behind is brought to it first.
const PLAIN_END: char = '\u{530}';

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Letters and digits alone: lower case, ё as е, ґ as г, no apostrophes, no stress marks; 64 characters at most.
    pub folded: String,
    /// Where it stands in the text, in bytes.
    pub at: Range<usize>,
}

/// Where the words of a text stand, in order; takes no memory, and some nanoseconds a letter.
#[derive(Clone, Debug)]
pub(crate) struct Places<'a> {
    text: &'a str,
    from: usize,
    kinds: &'static [Kind],
}

/// Where a word stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// In bytes.
    pub(crate) at: Range<usize>,
    /// Its first letter as it is folded where no other letter is Cyrillic; none where that is known only when the word is folded.
    pub(crate) initial: Option<char>,
}

/// What a character is to a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Its end.
    Between,
    /// Neither a part of it nor its end.
    Nothing,
    /// Changes the letter before it.
    Mark,
    /// A letter or digit that folds to one.
    Letter(char),
    /// One that folds to several, to none, or by Unicode's tables.
    Odd,
}

/// The words of a text, in order.
pub fn words(text: &str) -> Vec<Word> {
    let word = |place: Place| {
        let mut folded = String::new();
        fold_onto(&mut folded, &text[place.at.clone()]);
        Word { folded, at: place.at }
    };
    Places::of(text).map(word).collect()
}

/// The words of a text, folded, with spaces between them.
pub(crate) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for place in Places::of(text) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        fold_onto(&mut folded, &text[place.at]);
    }
    folded
}

/// Writes one word behind what is there, folded.
pub(crate) fn fold_onto(folded: &mut String, word: &str) {
    let start = folded.len();
    let kinds = kinds();
    for c in word.chars() {
        match kind(kinds, c) {
            Kind::Letter(plain) => folded.push(plain),
            Kind::Odd => fold_into(folded, c),
            Kind::Mark => {
                // A letter that was typed in two pieces, such as й; a mark of stress makes no other letter.
                let last = folded[start..].chars().next_back();
                if let Some(whole) = last.and_then(|last| compose(last, c)) {
                    folded.pop();
                    folded.push(plain(whole));
                }
            }
            Kind::Nothing | Kind::Between => {}
        }
    }
    let new = &folded[start..];
    if new.bytes().any(|b| b.is_ascii_lowercase()) && new.contains(is_cyrillic) {
        // Old telephones and hurried hands put Latin letters into Cyrillic words.
        let cyrillic: String = new.chars().map(in_cyrillic).collect();
        folded.replace_range(start.., &cyrillic);
    }
    if folded.len() - start > WORD_MAX
        && let Some((end, _)) = folded[start..].char_indices().nth(WORD_MAX)
    {
        folded.truncate(start + end);
    }
}

/// All letters that begin a word whose folded form may begin with `letter`.
pub(crate) fn initials_of(letter: char) -> impl Iterator<Item = char> {
    std::iter::once(letter)
        .chain(('\0'..PLAIN_END).filter(move |c| *c != letter && in_cyrillic(*c) == letter))
}

impl<'a> Places<'a> {
    /// Those of a text.
    pub(crate) fn of(text: &'a str) -> Self {
        Self::from(text, 0)
    }

    /// Those of a text from a place in it at which no word goes on.
    pub(crate) fn from(text: &'a str, from: usize) -> Self {
        Self { text, from, kinds: kinds() }
    }

    /// What stands there.
    pub(crate) fn word(&self, place: &Place) -> &'a str {
        &self.text[place.at.clone()]
    }
}

impl Iterator for Places<'_> {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let mut place: Option<Place> = None;
        // Whether a letter of it folds to a letter, whatever else does.
        let mut is_word = false;
        let offset = self.from;
        for (at, c) in self.text[offset..].char_indices() {
            let (at, end) = (offset + at, offset + at + c.len_utf8());
            match kind(self.kinds, c) {
                Kind::Between => {
                    let is_nothing = |place: &mut Place| !is_word && self.folds_to_nothing(place);
                    if place.take_if(is_nothing).is_none() && place.is_some() {
                        self.from = end;
                        return place;
                    }
                }
                Kind::Nothing => {}
                Kind::Mark => {
                    if let Some(place) = &mut place {
                        (place.at.end, place.initial) = (end, None);
                    }
                }
                Kind::Letter(plain) => {
                    is_word = true;
                    place.get_or_insert(Place { at: at..end, initial: Some(plain) }).at.end = end;
                }
                Kind::Odd => {
                    let place = place.get_or_insert(Place { at: at..end, initial: None });
                    (place.at.end, place.initial) = (end, None);
                }
            }
        }
        self.from = self.text.len();
        place.filter(|place| is_word || !self.folds_to_nothing(place))
    }
}

impl Places<'_> {
    fn folds_to_nothing(&self, place: &Place) -> bool {
        let mut folded = String::new();
        fold_onto(&mut folded, &self.text[place.at.clone()]);
        folded.is_empty()
    }
}

/// What each character before [`PLAIN_END`] is.
fn kinds() -> &'static [Kind] {
    static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| ('\0'..PLAIN_END).map(kind_of).collect());
    &KINDS
}

fn kind(kinds: &[Kind], c: char) -> Kind {
    kinds.get(c as usize).copied().unwrap_or_else(|| kind_of(c))
}

fn kind_of(c: char) -> Kind {
    if is_apostrophe(c) || is_invisible(c) {
        Kind::Nothing
    } else if is_combining_mark(c) {
        Kind::Mark
    } else if !c.is_alphanumeric() {
        Kind::Between
    } else if c >= PLAIN_END {
        Kind::Odd
    } else {
        let mut folded = String::new();
        fold_into(&mut folded, c);
        let mut letters = folded.chars();
        letters.next().filter(|_| letters.next().is_none()).map_or(Kind::Odd, Kind::Letter)
    }
}

fn fold_into(folded: &mut String, c: char) {
    if c < PLAIN_END {
        folded.extend(c.to_lowercase().filter(|c| !is_combining_mark(*c)).map(plain));
    } else {
        // Full-width letters and styled ones are the same words.
        let lower = std::iter::once(c).nfkc().flat_map(char::to_lowercase);
        folded.extend(lower.filter(|c| c.is_alphanumeric() && !is_combining_mark(*c)).map(plain));
    }
}

fn plain(c: char) -> char {
    match c {
        'ё' | 'ѐ' => 'е',
        'ґ' => 'г',
        'ѝ' => 'и',
        c => c,
    }
}

fn is_cyrillic(c: char) -> bool {
    ('\u{400}'..='\u{52f}').contains(&c)
}

fn in_cyrillic(c: char) -> char {
    match c {
        'ï' => 'ї',
        'ë' => 'е',
        c => TWINS.iter().find(|twin| twin.0 == c).map_or(c, |twin| twin.1),
    }
}

/// What keyboards put for the apostrophe inside a word.
fn is_apostrophe(c: char) -> bool {
    matches!(c,
        '\'' | '`' | '\u{b4}' | '\u{2b9}'..='\u{2bf}' | '\u{2c8}' | '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2035}'
        | '\u{ff07}')
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all_folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn one_word_has_one_spelling() {
        for (text, is) in [
            ("Об'єкт, обʼєкт; ОБ’ЄКТ", "обєкт обєкт обєкт"),
            ("ещё ЕЩЕ е\u{308}ще\u{308}", "еще еще еще"),
            ("ґанок ганок", "ганок ганок"),
            ("за\u{301}мок и\u{306}од йод", "замок йод йод"),
            ("вiйна війна", "війна війна"),
            ("ｒｉｖｅｒ 𝐫𝐢𝐯𝐞𝐫", "river river"),
            ("don\u{2019}t river-stone_42", "dont river stone 42"),
            ("со\u{ad}ль со\u{200b}ль", "соль соль"),
            ("\u{301}\u{0}\u{1b}[2J 👩‍👩‍👧 *\"NEAR(", "2j near"),
            ("", ""),
        ] {
            assert_eq!(all_folded(text).join(" "), is, "{text}");
        }
        assert_eq!(all_folded(&"я".repeat(10_000))[0].chars().count(), WORD_MAX);
    }

    #[test]
    fn a_word_is_found_where_it_stands() {
        let text = "Так, «об’єкт» и\u{306}од!";
        let at: Vec<_> = words(text).into_iter().map(|word| &text[word.at]).collect();
        assert_eq!(at, ["Так", "об’єкт", "и\u{306}од"]);
    }

    /// Letter by letter, without tables: what the quick way must find.
    pub(crate) fn slowly(text: &str) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        let mut word: Option<Word> = None;
        for (at, c) in text.char_indices() {
            let end = at + c.len_utf8();
            if is_apostrophe(c) || is_invisible(c) {
                continue;
            }
            if is_combining_mark(c) {
                if let Some(word) = &mut word {
                    if let Some(whole) = word.folded.chars().next_back().and_then(|last| compose(last, c)) {
                        word.folded.pop();
                        word.folded.push(plain(whole));
                    }
                    word.at.end = end;
                }
            } else if c.is_alphanumeric() {
                let word = word.get_or_insert_with(|| Word { folded: String::new(), at: at..end });
                fold_into(&mut word.folded, c);
                word.at.end = end;
            } else {
                words.extend(word.take());
            }
        }
        words.extend(word);
        for word in &mut words {
            if word.folded.contains(is_cyrillic) && word.folded.contains(|c: char| c.is_ascii_lowercase()) {
                word.folded = word.folded.chars().map(in_cyrillic).collect();
            }
            word.folded = word.folded.chars().take(WORD_MAX).collect();
        }
        words.retain(|word| !word.folded.is_empty());
        words
    }

    /// Letters with their twins, marks and what folds to several letters or to none, among all that Unicode has.
    pub(crate) fn texts() -> impl Strategy<Value = String> {
        let odd = prop::sample::select(
            "оoкkaаеeёеіiïїиÏËґҐ ’'ʼ-\n\r\t\u{301}\u{306}\u{308}\u{200b}\u{ad}İǅﬁ½²ｒ𝐫ªⅣ㎏\u{3164}\u{85}\u{2028}\u{fe0f}א١"
                .chars()
                .collect::<Vec<_>>(),
        );
        prop::collection::vec(prop_oneof![8 => odd, 1 => any::<char>()], 0..120).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn words_are_those_that_are_found_letter_by_letter(text in texts()) {
            let slow = slowly(&text);
            prop_assert_eq!(&words(&text), &slow);
            let joined: Vec<_> = slow.iter().map(|word| word.folded.as_str()).collect();
            prop_assert_eq!(folded(&text), joined.join(" "));
            for (place, word) in Places::of(&text).zip(&slow) {
                let first = word.folded.chars().next().unwrap();
                prop_assert!(place.initial.is_none_or(|initial| initials_of(first).any(|one| one == initial)), "{:?}", word);
            }
        }
    }

    #[test]
    fn every_character_by_itself_is_what_it_is_letter_by_letter() {
        for c in '\0'..=char::MAX {
            let text = format!("{c} а{c}b\n");
            assert_eq!(words(&text), slowly(&text), "{c:?}");
        }
    }
}
