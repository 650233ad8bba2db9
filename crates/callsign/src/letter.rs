//! `callsign letter`: writes a letter to a desk without a network, to be carried there by any way.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use callsign_caller::{
    arrival::{Arrival, FetchedLetters, NoLetters, read_letters},
    hub_client::{FindError, HubClient},
};
use callsign_http::Link;
use callsign_protocol::{
    armour::armour,
    encoding::Bytes,
    identity::Fingerprint,
    letter::{Letter, LetterError, VALID_DAYS_MAX, Validity},
    letters::{LETTERS_LEN, NamedLetters},
    notice::{Notice, NoticeError, VerifiedNotice},
    os_error::cause_and_way_out,
    signed::{ENVELOPE_MAX, Envelope, SignedError},
    time::Day,
};
use clap::Args;
use serde::Serialize;
use thiserror::Error;

use crate::{
    ambient,
    failure::{Failure, Voice},
    input::{self, InputError},
    new_file::NewFile,
    numbers,
    output::{self, Done, Lines, Place, label, warn},
    writing::{WritingArgs, WritingError},
};

/// Write a letter, to be carried to the desk by any way
///
/// The letter is lines of text that only the desk can read: by mail, by messenger, on paper or a memory card. It is
/// written without a network from a notice that was saved before. Its keys come beside the notice with every visit, so
/// that nobody sees from what is fetched who writes letters. Who carries it sees that it is one, and how long.
/// Standard output has the letter and nothing else; phrase and call sign go to standard error. Answers are read with
/// the phrase, as those of every call.
#[derive(Args)]
#[command(after_help = "Examples:
  callsign letter --link 'LINK FROM THE LEAFLET' --save-notice notice.bin
      Keeps what is needed to write later without a network; good for letters until three months from now.
  callsign letter --fingerprint FINGERPRINT --notice notice.bin --output letter.txt -
      Takes the text from standard input.")]
pub struct LetterArgs {
    /// The link of the caller's page (in quotes); nothing is fetched from it where --notice is given
    #[arg(long, value_name = "URL", value_parser = Link::parse, required_unless_present = "notice")]
    link: Option<Link>,
    /// The desk's fingerprint as it was printed or told; a desk with another one is refused
    #[arg(long, value_name = "F", value_parser = Fingerprint::parse)]
    fingerprint: Option<Fingerprint>,
    /// The proxy to go through: `socks5h://127.0.0.1:9050` is that of Tor. That of the environment if not given
    #[arg(long, value_name = "URL")]
    proxy: Option<OsString>,
    /// The notice that was saved before, with the keys for letters
    #[arg(long, value_name = "FILE")]
    notice: Option<PathBuf>,
    /// Fetch what every visit begins with, save the notice and the keys for letters, and write nothing. Who watches the
    /// network sees a visit that ends there
    #[arg(long, value_name = "FILE", requires = "link", conflicts_with_all = ["notice", "text", "standard_input", "output"])]
    save_notice: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingArgs,
    /// Days for which the desk takes the letter. The fewer, the sooner nobody can open it any more
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = numbers::within(1..=VALID_DAYS_MAX, "days"))]
    valid_days: u32,
    /// Where the letter goes; standard output if not given
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// One JSON object on standard output; warnings and the error, which has phrase and call sign once they are shown, as
    /// JSON lines on standard error
    #[arg(long)]
    json: bool,
}

/// Why there is no letter.
#[derive(Debug, Error)]
pub enum LetterCliError {
    #[error("the file {} cannot be written: {}", label(&path.to_string_lossy()), cause_and_way_out(source))]
    File { path: PathBuf, source: io::Error },
    #[error("the file {} cannot be made, because its directory does not exist; make it first, or choose another place", label(&path.to_string_lossy()))]
    NoDirectory { path: PathBuf },
    #[error("the notice is not known: {0}")]
    Notice(InputError),
    #[error("the notice is not one of the desk with this fingerprint; check both, and save the notice again")]
    NoticeFingerprint,
    #[error("{} is not a desk's signed notice; save one with --save-notice", input::place(path))]
    NoticeRefused { path: PathBuf, source: NoticeError },
    #[error(
        "the desk has no key for a letter that is valid so long; save a newer notice, or give fewer --valid-days"
    )]
    NoKey,
    #[error(transparent)]
    NoLetters(NoLetters),
    #[error(
        "{} does not hold the keys for letters that go with its notice; save both again with --save-notice",
        input::place(path)
    )]
    LettersRefused { path: PathBuf, source: NoLetters },
    #[error("no letter can be sealed to this desk: {0}; save its notice again with --save-notice")]
    Seal(LetterError),
}

#[derive(Serialize)]
struct Written<'a> {
    call_sign: String,
    phrase: &'a str,
    message_id: Bytes<16>,
    parts: usize,
    expires: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    letter: Option<&'a str>,
}

/// Writes a letter, or saves the notice for one.
pub fn run(arguments: &LetterArgs) -> Result<(), Failure> {
    let done = match &arguments.save_notice {
        Some(path) => save_notice(arguments, path),
        None => write(arguments),
    };
    done.map_err(|failure| match &arguments.link {
        Some(link) => failure.at_hub(&link.address),
        None => failure,
    })
}

impl LetterArgs {
    /// Whom the command talks to.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }

    /// The fingerprint that was known beforehand; two that differ are refused.
    fn pin(&self) -> Result<Option<Fingerprint>, FindError> {
        let linked = self.link.as_ref().and_then(|link| link.fingerprint);
        match (self.fingerprint, linked) {
            (Some(given), Some(linked)) if given != linked => Err(FindError::Conflict),
            (given, linked) => Ok(given.or(linked)),
        }
    }
}

fn save_notice(arguments: &LetterArgs, path: &Path) -> Result<(), Failure> {
    let Arrival { notice, envelope, letters, .. } = fetch(arguments)?;
    let letters = letters.map_err(LetterCliError::NoLetters)?;
    let both = [envelope, letters.envelope].concat();
    let written = NewFile::create(path).and_then(|file| file.write(&both));
    written.map_err(|source| LetterCliError::of_file(path, source))?;
    let fingerprint = notice.fingerprint.to_string();
    let lines = Lines::new().line(format!("The notice of {fingerprint} and its keys for letters are saved."));
    let result = serde_json::json!({ "saved": true, "fingerprint": fingerprint });
    output::give(Done::Changed("the notice is saved"), &lines, &result)
}

fn write(arguments: &LetterArgs) -> Result<(), Failure> {
    let mut rng = ambient::rng();
    // All that can be wrong on this side is found before the network hears of anything.
    let writing = arguments.writing.read(&mut rng)?;
    let parts = writing.message.letter_parts().map_err(WritingError::from)?;
    let nothing = "no letter was written";
    if writing.is_new {
        output::refuse_unseen(Place::Aside, nothing)?;
    }
    match &arguments.output {
        Some(path) => NewFile::try_place(path).map_err(|source| LetterCliError::of_file(path, source))?,
        None => output::refuse_lost(nothing)?,
    }
    let (notice, letters) = read_or_fetch(arguments)?;
    writing.check_track(&notice.notice)?;
    if arguments.pin()?.is_none() {
        let fingerprint = notice.fingerprint;
        let words = fingerprint.words();
        let warning = format!(
            "The desk's fingerprint was not checked. Compare it with a printed one: {words} ({fingerprint})"
        );
        warn("not-checked", &warning);
    }
    let caller = writing.phrase.caller_keys(&notice.fingerprint);
    let call_sign = caller.call_sign().spoken(writing.phrase.language());
    let written = ambient::clock()().day();
    let validity = Validity { written, expires: written.plus(arguments.valid_days) };
    let mut letter = String::new();
    for part in &parts {
        let sealed =
            Letter::seal_part(part, &caller, &letters, validity, &mut rng).map_err(LetterCliError::from)?;
        letter += &armour(&sealed);
    }
    let (seen, json) = writing.shown_first(&call_sign);
    // On standard error: what goes to standard output is handed to a carrier.
    output::show_aside(&seen, &json, nothing)?;
    let of_writer = |failure: Failure| failure.of_writer(&call_sign, &writing.phrase);
    if let Some(path) = &arguments.output {
        let written = NewFile::create(path).and_then(|file| file.write(letter.as_bytes()));
        let failed = |source| LetterCliError::of_file(path, source);
        written.map_err(failed).map_err(Failure::from).map_err(&of_writer)?;
    }
    let to_show = arguments.output.is_none().then_some(letter.as_str());
    let result = Written {
        call_sign: call_sign.clone(),
        phrase: writing.phrase.expose(),
        message_id: writing.message.id,
        parts: parts.len(),
        expires: validity.expires,
        letter: to_show,
    };
    let place =
        arguments.output.as_ref().map(|path| format!("the letter is in {}", label(&path.to_string_lossy())));
    let lines = match &place {
        Some(_) => {
            Lines::new().line("The letter is written. Hand its file to a carrier; the phrase stays with you.")
        }
        None => Lines::new().paragraph(to_show.unwrap_or_default()),
    };
    let done = place.as_deref().map_or(Done::Only("the letter"), Done::Changed);
    output::give(done, &lines, &result).map_err(of_writer)
}

/// The notice and the keys for letters that go with it.
fn read_or_fetch(arguments: &LetterArgs) -> Result<(VerifiedNotice, NamedLetters), Failure> {
    if let Some(path) = &arguments.notice {
        return Ok(read_saved(path, arguments.pin()?.as_ref())?);
    }
    let Arrival { notice, letters, .. } = fetch(arguments)?;
    let FetchedLetters { letters, .. } = letters.map_err(LetterCliError::NoLetters)?;
    Ok((notice, letters))
}

/// What every visit begins with, and nothing else.
fn fetch(arguments: &LetterArgs) -> Result<Arrival, Failure> {
    // Unwrap safety: clap asks for a link where there is no saved notice.
    let link = arguments.link.as_ref().expect("a link is given where no notice is");
    let proxies = ambient::proxies().or_flag(arguments.proxy.as_deref());
    let hub = HubClient::find(link, arguments.fingerprint, &proxies)?;
    Ok(hub.arrive(ambient::clock()())?)
}

/// A notice that was in order when it was saved, with the letters document behind it. Their days have passed: what counts is
/// whether the letter keys live.
fn read_saved(
    path: &Path,
    pin: Option<&Fingerprint>,
) -> Result<(VerifiedNotice, NamedLetters), LetterCliError> {
    let both = input::bytes(path, (ENVELOPE_MAX + LETTERS_LEN) as u64).map_err(LetterCliError::Notice)?;
    let (notice, letters) = both.split_at(both.len().saturating_sub(LETTERS_LEN));
    let refused = |error| LetterCliError::of_notice(path, error);
    let then = Envelope::kept_since(notice).map_err(NoticeError::from).map_err(refused)?;
    let (_, certificate_ends) =
        Envelope::decode(notice).map_err(NoticeError::from).map_err(refused)?.certificate().days;
    let notice = Notice::verify(notice, pin, then).map_err(refused)?;
    let letters = read_letters(letters, &notice, then)
        .map_err(|source| LetterCliError::LettersRefused { path: path.to_owned(), source })?;
    Ok((notice, letters.kept_under(certificate_ends)))
}

impl From<LetterError> for LetterCliError {
    fn from(error: LetterError) -> Self {
        match error {
            LetterError::Key => Self::NoKey,
            other => Self::Seal(other),
        }
    }
}

impl LetterCliError {
    fn of_notice(path: &Path, error: NoticeError) -> Self {
        match error {
            NoticeError::Signed(SignedError::Fingerprint) => Self::NoticeFingerprint,
            source => Self::NoticeRefused { path: path.to_owned(), source },
        }
    }

    fn of_file(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::NotFound {
            Self::NoDirectory { path }
        } else {
            Self::File { path, source }
        }
    }

    /// Stable text for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File { .. } | Self::NoDirectory { .. } | Self::Notice(_) => "file",
            Self::NoticeFingerprint => "wrong-fingerprint",
            Self::NoticeRefused { .. } => "notice-refused",
            Self::NoKey => "no-letter-key",
            Self::NoLetters(error) => error.code(),
            Self::LettersRefused { .. } => "letter-keys-refused",
            Self::Seal(_) => "seal",
        }
    }
}
