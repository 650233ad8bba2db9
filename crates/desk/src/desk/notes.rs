//! Notes among colleagues. What is written here goes into the desk's log, and into no drop.

use callsign_protocol::{caller_keys::CallerId, derive::sha256_id, encoding::Bytes, invisible::is_blank};
use thiserror::Error;

use crate::{
    Desk, DeskError,
    cases::{
        Event, EventBody, EventId, NOTE_PART_MAX, NOTE_PARTS_MAX, NOTES_MAX, NoteStruck, NoteWritten, Role,
        note_parts,
    },
};

/// A note as a person writes it.
#[derive(Clone, Copy, Debug)]
pub struct NewNote<'a> {
    /// Of whose case.
    pub caller: &'a CallerId,
    /// Its text; at most 4 parts.
    pub text: &'a str,
    /// What tells a repetition from a second note; none where this can be no repetition.
    pub once: Option<&'a str>,
}

/// A note that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptNote {
    /// What names it.
    pub note: Bytes<16>,
    /// The event of its last part.
    pub event: EventId,
}

/// Why a note is not kept or struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Nothing is written.
    #[error("the note is empty; write what colleagues are to know")]
    Empty,
    /// It is not there any more.
    #[error("that note is not there, or was struck already; look at the case again")]
    Gone,
    /// It is a colleague's.
    #[error("that note is a colleague's; they strike it themselves, or a leader does")]
    NotYours,
    /// The same form has kept another one.
    #[error("another note was kept from this form already; look at the notes, then keep this one as well")]
    OnceUsed,
    /// It is too long.
    #[error(
        "the note is too long: it would take {parts} parts of about {NOTE_PART_MAX} bytes, and {NOTE_PARTS_MAX} is the limit; keep it as several notes"
    )]
    TooLong {
        /// How many parts it would take.
        parts: usize,
    },
    /// There are as many as a case can have.
    #[error("this case has {NOTES_MAX} notes already, which is the limit; a follow-up has room for a line")]
    TooMany,
}

impl Desk {
    /// Keeps a note; it waits for the log as all that people do. The same note under the same key is kept once.
    pub fn keep_note(&self, new: &NewNote<'_>) -> Result<KeptNote, DeskError> {
        if is_blank(new.text) {
            return Err(NoteError::Empty.into());
        }
        let texts = note_parts(new.text);
        if texts.len() > usize::from(NOTE_PARTS_MAX) {
            return Err(NoteError::TooLong { parts: texts.len() }.into());
        }
        let mut state = self.state();
        // Another process with the same files may have kept it.
        state.refresh_pending()?;
        let case = state.case(new.caller)?;
        let of = |once: &str| sha256_id(&[b"note", &new.caller.0, once.as_bytes()]);
        let note = new.once.map_or_else(|| state.random_id(), of);
        let parts = u8::try_from(texts.len()).unwrap_or(u8::MAX);
        let part = |(part, text): (u8, &str)| {
            let (caller, text) = (*new.caller, text.to_owned());
            Event::note_written(NoteWritten { caller, note, part, parts, text })
        };
        let events: Vec<Event> = (1..=parts).zip(texts).map(part).collect();
        let event = events.last().map(|event| event.id).ok_or(NoteError::Empty)?;
        if let Some(known) = case.note(&note) {
            let is_same = known.text() == new.text;
            return if is_same { Ok(KeptNote { note, event }) } else { Err(NoteError::OnceUsed.into()) };
        }
        if events.iter().any(|event| state.log.view.has_applied(&event.id)) {
            // Of a case that was erased since.
            return Err(NoteError::OnceUsed.into());
        }
        if case.notes().len() >= NOTES_MAX {
            return Err(NoteError::TooMany.into());
        }
        state.queue(events)?;
        drop(state);
        self.tell_change();
        Ok(KeptNote { note, event })
    }

    /// Strikes a note: its text goes, and who struck it stays.
    pub fn strike_note(&self, caller: &CallerId, note: &Bytes<16>) -> Result<EventId, DeskError> {
        self.act(|state| {
            let case = state.case(caller)?;
            let known = case.note(note).filter(|known| known.struck_by.is_none()).ok_or(NoteError::Gone)?;
            let own = state.keys.author;
            let is_own = state.log.view.person_of(&own) == Some(known.by);
            if !is_own && !state.log.view.has_role(&own, Role::Leader) {
                return Err(NoteError::NotYours.into());
            }
            Ok(EventBody::NoteStruck(NoteStruck { caller: *caller, note: *note }))
        })
    }
}
