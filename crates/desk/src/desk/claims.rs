//! Who has a case, how urgent it is, and answers that are held or taken back.

use callsign_protocol::{caller_keys::CallerId, encoding::Bytes, invisible::is_blank};
use thiserror::Error;

use crate::{
    Desk, DeskError, PeopleError,
    cases::{
        AnswerReleased, AnswerWithdrawn, Case, ClaimReleased, ClaimState, Claimed, EventBody, EventId, Item,
        Keeps, Level, PersonId, REASON_MAX, Refusal, Role, UrgencySet,
    },
    desk::answers::Shown,
    device::DeviceState,
};

/// Who has a case, as a page or a command shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub person: PersonId,
    /// Their pseudonym.
    pub name: String,
    /// Whether that is whoever works at this device.
    pub is_own: bool,
    /// How their claim stands.
    pub state: ClaimState,
}

/// Why a case is not taken, or an answer not let go or taken back.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClaimError {
    /// An answer that a colleague wrote, in a case that nobody has.
    #[error(
        "a colleague wrote that answer and nobody has the case; take the case with `callsign desk claim`, and let the answer go then"
    )]
    AnothersAnswer,
    /// Nothing is held that could be let go.
    #[error(
        "no answer to this caller is held; look at the case again, for a colleague may have let it go or taken it back"
    )]
    NothingHeld,
    /// Nothing can be taken back.
    #[error(
        "no answer of yours to this caller can be taken back: each was posted, is on its way, or was taken back already; look at the case with `callsign desk show`"
    )]
    NothingToTakeBack,
    /// Nobody has the case.
    #[error("nobody has this case, so there is nothing to let go; look at it again")]
    Free,
    /// A leader's reason.
    #[error("a reason has 1 to {REASON_MAX} characters; say in one line why you take the case")]
    Reason,
    /// A colleague is at work on it.
    #[error(
        "{0} has this case and is at work on it; ask them, take another, or have a leader take it over with a reason"
    )]
    Taken(String),
}

impl Desk {
    /// Takes a case for whoever works at this device; a leader with a reason also from a colleague who is at work on it.
    pub fn claim(&self, caller: &CallerId, reason: Option<&str>) -> Result<EventId, DeskError> {
        let reason = reason.map(str::trim);
        if reason.is_some_and(|reason| is_blank(reason) || reason.chars().count() > REASON_MAX) {
            return Err(ClaimError::Reason.into());
        }
        self.act(|state| {
            let case = state.case(caller)?;
            let holder =
                state.holder(&case).filter(|holder| !holder.is_own && holder.state == ClaimState::Live);
            match holder {
                Some(holder) if reason.is_none() => return Err(ClaimError::Taken(holder.name).into()),
                Some(_) if !state.log.view.has_role(&state.keys.author, Role::Leader) => {
                    return Err(PeopleError::Role.into());
                }
                _ => {}
            }
            // A reason stands in the log only where one was needed.
            let reason = holder.and(reason).map(str::to_owned);
            Ok(EventBody::Claimed(Claimed { caller: *caller, over: case.last_touch(), reason }))
        })
    }

    /// Lets a case go; a leader also that of a colleague.
    pub fn release(&self, caller: &CallerId) -> Result<EventId, DeskError> {
        self.act(|state| {
            let case = state.case(caller)?;
            let holder = state.holder(&case).ok_or(ClaimError::Free)?;
            let is_leader = state.log.view.has_role(&state.keys.author, Role::Leader);
            if !holder.is_own && !is_leader {
                return Err(ClaimError::Taken(holder.name).into());
            }
            let claim = case.claim().map(|claim| claim.id).ok_or(ClaimError::Free)?;
            Ok(EventBody::ClaimReleased(ClaimReleased { caller: *caller, claim }))
        })
    }

    /// Says how urgent a case is.
    pub fn set_level(&self, caller: &CallerId, level: Level) -> Result<EventId, DeskError> {
        self.act(|state| {
            let was = state.case(caller)?.level_set_by();
            Ok(EventBody::UrgencySet(UrgencySet { caller: *caller, level, was }))
        })
    }

    /// The same by whoever was shown what `was` had set, or that nobody had: a colleague's level of since then gives way to a more
    /// urgent one alone.
    ///
    /// # Errors
    /// [`DeskError::Refused`] with [`Refusal::TooLate`]
    pub fn set_level_over(
        &self,
        caller: &CallerId,
        level: Level,
        was: Option<EventId>,
    ) -> Result<EventId, DeskError> {
        self.act(|state| {
            if state.case(caller)?.keeps_level(level, was) {
                return Err(DeskError::Refused(Refusal::TooLate));
            }
            Ok(EventBody::UrgencySet(UrgencySet { caller: *caller, level, was }))
        })
    }

    /// Takes back an answer of which nothing was posted: this one, or the newest.
    pub fn take_back(&self, caller: &CallerId, answer: Option<&Bytes<16>>) -> Result<EventId, DeskError> {
        self.act(|state| {
            let case = state.case(caller)?;
            let own = state.keys.author;
            let newest = case.items.iter().rev().find_map(|item| match item {
                Item::Answer(one) => {
                    let is_meant = answer.is_none_or(|answer| one.id == *answer);
                    let is_mine = state.log.view.may_decide(&own, &case, one);
                    let can_be = one.kept_back != Keeps::TakenBack && !one.has_begun();
                    (is_meant && is_mine && can_be && !state.is_leaving(&one.id)).then_some(one.id)
                }
                Item::Call(_) => None,
            });
            let answer = newest.ok_or(ClaimError::NothingToTakeBack)?;
            Ok(EventBody::AnswerWithdrawn(AnswerWithdrawn { caller: *caller, answer }))
        })
    }

    /// Lets an answer go that was held: this one, or the oldest. `shown` is what the person had before them: nobody lets it go beside a message
    /// that they have not seen, or that nobody has opened.
    ///
    /// # Errors
    /// [`DeskError::NotShown`], [`ClaimError::NothingHeld`], [`ClaimError::AnothersAnswer`], [`ClaimError::Taken`]
    pub fn release_answer(
        &self,
        caller: &CallerId,
        answer: Option<&Bytes<16>>,
        shown: Shown,
    ) -> Result<EventId, DeskError> {
        self.act(|state| {
            let case = state.case(caller)?;
            let (own, me) = (state.keys.author, state.log.view.person_of(&state.keys.author));
            let held = case.items.iter().find_map(|item| match item {
                Item::Answer(one) if one.is_held() => {
                    answer.is_none_or(|answer| one.id == *answer).then_some((one.id, one.by))
                }
                _ => None,
            });
            let (answer, by) = held.ok_or(ClaimError::NothingHeld)?;
            if !case.unopened().is_empty() || !shown.covers(&case) {
                return Err(DeskError::NotShown);
            }
            match state.holder(&case) {
                Some(holder) if holder.is_own => {}
                Some(holder) if me != Some(by) || state.log.view.is_anothers(&case, &own) => {
                    return Err(ClaimError::Taken(holder.name).into());
                }
                None if me != Some(by) => return Err(ClaimError::AnothersAnswer.into()),
                _ => {}
            }
            let seen = Some(case.asked());
            Ok(EventBody::AnswerReleased(AnswerReleased { caller: *caller, answer, seen }))
        })
    }

    /// Who has a case; none where it is free.
    pub fn holder(&self, case: &Case) -> Option<Holder> {
        self.state().holder(case)
    }

    /// Queues one act that is made under the lock; its event.
    pub(super) fn act(
        &self,
        make: impl FnOnce(&mut DeviceState) -> Result<EventBody, DeskError>,
    ) -> Result<EventId, DeskError> {
        let mut state = self.state();
        // Another process with the same files may have done it.
        state.refresh_pending()?;
        let body = make(&mut state)?;
        let event = state.event(body);
        let id = event.id;
        state.would_count(&event)?;
        state.queue(vec![event])?;
        drop(state);
        self.tell_change();
        Ok(id)
    }
}

impl DeviceState {
    /// Who has a case, as people see it.
    pub(crate) fn holder(&self, case: &Case) -> Option<Holder> {
        let (claim, cases) = (case.claim()?, &self.log.view);
        let name = cases.person(&claim.person).map(|person| person.name.clone()).unwrap_or_default();
        let is_own = cases.person_of(&self.keys.author) == Some(claim.person);
        Some(Holder { person: claim.person, name, is_own, state: cases.claim_state(claim) })
    }

    /// Whether a part of an answer may have left this device in a commit that was refused: it is offered again for its tick,
    /// whatever people do.
    fn is_leaving(&self, answer: &Bytes<16>) -> bool {
        self.posting.offered.iter().any(|offered| offered.carries(answer))
    }
}
