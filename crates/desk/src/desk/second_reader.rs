//! The second reader: a colleague reads an answer before it leaves, and says yes to this very text, or why not.

use callsign_protocol::{caller_keys::CallerId, encoding::Bytes};
use thiserror::Error;

use crate::{
    Desk, DeskError,
    cases::{Answer, AnswerApproved, AnswerRefused, EventBody, EventId, READER_TEXT_MAX, is_readers_text},
    device::DeviceState,
};

/// Why nobody is an answer's second reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReaderError {
    /// The text is another one.
    #[error("the answer is not the one that was shown; read it again")]
    Changed,
    /// Nothing waits for one.
    #[error(
        "no answer to this caller waits for a second reader; look at the case again, for a colleague may have read it, or its author taken it back"
    )]
    Nothing,
    /// It is one's own.
    #[error("you wrote the answer that waits for a second reader; ask a colleague to read it")]
    Own,
    /// What is said to the author.
    #[error(
        "what you say to its author has 1 to {READER_TEXT_MAX} characters on one line; say it shorter, or in a note"
    )]
    Text,
}

impl Desk {
    /// The oldest answer to a caller that whoever works here may be the second reader of.
    ///
    /// # Errors
    /// [`ReaderError::Nothing`], [`ReaderError::Own`]
    pub fn to_read(&self, caller: &CallerId) -> Result<Answer, DeskError> {
        self.state().next_to_read(caller)
    }

    /// Whether an answer of these words, by whoever works at this device, waits for a second reader.
    ///
    /// # Errors
    /// Those of [`Desk::case`].
    pub fn waits_for_a_reader(&self, caller: &CallerId, text: &str) -> Result<bool, DeskError> {
        let (case, me) = (self.case(caller)?, self.me());
        let is_meant = |answer: &&Answer| Some(answer.by) == me && answer.text() == text;
        Ok(case.answers().filter(is_meant).last().is_some_and(Answer::waits_for_a_reader))
    }

    /// Lets an answer leave that a person has read; `digest` names the text that was shown to them.
    ///
    /// # Errors
    /// [`ReaderError::Changed`], [`ReaderError::Nothing`], [`ReaderError::Own`]
    pub fn approve(&self, caller: &CallerId, digest: &Bytes<32>) -> Result<EventId, DeskError> {
        self.act(|state| {
            let answer = state.read(caller, digest)?;
            Ok(EventBody::AnswerApproved(AnswerApproved { caller: *caller, answer, digest: *digest }))
        })
    }

    /// Keeps an answer from leaving that a person has read, and tells its author why.
    ///
    /// # Errors
    /// [`ReaderError::Changed`], [`ReaderError::Nothing`], [`ReaderError::Own`], [`ReaderError::Text`]
    pub fn refuse_answer(
        &self,
        caller: &CallerId,
        digest: &Bytes<32>,
        why: Option<&str>,
    ) -> Result<EventId, DeskError> {
        let text = why.map(|why| why.trim().to_owned());
        if !text.as_deref().is_none_or(is_readers_text) {
            return Err(ReaderError::Text.into());
        }
        self.act(|state| {
            let answer = state.read(caller, digest)?;
            Ok(EventBody::AnswerRefused(AnswerRefused { caller: *caller, answer, digest: *digest, text }))
        })
    }
}

impl DeviceState {
    fn next_to_read(&mut self, caller: &CallerId) -> Result<Answer, DeskError> {
        let (case, own) = (self.case(caller)?, self.keys.author);
        let waits = || case.answers().filter(|answer| answer.waits_for_a_reader() && answer.is_whole());
        let meant = waits().find(|answer| self.log.view.may_read_over(&own, answer)).cloned();
        let why = if waits().next().is_some() { ReaderError::Own } else { ReaderError::Nothing };
        Ok(meant.ok_or(why)?)
    }

    /// The answer whose text a person was shown.
    fn read(&mut self, caller: &CallerId, digest: &Bytes<32>) -> Result<Bytes<16>, DeskError> {
        let (case, own) = (self.case(caller)?, self.keys.author);
        let shown = case.answers().find(|answer| answer.waits_for_a_reader() && answer.digest() == *digest);
        match shown {
            Some(answer) if self.log.view.may_read_over(&own, answer) => Ok(answer.id),
            Some(_) => Err(ReaderError::Own.into()),
            // Says whether there is another one.
            None => Err(self.next_to_read(caller).err().unwrap_or_else(|| ReaderError::Changed.into())),
        }
    }
}
