//! `callsign desk follow-up|due`: dates on which somebody comes back to a case.

use callsign_desk::{Desk, DeskError, DueIn, FollowUpError, NewFollowUp, cases::FollowUp};
use callsign_protocol::{encoding::Bytes, time::Day, words::Language};
use clap::Args;
use serde_json::{Value, json};

use super::{
    Common,
    acting::{Act, finish},
    open, open_to_read,
};
use crate::{
    calendar,
    failure::Failure,
    input, numbers,
    output::{self, Done, Lines, escape},
};

/// Characters of a follow-up's id.
const ID_LEN: usize = 22;

/// Arguments of `desk due`.
#[derive(Args)]
pub struct DueArguments {
    #[command(flatten)]
    pub(super) common: Common,
}

/// Arguments of `desk follow-up`.
#[derive(Args)]
pub struct FollowUpArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Whose case
    #[arg(long, value_name = "S")]
    call_sign: String,
    /// The day, in UTC, as YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = calendar::parse, required_unless_present = "done")]
    due: Option<Day>,
    /// The hour of that day, in UTC: 0 to 23
    #[arg(long, value_name = "H", requires = "due", value_parser = numbers::within(0..=23_u8, "as the hour of the day"))]
    hour: Option<u8>,
    /// Why it has to be an hour outside of the caller's safe hours
    #[arg(long, value_name = "LINE", requires = "hour")]
    outside_why: Option<String>,
    /// What is to be done then: one line; without it, it is asked for
    #[arg(long, value_name = "T", requires = "due", conflicts_with = "input")]
    text: Option<String>,
    /// - reads what is to be done from standard input
    #[arg(value_name = "-", value_parser = crate::input::standard_mark, requires = "due")]
    input: Option<String>,
    /// Move a follow-up: its id, as `callsign desk due` shows it, or how that begins
    #[arg(long, value_name = "FOLLOW-UP", requires = "due", value_parser = id, allow_hyphen_values = true)]
    moves: Option<String>,
    /// Mark a follow-up as done: its id, as `callsign desk due` shows it, or how that begins
    #[arg(long, value_name = "FOLLOW-UP", conflicts_with = "due", value_parser = id, allow_hyphen_values = true)]
    done: Option<String>,
    /// Leave it to the beat of the desk that serves DIR
    #[arg(long)]
    queued: bool,
}

/// Sets, moves or ends a follow-up.
pub fn follow_up(arguments: &FollowUpArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    let caller = desk.find(&arguments.call_sign)?;
    let name = desk.call_sign(&caller);
    let follow_up = |id: &Bytes<16>| -> Result<Option<FollowUp>, DeskError> {
        Ok(desk.case(&caller)?.follow_ups().iter().find(|one| one.id == *id).cloned())
    };
    let meant = |written: &String| named(desk.case(&caller)?.follow_ups(), written);
    if let Some(id) = arguments.done.as_ref().map(meant).transpose()? {
        let event = desk.follow_up_done(&caller, &id)?;
        let done = format!("the follow-up of {name} is done");
        let result = json!({ "call_sign": name, "follow_up": id.to_string(), "done": true });
        return finish(&desk, Act { event, done: &done, result, queued: arguments.queued });
    }
    let due = arguments.due.unwrap_or(Day(0));
    let text = match (&arguments.text, &arguments.input) {
        (Some(text), _) => text.clone(),
        (None, Some(_)) => input::standard_line()?,
        (None, None) => input::line("What is to be done then: ")?,
    };
    // A person names a follow-up by its first id, and moves it as it is now.
    let moved = arguments.moves.as_ref().map(meant).transpose()?;
    let moves = match &moved {
        Some(id) => follow_up(id)?.map(|one| one.set_by),
        None => None,
    };
    let (hour, outside_why) = (arguments.hour, arguments.outside_why.as_deref());
    let set =
        desk.set_follow_up(&NewFollowUp { caller: &caller, due, hour, text: &text, outside_why, moves })?;
    let id = moved.unwrap_or(set);
    let kept = follow_up(&id)?;
    let when = kept.as_ref().map(when).unwrap_or_default();
    let done = format!("{name}: {when}; the follow-up's id is {id}");
    let result = json!({
        "call_sign": name, "follow_up": id.to_string(), "due": calendar::written(due), "hour": arguments.hour,
        "done": false,
    });
    finish(&desk, Act { event: set, done: &done, result, queued: arguments.queued })
}

/// Lists what is to be done, the soonest first.
pub fn due(arguments: &DueArguments) -> Result<(), Failure> {
    let desk = open_to_read(&arguments.common.data)?;
    let (lines, rows) = listed(&desk)?;
    output::give(Done::Read, &lines, &rows)
}

fn listed(desk: &Desk) -> Result<(Lines, Vec<Value>), DeskError> {
    let now = desk.now();
    desk.with_cases(|cases| {
        let mut lines = Lines::new();
        let mut rows = Vec::new();
        for due in cases.due() {
            let (case, one) = due?;
            let name = cases.name(&case.id(), Language::English);
            let is_due = DueIn::of(&one, now) == DueIn::Now;
            let mark = if is_due { "due" } else { "" };
            lines.push(format!("{:<17} {mark:<3} {name:<28} {}   {}", when(&one), escape(&one.text), one.id));
            rows.push(json!({
                "call_sign": name,
                "due": calendar::written(one.due),
                "hour": one.hour,
                "text": one.text,
                "is_due": is_due,
                "follow_up": one.id.to_string(),
                "moved_from": one.moved.map(|(_, due, _)| calendar::written(due)),
            }));
        }
        if rows.is_empty() {
            lines.push("No follow-ups are known here. `callsign desk follow-up` sets one.");
        }
        Ok((lines, rows))
    })
}

/// A follow-up of one case, for programs.
pub(super) fn as_json(one: &FollowUp) -> Value {
    json!({
        "follow_up": one.id.to_string(),
        "due": calendar::written(one.due),
        "hour": one.hour,
        "text": one.text,
        "outside_why": one.why,
    })
}

/// The day, and the hour where there is one.
pub(super) fn when(one: &FollowUp) -> String {
    let day = calendar::written(one.due);
    one.hour.map_or_else(|| day.clone(), |hour| format!("{day} {hour:02}:00"))
}

/// The one follow-up of a case that is meant by its id, or by how that begins.
fn named(follow_ups: &[FollowUp], written: &str) -> Result<Bytes<16>, Failure> {
    let is_meant = |one: &&FollowUp| one.id.to_string().starts_with(written);
    let meant: Vec<_> = follow_ups.iter().filter(is_meant).collect();
    match meant[..] {
        [one] => Ok(one.id),
        [] => Err(DeskError::from(FollowUpError::Gone).into()),
        _ => Err(Failure::new(
            "ambiguous-follow-up",
            "several follow-ups of this case begin like this; give more of the id",
        )),
    }
}

/// An id, or the beginning of one.
fn id(text: &str) -> Result<String, &'static str> {
    let fits = (1..=ID_LEN).contains(&text.len());
    if fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        Ok(text.to_owned())
    } else {
        Err("an id has 22 letters, digits, - and _, as `callsign desk due` shows it; its beginning is enough")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follow_up_is_named_by_as_much_of_its_id_as_tells_it_from_the_others() {
        let of = |last: u8| {
            let mut id = Bytes([0; 16]);
            id.0[15] = last;
            FollowUp {
                id,
                set_by: id,
                moved: None,
                due: Day(1),
                hour: None,
                text: "call".to_owned(),
                why: None,
            }
        };
        let all = [of(1), of(255)];
        let whole = all[0].id.to_string();
        assert_eq!(whole.len(), ID_LEN);
        assert_eq!(named(&all, &whole).ok(), Some(all[0].id));
        assert_eq!(named(&all, &all[1].id.to_string()[..21]).ok(), Some(all[1].id));
        assert!(named(&all, "AAA").unwrap_err().message().contains("several"));
        assert!(named(&all[..1], "AAA").is_ok());
        assert!(named(&all, "B").unwrap_err().message().contains("not there any more"));
    }
}
