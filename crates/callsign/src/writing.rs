//! What `call send` and `letter` share: the message, and the phrase that it is written under.

use std::{
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
};

use callsign_protocol::{
    call::{LABEL_MAX, Message, MessageError, PART_TEXT_MAX},
    encoding::Bytes,
    notice::{Notice, is_label},
    phrase::Phrase,
    words::Language,
};
use clap::Args;
use rand_core::CryptoRng;
use serde_json::json;
use thiserror::Error;

use crate::{
    input::{self, InputError},
    output::{Lines, count as counted, label, note, warn},
};

/// Bytes of a text that are read at most; far more than any message has.
const TEXT_MAX: u64 = 1 << 20;
/// Bytes of a file with a phrase, at most; ten words have a few hundred.
const PHRASE_FILE_MAX: u64 = 1 << 16;

/// Words of a phrase that was generated; more of them on several lines are several phrases.
const PHRASE_WORDS: usize = 10;

/// What is written, and by whom.
#[derive(Args)]
pub struct WritingArgs {
    /// What the call is about: one of the desk's tracks
    #[arg(long, value_name = "ID", value_parser = track)]
    track: Option<String>,
    /// The language that you write in and want to be answered in; a new phrase has words of it (en, uk, ru). Without it that of the phrase,
    /// en for a new one
    #[arg(long, value_name = "L", value_parser = language)]
    lang: Option<String>,
    /// When it is safe for you to look for an answer, in your words
    #[arg(long, value_name = "T")]
    safe_times: Option<String>,
    /// Write on the call whose phrase is in this file
    #[arg(long, value_name = "F")]
    phrase_file: Option<PathBuf>,
    /// The text; - reads it from standard input. Others on this computer can see arguments: rather type it or use -
    #[arg(long, value_name = "T", conflicts_with = "standard_input")]
    text: Option<String>,
    /// Read the text from standard input
    #[arg(value_name = "-", value_parser = crate::input::standard_mark)]
    standard_input: Option<String>,
}

/// A message that is ready to be cut into parts.
pub struct Writing {
    /// With a random id.
    pub message: Message,
    /// The one of the file, or a new one.
    pub phrase: Phrase,
    /// Whether the phrase is new, so that the caller must be shown it.
    pub is_new: bool,
}

/// Why there is nothing to send.
#[derive(Debug, Error)]
pub enum WritingError {
    #[error("{0}; nothing was sent")]
    Input(InputError),
    #[error("{0}; nothing was sent")]
    Message(#[from] MessageError),
    #[error("there is no phrase in the file {}, so nothing was sent; write its words into it", label(&path.to_string_lossy()))]
    PhraseEmpty { path: PathBuf },
    #[error("the phrase is not known, so nothing was sent: {0}")]
    PhraseFile(InputError),
    #[error("the file {} has more than one phrase in it, so nothing was sent; leave one there", label(&path.to_string_lossy()))]
    PhraseLines { path: PathBuf },
    #[error("the text is not UTF-8, so nothing was sent; save it as UTF-8 and try again")]
    TextNotUtf8,
    #[error("the desk has no track with this name, so nothing was sent; {}", list_tracks(known))]
    UnknownTrack { known: Vec<String> },
}

impl WritingArgs {
    /// Reads phrase and text, or draws a new phrase.
    pub fn read(&self, rng: &mut impl CryptoRng) -> Result<Writing, WritingError> {
        let known = self.phrase_file.as_deref().map(read_phrase).transpose()?;
        let of_phrase = known.as_ref().map_or(Language::English, Phrase::language);
        let language = self.lang.clone().unwrap_or_else(|| of_phrase.tag().to_owned());
        let words = Language::of_tag(&language);
        let message = Message {
            id: Bytes::random(rng),
            track: self.track.clone().unwrap_or_default(),
            language,
            text: self.read_text()?,
            safe_times: self.safe_times.clone(),
        };
        let is_new = known.is_none();
        let phrase = known.unwrap_or_else(|| Phrase::generate(rng, words));
        Ok(Writing { message, phrase, is_new })
    }

    /// The text as it was given, byte for byte.
    fn read_text(&self) -> Result<String, WritingError> {
        if let Some(text) = self.text.as_ref().filter(|text| *text != "-") {
            return Ok(text.clone());
        }
        let is_typed = self.text.is_none() && self.standard_input.is_none() && io::stdin().is_terminal();
        if is_typed {
            note("Write your message. End with Ctrl-D on a line of its own.");
        }
        let bytes = input::standard(TEXT_MAX).map_err(|error| match error {
            InputError::Empty { .. } => WritingError::Message(MessageError::Empty),
            InputError::TooLong { .. } => {
                let parts = usize::try_from(TEXT_MAX).unwrap_or(usize::MAX).div_ceil(PART_TEXT_MAX);
                WritingError::Message(MessageError::TooLong { parts })
            }
            other => WritingError::Input(other),
        })?;
        String::from_utf8(bytes).map_err(|_| WritingError::TextNotUtf8)
    }
}

impl Writing {
    /// Refuses a track that the desk does not have.
    pub fn check_track(&self, notice: &Notice) -> Result<(), WritingError> {
        let (track, tracks) = (&self.message.track, &notice.tracks);
        if track.is_empty() || tracks.iter().any(|known| known.id == *track) {
            return Ok(());
        }
        Err(WritingError::UnknownTrack { known: tracks.iter().map(|track| track.id.clone()).collect() })
    }

    /// What the caller must see before anything leaves the machine: a new phrase, and the call sign.
    pub fn shown_first(&self, call_sign: &str) -> (Lines, serde_json::Value) {
        let call_sign_line = format!("Your call sign, to say aloud: {call_sign}");
        if !self.is_new {
            return (Lines::new().line(call_sign_line).line(""), json!({ "call_sign": call_sign }));
        }
        let words = self.phrase.expose();
        let lines = Lines::new()
            .line("Your phrase. It alone opens the answers; keep it where only you find it:")
            .line("")
            .line(format!("    {words}"))
            .line("")
            .line(call_sign_line)
            .line("");
        (lines, json!({ "call_sign": call_sign, "phrase": words }))
    }
}

impl WritingError {
    /// Stable text for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Input(_) => "input",
            Self::Message(MessageError::Empty) => "text-empty",
            Self::Message(MessageError::LabelTooLong) => "label-too-long",
            Self::Message(MessageError::TooLong { .. }) => "text-too-long",
            Self::PhraseEmpty { .. } | Self::PhraseFile(_) | Self::PhraseLines { .. } => "phrase-file",
            Self::TextNotUtf8 => "text-not-utf8",
            Self::UnknownTrack { .. } => "unknown-track",
        }
    }
}

/// The phrase in a file.
pub fn read_phrase(path: &Path) -> Result<Phrase, WritingError> {
    let text = input::text(path, PHRASE_FILE_MAX).map_err(WritingError::PhraseFile)?;
    let words = |text: &str| Phrase::parse(text).map_or(0, |phrase| phrase.expose().split(' ').count());
    let lines: Vec<usize> = text.split(['\n', '\r']).map(words).filter(|words| *words > 0).collect();
    if lines.len() > 1 && words(&text) > PHRASE_WORDS {
        return Err(WritingError::PhraseLines { path: path.to_owned() });
    }
    let phrase = Phrase::parse(&text).map_err(|_| WritingError::PhraseEmpty { path: path.to_owned() })?;
    warn_of_slips(&phrase);
    Ok(phrase)
}

/// A phrase with a slip in it is somebody else's: it opens nothing, and nothing tells.
fn warn_of_slips(phrase: &Phrase) {
    let (count, language) = (phrase.expose().split(' ').count(), phrase.language());
    let unlisted = phrase.expose().split(' ').filter(|word| language.index(word).is_none()).count();
    let slip = match (count, unlisted) {
        (PHRASE_WORDS, 0) => return,
        (PHRASE_WORDS, 1) => "one of its words is in no list".to_owned(),
        (PHRASE_WORDS, _) => format!("{unlisted} of its words are in no list"),
        _ => format!("it has {}, and one that was made here has {PHRASE_WORDS}", counted(count, "word")),
    };
    warn(
        "phrase",
        &format!("check the phrase: {slip}. With a slip in it, it is the phrase of another, empty mailbox"),
    );
}

/// A language that phrases are made of, or a variety of it, as in uk-UA.
fn language(typed: &str) -> Result<String, String> {
    let known = Language::ALL.map(Language::tag);
    let primary = typed.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let is_tag = typed
        .split('-')
        .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if is_tag && is_label(typed) && known.contains(&primary.as_str()) {
        Ok(typed.to_owned())
    } else {
        Err(format!("this language is not known; there are: {}", known.join(", ")))
    }
}

/// An id that a call can carry; whether the desk has it is seen from its notice.
fn track(typed: &str) -> Result<String, String> {
    if is_label(typed) {
        Ok(typed.to_owned())
    } else {
        Err(format!("the id of a track has 1 to {LABEL_MAX} bytes; take one that the desk names"))
    }
}

fn list_tracks(known: &[String]) -> String {
    if known.is_empty() {
        "leave --track out".to_owned()
    } else {
        format!("it has: {}", known.iter().map(|id| label(id)).collect::<Vec<_>>().join(", "))
    }
}
