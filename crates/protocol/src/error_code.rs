//! The stable codes of a hub's errors, with the status of each (docs/protocol.md, section 16).

use std::{convert::Infallible, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes of a code that is not in the list, at most; a longer text is none.
const UNKNOWN_MAX: usize = 32;

/// Why a hub did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// Another chunk lies at this address, or the snapshot takes none any more.
    ChunkConflict,
    /// The hub keeps no more content packs of this desk.
    ContentFull,
    /// The content pack is not the one of this address.
    ContentHash,
    /// The day is too far from the hub's, or before the last one that was posted to.
    DayRefused,
    /// The document does not verify, is not valid today, or breaks a rule.
    DocumentRefused,
    /// The code or the signature is not accepted.
    Forbidden,
    /// The keyring has begun another generation.
    Generation,
    /// The invitation is at another stage, or something else lies there already.
    InvitationConflict,
    /// The request is not what this address expects.
    Malformed,
    /// The address does not know this method.
    Method,
    /// There is nothing at this address.
    NotFound,
    /// The serial is not exactly one above that of the stored document.
    SerialConflict,
    /// The address needs a session that has not ended.
    SessionNeeded,
    /// The chunks are not exactly those that the commit names.
    SnapshotRefused,
    /// The request took too long.
    Timeout,
    /// The request is too long.
    TooLarge,
    /// The hub cannot do this now.
    Unavailable,
    /// What a hub of another version says; no hub of this one.
    Unknown(UnknownCode),
    /// The notice has no such shard.
    UnknownShard,
}

/// A code that is not in the list, fit to be shown: 1 to 32 lower-case ASCII letters and underscores, or nothing where
/// what came is no code at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCode(Box<str>);

impl ErrorCode {
    /// All that this version knows.
    pub const ALL: [Self; 18] = [
        Self::ChunkConflict,
        Self::ContentFull,
        Self::ContentHash,
        Self::DayRefused,
        Self::DocumentRefused,
        Self::Forbidden,
        Self::Generation,
        Self::InvitationConflict,
        Self::Malformed,
        Self::Method,
        Self::NotFound,
        Self::SerialConflict,
        Self::SessionNeeded,
        Self::SnapshotRefused,
        Self::Timeout,
        Self::TooLarge,
        Self::Unavailable,
        Self::UnknownShard,
    ];

    /// The text and HTTP's status. One that is unknown has no status of its own: it is what it came with.
    fn row(&self) -> (&str, Option<u16>) {
        let (text, status) = match self {
            Self::ChunkConflict => ("chunk_conflict", 409),
            Self::ContentFull => ("content_full", 507),
            Self::ContentHash => ("content_hash", 400),
            Self::DayRefused => ("day_refused", 400),
            Self::DocumentRefused => ("document_refused", 400),
            Self::Forbidden => ("forbidden", 403),
            Self::Generation => ("generation", 412),
            Self::InvitationConflict => ("invitation_conflict", 409),
            Self::Malformed => ("malformed", 400),
            Self::Method => ("method", 405),
            Self::NotFound => ("not_found", 404),
            Self::SerialConflict => ("serial_conflict", 409),
            Self::SessionNeeded => ("session_needed", 401),
            Self::SnapshotRefused => ("snapshot_refused", 400),
            Self::Timeout => ("timeout", 408),
            Self::TooLarge => ("too_large", 413),
            Self::Unavailable => ("unavailable", 503),
            Self::Unknown(UnknownCode(text)) => return (text, None),
            Self::UnknownShard => ("unknown_shard", 400),
        };
        (text, Some(status))
    }

    /// The status that it is answered with; none where the code is unknown.
    pub fn status(&self) -> Option<u16> {
        self.row().1
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().0)
    }
}

impl FromStr for ErrorCode {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let known = Self::ALL.into_iter().find(|code| code.row().0 == text);
        Ok(known.unwrap_or_else(|| Self::Unknown(UnknownCode::of(text))))
    }
}

impl UnknownCode {
    fn of(text: &str) -> Self {
        let is_code =
            text.len() <= UNKNOWN_MAX && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        Self(if is_code { text.into() } else { "".into() })
    }

    /// Whether what came is no code at all, but another's text.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Ok(code) = String::deserialize(deserializer)?.parse();
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ErrorCode {
        let Ok(code) = text.parse();
        code
    }

    #[test]
    fn codes_are_read_as_they_are_written_and_another_hubs_text_is_never_shown() {
        for code in ErrorCode::ALL {
            assert_eq!(read(&code.to_string()), code);
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{code}\""));
        }
        let ErrorCode::Unknown(newer) = read("not_known_yet") else { panic!("it is not in the list") };
        assert!(!newer.is_none());
        assert_eq!(ErrorCode::Unknown(newer).to_string(), "not_known_yet");
        for text in ["", "Serial", "a b", "\u{1b}[2J", "x;y", "generation ", &"a".repeat(33)] {
            let ErrorCode::Unknown(other) = read(text) else { panic!("{text} is not in the list") };
            assert!(other.is_none(), "{text}");
        }
    }
}
