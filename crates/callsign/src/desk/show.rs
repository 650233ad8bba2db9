//! `callsign desk show`: opens a call and prints it, with what colleagues know of it.

use callsign_desk::{
    DueIn,
    cases::{Case, Flag, Item, Keeps},
    ui::{moment as moment_of, span},
};
use callsign_protocol::time::{Day, UnixSeconds};
use clap::Args;
use serde_json::json;

use super::{
    Common,
    acting::settle,
    calls::{callers_name, taking_new_calls},
    checklists, closing, flags, follow_ups, notes, open, second_reader, transfer,
};
use crate::{
    calendar,
    failure::Failure,
    output::{self, Done, Lines, escape, label},
};

/// Arguments of `desk show`.
#[derive(Args)]
pub struct ShowArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Whose call to open
    #[arg(long, value_name = "S")]
    call_sign: String,
    /// Leave the tick to the beat of the desk that serves DIR
    #[arg(long)]
    queued: bool,
}

/// Opens a call and prints it.
pub fn show(arguments: &ShowArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    let case = taking_new_calls(&desk, || {
        desk.find(&arguments.call_sign).and_then(|caller| desk.open_call(&caller))
    })?;
    let unkept = desk.unkept(&case);
    let name = desk.call_sign(&case.id());
    let callers = desk.with_cases(|cases| Ok(callers_name(cases, &case)))?;
    let (holder, handover) = (desk.holder(&case), desk.handover(&case));
    let lists = desk.lists_of(&case)?;
    let (on_lists, other_lists) = checklists::as_json(&lists);
    let messages: Vec<_> = case.items.iter().map(|item| item_json(item, &case, desk.now().day())).collect();
    let about = json!({
        "call_sign": name,
        "call_sign_of_caller": callers,
        "track": case.track,
        "level": case.level(),
        "claimed_by": holder.as_ref().map(|holder| &holder.name),
        "language": case.language,
        "safe_times": case.safe_times,
        "safe_hours": flags::as_json(case.safe_window()),
        "flags": flags_json(&case),
        "messages": messages,
        "follow_ups": case.follow_ups().iter().map(follow_ups::as_json).collect::<Vec<_>>(),
        "closed": closing::as_json(&desk, &case),
        "transfer": transfer::as_json(&handover),
        "checklists": on_lists,
        "other_checklists": other_lists,
        "notes": case.notes().iter().map(|note| notes::as_json(&desk, note)).collect::<Vec<_>>(),
    });
    let done = format!("the call of {name} was opened");
    let has_it =
        holder.as_ref().map_or_else(String::new, |holder| format!("   {} has it", label(&holder.name)));
    let mut standing = vec![format!("Level {}{has_it}", case.level().number())];
    standing.extend(transfer::lines(&handover));
    let lines = checklists::lines(&lists, lines_of(&name, &callers, &standing, &case, desk.now()));
    let lines = notes::lines(&desk, &case, lines);
    if let Some(unkept) = unkept {
        output::give(Done::Read, &lines, &about)?;
        let sentence = format!(
            "the call of {name} is shown, and it could not be kept that it was opened, so that the desk still counts it as not \
             opened and the caller is not told: {}",
            unkept.why
        );
        return Err(Failure::new("disk", sentence));
    }
    // What was opened is shown also where the hub could not be told.
    let settled = settle(&desk, arguments.queued).map_err(|failure| failure.after(&done));
    output::give(Done::Repeatable(&done), &lines, &about)?;
    settled.map(|_| ())
}

fn flags_json(case: &Case) -> Vec<serde_json::Value> {
    let as_json =
        |(flag, until): (Flag, Day)| json!({ "flag": flag.code(), "until": calendar::written(until) });
    case.flags().map(as_json).collect()
}

fn item_json(item: &Item, case: &Case, today: Day) -> serde_json::Value {
    match item {
        Item::Call(call) => json!({
            "direction": "call",
            "text": call.text(),
            "missing_parts": call.missing(),
            "opened": call.opened,
            "possibly_forged": call.doubted,
            "received": call.received,
        }),
        Item::Answer(answer) => json!({
            "direction": "answer",
            "text": answer.text(),
            "written": answer.queued,
            "posted": answer.is_posted(),
            "held": answer.is_held(),
            "overtaken": answer.kept_back == Keeps::Overtaken,
            "taken_back": answer.kept_back == Keeps::TakenBack,
            "second_reader": second_reader::as_json(answer),
            "lost": case.is_lost(answer, today),
        }),
    }
}

fn lines_of(name: &str, callers: &str, standing: &[String], case: &Case, now: UnixSeconds) -> Lines {
    let today = now.day();
    let mut lines = Lines::new();
    let track = if case.track.is_empty() { "none".to_owned() } else { label(&case.track) };
    lines.push(format!("{name}   track: {track}   language: {}", label(&case.language)));
    for line in standing {
        lines.push(line);
    }
    if callers != name {
        lines.push(format!("The caller says: {callers}"));
    }
    if let Some(times) = &case.safe_times {
        lines.push(format!("Safe times: {times}"));
    }
    if let Some(window) = case.safe_window() {
        lines.push(format!("Safe hours: {}", window.told()));
    }
    for (flag, until) in case.flags() {
        lines.push(format!("Flag: {}, until the end of {}", flag.name(), calendar::written(until)));
    }
    for one in case.follow_ups() {
        let mark = if DueIn::of(one, now) == DueIn::Now { "due " } else { "" };
        lines.push(format!("Follow-up: {mark}{}: {}", follow_ups::when(one), escape(&one.text)));
    }
    for item in &case.items {
        lines.push("");
        match item {
            Item::Call(call) => {
                let forged = if call.doubted {
                    " (may be forged: proven with a key that a removed device knows)"
                } else {
                    ""
                };
                lines.push(format!("--- caller · {}{forged} ---", moment(call.received, now)));
                lines.push_quote(&call.text());
                if call.missing() > 0 {
                    lines.push(format!(
                        "[{} of {} parts have not arrived]",
                        call.missing(),
                        call.parts.len()
                    ));
                }
            }
            Item::Answer(answer) => {
                let state = match answer.is_posted() {
                    _ if answer.kept_back == Keeps::Held => "held: a colleague has the case",
                    _ if answer.kept_back == Keeps::Overtaken => {
                        "held: the caller wrote before it was in the log, and its author had not read that"
                    }
                    _ if answer.kept_back == Keeps::TakenBack => "taken back",
                    _ if answer.waits_for_a_reader() => "waits for a second reader",
                    _ if !answer.leaves() => "not to leave like this, a second reader says",
                    true => "posted",
                    false if case.is_lost(answer, today) => "never left: the caller's mailbox has lapsed",
                    false => "waits for its turn",
                };
                lines.push(format!("--- desk · {} ({state}) ---", moment(answer.queued, now)));
                lines.push_quote(&answer.text());
                if let Some(text) = answer.reading().and_then(|reading| reading.text.as_deref()) {
                    lines.push(format!("[the second reader says: {}]", escape(text)));
                }
            }
        }
    }
    lines
}

/// How long ago it was, and when, as the desk's pages say it.
fn moment(at: UnixSeconds, now: UnixSeconds) -> String {
    format!("{} ago · {}", span(now.since(at)), moment_of(at))
}
