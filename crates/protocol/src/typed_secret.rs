//! Secrets as people type them, brought to one form before a key is made from them (docs/protocol.md, section 4.1).

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::invisible::is_invisible;

/// The secret that was meant: `OpaqueString` of RFC 8265 without its refusals, so any text is taken. Invisible characters
/// are removed, spaces of all kinds are U+0020, the text is NFC, and white space and line ends at both ends are
/// removed. Case, width and blanks between words count. Empty where nothing visible was typed.
pub fn typed_secret(typed: &str) -> Zeroizing<String> {
    let visible = typed.chars().filter(|c| !is_invisible(*c)).map(|c| if is_space(c) { ' ' } else { c });
    // Room for all from the start: a text that moves would leave a copy behind.
    let mut normal = Zeroizing::new(String::with_capacity(capacity(typed)));
    normal.extend(visible.nfc());
    Zeroizing::new(normal.trim().to_owned())
}

/// Bytes that NFC can need: it makes three of one at most.
fn capacity(typed: &str) -> usize {
    typed.len() * 3
}

/// `General_Category` Zs, which no version since Unicode 6.3 has changed.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_keyboards_and_clipboards_add_makes_no_other_secret() {
        for (typed, meant) in [
            ("шесть слов й", "шесть слов \u{439}"),
            ("шесть слов \u{438}\u{306}", "шесть слов \u{439}"),
            ("caf\u{e9}", "cafe\u{301}"),
            ("\u{457}\u{451}", "\u{456}\u{308}\u{435}\u{308}"),
            ("\u{ac00}\u{1ea5}", "\u{1100}\u{1161}a\u{302}\u{301}"),
            ("s\u{323}\u{307}", "s\u{307}\u{323}"),
            ("six words", " six\u{a0}words \r\n"),
            ("six words", "\u{feff}six\u{3000}words\t"),
            ("six words", "six\u{200b} wor\u{ad}ds\u{200e}"),
            ("\u{2764}!", "\u{2764}\u{fe0f}!"),
        ] {
            assert_eq!(typed_secret(typed), typed_secret(meant), "{typed:?}");
        }
    }

    #[test]
    fn what_a_person_can_see_counts() {
        for (one, other) in [
            ("six words", "Six words"),
            ("six words", "sixwords"),
            ("six words", "six  words"),
            ("six-words", "six\u{2011}words"),
            ("\u{ff41}bc", "abc"),
            ("\u{fb01}ve", "five"),
            ("\u{435}", "e"),
        ] {
            assert_ne!(typed_secret(one), typed_secret(other), "{one:?}");
        }
        assert_eq!(*typed_secret(" \u{feff}\u{a0}\r\n"), "");
    }

    proptest! {
        #[test]
        fn one_form_stays_as_it_is_and_fits_its_place(typed in "[\\PC\u{300}-\u{36f}\u{1100}-\u{11ff} \t\n]{0,60}") {
            let once = typed_secret(&typed);
            prop_assert!(typed.nfc().collect::<String>().len() <= capacity(&typed));
            prop_assert_eq!(typed_secret(&once), once.clone());
            let decomposed: String = typed.nfd().collect();
            prop_assert_eq!(typed_secret(&decomposed), once);
        }
    }
}
