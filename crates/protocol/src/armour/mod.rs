//! Text armour: letters and requests of devices as lines of text that survive mail, messengers, quoting and paper.

mod carried;

use data_encoding::BASE64_NOPAD;
use thiserror::Error;

use crate::letter::{LETTER_LEN, Letter};

/// Characters of a line.
const LINE_LEN: usize = 64;

/// Something that travels in armour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// What its first and last line name, in capitals.
    label: &'static str,
    /// Bytes of one.
    len: usize,
}

const LETTER: Kind = Kind { label: "LETTER", len: LETTER_LEN };

/// Why a block of a text is not what its first line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ArmourError {
    /// The right number of characters, and a last one that none ends in.
    #[error("its last character is not one that it can end in; copy it again")]
    Characters,
    /// Lines that are lost or doubled, or something between them.
    #[error(
        "it has {found} characters and should have {wanted}: something is lost or stands between; copy it again"
    )]
    Length {
        /// Characters that can belong to it.
        found: usize,
        /// Characters of a whole one.
        wanted: usize,
    },
    /// The block does not end.
    #[error("its last line is missing; copy it again, down to the line with END")]
    Unended,
}

impl Kind {
    /// A kind whose lines say `label`, always of `len` bytes.
    pub(crate) const fn new(label: &'static str, len: usize) -> Self {
        Self { label, len }
    }

    /// One block of lines, each ending in a line feed.
    pub(crate) fn write(self, bytes: &[u8]) -> String {
        let text = BASE64_NOPAD.encode(bytes);
        let mut block = format!("-----BEGIN CALLSIGN {}-----\n", self.label);
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(LINE_LEN));
            block.extend([line, "\n"]);
            rest = after;
        }
        block + "-----END CALLSIGN " + self.label + "-----\n"
    }

    /// The bytes of every block of this kind, in order, good ones and bad ones, whatever carriers did to the text.
    pub(crate) fn read(self, carried: &[u8]) -> Vec<Result<Vec<u8>, ArmourError>> {
        let readings = carried::decodings(carried).into_iter().map(|text| self.read_text(&text));
        // Of equals the first is taken.
        let good = |blocks: &Vec<Result<_, _>>| blocks.iter().filter(|block| block.is_ok()).count();
        readings.rev().max_by_key(|blocks| (good(blocks), blocks.len())).unwrap_or_default()
    }

    /// Every way of leaving out what carriers put before lines and between them; of each block, the first that is whole.
    fn read_text(self, text: &str) -> Vec<Result<Vec<u8>, ArmourError>> {
        let decoded = carried::without_escapes(text);
        let mut best = self.read_symbols(&carried::symbols(&decoded));
        for other in [carried::without_prefixes(&decoded), carried::whole_lines(&decoded)] {
            if best.iter().all(Result::is_ok) {
                break;
            }
            let blocks = self.read_symbols(&carried::symbols(&other));
            if blocks.len() == best.len() {
                for (found, again) in best.iter_mut().zip(blocks).filter(|(found, _)| found.is_err()) {
                    *found = again.or(found.clone());
                }
            }
        }
        best
    }

    fn read_symbols(self, symbols: &str) -> Vec<Result<Vec<u8>, ArmourError>> {
        let label: String = self.label.split(' ').collect();
        let begins = marks(symbols, &format!("BEGINCALLSIGN{label}"));
        let ends = marks(symbols, &format!("ENDCALLSIGN{label}"));
        let mut later = ends.into_iter().peekable();
        let mut blocks = Vec::with_capacity(begins.len());
        for (at, begin) in begins.iter().enumerate() {
            let next = begins.get(at + 1).map_or(symbols.len(), |next| next.start);
            while later.next_if(|end| end.start < begin.end).is_some() {}
            let end = later.peek().filter(|end| end.start < next);
            blocks.push(
                end.ok_or(ArmourError::Unended)
                    .and_then(|end| self.read_body(&symbols[begin.end..end.start])),
            );
        }
        blocks
    }

    fn read_body(self, body: &str) -> Result<Vec<u8>, ArmourError> {
        let letters: String = body.chars().filter(|c| *c != carried::DASH).collect();
        let wanted = (self.len * 8).div_ceil(6);
        if letters.len() != wanted {
            return Err(ArmourError::Length { found: letters.len(), wanted });
        }
        // The last character has bits beyond the last byte, which are zero.
        BASE64_NOPAD.decode(letters.as_bytes()).map_err(|_| ArmourError::Characters)
    }
}

/// One block of lines, each ending in a line feed.
pub fn armour(letter: &Letter) -> String {
    LETTER.write(letter.0.as_slice())
}

/// Every letter of a text in whatever encoding, in order, good ones and bad ones. What stands around them does not matter,
/// nor does what mail programs and messengers do to them (docs/protocol.md, section 2.1). Takes time and room in
/// proportion to the text.
pub fn read(carried: &[u8]) -> Vec<Result<Letter, ArmourError>> {
    let letter = |bytes: Vec<u8>| {
        let found = bytes.len();
        Letter::from_bytes(&bytes).map_err(|_| ArmourError::Length { found, wanted: LETTER_LEN })
    };
    LETTER.read(carried).into_iter().map(|block| block.and_then(letter)).collect()
}

/// Where a line of words stands that has a dash on one side at least: prose that speaks of such a line has none.
fn marks(symbols: &str, words: &str) -> Vec<std::ops::Range<usize>> {
    let upper = symbols.to_ascii_uppercase();
    let is_marked = |at: usize| {
        upper[..at].ends_with(carried::DASH) || upper[at + words.len()..].starts_with(carried::DASH)
    };
    let found = upper.match_indices(words).map(|(at, _)| at);
    found.filter(|at| is_marked(*at)).map(|at| at..at + words.len()).collect()
}

#[cfg(test)]
mod tests;
