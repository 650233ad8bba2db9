//! `callsign hub`: serves the untrusted server, and keeps, brings back and looks at its files.

mod backup;
mod options;
mod restore;
mod serve;
mod status;

use std::path::Path;

use callsign_hub::{HubError, StoreError, files::FilesError};
use clap::{Args, Subcommand};

use crate::{
    ambient,
    failure::{Failure, Voice},
    output::label,
};

/// The hub's file, by which its directory is known.
pub const HUB_FILE: &str = "hub.sqlite";

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

/// Why a hub does not start, with its directory.
pub fn not_started(error: &HubError, dir: &Path) -> Failure {
    Failure::new("hub", in_directory(error, dir))
}

/// A failure of a command on the files.
fn refused(error: &FilesError, dir: &Path) -> Failure {
    let code = match error {
        FilesError::BackupDamaged(_) | FilesError::Desk(_) => "damaged",
        FilesError::BackupNewer(_) => "schema",
        FilesError::Exists | FilesError::FileExists(_) => "exists",
        FilesError::NoBackup(_) | FilesError::Directory(_) => "no-backup",
        FilesError::Old(_) => "old",
        FilesError::Store(error) => store_code(error),
        FilesError::Io(..) | FilesError::NotNoted(..) => "hub",
    };
    Failure::new(code, in_directory(error, dir))
}

fn store_code(error: &StoreError) -> &'static str {
    match error {
        StoreError::Damaged { .. } => "damaged",
        StoreError::Foreign => "no-backup",
        StoreError::InUse => "in-use",
        StoreError::OldSchema { .. } | StoreError::UnknownSchema { .. } => "schema",
        _ => "hub",
    }
}

fn in_directory(error: &impl std::fmt::Display, dir: &Path) -> String {
    format!("hub in {}: {error}", label(&dir.to_string_lossy()))
}
