//! `callsign desk init`: creates a desk and enrols it at a hub.

use std::{
    io::{BufRead as _, IsTerminal as _},
    path::{Path, PathBuf},
};

use callsign_desk::{Desk, InitOptions, Settings, model_tracks, vault::Cost};
use callsign_http::Link;
use callsign_protocol::notice::Track;
use clap::Args;
use serde_json::json;

use super::{Common, desk_ambient, identity, passphrases};
use crate::failure::Failure;

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
    /// The desk's name as callers see it
    #[arg(long)]
    name: String,
    /// Tracks: a JSON array of {"id", "names": {"en": …}}; those of the model desk otherwise
    #[arg(long, value_name = "FILE")]
    tracks: Option<PathBuf>,
    /// Content packs: a directory with one en.json, uk.json … for each language
    #[arg(long, value_name = "DIR")]
    content: Option<PathBuf>,
    /// The file of an identity that `callsign desk identity succeed` made; a new identity otherwise
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

/// Creates the desk and prints what callers need.
pub fn run(arguments: InitArguments) -> Result<(), Failure> {
    let InitArguments { common, hub, code, name, tracks, content, identity } = arguments;
    let tracks = match tracks {
        Some(path) => read_tracks(&path)?,
        None => model_tracks(),
    };
    let content = content.map_or(Ok(Vec::new()), |dir| read_content(&dir))?;
    let code = if code == "-" { ask_for_code()? } else { code };
    let identity = identity.map(|file| identity::from_file(&file)).transpose()?;
    let passphrase = passphrases::new_for_desk()?;
    let options = InitOptions {
        hub: hub.address.to_string(),
        code,
        identity,
        name,
        tracks,
        content,
        settings: Settings::default(),
    };
    let desk = Desk::init(&common.data, &passphrase, Cost::default(), &options, desk_ambient())?;
    let fingerprint = desk.fingerprint();
    let link = format!("{}/{}/#{fingerprint}", desk.hub(), fingerprint.desk_id());
    if common.json {
        let words = fingerprint.words();
        let hex = fingerprint.to_string();
        println!("{}", json!({ "fingerprint": hex, "words": words, "link": link }));
    } else {
        println!("The desk is set up in {}.", common.data.display());
        println!("Fingerprint: {fingerprint}");
        println!("In words:    {}", fingerprint.words());
        println!("Link for callers, as a leaflet carries it: {link}");
        println!("Next: callsign desk serve --data {}", common.data.display());
    }
    Ok(())
}

fn ask_for_code() -> Result<String, Failure> {
    let mut input = std::io::stdin().lock();
    if input.is_terminal() {
        eprint!("Enrolment code that the hub printed: ");
    }
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(line)
}

fn read_tracks(path: &Path) -> Result<Vec<Track>, Failure> {
    let bytes = read_file(path)?;
    let tracks: Vec<Track> = serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new("tracks", format!("{} is not a list of tracks: {error}", path.display()))
    })?;
    let fits = |track: &Track| !track.id.is_empty() && track.id.len() <= callsign_protocol::call::LABEL_MAX;
    if tracks.iter().all(fits) {
        Ok(tracks)
    } else {
        Err(Failure::new("tracks", "the id of a track has 1 to 35 bytes"))
    }
}

/// English first, so that every desk's packs are fetched in one order.
fn read_content(dir: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut packs = Vec::new();
    for entry in
        std::fs::read_dir(dir).map_err(|e| Failure::new("content", format!("{}: {e}", dir.display())))?
    {
        let path = entry?.path();
        let (Some(language), Some("json")) =
            (path.file_stem().and_then(|s| s.to_str()), path.extension().and_then(|s| s.to_str()))
        else {
            continue;
        };
        packs.push((language.to_owned(), read_file(&path)?));
    }
    packs.sort();
    Ok(packs)
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .map_err(|error| Failure::new("io", format!("cannot read {}: {error}", path.display())))
}
