//! Whether what is seen is what the books say.

use std::collections::BTreeSet;

use callsign_caller::mailbox::Reading;
use callsign_desk::cases::{self, Case, Item, Keeps};
use callsign_protocol::time::UnixSeconds;

use super::{
    Failure,
    books::{Answer, Books, Call, Fate, Sure, Taken},
};

impl Books {
    /// What a device shows of a caller; `is_log` where nothing of it waits for a commit.
    pub(super) fn saw(&mut self, caller: usize, case: &Case, is_log: bool) -> Result<(), Failure> {
        if case.closed().is_some() && !case.unopened().is_empty() {
            return Err(Failure::new("a closed case has a message that nobody has opened", &caller));
        }
        if case.claim().is_none() && (case.offer().is_some() || !case.asked_for().is_empty()) {
            return Err(Failure::new("a case that nobody has is offered, or asked for", &caller));
        }
        let is_note = |text: &str| {
            text.is_empty() || text.starts_with("note ") || text.bytes().all(|byte| byte == b'x')
        };
        if let Some(note) = case.notes().iter().find(|note| !is_note(&note.text())) {
            return Err(Failure::new("nobody wrote a note", &note.id));
        }
        let mut seen = BTreeSet::new();
        for item in &case.items {
            match item {
                Item::Call(call) if seen.insert(call.id) => self.saw_call(caller, call, is_log)?,
                Item::Call(call) => return Err(Failure::new("a call is there twice", &call.id)),
                Item::Answer(answer) => {
                    if text(answer).is_some_and(|text| !self.wrote_answer(caller, &text)) {
                        return Err(Failure::new("nobody wrote an answer", &answer.id));
                    }
                    if is_log && answer.kept_back == Keeps::TakenBack {
                        self.saw_taken_back(answer)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn saw_taken_back(&mut self, shown: &cases::Answer) -> Result<(), Failure> {
        let text = shown.text();
        if let Some(answer) = self.answers.iter_mut().find(|answer| answer.text.starts_with(&text)) {
            if !answer.notes.contains(&Fate::MayBeTakenBack) {
                return Err(Failure::new("an answer is taken back, and nobody did that", answer));
            }
            answer.notes.insert(Fate::TakenBack);
        }
        Ok(())
    }

    /// What callers were sent, whoever wrote it: nothing that was taken back, nothing that its author was told is held, and no two
    /// answers of two people of whom neither knew of the other's.
    pub(super) fn check_posted(&self, caller: usize, texts: &[&str]) -> Result<(), Failure> {
        let is_clear = |answer: &Answer| !answer.notes.contains(&Fate::MayLeave) && !answer.may_be_erased;
        let is_posted = |answer: &Answer| texts.iter().any(|text| answer.text == **text);
        let of_caller = self.answers.iter().enumerate().filter(|(_, answer)| answer.caller == caller);
        let posted: Vec<_> = of_caller.filter(|(_, answer)| is_posted(answer)).collect();
        for (_, answer) in &posted {
            if answer.notes.contains(&Fate::TakenBack) {
                return Err(Failure::new("an answer that was taken back was posted", answer));
            }
            if answer.notes.contains(&Fate::Held) && is_clear(answer) {
                return Err(Failure::new("an answer that was held was posted", answer));
            }
        }
        for (at, (number, second)) in posted.iter().enumerate() {
            let blind = posted[..at].iter().find(|(before, first)| {
                first.by != second.by && !second.seen.contains(before) && is_clear(first)
            });
            if let Some((_, first)) = blind.filter(|_| is_clear(second)) {
                return Err(Failure::new(
                    "two people have answered one caller twice",
                    &(first, number, second),
                ));
            }
        }
        Ok(())
    }

    fn saw_call(&mut self, caller: usize, call: &cases::Call, is_log: bool) -> Result<(), Failure> {
        let number = self.number(&call.id).ok_or_else(|| Failure::new("nobody wrote a call", &call.id))?;
        let known = &mut self.calls[number];
        if known.caller != caller || call.parts.len() != known.parts.len() {
            return Err(Failure::new("a call is not the one that was written", known));
        }
        for (part, seen) in known.parts.iter_mut().zip(&call.parts) {
            part.is_logged |= is_log && seen.is_some();
            if seen.as_ref().is_some_and(|seen| *seen != part.text) {
                return Err(Failure::new("a call's bytes are not those that were written", &number));
            }
        }
        if call.opened && known.opened == Sure::No {
            return Err(Failure::new("a call counts as opened that nobody has opened", known));
        }
        Ok(())
    }

    /// What must be at the desk by now, and what must not.
    pub(super) fn check_known(&self, caller: usize, case: Option<&Case>) -> Result<(), Failure> {
        for call in self.calls.iter().filter(|call| call.caller == caller) {
            let known = case.and_then(|case| case.calls().find(|known| known.id == call.id));
            if call.erased == Sure::Yes && known.is_some() {
                return Err(Failure::new("an erased call is there again", call));
            }
            if call.erased == Sure::No && call.taken != Taken::Expired && !holds_all_told(call, known) {
                return Err(Failure::new("a stored call is not at the desk", call));
            }
        }
        let must = |answer: &&Answer| answer.caller == caller && answer.is_sure && !answer.may_be_erased;
        for answer in self.answers.iter().filter(must) {
            let all = case.into_iter().flat_map(|case| &case.items);
            let copies = all.filter(
                |item| matches!(item, Item::Answer(shown) if text(shown).as_ref() == Some(&answer.text)),
            );
            if copies.count() != 1 {
                return Err(Failure::new("an answer in the log is not there once", answer));
            }
        }
        Ok(())
    }

    /// What a caller has read, whoever was told what and when; no clock of the desk has shown a later time than `latest`.
    pub(super) fn check_reading(
        &self,
        caller: usize,
        reading: &Reading,
        latest: UnixSeconds,
    ) -> Result<(), Failure> {
        let mut seen = BTreeSet::new();
        for answer in &reading.answers {
            if !self.wrote_answer(caller, &answer.text) || !seen.insert(&answer.text) {
                return Err(Failure::new("an answer was read that nobody wrote, or twice", &answer.text));
            }
        }
        let texts: Vec<&str> = reading.answers.iter().map(|answer| answer.text.as_str()).collect();
        self.check_posted(caller, &texts)?;
        for id in &reading.opened {
            let call = self.number(id).map(|call| &self.calls[call]);
            if !call.is_some_and(|call| call.caller == caller && call.opened > Sure::No) {
                return Err(Failure::new("a second tick without a person", id));
            }
        }
        if !reading.contradicted.is_empty() {
            return Err(Failure::new("a list contradicts its signature", &reading.contradicted));
        }
        let day = latest.day();
        if reading.desk_seen > Some((day, latest.minute_of(day))) {
            return Err(Failure::new("the desk was seen at a time to come", &(reading.desk_seen, latest)));
        }
        if reading.withheld > 0 {
            return Err(Failure::new("drops seem to be withheld", &reading.withheld));
        }
        Ok(())
    }
}

fn holds_all_told(call: &Call, known: Option<&cases::Call>) -> bool {
    let holds = |at: usize| known.is_some_and(|known| known.parts[at].is_some());
    call.parts.iter().enumerate().all(|(at, part)| !part.is_told || holds(at))
}

/// The text of an answer that is whole.
fn text(answer: &cases::Answer) -> Option<String> {
    answer.parts.iter().map(|part| part.as_ref().map(|part| part.text.as_str())).collect()
}
