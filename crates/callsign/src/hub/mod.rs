//! `callsign hub`: serves the untrusted server, and keeps, brings back and looks at its files.

mod backup;
mod options;
mod restore;
mod serve;
mod status;

use callsign_protocol::os_error;
use clap::{Args, Subcommand};

use crate::{
    ambient,
    failure::{Failure, Voice},
};

/// Arguments of `callsign hub`: those of serving, or a command on the files.
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  callsign hub --data /var/lib/callsign
      Serves on 127.0.0.1:8700. A hub without a desk prints an enrolment code and keeps
      it in DIR/enrolment-code until a desk has used it.
  callsign hub --data /var/lib/callsign --listen 127.0.0.1:8700 --calls onion --json
      Behind an onion service that forwards to this address; calls are taken only there.
  callsign hub --config /etc/callsign/hub.toml
      Keys of the file are the flags' names. A flag that is given as well goes before it.
  callsign hub status --data /var/lib/callsign
      How much is kept, beside a hub that serves."
)]
pub struct HubArguments {
    #[command(subcommand)]
    command: Option<FilesCommand>,
    #[command(flatten)]
    serve: serve::ServeArguments,
}

#[derive(Subcommand)]
enum FilesCommand {
    /// Copy the hub's files into one new file, while it serves or not.
    Backup(backup::BackupArguments),
    /// Put a backup in the place of the hub's files.
    Restore(restore::RestoreArguments),
    /// Say how much is kept, and what is damaged.
    Status(status::StatusArguments),
}

impl HubArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        match &self.command {
            Some(FilesCommand::Backup(arguments)) => arguments.voice(),
            Some(FilesCommand::Restore(arguments)) => arguments.voice(),
            Some(FilesCommand::Status(arguments)) => arguments.voice(),
            None => self.serve.voice(),
        }
    }
}

/// Does what was asked.
pub fn run(arguments: HubArguments) -> Result<(), Failure> {
    let today = (ambient::clock())().day();
    match arguments.command {
        Some(FilesCommand::Backup(arguments)) => backup::run(&arguments, today),
        Some(FilesCommand::Restore(arguments)) => restore::run(&arguments, today),
        Some(FilesCommand::Status(arguments)) => status::run(&arguments, today),
        None => serve::run(arguments.serve),
    }
}

/// An error with its causes, for the person who runs the hub.
pub fn describe(error: &dyn std::error::Error) -> String {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        sentence = match inner.downcast_ref::<std::io::Error>() {
            Some(error) => format!("{sentence}: {}", os_error::cause(error)),
            None => format!("{sentence}: {inner}"),
        };
        cause = inner.source();
    }
    sentence
}

/// A failure of a command on the files.
fn refused(error: &callsign_hub::files::FilesError) -> Failure {
    use callsign_hub::{StoreError as S, files::FilesError as E};
    let code = match error {
        E::Desk(_) | E::Store(S::Damaged { .. }) => "damaged",
        E::Exists | E::FileExists(_) => "exists",
        E::NoBackup | E::Store(S::Foreign) => "no-backup",
        E::Old(_) => "old",
        E::Store(S::InUse) => "in-use",
        E::Store(S::OldSchema { .. } | S::UnknownSchema { .. }) => "schema",
        _ => "hub",
    };
    Failure::new(code, describe(error))
}
