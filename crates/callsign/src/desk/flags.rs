//! `callsign desk flag|safe-hours`: what is said of a whole case until a day, and when its caller may look.

use callsign_desk::cases::{FLAG_DAYS, FLAG_DAYS_MAX, Flag, SafeWindow};
use clap::Args;
use serde_json::{Value, json};

use super::{
    acting::{Act, finish},
    calls::taking_new_calls,
    claims::Case,
    open,
};
use crate::{calendar, failure::Failure, numbers};

/// Arguments of `desk flag`.
#[derive(Args)]
pub struct FlagArguments {
    #[command(flatten)]
    pub(super) case: Case,
    /// coerced: the caller may be under duress, and each answer has a second reader; abusive; junk: behind all other cases
    #[arg(value_name = "FLAG", value_parser = flag)]
    flag: Flag,
    /// For how long, today counted
    #[arg(long, value_name = "N", default_value_t = FLAG_DAYS, value_parser = numbers::within(1..=FLAG_DAYS_MAX, "days"))]
    days: u32,
    /// Lift it before its end
    #[arg(long, conflicts_with = "days")]
    lift: bool,
}

/// Arguments of `desk safe-hours`.
#[derive(Args)]
pub struct SafeHoursArguments {
    #[command(flatten)]
    pub(super) case: Case,
    /// From when on, and until when, in the caller's zone; over midnight where the second is earlier
    #[arg(value_name = "HH:MM-HH:MM", value_parser = hours, required_unless_present = "unknown", conflicts_with = "unknown")]
    hours: Option<(u16, u16)>,
    /// The caller's zone
    #[arg(long, value_name = "+HH:MM", default_value = "+00:00", value_parser = zone, allow_hyphen_values = true)]
    zone: i16,
    /// Nobody knows them any more
    #[arg(long)]
    unknown: bool,
}

/// Flags a case, or lifts a flag.
pub fn flag_case(arguments: &FlagArguments) -> Result<(), Failure> {
    let Case { common, call_sign, queued } = &arguments.case;
    let desk = open(&common.data)?;
    let caller = taking_new_calls(&desk, || desk.find(call_sign))?;
    let (name, flag) = (desk.call_sign(&caller), arguments.flag);
    let (event, done, until) = if arguments.lift {
        (desk.lift_flag(&caller, flag)?, format!("{name} is flagged as {} no more", flag.name()), None)
    } else {
        let event = desk.flag(&caller, flag, arguments.days)?;
        let until = calendar::written(desk.now().day().plus(arguments.days.saturating_sub(1)));
        (event, format!("{name} is flagged as {} until the end of {until}", flag.name()), Some(until))
    };
    let result = json!({ "call_sign": name, "flag": flag.code(), "until": until });
    finish(&desk, Act { event, done: &done, result, queued: *queued })
}

/// Says when it is safe for a caller to look.
pub fn set_safe_hours(arguments: &SafeHoursArguments) -> Result<(), Failure> {
    let Case { common, call_sign, queued } = &arguments.case;
    let window = match arguments.hours {
        None => None,
        Some((from, to)) => Some(SafeWindow::new(from, to, arguments.zone).ok_or_else(|| {
            Failure::usage("safe hours begin and end at two times; give two that differ, as in 20:00-22:00")
        })?),
    };
    let desk = open(&common.data)?;
    let caller = taking_new_calls(&desk, || desk.find(call_sign))?;
    let name = desk.call_sign(&caller);
    let event = desk.set_safe_window(&caller, window)?;
    let done = match window {
        Some(window) => format!("the safe hours of {name} are {}", window.told()),
        None => format!("nobody knows the safe hours of {name}"),
    };
    let result = json!({ "call_sign": name, "safe_hours": as_json(window) });
    finish(&desk, Act { event, done: &done, result, queued: *queued })
}

/// The hours for programs; null where nobody has said them.
pub(super) fn as_json(window: Option<SafeWindow>) -> Option<Value> {
    window.map(|window| {
        json!({
            "from": SafeWindow::told_time(window.from()),
            "to": SafeWindow::told_time(window.to()),
            "zone": window.told_zone(),
        })
    })
}

fn flag(typed: &str) -> Result<Flag, &'static str> {
    Flag::of_code(typed).ok_or("a flag is coerced, abusive or junk")
}

fn hours(typed: &str) -> Result<(u16, u16), &'static str> {
    let both = typed.split_once('-');
    let both = both.and_then(|(from, to)| Some((SafeWindow::minute(from)?, SafeWindow::minute(to)?)));
    both.ok_or("hours are written HH:MM-HH:MM, from 00:00 to 23:59, as in 20:00-22:30")
}

fn zone(typed: &str) -> Result<i16, &'static str> {
    SafeWindow::minutes_ahead(typed).ok_or("a zone is written +HH:MM or -HH:MM, up to 14:00")
}
