//! `callsign desk identity detach|attach|certify|restart|succeed`: the identity away from the desk's machines.

use std::path::{Path, PathBuf};

use callsign_desk::{
    Custody, Desk, DeskError, Serving,
    keys::{is_identity_file, open_identity, passphrase::is_same, save_identity},
};
use callsign_protocol::{
    identity::{Fingerprint, PrivateKey},
    time::Day,
};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Common, desk_ambient, memory, must_exist, open, open_with, passphrases};
use crate::{
    ambient, calendar,
    failure::Failure,
    output::{self, Done, Lines, label},
};

/// Keep the desk's identity away from its machines, and bring it when it is needed
#[derive(Subcommand)]
pub enum IdentityCommand {
    /// Put the identity from its file back into the desk's vault
    #[command(after_help = "\
The file stays as it is. Stop `callsign desk serve` first. With the identity on two devices that
are at work certificates last 3 days, and so long a removed device can deceive callers; with one it is 14.

Example:
  callsign desk identity attach --data ~/desk /media/stick/identity")]
    Attach(FileArguments),
    /// Have the identity certify a fresh duty key; hub and devices refuse the one before from then on
    #[command(after_help = "\
For 35 days, or as many as `callsign desk settings --certificate-days` says; for 14, or 3, where one or two devices have
the identity and renew that by themselves. The custodian does this at the desk's machine before the certificate ends, and
after each removal of a device. The identity is in memory for as long as the command runs, and stays in its file alone.

Example:
  callsign desk identity certify --data ~/desk /media/stick/identity")]
    Certify(FileArguments),
    /// Move the identity out of the vault into a file that is kept elsewhere
    #[command(after_help = "\
Stop `callsign desk serve` first, which has the identity in memory. The file gets a passphrase of its own. Without the file or that
passphrase the desk lives as long as its certificate, 35 days where the settings say no less, and no longer: keep two
copies, at two places.
On a device that was left out and whose cache is lost it certifies nothing: from the file the identity goes where it is needed.

Example:
  callsign desk identity detach --data ~/desk /media/stick/identity")]
    Detach(FileArguments),
    /// Go on with this device alone, whoever has the desk now
    #[command(after_help = "\
For a desk whose devices are all lost, or one of which has shut the others out. The identity overrides all that they have
put at the hub: this device goes on from what it knows, and all others have to join anew. They raise an alarm, or say that
they do not belong to the desk any more. On a device that belonged to the desk, with its `desk serve` stopped; where none
is left, on a new one whose files `callsign desk join` has made: it begins without any case, and callers can read none of
the answers that they had. Their page says that it found none; nothing there says that the desk began anew.

Nobody has to admit the request that `callsign desk join` wrote there.

Example:
  callsign desk identity restart --data ~/desk /media/stick/identity")]
    Restart(RestartArguments),
    /// Make a new identity, and have this one tell callers of it
    #[command(after_help = "\
Callers see the new fingerprint with its day. On that day, set up the new desk:

Examples:
  callsign desk identity succeed --data ~/desk /media/stick/identity --new /media/stick/next --from YYYY-MM-DD
  callsign desk init --data ~/next-desk --hub http://ADDRESS --code - --name 'Line of the North' --identity /media/stick/next")]
    Succeed(SucceedArguments),
}

/// A desk and the file of its identity.
#[derive(Args)]
pub struct FileArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The file of the identity
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Arguments of `desk identity restart`.
#[derive(Args)]
pub struct RestartArguments {
    #[command(flatten)]
    file: FileArguments,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Arguments of `desk identity succeed`.
#[derive(Args)]
pub struct SucceedArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The file of the identity that ends
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The file for the identity to come; it must not be there yet
    #[arg(long, value_name = "NEWFILE")]
    new: PathBuf,
    /// The first day on which the new one speaks for the desk
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = calendar::parse)]
    from: Day,
}

impl IdentityCommand {
    pub(super) fn common(&self) -> &Common {
        match self {
            Self::Attach(file) | Self::Certify(file) | Self::Detach(file) => &file.common,
            Self::Restart(arguments) => &arguments.file.common,
            Self::Succeed(arguments) => &arguments.common,
        }
    }
}

/// Runs one command.
pub fn run(command: &IdentityCommand) -> Result<(), Failure> {
    match command {
        IdentityCommand::Attach(arguments) => attach(arguments),
        IdentityCommand::Certify(arguments) => certify(arguments),
        IdentityCommand::Detach(arguments) => detach(arguments),
        IdentityCommand::Restart(arguments) => restart(arguments),
        IdentityCommand::Succeed(arguments) => succeed(arguments),
    }
}

/// The identity in a file, whose passphrase is asked for.
pub fn from_file(file: &Path) -> Result<PrivateKey, Failure> {
    is_identity_file(file).map_err(callsign_desk::DeskError::from)?;
    let passphrase = passphrases::of_identity()?;
    Ok(open_identity(file, &passphrase).map_err(callsign_desk::DeskError::from)?)
}

fn detach(arguments: &FileArguments) -> Result<(), Failure> {
    let FileArguments { common, file } = arguments;
    must_exist(&common.data)?;
    // A program that serves the desk has the identity in memory, and would go on with it.
    let _serving = Serving::begin(&common.data)?;
    let passphrase = passphrases::of_desk()?;
    let opened = Desk::open(&common.data, &passphrase, desk_ambient());
    // Before anybody thinks of a passphrase for it.
    if opened.as_ref().is_ok_and(|desk| !desk.has_identity()) {
        return Err(DeskError::NoIdentity.into());
    }
    let file_passphrase = passphrases::new_for_identity()?;
    let custody = custody(arguments, &passphrase, &file_passphrase);
    let ends = match opened {
        Ok(desk) => Some(calendar::written(desk.detach_identity(&custody, &mut ambient::rng())?)),
        Err(DeskError::LeftOut(_)) => {
            Desk::detach_left_out(&custody, &mut ambient::rng())?;
            None
        }
        Err(other) => return Err(other.into()),
    };
    let place = label(&file.to_string_lossy());
    let done = format!("the identity is in {place} and in the vault no more");
    let lines = Lines::new().line(format!("The identity is in {place} and in the vault no more."));
    let lines = match &ends {
        Some(ends) => lines
            .line(format!(
                "The desk works until {ends} without it; some days before, it asks for `callsign desk identity certify` where no other device has the identity."
            ))
            .line("Start `callsign desk serve` anew: one that runs has the identity in memory."),
        None => lines
            .line("This device does not belong to the desk: nothing was certified.")
            .line("Join anew with `callsign desk join`, or go on by `callsign desk identity restart` where no other device is left."),
    };
    let lines = lines.line("Older copies of the vault hold the identity too: destroy them. Keep two copies of the file, at two places.");
    output::give(
        Done::Changed(&done),
        &lines,
        &json!({ "file": file.to_string_lossy(), "certificate_ends": ends }),
    )
}

fn attach(arguments: &FileArguments) -> Result<(), Failure> {
    must_exist(&arguments.common.data)?;
    // A program that serves the desk would not hear of it.
    let _serving = Serving::begin(&arguments.common.data)?;
    is_identity_file(&arguments.file).map_err(DeskError::from)?;
    let (passphrase, file_passphrase) = (passphrases::of_desk()?, passphrases::of_identity()?);
    Desk::attach_identity(&custody(arguments, &passphrase, &file_passphrase), &mut ambient::rng())?;
    let lines = Lines::new()
        .line("The identity is in the vault of this device; the duty key is certified by itself from now on.")
        .line("Whoever gets this machine and its passphrase can be the desk from now on.");
    let done = Done::Changed("the identity is in the vault of this device");
    output::give(done, &lines, &json!({ "identity_here": true }))
}

fn certify(arguments: &FileArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    let identity = from_file(&arguments.file)?;
    let ends = calendar::written(desk.certify(&identity)?);
    let done = format!("a fresh duty key is certified until {ends}");
    let lines = Lines::new()
        .line(format!("A fresh duty key is certified until {ends}; hub and devices refuse the one before."));
    output::give(Done::Changed(&done), &lines, &json!({ "certificate_ends": ends }))
}

fn restart(arguments: &RestartArguments) -> Result<(), Failure> {
    let RestartArguments { file: FileArguments { common, file }, yes } = arguments;
    must_exist(&common.data).map_err(|missing| {
        let place = label(&common.data.to_string_lossy());
        missing.instead(format!(
            "there are no files of a device in {place}. Where no device of the desk is left, a new one makes them, and nobody has to admit its \
             request: callsign desk join --data {place} --hub 'LINK FROM THE LEAFLET' >request.txt. Then give this command again"
        ))
    })?;
    let _serving = Serving::begin(&common.data)?;
    if !yes {
        output::note(
            "Every other device of the desk is shut out and has to join anew. What only they know is lost: calls that this device has not \
             seen, and what callers seal until they have the next notice. Callers can read no more what was answered since this device last \
             knew the desk's keys, all answers where it never did, and see no more that their messages were opened then: tell \
             them by another way, or answer once more when they write.",
        );
        passphrases::yes(
            "Type yes to restart the desk: ",
            "nothing was changed; --yes restarts without asking",
        )?;
    }
    is_identity_file(file).map_err(DeskError::from)?;
    let passphrase = passphrases::of_desk()?;
    let identity = from_file(file)?;
    let desk = Desk::restart(&common.data, &passphrase, &identity, desk_ambient())?;
    let ends = calendar::written(desk.health().certificate_ends);
    let lines = Lines::new()
        .line(format!("The desk goes on with this device alone; its duty key is certified until {ends}."))
        .line("Let the other devices of people whom you trust join anew: callsign desk join, then callsign desk admit.")
        .line("Whoever restarted the desk without you has its identity: then tell callers of another fingerprint.");
    let result = json!({ "generation": desk.generation(), "certificate_ends": ends });
    output::give(Done::Changed("the desk goes on with this device alone"), &lines, &result)
}

fn succeed(arguments: &SucceedArguments) -> Result<(), Failure> {
    let SucceedArguments { common, file, new, from } = arguments;
    if *from < ambient::clock()().day() {
        return Err(Failure::new("date", "the day is over; name one that callers can still prepare for"));
    }
    must_exist(&common.data)?;
    let desk_passphrase = passphrases::of_desk()?;
    let desk = open_with(&common.data, &desk_passphrase)?;
    let identity = from_file(file)?;
    if Fingerprint::of(&identity.public()) != desk.fingerprint() {
        return Err(callsign_desk::DeskError::OtherIdentity.into());
    }
    let (passphrase, mut rng) = (passphrases::new_for_successor()?, ambient::rng());
    if is_same(&desk_passphrase, &passphrase) {
        return Err(callsign_desk::DeskError::SamePassphrase.into());
    }
    // An attempt that was cut off has left one that callers may have been told of.
    let kept = new.exists().then(|| open_identity(new, &passphrase)).and_then(Result::ok);
    let successor = kept.unwrap_or_else(|| PrivateKey::generate(&mut rng));
    // On disk first: callers must never be told of an identity that nobody has.
    save_identity(new, &successor, &passphrase, memory::cost_of_new(), &mut rng)
        .map_err(callsign_desk::DeskError::from)?;
    desk.announce_successor(&identity, successor.public(), *from)?;
    let fingerprint = Fingerprint::of(&successor.public());
    let day = calendar::written(*from);
    let (words, place) = (fingerprint.words(), label(&new.to_string_lossy()));
    let done = format!("callers are told of the identity in {place}");
    let lines = Lines::new()
        .line(format!("Callers are told: from {day} this desk has the fingerprint {fingerprint}"))
        .line(format!("In words: {words}"))
        .line(format!("On that day, set up the new desk: callsign desk init --identity {place} …"));
    let result = json!({ "fingerprint": fingerprint.to_string(), "words": words, "from": day });
    output::give(Done::Changed(&done), &lines, &result)
}

fn custody<'a>(arguments: &'a FileArguments, passphrase: &'a str, file_passphrase: &'a str) -> Custody<'a> {
    let FileArguments { common, file } = arguments;
    Custody { dir: &common.data, passphrase, file, file_passphrase, cost: memory::cost_of_new() }
}
