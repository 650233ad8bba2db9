//! Urgency: the level that a person gives a case, 1 to 4. No machine reads or scores what callers write.

use callsign_protocol::caller_keys::CallerId;
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, EventId,
    act::{Act, EventKind, Refusal, Writer},
    people::OPERATORS,
};

/// How soon somebody has to look at a case. Of two the smaller is the more urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(u8);

/// A person sets how urgent a case is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgencySet {
    /// Whose case.
    pub caller: CallerId,
    /// 1 to 4.
    pub level: Level,
    /// The event that set what its author saw; none where nobody had set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<EventId>,
}

/// A level that somebody has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Urgency {
    level: Level,
    set_by: EventId,
    /// What its author saw.
    was: Option<EventId>,
    /// Whether many cases were given it at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    of_many: bool,
}

impl Urgency {
    /// A level that many cases were given at once.
    pub(super) fn of_many(level: Level, set_by: EventId) -> Self {
        Self { level, set_by, was: None, of_many: true }
    }

    pub(super) fn is_of_many(&self) -> bool {
        self.of_many
    }

    pub(super) fn set_by(&self) -> EventId {
        self.set_by
    }
}

impl Level {
    /// At once.
    pub const FIRST: Self = Self(1);
    /// It can wait.
    pub const LAST: Self = Self(4);
    /// What a case has that nobody has given one.
    pub const USUAL: Self = Self(3);
    /// All, the most urgent first.
    pub const ALL: [Self; 4] = [Self(1), Self(2), Self(3), Self(4)];

    /// The level of a number from 1 to 4.
    pub fn new(number: u8) -> Option<Self> {
        (1..=4).contains(&number).then_some(Self(number))
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Level {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::new(number).ok_or("a level is 1 to 4")
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

impl EventKind for UrgencySet {
    fn noun(&self) -> &'static str {
        "a level"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Learner(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// Of two who saw the same the more urgent stays, whoever came first: nobody is left to wait for a colleague's doubt.
    fn authorize(&self, _: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        // What is said of one case by itself counts before what was said of many.
        let saw_the_same = case.urgency.is_some_and(|now| now.was == self.was);
        if saw_the_same && case.keeps_level(self.level, self.was) { Err(Refusal::TooLate) } else { Ok(()) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let urgency = Urgency { level: self.level, set_by: act.event.id, was: self.was, of_many: false };
        state.with(&self.caller, |case| case.set_urgency(urgency));
    }
}

impl Case {
    /// How urgent it is: as a person has said, or as its waiting has made it since.
    pub fn level(&self) -> Level {
        let said = self.urgency.map_or(Level::USUAL, |urgency| urgency.level);
        self.raised_level().map_or(said, |raised| raised.min(said))
    }

    /// What people say afterwards counts before what waiting has made of it.
    pub(super) fn set_urgency(&mut self, urgency: Urgency) {
        self.urgency = Some(urgency);
        self.forget_raised();
    }

    /// Whether a level that somebody gave this case alone stays where another is said by who saw what `was` had set.
    pub fn keeps_level(&self, level: Level, was: Option<EventId>) -> bool {
        self.urgency.is_some_and(|now| !now.of_many && Some(now.set_by) != was && now.level <= level)
    }

    /// The event that set its level; none where nobody has.
    pub fn level_set_by(&self) -> Option<EventId> {
        self.urgency.map(|urgency| urgency.set_by)
    }
}

#[cfg(test)]
mod tests {
    use callsign_protocol::encoding::Bytes;

    use super::*;
    use crate::cases::{CallerId as Caller, Event, EventBody, Outcome, support::a_case};

    fn set(cases: &mut Cases, caller: Caller, id: u8, level: u8, was: Option<u8>) -> Outcome {
        let (level, was) = (Level::new(level).unwrap(), was.map(|was| Bytes([was; 16])));
        let body = EventBody::UrgencySet(UrgencySet { caller, level, was });
        cases.see(&Event { id: Bytes([id; 16]), body })
    }

    #[test]
    fn of_two_who_saw_the_same_the_more_urgent_stays_in_either_order() {
        for (first, second) in [(1, 4), (4, 1)] {
            let (mut cases, caller) = a_case();
            assert_eq!(cases.case(&caller).level(), Level::USUAL);
            assert_eq!(set(&mut cases, caller, 10, first, None), Outcome::Applied);
            let raced = set(&mut cases, caller, 11, second, None);
            assert_eq!(raced == Outcome::Applied, second < first);
            assert_eq!(cases.case(&caller).level().number(), 1);
        }
    }

    #[test]
    fn who_saw_what_was_set_may_set_anything_and_otherwise_the_later_counts() {
        let (mut cases, caller) = a_case();
        for (id, level, was) in [(10, 1, None), (11, 4, Some(10)), (12, 3, Some(9))] {
            assert_eq!(set(&mut cases, caller, id, level, was), Outcome::Applied, "{id}");
            assert_eq!(cases.case(&caller).level().number(), level);
        }
        assert_eq!(cases.case(&caller).level_set_by(), Some(Bytes([12; 16])));
    }

    #[test]
    fn who_is_more_urgent_stands_before_those_who_wait_longer() {
        let (mut cases, first) = a_case();
        let second = cases.and_a_case(2);
        let order = |cases: &Cases| cases.waiting().map(|place| place.caller).collect::<Vec<_>>();
        assert_eq!(order(&cases), [first, second]);
        set(&mut cases, second, 10, 2, None);
        assert_eq!(order(&cases), [second, first]);
        set(&mut cases, first, 11, 1, None);
        assert_eq!(order(&cases), [first, second]);
        set(&mut cases, first, 12, 4, Some(11));
        assert_eq!(order(&cases), [second, first]);
    }

    #[test]
    fn a_level_is_one_of_four() {
        for wrong in ["0", "5", "256", "-1", "1.5", "\"1\""] {
            assert!(serde_json::from_str::<Level>(wrong).is_err(), "{wrong}");
        }
        assert_eq!(serde_json::to_string(&Level::FIRST).unwrap(), "1");
    }
}
