//! Answers: an operator has written a part of one, which waits for its drop.

use callsign_protocol::{
    caller_keys::CallerId,
    derive::sha256_id,
    drop::{ANSWER_PARTS_MAX, is_answer_part},
    encoding::Bytes,
    time::UnixSeconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Cases, Event, EventBody, EventId,
    act::{Act, EventKind, Refusal, Writer},
    conversation::{Answer, AnswerText, Case, Item},
    people::OPERATORS,
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
}

impl EventKind for AnswerQueued {
    fn noun(&self) -> &'static str {
        "an answer"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// A text that fits no drop would stop the cadence at its turn.
    fn authorize(&self, _: &Act<'_>, _: &Cases) -> Result<(), Refusal> {
        let is_part = (1..=self.parts).contains(&self.part) && self.parts <= ANSWER_PARTS_MAX;
        if is_part && is_answer_part(&self.text) { Ok(()) } else { Err(Refusal::Numbers) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let queued = act.origin.not_after(self.queued, state);
        let order = state.order;
        state.with(&self.caller, |case| case.answer_queued(self, queued, order));
    }
}

impl Event {
    /// The event of a part of an answer: writing the same one again makes the same event.
    pub fn answer_queued(queued: AnswerQueued) -> Self {
        let id = AnswerQueued::event_id(&queued.answer, queued.part);
        Self { id, body: EventBody::AnswerQueued(queued) }
    }
}

impl AnswerQueued {
    /// The id of the event of a part, from 1, of an answer: all devices make the same one.
    pub(crate) fn event_id(answer: &Bytes<16>, part: u8) -> EventId {
        sha256_id(&[b"answer part", &answer.0, &[part]])
    }
}

impl Case {
    fn answer_queued(&mut self, of: &AnswerQueued, queued: UnixSeconds, order: u64) {
        let at = self.place_of(
            |item| matches!(item, Item::Answer(answer) if answer.id == of.answer),
            || {
                let parts = vec![None; usize::from(of.parts.min(ANSWER_PARTS_MAX))];
                Item::Answer(Answer { id: of.answer, parts, queued })
            },
        );
        if let Item::Answer(answer) = &mut self.items[at]
            && let Some(slot) = usize::from(of.part).checked_sub(1).and_then(|at| answer.parts.get_mut(at))
        {
            slot.get_or_insert_with(|| AnswerText { text: of.text.clone(), posted: false, order });
        }
    }
}
