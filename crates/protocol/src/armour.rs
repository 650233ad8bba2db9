//! Text armour: letters as lines of text that survive mail, messengers, quoting and paper.

use data_encoding::BASE64_NOPAD;
use thiserror::Error;

use crate::letter::{LETTER_LEN, Letter};

const BEGIN: &str = "-----BEGIN CALLSIGN LETTER-----";
const END: &str = "-----END CALLSIGN LETTER-----";
/// Characters of a line.
const LINE_LEN: usize = 64;
/// Characters of a letter: six bits each, no padding.
const TEXT_LEN: usize = (LETTER_LEN * 8).div_ceil(6);

/// Why a block of a text is no letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ArmourError {
    /// Something between the lines that no letter has.
    #[error("there is something in it that belongs to no letter; copy it again")]
    Characters,
    /// Lines that are lost or doubled.
    #[error("it has {0} characters and a letter has {TEXT_LEN}: lines are lost or doubled; copy it again")]
    Length(usize),
    /// The block does not end.
    #[error("its last line is missing; copy it again, down to the line with END")]
    Unended,
}

/// One block of lines, each ending in a line feed.
pub fn armour(letter: &Letter) -> String {
    let text = BASE64_NOPAD.encode(letter.0.as_slice());
    let mut block = format!("{BEGIN}\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE_LEN));
        block.extend([line, "\n"]);
        rest = after;
    }
    block.extend([END, "\n"]);
    block
}

/// Every block of a text, in order, good ones and bad ones. What stands around the blocks does not matter, nor do white
/// space and marks of quoting in them.
pub fn read(text: &str) -> Vec<Result<Letter, ArmourError>> {
    text.split(BEGIN).skip(1).map(read_block).collect()
}

fn read_block(from_begin: &str) -> Result<Letter, ArmourError> {
    let (block, _) = from_begin.split_once(END).ok_or(ArmourError::Unended)?;
    let letters: String = block.chars().filter(|c| !c.is_whitespace() && *c != '>').collect();
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    if !letters.bytes().all(is_known) {
        return Err(ArmourError::Characters);
    }
    if letters.len() != TEXT_LEN {
        return Err(ArmourError::Length(letters.len()));
    }
    // The last character has bits beyond the last byte, which are zero.
    let bytes = BASE64_NOPAD.decode(letters.as_bytes()).map_err(|_| ArmourError::Characters)?;
    Letter::from_bytes(&bytes).map_err(|_| ArmourError::Length(letters.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(fill: u8) -> Letter {
        Letter(Box::new([fill; LETTER_LEN]))
    }

    #[test]
    fn what_carriers_do_to_a_text_does_no_harm() {
        let block = armour(&letter(0xfb));
        let each = |before, after| block.lines().flat_map(|line| [before, line, after]).collect::<String>();
        assert_eq!(block.lines().count(), 2 + 86);
        assert!(block.lines().all(|line| line.len() <= LINE_LEN));
        for (name, carried) in [
            ("as it is", block.clone()),
            ("CRLF", block.replace('\n', "\r\n")),
            ("quoted", each("> > ", "\r\n")),
            ("in one line", block.replace('\n', " ")),
            ("without line ends", block.replace('\n', "")),
            ("indented", each("\u{a0}\t", " \n")),
            ("in a mail", format!("Subject: =?utf-8?x?=\n\nDear desk,\n{block}-- \nyours\n")),
        ] {
            assert_eq!(read(&carried), [Ok(letter(0xfb))], "{name}");
        }
    }

    #[test]
    fn a_bad_block_has_its_own_error_and_spoils_no_other() {
        let (first, last) = (armour(&letter(1)), armour(&letter(2)));
        let unended = first.replace(END, "");
        let changed = first.replacen("AQEB", "AQ=B", 1);
        let shorter = first.replacen("AQEB", "", 1);
        // 4,096 bytes leave four bits in the last character.
        let beyond = first.replace("AQ\n-----END", "AR\n-----END");
        assert_ne!(beyond, first);
        let blocks = read(&format!("{unended}{last}{changed}{shorter}{beyond}{last}"));
        assert_eq!(
            blocks,
            [
                Err(ArmourError::Unended),
                Ok(letter(2)),
                Err(ArmourError::Characters),
                Err(ArmourError::Length(TEXT_LEN - 4)),
                Err(ArmourError::Characters),
                Ok(letter(2)),
            ]
        );
        assert_eq!(read("no letter -----END CALLSIGN LETTER-----"), []);
    }
}
