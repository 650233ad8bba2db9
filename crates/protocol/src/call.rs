//! What a caller says to the desk: the sealed payload of cells, and cutting a text into parts.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    caller_keys::{CallerId, CallerPublicKey, DropSecret, caller_id},
    encoding::Bytes,
    invisible::is_blank,
    json::{self, JsonError},
    time::{Day, Week},
};

/// Bytes of a cell's payload at most, proof and JSON.
pub const PAYLOAD_MAX: usize = 2_951;
/// Bytes of the proof before the JSON.
pub(crate) const PROOF_LEN: usize = 32;
/// Parts of a message at most.
pub const PARTS_MAX: u8 = 8;
/// Bytes of a language tag or a track's id at most, as JSON without its quotes.
pub const LABEL_MAX: usize = 35;
/// Bytes of the answer to "when is it safe to look" at most, as JSON; likewise.
pub const SAFE_TIMES_MAX: usize = 300;
/// Weeks whose drop secrets travel in a cell from that of the epoch on: it and the next two.
const DROP_SECRET_WEEKS: u32 = 3;
/// Weeks whose drop secrets travel in a cell at most: one more where a week has just begun.
const CELL_SECRETS_MAX: u32 = DROP_SECRET_WEEKS + 1;
/// Days that the writer's day can be ahead of the desk's, and the epoch with it: a notice has keys of so many days to come.
const AHEAD_DAYS: u32 = 2;
/// Weeks ahead for which a caller may leave drop secrets: half a year.
pub const DROP_SECRET_WEEKS_MAX: u32 = 26;
/// Drop secrets in a part at most.
const DROP_SECRETS_MAX: usize = DROP_SECRET_WEEKS_MAX as usize + 1;
/// Bytes of a part's text, escaped as JSON: what is left of a payload beside the proof and the other members at their longest.
pub const PART_TEXT_MAX: usize = PAYLOAD_MAX - PROOF_LEN - 919;
/// Weeks whose drop secrets travel in a letter, from the one of two days before the writing: it may be long on its way.
const LETTER_SECRET_WEEKS: u32 = 26;
/// Bytes of the text of a letter's part, likewise: its other secrets take 59 bytes each at their longest, its expiry 21.
pub const LETTER_TEXT_MAX: usize =
    PART_TEXT_MAX - (LETTER_SECRET_WEEKS - CELL_SECRETS_MAX) as usize * 59 - 21;

/// One part of a call; the JSON of section 6.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallPart {
    /// The caller's X25519 key.
    pub caller: CallerPublicKey,
    /// Chooses the caller's shard.
    pub shard_bits: u16,
    /// Secrets of the drops of `weeks_of_cell`'s weeks; ascending, each week once.
    pub drop_secrets: Vec<(Week, DropSecret)>,
    /// The message that this is a part of.
    pub id: Bytes<16>,
    /// From 1.
    pub part: u8,
    /// 1 to 8.
    pub parts: u8,
    /// A track of the notice, or empty where the caller names none.
    pub track: String,
    /// The caller's language (BCP 47).
    pub language: String,
    /// This part of the text.
    pub text: String,
    /// When it is safe for the caller to look, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe_times: Option<String>,
}

/// What a payload says that it is; a text says nothing. Read apart from the other members, which may be others than a
/// text's.
#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// What a caller has written, before it is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// 16 random bytes.
    pub id: Bytes<16>,
    /// A track of the notice, or empty.
    pub track: String,
    /// BCP 47.
    pub language: String,
    /// Any text; goes through byte for byte.
    pub text: String,
    /// In the caller's words.
    pub safe_times: Option<String>,
}

/// Why a message is not sent. Nothing was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MessageError {
    /// No text.
    #[error("the message is empty; write something that can be seen")]
    Empty,
    /// A track or language over [`LABEL_MAX`] bytes, or safe times over [`SAFE_TIMES_MAX`].
    #[error("the track, the language or the safe times are too long; shorten them")]
    LabelTooLong,
    /// More than eight parts.
    #[error(
        "the message is too long: it would take {parts} parts, and {PARTS_MAX} is the limit; send it as several messages"
    )]
    TooLong {
        /// Parts that it would take.
        parts: usize,
    },
}

impl CallPart {
    /// Reads the JSON of a payload; none where it says that it is of another kind than a text.
    pub(crate) fn read(payload: &[u8]) -> Result<Option<Self>, JsonError> {
        match json::read(payload)? {
            Kind { kind: Some(_) } => Ok(None),
            Kind { kind: None } => json::read(payload).map(Some),
        }
    }

    /// The caller's identifier at this desk.
    pub fn caller_id(&self) -> CallerId {
        caller_id(&self.caller)
    }

    /// Whether all members are within the limits of section 6, with drop secrets of these weeks alone.
    pub(crate) fn keeps_limits(&self, weeks: &RangeInclusive<Week>) -> bool {
        (1..=PARTS_MAX).contains(&self.parts)
            && (1..=self.parts).contains(&self.part)
            && json_len(&self.track) <= LABEL_MAX
            && json_len(&self.language) <= LABEL_MAX
            && self.safe_times.as_ref().is_none_or(|times| json_len(times) <= SAFE_TIMES_MAX)
            && !self.text.is_empty()
            && (1..=DROP_SECRETS_MAX).contains(&self.drop_secrets.len())
            && self.drop_secrets.iter().all(|(week, _)| weeks.contains(week))
            && self.drop_secrets.is_sorted_by(|(earlier, _), (later, _)| earlier < later)
    }
}

/// Weeks whose drop secrets a cell carries, by its epoch: to two weeks after it, and from two days before it, for the desk
/// can be in the week before where the writer's clock is ahead.
pub(crate) fn weeks_of_cell(epoch: Day) -> RangeInclusive<Week> {
    first_week(epoch)..=epoch.week().plus(DROP_SECRET_WEEKS - 1)
}

/// Weeks whose drop secrets a letter carries, by the day of writing: 26, and the first likewise.
pub(crate) fn weeks_of_letter(written: Day) -> RangeInclusive<Week> {
    let first = first_week(written);
    first..=first.plus(LETTER_SECRET_WEEKS - 1)
}

/// Weeks whose drop secrets a desk takes with a cell of this epoch.
pub(crate) fn weeks_taken(epoch: Day) -> RangeInclusive<Week> {
    first_week(epoch)..=epoch.week().plus(DROP_SECRET_WEEKS_MAX)
}

fn first_week(day: Day) -> Week {
    day.minus(AHEAD_DAYS).week()
}

impl Message {
    /// The texts of the parts, in order; their concatenation is the text.
    pub fn part_texts(&self) -> Result<Vec<&str>, MessageError> {
        self.texts(PART_TEXT_MAX)
    }

    /// The same for the parts of a letter, which have less room.
    pub fn letter_texts(&self) -> Result<Vec<&str>, MessageError> {
        self.texts(LETTER_TEXT_MAX)
    }

    fn texts(&self, max: usize) -> Result<Vec<&str>, MessageError> {
        if is_blank(&self.text) {
            return Err(MessageError::Empty);
        }
        let label_fits = |label: &str| json_len(label) <= LABEL_MAX;
        let safe_times_fit = self.safe_times.as_ref().is_none_or(|times| json_len(times) <= SAFE_TIMES_MAX);
        if !label_fits(&self.track) || !label_fits(&self.language) || !safe_times_fit {
            return Err(MessageError::LabelTooLong);
        }
        let parts = split_json(&self.text, max);
        if parts.len() > usize::from(PARTS_MAX) {
            return Err(MessageError::TooLong { parts: parts.len() });
        }
        Ok(parts)
    }
}

/// Cuts a text between characters so that no piece takes more than `max` bytes inside a JSON string.
pub fn split_json(text: &str, max: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut len) = (0, 0);
    for (at, c) in text.char_indices() {
        let add = json_char_len(c);
        if len + add > max {
            pieces.push(&text[start..at]);
            (start, len) = (at, 0);
        }
        len += add;
    }
    pieces.push(&text[start..]);
    pieces
}

/// Bytes of a text inside a JSON string.
pub(crate) fn json_len(text: &str) -> usize {
    text.chars().map(json_char_len).sum()
}

/// Bytes of a character inside a JSON string (RFC 8259; the short escapes that every encoder uses).
fn json_char_len(c: char) -> usize {
    match c {
        '"' | '\\' | '\u{8}' | '\u{c}' | '\n' | '\r' | '\t' => 2,
        '\0'..='\u{1f}' => 6,
        _ => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(text: &str) -> Message {
        Message {
            id: Bytes([0; 16]),
            track: "t".repeat(LABEL_MAX),
            language: "l".repeat(LABEL_MAX),
            text: text.to_owned(),
            safe_times: Some("s".repeat(SAFE_TIMES_MAX)),
        }
    }

    /// The JSON of a part whose members are all at their longest.
    fn longest(message: &Message, text: &str) -> Vec<u8> {
        let part = CallPart {
            caller: Bytes([255; 32]),
            shard_bits: u16::MAX,
            drop_secrets: vec![
                (Week(u32::MAX), crate::encoding::Secret([255; 32]));
                CELL_SECRETS_MAX as usize
            ],
            id: Bytes([255; 16]),
            part: 8,
            parts: 8,
            track: message.track.clone(),
            language: message.language.clone(),
            text: text.to_owned(),
            safe_times: message.safe_times.clone(),
        };
        serde_json::to_vec(&part).unwrap()
    }

    #[test]
    fn the_longest_part_fits_a_cell() {
        let message = message(&"x".repeat(PART_TEXT_MAX * usize::from(PARTS_MAX)));
        let parts = message.part_texts().unwrap();
        assert_eq!(parts.len(), 8);
        let json = longest(&message, parts[0]).len();
        assert!(json + PROOF_LEN <= PAYLOAD_MAX, "{json}");
    }

    #[test]
    fn one_byte_more_than_eight_parts_is_refused_with_the_limit() {
        let message = message(&"x".repeat(PART_TEXT_MAX * usize::from(PARTS_MAX) + 1));
        assert_eq!(message.part_texts(), Err(MessageError::TooLong { parts: 9 }));
    }

    proptest! {
        #[test]
        fn parts_join_to_the_text_and_each_fits(text in "(\\PC|[\\x00-\\x1f\"\\\\]|[а-яёїієґ]|😀){1,3000}") {
            let message = message(&text);
            // A text that shows nothing is refused.
            prop_assume!(message.part_texts() != Err(MessageError::Empty));
            let parts = message.part_texts().unwrap();
            prop_assert_eq!(parts.concat(), text);
            for part in parts {
                prop_assert!(longest(&message, part).len() + PROOF_LEN <= PAYLOAD_MAX);
            }
        }
    }
}
