//! Turns: which case comes next for whoever works at this device, and saying that they are ready.

use callsign_protocol::caller_keys::CallerId;
use thiserror::Error;

use super::ClaimError;
use crate::{
    Desk, DeskError,
    cases::{EventBody, EventId, NotReady, Passed, PersonId, Ready},
    device::DeviceState,
};

/// How it stands with the turn of whoever works at this device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// The case that is offered to them.
    pub offered: Option<CallerId>,
    /// Who is ready before them, by pseudonym; none where they have not said that they are ready.
    pub before: Option<Vec<String>>,
    /// How many cases they may still send on before they take one.
    pub passes_left: usize,
    /// Whether anything has come of late from the device of another person who may take cases.
    pub is_among_others: bool,
}

/// What came of asking for the next case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// This one is theirs, and may come second where somebody was faster.
    Taken(CallerId),
    /// They are ready; a case is offered once it is their turn.
    Ready,
    /// Nobody waits whom they could take, and nobody else is there.
    Nobody,
}

/// Why a case is not sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TurnError {
    /// It is offered to them no more, or never was.
    #[error("this case is not offered to you any more; look at the board")]
    NotOffered,
    /// They have sent on as many as they may.
    #[error("you have sent on as many cases as one may; take one, or say that you are not ready")]
    Passes,
}

impl Desk {
    /// How it stands with the turn of whoever works here.
    pub fn turn(&self) -> Turn {
        let state = self.state();
        let (cases, own) = (&state.log.view, state.keys.author);
        let Some(me) = cases.person_of(&own) else { return Turn::default() };
        let name = |person: PersonId| cases.person(&person).map(|person| person.name.clone());
        let place = cases.ready().position(|person| person == me);
        Turn {
            offered: cases.offer_to(&me),
            before: place.map(|place| cases.ready().take(place).filter_map(name).collect()),
            passes_left: cases.passes_left(&me),
            is_among_others: cases.is_among_others(&own),
        }
    }

    /// Takes the next case: the one that is offered; where nobody else is there, or who asks has said before that they are ready, the
    /// most urgent that nobody has. Whoever is among others is ready from now on. `except` is the case that they look at.
    ///
    /// # Errors
    /// Those of [`Desk::claim`].
    pub fn next(&self, except: Option<&CallerId>) -> Result<Next, DeskError> {
        let turn = self.turn();
        let takes_at_once = !turn.is_among_others || turn.before.is_some();
        let free = || self.state().most_urgent_free(except);
        if let Some(caller) = turn.offered.or_else(|| takes_at_once.then(free).flatten()) {
            return match self.claim(&caller, None) {
                Ok(_) => Ok(Next::Taken(caller)),
                // A colleague was faster, or it was erased just now.
                Err(DeskError::Claim(ClaimError::Taken(_)) | DeskError::NoSuchCall) => self.stand_ready(),
                Err(other) => Err(other),
            };
        }
        if turn.is_among_others { self.stand_ready() } else { Ok(Next::Nobody) }
    }

    /// Says that whoever works here is ready, behind the case that they have finished, where others are there and it was not said.
    pub fn ready_among_others(&self, finished: Option<&CallerId>) -> Result<(), DeskError> {
        let turn = self.turn();
        if turn.is_among_others && turn.before.is_none() && turn.offered.is_none() {
            self.act(|_| Ok(EventBody::Ready(Ready { caller: finished.copied() })))?;
        }
        Ok(())
    }

    /// Says that whoever works here takes no turn, where they had one.
    pub fn not_ready(&self) -> Result<(), DeskError> {
        let turn = self.turn();
        if turn.before.is_some() || turn.offered.is_some() {
            self.act(|_| Ok(EventBody::NotReady(NotReady {})))?;
        }
        Ok(())
    }

    /// Sends the case on that is offered to whoever works here.
    ///
    /// # Errors
    /// [`TurnError`]
    pub fn pass(&self, caller: &CallerId) -> Result<EventId, DeskError> {
        self.act(|state| {
            let cases = &state.log.view;
            let me = cases.person_of(&state.keys.author);
            if me.is_none_or(|me| cases.offer_to(&me) != Some(*caller)) {
                return Err(TurnError::NotOffered.into());
            }
            if me.is_some_and(|me| cases.passes_left(&me) == 0) {
                return Err(TurnError::Passes.into());
            }
            Ok(EventBody::Passed(Passed { caller: *caller }))
        })
    }

    fn stand_ready(&self) -> Result<Next, DeskError> {
        self.ready_among_others(None).map(|()| Next::Ready)
    }
}

impl DeviceState {
    /// The most urgent case that nobody has; else one that whoever works here has and that waits.
    fn most_urgent_free(&self, except: Option<&CallerId>) -> Option<CallerId> {
        let cases = &self.log.view;
        let me = cases.person_of(&self.keys.author);
        let others = || cases.waiting().map(|waiting| waiting.caller).filter(|caller| Some(caller) != except);
        let is_free =
            |caller: &CallerId| cases.holder_of(caller).is_none() && cases.offered_to(caller).is_none();
        others()
            .find(is_free)
            .or_else(|| others().find(|caller| cases.holder_of(caller).is_some_and(|of| Some(of) == me)))
    }
}
