//! `callsign desk close`: closes a case, so that it waits on no list, or reopens it.

use callsign_desk::{
    Desk,
    cases::{Case, ClosedWhy},
};
use clap::Args;
use serde_json::{Value, json};

use super::{
    Common,
    acting::{Act, begun, finish},
    open,
};
use crate::failure::Failure;

/// Arguments of `desk close`.
#[derive(Args)]
pub struct CloseArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Whose case
    #[arg(long, value_name = "S")]
    call_sign: String,
    /// Why: answered, referred, `no_more_needed` or junk
    #[arg(long, value_name = "W", default_value = "answered", value_parser = why)]
    why: ClosedWhy,
    /// Reopen it
    #[arg(long, conflicts_with = "why")]
    reopen: bool,
    /// Leave it to the beat of the desk that serves DIR
    #[arg(long)]
    queued: bool,
}

/// Closes a case, or reopens it.
pub fn close(arguments: &CloseArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    let caller = desk.find(&arguments.call_sign)?;
    let (name, queued) = (desk.call_sign(&caller), arguments.queued);
    if arguments.reopen {
        let event = desk.reopen(&caller)?;
        let done = format!("the case of {name} is open again");
        let result = json!({ "call_sign": name, "closed": null });
        return finish(&desk, Act { event, done: &done, result, queued });
    }
    let event = begun(desk.close(&caller, None, arguments.why))?;
    let done = format!("the case of {name} is closed ({}); a new message reopens it", arguments.why.told());
    let result = json!({ "call_sign": name, "closed": arguments.why.code() });
    finish(&desk, Act { event, done: &done, result, queued })
}

/// That a case is closed, for programs; null where it is open.
pub(super) fn as_json(desk: &Desk, case: &Case) -> Value {
    case.closed().map_or(
        Value::Null,
        |closed| json!({ "why": closed.why.code(), "by": desk.pseudonym(&closed.by), "at": closed.at }),
    )
}

fn why(text: &str) -> Result<ClosedWhy, &'static str> {
    ClosedWhy::of_code(text).ok_or("a reason is one of answered, referred, no_more_needed and junk")
}
