//! `callsign desk board`: all cases as the shift sees them, without opening any.

use callsign_desk::{
    AtCase, Desk, DeskError,
    cases::{Cases, Doing, Glance, LeftWaiting},
    ui::{span, step_of_waiting},
};
use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds, words::Language};
use clap::Args;
use serde_json::{Value, json};

use super::{Common, open_to_read, unsent::Unsent};
use crate::{
    calendar,
    failure::Failure,
    output::{self, Done, Lines, label},
};

/// Arguments of `desk board`.
#[derive(Args)]
pub struct BoardArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Only the cases that you have, and those that are offered to you
    #[arg(long)]
    mine: bool,
    /// Only those of this language, such as uk
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
}

/// Lists the cases: those that wait by level and time, then the others, the last to write first.
pub fn board(arguments: &BoardArguments) -> Result<(), Failure> {
    let desk = open_to_read(&arguments.common.data)?;
    let (lines, rows) = listed(&desk, arguments)?;
    output::give(Done::Read, &lines, &rows)
}

fn listed(desk: &Desk, arguments: &BoardArguments) -> Result<(Lines, Vec<Value>), DeskError> {
    let mine = arguments.mine;
    let is_of = |language: &str| {
        let base = |tag: &str| tag.split('-').next().unwrap_or("").to_ascii_lowercase();
        arguments.language.as_ref().is_none_or(|wanted| base(wanted) == base(language))
    };
    let (now, me, kept) = (desk.now(), desk.me(), desk.answers_kept_here()?);
    let at_cases = desk.others_at_cases();
    desk.with_cases(|cases| {
        let offered = me.map(|me| cases.offered_for(&me)).transpose()?.unwrap_or_default();
        let waiting = cases.waiting().map(|waiting| waiting.caller);
        let all = waiting.chain(cases.answered().map(|(_, caller)| caller));
        let shown = all.filter_map(|caller| Some((caller, cases.glance(&caller)?)));
        let is_mine = |caller: &CallerId, glance: &Glance<'_>| {
            me.is_some() && (glance.claimed_by == me || offered.contains(caller))
        };
        let shown =
            shown.filter(|(caller, glance)| is_of(glance.language) && (!mine || is_mine(caller, glance)));
        let (mut lines, mut rows) = (Lines::new(), Vec::new());
        for (caller, glance) in shown {
            let case = glance.has_unsent.then(|| cases.get(&caller)).transpose()?.flatten();
            let unsent = case.and_then(|case| Unsent::of(&case, &kept, now.day()));
            let offered_by = holder(cases, &glance).filter(|_| offered.contains(&caller));
            let others = at_cases.get(&caller).map_or(&[][..], Vec::as_slice);
            let said = offered_by.as_deref().map(|name| format!("   offered by {}", label(name)));
            lines.push(
                line_of(cases, &caller, &glance, now)
                    + unsent.map_or("", Unsent::told)
                    + &said.unwrap_or_default()
                    + &others.iter().map(others_told).collect::<String>(),
            );
            let mut row = as_json(cases, &caller, &glance, offered_by.as_deref());
            row["answer"] = json!(unsent.map(Unsent::code));
            row["here"] = others.iter().map(other_as_json).collect();
            rows.push(row);
        }
        if rows.is_empty() {
            lines.push(if arguments.language.is_some() {
                "No case of this language is known here."
            } else if mine {
                "You have no case. `callsign desk claim` takes one."
            } else {
                "No calls are known here. `callsign desk sync` takes what waits at the hub."
            });
        }
        Ok((lines, rows))
    })
}

/// What a colleague is doing at a case.
fn others_told(one: &AtCase) -> String {
    let doing = if one.doing == Doing::Writing { "writes" } else { "reads" };
    format!("   {} {doing}", label(&one.name))
}

fn other_as_json(one: &AtCase) -> Value {
    json!({ "name": one.name, "doing": one.doing.code() })
}

fn state(glance: &Glance<'_>) -> &'static str {
    match (glance.waiting_since, glance.is_closed) {
        (Some(_), _) => "waiting",
        (None, true) => "closed",
        (None, false) => "answered",
    }
}

fn holder(cases: &Cases, glance: &Glance<'_>) -> Option<String> {
    let person = glance.claimed_by.and_then(|person| cases.person(&person));
    person.map(|person| person.name.clone())
}

fn line_of(cases: &Cases, caller: &CallerId, glance: &Glance<'_>, now: UnixSeconds) -> String {
    let name = cases.name(caller, Language::English);
    let waits = match glance.waiting_since {
        Some(since) => format!("waits {}", span(now.since(since))),
        None => state(glance).to_owned(),
    };
    let track = if glance.track.is_empty() { "no track".to_owned() } else { label(glance.track) };
    let has = holder(cases, glance).map(|name| format!("   {} has it", label(&name))).unwrap_or_default();
    let due = glance.due.map(|(day, _)| format!("   due {}", calendar::written(day))).unwrap_or_default();
    let flags = glance.flags.iter().map(|flag| ["   ", flag.name()].concat()).collect::<String>();
    let left = LeftWaiting::of(glance.left_waiting, cases.ladder());
    let step = left.map(|left| format!("   {}", step_of_waiting(left))).unwrap_or_default();
    let (level, language) = (glance.level.number(), label(glance.language));
    format!("{level}  {name:<28} {track:<10} {language:<3} {waits}{step}{has}{due}{flags}")
}

fn as_json(cases: &Cases, caller: &CallerId, glance: &Glance<'_>, offered_by: Option<&str>) -> Value {
    json!({
        "call_sign": cases.name(caller, Language::English),
        "track": glance.track,
        "language": glance.language,
        "level": glance.level,
        "waiting_since": glance.waiting_since,
        "left_waiting": glance.left_waiting,
        "claimed_by": holder(cases, glance),
        "offered_by": offered_by,
        "state": state(glance),
        "flags": glance.flags.iter().map(|flag| flag.code()).collect::<Vec<_>>(),
        "to_read": cases.is_to_read(caller),
        "follow_up": glance.due.map(|(day, _)| calendar::written(day)),
    })
}
