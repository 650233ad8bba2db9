//! Which drop goes next: the answer that waits longest, else an "opened" that the caller has not been told of.

use callsign_protocol::{
    caller_keys::{CallerId, CallerPublicKey, DropSecret},
    drop::{AnswerPart, Drop, DropError, DropPayload, OPENED_MAX, PER_DAY, Place, Sender},
    encoding::Secret,
    event::EventBody,
    identity::Fingerprint,
    time::Day,
};
use rand_core::CryptoRng;

use super::{Case, Cases, Item, case::AnswerText};

/// A drop to be posted, and the event that must be in the same commit.
#[derive(Clone, Debug)]
pub struct PlannedDrop {
    id: CallerId,
    caller: CallerPublicKey,
    drop_secret: DropSecret,
    place: Place,
    payload: DropPayload,
}

impl Cases {
    /// The most urgent drop for `day` by posting slot `slot`; none where nothing waits that could be posted.
    pub fn next_drop(&self, day: Day, slot: u8) -> Option<PlannedDrop> {
        let postable = || self.cases.values().filter(move |case| case.next_place(day, slot).is_some());
        let answering = postable()
            .filter_map(|case| Some((case.longest_waiting()?.1.order, case)))
            .min_by_key(|(order, _)| *order);
        let case = match answering {
            Some((_, case)) => case,
            None => postable().find(|case| !case.untold.is_empty())?,
        };
        case.plan(day, slot)
    }
}

impl Case {
    fn plan(&self, day: Day, slot: u8) -> Option<PlannedDrop> {
        let answer = self.longest_waiting().map(|(answer, _)| answer);
        let opened = self.untold.iter().take(OPENED_MAX).copied().collect();
        let payload = DropPayload { number: self.last_number.saturating_add(1), answer, opened };
        let place = self.next_place(day, slot)?;
        let drop_secret = self.drop_secrets.get(&day.week())?.clone();
        Some(PlannedDrop { id: self.id(), caller: self.caller, drop_secret, place, payload })
    }

    fn next_place(&self, day: Day, slot: u8) -> Option<Place> {
        let index = self.posted_on.get(&(day, slot)).copied().unwrap_or(0);
        (index < PER_DAY && self.can_be_answered(day)).then_some(Place { day, slot, index })
    }

    /// The part of an answer that was queued first and is not posted.
    fn longest_waiting(&self) -> Option<(AnswerPart, &AnswerText)> {
        let waiting = self.items.iter().find_map(|item| match item {
            Item::Answer(answer) if !answer.is_posted() => {
                let at = answer.parts.iter().position(|part| part.as_ref().is_some_and(|p| !p.posted))?;
                Some((answer, at))
            }
            _ => None,
        });
        let (answer, at) = waiting?;
        let text = answer.parts[at].as_ref()?;
        let (part, parts) = (u8::try_from(at + 1).ok()?, u8::try_from(answer.parts.len()).ok()?);
        Some((AnswerPart { id: answer.id, part, parts, text: text.text.clone() }, text))
    }
}

impl PlannedDrop {
    /// The event that says that this drop was posted.
    pub fn event(&self) -> EventBody {
        EventBody::DropPosted {
            caller: self.id,
            place: self.place,
            number: self.payload.number,
            answer: self.payload.answer.as_ref().map(|answer| (answer.id, answer.part)),
            opened: self.payload.opened.clone(),
        }
    }

    /// Seals the drop.
    pub fn seal(
        &self,
        fingerprint: &Fingerprint,
        answer_key: &Secret<32>,
        rng: &mut impl CryptoRng,
    ) -> Result<Drop, DropError> {
        let sender = Sender { fingerprint, answer_key, caller: &self.caller, drop_secret: &self.drop_secret };
        Drop::seal(&self.payload, &self.place, &sender, rng)
    }
}
