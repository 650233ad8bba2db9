//! Content packs: what a desk says to anyone, in one language, with who promises it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{VERSION, derive::sha256};

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
    /// Who has checked it; nobody yet where absent.
    pub reviewer: Option<String>,
    /// Who stands behind what it promises.
    pub promised_by: String,
    /// The last day on which it may be shown, `YYYY-MM-DD`.
    pub valid_until: String,
    /// Whether it is an example and not a desk's own text.
    #[serde(default)]
    pub sample: bool,
}

/// Why a content pack is not used.
#[derive(Debug, Error)]
pub enum ContentError {
    /// The bytes are not those that the notice names.
    #[error("the content pack is not the one that the notice names")]
    Hash,
    /// Not the JSON of section 5.2.
    #[error("the content pack is not readable: {0}")]
    Json(#[from] serde_json::Error),
    /// Over [`PACK_MAX`].
    #[error("the content pack is larger than {PACK_MAX} bytes")]
    TooLarge,
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
        let pack: Self = serde_json::from_slice(bytes)?;
        if pack.version == VERSION { Ok(pack) } else { Err(ContentError::Version) }
    }
}

/// The name of a pack: SHA-256 of its bytes, 64 hexadecimal digits.
pub fn pack_name(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&sha256(&[bytes]))
}
