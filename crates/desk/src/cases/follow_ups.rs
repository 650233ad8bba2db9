//! Follow-up dates: a day on which somebody comes back to a case, and what is to be done then.

use callsign_protocol::{caller_keys::CallerId, time::Day};
use serde::{Deserialize, Serialize};

use super::{
    Cases, EventId,
    act::{Act, EventKind, Refusal, Writer},
    conversation::Case,
    people::OPERATORS,
};

/// Characters (Unicode scalar values) of what is to be done, at most.
pub const FOLLOW_UP_TEXT_MAX: usize = 300;
/// Follow-ups of one case that are not done, at most.
pub const FOLLOW_UPS_MAX: usize = 16;
/// Days for which a follow-up can be set ahead.
pub const FOLLOW_UP_DAYS_MAX: u32 = 366;

/// An operator has set a follow-up, or moved one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUpSet {
    /// Whose case.
    pub caller: CallerId,
    /// The day, in UTC.
    pub due: Day,
    /// The hour of it, 0 to 23, where that matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<u8>,
    /// What is to be done; 300 characters at most.
    pub text: String,
    /// Why it lies outside of the hours in which it is safe for the caller to look, where somebody has said; 300 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The event that set what its author saw, where this moves a follow-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<EventId>,
}

/// An operator has done what a follow-up asked for, or takes it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUpDone {
    /// Whose case.
    pub caller: CallerId,
    /// Which: the event that set it first.
    pub follow_up: EventId,
}

/// A follow-up that is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// The event that set it first.
    pub id: EventId,
    /// The event that set it as it is.
    pub set_by: EventId,
    /// The event before that one, and what it had said, where it was moved.
    pub moved: Option<(EventId, Day, Option<u8>)>,
    /// The day, in UTC.
    pub due: Day,
    /// The hour of it.
    pub hour: Option<u8>,
    /// What is to be done.
    pub text: String,
    /// Why it lies outside of the safe hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What becomes of a follow-up that is set.
enum Change {
    /// It is a new one.
    New,
    /// It moves the one at this place of the list.
    Moves(usize),
}

impl EventKind for FollowUpSet {
    fn noun(&self) -> &'static str {
        "a follow-up"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Learner(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let is_near = act.origin.sequence.is_none()
            || self.due <= state.time().day().plus(FOLLOW_UP_DAYS_MAX.saturating_add(1));
        let is_hour = self.hour.is_none_or(|hour| hour < 24);
        if !is_near || !is_hour || !self.is_short() {
            return Err(Refusal::Numbers);
        }
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        case.change(self).map(|_| ())
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        state.with(&self.caller, |case| case.follow_up_set(act.event.id, self));
    }
}

impl FollowUpSet {
    fn is_short(&self) -> bool {
        let texts = [Some(&self.text), self.why.as_ref()];
        texts.into_iter().flatten().all(|text| text.chars().count() <= FOLLOW_UP_TEXT_MAX)
    }
}

impl EventKind for FollowUpDone {
    fn noun(&self) -> &'static str {
        "the end of a follow-up"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Learner(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, _: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        let is_open = case.follow_ups.iter().any(|one| one.id == self.follow_up);
        if is_open { Ok(()) } else { Err(Refusal::TooLate) }
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.with(&self.caller, |case| case.follow_ups.retain(|one| one.id != self.follow_up));
    }
}

impl FollowUp {
    /// Its place in time: a day without an hour is due when it begins.
    pub fn at(&self) -> (Day, u8) {
        (self.due, self.hour.unwrap_or(0))
    }
}

impl Case {
    /// What is to be done, the soonest first.
    pub fn follow_ups(&self) -> &[FollowUp] {
        &self.follow_ups
    }

    /// Of two moves of one follow-up the earlier date stays, whichever came first: nobody is forgotten for a colleague's delay.
    fn change(&self, set: &FollowUpSet) -> Result<Change, Refusal> {
        let Some(was) = set.was else {
            let has_room = self.follow_ups.len() < FOLLOW_UPS_MAX;
            // Whoever was faster has filled the case.
            return if has_room { Ok(Change::New) } else { Err(Refusal::TooLate) };
        };
        let at = self.follow_ups.iter().position(|one| one.set_by == was);
        if let Some(at) = at {
            return Ok(Change::Moves(at));
        }
        let raced = |one: &FollowUp| one.moved.is_some_and(|(before, ..)| before == was);
        let at = self.follow_ups.iter().position(raced).ok_or(Refusal::TooLate)?;
        let is_earlier = (set.due, set.hour.unwrap_or(0)) < self.follow_ups[at].at();
        if is_earlier { Ok(Change::Moves(at)) } else { Err(Refusal::TooLate) }
    }

    fn follow_up_set(&mut self, set_by: EventId, set: &FollowUpSet) {
        let FollowUpSet { due, hour, text, why, .. } = set.clone();
        match self.change(set) {
            Ok(Change::New) => {
                self.follow_ups.push(FollowUp { id: set_by, set_by, moved: None, due, hour, text, why });
            }
            Ok(Change::Moves(at)) => {
                let one = &mut self.follow_ups[at];
                // Of two that race both moved the same one.
                let from = match (one.moved, set.was) {
                    (Some(from), Some(was)) if from.0 == was => from,
                    _ => (one.set_by, one.due, one.hour),
                };
                *one = FollowUp { id: one.id, set_by, moved: Some(from), due, hour, text, why };
            }
            Err(_) => {}
        }
        self.follow_ups.sort_by_key(|one| (one.at(), one.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{CaseErased, Event, EventBody, Outcome};
    use callsign_protocol::{call::CallPart, encoding::Bytes, time::UnixSeconds};

    const TODAY: Day = Day(20_000);

    fn desk() -> (Cases, CallerId) {
        let call = CallPart {
            caller: Bytes([1; 32]),
            shard_bits: 7,
            drop_secrets: vec![],
            id: Bytes([1; 16]),
            part: 1,
            parts: 1,
            track: String::new(),
            language: "en".to_owned(),
            text: "text".to_owned(),
            safe_times: None,
        };
        let (caller, mut cases) = (call.caller_id(), Cases::staffed());
        cases.see(&Event::message_received(Box::new(call), UnixSeconds(0)));
        (cases, caller)
    }

    fn set(cases: &mut Cases, caller: CallerId, id: u8, days: u32, was: Option<u8>) -> Outcome {
        let (due, text) = (TODAY.plus(days), format!("do {id}"));
        let was = was.map(|was| Bytes([was; 16]));
        let body = EventBody::FollowUpSet(FollowUpSet { caller, due, hour: None, text, why: None, was });
        cases.see(&Event { id: Bytes([id; 16]), body })
    }

    fn done(cases: &mut Cases, caller: CallerId, id: u8, of: u8) -> Outcome {
        let body = EventBody::FollowUpDone(FollowUpDone { caller, follow_up: Bytes([of; 16]) });
        cases.see(&Event { id: Bytes([id; 16]), body })
    }

    fn shown(cases: &Cases) -> Vec<(u8, u32, String)> {
        let line = |one: FollowUp| (one.id.0[0], one.due.0 - TODAY.0, one.text);
        cases.due().map(|due| line(due.unwrap().1)).collect()
    }

    #[test]
    fn the_soonest_comes_first_and_a_case_can_have_several() {
        let (mut cases, caller) = desk();
        for (id, days) in [(10, 5), (11, 2), (12, 9)] {
            assert_eq!(set(&mut cases, caller, id, days, None), Outcome::Applied);
        }
        assert_eq!(
            shown(&cases).iter().map(|(id, days, _)| (*id, *days)).collect::<Vec<_>>(),
            [(11, 2), (10, 5), (12, 9)]
        );
        assert_eq!(done(&mut cases, caller, 20, 10), Outcome::Applied);
        assert_eq!(done(&mut cases, caller, 21, 10), Outcome::Void(Refusal::TooLate), "the first counts");
        assert_eq!(shown(&cases).len(), 2);
        cases.see(&Event { id: Bytes([30; 16]), body: EventBody::CaseErased(CaseErased { caller }) });
        assert_eq!(cases.due_count(), 0);
    }

    #[test]
    fn of_two_moves_the_earlier_date_stays_in_either_order() {
        for (first, second) in [(3, 8), (8, 3)] {
            let (mut cases, caller) = desk();
            set(&mut cases, caller, 10, 5, None);
            assert_eq!(set(&mut cases, caller, 11, first, Some(10)), Outcome::Applied);
            let raced = set(&mut cases, caller, 12, second, Some(10));
            assert_eq!(raced == Outcome::Applied, second < first);
            let kept = if second < first { 12 } else { 11 };
            assert_eq!(shown(&cases), [(10, 3, format!("do {kept}"))]);
            let (_, one) = cases.due().next().unwrap().unwrap();
            assert_eq!(one.moved, Some((Bytes([10; 16]), TODAY.plus(5), None)), "the former date is shown");
            assert_eq!(
                set(&mut cases, caller, 13, 20, Some(kept)),
                Outcome::Applied,
                "who saw it may put it off"
            );
            assert_eq!(done(&mut cases, caller, 14, 10), Outcome::Applied);
            assert_eq!(set(&mut cases, caller, 15, 1, Some(13)), Outcome::Void(Refusal::TooLate));
        }
    }

    #[test]
    fn a_case_has_no_more_than_people_can_look_at() {
        let (mut cases, caller) = desk();
        for id in 0..FOLLOW_UPS_MAX {
            assert_eq!(set(&mut cases, caller, 100 + u8::try_from(id).unwrap(), 1, None), Outcome::Applied);
        }
        assert_eq!(set(&mut cases, caller, 10, 1, None), Outcome::Void(Refusal::TooLate));
        let body = |hour, text: &str| {
            let (due, text) = (TODAY, text.to_owned());
            EventBody::FollowUpSet(FollowUpSet {
                caller,
                due,
                hour,
                text,
                why: None,
                was: Some(Bytes([100; 16])),
            })
        };
        for body in [body(Some(24), "x"), body(None, &"x".repeat(FOLLOW_UP_TEXT_MAX + 1))] {
            let event = Event { id: Bytes([11; 16]), body };
            assert_eq!(cases.see(&event), Outcome::Void(Refusal::Numbers));
        }
    }
}
