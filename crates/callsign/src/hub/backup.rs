//! `callsign hub backup`: one file with all that the hub keeps, while it serves.

use std::path::PathBuf;

use callsign_hub::files::{Backup, back_up};
use callsign_protocol::{identity::DeskId, time::Day};
use clap::Args;

use super::{refused, restore::AGE_MAX_DAYS};
use crate::{
    calendar,
    failure::{Failure, Voice},
    output::{self, Done, Lines, count, label},
};

/// Arguments of `callsign hub backup`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  callsign hub backup --data /var/lib/callsign /mnt/backup/hub-monday
      Copies, verifies, and only then gives the file its name. The hub goes on serving.")]
pub struct BackupArguments {
    /// Directory of the hub's files
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The new file; one that exists is not overwritten
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl BackupArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }
}

/// Makes the backup.
pub fn run(arguments: &BackupArguments, today: Day) -> Result<(), Failure> {
    let Backup { day, bytes, desks } =
        back_up(&arguments.data, &arguments.file, today).map_err(|error| refused(&error, &arguments.data))?;
    let keep_until = calendar::written(day.plus(AGE_MAX_DAYS));
    let file = arguments.file.to_string_lossy();
    let report = serde_json::json!({
        "file": file,
        "bytes": bytes,
        "day": calendar::written(day),
        "desks": desks.iter().map(DeskId::as_str).collect::<Vec<_>>(),
        "keep_until": keep_until,
    });
    let (file, desks) = (label(&file), count(desks.len(), "desk"));
    let lines = Lines::new()
        .line(format!("Written and verified: {file} ({}, {desks})", count(bytes, "byte")))
        .line("The hub erases cells after 4 days and drops after 14. This file does not: it goes on showing how many")
        .line(format!(
            "there were each day, to whoever has it. Destroy it after {keep_until}; a desk can hardly go on from an older one."
        ));
    output::give(Done::Changed(&format!("the backup {file} is written and verified")), &lines, &report)
}
