//! The same passphrase in other letters: transliterated, and as the same keys give it with another keyboard layout.

/// Keys of QWERTY, and what they give with ЙЦУКЕН; Russian and Ukrainian.
const LATIN_KEYS: &str = "`qwertyuiop[]\\asdfghjkl;'zxcvbnm,./";
const RUSSIAN_KEYS: &str = "ёйцукенгшщзхъ\\фывапролджэячсмитьбю.";
const UKRAINIAN_KEYS: &str = "'йцукенгшщзхїґфівапролджєячсмитьбю.";

/// Letters as they are written in Latin; the second way is the shorter one that people type.
const LETTERS: [(char, &str, &str); 37] = [
    ('а', "a", "a"),
    ('б', "b", "b"),
    ('в', "v", "v"),
    ('г', "g", "h"),
    ('ґ', "g", "g"),
    ('д', "d", "d"),
    ('е', "e", "e"),
    ('є', "ye", "e"),
    ('ё', "yo", "e"),
    ('ж', "zh", "j"),
    ('з', "z", "z"),
    ('и', "i", "y"),
    ('і', "i", "i"),
    ('ї', "yi", "i"),
    ('й', "y", "i"),
    ('к', "k", "k"),
    ('л', "l", "l"),
    ('м', "m", "m"),
    ('н', "n", "n"),
    ('о', "o", "o"),
    ('п', "p", "p"),
    ('р', "r", "r"),
    ('с', "s", "s"),
    ('т', "t", "t"),
    ('у', "u", "u"),
    ('ф', "f", "f"),
    ('х', "kh", "h"),
    ('ц', "ts", "c"),
    ('ч', "ch", "ch"),
    ('ш', "sh", "sh"),
    ('щ', "shch", "sch"),
    ('ъ', "", ""),
    ('ы', "y", "y"),
    ('ь', "", ""),
    ('э', "e", "e"),
    ('ю', "yu", "iu"),
    ('я', "ya", "ia"),
];

/// A text with Cyrillic letters in Latin ones, in the two ways that people write them; nothing where it has none.
pub(crate) fn latin(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    if !lower.chars().any(|c| LETTERS.iter().any(|(cyrillic, ..)| *cyrillic == c)) {
        return Vec::new();
    }
    let written = |second: bool| {
        lower.chars().fold(String::new(), |mut written, c| {
            match LETTERS.iter().find(|(cyrillic, ..)| *cyrillic == c) {
                Some((_, one, other)) => written.push_str(if second { other } else { one }),
                None => written.push(c),
            }
            written
        })
    };
    let (one, other) = (written(false), written(true));
    if one == other { vec![one] } else { vec![one, other] }
}

/// What the keys of a Cyrillic text give with QWERTY.
pub(crate) fn typed_on_latin_keys(text: &str) -> Vec<String> {
    [RUSSIAN_KEYS, UKRAINIAN_KEYS].iter().filter_map(|keys| retyped(text, keys, LATIN_KEYS)).collect()
}

/// What the keys of a Latin text give with the Russian and with the Ukrainian layout.
pub(crate) fn typed_on_cyrillic_keys(text: &str) -> Vec<String> {
    [RUSSIAN_KEYS, UKRAINIAN_KEYS].iter().filter_map(|keys| retyped(text, LATIN_KEYS, keys)).collect()
}

/// The same keys with another layout; nothing where no letter changes.
fn retyped(text: &str, from: &str, to: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let key =
        |c: char| from.chars().zip(to.chars()).find(|(typed, _)| *typed == c).map_or(c, |(_, given)| given);
    let given: String = lower.chars().map(key).collect();
    let has_letters = lower.chars().any(|c| c.is_alphabetic() && key(c) != c);
    has_letters.then_some(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layouts_have_as_many_keys() {
        for keys in [RUSSIAN_KEYS, UKRAINIAN_KEYS] {
            assert_eq!(keys.chars().count(), LATIN_KEYS.chars().count());
        }
    }

    #[test]
    fn keys_and_letters_are_those_that_people_know() {
        assert_eq!(typed_on_cyrillic_keys("Ghbdtn")[0], "привет");
        assert_eq!(typed_on_cyrillic_keys("ghbdsn")[1], "привіт");
        assert_eq!(typed_on_latin_keys("пароль")[0], "gfhjkm");
        assert_eq!(latin("Київ, щастя"), ["kiyiv, shchastya", "kyiv, schastia"]);
        assert!(latin("plain").is_empty() && typed_on_cyrillic_keys("123").is_empty());
    }
}
