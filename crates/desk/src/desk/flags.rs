//! Flags of a case, and the hours in which its caller may look: what a person says of the whole of it.

use callsign_protocol::{caller_keys::CallerId, time::Day};
use thiserror::Error;

use crate::{
    Desk, DeskError,
    cases::{EventBody, EventId, FLAG_DAYS_MAX, Flag, FlagLifted, Flagged, SafeWindow, SafeWindowSet},
};

/// Why a case is not flagged, or a flag not lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FlagError {
    /// For how long.
    #[error("a flag stands for 1 to {FLAG_DAYS_MAX} days; say how many, and set it again when they are over")]
    Days,
    /// The hours of a caller.
    #[error(
        "these are no hours of a day with a zone; give two times that differ, as 20:00 and 22:30, and a zone such as +03:00"
    )]
    Hours,
    /// It stands for as long already.
    #[error("this case has that flag already, for as long; lift it first where it is to end sooner")]
    Stands,
    /// There is none.
    #[error("this case has no such flag; look at it again, for a colleague may have lifted it")]
    None,
}

impl Desk {
    /// Flags a case for so many days, today counted; where it has the flag for less, it stands longer.
    ///
    /// # Errors
    /// [`FlagError::Days`], [`FlagError::Stands`]
    pub fn flag(&self, caller: &CallerId, flag: Flag, days: u32) -> Result<EventId, DeskError> {
        if !(1..=FLAG_DAYS_MAX).contains(&days) {
            return Err(FlagError::Days.into());
        }
        let until = self.now().day().plus(days - 1);
        self.act(|state| {
            if state.case(caller)?.flags().any(|(of, stands)| of == flag && stands >= until) {
                return Err(FlagError::Stands.into());
            }
            Ok(EventBody::Flagged(Flagged { caller: *caller, flag, until }))
        })
    }

    /// Lifts a flag before its end.
    ///
    /// # Errors
    /// [`FlagError::None`]
    pub fn lift_flag(&self, caller: &CallerId, flag: Flag) -> Result<EventId, DeskError> {
        self.act(|state| {
            let of = state.case(caller)?.flags().find(|(of, _)| *of == flag);
            let (_, until) = of.ok_or(FlagError::None)?;
            Ok(EventBody::FlagLifted(FlagLifted { caller: *caller, flag, until }))
        })
    }

    /// The same by whoever was shown its last day: what a colleague has said for longer since stays.
    ///
    /// # Errors
    /// [`FlagError::None`], [`DeskError::Refused`] with [`TooLate`](crate::cases::Refusal::TooLate)
    pub fn lift_flag_until(&self, caller: &CallerId, flag: Flag, until: Day) -> Result<EventId, DeskError> {
        self.act(|state| {
            if !state.case(caller)?.has_flag(flag) {
                return Err(FlagError::None.into());
            }
            Ok(EventBody::FlagLifted(FlagLifted { caller: *caller, flag, until }))
        })
    }

    /// Says when it is safe for a caller to look, or that nobody knows any more.
    pub fn set_safe_window(
        &self,
        caller: &CallerId,
        window: Option<SafeWindow>,
    ) -> Result<EventId, DeskError> {
        self.act(|state| {
            let was = state.case(caller)?.safe_window_set_by();
            Ok(EventBody::SafeWindowSet(SafeWindowSet { caller: *caller, window, was }))
        })
    }

    /// The same by whoever was shown what `was` had set, or that nobody had: a colleague's hours of since then stay.
    ///
    /// # Errors
    /// [`DeskError::Refused`] with [`TooLate`](crate::cases::Refusal::TooLate)
    pub fn set_safe_window_over(
        &self,
        caller: &CallerId,
        window: Option<SafeWindow>,
        was: Option<EventId>,
    ) -> Result<EventId, DeskError> {
        self.act(|_| Ok(EventBody::SafeWindowSet(SafeWindowSet { caller: *caller, window, was })))
    }
}
