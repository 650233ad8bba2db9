//! One test vector as JSON: what it is called, what it shows, what comes of it, and bytes or a change to another's bytes.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde_json::{Map, Value, json};

/// Lower-case hexadecimal, for short bytes.
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Base64url without padding, for long bytes; such members end in `_b64`.
pub fn b64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// A case under construction.
#[derive(Debug)]
pub struct Case(Map<String, Value>);

impl Case {
    /// A case with its name, the outcome expected, and one sentence.
    pub fn new(name: &str, outcome: &str, comment: &str) -> Self {
        Self(Map::new()).with("name", name).with("outcome", outcome).with("comment", comment)
    }

    /// One more member.
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.insert(member.to_owned(), value.into());
        self
    }

    /// Long bytes.
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.with("bytes_b64", b64(bytes))
    }

    /// The bytes of another case, to be changed.
    pub fn of(self, name: &str) -> Self {
        self.with("of", name)
    }

    /// Changes the bytes from `at` by exclusive or.
    pub fn xor(mut self, at: usize, with: &[u8]) -> Self {
        let changes = self.0.entry("xor").or_insert_with(|| json!([]));
        if let Some(changes) = changes.as_array_mut() {
            changes.push(json!([at, hex(with)]));
        }
        self
    }

    /// Keeps the first bytes only.
    pub fn keep(self, count: usize) -> Self {
        self.with("keep", count)
    }

    /// Puts bytes behind the others.
    pub fn append(self, bytes: &[u8]) -> Self {
        self.with("append", hex(bytes))
    }
}

impl From<Case> for Value {
    fn from(case: Case) -> Self {
        Self::Object(case.0)
    }
}
