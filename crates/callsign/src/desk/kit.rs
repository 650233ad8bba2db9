//! `callsign desk kit|recover-kit`: a sheet of paper that brings a desk's name and fingerprint back, and nothing else of it.

use std::path::{Path, PathBuf};

use callsign_desk::{
    Desk, DeskError, FIRST_PERSON, InitOptions, JoinOptions, Serving, Settings,
    keys::{KIT_WORDS as WORDS, Kit, KitError, VaultError, passphrase::is_same},
    model_tracks,
};
use callsign_http::Link;
use callsign_protocol::identity::{Fingerprint, PrivateKey};
use clap::Args;
use serde_json::json;

use super::{
    Common, desk_ambient,
    init::{ask_for_code, checked_code},
    memory, must_exist, must_not_be_a_hubs, open_with, passphrases,
};
use crate::{
    ambient, calendar,
    failure::Failure,
    input,
    new_file::NewFile,
    output::{self, Done, Lines, label},
};

/// Bytes of a kit's text, at most.
const KIT_MAX: u64 = 1 << 16;

/// Arguments of `desk kit`.
#[derive(Args)]
pub struct KitArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The file for the kit, a text to be printed; it must not be there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Arguments of `desk recover-kit`.
#[derive(Args)]
pub struct RecoverKitArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The kit, or what was typed from its paper; - reads standard input
    #[arg(value_name = "KIT")]
    file: PathBuf,
    /// Where the hub is now, if it has moved
    #[arg(long, value_name = "URL", value_parser = Link::parse)]
    hub: Option<Link>,
    /// The enrolment code of a new hub, where the former one is lost too, or - to be asked for it
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Writes a kit of a desk whose identity is at hand.
pub fn kit(arguments: &KitArguments) -> Result<(), Failure> {
    let KitArguments { common, file } = arguments;
    must_exist(&common.data)?;
    try_place(file)?;
    let passphrase = passphrases::of_desk()?;
    let desk = open_with(&common.data, &passphrase)?;
    if !desk.has_identity() {
        return Err(DeskError::NoIdentity.into());
    }
    let of_kit = passphrases::new_for_kit()?;
    write(&desk, (&passphrase, &of_kit), file)?;
    let place = label(&file.to_string_lossy());
    let lines = told(Lines::new().line(format!("The recovery kit is in {place}.")));
    let done = format!("the recovery kit is in {place}");
    output::give(Done::Changed(&done), &lines, &json!({ "kit": file.to_string_lossy() }))
}

/// Finds out before the work whether a kit can be written there.
pub fn try_place(file: &Path) -> Result<(), Failure> {
    NewFile::try_place(file).map_err(|error| unwritable(file, &error))
}

/// Asks for what a kit that is made with the desk is sealed under.
pub fn new_passphrase(desk: &str) -> Result<zeroize::Zeroizing<String>, Failure> {
    let of_kit = passphrases::new_for_kit()?;
    if is_same(desk, &of_kit) { Err(DeskError::SamePassphrase.into()) } else { Ok(of_kit) }
}

/// What is to be done with a kit.
pub fn told(lines: Lines) -> Lines {
    lines
        .line("Print it, and destroy the file; keep two copies of the paper, at two places, and its passphrase apart from them.")
        .line("Whoever has the paper and its passphrase can be the desk.")
}

/// Writes the kit of an open desk.
pub fn write(desk: &Desk, passphrases: (&str, &str), file: &Path) -> Result<(), Failure> {
    let kit = desk.kit(passphrases, memory::cost_of_new(), &mut ambient::rng())?;
    let text = sheet(&kit, desk);
    NewFile::create(file)
        .and_then(|place| place.write(text.as_bytes()))
        .map_err(|error| unwritable(file, &error))
}

fn unwritable(file: &Path, error: &std::io::Error) -> Failure {
    let place = label(&file.to_string_lossy());
    Failure::of_system(
        format!("the recovery kit cannot be written to {place}"),
        error,
        "name a file that is not there yet, in a directory that is",
    )
}

/// A page of text, 78 columns wide and 54 lines long.
fn sheet(kit: &Kit, desk: &Desk) -> String {
    let day = calendar::written(desk.now().day());
    let words = desk.fingerprint().words();
    let (first, last) = half(&words);
    let head = format!(
        "\
RECOVERY KIT OF A DESK                                     made {day}

It brings back the desk's name, and the fingerprint that callers know it by:
they reach the desk by the same leaflet, and it answers what they write from
then on. IT BRINGS BACK NO CASE. Where all devices of the desk are lost, all
cases are lost, with all that callers have written, and callers can read none
of the answers that they had. A second device at another place prevents that.

Whoever has this paper and its passphrase can be the desk. Keep two copies, at
two places, and the passphrase apart from both. When a copy is lost, make
another identity with `callsign desk identity succeed`, and tell callers.

"
    );
    let end = format!(
        "
{WORDS} {first}
                      {last}

To bring the desk back, on a new machine with the program:

  callsign desk recover-kit --data NEW KIT

where NEW is a directory that is not there yet, and KIT a text file with the
lines above from \"Desk:\" on, as typed from this paper: four letters of each
word are enough, and each row is checked by itself. It asks for the passphrase
that was chosen when this kit was made. The hub knows the desk by its identity,
so it asks for no code; where the hub is lost, too, start a new one, and add
--hub with its address, and --code - for the code that it prints.

Then let people's devices come anew: callsign desk invite
"
    );
    format!("{head}{}\n{end}", kit.lines().join("\n"))
}

fn half(words: &str) -> (String, String) {
    let words: Vec<&str> = words.split(' ').collect();
    let (first, last) = words.split_at(words.len() / 2);
    (first.join(" "), last.join(" "))
}

/// Brings a desk back of which nothing but its kit is left.
pub fn recover(arguments: &RecoverKitArguments) -> Result<(), Failure> {
    let RecoverKitArguments { common, file, hub, code, yes } = arguments;
    let data = &common.data;
    must_not_be_a_hubs(data)?;
    if Desk::is_set_up(data)? {
        let place = label(&data.to_string_lossy());
        return Err(Failure::new(
            "vault",
            format!(
                "in {place} there is a desk already, with its cases, and nothing of it was changed; `callsign desk sync --data {place}` says whether it still works, and then no kit is needed. Where it does not, give the kit a directory that is not there yet"
            ),
        ));
    }
    let kit = Kit::parse(&input::text(file, KIT_MAX)?).map_err(DeskError::from)?;
    let link = Link::parse(&kit.link).map_err(|error| {
        Failure::new("kit", format!("the kit's link is none: {error}; compare it with the paper"))
    })?;
    if !yes {
        output::note(
            "The desk goes on with this device alone. No case comes back, and callers can read none of the answers that they had. Every other device \
             that the desk still has is shut out and has to join anew: where one is left, have it invite this machine instead.",
        );
        passphrases::yes("Type yes to bring the desk back: ", "nothing was changed")?;
    }
    // Before anybody types a passphrase.
    if let Some(named) = link.fingerprint {
        kit.check_words(&named).map_err(DeskError::from)?;
    }
    let identity = kit.open(&passphrases::of_kit()?).map_err(DeskError::from)?;
    let fingerprint = Fingerprint::of(&identity.public());
    if link.fingerprint.is_some_and(|named| named != fingerprint) {
        return Err(DeskError::from(KitError::OtherDesk).into());
    }
    kit.check_words(&fingerprint).map_err(DeskError::from)?;
    let address = hub.as_ref().unwrap_or(&link).address.to_string();
    let code = match code.as_deref() {
        Some("-") => Some(ask_for_code()?),
        given => given.map(checked_code).transpose()?,
    };
    let passphrase = passphrases::for_files_of(data, &[&kit.name])?;
    let desk = match code {
        Some(code) => begin_anew(data, &passphrase, (kit, identity), (address, code))?,
        None => go_on(data, &passphrase, (fingerprint, &identity), address)?,
    };
    let ends = calendar::written(desk.health().certificate_ends);
    let place = label(&data.to_string_lossy());
    let link = format!("{}/{}/#{fingerprint}", desk.hub(), fingerprint.desk_id());
    let done = format!("the desk is back, in {place}");
    let lines = Lines::new()
        .line(format!("The desk is back, in {place}, with the fingerprint that callers know: {fingerprint}"))
        .line(format!("In words, as on the paper: {}", fingerprint.words()))
        .line(format!("Link for callers: {link}"))
        .line("It has no case. The identity is in its vault, and renews its certificates by itself.")
        .line(format!("Next: callsign desk serve --data {place}; then let people's devices come anew, with callsign desk invite"));
    let result = json!({ "fingerprint": fingerprint.to_string(), "link": link, "certificate_ends": ends });
    output::give(Done::Changed(&done), &lines, &result)
}

/// At the hub that knows the desk: a new device, with which the identity restarts the desk.
fn go_on(
    data: &Path,
    passphrase: &str,
    (fingerprint, identity): (Fingerprint, &PrivateKey),
    hub: String,
) -> Result<Desk, Failure> {
    let cost = memory::cost_of_new();
    let join = JoinOptions { hub, fingerprint, settings: Settings::default() };
    match Desk::ask_to_join(data, passphrase, cost, &join, desk_ambient()) {
        // An attempt that was cut off has got farther.
        Ok(_) | Err(DeskError::Vault(VaultError::Exists(_))) => {}
        Err(DeskError::NoNotice) => {
            return Err(Failure::new(
                "no-such-desk",
                "the hub has nothing of this desk; check its address, or, where it is a new hub, give the code that it printed with --code",
            ));
        }
        Err(error) => return Err(error.into()),
    }
    let _serving = Serving::begin(data)?;
    // Before the restart, which certifies for as long as a desk whose device has the identity.
    Desk::keep_identity(data, (passphrase, cost), identity, &mut ambient::rng())?;
    let begun = |error: DeskError| {
        let place = label(&data.to_string_lossy());
        Failure::from(error).after(format!(
            "what is made of the kit is in {place}, and goes on with `callsign desk sync --data {place}`, or with this command again where that says that it is not in the keyring"
        ))
    };
    drop(Desk::restart(data, passphrase, identity, desk_ambient()).map_err(begun)?);
    let desk = Desk::open(data, passphrase, desk_ambient())?;
    desk.sync().map_err(begun)?;
    Ok(desk)
}

/// At a new hub: a new desk under the old identity.
fn begin_anew(
    data: &Path,
    passphrase: &str,
    (kit, identity): (Kit, PrivateKey),
    (hub, code): (String, String),
) -> Result<Desk, Failure> {
    let Kit { name, purpose, .. } = kit;
    let options = InitOptions {
        hub,
        code,
        identity: Some(identity),
        name,
        person: FIRST_PERSON.to_owned(),
        tracks: model_tracks(),
        content: vec![],
        settings: Settings::default(),
        purpose,
    };
    Ok(Desk::init(data, passphrase, memory::cost_of_new(), &options, desk_ambient())?)
}
