//! `callsign desk claim|release|level|take-back`: who has a case, how urgent it is, and answers that are held or taken back.

use callsign_desk::{Shown, cases::Level};
use clap::Args;
use serde_json::json;

use super::{
    Common,
    acting::{Act, begun, finish, finish_naming},
    calls::taking_new_calls,
    open,
};
use crate::{failure::Failure, output::label};

/// A case, and whether what is done at it waits for a beat.
#[derive(Args)]
pub struct Case {
    #[command(flatten)]
    pub(super) common: Common,
    /// Whose case
    #[arg(long, value_name = "S")]
    pub(super) call_sign: String,
    /// Leave it to the beat of the desk that serves DIR
    #[arg(long)]
    pub(super) queued: bool,
}

/// Arguments of `desk claim`.
#[derive(Args)]
pub struct ClaimArguments {
    #[command(flatten)]
    pub(super) case: Case,
    /// Why you take it from a colleague who is at work on it; leaders alone
    #[arg(long, value_name = "T")]
    reason: Option<String>,
}

/// Arguments of `desk release`.
#[derive(Args)]
pub struct ReleaseArguments {
    #[command(flatten)]
    pub(super) case: Case,
    /// Let the oldest answer go that is held, instead of the case
    #[arg(long)]
    held: bool,
}

/// Arguments of `desk level`.
#[derive(Args)]
pub struct LevelArguments {
    #[command(flatten)]
    pub(super) case: Case,
    /// 1, at once, to 4
    #[arg(value_name = "LEVEL", value_parser = level)]
    level: Level,
}

/// Arguments of `desk take-back`.
#[derive(Args)]
pub struct TakeBackArguments {
    #[command(flatten)]
    pub(super) case: Case,
}

/// Takes a case.
pub fn claim(arguments: &ClaimArguments) -> Result<(), Failure> {
    let Case { common, call_sign, queued } = &arguments.case;
    let desk = open(&common.data)?;
    let caller = taking_new_calls(&desk, || desk.find(call_sign))?;
    let name = desk.call_sign(&caller);
    let event = begun(desk.claim(&caller, arguments.reason.as_deref()))?;
    let me = desk.me().and_then(|me| desk.pseudonym(&me));
    let (done, result) = (format!("{name} is yours"), json!({ "call_sign": name, "claimed_by": me }));
    // Whoever was faster is known once the log has told.
    let holder =
        || desk.case(&caller).ok().and_then(|case| desk.holder(&case)).map(|holder| label(&holder.name));
    finish_naming(&desk, Act { event, done: &done, result, queued: *queued }, holder)
}

/// Lets a case go, or an answer that is held.
pub fn release(arguments: &ReleaseArguments) -> Result<(), Failure> {
    let Case { common, call_sign, queued } = &arguments.case;
    let desk = open(&common.data)?;
    let caller = desk.find(call_sign)?;
    let name = desk.call_sign(&caller);
    let (event, done) = if arguments.held {
        (
            begun(desk.release_answer(&caller, None, Shown::WhatWasOpened))?,
            format!("the answer to {name} leaves with its turn"),
        )
    } else {
        (begun(desk.release(&caller))?, format!("nobody has {name} now"))
    };
    let result = json!({ "call_sign": name, "released": if arguments.held { "answer" } else { "claim" } });
    finish(&desk, Act { event, done: &done, result, queued: *queued })
}

/// Says how urgent a case is.
pub fn set_level(arguments: &LevelArguments) -> Result<(), Failure> {
    let Case { common, call_sign, queued } = &arguments.case;
    let desk = open(&common.data)?;
    let caller = taking_new_calls(&desk, || desk.find(call_sign))?;
    let (name, level) = (desk.call_sign(&caller), arguments.level);
    let event = desk.set_level(&caller, level)?;
    let done = format!("{name} has level {}", level.number());
    finish(
        &desk,
        Act { event, done: &done, result: json!({ "call_sign": name, "level": level }), queued: *queued },
    )
}

/// Takes back the newest answer of which nothing was posted.
pub fn take_back(arguments: &TakeBackArguments) -> Result<(), Failure> {
    let Case { common, call_sign, queued } = &arguments.case;
    let desk = open(&common.data)?;
    let caller = desk.find(call_sign)?;
    let name = desk.call_sign(&caller);
    let event = desk.take_back(&caller, None)?;
    let done = format!("the answer to {name} is taken back, and nothing of it was posted");
    finish(
        &desk,
        Act { event, done: &done, result: json!({ "call_sign": name, "taken_back": true }), queued: *queued },
    )
}

pub(super) fn level(typed: &str) -> Result<Level, &'static str> {
    typed.parse().ok().and_then(Level::new).ok_or("a level is 1 (at once), 2, 3 (usual) or 4")
}
