//! What is typed, folded to what was meant: section 4's table, which needs no knowledge of any language.

use unicode_normalization::UnicodeNormalization as _;

/// Letters that look alike, in capitals at least: Latin, Cyrillic.
pub const TWINS: [(char, char); 13] = [
    ('a', 'а'),
    ('b', 'в'),
    ('c', 'с'),
    ('e', 'е'),
    ('h', 'н'),
    ('i', 'і'),
    ('k', 'к'),
    ('m', 'м'),
    ('o', 'о'),
    ('p', 'р'),
    ('t', 'т'),
    ('x', 'х'),
    ('y', 'у'),
];

/// The words of what was typed, single spaces between; empty where there is none.
pub fn fold(typed: &str) -> String {
    let visible = typed.nfc().filter(|c| !is_removed(*c));
    let spaced: String = visible.map(|c| if is_gap(c) { ' ' } else { c }).collect();
    let composed = spaced.to_lowercase().nfc().collect::<String>();
    let unmarked: String = composed.chars().filter(|c| !is_mark(*c)).map(plain).nfc().collect();
    let words = unmarked.split(' ').filter(|word| !word.is_empty());
    words.map(in_one_script).collect::<Vec<_>>().join(" ")
}

/// The word with its twins in the script that its other letters are of, where these are of one.
fn in_one_script(word: &str) -> String {
    let is_latin = |c: char| c.is_ascii_lowercase() && TWINS.iter().all(|twin| twin.0 != c);
    let is_cyrillic = |c: char| ('\u{400}'..='\u{52f}').contains(&c) && TWINS.iter().all(|twin| twin.1 != c);
    let to_latin = |c: char| TWINS.iter().find(|twin| twin.1 == c).map_or(c, |twin| twin.0);
    let to_cyrillic = |c: char| TWINS.iter().find(|twin| twin.0 == c).map_or(c, |twin| twin.1);
    match (word.contains(is_latin), word.contains(is_cyrillic)) {
        (true, true) => word.to_owned(),
        (false, true) => word.chars().map(to_cyrillic).collect(),
        (_, false) => word.chars().map(to_latin).collect(),
    }
}

fn plain(c: char) -> char {
    match c {
        'ё' => 'е',
        'ґ' => 'г',
        'ς' => 'σ',
        c => c,
    }
}

/// What stays of an accent where no composed letter exists.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// What cannot be seen, and apostrophes.
fn is_removed(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}'
            | '\u{feff}'
            | '\''
            | '`'
            | '\u{b4}'
            | '\u{2b9}'
            | '\u{2bb}'..='\u{2bd}'
            | '\u{2018}'..='\u{201b}'
            | '\u{2032}'
            | '\u{ff07}'
    )
}

fn is_gap(c: char) -> bool {
    matches!(
        c,
        '\u{9}'..='\u{d}'
            | ' '
            | '\u{85}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
            | '-'
            | '_'
            | ','
            | '.'
            | ';'
            | '\u{2010}'..='\u{2015}'
            | '\u{2212}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::words::{COUNT, Language};

    #[test]
    fn typing_is_forgiven() {
        for (typed, meant) in [
            ("  Abandon ability\tABLE\n", "abandon ability able"),
            ("abandon-ability_able.", "abandon ability able"),
            ("aban\u{ad}don\u{a0}abi\u{200b}lity, able", "abandon ability able"),
            ("И\u{306}од", "йод"),
            ("за\u{301}мок Ёж ҐАНОК", "замок еж ганок"),
            ("п'ять п’ять пʼять п`ять", "пять пять пять пять"),
            ("\u{130} ΟΔΟΣ", "i οδοσ"),
        ] {
            assert_eq!(fold(typed), meant, "{typed:?}");
        }
        assert_eq!(fold(" \u{feff}-'\n"), "");
    }

    #[test]
    fn a_word_is_of_one_script_where_its_letters_allow() {
        // Written with escapes, for the eye cannot tell: Cyrillic а, в, о, р, с, у and Latin a, b, o, p.
        assert_eq!(fold("\u{430}\u{432}le"), "able", "Latin l");
        assert_eq!(fold("Bopo\u{433}"), "\u{432}\u{43e}\u{440}\u{43e}\u{433}", "Cyrillic г");
        assert_eq!(fold("\u{441}\u{43e}\u{440}\u{443}"), "copy", "all are twins: Latin");
        assert_eq!(fold("l\u{433}\u{430}"), "l\u{433}\u{430}", "letters of both: left alone");
        assert_eq!(fold("\u{430}1 \u{433}a1"), "a1 \u{433}\u{430}1", "digits are of no script");
    }

    /// A word, and for each of its letters whether it is swapped with its twin.
    fn disguised() -> impl Strategy<Value = (&'static str, Vec<bool>)> {
        let languages = prop::sample::select(Language::ALL.to_vec());
        let word = (languages, 0..COUNT).prop_map(|(language, index)| language.word(index));
        (word, prop::collection::vec(any::<bool>(), 9))
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(typed in "[\\PC\u{300}-\u{36f}a-yа-ўёґ\u{308}\u{301}' ]{0,60}") {
            let once = fold(&typed);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn a_listed_word_is_found_whatever_twins_and_capitals_it_is_typed_with((word, swaps) in disguised()) {
            let twin = |c: char| match TWINS.iter().find(|(latin, cyrillic)| c == *latin || c == *cyrillic) {
                Some((latin, cyrillic)) => if c == *latin { *cyrillic } else { *latin },
                None => c,
            };
            let typed: String =
                word.chars().zip(&swaps).map(|(c, swap)| if *swap { twin(c) } else { c }).collect();
            prop_assert_eq!(fold(&typed), word);
            prop_assert_eq!(fold(&typed.to_uppercase()), word);
        }
    }
}
