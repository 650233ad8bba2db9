//! `callsign desk receive`: takes letters that came by another way than the hub.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Common, acting::settle, open};
use crate::{
    failure::Failure,
    input,
    output::{self, Done, Lines, count},
};

/// Bytes of a text with letters that are read, at most: a mailbox of some thousand letters.
const TEXT_MAX: u64 = 64 << 20;

/// Refused letters that are told one by one, at most: a text of nothing but beginnings has a million.
const TOLD_MAX: usize = 50;

/// Arguments of `desk receive`.
#[derive(Args)]
pub struct ReceiveArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Leave the log to the beat of the desk that serves DIR
    #[arg(long)]
    queued: bool,
    /// A text with letters in it; - reads it from standard input
    #[arg(value_name = "FILE")]
    input: PathBuf,
}

/// Takes the letters of a text, each by itself, and says how many. Nothing of their content is printed.
pub fn receive(arguments: &ReceiveArguments) -> Result<(), Failure> {
    let carried = input::bytes(&arguments.input, TEXT_MAX)?;
    let desk = open(&arguments.common.data)?;
    // What other devices took, and the keys that they made, come first.
    desk.sync_first()?;
    let receipt = desk.receive(&carried)?;
    let (taken, known, refused) = (receipt.taken, receipt.known, &receipt.refused);
    if taken + known + refused.len() == 0 {
        return Err(Failure::new(
            "no-letter",
            "there is no letter in this text; one begins with a line with BEGIN",
        ));
    }
    let done = format!("letters were taken: {taken}");
    let report = settle(&desk, arguments.queued).map_err(|failure| {
        failure
            .after(format!(
                "{done}; they are kept here and go into the log with the next beat or `callsign desk sync`"
            ))
            .of_what_is_kept()
    })?;
    let mut lines = Lines::new()
        .line(format!("Letters taken: {taken}. Already known: {known}. Refused: {}.", refused.len()));
    for (number, why) in refused.iter().take(TOLD_MAX) {
        lines.push(format!("Letter {number}: {why}."));
    }
    let untold = refused.len().saturating_sub(TOLD_MAX);
    if untold > 0 {
        lines.push(format!("Refused beside these: {}.", count(untold, "letter")));
    }
    let refused_count = refused.len();
    let refused: Vec<_> = refused
        .iter()
        .take(TOLD_MAX)
        .map(|(number, why)| json!({ "letter": number, "why": why.to_string() }))
        .collect();
    let (commits, drops) = (report.commits, report.drops);
    let result = json!({
        "taken": taken,
        "known": known,
        "refused": refused,
        "refused_count": refused_count,
        "commits": commits,
        "drops": drops,
    });
    output::give(Done::Changed(&done), &lines, &result)?;
    let letters = count(refused_count, "letter");
    let sentence =
        format!("{letters} of this text could not be taken; keep it, and have what is wrong sent again");
    match (refused_count, taken + known) {
        (0, _) => Ok(()),
        (_, 0) => Err(Failure::new("letters-refused", sentence)),
        _ => {
            output::warn("letters-refused", &sentence);
            Ok(())
        }
    }
}
