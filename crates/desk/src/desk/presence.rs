//! Who is there, and what they say that they are doing: told to colleagues by beats alone, unless somebody wants none of it.

use std::collections::{BTreeMap, BTreeSet};

use callsign_protocol::caller_keys::CallerId;

use crate::{
    Desk, DeskError,
    cases::{Doing, Event, EventBody, EventId, PersonId, PresenceSaid},
    device::DeviceState,
};

/// Beats of this device behind which it says once more what its person is doing: 10 minutes at 30 s.
const AGAIN_BEATS: u32 = 20;

/// Who is at work, as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub person: PersonId,
    /// Their pseudonym.
    pub name: String,
    /// Whether that is whoever works at this device.
    pub is_own: bool,
    /// Whether something has come from a device of theirs within the last beats of this one, and they do not say that they are away.
    pub is_there: bool,
    /// What they say that they are doing; none where only beats tell.
    pub doing: Option<Doing>,
}

/// A colleague who is at a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtCase {
    /// Their pseudonym.
    pub name: String,
    /// Reading or writing.
    pub doing: Doing,
}

impl Desk {
    /// Everybody who has a device, with whether they are there.
    pub fn presence(&self) -> Vec<Presence> {
        let state = self.state();
        let (cases, own) = (&state.log.view, state.keys.author);
        let me = cases.person_of(&own);
        let present = cases.people().filter(|(_, person)| !person.left && !person.roles.is_empty());
        present
            .map(|(id, person)| {
                let (is_own, doing) = (Some(*id) == me, cases.doing(id, &own));
                let is_heard = is_own || cases.is_present(id, &own);
                let is_there = is_heard && doing != Some(Doing::Away);
                let doing = doing.filter(|_| is_heard);
                Presence { person: *id, name: person.name.clone(), is_own, is_there, doing }
            })
            .collect()
    }

    /// Colleagues who are at a case, those who write first. Nothing tells at which case somebody is but the case itself, so that
    /// nobody hears of one that they may not see.
    pub fn others_at(&self, caller: &CallerId) -> Vec<AtCase> {
        let state = self.state();
        let (cases, own) = (&state.log.view, state.keys.author);
        let name = |person| cases.person(&person).map(|person| person.name.clone()).unwrap_or_default();
        let others = cases.others_at(caller, &own).into_iter();
        let mut others: Vec<_> = others.map(|(person, doing)| AtCase { name: name(person), doing }).collect();
        others.sort_by(|one, other| (other.doing, &one.name).cmp(&(one.doing, &other.name)));
        others
    }

    /// The same of all cases at which anybody is.
    pub fn others_at_cases(&self) -> BTreeMap<CallerId, Vec<AtCase>> {
        let at: BTreeSet<CallerId> = self.state().log.view.said_at().collect();
        let others = at.into_iter().map(|caller| (caller, self.others_at(&caller)));
        others.filter(|(_, others)| !others.is_empty()).collect()
    }

    /// Says what whoever works here is doing, where that is another thing than was said last, or that was some ten minutes ago. It
    /// leaves with a beat and never causes anything to leave. Where colleagues are not to see it, nothing is said.
    ///
    /// # Errors
    /// Those of the device's files.
    pub fn say_presence(&self, doing: Doing, caller: Option<&CallerId>) -> Result<(), DeskError> {
        self.state().say_presence(PresenceSaid { caller: caller.copied(), doing })
    }

    /// Says once more what was said last, where that is long ago, as of somebody who moves on a page; `at` is what the page alone
    /// tells of them, if it is known. Who writes at its case goes on writing there. Who is away comes back by more.
    ///
    /// # Errors
    /// Those of the device's files.
    pub fn renew_presence(&self, at: Option<PresenceSaid>) -> Result<(), DeskError> {
        let mut state = self.state();
        let last = state.log.view.said_by(&state.keys.author).map(|(said, _)| said);
        let goes_on =
            |last: &PresenceSaid| at.is_none_or(|at| at.caller.is_some() && at.caller == last.caller);
        let nothing = PresenceSaid { caller: None, doing: Doing::Here };
        match last {
            Some(PresenceSaid { doing: Doing::Away, .. }) => Ok(()),
            Some(last) if goes_on(&last) => state.say_presence(last),
            _ => state.say_presence(at.unwrap_or(nothing)),
        }
    }

    /// Whether colleagues see what whoever works here is doing.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn shows_presence(&self) -> Result<bool, DeskError> {
        Ok(!self.state().cache.is_silent()?)
    }

    /// Shows colleagues what whoever works here is doing, or no more: then only beats tell whether they are there. It holds for
    /// this device until it is said otherwise.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn show_presence(&self, is_shown: bool) -> Result<(), DeskError> {
        let mut state = self.state();
        if !is_shown {
            // What stands there is taken back first: it would stay until it is old.
            state.say_presence(PresenceSaid { caller: None, doing: Doing::Here })?;
        }
        state.cache.note_silent(!is_shown)?;
        drop(state);
        self.tell_change();
        Ok(())
    }
}

impl DeviceState {
    pub(crate) fn say_presence(&mut self, said: PresenceSaid) -> Result<(), DeskError> {
        let own = self.keys.author;
        let is_news = |(last, beats): (PresenceSaid, u32)| last != said || beats >= AGAIN_BEATS;
        if !self.log.view.said_by(&own).is_none_or(is_news) || self.cache.is_silent()? {
            return Ok(());
        }
        let event = self.event(EventBody::Presence(said));
        if self.allows(std::slice::from_ref(&event)).is_err() {
            // Nobody who works here has a role, or the log does not say whose this device is.
            return Ok(());
        }
        // Of a device the newest counts, and no other waits.
        let old = self.presence_waiting()?;
        self.queue(vec![event])?;
        Ok(self.cache.remove_pending(&old)?)
    }

    /// Takes back what waits of it: the end of a shift says more, and would come before it.
    pub(super) fn withdraw_presence(&mut self) -> Result<(), DeskError> {
        let waiting = self.presence_waiting()?;
        Ok(self.cache.remove_pending(&waiting)?)
    }

    fn presence_waiting(&self) -> Result<Vec<EventId>, DeskError> {
        let pending = self.cache.pending()?;
        let is_it = |event: &&Event| matches!(event.body, EventBody::Presence(_));
        Ok(pending.iter().filter(is_it).map(|event| event.id).collect())
    }
}
