//! `callsign call`: writes to a desk, reads its answers, or merely visits, as the caller's page does.

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _, Write as _},
    path::{Path, PathBuf},
};

use callsign_caller::{
    hub_client::{FetchError, FindError, HubClient},
    link::Link,
    mailbox::Reading,
    paced::{self, Goal, Plan, SLOTS},
    visit::{Visit, VisitError},
};
use callsign_protocol::{
    call::{Message, MessageError, PART_TEXT_MAX},
    caller_keys::CallerKeys,
    encoding::Bytes,
    identity::Fingerprint,
    notice::VerifiedNotice,
    phrase::Phrase,
    time::Day,
    words::Language,
};
use clap::{Args, Subcommand};
use rand_core::CryptoRng;
use serde::Serialize;
use thiserror::Error;

use crate::{
    ambient, calendar,
    failure::{Failure, Voice},
};

/// Days that `read` looks back where nothing else is said.
const READ_DAYS: u32 = 14;
/// Bytes of a text that are read at most; far more than any message has.
const TEXT_MAX: usize = 1 << 20;

/// What a caller does.
#[derive(Subcommand)]
pub enum CallCommand {
    Send(SendArgs),
    Read(ReadArgs),
    Visit(VisitArgs),
}

/// Write to the desk
///
/// Without --phrase-file this is a new call: it gets a phrase, which opens the answers and is shown once. The text is
/// sent byte for byte. By default it is sent at once, so who watches the network sees when something was written;
/// --cover hides that in a visit like all others, which takes minutes.
#[derive(Args)]
#[command(after_help = "Examples:
  callsign call send --hub 'http://127.0.0.1:8700/#FINGERPRINT'      type the text, end with Ctrl-D
  callsign call send --hub http://127.0.0.1:8700 --track witness - <letter.txt
  callsign call send --hub http://127.0.0.1:8700 --phrase-file phrase.txt --cover -")]
pub struct SendArgs {
    #[command(flatten)]
    place: Place,
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
    /// Take the pace of a visit, so that the moment of writing does not show
    #[arg(long)]
    cover: bool,
    /// Exchanges of a paced visit
    #[arg(long, value_name = "N", default_value_t = SLOTS, value_parser = clap::value_parser!(u32).range(1..), requires = "cover")]
    slots: u32,
    /// The text; - reads it from standard input. Others on this computer can see arguments: rather type it or use -
    #[arg(long, value_name = "T", conflicts_with = "standard_input")]
    text: Option<String>,
    /// Read the text from standard input
    #[arg(value_name = "-", value_parser = ["-"], hide_possible_values = true)]
    standard_input: Option<String>,
    /// One JSON object on standard output; warnings and the error as JSON lines on standard error
    #[arg(long)]
    json: bool,
}

/// Read the desk's answers
///
/// By default everything is read at once, so who watches the network sees that somebody looks for answers; --cover hides
/// that in a visit like all others, which takes minutes.
#[derive(Args)]
#[command(after_help = "Examples:
  callsign call read --hub 'http://127.0.0.1:8700/#FINGERPRINT' --phrase-file phrase.txt
  callsign call read --hub http://127.0.0.1:8700 --phrase-file phrase.txt --days 3 --cover")]
pub struct ReadArgs {
    #[command(flatten)]
    place: Place,
    /// The file with the phrase
    #[arg(long, value_name = "F")]
    phrase_file: PathBuf,
    /// Days to look back, 14 if not given; with --cover drawn as for every visit if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    days: Option<u32>,
    /// Take the pace of a visit, so that reading does not show
    #[arg(long)]
    cover: bool,
    /// Exchanges of a paced visit
    #[arg(long, value_name = "N", default_value_t = SLOTS, value_parser = clap::value_parser!(u32).range(1..), requires = "cover")]
    slots: u32,
    /// One JSON object on standard output; warnings and the error as JSON lines on standard error
    #[arg(long)]
    json: bool,
}

/// Visit without writing or reading, so that those who do are some among many
///
/// Always paced; it looks like every paced call and every paced reading.
#[derive(Args)]
#[command(after_help = "Example:
  callsign call visit --hub 'http://127.0.0.1:8700/#FINGERPRINT'")]
pub struct VisitArgs {
    #[command(flatten)]
    place: Place,
    /// Exchanges of the visit
    #[arg(long, value_name = "N", default_value_t = SLOTS, value_parser = clap::value_parser!(u32).range(1..))]
    slots: u32,
    /// One JSON object on standard output; warnings and the error as JSON lines on standard error
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Place {
    /// The hub's address, or the whole link of the caller's page (in quotes)
    #[arg(long = "hub", value_name = "URL", value_parser = Link::parse)]
    link: Link,
    /// The desk's fingerprint as it was printed or told; a desk with another one is refused
    #[arg(long, value_name = "F", value_parser = Fingerprint::parse)]
    fingerprint: Option<Fingerprint>,
}

/// Why a command did not do what it was for.
#[derive(Debug, Error)]
enum CallCliError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Find(#[from] FindError),
    #[error("the text could not be read, so nothing was sent; try again")]
    Input(#[source] io::Error),
    #[error("{0}; nothing was sent")]
    Message(#[from] MessageError),
    #[error("the result could not be written out; check where the output goes")]
    Output(#[source] io::Error),
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
    #[error(transparent)]
    Visit(#[from] VisitError),
}

#[derive(Serialize)]
struct Sent<'a> {
    call_sign: String,
    phrase: &'a str,
    stored: bool,
    message_id: Bytes<16>,
}

#[derive(Serialize)]
struct Found<'a> {
    call_sign: String,
    days: u32,
    #[serde(flatten)]
    reading: &'a Reading,
}

#[derive(Serialize)]
struct Visited {
    days: u32,
}

/// What every visit needs, made in the same way and the same time for all of them.
struct Arrival {
    hub: HubClient,
    notice: VerifiedNotice,
    keys: CallerKeys,
}

/// Does what the command line asks.
pub fn run(command: CallCommand) -> Result<(), Failure> {
    match command {
        CallCommand::Send(args) => send(&args),
        CallCommand::Read(args) => read(&args),
        CallCommand::Visit(args) => visit(&args),
    }
    .map_err(|error| Failure::new(error.code(), error))
}

impl CallCommand {
    /// Whom the command talks to.
    pub fn voice(&self) -> Voice {
        let (Self::Send(SendArgs { json, .. })
        | Self::Read(ReadArgs { json, .. })
        | Self::Visit(VisitArgs { json, .. })) = self;
        Voice::of(*json)
    }
}

fn send(args: &SendArgs) -> Result<(), CallCliError> {
    let voice = Voice::of(args.json);
    let mut rng = ambient::rng();
    // All that can be wrong on this side is found before the network hears of anything.
    let known_phrase = args.phrase_file.as_deref().map(read_phrase).transpose()?;
    let message = Message {
        id: Bytes::random(&mut rng),
        track: args.track.clone().unwrap_or_default(),
        language: args.lang.clone(),
        text: read_text(args)?,
        safe_times: args.safe_times.clone(),
    };
    message.parts()?;
    let phrase =
        known_phrase.clone().unwrap_or_else(|| Phrase::generate(&mut rng, Language::of_tag(&args.lang)));
    let Arrival { hub, notice, keys } = arrive(&args.place, &phrase, voice)?;
    let tracks = &notice.notice.tracks;
    if !message.track.is_empty() && !tracks.iter().any(|track| track.id == message.track) {
        return Err(CallCliError::UnknownTrack {
            known: tracks.iter().map(|track| track.id.clone()).collect(),
        });
    }
    let call_sign = keys.call_sign().spoken(phrase.language());
    // Shown before anything is sent: a call that is cut off after it was stored must not lose its answers.
    if known_phrase.is_none() {
        say(
            voice,
            &format!(
                "Your phrase. It alone opens the answers; keep it where only you find it:\n\n    {}\n",
                phrase.expose()
            ),
        )?;
    }
    say(voice, &format!("Your call sign, to say aloud: {call_sign}\n"))?;
    let mut visit = Visit::new(&hub, notice, keys, ambient::clock(), ambient::rng());
    visit.write(&message)?;
    if args.cover {
        pace(&mut visit, &Plan { goal: Goal::Stored, slots: args.slots, window_days: None }, voice)?;
    } else {
        note(voice, "Sending at once. Who watches the network can see when; --cover hides it.");
        visit.send_fast(&ambient::wait)?;
    }
    say(voice, "The hub says that your message is stored. Look for an answer with `callsign call read`.")?;
    let sent = Sent { call_sign, phrase: phrase.expose(), stored: true, message_id: message.id };
    give(voice, &sent)
}

fn read(args: &ReadArgs) -> Result<(), CallCliError> {
    let voice = Voice::of(args.json);
    let phrase = read_phrase(&args.phrase_file)?;
    let Arrival { hub, notice, keys } = arrive(&args.place, &phrase, voice)?;
    let call_sign = keys.call_sign().spoken(phrase.language());
    let days = args.days.unwrap_or(READ_DAYS).min(notice.notice.days);
    let mut visit = Visit::new(&hub, notice, keys, ambient::clock(), ambient::rng());
    let result = if args.cover {
        pace(&mut visit, &Plan { goal: Goal::Read, slots: args.slots, window_days: args.days }, voice)
    } else {
        note(voice, "Reading at once. Who watches the network can see that; --cover hides it.");
        visit.read_fast(days, &ambient::wait).map(|()| days)
    };
    // What was found is shown also where the rest could not be read.
    let (reading, today) = (visit.reading(), ambient::clock()().day());
    let days = *result.as_ref().unwrap_or(&days);
    say(voice, &describe(&call_sign, &reading, days, today))?;
    give(voice, &Found { call_sign, days, reading: &reading })?;
    result.map(|_| ()).map_err(CallCliError::Visit)
}

fn visit(args: &VisitArgs) -> Result<(), CallCliError> {
    let voice = Voice::of(args.json);
    // A phrase of nobody's: whoever has a call spends the same half second on theirs.
    let phrase = Phrase::generate(&mut ambient::rng(), Language::English);
    let Arrival { hub, notice, keys } = arrive(&args.place, &phrase, voice)?;
    let mut visit = Visit::new(&hub, notice, keys, ambient::clock(), ambient::rng());
    let days = pace(&mut visit, &Plan { goal: Goal::Visited, slots: args.slots, window_days: None }, voice)?;
    say(voice, "The visit is over. Thank you for being one among many.")?;
    give(voice, &Visited { days })
}

/// Finds the desk, fetches what everyone fetches, and makes the phrase's keys.
fn arrive(place: &Place, phrase: &Phrase, voice: Voice) -> Result<Arrival, CallCliError> {
    let hub = HubClient::find(&place.link, place.fingerprint)?;
    let notice = hub.fetch_notice(hub.pin(), ambient::clock()())?;
    hub.fetch_content(&notice);
    if hub.pin().is_none() {
        let words = notice.fingerprint.words();
        let warning = format!(
            "The desk's fingerprint was not checked. Compare it with a printed one: {words} ({})",
            notice.fingerprint
        );
        warn(voice, "not-checked", &warning);
    }
    if let Some(successor) = &notice.notice.successor {
        let (day, fingerprint) = (calendar::written(successor.from), successor.fingerprint());
        let warning = format!(
            "This desk will have a new fingerprint from {day}: {} ({fingerprint}); write it down",
            fingerprint.words()
        );
        warn(voice, "successor", &warning);
    }
    let keys = phrase.caller_keys(&notice.fingerprint);
    Ok(Arrival { hub, notice, keys })
}

fn pace<S: CryptoRng>(visit: &mut Visit<'_, S>, plan: &Plan, voice: Voice) -> Result<u32, VisitError> {
    note(voice, "Visiting at the pace of every visit; this takes minutes. Leave it running.");
    let mut on_longer = || {
        let warning = "Not done after the planned visit, so it goes on: this visit is longer than others, and that shows.";
        warn(voice, "longer", warning);
    };
    paced::run(visit, plan, &mut ambient::rng(), &ambient::wait, &mut on_longer)
}

fn read_phrase(path: &Path) -> Result<Phrase, CallCliError> {
    let bytes =
        fs::read(path).map_err(|source| CallCliError::PhraseFile { path: path.to_owned(), source })?;
    let typed = String::from_utf8(bytes).map_err(|_| CallCliError::PhraseNotUtf8)?;
    Phrase::parse(&typed).map_err(|_| CallCliError::PhraseEmpty)
}

/// The text as it was given, byte for byte.
fn read_text(args: &SendArgs) -> Result<String, CallCliError> {
    if let Some(text) = args.text.as_ref().filter(|text| *text != "-") {
        return Ok(text.clone());
    }
    let is_typed = args.text.is_none() && args.standard_input.is_none() && io::stdin().is_terminal();
    if is_typed {
        note(Voice::Human, "Write your message. End with Ctrl-D on a line of its own.");
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(TEXT_MAX).unwrap_or(u64::MAX);
    io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(CallCliError::Input)?;
    if bytes.len() == TEXT_MAX {
        return Err(MessageError::TooLong { parts: TEXT_MAX.div_ceil(PART_TEXT_MAX) }.into());
    }
    String::from_utf8(bytes).map_err(|_| CallCliError::TextNotUtf8)
}

/// A reading for the eye.
fn describe(call_sign: &str, reading: &Reading, days: u32, today: Day) -> String {
    let mut lines = vec![format!("Call sign: {call_sign}"), format!("Looked back {}.", count(days, "day"))];
    if !reading.contradicted.is_empty() {
        let when: Vec<_> = reading.contradicted.iter().map(|day| ago(*day, today)).collect();
        lines.push(format!(
            "WARNING: The server shows another list of answers than the desk signed ({}). Answers may have been taken out \
             or held back. Try another connection, or another address of the desk from the leaflet.",
            when.join(", ")
        ));
    }
    for answer in &reading.answers {
        lines.push(format!("\nAnswer, {}:\n\n{}\n", ago(answer.day, today), answer.text));
    }
    if reading.answers.is_empty() {
        let hint = "Where the call sign is not yours, look for a typing mistake in the phrase.";
        lines.push(format!("No answer was found. {hint}"));
    }
    if !reading.opened.is_empty() {
        let opened = count(u32::try_from(reading.opened.len()).unwrap_or(u32::MAX), "message");
        lines.push(format!("A person at the desk has opened {opened} of yours."));
    }
    if reading.incomplete > 0 {
        let incomplete = count(reading.incomplete, "answer");
        lines.push(format!("Parts of {incomplete} are still missing; look again later."));
    }
    if reading.withheld > 0 {
        let missing = count(reading.withheld, "piece");
        lines.push(format!("The desk has posted {missing} that the hub does not show; try another address."));
    }
    let unconfirmed = reading.unconfirmed.iter().filter(|day| **day < today.minus(1)).count();
    if unconfirmed > 0 {
        let days = count(u32::try_from(unconfirmed).unwrap_or(u32::MAX), "day");
        lines.push(format!("The desk's signature under the lists of {days} is missing; look again later."));
    }
    lines.join("\n")
}

fn ago(day: Day, today: Day) -> String {
    match today.0.saturating_sub(day.0) {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        ago => format!("{ago} days ago"),
    }
}

fn count(number: u32, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn list_tracks(known: &[String]) -> String {
    if known.is_empty() { "leave --track out".to_owned() } else { format!("it has: {}", known.join(", ")) }
}

impl CallCliError {
    /// Stable text for programs.
    fn code(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.code(),
            Self::Find(error) => error.code(),
            Self::Input(_) => "input",
            Self::Message(MessageError::Empty) => "text-empty",
            Self::Message(MessageError::LabelTooLong) => "label-too-long",
            Self::Message(MessageError::TooLong { .. }) => "text-too-long",
            Self::Output(_) => "output",
            Self::PhraseEmpty | Self::PhraseFile { .. } | Self::PhraseNotUtf8 => "phrase-file",
            Self::TextNotUtf8 => "text-not-utf8",
            Self::UnknownTrack { .. } => "unknown-track",
            Self::Visit(error) => error.code(),
        }
    }
}

/// A paragraph on standard output, for people.
fn say(voice: Voice, text: &str) -> Result<(), CallCliError> {
    match voice {
        Voice::Human => write_line(text),
        Voice::Json => Ok(()),
    }
}

/// The result on standard output, for programs.
fn give(voice: Voice, result: &impl Serialize) -> Result<(), CallCliError> {
    match voice {
        Voice::Human => Ok(()),
        Voice::Json => {
            write_line(&serde_json::to_string(result).map_err(|error| CallCliError::Output(error.into()))?)
        }
    }
}

/// A remark on standard error, for people.
fn note(voice: Voice, text: &str) {
    if voice == Voice::Human {
        eprintln!("{text}");
    }
}

/// A warning on standard error; one JSON object in one line for programs.
fn warn(voice: Voice, code: &str, message: &str) {
    match voice {
        Voice::Human => eprintln!("callsign: {message}"),
        Voice::Json => {
            let warning = serde_json::json!({ "warning": { "code": code, "message": message } });
            eprintln!("{warning}");
        }
    }
}

fn write_line(text: &str) -> Result<(), CallCliError> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}").and_then(|()| output.flush()).map_err(CallCliError::Output)
}
