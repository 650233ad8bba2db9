//! `callsign desk note`: what colleagues tell each other of a case. Callers never see it.

use std::io::{self, IsTerminal as _};

use callsign_desk::{
    Desk, DeskError, NewNote, NoteError, Telltale,
    cases::{Case, Note, NoteKind},
    ui::moment as moment_of,
};
use callsign_protocol::encoding::Bytes;
use clap::Args;
use serde_json::{Value, json};

use super::{
    Common,
    acting::{Act, finish},
    open,
};
use crate::{
    failure::Failure,
    input::{self, InputError},
    output::{self, Lines, label},
};

/// Bytes of a note that are read, at most; far more than any note has.
const NOTE_MAX: u64 = 1 << 20;
/// Characters of a note's id.
const ID_LEN: usize = 22;

/// Arguments of `desk note`.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the command line")]
pub struct NoteArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Of whose case
    #[arg(long, value_name = "S")]
    call_sign: String,
    /// The note; - reads it from standard input
    #[arg(long, value_name = "T", conflicts_with = "input")]
    text: Option<String>,
    /// - reads the note from standard input
    #[arg(value_name = "-", value_parser = crate::input::standard_mark)]
    input: Option<String>,
    /// Strike a note, so that its text goes: its id, as `callsign desk show` says it, or how that begins
    #[arg(long, value_name = "NOTE", conflicts_with_all = ["text", "input"], value_parser = id, allow_hyphen_values = true)]
    strike: Option<String>,
    /// Give colleagues the draft of an answer that this device keeps, as a note; it is sent to nobody
    #[arg(long, conflicts_with_all = ["text", "input", "strike"])]
    draft: bool,
    /// It is one line on what is to be done next: the sheet of your shift's end shows it
    #[arg(long, conflicts_with_all = ["strike", "draft"])]
    next: bool,
    /// Keep it though it may tell who or where somebody is
    #[arg(long)]
    all_the_same: bool,
    /// Leave it to the beat of the desk that serves DIR
    #[arg(long)]
    queued: bool,
}

/// Keeps a note, or strikes one.
pub fn note(arguments: &NoteArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    let caller = desk.find(&arguments.call_sign)?;
    let (name, queued) = (desk.call_sign(&caller), arguments.queued);
    if let Some(written) = &arguments.strike {
        let note = named(desk.case(&caller)?.notes(), written)?;
        let event = desk.strike_note(&caller, &note)?;
        let done = format!("the note on {name} is struck, and its text is gone");
        let result = json!({ "call_sign": name, "note": note.to_string(), "struck": true });
        return finish(&desk, Act { event, done: &done, result, queued });
    }
    let telling = if arguments.all_the_same { Telltale::Keep } else { Telltale::Refuse };
    if arguments.draft {
        let kept = desk.give_draft(&caller, telling)?;
        let done = format!("the draft to {name} is given to colleagues as a note, and nothing was sent");
        let result = json!({ "call_sign": name, "note": kept.note.to_string(), "struck": false });
        return finish(&desk, Act { event: kept.event, done: &done, result, queued });
    }
    let text = match arguments.text.as_deref().or(arguments.input.as_deref()) {
        Some("-") | None => read_note()?,
        Some(text) => text.to_owned(),
    };
    let kind = if arguments.next { NoteKind::Next } else { NoteKind::Note };
    let text = if arguments.next { text.trim() } else { &*text };
    let kept = desk.keep_note(&NewNote { kind, telling, ..NewNote::new(&caller, text) })?;
    let done = format!("the note on {name} is kept, for colleagues only; its id is {}", kept.note);
    let result = json!({ "call_sign": name, "note": kept.note.to_string(), "struck": false });
    finish(&desk, Act { event: kept.event, done: &done, result, queued })
}

/// A note, for programs.
pub(super) fn as_json(desk: &Desk, note: &Note) -> Value {
    let name = |person| desk.pseudonym(person);
    json!({
        "note": note.id.to_string(),
        "by": name(&note.by),
        "written": note.at,
        "kind": note.kind.code(),
        "text": note.text(),
        "struck_by": note.struck_by.as_ref().and_then(name),
    })
}

/// What is known of a case, with the notes at its end: nobody takes them for what was said to the caller.
pub(super) fn lines(desk: &Desk, case: &Case, mut lines: Lines) -> Lines {
    let name = |person| desk.pseudonym(person).map_or_else(String::new, |name| label(&name));
    if let Some(closed) = case.closed() {
        lines.push("");
        lines.push(format!("Closed: {}, by {}", closed.why.told(), name(&closed.by)));
    }
    for note in case.notes() {
        let when = note.at.map_or_else(|| "not in the log yet".to_owned(), moment_of);
        lines.push("");
        let kind = match note.kind {
            NoteKind::Note => "note",
            NoteKind::Draft => "draft of an answer, sent to nobody,",
            NoteKind::Next => "what is next,",
        };
        lines.push(format!("=== {kind} for colleagues only · {} · {when} · {} ===", name(&note.by), note.id));
        match &note.struck_by {
            Some(by) => lines.push(format!("[struck by {}]", name(by))),
            None => lines.push_quote(&note.text()),
        }
    }
    lines
}

/// The one note of a case that is meant by its id, or by how that begins.
fn named(notes: &[Note], written: &str) -> Result<Bytes<16>, Failure> {
    let meant: Vec<_> = notes.iter().filter(|note| note.id.to_string().starts_with(written)).collect();
    match meant[..] {
        [one] => Ok(one.id),
        [] => Err(DeskError::from(NoteError::Gone).into()),
        _ => Err(Failure::new(
            "ambiguous-note",
            "several notes of this case begin like this; give more of the id",
        )),
    }
}

/// A note from standard input, byte for byte; at a terminal with a word of what to do.
fn read_note() -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        output::note(
            "Your note for colleagues, which the caller never sees; Ctrl-D on an empty line ends it:",
        );
    }
    let bytes = match input::standard(NOTE_MAX) {
        // The desk refuses it as every note that shows nothing.
        Err(InputError::Empty { .. }) => Vec::new(),
        read => read?,
    };
    String::from_utf8(bytes).map_err(|_| {
        Failure::new(
            "not-text",
            "the note is not UTF-8 text, so nothing was kept; save it as UTF-8 and try again",
        )
    })
}

/// An id, or the beginning of one.
fn id(text: &str) -> Result<String, &'static str> {
    let fits = (1..=ID_LEN).contains(&text.len());
    if fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        Ok(text.to_owned())
    } else {
        Err("an id has 22 letters, digits, - and _, as `callsign desk show` says it; its beginning is enough")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_named_by_as_much_of_its_id_as_tells_it_from_the_others() {
        let of = |last: u8| {
            let mut id = Bytes([0; 16]);
            id.0[15] = last;
            Note {
                id,
                parts: vec![Some("text".to_owned())],
                kind: NoteKind::Note,
                by: id,
                at: None,
                struck_by: None,
            }
        };
        let all = [of(1), of(255)];
        assert_eq!(named(&all, &all[0].id.to_string()).ok(), Some(all[0].id));
        assert!(named(&all, "AAA").unwrap_err().message().contains("several"));
        assert!(named(&all[..1], "AAA").is_ok());
        assert!(named(&all, "B").unwrap_err().message().contains("not there"));
    }
}
