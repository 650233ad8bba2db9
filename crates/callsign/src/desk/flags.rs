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
    /// coerced: each answer has a second reader; abusive; junk: behind all other cases
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
        (desk.lift_flag(&caller, flag)?, format!("{name} is flagged as {} no more", flag.code()), None)
    } else {
        let event = desk.flag(&caller, flag, arguments.days)?;
        let until = calendar::written(desk.now().day().plus(arguments.days.saturating_sub(1)));
        (event, format!("{name} is flagged as {} until the end of {until}", flag.code()), Some(until))
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
        Some(window) => format!("the safe hours of {name} are {}", written(window)),
        None => format!("nobody knows the safe hours of {name}"),
    };
    let result = json!({ "call_sign": name, "safe_hours": as_json(window) });
    finish(&desk, Act { event, done: &done, result, queued: *queued })
}

/// "20:00-22:00 at +03:00".
pub(super) fn written(window: SafeWindow) -> String {
    format!("{}-{} at {}", time(window.from()), time(window.to()), written_zone(window.zone()))
}

/// The hours for programs; null where nobody has said them.
pub(super) fn as_json(window: Option<SafeWindow>) -> Option<Value> {
    window.map(|window| {
        json!({ "from": time(window.from()), "to": time(window.to()), "zone": written_zone(window.zone()) })
    })
}

fn time(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn written_zone(zone: i16) -> String {
    let sign = if zone < 0 { '-' } else { '+' };
    format!("{sign}{}", time(zone.unsigned_abs()))
}

fn flag(typed: &str) -> Result<Flag, &'static str> {
    Flag::of_code(typed).ok_or("a flag is coerced, abusive or junk")
}

fn hours(typed: &str) -> Result<(u16, u16), &'static str> {
    let both = typed.split_once('-').and_then(|(from, to)| Some((minute(from)?, minute(to)?)));
    both.ok_or("hours are written HH:MM-HH:MM, from 00:00 to 23:59, as in 20:00-22:30")
}

fn zone(typed: &str) -> Result<i16, &'static str> {
    let ahead = match typed.split_at_checked(1) {
        Some(("+", zone)) => minute(zone).and_then(|zone| i16::try_from(zone).ok()),
        Some(("-", zone)) => minute(zone).and_then(|zone| i16::try_from(zone).ok()).map(|zone| -zone),
        _ => None,
    };
    // No place on earth is farther.
    ahead
        .filter(|zone| SafeWindow::new(0, 1, *zone).is_some())
        .ok_or("a zone is written +HH:MM or -HH:MM, up to 14:00")
}

/// The minute of a day.
fn minute(typed: &str) -> Option<u16> {
    let (hour, minute) = typed.split_once(':')?;
    let two = |digits: &str, below: u16| -> Option<u16> {
        let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_two.then(|| digits.parse::<u16>().ok()).flatten().filter(|number| *number < below)
    };
    Some(two(hour, 24)? * 60 + two(minute, 60)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_zones_are_read_as_they_are_written_and_nothing_else_is() {
        assert_eq!(hours("20:00-22:30"), Ok((1200, 1350)));
        assert_eq!(hours("23:59-00:00"), Ok((1439, 0)));
        for wrong in
            ["", "20-22", "24:00-01:00", "20:60-21:00", "2:00-3:00", "20:00", "20:00-+1:00", "٢٠:00-21:00"]
        {
            assert!(hours(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!([zone("+03:00"), zone("-09:30"), zone("+14:00")], [Ok(180), Ok(-570), Ok(840)]);
        for wrong in ["", "3", "03:00", "+14:01", "-14:01", "+3:00", "é03:00", "+", "Z"] {
            assert!(zone(wrong).is_err(), "{wrong:?}");
        }
        let window = SafeWindow::new(1200, 30, -570).unwrap();
        assert_eq!(written(window), "20:00-00:30 at -09:30");
    }
}
