//! `callsign hub restore`: a backup in the place of a hub's files.

use std::path::PathBuf;

use callsign_hub::files::{Existing, RestoreOptions, Restored, restore};
use callsign_protocol::{identity::DeskId, time::Day};
use clap::Args;

use super::refused;
use crate::{
    calendar,
    failure::{Failure, Voice},
    output::{self, Done, Lines, count, label},
};

/// Days after which a backup is refused: as long as a generation lasts at most. Desks destroy the keys of older logs.
pub const AGE_MAX_DAYS: u32 = 7;

/// Arguments of `callsign hub restore`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  callsign hub restore --data /var/lib/callsign /mnt/backup/hub-monday
      On a new machine, or where the files are gone.
  callsign hub restore --data /var/lib/callsign --replace /mnt/backup/hub-monday
      Keeps the files that are there aside. The hub must be stopped.

Then start the hub, and on every device of every desk:
  callsign desk recover --data ~/desk")]
pub struct RestoreArguments {
    /// Directory of the hub's files; created where it is missing
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// What `callsign hub backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Move the database that is there aside
    #[arg(long)]
    replace: bool,
    /// Refuse a backup of more days ago
    #[arg(long, value_name = "DAYS", default_value_t = AGE_MAX_DAYS)]
    max_age_days: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl RestoreArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }
}

/// Restores.
pub fn run(arguments: &RestoreArguments, today: Day) -> Result<(), Failure> {
    let options = RestoreOptions {
        existing: if arguments.replace { Existing::MoveAside } else { Existing::Keep },
        age_max_days: arguments.max_age_days,
        today,
    };
    let Restored { made_on, desks, aside } = restore(&arguments.data, &arguments.file, options)
        .map_err(|error| refused(&error, &arguments.data))?;
    let (day, aside) = (calendar::written(made_on), aside.map(|aside| aside.to_string_lossy().into_owned()));
    let report = serde_json::json!({
        "made_on": day,
        "desks": desks.iter().map(DeskId::as_str).collect::<Vec<_>>(),
        "aside": aside,
    });
    let mut lines =
        Lines::new().line(format!("Restored: the backup of {day}, with {}.", count(desks.len(), "desk")));
    if let Some(aside) = aside {
        let aside = label(&aside);
        lines.push(format!("What was there before is {aside} now; destroy it when you no longer need it."));
    }
    let lines = lines
        .line(
            "Calls that came after the backup and that no device of a desk has taken yet are lost, and their",
        )
        .line(
            "callers must write again: they never see the second tick. Each desk finds that the hub's log is",
        )
        .line("shorter than before and writes nothing, until on each of its devices somebody has typed:")
        .line("  callsign desk recover --data DIR");
    output::give(Done::Changed(&format!("the backup of {day} is restored")), &lines, &report)
}
