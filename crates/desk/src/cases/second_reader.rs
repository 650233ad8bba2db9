//! The second reader: an answer that another person has to read before any of it leaves, bound to its text.

use callsign_protocol::{
    caller_keys::CallerId, derive::sha256, encoding::Bytes, invisible::is_blank, keyring::DeviceId,
};
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, PersonId,
    act::{Act, EventKind, Refusal, Writer},
    conversation::{Answer, Keeps},
    people::OPERATORS,
};

/// Characters (Unicode scalar values) of what a reader says to the author at most.
pub const READER_TEXT_MAX: usize = 300;

/// A second person has read an answer, and it may leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerApproved {
    /// To whom the answer is.
    pub caller: CallerId,
    /// Which.
    pub answer: Bytes<16>,
    /// Of the text that they read: [`Answer::digest`].
    pub digest: Bytes<32>,
}

/// A second person has read an answer, and it must not leave as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRefused {
    /// To whom the answer is.
    pub caller: CallerId,
    /// Which.
    pub answer: Bytes<16>,
    /// Of the text that they read: [`Answer::digest`].
    pub digest: Bytes<32>,
    /// Why, for its author: one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What a second reader says of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Who.
    pub by: PersonId,
    /// Whether it may leave.
    pub agreed: bool,
    /// Why it may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Whether an answer has to be read by a second person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondReader {
    /// It has not.
    #[default]
    Unneeded,
    /// It has, and nobody has.
    Waited,
    /// Somebody has.
    Read(Reading),
}

impl EventKind for AnswerApproved {
    fn noun(&self) -> &'static str {
        "a second reader's yes"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        may_read(act, state, (&self.caller, &self.answer, &self.digest))
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let Some(by) = state.person_of(&act.origin.author) else { return };
        let reading = Reading { by, agreed: true, text: None };
        state.with(&self.caller, |case| case.read_over(&self.answer, reading));
    }
}

impl EventKind for AnswerRefused {
    fn noun(&self) -> &'static str {
        "a second reader's no"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        if !self.text.as_deref().is_none_or(is_readers_text) {
            return Err(Refusal::Numbers);
        }
        may_read(act, state, (&self.caller, &self.answer, &self.digest))
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let Some(by) = state.person_of(&act.origin.author) else { return };
        let reading = Reading { by, agreed: false, text: self.text.clone() };
        state.with(&self.caller, |case| case.read_over(&self.answer, reading));
    }
}

/// Nobody reads their own answer, and nobody says yes to a text that they have not seen. The first word counts.
fn may_read(
    act: &Act<'_>,
    state: &Cases,
    (caller, answer, digest): (&CallerId, &Bytes<16>, &Bytes<32>),
) -> Result<(), Refusal> {
    let case = state.loaded(caller).ok_or(Refusal::Case)?;
    let answer = case.answer(answer).ok_or(Refusal::TooLate)?;
    if state.person_of(&act.origin.author) == Some(answer.by) {
        return Err(Refusal::Reader);
    }
    let waits = answer.waits_for_a_reader() && answer.is_whole() && answer.digest() == *digest;
    if waits { Ok(()) } else { Err(Refusal::TooLate) }
}

/// Whether a text is one that a reader says: one line that can be seen.
pub fn is_readers_text(text: &str) -> bool {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    !is_blank(text) && text.chars().count() <= READER_TEXT_MAX && !text.chars().any(breaks)
}

impl Answer {
    /// Names its text, 32 bytes: `SHA-256("callsign/v1 answer text" || 0x00 || id || text)`. A changed letter makes another.
    pub fn digest(&self) -> Bytes<32> {
        Bytes(sha256(&[b"callsign/v1 answer text\0", &self.id.0, self.text().as_bytes()]))
    }

    /// Whether all its parts are in the log.
    pub fn is_whole(&self) -> bool {
        self.parts.iter().all(Option::is_some)
    }

    /// Whether it leaves once a second person has read it, and nobody has.
    pub fn waits_for_a_reader(&self) -> bool {
        self.kept_back != Keeps::TakenBack && self.second_reader == SecondReader::Waited
    }

    /// It leaves with a second reader's yes alone, from now on.
    pub(super) fn is_to_be_read(&mut self) {
        if self.second_reader == SecondReader::Unneeded {
            self.second_reader = SecondReader::Waited;
        }
    }

    /// What its second reader said; none where nobody has read it.
    pub fn reading(&self) -> Option<&Reading> {
        match &self.second_reader {
            SecondReader::Read(reading) => Some(reading),
            SecondReader::Unneeded | SecondReader::Waited => None,
        }
    }
}

impl Cases {
    /// Whether a device's person may be the second reader of an answer that waits for one.
    pub fn may_read_over(&self, device: &DeviceId, answer: &Answer) -> bool {
        answer.waits_for_a_reader() && self.person_of(device).is_some_and(|person| person != answer.by)
    }
}

impl Case {
    fn read_over(&mut self, id: &Bytes<16>, reading: Reading) {
        if let Some(answer) = self.answer_mut(id) {
            answer.second_reader = SecondReader::Read(reading);
        }
    }
}

#[cfg(test)]
mod tests;
