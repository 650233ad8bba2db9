//! Notes among colleagues. What is written here goes into the desk's log, and into no drop.

use callsign_protocol::{caller_keys::CallerId, derive::sha256_id, encoding::Bytes, invisible::is_blank};
use thiserror::Error;

use super::cautions::{Caution, telling};
use crate::{
    Desk, DeskError,
    cases::{
        Event, EventBody, EventId, HANDOVER_NOTE_MAX, NOTE_PART_MAX, NOTE_PARTS_MAX, NOTES_MAX, NoteKind,
        NoteStruck, NoteWritten, Role, note_parts,
    },
    escape::label,
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
    /// What it is.
    pub kind: NoteKind,
    /// Whether it is kept though it may tell who or where somebody is.
    pub telling: Telltale<'a>,
}

/// What becomes of a note that may tell who or where somebody is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Telltale<'a> {
    /// It is not kept, and what it may tell is named.
    #[default]
    Refuse,
    /// It is kept where somebody has seen what this very text may tell, whose digest they name.
    Seen(&'a str),
    /// It is kept all the same.
    Keep,
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
#[derive(Clone, Debug, PartialEq, Eq, Error)]
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
    /// It may tell who or where somebody is.
    #[error("this may tell who or where somebody is, so it is not kept yet: {}; take it out, or keep it all the same (`--all-the-same`)", found(.0))]
    Telling(Vec<Caution>),
    /// There is no draft to give.
    #[error("no draft of an answer to this caller is kept on this device; write one, and give it then")]
    NoDraft,
    /// What is next is one line.
    #[error("what is next has 1 to {HANDOVER_NOTE_MAX} characters in one line; write more as a note")]
    NextLine,
    /// There are as many as a case can have.
    #[error("this case has {NOTES_MAX} notes already, which is the limit; a follow-up has room for a line")]
    TooMany,
}

impl Desk {
    /// Keeps a note; it waits for the log as all that people do. The same note under the same key is kept once.
    pub fn keep_note(&self, new: &NewNote<'_>) -> Result<KeptNote, DeskError> {
        let texts = new.checked()?;
        let mut state = self.state();
        // Another process with the same files may have kept it.
        state.refresh_pending()?;
        let case = state.case(new.caller)?;
        let of = |once: &str| sha256_id(&[b"note", &new.caller.0, once.as_bytes()]);
        let note = new.once.map_or_else(|| state.random_id(), of);
        let parts = u8::try_from(texts.len()).unwrap_or(u8::MAX);
        let part = |(part, text): (u8, &str)| {
            let (caller, text, kind) = (*new.caller, text.to_owned(), new.kind);
            Event::note_written(NoteWritten { caller, note, part, parts, text, kind })
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

    /// Gives the draft of an answer that this device keeps to colleagues, as notes of its case: a draft leaves the device by no other
    /// way. The draft stays; the same version of it is given once.
    ///
    /// # Errors
    /// [`NoteError::NoDraft`], [`NoteError::Telling`]; those of [`Desk::keep_note`].
    pub fn give_draft(&self, caller: &CallerId, telling: Telltale<'_>) -> Result<KeptNote, DeskError> {
        let draft = self.draft(caller)?.filter(|draft| !is_blank(&draft.text)).ok_or(NoteError::NoDraft)?;
        // As a whole: what somebody has seen is the draft, not a piece of it.
        told(&draft.text, telling)?;
        let mut last = None;
        // A draft may be longer than a note.
        for (at, parts) in note_parts(&draft.text).chunks(NOTE_PARTS_MAX.into()).enumerate() {
            let (text, once) = (parts.concat(), format!("draft {} {at}", draft.version));
            let (once, kind, telling) = (Some(&*once), NoteKind::Draft, Telltale::Keep);
            last = Some(self.keep_note(&NewNote { caller, text: &text, once, kind, telling })?);
        }
        last.ok_or_else(|| NoteError::NoDraft.into())
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

impl<'a> NewNote<'a> {
    /// An ordinary note, which is not kept where it may tell who or where somebody is.
    pub fn new(caller: &'a CallerId, text: &'a str) -> Self {
        Self { caller, text, once: None, kind: NoteKind::Note, telling: Telltale::Refuse }
    }

    /// Its parts.
    ///
    /// # Errors
    /// [`NoteError::Empty`], [`NoteError::TooLong`], [`NoteError::NextLine`], [`NoteError::Telling`]
    pub(super) fn checked(&self) -> Result<Vec<&'a str>, NoteError> {
        if is_blank(self.text) {
            return Err(NoteError::Empty);
        }
        let texts = note_parts(self.text);
        if texts.len() > usize::from(NOTE_PARTS_MAX) {
            return Err(NoteError::TooLong { parts: texts.len() });
        }
        let is_line = self.text.chars().count() <= HANDOVER_NOTE_MAX && !self.text.contains(['\n', '\r']);
        if self.kind == NoteKind::Next && !is_line {
            return Err(NoteError::NextLine);
        }
        told(self.text, self.telling)?;
        Ok(texts)
    }
}

/// Names a text, so that somebody can say that they have seen what it may tell.
pub fn seen_as(text: &str) -> String {
    sha256_id(&[b"seen", text.as_bytes()]).to_string()
}

/// That somebody has seen what a text may tell, or it tells nothing.
fn told(text: &str, seen: Telltale<'_>) -> Result<(), NoteError> {
    let is_seen = match seen {
        Telltale::Refuse => false,
        Telltale::Seen(digest) => digest == seen_as(text),
        Telltale::Keep => true,
    };
    let cautions = if is_seen { Vec::new() } else { telling(text) };
    if cautions.is_empty() { Ok(()) } else { Err(NoteError::Telling(cautions)) }
}

/// What was found, for people.
fn found(cautions: &[Caution]) -> String {
    let pieces = cautions.iter().filter_map(|caution| match caution {
        Caution::Telling(_, pieces) => Some(pieces),
        _ => None,
    });
    pieces.flatten().map(|piece| label(piece)).collect::<Vec<_>>().join(", ")
}
