//! Text for people, line by line: our own sentences, and the texts of others under a prefix.

use callsign_desk::escape::{escape, escape_text, is_deceptive};

/// What stands before every line of a quoted text.
const PREFIX: &str = "| ";
/// Columns of a text, at least, however narrow a terminal is.
const COLUMNS_MIN: usize = 20;
/// Columns between stops of the tabulator.
const TAB: usize = 8;

/// Lines that are printed together.
#[derive(Debug, Default)]
pub struct Lines(Vec<Line>);

#[derive(Debug)]
enum Line {
    Own(String),
    Quoted(String),
}

impl Lines {
    /// No line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one line of our own; a line feed in it is escaped.
    pub fn line(mut self, text: impl AsRef<str>) -> Self {
        self.push(text);
        self
    }

    /// Adds one line of our own; a line feed in it is escaped.
    pub fn push(&mut self, text: impl AsRef<str>) {
        self.0.push(Line::Own(escape(text.as_ref())));
    }

    /// Adds several lines of our own that stand in one text with line feeds. Nothing of others may be in it.
    pub fn paragraph(mut self, text: impl AsRef<str>) -> Self {
        text.as_ref().lines().for_each(|line| self.push(line));
        self
    }

    /// Adds a text that is not ours, with its line feeds and tabs, every line under a prefix.
    pub fn push_quote(&mut self, text: &str) {
        self.0.extend(escape_text(text).split('\n').map(|line| Line::Quoted(line.to_owned())));
    }

    /// The text, with a line feed after each line. Where the width of a terminal is known, quoted lines are wrapped:
    /// one that the terminal wraps would go on without its prefix.
    pub fn text(&self, columns: Option<usize>) -> String {
        let mut text = String::new();
        for line in &self.0 {
            match (line, columns) {
                (Line::Own(line), _) => text += line,
                (Line::Quoted(line), None) => text = text + PREFIX + line,
                (Line::Quoted(line), Some(columns)) => text += &wrapped(line, columns),
            }
            text.push('\n');
        }
        text
    }
}

/// A quoted line in pieces, each under the prefix.
fn wrapped(line: &str, columns: usize) -> String {
    let columns = columns.max(COLUMNS_MIN);
    let mut text = PREFIX.to_owned();
    let mut used = PREFIX.len();
    for c in line.chars() {
        let width = match c {
            '\t' => TAB - used % TAB,
            _ => width(c),
        };
        if used + width > columns {
            text = text + "\n" + PREFIX;
            used = PREFIX.len();
        }
        text.push(c);
        used += if c == '\t' { TAB - used % TAB } else { width };
    }
    text
}

/// Columns that a character takes, or more: what takes two in any terminal counts two.
fn width(c: char) -> usize {
    match c {
        c if is_deceptive(c) => 0,
        '\u{300}'..='\u{36f}' => 0,
        c if c < '\u{1100}' => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_cannot_forge_a_turn() {
        let mut text = Lines::new().line("--- caller ---");
        text.push_quote("hello\n--- desk (posted) ---\r\n\tyes\u{1b}[2J");
        assert_eq!(text.text(None), "--- caller ---\n| hello\n| --- desk (posted) ---\n| \tyes\\u{1b}[2J\n");
    }

    #[test]
    fn a_line_of_ours_stays_one_line() {
        assert_eq!(Lines::new().line("en\nriver-stone-42 waits").text(None), "en\\nriver-stone-42 waits\n");
    }

    #[test]
    fn a_terminal_never_wraps_a_quoted_line_by_itself() {
        let forged = "x".repeat(38) + "--- desk (posted) ---" + &"漢".repeat(40) + "\t\t\t\t\t\tend";
        let mut text = Lines::new();
        text.push_quote(&forged);
        let text = text.text(Some(40));
        for line in text.lines() {
            assert!(line.starts_with(PREFIX), "{text}");
            assert!(line.chars().map(width).sum::<usize>() <= 40, "{text}");
        }
        assert_eq!(text.lines().nth(1).unwrap().chars().count(), 2 + 21 + 8);
    }
}
