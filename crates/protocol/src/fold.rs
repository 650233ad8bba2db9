//! What is typed, folded to what was meant: section 4's tables, which need no knowledge of any language.

use std::{ops::RangeInclusive, sync::LazyLock};

use unicode_normalization::UnicodeNormalization as _;

use crate::invisible::is_invisible;

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

/// Letters, marks and numbers of Unicode 14 without what cannot be seen; `cargo xtask letters` makes the list.
static LETTERS: LazyLock<Vec<RangeInclusive<u32>>> = LazyLock::new(|| ranges(include_str!("letters.txt")));

/// The words of what was typed, single spaces between; empty where there is none.
pub fn fold(typed: &str) -> String {
    let compatible: String = typed.chars().filter_map(seen).nfkc().collect();
    let spaced: String = compatible.chars().filter_map(seen).collect();
    let lower: String = spaced.to_lowercase().nfkc().collect();
    let unmarked: String = lower.chars().filter(|c| !is_mark(*c)).map(plain).nfc().collect();
    let pieces: Vec<&str> = unmarked.split(' ').filter(|piece| !piece.is_empty()).collect();
    without_places(pieces).into_iter().map(in_one_script).collect::<Vec<_>>().join(" ")
}

/// A letter, mark or number as it is; nothing for what cannot be seen and apostrophes; a space for all else.
fn seen(c: char) -> Option<char> {
    if is_invisible(c) || is_apostrophe(c) {
        return None;
    }
    Some(if is_letter(c) { c } else { ' ' })
}

/// The words alone, where each has its place in a list before it: `1 river 2 stone`, `1river 2stone`.
fn without_places(pieces: Vec<&str>) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = pieces.iter();
    while let Some(piece) = rest.next() {
        let word = piece.trim_start_matches(is_digit);
        let place = &piece[..piece.len() - word.len()];
        let word = if word.is_empty() { rest.next().copied().unwrap_or_default() } else { word };
        if place.parse() != Ok(words.len() + 1) || word.is_empty() || word.starts_with(is_digit) {
            return pieces;
        }
        words.push(word);
    }
    if words.len() > 1 { words } else { pieces }
}

/// The word with its twins in the script that its other letters are of, where these are of one.
fn in_one_script(word: &str) -> String {
    let is_latin = |c: char| c.is_ascii_lowercase() && TWINS.iter().all(|twin| twin.0 != c);
    let is_cyrillic = |c: char| ('\u{400}'..='\u{52f}').contains(&c) && TWINS.iter().all(|twin| twin.1 != c);
    let to_latin = |c: char| TWINS.iter().find(|twin| twin.1 == c).map_or(c, |twin| twin.0);
    let to_cyrillic = |c: char| match c {
        'ë' => 'е',
        'ï' => 'ї',
        c => TWINS.iter().find(|twin| twin.0 == c).map_or(c, |twin| twin.1),
    };
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
        'ı' => 'i',
        c => c,
    }
}

/// What stays of an accent where no composed letter exists, and what encloses a letter.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{483}'..='\u{489}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{a66f}'..='\u{a67d}'
        | '\u{fe20}'..='\u{fe2f}'
        | '\u{1d165}'..='\u{1d172}'
    )
}

/// What people and their keyboards put for the apostrophe inside a word, double ones and the asterisk among them.
fn is_apostrophe(c: char) -> bool {
    matches!(c,
        '\'' | '"' | '*' | '`' | '\u{b4}'
        | '\u{2b9}'..='\u{2bf}'
        | '\u{2c8}'
        | '\u{2ca}'
        | '\u{2cb}'
        | '\u{2ee}'
        | '\u{55a}'
        | '\u{5f3}'
        | '\u{5f4}'
        | '\u{1fef}'
        | '\u{1ffd}'
        | '\u{2018}'..='\u{201f}'
        | '\u{2032}'..='\u{2037}'
        | '\u{2057}'
        | '\u{275b}'..='\u{275e}'
        | '\u{a78b}'
        | '\u{a78c}'
        | '\u{ff02}'
        | '\u{ff07}'
        | '\u{ff0a}'
        | '\u{ff40}'
    )
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_letter(c: char) -> bool {
    let c = u32::from(c);
    let at = LETTERS.partition_point(|range| *range.end() < c);
    LETTERS.get(at).is_some_and(|range| range.contains(&c))
}

/// Reads lengths of runs, of what is none and of what is one in turn: base 26, the last digit of each small.
fn ranges(runs: &str) -> Vec<RangeInclusive<u32>> {
    let mut lengths = Vec::new();
    let mut length = 0;
    for (c, digit) in runs.chars().filter_map(|c| Some((c, c.to_digit(36)? - 10))) {
        length = length * 26 + digit;
        if c.is_ascii_lowercase() {
            lengths.push(length);
            length = 0;
        }
    }
    let mut next = 0;
    let range = |pair: &[u32]| {
        let first = next + pair[0];
        next = first + pair[1];
        first..=next - 1
    };
    lengths.chunks_exact(2).map(range).collect()
}

#[cfg(test)]
mod tests;
