//! Notes: what colleagues tell each other of a case. No drop is made of one, and nothing makes an answer of it.

use callsign_protocol::{
    call::split_json, caller_keys::CallerId, derive::sha256_id, encoding::Bytes, time::UnixSeconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, Event, EventBody, EventId, PersonId, Role,
    act::{Act, EventKind, Refusal, Writer},
    people::{LEARNERS, OPERATORS},
};

/// Parts of one note, at most: all of them go into one bundle.
pub const NOTE_PARTS_MAX: u8 = 4;
/// Bytes of a part's text inside a JSON string, at most: one goes into a bundle beside others.
pub const NOTE_PART_MAX: usize = 1_500;
/// Notes of one case, at most, those among them that were struck.
pub const NOTES_MAX: usize = 128;

/// What a note is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// What colleagues are to know.
    #[default]
    Note,
    /// A draft of an answer that its writer has given to colleagues. It is sent to nobody.
    Draft,
    /// What is to be done next, as somebody said who ended their shift.
    Next,
}

/// A person has written a part of a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteWritten {
    /// Whose case.
    pub caller: CallerId,
    /// The note.
    pub note: Bytes<16>,
    /// From 1.
    pub part: u8,
    /// 1 to 4.
    pub parts: u8,
    /// This part of the text.
    pub text: String,
    /// What the note is.
    #[serde(default, skip_serializing_if = "NoteKind::is_note")]
    pub kind: NoteKind,
}

/// A person strikes a note: its text goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteStruck {
    /// Whose case.
    pub caller: CallerId,
    /// Which.
    pub note: Bytes<16>,
}

/// A note of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What names it.
    pub id: Bytes<16>,
    /// Its parts as far as they are in the log; none of one that was struck.
    pub parts: Vec<Option<String>>,
    /// What it is.
    #[serde(default, skip_serializing_if = "NoteKind::is_note")]
    pub kind: NoteKind,
    /// Who wrote it.
    pub by: PersonId,
    /// When its first part came into the log, by its author's clock in whole minutes; none while it waits for that.
    pub at: Option<UnixSeconds>,
    /// Who struck it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub struck_by: Option<PersonId>,
}

impl NoteKind {
    /// Its name in the log and in commands.
    pub fn code(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Draft => "draft",
            Self::Next => "next",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it skips by reference")]
    fn is_note(&self) -> bool {
        *self == Self::Note
    }
}

impl EventKind for NoteWritten {
    fn noun(&self) -> &'static str {
        "a note"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::LearnerAnywhere(OPERATORS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// All parts are of one hand, and what was struck does not come back.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let is_part = (1..=self.parts).contains(&self.part) && self.parts <= NOTE_PARTS_MAX;
        if !is_part || !is_note_part(&self.text) {
            return Err(Refusal::Numbers);
        }
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        match case.note(&self.note) {
            // Whoever was faster has filled the case.
            None if case.notes.len() >= NOTES_MAX => Err(Refusal::TooLate),
            Some(note) if state.person_of(&act.origin.author) != Some(note.by) => Err(Refusal::Author),
            Some(note) if note.struck_by.is_some() => Err(Refusal::TooLate),
            Some(note) if note.parts.len() != usize::from(self.parts) || note.kind != self.kind => {
                Err(Refusal::Numbers)
            }
            None | Some(_) => Ok(()),
        }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let Some(by) = state.person_of(&act.origin.author) else { return };
        let at = act.origin.written(state);
        state.with(&self.caller, |case| case.note_written(self, by, at));
    }
}

impl EventKind for NoteStruck {
    fn noun(&self) -> &'static str {
        "the striking of a note"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(LEARNERS)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        let note = case.note(&self.note).filter(|note| note.struck_by.is_none()).ok_or(Refusal::TooLate)?;
        let author = &act.origin.author;
        let is_own = state.person_of(author) == Some(note.by);
        if is_own || state.has_role(author, Role::Leader) { Ok(()) } else { Err(Refusal::Role) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let person = state.person_of(&act.origin.author);
        state.with(&self.caller, |case| {
            for note in case.notes.iter_mut().filter(|note| note.id == self.note) {
                (note.parts, note.struck_by) = (Vec::new(), person);
            }
        });
    }
}

impl Event {
    /// The event of a part of a note: writing the same one again makes the same event.
    pub fn note_written(written: NoteWritten) -> Self {
        let id: EventId = sha256_id(&[b"note part", &written.note.0, &[written.part]]);
        Self { id, body: EventBody::NoteWritten(written) }
    }
}

/// The texts of the parts of a note; their concatenation is the note.
pub fn note_parts(text: &str) -> Vec<&str> {
    split_json(text, NOTE_PART_MAX)
}

fn is_note_part(text: &str) -> bool {
    !text.is_empty() && note_parts(text).len() == 1
}

impl Case {
    /// What colleagues wrote of it, in the order of the log.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// What a person said last that is to be done next; none where they said nothing, or it was struck.
    pub fn next_by(&self, person: &PersonId) -> Option<&Note> {
        let is_it =
            |note: &&Note| note.kind == NoteKind::Next && note.by == *person && note.struck_by.is_none();
        self.notes.iter().rev().find(is_it)
    }

    /// A note.
    pub fn note(&self, id: &Bytes<16>) -> Option<&Note> {
        self.notes.iter().find(|note| note.id == *id)
    }

    fn note_written(&mut self, written: &NoteWritten, by: PersonId, at: Option<UnixSeconds>) {
        let (id, parts) = (written.note, vec![None; usize::from(written.parts.min(NOTE_PARTS_MAX))]);
        let place = self.notes.iter().position(|note| note.id == id).unwrap_or_else(|| {
            self.notes.push(Note { id, parts, kind: written.kind, by, at, struck_by: None });
            self.notes.len() - 1
        });
        let slot = usize::from(written.part).checked_sub(1);
        if let Some(slot) = slot.and_then(|slot| self.notes[place].parts.get_mut(slot)) {
            slot.get_or_insert_with(|| written.text.clone());
        }
    }
}

impl Note {
    /// The text as far as it is here; empty where it was struck.
    pub fn text(&self) -> String {
        self.parts.iter().flatten().map(String::as_str).collect()
    }

    /// Whether all parts are here.
    pub fn is_complete(&self) -> bool {
        self.parts.iter().all(Option::is_some)
    }
}

#[cfg(test)]
mod tests;
