//! Characters that nobody sees: default-ignorable ones and those of format, as Unicode 14 lists them.

/// Whether Unicode 14 calls the character default-ignorable (`Default_Ignorable_Code_Point`) or a format control
/// (`General_Category` Cf). The list is spelt out, so that every program has the same one, whatever Unicode it knows.
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{13438}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a text shows nothing: it is empty, or all of it is blank, invisible or the empty Braille pattern.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || c == '\u{2800}' || is_invisible(c))
}

#[cfg(test)]
mod tests {
    use regex_syntax::hir::{Class, HirKind};

    use super::*;

    #[test]
    fn a_text_that_shows_nothing_is_blank() {
        for blank in
            ["", "   ", "\n\t\r", "\u{a0}", "\u{200b}\u{feff}", "\u{3164}", "\u{2800}", "\u{202e} \u{e0041}"]
        {
            assert!(is_blank(blank), "{blank:?}");
        }
        for text in [".", " ї ", "\u{200b}a"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn the_list_is_that_of_unicode() {
        // Code points that are reserved to be default-ignorable have no age.
        let listed =
            regex_syntax::parse(r"[\p{Default_Ignorable_Code_Point}[\p{Cf}&&\p{age=14.0}]]").unwrap();
        let HirKind::Class(Class::Unicode(class)) = listed.kind() else { panic!("a class") };
        let is_listed =
            |c: char| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&c));
        for c in '\0'..=char::MAX {
            assert_eq!(is_invisible(c), is_listed(c), "U+{:04X}", u32::from(c));
        }
    }
}
