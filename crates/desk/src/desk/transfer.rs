//! Handing a case over: offering it, taking or refusing what is offered, and asking a colleague for theirs.

use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds};
use thiserror::Error;

use super::ClaimError;
use crate::{
    Desk, DeskError,
    cases::{
        Case, EventBody, EventId, PersonId, TRANSFER_TEXT_MAX, TransferAnswered, TransferAsked,
        TransferOffered, TransferSaid, TransferTo, TransferWithdrawn, is_transfer_text,
    },
    device::DeviceState,
};

/// What is said of handing a case over, as a page or a command shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handover {
    /// The newest offer of whoever has it.
    pub offer: Option<OfferLine>,
    /// Who has asked for it, by pseudonym, and why; the first first.
    pub asked: Vec<(String, Option<String>)>,
    /// Whether whoever works at this device is one of them.
    pub has_asked: bool,
}

/// An offer as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferLine {
    /// The event that made it.
    pub id: EventId,
    /// To whom: a pseudonym, "operator", "leader" or "anyone".
    pub to: String,
    /// Whether that is one person.
    pub is_to_person: bool,
    /// Why.
    pub text: Option<String>,
    /// When it was made; none while that waits for the log.
    pub at: Option<UnixSeconds>,
    /// How it stands.
    pub state: OfferState,
    /// Who has refused it, by pseudonym, and what they said.
    pub refused: Vec<(String, Option<String>)>,
    /// Whether whoever works at this device may take it.
    pub is_for_me: bool,
}

/// How an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferState {
    /// It can be taken.
    Open,
    /// Whoever was asked has refused it.
    Refused,
    /// Nobody took it in time.
    Ended,
}

/// What somebody says to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferAnswer {
    /// They take the case.
    Taken,
    /// They do not.
    Refused,
}

/// Why a case is not offered, taken, or asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransferError {
    /// Whoever is named takes no cases.
    #[error("{0} takes no cases, or has left the desk; offer it to somebody else, or to anyone")]
    CannotTake(String),
    /// Nobody has it.
    #[error("nobody has this case, so nobody has to hand it over; take it with `callsign desk claim`")]
    Free,
    /// What was said is none that can be.
    #[error(
        "what is said with it has 1 to {TRANSFER_TEXT_MAX} characters on one line; say it shorter, or in a note"
    )]
    Line,
    /// It is not offered to whoever works here.
    #[error(
        "this case is not offered to you any more: it was taken, refused, taken back, or lay too long; look at who has it, and ask for it where you want it"
    )]
    NotOffered,
    /// Nothing is offered that could be taken back.
    #[error("you offer this case to nobody, so there is nothing to take back; look at it again")]
    NothingOffered,
    /// It is theirs.
    #[error("you have this case already, so there is nobody to ask; look at it again")]
    Own,
    /// It is not said to whom.
    #[error("nobody is chosen to whom the case is offered; choose somebody, or whoever is next")]
    Whom,
    /// Nobody hands a case over to themselves.
    #[error("you have this case already; offer it to somebody else, or keep it")]
    Yourself,
}

impl Desk {
    /// Offers a case of whoever works here to somebody, who may take it or refuse.
    ///
    /// # Errors
    /// [`TransferError`], [`ClaimError::Taken`]
    pub fn offer_case(
        &self,
        caller: &CallerId,
        to: TransferTo,
        text: Option<&str>,
    ) -> Result<EventId, DeskError> {
        let text = said(text)?;
        self.act(|state| {
            let case = state.case(caller)?;
            let holder = state.holder(&case).ok_or(TransferError::Free)?;
            if !holder.is_own {
                return Err(ClaimError::Taken(holder.name).into());
            }
            let cases = &state.log.view;
            match to {
                TransferTo::Person(person) if person == holder.person => {
                    return Err(TransferError::Yourself.into());
                }
                TransferTo::Person(person) if !cases.may_take(&person) => {
                    return Err(TransferError::CannotTake(name_of(state, &person)).into());
                }
                _ => {}
            }
            let claim = case.claim().map(|claim| claim.id).ok_or(TransferError::Free)?;
            Ok(EventBody::TransferOffered(TransferOffered { caller: *caller, claim, to, text }))
        })
    }

    /// Takes a case that is offered to whoever works here, or refuses it: by this offer, or the present one.
    ///
    /// # Errors
    /// [`TransferError`]
    pub fn answer_transfer(
        &self,
        caller: &CallerId,
        offer: Option<&EventId>,
        answer: OfferAnswer,
        text: Option<&str>,
    ) -> Result<EventId, DeskError> {
        let text = said(text)?;
        self.act(|state| {
            let case = state.case(caller)?;
            let cases = &state.log.view;
            let me = cases.person_of(&state.keys.author);
            let present = me.and_then(|me| cases.offer_for(&case, &me)).map(|offer| offer.id);
            let offer = present.filter(|present| offer.is_none_or(|offer| offer == present));
            let offer = offer.ok_or(TransferError::NotOffered)?;
            let taken = answer == OfferAnswer::Taken;
            let (caller, over) = (*caller, case.last_touch().filter(|_| taken));
            Ok(EventBody::TransferAnswered(TransferAnswered { caller, offer, taken, over, text }))
        })
    }

    /// Takes an offer of whoever works here back.
    ///
    /// # Errors
    /// [`TransferError::NothingOffered`]
    pub fn withdraw_transfer(&self, caller: &CallerId) -> Result<EventId, DeskError> {
        self.act(|state| {
            let case = state.case(caller)?;
            let is_own = state.holder(&case).is_some_and(|holder| holder.is_own);
            let offer = state.log.view.offer_in(&case).filter(|_| is_own).map(|offer| offer.id);
            let offer = offer.ok_or(TransferError::NothingOffered)?;
            Ok(EventBody::TransferWithdrawn(TransferWithdrawn { caller: *caller, offer }))
        })
    }

    /// Asks whoever has a case for it.
    ///
    /// # Errors
    /// [`TransferError`]
    pub fn ask_for_case(&self, caller: &CallerId, text: Option<&str>) -> Result<EventId, DeskError> {
        let text = said(text)?;
        self.act(|state| {
            let case = state.case(caller)?;
            let holder = state.holder(&case).ok_or(TransferError::Free)?;
            if holder.is_own {
                return Err(TransferError::Own.into());
            }
            Ok(EventBody::TransferAsked(TransferAsked { caller: *caller, text }))
        })
    }

    /// What is said of handing a case over.
    pub fn handover(&self, case: &Case) -> Handover {
        let state = self.state();
        let cases = &state.log.view;
        let me = cases.person_of(&state.keys.author);
        let line = |said: &TransferSaid| (name_of(&state, &said.by), said.text.clone());
        let offer = case.offer().map(|offer| {
            let (to, is_to_person) = match offer.to {
                TransferTo::Person(person) => (name_of(&state, &person), true),
                TransferTo::Operator => ("operator".to_owned(), false),
                TransferTo::Leader => ("leader".to_owned(), false),
                TransferTo::Anyone => ("anyone".to_owned(), false),
            };
            OfferLine {
                id: offer.id,
                to,
                is_to_person,
                text: offer.text.clone(),
                at: offer.at,
                state: match cases.offer_in(case) {
                    Some(_) => OfferState::Open,
                    None if offer.is_answered() => OfferState::Refused,
                    None => OfferState::Ended,
                },
                refused: offer.refused.iter().map(line).collect(),
                is_for_me: me.is_some_and(|me| cases.offer_for(case, &me).is_some()),
            }
        });
        let asked = case.asked_for();
        Handover {
            offer,
            asked: asked.iter().map(line).collect(),
            has_asked: asked.iter().any(|said| Some(said.by) == me),
        }
    }

    /// Whoever else is at work at the desk and may take cases, by pseudonym.
    pub fn present_takers(&self) -> Vec<(PersonId, String)> {
        let state = self.state();
        let (cases, own) = (&state.log.view, state.keys.author);
        let me = cases.person_of(&own);
        let is_there = |id: &PersonId| Some(*id) != me && cases.may_take(id) && cases.is_present(id, &own);
        let there = cases.people().filter(|(id, _)| is_there(id));
        let mut there: Vec<_> = there.map(|(id, person)| (*id, person.name.clone())).collect();
        there.sort_by(|a, b| a.1.cmp(&b.1));
        there
    }
}

/// What is said with an act; none where nothing was typed.
fn said(text: Option<&str>) -> Result<Option<String>, TransferError> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) if !is_transfer_text(text) => Err(TransferError::Line),
        text => Ok(text.map(str::to_owned)),
    }
}

fn name_of(state: &DeviceState, person: &PersonId) -> String {
    state.log.view.person(person).map(|person| person.name.clone()).unwrap_or_default()
}
