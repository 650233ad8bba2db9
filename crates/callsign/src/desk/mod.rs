//! `callsign desk`: sets a desk up, serves its pages, and works at it from the command line.

mod calls;
mod init;
mod serve;

use std::path::{Path, PathBuf};

use callsign_desk::{
    Ambient, Desk, DeskError,
    vault::{VAULT_FILE, VaultError},
};
use clap::{Args, Subcommand};

use crate::{
    ambient,
    failure::{Failure, Voice},
};
use calls::{InboxArguments, ReplyArguments, ShowArguments, SyncArguments};
use init::InitArguments;
use serve::ServeArguments;

pub use serve::pages;

/// Set up a desk and work at it.
#[derive(Subcommand)]
pub enum DeskCommand {
    /// Create a desk: its keys in DIR, its place at the hub
    #[command(after_help = "\
The passphrase is taken from CALLSIGN_PASSPHRASE, or asked for.

Examples:
  callsign desk init --data ~/desk --hub http://127.0.0.1:8700 --code - --name 'Line of the North'
      Asks for the enrolment code that the hub printed, then for a new passphrase.")]
    Init(InitArguments),
    /// List the cases that are known here; those that wait come first
    Inbox(InboxArguments),
    /// Answer a call
    #[command(after_help = "\
Examples:
  callsign desk reply --data ~/desk --call-sign river-stone-42 -
      Takes the answer from standard input, byte for byte.
  callsign desk reply --data ~/desk --call-sign river-stone-42
      Asks for the answer; Ctrl-D ends it.")]
    Reply(ReplyArguments),
    /// Serve the operators' pages, take calls and keep the beat
    Serve(ServeArguments),
    /// Open a call: print it, and let the caller know that a person has opened it
    Show(ShowArguments),
    /// Take what waits at the hub, once
    Sync(SyncArguments),
}

/// Where the desk is, and how to answer.
#[derive(Args)]
pub struct Common {
    /// Directory of the desk's files
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl DeskCommand {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        let common = match self {
            Self::Init(InitArguments { common, .. })
            | Self::Inbox(InboxArguments { common })
            | Self::Reply(ReplyArguments { common, .. })
            | Self::Serve(ServeArguments { common, .. })
            | Self::Show(ShowArguments { common, .. })
            | Self::Sync(SyncArguments { common, .. }) => common,
        };
        Voice::of(common.json)
    }
}

/// Runs one command.
pub fn run(command: DeskCommand) -> Result<(), Failure> {
    match command {
        DeskCommand::Init(arguments) => init::run(arguments),
        DeskCommand::Inbox(arguments) => calls::inbox(&arguments),
        DeskCommand::Reply(arguments) => calls::reply(&arguments),
        DeskCommand::Serve(arguments) => serve::run(&arguments),
        DeskCommand::Show(arguments) => calls::show(&arguments),
        DeskCommand::Sync(arguments) => calls::sync(&arguments),
    }
}

/// The machine's clock and randomness for a desk.
pub fn desk_ambient() -> Ambient {
    Ambient { clock: ambient::clock(), rng: Box::new(ambient::rng()) }
}

fn open(data: &Path) -> Result<Desk, Failure> {
    must_exist(data)?;
    let passphrase = match std::env::var("CALLSIGN_PASSPHRASE") {
        Ok(passphrase) => passphrase,
        Err(_) => rpassword::prompt_password("Passphrase: ")?,
    };
    Ok(Desk::open(data, &passphrase, desk_ambient())?)
}

/// A missing desk is said before anything is asked.
fn must_exist(data: &Path) -> Result<(), Failure> {
    if data.join(VAULT_FILE).exists() {
        return Ok(());
    }
    Err(DeskError::from(VaultError::Missing(data.to_owned())).into())
}
