//! Call signs: two words and two digits to speak over a telephone, made from a caller's identifier.

use std::fmt;

use data_encoding::HEXLOWER;
use thiserror::Error;

use crate::{caller_keys::CallerId, words};

/// `word-word-NN`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallSign {
    spoken: String,
}

/// A call sign as an operator types it: perhaps with the mark that tells two callers of one call sign apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSignQuery {
    sign: CallSign,
    mark: Option<String>,
}

/// Not of the shape `word-word-NN` or `word-word-NN/xxxxxxxx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a call sign is two words and two digits, such as river-stone-42")]
pub struct NotACallSign;

impl CallSign {
    /// The call sign of a caller.
    pub fn of(id: &CallerId) -> Self {
        let two = words::from_bits(&id.0, 2);
        let number = u16::from_be_bytes([id.0[4], id.0[5]]) % 100;
        Self { spoken: format!("{}-{}-{number:02}", two[0], two[1]) }
    }

    /// The call sign with the mark of one caller: `word-word-NN/xxxxxxxx`.
    pub fn marked(id: &CallerId) -> String {
        format!("{}/{}", Self::of(id), mark(id))
    }

    /// `word-word-NN`.
    pub fn as_str(&self) -> &str {
        &self.spoken
    }
}

impl fmt::Display for CallSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spoken)
    }
}

impl CallSignQuery {
    /// Reads `word-word-NN` or `word-word-NN/xxxxxxxx`; case does not matter, spaces stand for dashes.
    pub fn parse(typed: &str) -> Result<Self, NotACallSign> {
        let folded = typed.trim().to_lowercase();
        let (sign, mark) = match folded.split_once('/') {
            Some((sign, mark)) => (sign.trim_end(), Some(mark.to_owned())),
            None => (folded.as_str(), None),
        };
        let pieces: Vec<&str> =
            sign.split(|c: char| c == '-' || c.is_whitespace()).filter(|piece| !piece.is_empty()).collect();
        let [first, second, number] = pieces[..] else { return Err(NotACallSign) };
        let digits = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
        let marked = mark.as_ref().is_none_or(|m| m.len() == 8 && m.bytes().all(|b| b.is_ascii_hexdigit()));
        if !digits || !marked || words::index(first).is_none() || words::index(second).is_none() {
            return Err(NotACallSign);
        }
        Ok(Self { sign: CallSign { spoken: format!("{first}-{second}-{number}") }, mark })
    }

    /// Whether this caller is meant.
    pub fn matches(&self, id: &CallerId) -> bool {
        CallSign::of(id) == self.sign && self.mark.as_ref().is_none_or(|m| *m == mark(id))
    }
}

fn mark(id: &CallerId) -> String {
    // The call sign is made of the first six bytes: all who share it share those, or nearly.
    HEXLOWER.encode(&id.0[6..10])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Bytes;

    #[test]
    fn a_call_sign_is_found_as_people_type_it() {
        let mut bytes = [0; 16];
        bytes[5] = 107;
        let id = Bytes(bytes);
        assert_eq!(CallSign::of(&id).as_str(), "abandon-abandon-07");
        for typed in ["abandon-abandon-07", " Abandon ABANDON 07 ", "abandon-abandon-07/00000000"] {
            assert!(CallSignQuery::parse(typed).unwrap().matches(&id), "{typed}");
        }
        assert!(!CallSignQuery::parse("abandon-abandon-07/00000001").unwrap().matches(&id));
        assert!(!CallSignQuery::parse("abandon-ability-07").unwrap().matches(&id));
        let mut twin = id;
        twin.0[9] = 1;
        assert_eq!(CallSign::of(&twin), CallSign::of(&id));
        assert!(!CallSignQuery::parse(&CallSign::marked(&id)).unwrap().matches(&twin));
        for bad in
            ["", "abandon-07", "abandon-abandon-7", "abandon-abandon-077", "x-y-07", "abandon-abandon-07/zz"]
        {
            assert_eq!(CallSignQuery::parse(bad), Err(NotACallSign), "{bad}");
        }
    }
}
