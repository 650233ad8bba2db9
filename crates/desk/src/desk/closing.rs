//! Closing a case, and opening it again.

use callsign_protocol::{caller_keys::CallerId, encoding::Bytes};
use thiserror::Error;

use super::ClaimError;
use crate::{
    Desk, DeskError,
    cases::{CaseClosed, CaseReopened, ClosedWhy, EventBody, EventId},
};

/// Why a case is not closed or reopened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClosingError {
    /// It is closed.
    #[error("this case is closed already; look at it again")]
    Closed,
    /// Somebody would not have read what came.
    #[error("a message is there that was not read yet; read it first, then close the case")]
    News,
    /// It is open.
    #[error(
        "this case is not closed, so there is nothing to reopen: its caller has written, or a colleague was faster"
    )]
    Open,
    /// No reason, or none of the list.
    #[error("no reason is given; choose one of the list")]
    Why,
}

impl Desk {
    /// Closes a case for a person who saw the caller's newest message: this one, or all that was opened.
    pub fn close(
        &self,
        caller: &CallerId,
        seen: Option<&Bytes<16>>,
        why: ClosedWhy,
    ) -> Result<EventId, DeskError> {
        self.act(|state| {
            let case = state.case(caller)?;
            if case.closed().is_some() {
                return Err(ClosingError::Closed.into());
            }
            if state.log.view.is_anothers(&case, &state.keys.author)
                && let Some(holder) = state.holder(&case)
            {
                return Err(ClaimError::Taken(holder.name).into());
            }
            let newest = case.newest_message().ok_or(DeskError::NoSuchCall)?;
            if seen.is_some_and(|seen| *seen != newest) || !case.unopened().is_empty() {
                return Err(ClosingError::News.into());
            }
            Ok(EventBody::CaseClosed(CaseClosed { caller: *caller, seen: newest, why }))
        })
    }

    /// Reopens a case that was closed.
    pub fn reopen(&self, caller: &CallerId) -> Result<EventId, DeskError> {
        self.act(|state| match state.case(caller)?.closed() {
            Some(_) => Ok(EventBody::CaseReopened(CaseReopened { caller: *caller })),
            None => Err(ClosingError::Open.into()),
        })
    }
}
