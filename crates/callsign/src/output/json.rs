//! One JSON value in one line, with everything escaped that could drive or deceive a terminal; the value is the same.

use std::fmt::Write as _;

use callsign_desk::escape::is_deceptive;
use serde::Serialize;

/// The line, with its line feed.
pub fn line(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("values of ours have text for keys");
    let mut line = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        // Outside of strings JSON is ASCII, and `serde_json` has escaped the controls below the blank.
        if is_deceptive(c) {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| {
                let _ = write!(line, "\\u{unit:04x}");
            });
        } else {
            line.push(c);
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_the_same_and_nothing_drives_a_terminal() {
        let value = serde_json::json!({ "text": "a\u{1b}\u{7f}\u{9b}\u{202e}\u{2028}\u{e0041}\"\\ї👩‍👧\n" });
        let line = line(&value);
        assert!(line.strip_suffix('\n').unwrap().chars().all(|c| !is_deceptive(c)), "{line}");
        assert!(
            line.contains("\\u001b\\u007f\\u009b\\u202e\\u2028\\udb40\\udc41") && line.contains('ї'),
            "{line}"
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), value);
    }
}
