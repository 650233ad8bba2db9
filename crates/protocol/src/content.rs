//! Content packs: what a desk says to anyone, in one language, with who promises it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    VERSION,
    derive::sha256,
    json::{self, JsonError},
};

/// Bytes of a pack at most.
pub const PACK_MAX: usize = 131_072;

/// All that a desk publishes in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentPack {
    /// Version of the schema.
    pub version: u8,
    /// Its language (BCP 47).
    pub language: String,
    /// Who runs the desk and for whom.
    pub about: String,
    /// What happens if…
    pub procedures: Vec<Procedure>,
}

/// One answer to "what happens if", with its responsibilities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    /// Short and stable.
    pub id: String,
    /// The track it belongs to.
    pub track: String,
    /// A question or a few words.
    pub title: String,
    /// Paragraphs separated by empty lines.
    pub text: String,
    /// Who keeps the text.
    pub owner: String,
    /// Who has checked it; nobody yet where null.
    #[serde(deserialize_with = "json::nullable")]
    pub reviewer: Option<String>,
    /// Who stands behind what it promises.
    pub promised_by: String,
    /// The last day on which it may be shown, `YYYY-MM-DD`.
    pub valid_until: String,
    /// Whether it is an example and not a desk's own text.
    #[serde(default)]
    pub sample: bool,
}

/// What is read before anything else of a pack.
#[derive(Deserialize)]
struct Preface {
    version: u8,
}

/// Why a content pack is not used.
#[derive(Debug, Error)]
pub enum ContentError {
    /// The bytes are not those that the notice names.
    #[error("the content pack is not the one that the notice names")]
    Hash,
    /// Not the JSON of section 5.2.
    #[error("the content pack is not the JSON of a pack")]
    Json(#[from] JsonError),
    /// Over [`PACK_MAX`].
    #[error("the content pack is larger than {PACK_MAX} bytes")]
    TooLarge,
    /// A last day that is not written as a date.
    #[error("a procedure's last day is not written as YYYY-MM-DD")]
    Date,
    /// A version that this program does not know.
    #[error("unknown version of the content pack")]
    Version,
}

impl ContentPack {
    /// Reads a pack; the name is checked by [`pack_name`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        if bytes.len() > PACK_MAX {
            return Err(ContentError::TooLarge);
        }
        let Preface { version } = json::read_with_nulls(bytes)?;
        if version != VERSION {
            return Err(ContentError::Version);
        }
        let pack: Self = json::read_with_nulls(bytes)?;
        if pack.procedures.iter().all(|procedure| is_date(&procedure.valid_until)) {
            Ok(pack)
        } else {
            Err(ContentError::Date)
        }
    }
}

/// Whether a text has the form of a date; texts of this form sort as their days do.
fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
}

/// The name of a pack: SHA-256 of its bytes, 64 hexadecimal digits.
pub fn pack_name(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&sha256(&[bytes]))
}

/// Whether a text can be the name of a pack.
pub fn is_pack_name(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
