//! Transfer: who has a case offers it to somebody, and it stays theirs until it is taken. A colleague may ask for it.

use std::collections::{BTreeMap, BTreeSet};

use callsign_protocol::{caller_keys::CallerId, invisible::is_blank, keyring::DeviceId, time::UnixSeconds};
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, EventId, Person, PersonId, Role, Unread,
    act::{Act, EventKind, Refusal, Writer},
    people::OPERATORS,
};

/// Beats of one device of another person than the giver, behind which an offer that nobody took has ended: 20 minutes at 30 s.
pub const TRANSFER_BEATS: u32 = 40;
/// Characters (Unicode scalar values) of a line that is said with an offer, an answer to one, or a question for a case, at most.
pub const TRANSFER_TEXT_MAX: usize = 300;
/// People who refuse an offer to several before it has ended, and people whose questions for one case are kept.
const SAID_MAX: usize = 16;
/// Cases that are read at most for what is offered to one person: who offers everything makes nobody slow.
const READ_MAX: usize = 128;
/// Those of one giver among them: who offers everything hides no colleague's offer.
const READ_OF_ONE_MAX: usize = 32;

/// Whoever has a case offers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferOffered {
    /// Whose case.
    pub caller: CallerId,
    /// The claim of its author, with which the offer ends.
    pub claim: EventId,
    /// To whom.
    pub to: TransferTo,
    /// Why, in one line of 300 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A person for whom an offer is meant takes the case, or does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferAnswered {
    /// Whose case.
    pub caller: CallerId,
    /// The event of the offer.
    pub offer: EventId,
    /// Whether they take it.
    pub taken: bool,
    /// The newest touch of the case that they saw, where they take it: who has not seen what its giver answered would say it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<EventId>,
    /// What they say to that, in one line of 300 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Whoever has a case offers it no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferWithdrawn {
    /// Whose case.
    pub caller: CallerId,
    /// The event of the offer.
    pub offer: EventId,
}

/// A person asks whoever has a case for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferAsked {
    /// Whose case.
    pub caller: CallerId,
    /// Why, in one line of 300 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// For whom an offer is meant; never for whoever makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferTo {
    /// One person.
    Person(PersonId),
    /// Any operator.
    Operator,
    /// Any leader.
    Leader,
    /// Anybody who may take a case.
    Anyone,
}

/// What is said of handing a case over, while one person has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Transfer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offer: Option<TransferOffer>,
    /// The oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    asked: Vec<TransferSaid>,
}

/// The newest offer of whoever has the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferOffer {
    /// The event that made it.
    pub id: EventId,
    /// For whom it is meant.
    pub to: TransferTo,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When it was made, by its author's clock in whole minutes; none while that waits for the log.
    pub at: Option<UnixSeconds>,
    /// Who has refused it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<TransferSaid>,
    /// The beats of all devices when it was made.
    since: BTreeMap<DeviceId, u32>,
}

/// Who has refused a case, or asked for it, and what they said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferSaid {
    /// Who.
    pub by: PersonId,
    /// What.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl EventKind for TransferOffered {
    fn noun(&self) -> &'static str {
        "an offer of a case"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// Nobody gives away what is not theirs, nor to somebody who may not take it.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        is_said(self.text.as_deref())?;
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        let claim = case.claim().filter(|claim| claim.id == self.claim).ok_or(Refusal::TooLate)?;
        if state.person_of(&act.origin.author) != Some(claim.person) {
            return Err(Refusal::Claimed);
        }
        match self.to {
            TransferTo::Person(person) if person == claim.person => Err(Refusal::Numbers),
            TransferTo::Person(person) if !state.may_take(&person) => Err(Refusal::TooLate),
            _ => Ok(()),
        }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let (id, to, text) = (act.event.id, self.to, self.text.clone());
        let (at, since) = (act.origin.written(state), state.beats.counts());
        let offer = TransferOffer { id, to, text, at, refused: Vec::new(), since };
        state.with(&self.caller, |case| case.transfer.get_or_insert_default().offer = Some(offer));
    }
}

impl EventKind for TransferAnswered {
    fn noun(&self) -> &'static str {
        "an answer to the offer of a case"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        is_said(self.text.as_deref())?;
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        let offer = state.offer_in(case).filter(|offer| offer.id == self.offer).ok_or(Refusal::TooLate)?;
        let person = state.person_of(&act.origin.author).ok_or(Refusal::Role)?;
        if offer.is_refused_by(&person) || self.taken && self.over != case.last_touch {
            return Err(Refusal::TooLate);
        }
        match offer.to {
            _ if case.is_held_by(&person) => Err(Refusal::Claimed),
            TransferTo::Person(to) if to != person => Err(Refusal::Claimed),
            // They are no longer what it was meant for.
            _ if !state.is_among(&offer.to, &person) => Err(Refusal::Role),
            _ => Ok(()),
        }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        if self.taken {
            return state.make_theirs(act, &self.caller);
        }
        let Some(by) = state.person_of(&act.origin.author) else { return };
        let said = TransferSaid { by, text: self.text.clone() };
        state.with(&self.caller, |case| {
            if let Some(offer) = case.transfer.as_mut().and_then(|transfer| transfer.offer.as_mut()) {
                offer.refused.push(said);
            }
        });
    }
}

impl EventKind for TransferWithdrawn {
    fn noun(&self) -> &'static str {
        "the end of an offer of a case"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        state.offer_in(case).filter(|offer| offer.id == self.offer).ok_or(Refusal::TooLate)?;
        let is_givers = state.person_of(&act.origin.author).is_some_and(|person| case.is_held_by(&person));
        if is_givers { Ok(()) } else { Err(Refusal::Claimed) }
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.with(&self.caller, |case| {
            if let Some(transfer) = &mut case.transfer {
                transfer.offer = None;
            }
            case.transfer.take_if(|transfer| **transfer == Transfer::default());
        });
    }
}

impl EventKind for TransferAsked {
    fn noun(&self) -> &'static str {
        "a question for a case"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// Where nobody has the case any more, or its author has it, nobody is left to be asked.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        is_said(self.text.as_deref())?;
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        let person = state.person_of(&act.origin.author).ok_or(Refusal::Role)?;
        let is_anothers = case.claim().is_some_and(|claim| claim.person != person);
        if is_anothers { Ok(()) } else { Err(Refusal::TooLate) }
    }

    /// Whoever asks once more says it anew.
    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let Some(by) = state.person_of(&act.origin.author) else { return };
        let said = TransferSaid { by, text: self.text.clone() };
        state.with(&self.caller, |case| {
            let asked = &mut case.transfer.get_or_insert_default().asked;
            asked.retain(|one| one.by != by);
            asked.push(said);
            let surplus = asked.len().saturating_sub(SAID_MAX);
            asked.drain(..surplus);
        });
    }
}

impl TransferOffer {
    /// Whether a person has refused it.
    pub fn is_refused_by(&self, person: &PersonId) -> bool {
        self.refused.iter().any(|refused| refused.by == *person)
    }

    /// Whether nobody is left who is asked: the one for whom it was meant has refused it, or many of several have.
    pub(crate) fn is_answered(&self) -> bool {
        let most = if matches!(self.to, TransferTo::Person(_)) { 1 } else { SAID_MAX };
        self.refused.len() >= most
    }
}

impl Case {
    /// The newest offer of whoever has it, also one that was refused, or that nobody took in time.
    pub fn offer(&self) -> Option<&TransferOffer> {
        self.transfer.as_ref().and_then(|transfer| transfer.offer.as_ref())
    }

    /// Who has asked whoever has it for it, the first first.
    pub fn asked_for(&self) -> &[TransferSaid] {
        self.transfer.as_ref().map_or(&[], |transfer| &transfer.asked)
    }

    /// For whom its offer is meant that nobody has answered, whether or not its time is over.
    pub(super) fn offered_to(&self) -> Option<TransferTo> {
        self.offer().filter(|offer| !offer.is_answered()).map(|offer| offer.to)
    }
}

impl Cases {
    /// The offer of a case that can be taken: nobody has answered it for all, and its time is not over.
    pub fn offer_in<'a>(&self, case: &'a Case) -> Option<&'a TransferOffer> {
        let (offer, claim) = (case.offer()?, case.claim()?);
        let is_other = |device: &DeviceId| self.person_of(device) != Some(claim.person);
        let is_over = offer.is_answered() || self.beats.since(&offer.since, is_other) >= TRANSFER_BEATS;
        (!is_over).then_some(offer)
    }

    /// The offer of a case that a person may take.
    pub fn offer_for<'a>(&self, case: &'a Case, person: &PersonId) -> Option<&'a TransferOffer> {
        let is_theirs = |offer: &&TransferOffer| {
            !case.is_held_by(person) && !offer.is_refused_by(person) && self.is_among(&offer.to, person)
        };
        self.offer_in(case).filter(is_theirs)
    }

    /// Cases that colleagues offer to a person. Only those are read that may be among them.
    ///
    /// # Errors
    /// [`Unread`]
    pub fn offered_for(&self, person: &PersonId) -> Result<BTreeSet<CallerId>, Unread> {
        let may_be = |caller: &&CallerId| {
            let head = self.by_caller.get(*caller).map(|slot| &slot.head);
            head.is_some_and(|head| {
                head.claimed_by() != Some(*person)
                    && head.offered_to().is_some_and(|to| self.is_among(&to, person))
            })
        };
        let (mut offered, mut of_giver) = (BTreeSet::new(), BTreeMap::<_, usize>::new());
        let is_read = |caller: &&CallerId| {
            let read = of_giver.entry(self.holder_of(caller)).or_default();
            *read += 1;
            *read <= READ_OF_ONE_MAX
        };
        for caller in self.queues.offered.iter().filter(may_be).filter(is_read).take(READ_MAX) {
            if self.get(caller)?.is_some_and(|case| self.offer_for(&case, person).is_some()) {
                offered.insert(*caller);
            }
        }
        Ok(offered)
    }

    /// Whether a person may take cases.
    pub fn may_take(&self, person: &PersonId) -> bool {
        self.person(person).is_some_and(Person::may_answer)
    }

    /// Whether a person is one of those for whom an offer is meant.
    fn is_among(&self, to: &TransferTo, person: &PersonId) -> bool {
        let has = |role| self.person(person).is_some_and(|person| person.roles.contains(&role));
        self.may_take(person)
            && match to {
                TransferTo::Person(of) => of == person,
                TransferTo::Operator => has(Role::Operator),
                TransferTo::Leader => has(Role::Leader),
                TransferTo::Anyone => true,
            }
    }
}

/// Whether a text can be said with an offer, an answer to one, or a question for a case: one line that can be seen.
pub fn is_transfer_text(text: &str) -> bool {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    !is_blank(text) && text.chars().count() <= TRANSFER_TEXT_MAX && !text.chars().any(breaks)
}

fn is_said(text: Option<&str>) -> Result<(), Refusal> {
    if text.is_none_or(is_transfer_text) { Ok(()) } else { Err(Refusal::Numbers) }
}

#[cfg(test)]
mod tests;
