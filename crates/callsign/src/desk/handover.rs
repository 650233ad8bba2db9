//! `callsign desk handover`: what shifts have left, ending one, and taking one over.

use callsign_desk::{
    Desk, DeskError, Presence,
    cases::{Cases, Doing, Note, PersonId, Sheet, Unread},
    ui::span,
};
use callsign_protocol::{caller_keys::CallerId, words::Language};
use clap::Args;
use serde_json::{Value, json};

use super::{
    Common,
    acting::{Act, begun, finish},
    open, open_to_read,
};
use crate::{
    failure::Failure,
    output::{self, Done, Lines, count, escape, label},
};

/// Arguments of `desk handover`.
#[derive(Args)]
pub struct HandoverArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// End your shift: your cases become free and stand on a sheet for whoever comes next
    #[arg(long)]
    end: bool,
    /// What whoever comes next has to know, in one line
    #[arg(long, value_name = "LINE", requires = "end")]
    note: Option<String>,
    /// Say that you have taken over what the last shift left
    #[arg(long, conflicts_with = "end")]
    take: bool,
    /// Leave it to the beat of the desk that serves DIR
    #[arg(long)]
    queued: bool,
}

/// Shows what shifts have left, ends one, or takes one over.
pub fn handover(arguments: &HandoverArguments) -> Result<(), Failure> {
    let queued = arguments.queued;
    if arguments.end {
        let desk = open(&arguments.common.data)?;
        let event = begun(desk.end_shift(arguments.note.as_deref()))?;
        let done = "your shift is ended, and your cases are free";
        return finish(&desk, Act { event, done, result: json!({ "ended": true }), queued });
    }
    if arguments.take {
        let desk = open(&arguments.common.data)?;
        let event = begun(desk.take_over_shift(None))?;
        let done = "you have taken over what the last shift left";
        return finish(&desk, Act { event, done, result: json!({ "taken": true }), queued });
    }
    let desk = open_to_read(&arguments.common.data)?;
    let (lines, result) = shown(&desk)?;
    output::give(Done::Read, &lines, &result)
}

fn shown(desk: &Desk) -> Result<(Lines, Value), DeskError> {
    let (now, me) = (desk.now(), desk.me());
    let presence = desk.presence();
    desk.with_cases(|cases| {
        let mut lines = Lines::new();
        let there = presence.iter().filter(|one| one.is_there).map(present_told);
        lines.push(format!("At the desk: {}.", there.collect::<Vec<_>>().join(", ")));
        let mut sheets = Vec::new();
        for sheet in cases.sheets().rev() {
            lines.push(line_of(cases, sheet, sheet.at.map(|at| span(now.since(at)))));
            for caller in &sheet.left {
                let next = next_of(cases, caller, &sheet.by)?;
                let told = next.map(|next| format!("   next: {}", escape(&next))).unwrap_or_default();
                lines.push(format!("    {}{told}", case_line(cases, caller)));
            }
            sheets.push(sheet_as_json(cases, sheet)?);
        }
        if sheets.is_empty() {
            lines.push("No shift was ended in the last days.");
        }
        let mine: Vec<CallerId> = me.map_or_else(Vec::new, |me| cases.claimed_by(&me).collect());
        if mine.is_empty() {
            lines.push("You have no case.");
        } else {
            lines.push(format!("You have {}:", count(mine.len(), "case")));
        }
        for caller in &mine {
            lines.push(format!("    {}", case_line(cases, caller)));
        }
        let presence = presence
            .iter()
            .map(|one| json!({ "name": one.name, "is_there": one.is_there, "is_own": one.is_own, "doing": one.doing.map(Doing::code) }));
        let result = json!({
            "present": presence.collect::<Vec<_>>(),
            "sheets": sheets,
            "mine": mine.iter().map(|caller| case_as_json(cases, caller)).collect::<Vec<_>>(),
        });
        Ok((lines, result))
    })
}

/// Who is there, and what they say that they are doing.
fn present_told(one: &Presence) -> String {
    let name = label(&one.name);
    match one.doing {
        Some(Doing::Reading) => format!("{name} (reads)"),
        Some(Doing::Writing) => format!("{name} (writes)"),
        Some(Doing::Here | Doing::Away) | None => name,
    }
}

fn line_of(cases: &Cases, sheet: &Sheet, ago: Option<String>) -> String {
    let by = name_of(cases, &sheet.by);
    let ago = ago.map_or("just now".to_owned(), |ago| format!("{ago} ago"));
    let note = sheet.note.as_deref().map(|note| format!(" {}", escape(note))).unwrap_or_default();
    let taken = match &sheet.taken_by {
        Some(person) => format!(" Taken over by {}.", label(&name_of(cases, person))),
        None => " Nobody has taken it over (`callsign desk handover --take`).".to_owned(),
    };
    format!(
        "{} ended their shift {ago} and left {}.{note}{taken}",
        label(&by),
        count(sheet.left.len(), "case")
    )
}

fn name_of(cases: &Cases, person: &callsign_desk::cases::PersonId) -> String {
    cases.person(person).map(|person| person.name.clone()).unwrap_or_default()
}

fn case_line(cases: &Cases, caller: &CallerId) -> String {
    let level = cases.glance(caller).map_or(0, |glance| glance.level.number());
    format!("{level}  {}  {}", cases.name(caller, Language::English), state(cases, caller))
}

fn state(cases: &Cases, caller: &CallerId) -> &'static str {
    match cases.glance(caller) {
        Some(glance) if glance.waiting_since.is_some() => "waiting",
        Some(glance) if glance.is_closed => "closed",
        _ => "answered",
    }
}

fn case_as_json(cases: &Cases, caller: &CallerId) -> Value {
    json!({
        "call_sign": cases.name(caller, Language::English),
        "level": cases.glance(caller).map(|glance| glance.level),
        "state": state(cases, caller),
    })
}

/// What a person said last that is to be done next for a caller.
fn next_of(cases: &Cases, caller: &CallerId, by: &PersonId) -> Result<Option<String>, Unread> {
    Ok(cases.get(caller)?.and_then(|case| case.next_by(by).map(Note::text)))
}

fn sheet_as_json(cases: &Cases, sheet: &Sheet) -> Result<Value, Unread> {
    let left = sheet.left.iter().map(|caller| {
        let mut left = case_as_json(cases, caller);
        left["next"] = json!(next_of(cases, caller, &sheet.by)?);
        Ok(left)
    });
    Ok(json!({
        "by": name_of(cases, &sheet.by),
        "at": sheet.at,
        "note": sheet.note,
        "left": left.collect::<Result<Vec<_>, Unread>>()?,
        "taken_by": sheet.taken_by.map(|person| name_of(cases, &person)),
    }))
}
