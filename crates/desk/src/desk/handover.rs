//! Ending a shift, and taking over what another one has left.

use callsign_protocol::{caller_keys::CallerId, invisible::is_blank};
use thiserror::Error;

use crate::{
    Desk, DeskError, NewNote, NoteError,
    cases::{
        Event, EventBody, EventId, HANDOVER_NOTE_MAX, HandoverTaken, LEFT_MAX, NOTES_MAX, NoteKind,
        NoteWritten, PersonId, ShiftEnded,
    },
    device::DeviceState,
};

/// Why a shift is not ended, or not taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HandoverError {
    /// What was written for the next shift.
    #[error(
        "what the next shift has to know has 1 to {HANDOVER_NOTE_MAX} characters in one line; write more as a note of a call"
    )]
    Note,
    /// Nothing is there to take over.
    #[error("nothing is there to take over: somebody has, or it is your own; look again")]
    Nothing,
    /// What is next is said of another's case.
    #[error(
        "you do not have one of these cases any more, so nothing was kept; look again, and end your shift then"
    )]
    NotYours,
    /// Whoever ends a shift has more cases than a sheet has room for.
    #[error("you have more than {LEFT_MAX} cases; let some of them go first")]
    TooMany,
    /// A call of level 1 would be left to nobody.
    #[error(
        "a call of level 1 waits and nobody else is at work; answer it, or write for the next shift what becomes of it: who is rung up"
    )]
    Urgent,
}

impl Desk {
    /// Ends the shift of whoever works here, which lets their cases go and writes what they leave; the event that ends it.
    ///
    /// # Errors
    /// [`HandoverError`]
    pub fn end_shift(&self, note: Option<&str>) -> Result<EventId, DeskError> {
        self.end_shift_with(note, &[])
    }

    /// The same with a line for some of the cases on what is to be done next, which are kept as notes of these cases. All of it is
    /// kept, or nothing.
    ///
    /// # Errors
    /// [`HandoverError`]; those of [`Desk::keep_note`].
    pub fn end_shift_with(&self, note: Option<&str>, next: &[NewNote<'_>]) -> Result<EventId, DeskError> {
        let note = note.map(str::trim).filter(|note| !note.is_empty());
        let is_note = |note: &str| {
            !is_blank(note) && note.chars().count() <= HANDOVER_NOTE_MAX && !note.contains(['\n', '\r'])
        };
        if !note.is_none_or(is_note) {
            return Err(HandoverError::Note.into());
        }
        let mut state = self.state();
        state.refresh_pending()?;
        if note.is_none() && state.log.view.leaves_urgent(&state.keys.author) {
            return Err(HandoverError::Urgent.into());
        }
        let left = state.own_cases()?;
        let mut events = state.said_next(next)?;
        state.withdraw_presence()?;
        let ended = state.event(EventBody::ShiftEnded(ShiftEnded { note: note.map(str::to_owned), left }));
        let id = ended.id;
        events.push(ended);
        state.queue(events)?;
        drop(state);
        self.tell_change();
        Ok(id)
    }

    /// Takes over what a shift has left: this one, or the newest that nobody has.
    ///
    /// # Errors
    /// [`HandoverError::Nothing`]
    pub fn take_over_shift(&self, shift: Option<&EventId>) -> Result<EventId, DeskError> {
        self.act(|state| {
            let me = state.log.view.person_of(&state.keys.author);
            let is_free = |by: PersonId, taken: Option<PersonId>| taken.is_none() && Some(by) != me;
            let mut sheets = state.log.view.sheets().rev();
            let meant = sheets.find(|sheet| {
                is_free(sheet.by, sheet.taken_by) && shift.is_none_or(|shift| sheet.id == *shift)
            });
            let shift = meant.map(|sheet| sheet.id).ok_or(HandoverError::Nothing)?;
            Ok(EventBody::HandoverTaken(HandoverTaken { shift }))
        })
    }
}

impl DeviceState {
    /// The notes of what is to be done next, for cases of whoever works here.
    fn said_next(&mut self, next: &[NewNote<'_>]) -> Result<Vec<Event>, DeskError> {
        let me = self.log.view.person_of(&self.keys.author);
        let mut events = Vec::new();
        for new in next {
            let texts = new.checked()?;
            let case = self.case(new.caller)?;
            if me.is_none_or(|me| !case.is_held_by(&me)) {
                return Err(HandoverError::NotYours.into());
            }
            if case.notes().len() >= NOTES_MAX {
                return Err(NoteError::TooMany.into());
            }
            let (note, parts) = (self.random_id(), u8::try_from(texts.len()).unwrap_or(u8::MAX));
            events.extend((1..=parts).zip(texts).map(|(part, text)| {
                let (caller, text, kind) = (*new.caller, text.to_owned(), NoteKind::Next);
                Event::note_written(NoteWritten { caller, note, part, parts, text, kind })
            }));
        }
        Ok(events)
    }

    /// The cases of whoever works here.
    fn own_cases(&self) -> Result<Vec<CallerId>, DeskError> {
        let me = self.log.view.person_of(&self.keys.author);
        let own: Vec<CallerId> = me.map_or_else(Vec::new, |me| self.log.view.claimed_by(&me).collect());
        if own.len() > LEFT_MAX { Err(HandoverError::TooMany.into()) } else { Ok(own) }
    }
}
