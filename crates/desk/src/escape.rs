//! Text from outside as a terminal or a page may show it: what drives or deceives becomes a visible escape.

use unicode_normalization::char::is_combining_mark;

/// Characters of a label, at most; longer ones are cut.
const LABEL_MAX: usize = 120;
/// They join letters or tell which way a line runs, in scripts that need it.
const HELPERS: [char; 5] = ['\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{61c}'];
/// Marks, joiners and skin tones in a row, at most: more than any language sets on one letter. Browsers take the square
/// of their number, and they cover the lines above.
const PILED_MAX: usize = 30;
const PRESENTATIONS: [char; 2] = ['\u{fe0e}', '\u{fe0f}'];

/// One line of text without anything that drives a terminal, hides or reorders; line feeds and tabs are escaped, too.
///
/// Joiners, marks of direction and the choice of an emoji's form stay where they belong to the character before them:
/// emoji, Persian, Hebrew and the scripts of India are read with them.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let (mut before, mut piled) = (' ', 0);
    for c in text.chars() {
        piled = if piles(c) { piled + 1 } else { 0 };
        if piled > PILED_MAX || is_deceptive(c) && !belongs(c, before) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
        before = c;
    }
    escaped
}

/// A text of several lines, with its line feeds and tabs; what else drives, hides or reorders is escaped.
pub fn escape_text(text: &str) -> String {
    let pieces = |line: &str| line.split('\t').map(escape).collect::<Vec<_>>().join("\t");
    let lines = text.split('\n').map(|line| pieces(line.strip_suffix('\r').unwrap_or(line)));
    lines.collect::<Vec<_>>().join("\n")
}

/// A name that is not ours, as a part of a line: escaped, and cut where it is long.
pub fn label(text: &str) -> String {
    let escaped = escape(text);
    match escaped.char_indices().nth(LABEL_MAX) {
        Some((end, _)) => format!("{}…", &escaped[..end]),
        None => escaped,
    }
}

/// Whether a character drives a terminal, changes the order of what stands around it, or is not seen.
///
/// Controls, separators of lines, and Unicode's `Default_Ignorable_Code_Point` (16.0) with annotations.
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character is laid out together with the one before it.
fn piles(c: char) -> bool {
    is_combining_mark(c) || HELPERS.contains(&c) || ('\u{1f3fb}'..='\u{1f3ff}').contains(&c)
}

/// Whether an invisible character is part of how the one before it is written.
fn belongs(c: char, before: char) -> bool {
    let is_visible = !is_deceptive(before) && !before.is_whitespace();
    if HELPERS.contains(&c) {
        return PRESENTATIONS.contains(&before) || (is_visible && !before.is_ascii());
    }
    PRESENTATIONS.contains(&c) && is_visible && (!before.is_ascii() || "0123456789#*".contains(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_or_deceives_is_shown_as_an_escape() {
        for (text, shown) in [
            ("\u{1b}[31m", "\\u{1b}[31m"),
            ("a\u{7}\u{7f}\u{9b}2J", "a\\u{7}\\u{7f}\\u{9b}2J"),
            ("one\r\n\ttwo", "one\\r\\n\\ttwo"),
            ("\u{202e}abc\u{2066}\u{200e}\u{61c}", "\\u{202e}abc\\u{2066}\\u{200e}\\u{61c}"),
            ("a\u{2028}b\u{85}c", "a\\u{2028}b\\u{85}c"),
            ("a\u{200b}b\u{feff}\u{e0041}", "a\\u{200b}b\\u{feff}\\u{e0041}"),
            ("a\u{200d}b", "a\\u{200d}b"),
            ("é\u{200d}\u{200d}\u{200d}", "é\u{200d}\\u{200d}\\u{200d}"),
        ] {
            assert_eq!(escape(text), shown);
        }
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for text in [
            "Потрібна допомога, їжа — ґанок",
            "👩‍👩‍👧‍👦 👁️‍🗨️ 🏳️‍🌈 1️⃣ ❤️",
            "مرحبا بالعالم",
            "שלום",
            "می‌خواهم",
            "שלום\u{200f}!",
            "e\u{301} и\u{306}",
            "a \\ b",
        ] {
            assert_eq!(escape(text), text);
        }
    }

    #[test]
    fn what_is_piled_beyond_any_script_is_escaped() {
        for mark in ['\u{301}', '\u{1f3fb}'] {
            let piled = format!("a{}", mark.to_string().repeat(40));
            let shown = escape(&piled);
            assert_eq!(shown.chars().filter(|c| *c == mark).count(), PILED_MAX);
            assert!(shown.ends_with(&mark.escape_default().to_string()), "{shown}");
        }
        let spelt = "e\u{301}\u{323} ".repeat(200);
        assert_eq!(escape(&spelt), spelt);
    }

    #[test]
    fn a_text_keeps_its_lines_and_tabs() {
        assert_eq!(escape_text("one\r\n\ttwo\r\u{1b}[2J\n"), "one\n\ttwo\\r\\u{1b}[2J\n");
    }

    #[test]
    fn a_long_label_is_cut() {
        let long = label(&"ї".repeat(5_000));
        assert_eq!(long.chars().count(), LABEL_MAX + 1);
        assert!(long.ends_with('…'));
        assert_eq!(label("river"), "river");
    }
}
