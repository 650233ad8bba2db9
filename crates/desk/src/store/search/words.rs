//! Words of a text as search compares them: lower case, and one spelling.

use std::ops::Range;

use callsign_protocol::{fold::TWINS, invisible::is_invisible};
use unicode_normalization::{UnicodeNormalization as _, char::compose, char::is_combining_mark};

/// Characters of a word that count.
const WORD_MAX: usize = 64;

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Letters and digits alone: lower case, ё as е, ґ as г, no apostrophes, no stress marks; 64 characters at most.
    pub folded: String,
    /// Where it stands in the text, in bytes.
    pub at: Range<usize>,
}

/// The words of a text, in order.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if is_apostrophe(c) || is_invisible(c) {
            // Neither a part of a word nor its end.
        } else if is_combining_mark(c) {
            if let Some(word) = &mut word {
                // A letter that was typed in two pieces, such as й; a mark of stress makes no other letter.
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
            words.extend(word.take().and_then(finished));
        }
    }
    words.extend(word.and_then(finished));
    words
}

fn fold_into(folded: &mut String, c: char) {
    if c < '\u{530}' {
        folded.extend(c.to_lowercase().filter(|c| !is_combining_mark(*c)).map(plain));
    } else {
        // Full-width letters and styled ones are the same words.
        let lower = std::iter::once(c).nfkc().flat_map(char::to_lowercase);
        folded.extend(lower.filter(|c| c.is_alphanumeric() && !is_combining_mark(*c)).map(plain));
    }
}

fn finished(mut word: Word) -> Option<Word> {
    if word.folded.contains(is_cyrillic) && word.folded.contains(|c: char| c.is_ascii_lowercase()) {
        // Old telephones and hurried hands put Latin letters into Cyrillic words.
        word.folded = word.folded.chars().map(in_cyrillic).collect();
    }
    if let Some((end, _)) = word.folded.char_indices().nth(WORD_MAX) {
        word.folded.truncate(end);
    }
    (!word.folded.is_empty()).then_some(word)
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
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
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
            assert_eq!(folded(text).join(" "), is, "{text}");
        }
        assert_eq!(folded(&"я".repeat(10_000))[0].chars().count(), WORD_MAX);
    }

    #[test]
    fn a_word_is_found_where_it_stands() {
        let text = "Так, «об’єкт» и\u{306}од!";
        let at: Vec<_> = words(text).into_iter().map(|word| &text[word.at]).collect();
        assert_eq!(at, ["Так", "об’єкт", "и\u{306}од"]);
    }
}
