//! Answers: an operator has written a part of one, which waits for its drop.

use callsign_protocol::{
    caller_keys::CallerId,
    derive::sha256_id,
    drop::{ANSWER_PARTS_MAX, is_answer_part},
    encoding::Bytes,
    keyring::DeviceId,
    time::UnixSeconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Cases, Event, EventBody, EventId, Unread,
    act::{Act, EventKind, Refusal, Writer},
    conversation::{Answer, AnswerText, Case, Item, Keeps},
    flags::Flag,
    people::{LEARNERS, OPERATORS},
    second_reader::SecondReader,
};

/// An operator has written a part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerQueued {
    /// To whom.
    pub caller: CallerId,
    /// The answer.
    pub answer: Bytes<16>,
    /// From 1.
    pub part: u8,
    /// 1 to 16.
    pub parts: u8,
    /// This part of the text.
    pub text: String,
    /// When, in whole minutes.
    pub queued: UnixSeconds,
    /// Whether its author wants another person to read it before it leaves. The first part decides.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_reader: bool,
    /// What the caller had written when its author wrote it, as [`Case::asked`] names it. The first part decides. None where it is told again
    /// to a log that has lost it: it was judged before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Bytes<16>>,
}

impl EventKind for AnswerQueued {
    fn noun(&self) -> &'static str {
        "an answer"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::LearnerAnywhere(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// A text that fits no drop would stop the cadence at its turn, and nobody goes on with what a colleague has begun to say.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let is_part = (1..=self.parts).contains(&self.part) && self.parts <= ANSWER_PARTS_MAX;
        if !is_part || !is_answer_part(&self.text) {
            return Err(Refusal::Numbers);
        }
        let begun = state.loaded(&self.caller).and_then(|case| case.answer(&self.answer));
        let is_own = |answer: &Answer| state.person_of(&act.origin.author) == Some(answer.by);
        if begun.is_none_or(is_own) { Ok(()) } else { Err(Refusal::TooLate) }
    }

    /// The place of its first part decides for all, but that any part of a trainee's makes the whole wait for a reader.
    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let (queued, order) = (act.origin.not_after(self.queued, state), state.order);
        let author = &act.origin.author;
        let Some(by) = state.person_of(author) else { return };
        let case = state.loaded(&self.caller);
        let is_trainee = state.is_trainee(author);
        // Who has the case is the mentor, and a trainee's answer leaves with a second reader's yes alone.
        let is_held = !is_trainee && case.is_some_and(|case| case.holds_answers_of(&by));
        let is_overtaken = || case.is_some_and(|case| self.seen.is_some_and(|seen| seen != case.asked()));
        let kept_back = match is_held {
            true => Keeps::Held,
            false if is_overtaken() => Keeps::Overtaken,
            false => Keeps::Nothing,
        };
        let is_read =
            self.second_reader || is_trainee || case.is_some_and(|case| case.has_flag(Flag::Coerced));
        let second_reader = if is_read { SecondReader::Waited } else { SecondReader::Unneeded };
        let parts = vec![None; usize::from(self.parts.min(ANSWER_PARTS_MAX))];
        let new = Answer { id: self.answer, parts, queued, by, kept_back, second_reader };
        state.with(&self.caller, |case| {
            // Who takes the case has to have seen it; a trainee has none.
            if !is_held && !is_trainee && case.last_touch.is_some() && case.answer(&self.answer).is_none() {
                case.last_touch = Some(act.event.id);
            }
            case.answer_queued(self, new, order);
            if is_trainee && let Some(answer) = case.answer_mut(&self.answer) {
                answer.is_to_be_read();
            }
        });
    }
}

/// An answer that was held may leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerReleased {
    /// To whom.
    pub caller: CallerId,
    /// Which.
    pub answer: Bytes<16>,
    /// What the caller had written when its author let it go, as [`Case::asked`] names it. None where it is told again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Bytes<16>>,
}

/// An answer is taken back before any of it was posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerWithdrawn {
    /// To whom.
    pub caller: CallerId,
    /// Which.
    pub answer: Bytes<16>,
}

impl EventKind for AnswerReleased {
    fn noun(&self) -> &'static str {
        "the release of an answer"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// Whoever has the case decides; where nobody is at work on it, whoever wrote it. Nobody lets it go beside a message that they have not seen.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        let answer = case.answer(&self.answer).ok_or(Refusal::TooLate)?;
        if !answer.is_held() || self.seen.is_some_and(|seen| seen != case.asked()) {
            return Err(Refusal::TooLate);
        }
        if state.is_anothers(case, &act.origin.author) {
            return Err(Refusal::Claimed);
        }
        if state.may_decide(&act.origin.author, case, answer) { Ok(()) } else { Err(Refusal::Claimed) }
    }

    /// Who has not seen that it leaves must not answer beside it.
    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        state.with(&self.caller, |case| {
            case.keep_back(&self.answer, Keeps::Nothing);
            case.last_touch = Some(act.event.id);
        });
    }
}

impl EventKind for AnswerWithdrawn {
    fn noun(&self) -> &'static str {
        "the taking back of an answer"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(LEARNERS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// No caller gets half an answer: once a drop has carried a part of it, it is too late.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        let answer = case.answer(&self.answer).ok_or(Refusal::TooLate)?;
        if answer.has_begun() || answer.kept_back == Keeps::TakenBack {
            return Err(Refusal::TooLate);
        }
        if state.may_decide(&act.origin.author, case, answer) { Ok(()) } else { Err(Refusal::Claimed) }
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.with(&self.caller, |case| case.keep_back(&self.answer, Keeps::TakenBack));
    }
}

impl Cases {
    /// Whether what becomes of an answer is a device's person's to say: whoever wrote it, or has the case.
    pub(crate) fn may_decide(&self, device: &DeviceId, case: &Case, answer: &Answer) -> bool {
        self.person_of(device).is_some_and(|person| person == answer.by || case.is_held_by(&person))
    }
}

impl Event {
    /// The event of a part of an answer: writing the same one again makes the same event.
    pub fn answer_queued(queued: AnswerQueued) -> Self {
        let id = AnswerQueued::event_id(&queued.answer, queued.part);
        Self { id, body: EventBody::AnswerQueued(queued) }
    }

    /// As it is told again to a log that has lost it, `cases` being the state that knows it: later messages may stand before an answer
    /// there, and one that was free to leave stays so.
    ///
    /// # Errors
    /// [`Unread`]
    pub(crate) fn judged(mut self, cases: &Cases) -> Result<Self, Unread> {
        match &mut self.body {
            EventBody::AnswerQueued(queued) => {
                let case = cases.get(&queued.caller)?;
                let is_held = |answer: &Answer| answer.kept_back == Keeps::Overtaken;
                if !case.is_some_and(|case| case.answer(&queued.answer).is_some_and(is_held)) {
                    queued.seen = None;
                }
            }
            EventBody::AnswerReleased(released) => released.seen = None,
            _ => {}
        }
        Ok(self)
    }
}

impl AnswerQueued {
    /// The id of the event of a part, from 1, of an answer: all devices make the same one.
    pub(crate) fn event_id(answer: &Bytes<16>, part: u8) -> EventId {
        sha256_id(&[b"answer part", &answer.0, &[part]])
    }
}

impl Case {
    /// An answer of the desk.
    pub fn answer(&self, id: &Bytes<16>) -> Option<&Answer> {
        self.items.iter().find_map(|item| match item {
            Item::Answer(answer) if answer.id == *id => Some(answer),
            _ => None,
        })
    }

    /// The same, to be changed.
    pub(super) fn answer_mut(&mut self, id: &Bytes<16>) -> Option<&mut Answer> {
        self.items.iter_mut().find_map(|item| match item {
            Item::Answer(answer) if answer.id == *id => Some(answer),
            _ => None,
        })
    }

    fn keep_back(&mut self, id: &Bytes<16>, keeps: Keeps) {
        if let Some(answer) = self.answer_mut(id) {
            answer.kept_back = keeps;
        }
    }

    fn answer_queued(&mut self, of: &AnswerQueued, new: Answer, order: u64) {
        let at = self.place_of(
            |item| matches!(item, Item::Answer(answer) if answer.id == of.answer),
            || Item::Answer(new),
        );
        if let Item::Answer(answer) = &mut self.items[at]
            && let Some(slot) = usize::from(of.part).checked_sub(1).and_then(|at| answer.parts.get_mut(at))
        {
            slot.get_or_insert_with(|| AnswerText { text: of.text.clone(), posted: false, order });
        }
    }
}

#[cfg(test)]
mod tests;
