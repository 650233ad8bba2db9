//! What folding forgives, and that it does so for every character there is.

use proptest::prelude::*;
use regex_syntax::hir::{Class, HirKind};

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
        ("п'ять п’ять пʼять п`ять п\"ять п*ять", "пять пять пять пять пять пять"),
        ("\u{130} ΟΔΟΣ ab\u{131}l\u{131}ty", "i οδοσ ability"),
        ("\u{200e}river\u{fe0f}\u{2800}stone\u{2026}", "river stone"),
        ("“river” «stone» 「able」 ¿about?", "river stone able about"),
        ("> river | stone → able ✓🙂", "river stone able"),
        ("ＲＩＶＥＲ\u{3000}ｓｔｏｎｅ４２ 𝐫𝐢𝐯𝐞𝐫 ﬁve", "river stone42 river five"),
        ("river.stone.4\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3}", "river stone 42"),
        ("кoï\u{433}ë", "коїге"),
    ] {
        assert_eq!(fold(typed), meant, "{typed:?}");
    }
    assert_eq!(fold(" \u{feff}-'\n"), "");
}

#[test]
fn the_numbers_of_a_whole_list_go() {
    for (typed, meant) in [
        ("1. river 2. stone 3. able", "river stone able"),
        ("1) river\n02) stone", "river stone"),
        ("\u{2460}river \u{2461}stone", "river stone"),
        ("\u{ff11}.river \u{2488}stone", "1 river 1 stone"),
        ("1river 2stone", "river stone"),
        ("1. river", "1 river"),
        ("2. river 3. stone", "2 river 3 stone"),
        ("1 river 2", "1 river 2"),
        ("1 1 2 2", "1 1 2 2"),
        ("1 river stone 2", "1 river stone 2"),
    ] {
        assert_eq!(fold(typed), meant, "{typed:?}");
    }
}

/// All characters but most of the many thousands of Chinese, Korean and private ones, which differ in nothing here.
fn characters() -> impl Iterator<Item = char> {
    let blocks = [
        '\0'..='\u{3500}',
        '\u{a000}'..='\u{ad00}',
        '\u{d7b0}'..='\u{e100}',
        '\u{f900}'..='\u{1ffff}',
        '\u{e0000}'..='\u{e0fff}',
    ];
    blocks.into_iter().flatten()
}

#[test]
fn the_list_is_that_of_unicode() {
    let kept = r"[[\p{L}\p{M}\p{N}]&&\p{age=14.0}--\p{Default_Ignorable_Code_Point}]";
    let HirKind::Class(Class::Unicode(class)) = regex_syntax::parse(kept).unwrap().into_kind() else {
        panic!("a class")
    };
    let ranges = class.ranges().iter().map(|range| u32::from(range.start())..=u32::from(range.end()));
    assert_eq!(*LETTERS, ranges.collect::<Vec<_>>());
}

#[test]
fn what_is_no_letter_mark_or_number_is_folded_away() {
    for c in characters().filter(|c| !is_letter(*c)) {
        let folded = fold(&format!("river{c}stone"));
        assert!(["riverstone", "river stone"].contains(&folded.as_str()), "U+{:04X}", u32::from(c));
    }
}

#[test]
fn every_character_is_folded_once_and_alike_however_it_is_composed() {
    for c in characters() {
        let typed = format!("{c} жb{c}\u{301}7 a{c}а");
        let once = fold(&typed);
        assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
        let decomposed: String = typed.nfd().collect();
        assert_eq!(fold(&decomposed), once, "U+{:04X}", u32::from(c));
    }
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
