//! Turns: who is ready, and which case that waits is offered to whom. The fold says it, so that no two devices offer one case to two
//! people; a case that is offered can be claimed by anybody all the same.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use callsign_protocol::{caller_keys::CallerId, keyring::DeviceId};
use serde::{Deserialize, Serialize};

use super::{
    Cases, ClaimState, Person, PersonId, Unread,
    act::{Act, EventKind, Refusal, ToldAgain, Writer},
    claims::ABSENT_BEATS,
    people::OPERATORS,
};

/// Beats of one other device within which an offer is taken: 5 minutes at 30 s. Behind them the next person has the turn.
pub const OFFER_BEATS: u32 = 10;
/// Cases that a person sends on at most before they take one.
pub const PASSES_MAX: usize = 3;

/// Claims behind one entry that are looked at whether they have lapsed, and cases that are passed over in all, offered and claimed ones: who
/// claims a flood makes nobody slow.
const CLAIMS_MAX: usize = 32;
const PASSED_OVER_MAX: usize = 1_024;

/// A person has finished, and takes the next case that is offered to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// The case that they have finished; it keeps this behind what they did there. None where they only ask for a case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<CallerId>,
}

/// A person takes no turn any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotReady {}

/// A person sends the case that is offered to them on to whoever is ready next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// Whose case.
    pub caller: CallerId,
}

/// Whose turn it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Turns {
    /// Who waits for a case, the first first.
    ready: VecDeque<Standing>,
    offers: BTreeMap<CallerId, Offer>,
    /// What each person has sent on since they last took a case.
    passed: BTreeMap<PersonId, BTreeSet<CallerId>>,
}

/// A person who is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Standing {
    person: PersonId,
    /// By which device they said so.
    device: DeviceId,
}

/// A case that is offered to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Offer {
    to: Standing,
    /// The beats of all devices when it was made.
    since: BTreeMap<DeviceId, u32>,
}

impl EventKind for Ready {
    fn noun(&self) -> &'static str {
        "that somebody is ready"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        self.caller.as_ref()
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    fn authorize(&self, _: &Act<'_>, _: &Cases) -> Result<(), Refusal> {
        Ok(())
    }

    /// Who stands already keeps their place.
    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let device = act.origin.author;
        let Some(person) = state.person_of(&device) else { return };
        if state.turns.place(&person).is_none() && state.turns.offered(&person).is_none() {
            state.turns.ready.push_back(Standing { person, device });
        }
    }
}

impl EventKind for NotReady {
    fn noun(&self) -> &'static str {
        "that somebody is not ready"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    fn authorize(&self, _: &Act<'_>, _: &Cases) -> Result<(), Refusal> {
        Ok(())
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        if let Some(person) = state.person_of(&act.origin.author) {
            state.turns.step_back(&person);
        }
    }
}

impl EventKind for Passed {
    fn noun(&self) -> &'static str {
        "a case that is sent on"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(OPERATORS)
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let person = state.person_of(&act.origin.author).ok_or(Refusal::Role)?;
        let is_theirs = state.turns.offers.get(&self.caller).is_some_and(|offer| offer.to.person == person);
        if !is_theirs {
            return Err(Refusal::TooLate);
        }
        if state.turns.passes(&person) < PASSES_MAX { Ok(()) } else { Err(Refusal::Numbers) }
    }

    /// Who sends a case on is the first to have the next one.
    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let Some(person) = state.person_of(&act.origin.author) else { return };
        if let Some(offer) = state.turns.offers.remove(&self.caller) {
            state.turns.ready.push_front(offer.to);
            state.turns.passed.entry(person).or_default().insert(self.caller);
        }
    }
}

impl Turns {
    fn place(&self, person: &PersonId) -> Option<usize> {
        self.ready.iter().position(|standing| standing.person == *person)
    }

    fn offered(&self, person: &PersonId) -> Option<CallerId> {
        self.offers.iter().find(|(_, offer)| offer.to.person == *person).map(|(caller, _)| *caller)
    }

    fn passes(&self, person: &PersonId) -> usize {
        self.passed.get(person).map_or(0, BTreeSet::len)
    }

    fn has_passed(&self, person: &PersonId, caller: &CallerId) -> bool {
        self.passed.get(person).is_some_and(|passed| passed.contains(caller))
    }

    /// Whoever is not ready has neither a place nor an offer.
    pub(super) fn step_back(&mut self, person: &PersonId) {
        self.ready.retain(|standing| standing.person != *person);
        self.offers.retain(|_, offer| offer.to.person != *person);
    }

    /// Who has taken a case is at work on it, and may send on as many as before.
    pub(super) fn has_taken(&mut self, person: &PersonId) {
        self.step_back(person);
        self.passed.remove(person);
    }

    /// Forgets a case that was erased. To whom it was offered is the first again.
    pub(super) fn forget(&mut self, caller: &CallerId) {
        if let Some(offer) = self.offers.remove(caller) {
            self.ready.push_front(offer.to);
        }
        self.passed.retain(|_, passed| {
            passed.remove(caller);
            !passed.is_empty()
        });
    }
}

impl Cases {
    /// The case that is offered to a person; none where there is none, or a colleague has taken it, or it waits no longer.
    pub fn offer_to(&self, person: &PersonId) -> Option<CallerId> {
        let is_open = |caller: &CallerId| self.waits(caller) && !self.is_somebodys(caller).unwrap_or(true);
        self.turns.offered(person).filter(is_open)
    }

    /// To whom a case is offered.
    pub fn offered_to(&self, caller: &CallerId) -> Option<PersonId> {
        let offer = self.turns.offers.get(caller)?;
        self.offer_to(&offer.to.person).map(|_| offer.to.person)
    }

    /// Who is ready, and to whom nothing is offered yet; the first first.
    pub fn ready(&self) -> impl Iterator<Item = PersonId> {
        self.turns.ready.iter().map(|standing| standing.person)
    }

    /// How many cases a person may still send on before they take one.
    pub fn passes_left(&self, person: &PersonId) -> usize {
        PASSES_MAX.saturating_sub(self.turns.passes(person))
    }

    /// Whether something has come from a person's device within `ABSENT_BEATS` beats of `device`.
    pub fn is_present(&self, person: &PersonId, device: &DeviceId) -> bool {
        let is_theirs = |of: &DeviceId| self.person_of(of) == Some(*person);
        self.beats
            .writers()
            .any(|of| is_theirs(of) && self.beats.since_entry(of, |one| one == device) < ABSENT_BEATS)
    }

    /// Gives turns as another state does.
    pub(crate) fn turn_as(&mut self, other: &Self) {
        self.turns.clone_from(&other.turns);
    }

    /// Pairs cases that wait with people who are ready, behind each entry: the most urgent with the first.
    ///
    /// # Errors
    /// [`Unread`] of a case that somebody has; the state is then no state of the log.
    pub(super) fn turn_over(&mut self) -> Result<(), Unread> {
        if self.turns.ready.is_empty() && self.turns.offers.is_empty() {
            return Ok(());
        }
        let mut turns = std::mem::take(&mut self.turns);
        let done = self.end_offers(&mut turns).and_then(|()| {
            turns.ready.retain(|standing| self.may_have_a_turn(standing));
            self.pair(&mut turns)
        });
        self.turns = turns;
        done
    }

    /// Ends offers that stand no longer. Whose case a colleague took, or waits no more, is the first again.
    fn end_offers(&self, turns: &mut Turns) -> Result<(), Unread> {
        for (caller, offer) in std::mem::take(&mut turns.offers) {
            let is_other = |device: &DeviceId| self.person_of(device) != Some(offer.to.person);
            if !self.waits(&caller) || self.is_somebodys(&caller)? {
                turns.ready.push_front(offer.to);
            } else if self.may_have_a_turn(&offer.to)
                && self.beats.since(&offer.since, is_other) < OFFER_BEATS
            {
                turns.offers.insert(caller, offer);
            }
        }
        Ok(())
    }

    /// Whether a person may answer, and something has come from their device of late.
    fn may_have_a_turn(&self, standing: &Standing) -> bool {
        let may_answer = self.person(&standing.person).is_some_and(Person::may_answer);
        let is_other = |device: &DeviceId| self.person_of(device) != Some(standing.person);
        may_answer
            && self.person_of(&standing.device) == Some(standing.person)
            && self.beats.since_entry(&standing.device, is_other) < ABSENT_BEATS
    }

    fn pair(&self, turns: &mut Turns) -> Result<(), Unread> {
        let (mut claims, mut passed_over) = (0, 0);
        for waiting in self.waiting() {
            if turns.ready.is_empty() || passed_over > PASSED_OVER_MAX {
                break;
            }
            let caller = waiting.caller;
            let is_claimed = self.holder_of(&caller).is_some();
            claims += usize::from(is_claimed);
            if turns.offers.contains_key(&caller)
                || is_claimed && (claims > CLAIMS_MAX || self.is_somebodys(&caller)?)
            {
                passed_over += 1;
                continue;
            }
            let first = turns.ready.iter().position(|standing| !turns.has_passed(&standing.person, &caller));
            if let Some(to) = first.and_then(|at| turns.ready.remove(at)) {
                turns.offers.insert(caller, Offer { to, since: self.beats.counts() });
            }
        }
        Ok(())
    }

    /// Whether somebody is at work on a case, as the log says.
    fn is_somebodys(&self, caller: &CallerId) -> Result<bool, Unread> {
        if self.holder_of(caller).is_none() {
            return Ok(false);
        }
        let case = self.get(caller)?;
        let claim = case.as_ref().and_then(|case| case.claim());
        Ok(claim.is_some_and(|claim| self.claim_state(claim) == ClaimState::Live))
    }
}

#[cfg(test)]
mod tests;
