//! Follow-ups: when somebody comes back to a case, and what for.

use callsign_protocol::{
    caller_keys::CallerId,
    invisible::is_blank,
    time::{Day, UnixSeconds},
};
use thiserror::Error;

use crate::{
    Desk, DeskError,
    cases::{
        EventBody, EventId, FOLLOW_UP_DAYS_MAX, FOLLOW_UP_TEXT_MAX, FOLLOW_UPS_MAX, FollowUp, FollowUpDone,
        FollowUpSet, SafeWindow,
    },
};

/// What ends a line, by any program's count.
const LINE_ENDS: [char; 7] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// A follow-up as a person sets it.
#[derive(Clone, Copy, Debug)]
pub struct NewFollowUp<'a> {
    /// Whose case.
    pub caller: &'a CallerId,
    /// The day, in UTC.
    pub due: Day,
    /// The hour of it, 0 to 23.
    pub hour: Option<u8>,
    /// What is to be done: one line.
    pub text: &'a str,
    /// Why it may lie outside of the caller's safe hours: one line.
    pub outside_why: Option<&'a str>,
    /// What it moves, as the person saw it: the event that set it.
    pub moves: Option<EventId>,
}

/// How far off a follow-up is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueIn {
    /// Its day or hour has come.
    Now,
    /// Later today.
    Today,
    /// After so many days.
    Days(u32),
}

/// Why a follow-up is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FollowUpError {
    /// Nothing says what is to be done.
    #[error("nothing says what is to be done then; write it in a few words")]
    Empty,
    /// No hour of a day.
    #[error("that is no hour of a day; give a number from 0 to 23, in UTC")]
    Hour,
    /// No day was named.
    #[error("no day is named; give one as YYYY-MM-DD, in UTC")]
    NoDay,
    /// It is not there any more.
    #[error(
        "that follow-up is not there any more: it was done, or a colleague has moved it; look at the case again"
    )]
    Gone,
    /// The text has more than one line.
    #[error("what is to be done has more than one line; write it in one")]
    Lines,
    /// The hour lies outside of the caller's safe hours.
    #[error(
        "{hour:02}:00 UTC is outside of the hours in which it is safe for the caller to look, {window}; choose another hour, or say in one line why it has to be that one (`--outside-why`)", window = .window.told()
    )]
    Outside {
        /// In UTC.
        hour: u8,
        /// Of the caller.
        window: SafeWindow,
    },
    /// The day is past.
    #[error("that day is over (days are those of UTC); name today or a later one")]
    Past,
    /// The day is too far off.
    #[error("that day is more than a year off; {FOLLOW_UP_DAYS_MAX} days are the most")]
    TooFar,
    /// The text is too long.
    #[error("what is to be done is too long for one line; {FOLLOW_UP_TEXT_MAX} characters are the most")]
    TooLong,
    /// There are as many as a case can have.
    #[error("this case has {FOLLOW_UPS_MAX} follow-ups already; mark what was done")]
    TooMany,
}

impl Desk {
    /// Sets a follow-up, or moves one; it waits for the log as all that people do.
    pub fn set_follow_up(&self, new: &NewFollowUp<'_>) -> Result<EventId, DeskError> {
        let today = self.now().day();
        new.check(today)?;
        self.act(|state| {
            let case = state.case(new.caller)?;
            match new.moves {
                None if case.follow_ups().len() >= FOLLOW_UPS_MAX => {
                    return Err(FollowUpError::TooMany.into());
                }
                Some(moves) if !case.follow_ups().iter().any(|one| one.set_by == moves) => {
                    return Err(FollowUpError::Gone.into());
                }
                _ => {}
            }
            let outside = new.hour.zip(case.safe_window()).filter(|(hour, window)| !window.has_hour(*hour));
            let why = new.outside_why.map(str::trim).filter(|why| !is_blank(why));
            let why = match (outside, why) {
                (Some((hour, window)), None) => return Err(FollowUpError::Outside { hour, window }.into()),
                (outside, why) => why.filter(|_| outside.is_some()).map(str::to_owned),
            };
            let (caller, due, hour, was) = (*new.caller, new.due, new.hour, new.moves);
            let text = new.text.trim().to_owned();
            Ok(EventBody::FollowUpSet(FollowUpSet { caller, due, hour, text, why, was }))
        })
    }

    /// Marks a follow-up as done, by the event that set it first; the event that says so.
    pub fn follow_up_done(&self, caller: &CallerId, follow_up: &EventId) -> Result<EventId, DeskError> {
        self.act(|state| {
            let case = state.case(caller)?;
            if !case.follow_ups().iter().any(|one| one.id == *follow_up) {
                return Err(FollowUpError::Gone.into());
            }
            Ok(EventBody::FollowUpDone(FollowUpDone { caller: *caller, follow_up: *follow_up }))
        })
    }
}

impl NewFollowUp<'_> {
    fn check(&self, today: Day) -> Result<(), FollowUpError> {
        if is_blank(self.text) {
            return Err(FollowUpError::Empty);
        }
        for text in [Some(self.text), self.outside_why].into_iter().flatten().map(str::trim) {
            if text.chars().count() > FOLLOW_UP_TEXT_MAX {
                return Err(FollowUpError::TooLong);
            }
            if text.contains(LINE_ENDS) {
                return Err(FollowUpError::Lines);
            }
        }
        if self.hour.is_some_and(|hour| hour > 23) {
            return Err(FollowUpError::Hour);
        }
        if self.due < today {
            return Err(FollowUpError::Past);
        }
        if self.due > today.plus(FOLLOW_UP_DAYS_MAX) { Err(FollowUpError::TooFar) } else { Ok(()) }
    }
}

impl DueIn {
    /// How far off a follow-up is at `now`.
    pub fn of(follow_up: &FollowUp, now: UnixSeconds) -> Self {
        Self::at(follow_up.at(), now)
    }

    /// How far off an hour of a day is at `now`.
    pub fn at((day, hour): (Day, u8), now: UnixSeconds) -> Self {
        if day.start().plus(u64::from(hour) * 3_600) <= now {
            return Self::Now;
        }
        match day.0.saturating_sub(now.day().0) {
            0 => Self::Today,
            days => Self::Days(days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callsign_protocol::encoding::Bytes;

    #[test]
    fn a_day_without_an_hour_is_due_when_it_begins() {
        let day = Day(20_000);
        let of = |hour| {
            let id = Bytes([1; 16]);
            FollowUp { id, set_by: id, moved: None, due: day, hour, text: "call".to_owned(), why: None }
        };
        let due = |hour, second: u64| DueIn::of(&of(hour), UnixSeconds(day.start().0 - 86_400 + second));
        assert_eq!(due(None, 0), DueIn::Days(1));
        assert_eq!(due(None, 86_400), DueIn::Now);
        assert_eq!(due(Some(16), 86_400), DueIn::Today);
        assert_eq!(due(Some(16), 86_400 + 57_599), DueIn::Today);
        assert_eq!(due(Some(16), 86_400 + 57_600), DueIn::Now);
    }

    #[test]
    fn what_no_desk_can_keep_is_refused_with_the_way_out() {
        let (caller, today) = (Bytes([1; 16]), Day(20_000));
        let check = |due: Day, hour, text: &str| {
            NewFollowUp { caller: &caller, due, hour, text, outside_why: None, moves: None }.check(today)
        };
        assert_eq!(check(today, Some(23), "call again"), Ok(()));
        assert_eq!(check(today.plus(FOLLOW_UP_DAYS_MAX), None, "call"), Ok(()));
        assert_eq!(check(today, None, " \u{200b}\n"), Err(FollowUpError::Empty));
        assert_eq!(check(today, Some(24), "call"), Err(FollowUpError::Hour));
        assert_eq!(check(today.minus(1), None, "call"), Err(FollowUpError::Past));
        assert_eq!(check(today.plus(367), None, "call"), Err(FollowUpError::TooFar));
        assert_eq!(check(today, None, &"ї".repeat(FOLLOW_UP_TEXT_MAX)), Ok(()), "letters, not bytes");
        assert_eq!(check(today, None, &"x".repeat(FOLLOW_UP_TEXT_MAX + 1)), Err(FollowUpError::TooLong));
    }
}
