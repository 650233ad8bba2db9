//! What `call send` and `letter` share: the message, and the phrase that it is written under.

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _},
    path::{Path, PathBuf},
};

use callsign_protocol::{
    call::{Message, MessageError, PART_TEXT_MAX},
    encoding::Bytes,
    notice::Notice,
    phrase::Phrase,
    words::Language,
};
use clap::Args;
use rand_core::CryptoRng;
use thiserror::Error;

use crate::failure::{Voice, note};

/// Bytes of a text that are read at most; far more than any message has.
const TEXT_MAX: usize = 1 << 20;

/// What is written, and by whom.
#[derive(Args)]
pub struct WritingArgs {
    /// What the call is about: one of the desk's tracks
    #[arg(long, value_name = "ID")]
    track: Option<String>,
    /// The language that you write in and want to be answered in; a new phrase has words of it (en, uk, ru)
    #[arg(long, value_name = "L", default_value = "en")]
    lang: String,
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
    #[arg(value_name = "-", value_parser = ["-"], hide_possible_values = true)]
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
    #[error("the text could not be read, so nothing was sent; try again")]
    Input(#[source] io::Error),
    #[error("{0}; nothing was sent")]
    Message(#[from] MessageError),
    #[error("the phrase file is empty, so nothing was sent; write the phrase into it")]
    PhraseEmpty,
    #[error("the phrase file {} could not be read, so nothing was sent; check its name and its permissions", path.display())]
    PhraseFile { path: PathBuf, source: io::Error },
    #[error("the phrase file is not UTF-8 text, so nothing was sent; save it as UTF-8")]
    PhraseNotUtf8,
    #[error("the text is not UTF-8, so nothing was sent; save it as UTF-8 and try again")]
    TextNotUtf8,
    #[error("the desk has no track with this name, so nothing was sent; {}", list_tracks(known))]
    UnknownTrack { known: Vec<String> },
}

impl WritingArgs {
    /// Reads phrase and text, or draws a new phrase.
    pub fn read(&self, rng: &mut impl CryptoRng) -> Result<Writing, WritingError> {
        let known = self.phrase_file.as_deref().map(read_phrase).transpose()?;
        let message = Message {
            id: Bytes::random(rng),
            track: self.track.clone().unwrap_or_default(),
            language: self.lang.clone(),
            text: self.read_text()?,
            safe_times: self.safe_times.clone(),
        };
        let is_new = known.is_none();
        let phrase = known.unwrap_or_else(|| Phrase::generate(rng, Language::of_tag(&self.lang)));
        Ok(Writing { message, phrase, is_new })
    }

    /// The text as it was given, byte for byte.
    fn read_text(&self) -> Result<String, WritingError> {
        if let Some(text) = self.text.as_ref().filter(|text| *text != "-") {
            return Ok(text.clone());
        }
        let is_typed = self.text.is_none() && self.standard_input.is_none() && io::stdin().is_terminal();
        if is_typed {
            note(Voice::Human, "Write your message. End with Ctrl-D on a line of its own.");
        }
        let mut bytes = Vec::new();
        let limit = u64::try_from(TEXT_MAX).unwrap_or(u64::MAX);
        io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(WritingError::Input)?;
        if bytes.len() == TEXT_MAX {
            return Err(MessageError::TooLong { parts: TEXT_MAX.div_ceil(PART_TEXT_MAX) }.into());
        }
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

    /// A new phrase for the eye; nothing where the caller knows it.
    pub fn new_phrase(&self) -> Option<String> {
        let words = self.phrase.expose();
        self.is_new.then(|| {
            format!(
                "Your phrase. It alone opens the answers; keep it where only you find it:\n\n    {words}\n"
            )
        })
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
            Self::PhraseEmpty | Self::PhraseFile { .. } | Self::PhraseNotUtf8 => "phrase-file",
            Self::TextNotUtf8 => "text-not-utf8",
            Self::UnknownTrack { .. } => "unknown-track",
        }
    }
}

/// The phrase in a file.
pub fn read_phrase(path: &Path) -> Result<Phrase, WritingError> {
    let bytes =
        fs::read(path).map_err(|source| WritingError::PhraseFile { path: path.to_owned(), source })?;
    let typed = String::from_utf8(bytes).map_err(|_| WritingError::PhraseNotUtf8)?;
    Phrase::parse(&typed).map_err(|_| WritingError::PhraseEmpty)
}

fn list_tracks(known: &[String]) -> String {
    if known.is_empty() { "leave --track out".to_owned() } else { format!("it has: {}", known.join(", ")) }
}
