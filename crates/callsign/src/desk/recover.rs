//! `callsign desk recover`: goes on where the hub came back from a backup.

use callsign_desk::{Desk, Serving};
use clap::Args;
use serde_json::json;

use super::{Common, desk_ambient, must_exist, passphrases};
use crate::{
    failure::Failure,
    output::{self, Done, Lines},
};

/// Arguments of `desk recover`.
#[derive(Args)]
pub struct RecoverArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Recovers.
pub fn recover(arguments: &RecoverArguments) -> Result<(), Failure> {
    let Common { data, .. } = &arguments.common;
    must_exist(data)?;
    let _serving = Serving::begin(data)?;
    if !arguments.yes {
        output::note(
            "Did the person who keeps the hub say, by another way than the hub, that it came back from a backup?",
        );
        passphrases::yes(
            "Type yes if they have: ",
            "nothing was changed; find out first whether that is so",
        )?;
    }
    let recovered = Desk::recover(data, &passphrases::of_desk()?, desk_ambient())?;
    let lines = Lines::new()
        .line(format!(
            "This device goes on from the hub's log. Parts that the hub had lost: {} of calls, {} of answers.",
            recovered.calls, recovered.answers
        ))
        .line("They go back with the next beats, or now with `callsign desk sync`; answers are posted again.")
        .line("Calls that came after the backup and that no device had taken are lost. Do this on every device.");
    let result = json!({ "calls": recovered.calls, "answers": recovered.answers });
    output::give(Done::Changed("this device goes on from the hub's log"), &lines, &result)
}
