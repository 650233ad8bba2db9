//! What waits for the log: kept, and shown to people behind it.

use std::sync::Arc;

use callsign_protocol::{caller_keys::CallerId, entry::EntryError};

use super::bundle::Bundle;
use crate::{
    DeskError, PeopleError,
    cases::{Act, Case, Event, EventBody, Refusal, Unread},
    device::DeviceState,
    hub::inbox::Taken,
};

impl DeviceState {
    /// Keeps events until they are in the log, all or none, and shows them at once.
    pub(crate) fn queue(&mut self, events: Vec<Event>) -> Result<(), DeskError> {
        self.queue_for(events, &[])
    }

    /// The same in place of drafts, by their rows: they go with it, or stay where it is not kept.
    pub(crate) fn queue_for(&mut self, mut events: Vec<Event>, drafts: &[i64]) -> Result<(), DeskError> {
        events.retain(|event| !self.log.fold.cases.has_applied(&event.id));
        self.allows(&events)?;
        if events.iter().any(|event| !Bundle::new().offer(event.clone())) {
            // One that fits no bundle would hold back all behind it for ever.
            return Err(EntryError::TooLarge.into());
        }
        if events.iter().any(|event| !event.is_readable()) {
            return Err(EntryError::Json.into());
        }
        self.cache.put_pending_for(&events, drafts, &mut self.rng)?;
        self.show(&events).or_else(|unread| self.read_anew(unread))
    }

    /// That an act would count, behind all that this device knows: one that would not is never written.
    ///
    /// # Errors
    /// [`PeopleError::LastCustodian`], [`PeopleError::Role`], [`DeskError::Refused`]
    pub(crate) fn would_count(&mut self, event: &Event) -> Result<(), DeskError> {
        self.allows(std::slice::from_ref(event))?;
        let origin = self.waiting();
        let judged =
            self.reading(|state| Ok(state.log.view.would_count(&Act { origin: &origin, event })?))?;
        match judged {
            Ok(()) => Ok(()),
            Err(Refusal::Custodian) => Err(PeopleError::LastCustodian.into()),
            Err(refusal) => Err(DeskError::Refused(refusal)),
        }
    }

    /// That this device's person has the roles for what they are about to do.
    ///
    /// # Errors
    /// [`PeopleError::Mentor`], [`PeopleError::Nobody`], [`PeopleError::Role`], [`DeskError::ShutOut`]
    pub(crate) fn allows(&self, events: &[Event]) -> Result<(), DeskError> {
        let own = self.keys.author;
        events.iter().try_for_each(|event| match self.log.view.allows(&own, &event.body) {
            Err(Refusal::Role) if self.log.view.person_of(&own).is_none() => Err(PeopleError::Nobody.into()),
            Err(Refusal::Role) => Err(PeopleError::Role.into()),
            Err(Refusal::Mentor) => Err(PeopleError::Mentor.into()),
            // Its own removal stands in the log: whatever it keeps would count for nothing.
            Err(Refusal::TooLate) => Err(DeskError::ShutOut),
            _ if self.log.view.lacks_mentor(&own, &event.body) => Err(PeopleError::Mentor.into()),
            _ => Ok(()),
        })
    }

    /// The same of what came of cells, with the place in the inbox up to which they were taken.
    pub(crate) fn keep_taken(
        &mut self,
        of_cells: &[Option<Event>],
        events: &[Event],
        taken: Taken,
    ) -> Result<(), DeskError> {
        let is_new = |event: &&Event| !self.log.fold.cases.has_applied(&event.id);
        let of_cells: Vec<_> = of_cells.iter().map(|event| event.as_ref().filter(is_new)).collect();
        self.cache.put_taken(&of_cells, &taken, &mut self.rng)?;
        self.inbox.taken = taken;
        self.show(events).or_else(|unread| self.read_anew(unread))
    }

    /// Reads the log from this disk, where all of it is kept, for a case lay elsewhere while it was taken in.
    pub(super) fn read_anew(&mut self, unread: Unread) -> Result<(), DeskError> {
        if matches!(unread, Unread::Altered) { self.mend() } else { Err(unread.into()) }
    }

    /// Shows what another process has put into the shared cache.
    pub(crate) fn refresh_pending(&mut self) -> Result<Vec<Event>, DeskError> {
        let pending = self.cache.pending()?;
        self.show(&pending)?;
        // What is taken back here must not be posted before the log says so.
        let is_unsettled =
            |body: &EventBody| matches!(body, EventBody::AnswerWithdrawn(_) | EventBody::DropPosted(_));
        let posted = pending.iter().filter(|event| is_unsettled(&event.body));
        self.posting.unsettled = posted.filter_map(|event| event.body.caller().copied()).collect();
        Ok(pending)
    }

    /// Shows events before the log says so.
    fn show(&mut self, events: &[Event]) -> Result<(), Unread> {
        self.changed(events);
        let origin = self.waiting();
        for event in events {
            let is_of_no_case = matches!(event.body, EventBody::Presence(_));
            self.log.view_is_ahead |= !is_of_no_case && !self.log.fold.cases.has_applied(&event.id);
            self.log.view.apply(&Act { origin: &origin, event })?;
        }
        Ok(())
    }

    /// The case of a caller, as people see it.
    ///
    /// # Errors
    /// [`DeskError::NoSuchCall`]
    pub(crate) fn case(&mut self, caller: &CallerId) -> Result<Arc<Case>, DeskError> {
        self.reading(|state| Ok(state.log.view.get(caller)?))?.ok_or(DeskError::NoSuchCall)
    }

    /// Notes which cases must be put into the search's index anew.
    pub(super) fn changed(&mut self, events: &[Event]) {
        self.log.unindexed.extend(events.iter().filter_map(|event| event.body.about()));
    }

    /// Shows the log and what waits behind it.
    pub(crate) fn show_anew(&mut self) -> Result<(), DeskError> {
        (self.log.view, self.log.view_is_ahead) = (self.log.fold.cases.clone(), false);
        self.refresh_pending().map(drop)
    }
}
