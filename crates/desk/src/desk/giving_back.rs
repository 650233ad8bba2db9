//! Giving an answer back to its author: one that was taken back, or that the log did not take, is a draft again.

use std::collections::{BTreeMap, BTreeSet};

use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds};

use super::drafts::NewDraft;
use crate::{
    Desk, DeskError,
    cases::{Answer, AnswerQueued, Case, SecondReader},
    device::DeviceState,
    store::{KeptDraft, OlderDraft, PutAside},
};

impl Desk {
    /// Puts an answer that was taken back into its case's box, with its wish for a second reader, so that its author writes on; whether it did:
    /// what somebody is writing there stays.
    ///
    /// # Errors
    /// Those of [`Desk::save_draft`].
    pub fn bring_back(&self, caller: &CallerId, answer: &Answer) -> Result<bool, DeskError> {
        let now = self.now();
        let mut state = self.state();
        let case = state.case(caller)?;
        let wish = answer.second_reader != SecondReader::Unneeded;
        let is_in_box = state.fill_box(&case, &answer.text(), wish, now)?;
        drop(state);
        self.tell_change();
        Ok(is_in_box)
    }
}

impl DeviceState {
    /// Keeps what this device's person wrote and the log does not take: in its case's box, or below that where something else stands there.
    pub(crate) fn keep_unsent(&mut self, unsent: &[AnswerQueued], now: UnixSeconds) -> Result<(), DeskError> {
        let answers: BTreeSet<_> = unsent.iter().map(|part| (part.caller, part.answer)).collect();
        for (caller, answer) in answers {
            let parts = || unsent.iter().filter(|part| part.answer == answer);
            let texts: BTreeMap<u8, &str> = parts().map(|part| (part.part, part.text.as_str())).collect();
            let text: String = texts.into_values().collect();
            let wish = parts().any(|part| part.second_reader);
            let case = match self.case(&caller) {
                // It was erased, and stays so.
                Err(DeskError::NoSuchCall) => continue,
                case => case?,
            };
            if !self.fill_box(&case, &text, wish, now)?
                && let Some((number, mut draft)) = self.draft_of(&case, now)?
            {
                draft.put_below(&text, now);
                draft.version = self.random_id();
                self.keep_draft(number, &draft)?;
            }
        }
        Ok(())
    }

    /// Puts a text into a case's box; whether it stands there: what else is being written stays.
    fn fill_box(
        &mut self,
        case: &Case,
        text: &str,
        second_reader: bool,
        now: UnixSeconds,
    ) -> Result<bool, DeskError> {
        let place = u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
        let Some((number, draft)) = self.draft_of(case, now)? else {
            let caller = &case.id();
            self.begin_draft(case, &NewDraft { caller, text, place, second_reader, base: None }, now)?;
            return Ok(true);
        };
        if !draft.text.is_empty() {
            return Ok(draft.text == text);
        }
        let (version, text) = (self.random_id(), text.to_owned());
        // What was discarded can be taken back still.
        self.keep_draft(number, &KeptDraft { version, text, place, second_reader, saved: now, ..draft })?;
        Ok(true)
    }
}

impl KeptDraft {
    /// Keeps a text below the box, beside what a page or an answer has put there.
    fn put_below(&mut self, text: &str, now: UnixSeconds) {
        let stays =
            self.older.take().filter(|older| matches!(older.why, PutAside::OtherPage | PutAside::NotTaken));
        let text = match stays {
            Some(older) if older.text.contains(text) => older.text,
            Some(older) => format!("{}\n\n{text}", older.text),
            None => text.to_owned(),
        };
        self.older = Some(OlderDraft { text, since: now, why: PutAside::NotTaken });
    }
}
