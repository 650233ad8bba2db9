//! Invented texts: words of the lists that phrases are made of, with endings, few of them frequent.

use callsign_protocol::words::{COUNT, Language};

use super::draw::Draw;

/// Endings that make other forms of a word.
const CYRILLIC: [&str; 6] = ["", "", "а", "у", "ами", "ого"];
const LATIN: [&str; 3] = ["", "", "s"];

/// The language of a caller: four of ten write Ukrainian, four Russian, two English.
pub fn language(draw: &mut Draw) -> Language {
    use Language::{English, Russian, Ukrainian};
    draw.one_of(&[Ukrainian, Ukrainian, Russian, Russian, English])
}

/// So many words, fewer where they would be longer than `len_max` bytes.
pub fn text(language: Language, words: u64, len_max: usize, draw: &mut Draw) -> String {
    let mut text = String::new();
    for _ in 0..words {
        let word = word(language, draw);
        if text.len() + 1 + word.len() > len_max {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text += &word;
    }
    text
}

/// A word in one of its forms. The product of two draws makes the first words of a list frequent.
fn word(language: Language, draw: &mut Draw) -> String {
    let count = u64::from(COUNT);
    let word = listed(language, draw.below(count) * draw.below(count) / count);
    let ending = if language == Language::English { draw.one_of(&LATIN) } else { draw.one_of(&CYRILLIC) };
    format!("{word}{ending}")
}

/// A word of the list by its place: the lower, the more frequent.
pub fn listed(language: Language, place: u64) -> &'static str {
    language.word(u16::try_from(place % u64::from(COUNT)).unwrap_or(0))
}
