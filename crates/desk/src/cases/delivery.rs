//! Which drop goes next: the answer that waits longest, else an "opened" that the caller has not been told of.

use callsign_protocol::{
    caller_keys::{CallerId, CallerPublicKey, DropSecret},
    drop::{AnswerPart, Drop, DropError, DropPayload, OPENED_MAX, PER_DAY, POSTING_SLOTS, Place, Sender},
    encoding::{Bytes, Secret},
    identity::Fingerprint,
    time::Day,
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use super::{
    Cases, EventBody, Unread,
    act::{Act, EventKind, Refusal, ToldAgain, Writer},
    conversation::{Answer, AnswerText, Case, Item},
};

/// Running numbers that a drop may pass over: those of a log that a hub has lost.
const NUMBERS_AHEAD_MAX: u32 = 4_096;

/// A drop to be posted, and the event that must be in the same commit.
#[derive(Clone, Debug)]
pub struct PlannedDrop {
    id: CallerId,
    caller: CallerPublicKey,
    shard_bits: u16,
    drop_secret: DropSecret,
    place: Place,
    payload: DropPayload,
}

/// A drop to a caller was posted, in the same commit as this event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropPosted {
    /// To whom.
    pub caller: CallerId,
    /// Under which place of the lists.
    pub place: Place,
    /// Its running number.
    pub number: u32,
    /// The part of an answer that it carried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<(Bytes<16>, u8)>,
    /// The "opened" ids that it carried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<Bytes<16>>,
}

impl EventKind for DropPosted {
    fn noun(&self) -> &'static str {
        "a drop"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::ByAnybody
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// Numbers only grow, and nobody may use them up: no drop comes behind the last one.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let Place { day, slot, index } = self.place;
        act.origin.bounds_day(day, state)?;
        let last = state.loaded(&self.caller).map_or(0, |case| case.last_number);
        let is_place = slot < POSTING_SLOTS && index < PER_DAY;
        let is_near = self.number <= last.saturating_add(NUMBERS_AHEAD_MAX);
        if is_place && is_near && self.opened.len() <= OPENED_MAX { Ok(()) } else { Err(Refusal::Numbers) }
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.with(&self.caller, |case| case.drop_posted(self));
    }
}

impl DropPosted {
    /// The same place and number, with nothing said of what the drop carried.
    pub(super) fn without_content(self) -> Self {
        Self { answer: None, opened: Vec::new(), ..self }
    }
}

impl Cases {
    /// The most urgent drop for `day` by posting slot `slot`, to a caller who is served, by identifier and shard bits; none
    /// where nothing waits that could be posted.
    ///
    /// # Errors
    /// [`Unread`]
    pub fn next_drop(
        &self,
        day: Day,
        slot: u8,
        is_served: impl Fn(&CallerId, u16) -> bool,
    ) -> Result<Option<PlannedDrop>, Unread> {
        let served = |caller: &CallerId| {
            let is_meant =
                self.by_caller.get(caller).is_some_and(|slot| is_served(caller, slot.head.shard_bits));
            if is_meant { self.get(caller) } else { Ok(None) }
        };
        for (_, caller) in &self.queues.to_answer {
            if let Some(case) = served(caller)?.filter(|case| case.next_place(day, slot).is_some()) {
                return Ok(case.plan(day, slot));
            }
        }
        for (_, caller) in &self.queues.to_tell {
            if let Some(case) = served(caller)?.filter(|case| case.may_be_told(day, slot)) {
                return Ok(case.plan(day, slot));
            }
        }
        Ok(None)
    }

    /// Callers with a part of an answer that is not posted, in their turns, and their shard bits; no case is read.
    pub fn to_answer(&self) -> impl Iterator<Item = (CallerId, u16)> {
        let bits = |caller: &CallerId| self.by_caller.get(caller).map(|slot| slot.head.shard_bits);
        self.queues.to_answer.iter().filter_map(move |(_, caller)| Some((*caller, bits(caller)?)))
    }

    /// Lets no other drop have the place of this one, whether it is posted or refused.
    ///
    /// # Errors
    /// [`Unread`]
    pub fn use_place(&mut self, planned: &PlannedDrop) -> Result<(), Unread> {
        self.load(&planned.id)?;
        self.with(&planned.id, |case| case.place_used(planned.place));
        Ok(())
    }

    /// Whether nothing has been posted to the caller since the drop was planned, and nobody has taken back what it carries.
    ///
    /// # Errors
    /// [`Unread`]
    pub fn still_waits(&self, planned: &PlannedDrop) -> Result<bool, Unread> {
        let leaves = |case: &Case| {
            let answer = planned.payload.answer.as_ref().and_then(|part| case.answer(&part.id));
            answer.is_none_or(Answer::leaves)
        };
        let case = self.get(&planned.id)?;
        Ok(case.is_some_and(|case| case.last_number < planned.payload.number && leaves(&case)))
    }
}

impl Case {
    fn drop_posted(&mut self, posted: &DropPosted) {
        let DropPosted { place, number, answer, opened, .. } = posted;
        self.last_number = self.last_number.max(*number);
        self.place_used(*place);
        self.untold.retain(|(_, id)| !opened.contains(id));
        let Some((id, part)) = *answer else { return };
        for item in &mut self.items {
            if let Item::Answer(answer) = item
                && answer.id == id
                && let Some(at) = usize::from(part).checked_sub(1)
                && let Some(Some(text)) = answer.parts.get_mut(at)
            {
                text.posted = true;
            }
        }
    }

    fn place_used(&mut self, place: Place) {
        let used = self.posted_on.entry((place.day, place.slot)).or_default();
        *used = (*used).max(place.index.saturating_add(1));
    }

    fn plan(&self, day: Day, slot: u8) -> Option<PlannedDrop> {
        let answer = self.longest_waiting().map(|(answer, _)| answer);
        let opened = self.untold.iter().take(OPENED_MAX).map(|(_, id)| *id).collect();
        let payload = DropPayload { number: self.last_number.saturating_add(1), answer, opened };
        let place = self.next_place(day, slot)?;
        let drop_secret = self.drop_secrets.get(&day.week())?.clone();
        let (id, caller, shard_bits) = (self.id(), self.caller, self.shard_bits);
        Some(PlannedDrop { id, caller, shard_bits, drop_secret, place, payload })
    }

    /// Whether a drop for "opened" alone may go: such drops leave half of a day's places to answers.
    fn may_be_told(&self, day: Day, slot: u8) -> bool {
        let has_place = self.next_place(day, slot).is_some_and(|place| place.index < PER_DAY / 2);
        has_place && !self.untold.is_empty()
    }

    fn next_place(&self, day: Day, slot: u8) -> Option<Place> {
        let index = self.posted_on.get(&(day, slot)).copied().unwrap_or(0);
        (index < PER_DAY && self.can_be_answered(day)).then_some(Place { day, slot, index })
    }

    /// The turn of the first part of an answer that is not posted.
    pub(super) fn first_unposted(&self) -> Option<u64> {
        self.longest_waiting().map(|(_, text)| text.order)
    }

    /// The part of an answer that was queued first and is not posted.
    fn longest_waiting(&self) -> Option<(AnswerPart, &AnswerText)> {
        let waiting = self.items.iter().find_map(|item| match item {
            Item::Answer(answer) if answer.leaves() && !answer.is_posted() => {
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
    /// Whether it carries a part of an answer.
    pub fn carries(&self, answer: &Bytes<16>) -> bool {
        self.payload.answer.as_ref().is_some_and(|part| part.id == *answer)
    }

    /// The bits that choose the list it belongs to.
    pub fn shard_bits(&self) -> u16 {
        self.shard_bits
    }

    /// The event that says that this drop was posted.
    pub fn event(&self) -> EventBody {
        EventBody::DropPosted(DropPosted {
            caller: self.id,
            place: self.place,
            number: self.payload.number,
            answer: self.payload.answer.as_ref().map(|answer| (answer.id, answer.part)),
            opened: self.payload.opened.clone(),
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::support::whole_answer;
    use crate::cases::{AnswerQueued, Event};
    use callsign_protocol::{
        call::CallPart,
        encoding::Bytes,
        plan::shard_of,
        time::{UnixSeconds, Week},
    };

    const DAY: Day = Day(20_000);

    fn received(cases: &mut Cases, caller: u8, message: u8) -> CallerId {
        let week = DAY.week();
        let call = CallPart {
            caller: Bytes([caller; 32]),
            shard_bits: u16::from(caller) << 8,
            drop_secrets: vec![(week, Secret([caller; 32])), (Week(week.0 + 1), Secret([caller; 32]))],
            id: Bytes([message; 16]),
            part: 1,
            parts: 1,
            track: String::new(),
            language: "en".to_owned(),
            text: "text".to_owned(),
            safe_times: None,
        };
        let id = call.caller_id();
        cases.see(&Event::message_received(Box::new(call), UnixSeconds(0)));
        id
    }

    #[test]
    fn of_a_doubted_call_the_text_alone_is_taken() {
        let mut cases = Cases::staffed();
        let call = |message: u8, shard_bits, safe_times: &str| {
            Box::new(CallPart {
                caller: Bytes([1; 32]),
                shard_bits,
                drop_secrets: vec![(DAY.week(), Secret([message; 32]))],
                id: Bytes([message; 16]),
                part: 1,
                parts: 1,
                track: String::new(),
                language: "en".to_owned(),
                text: "text".to_owned(),
                safe_times: Some(safe_times.to_owned()),
            })
        };
        let forged = call(1, 0xffff, "now");
        let id = forged.caller_id();
        cases.see(&Event::doubted_message(forged, UnixSeconds(0)));
        assert!(!cases.case(&id).can_be_answered(DAY));
        cases.see(&Event::message_received(call(2, 0x1234, "at night"), UnixSeconds(0)));
        cases.see(&Event::doubted_message(call(3, 0xffff, "now"), UnixSeconds(0)));
        let case = cases.case(&id);
        assert_eq!((case.shard_bits, case.safe_times.as_deref()), (0x1234, Some("at night")));
        assert_eq!(case.drop_secrets[&DAY.week()], Secret([2; 32]));
        assert_eq!(case.calls().map(|call| call.doubted).collect::<Vec<_>>(), [true, false, true]);
    }

    fn apply(cases: &mut Cases, id: u8, body: EventBody) {
        cases.see(&Event { id: Bytes([id; 16]), body });
    }

    fn queue(cases: &mut Cases, event: u8, caller: CallerId, part: u8, parts: u8) {
        let (answer, text, queued) = (Bytes([caller.0[0]; 16]), format!("part {part}"), UnixSeconds(0));
        apply(
            cases,
            event,
            EventBody::AnswerQueued(AnswerQueued {
                caller,
                answer,
                part,
                parts,
                text,
                queued,
                second_reader: false,
                seen: None,
            }),
        );
    }

    /// Posts what is next, as a commit would; to whom, and which part of an answer.
    fn post(cases: &mut Cases, event: u8, day: Day) -> Option<(CallerId, Option<u8>, usize)> {
        let planned = cases.next_drop(day, 0, |_, _| true).unwrap()?;
        apply(cases, event, planned.event());
        let part = planned.payload.answer.as_ref().map(|answer| answer.part);
        Some((planned.id, part, planned.payload.opened.len()))
    }

    #[test]
    fn what_was_queued_first_goes_first_and_opened_ticks_ride_along() {
        let mut cases = Cases::staffed();
        let (first, second, third) =
            (received(&mut cases, 1, 1), received(&mut cases, 2, 2), received(&mut cases, 3, 3));
        for caller in [first, second, third] {
            let unopened = cases.case(&caller).unopened();
            cases.see(&Event::opened(caller, &unopened)[0]);
        }
        queue(&mut cases, 10, second, 1, 2);
        queue(&mut cases, 11, second, 2, 2);
        queue(&mut cases, 12, first, 1, 1);
        assert_eq!(post(&mut cases, 20, DAY), Some((second, Some(1), 1)));
        assert_eq!(post(&mut cases, 21, DAY), Some((second, Some(2), 0)));
        assert_eq!(post(&mut cases, 22, DAY), Some((first, Some(1), 1)));
        assert_eq!(post(&mut cases, 23, DAY), Some((third, None, 1)));
        assert_eq!(post(&mut cases, 24, DAY), None);
    }

    #[test]
    fn an_answer_waits_for_its_callers_shard() {
        let mut cases = Cases::staffed();
        let callers = [0x10, 0x80].map(|caller| received(&mut cases, caller, caller));
        for (event, caller) in (10..).zip(callers) {
            queue(&mut cases, event, caller, 1, 1);
        }
        let of_shard = |shard| move |_: &CallerId, bits| shard_of(bits, 2) == shard;
        assert_eq!(cases.next_drop(DAY, 0, of_shard(1)).unwrap().unwrap().id, callers[1]);
        assert_eq!(cases.next_drop(DAY, 0, of_shard(0)).unwrap().unwrap().id, callers[0]);
        assert_eq!(cases.next_drop(DAY, 0, |_, _| true).unwrap().unwrap().id, callers[0]);
        assert!(cases.next_drop(DAY, 0, |_, bits| shard_of(bits, 4) == 1).unwrap().is_none());
    }

    #[test]
    fn who_was_opened_first_is_told_first_whatever_their_id() {
        let mut cases = Cases::staffed();
        let callers: Vec<_> = (1..=8).map(|n| received(&mut cases, n, n)).collect();
        let mut by_id = callers.clone();
        by_id.sort_by_key(|caller| std::cmp::Reverse(*caller));
        for caller in &by_id {
            let unopened = cases.case(caller).unopened();
            cases.see(&Event::opened(*caller, &unopened)[0]);
        }
        let told: Vec<_> = (0..8).map(|n| post(&mut cases, 100 + n, DAY).unwrap().0).collect();
        assert_eq!(told, by_id);
    }

    #[test]
    fn a_day_has_32_places_for_a_caller_and_the_next_day_has_more() {
        let mut cases = Cases::staffed();
        let caller = received(&mut cases, 1, 1);
        for n in 0..40 {
            apply(&mut cases, n, EventBody::AnswerQueued(whole_answer(caller, n, "x", UnixSeconds(0))));
        }
        let posted_on = |cases: &mut Cases, day: Day, from: u8| {
            (0..64).take_while(|n| post(cases, from + n, day).is_some()).count()
        };
        assert_eq!(posted_on(&mut cases, DAY, 100), 32);
        assert_eq!(posted_on(&mut cases, DAY.plus(1), 180), 8);
    }

    #[test]
    fn nothing_is_posted_once_a_callers_weeks_have_passed() {
        let mut cases = Cases::staffed();
        let caller = received(&mut cases, 1, 1);
        queue(&mut cases, 10, caller, 1, 1);
        assert!(cases.next_drop(DAY.plus(14), 0, |_, _| true).unwrap().is_none());
        assert!(!cases.case(&caller).can_be_answered(DAY.plus(14)));
        assert!(cases.next_drop(DAY.plus(7), 0, |_, _| true).unwrap().is_some());
        cases.forget_before(DAY.plus(40), DAY).unwrap();
        assert!(cases.next_drop(DAY, 0, |_, _| true).unwrap().is_none());
    }

    #[test]
    fn what_a_day_forgets_goes_in_steps_until_nothing_is_left() {
        let mut cases = Cases::staffed();
        let callers: Vec<_> = (1..=70).map(|n| received(&mut cases, n, n)).collect();
        let with_secrets = |cases: &Cases| {
            callers.iter().filter(|caller| !cases.case(caller).drop_secrets.is_empty()).count()
        };
        let last = DAY.plus(40);
        let left: Vec<_> =
            (0..4).map(|_| (cases.forget_before(last, DAY).unwrap(), with_secrets(&cases))).collect();
        assert_eq!(left, [(true, 38), (true, 6), (false, 0), (false, 0)]);
    }

    #[test]
    fn the_same_events_in_the_same_order_make_the_same_state_and_repeats_change_nothing() {
        let mut cases = Cases::staffed();
        let caller = received(&mut cases, 1, 1);
        received(&mut cases, 1, 1);
        assert_eq!(cases.case(&caller).items.len(), 1);
        queue(&mut cases, 10, caller, 1, 1);
        queue(&mut cases, 10, caller, 1, 1);
        assert_eq!(cases.case(&caller).items.len(), 2);
    }
}
