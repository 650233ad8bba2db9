//! `callsign desk init`: creates a desk and enrols it at a hub.

use std::{
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
};

use callsign_desk::{Desk, FIRST_PERSON, InitOptions, Purpose, Settings, model_tracks};
use callsign_http::Link;
use callsign_protocol::{
    VERSION,
    content::{ContentError, ContentPack, PACK_MAX},
    json::JsonError,
    notice::{Track, is_name},
    os_error::cause,
};
use clap::Args;
use serde_json::json;

use super::{
    Common, desk_ambient, identity, kit,
    lists::{list_file, read_list},
    memory, must_not_be_a_hubs, must_not_be_set_up, passphrases, people,
};
use crate::{
    failure::Failure,
    input,
    output::{self, Done, Lines, label},
};

/// Bytes of a list of tracks or of a content pack that are read, at most.
pub(super) const FILE_MAX: u64 = 1 << 22;

/// Letters and digits of an enrolment code.
const ENROLMENT_SYMBOLS: usize = 28;

/// What [`is_name`] asks for, for people.
const NAME_RULE: &str = "a name begins with a character that can be seen, has 120 bytes at most, and no line ends, control \
                         characters or marks of direction";

/// Arguments of `desk init`.
#[derive(Args)]
pub struct InitArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The hub's address; of a whole link only the hub is taken
    #[arg(long, value_name = "URL", value_parser = Link::parse)]
    hub: Link,
    /// The hub's enrolment code, or - to be asked for it
    #[arg(long, value_name = "CODE", default_value = "-")]
    code: String,
    /// The desk's name as callers see it: 1 to 120 bytes
    #[arg(long, value_parser = desk_name)]
    name: String,
    /// The pseudonym of the desk's first person, who has every role: 1 to 40 characters, and never a real name
    #[arg(long, value_name = "PSEUDONYM", default_value = FIRST_PERSON, value_parser = people::pseudonym)]
    person: String,
    /// Tracks: a JSON array of {"id", "names": {"en": …}}; those of the model desk otherwise
    #[arg(long, value_name = "FILE", value_parser = list_file())]
    tracks: Option<PathBuf>,
    /// Content packs: a directory with one en.json, uk.json … for each language
    #[arg(long, value_name = "DIR")]
    content: Option<PathBuf>,
    /// The file of an identity that `callsign desk identity succeed` made; a new identity otherwise
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// A file for the recovery kit, a text to be printed; it must not be there yet
    #[arg(long, value_name = "FILE")]
    kit: Option<PathBuf>,
}

/// Creates the desk and prints what callers need.
pub fn run(arguments: InitArguments) -> Result<(), Failure> {
    let InitArguments { common, hub, code, name, person, tracks, content, identity, kit: kit_file } =
        arguments;
    must_not_be_a_hubs(&common.data)?;
    must_not_be_set_up(&common.data)?;
    let tracks = match tracks {
        Some(path) => read_tracks(&path)?,
        None => model_tracks(),
    };
    let content = content.map_or(Ok(Vec::new()), |dir| read_content(&dir))?;
    kit_file.as_deref().map(kit::try_place).transpose()?;
    let asks = code == "-";
    let code = if asks { ask_for_code()? } else { checked_code(&code)? };
    let identity = identity.map(|file| identity::from_file(&file)).transpose()?;
    let passphrase = passphrases::for_files_of(&common.data, &[&name])?;
    let of_kit = kit_file.as_ref().map(|_| kit::new_passphrase(&passphrase)).transpose()?;
    let mut options = InitOptions {
        hub: hub.address.to_string(),
        code,
        identity,
        name,
        person,
        tracks,
        content,
        settings: Settings::default(),
        purpose: Purpose::Earnest,
    };
    let desk = loop {
        let made = Desk::init(&common.data, &passphrase, memory::cost_of_new(), &options, desk_ambient());
        match made {
            // Nothing is anywhere yet: who has chosen a passphrase keeps it.
            Err(error) if asks && error.is_of_enrolment_code() && io::stdin().is_terminal() => {
                output::note(&format!("{}.", Failure::from(error).message()));
                options.code = ask_for_code()?;
            }
            made => break made?,
        }
    };
    let fingerprint = desk.fingerprint();
    let link = format!("{}/{}/#{fingerprint}", desk.hub(), fingerprint.desk_id());
    let (words, data) = (fingerprint.words(), label(&common.data.to_string_lossy()));
    let done = format!("the desk is set up in {data}; the link for callers is {link}");
    let lines = Lines::new()
        .line(format!("The desk is set up in {data}."))
        .line(format!("Fingerprint: {fingerprint}"))
        .line(format!("In words:    {words}"))
        .line(format!("Link for callers, as a leaflet carries it: {link}"))
        .line("Where all devices of the desk are lost, all cases are lost: let a second one come soon, at another place, with `callsign desk invite`.");
    let lines = match (&kit_file, &of_kit) {
        (Some(file), Some(of_kit)) => {
            kit::write(&desk, (&passphrase, of_kit), file)
                .map_err(|failure| failure.after("the desk is set up, and `callsign desk kit` makes its kit"))?;
            kit::told(lines.line(format!("The recovery kit is in {}.", label(&file.to_string_lossy()))))
        }
        _ => lines.line(format!(
            "Without a recovery kit its fingerprint would be lost with them, too: callsign desk kit --data {data} FILE"
        )),
    };
    let lines = lines.line(format!("Next: callsign desk serve --data {data}"));
    let kit_file = kit_file.map(|file| file.to_string_lossy().into_owned());
    let result =
        json!({ "fingerprint": fingerprint.to_string(), "words": words, "link": link, "kit": kit_file });
    output::give(Done::Changed(&done), &lines, &result)
}

/// The code that is typed; at a terminal it is asked for again where it cannot be one.
pub(super) fn ask_for_code() -> Result<String, Failure> {
    loop {
        match checked_code(&input::line("Enrolment code that the hub printed: ")?) {
            Err(failure) if io::stdin().is_terminal() => output::note(&format!("{}.", failure.message())),
            checked => return checked,
        }
    }
}

/// A code that a hub may have printed: whether it has, the hub says.
pub(super) fn checked_code(typed: &str) -> Result<String, Failure> {
    let symbols = typed.chars().filter(char::is_ascii_alphanumeric).count();
    if symbols == ENROLMENT_SYMBOLS {
        return Ok(typed.to_owned());
    }
    Err(Failure::new(
        "enrolment-code",
        format!(
            "an enrolment code has {ENROLMENT_SYMBOLS} letters and digits, and {symbols} were given, so nothing was done; the hub has printed it, and keeps it in its file enrolment-code until a desk has used it"
        ),
    ))
}

/// At least one: a call names what it is about by them, and a desk that asks nothing has one for all.
pub(super) fn read_tracks(path: &Path) -> Result<Vec<Track>, Failure> {
    let tracks: Vec<Track> = read_list(path)?;
    if tracks.is_empty() {
        let file = label(&path.to_string_lossy());
        let sentence = format!(
            "the file {file} has an empty list of tracks, and a desk has one at least; write one into it"
        );
        return Err(Failure::new("tracks", sentence));
    }
    Ok(tracks)
}

pub(super) fn desk_name(typed: &str) -> Result<String, String> {
    if is_name(typed) {
        Ok(typed.to_owned())
    } else {
        Err(format!("a desk cannot have this name: {NAME_RULE}"))
    }
}

/// English first, so that every desk's packs are fetched in one order.
pub(super) fn read_content(dir: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let unreadable = |error: io::Error| {
        let (dir, cause) = (label(&dir.to_string_lossy()), cause(&error));
        Failure::new(
            "content",
            format!("the directory {dir} cannot be read: {cause}; check its name and its permissions"),
        )
    };
    let mut packs = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let (Some(language), Some("json")) =
            (path.file_stem().and_then(|s| s.to_str()), path.extension().and_then(|s| s.to_str()))
        else {
            continue;
        };
        // Other systems keep their remarks on a file in a hidden one beside it.
        if language.starts_with('.') {
            continue;
        }
        packs.push((language.to_owned(), read_pack(&path)?));
    }
    if packs.is_empty() {
        let dir = label(&dir.to_string_lossy());
        let sentence = format!(
            "the directory {dir} has no content pack in it; it wants one file for each language, such as en.json"
        );
        return Err(Failure::new("content", sentence));
    }
    packs.sort();
    Ok(packs)
}

/// A content pack as it is published: without the mark that some editors put at the beginning.
fn read_pack(path: &Path) -> Result<Vec<u8>, Failure> {
    let text = input::text(path, FILE_MAX)?;
    ContentPack::decode(text.as_bytes()).map_err(|error| {
        let wrong = match error {
            ContentError::Json(error) => match missing_member(&error) {
                Some(member) => format!("it has no {member} up to line {}; add it", error.line()),
                None => format!(
                    "line {}, column {} is not as docs/protocol.md says in section 5.2; mend it there",
                    error.line(),
                    error.column()
                ),
            },
            ContentError::TooLarge => format!("it is larger than {PACK_MAX} bytes; shorten it"),
            ContentError::Date => "a valid_until is not a date; write it as YYYY-MM-DD".to_owned(),
            ContentError::Version => format!("its version is not known; write \"version\": {VERSION}"),
            ContentError::Hash => "it is not the one that the notice names; take that one".to_owned(),
        };
        Failure::new("content", format!("the content pack {}: {wrong}", label(&path.to_string_lossy())))
    })?;
    Ok(text.into_bytes())
}

/// The member that an object lacks.
fn missing_member(error: &JsonError) -> Option<String> {
    let said = error.to_string();
    let (member, _) = said.strip_prefix("missing field `")?.split_once('`')?;
    Some(member.to_owned())
}
