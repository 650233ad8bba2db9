//! `callsign desk inbox|sync|show|reply`: takes calls, opens them, answers them.

use std::io::{IsTerminal as _, Read as _};

use callsign_desk::{
    Desk, DeskError, FlushReport, NewAnswer,
    cases::{Case, Cases, Item},
};
use callsign_protocol::words::Language;
use clap::Args;
use serde_json::json;

use super::{Common, open, passphrases};
use crate::{calendar, failure::Failure};

/// Arguments of `desk erase`.
#[derive(Args)]
pub struct EraseArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Whose case to erase
    #[arg(long, value_name = "S")]
    call_sign: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Leave it to the beat of the desk that serves DIR
    #[arg(long)]
    queued: bool,
}

/// Arguments of `desk inbox`.
#[derive(Args)]
pub struct InboxArguments {
    #[command(flatten)]
    pub(super) common: Common,
}

/// Arguments of `desk reply`.
#[derive(Args)]
pub struct ReplyArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Whom to answer
    #[arg(long, value_name = "S")]
    call_sign: String,
    /// The answer; - reads it from standard input
    #[arg(long, value_name = "T", conflicts_with = "input")]
    text: Option<String>,
    /// - reads the answer from standard input
    #[arg(value_name = "-", value_parser = ["-"])]
    input: Option<String>,
    /// Leave it to the beat of the desk that serves DIR
    #[arg(long)]
    queued: bool,
}

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

/// Arguments of `desk sync`.
#[derive(Args)]
pub struct SyncArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Leave the log to the beat of the desk that serves DIR
    #[arg(long)]
    queued: bool,
}

/// Erases a case.
pub fn erase(arguments: &EraseArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    let caller = taking_new_calls(&desk, || desk.find(&arguments.call_sign))?;
    let name = desk.with_cases(|cases| {
        cases.find(&arguments.call_sign).map(|case| cases.name(case, Language::English))
    })?;
    if !arguments.yes {
        eprintln!(
            "All calls and answers of {name} will be gone, on every device. What they write later begins a new case."
        );
        passphrases::yes("Type yes to erase them: ", "nothing was erased; --yes erases without asking")?;
    }
    desk.erase(&caller)?;
    settle(&desk, arguments.queued)?;
    let last = calendar::written(desk.erased_for_good());
    if arguments.common.json {
        println!("{}", json!({ "erased": name, "final": last, "queued": arguments.queued }));
    } else {
        println!(
            "{name} is erased. From {last} on nothing of it can be opened from desk and hub, if the desk is at work until then."
        );
    }
    Ok(())
}

/// Lists the cases that are known here.
pub fn inbox(arguments: &InboxArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    desk.with_cases(|cases| {
        let rows: Vec<_> = cases
            .by_waiting()
            .into_iter()
            .map(|case| {
                json!({
                    "call_sign": cases.name(case, Language::English),
                    "call_sign_of_caller": callers_name(cases, case),
                    "track": case.track,
                    "language": case.language,
                    "messages": case.calls().count(),
                    "unopened": case.unopened().len(),
                    "possibly_forged": case.is_doubted(),
                    "waiting_since": case.waiting_since(),
                })
            })
            .collect();
        if arguments.common.json {
            println!("{}", serde_json::Value::from(rows));
        } else if rows.is_empty() {
            println!("No calls are known here. `callsign desk sync` takes what waits at the hub.");
        } else {
            cases.by_waiting().into_iter().for_each(|case| {
                let waits = if case.waiting_since().is_some() { "waits" } else { "answered" };
                let (track, language) = (harmless(&case.track), harmless(&case.language));
                let (name, callers) = (cases.name(case, Language::English), callers_name(cases, case));
                let forged = if case.is_doubted() { "   may be forged" } else { "" };
                println!("{name:<28} {track:<10} {language:<3} {waits:<9} {callers}{forged}");
            });
        }
    });
    Ok(())
}

/// Takes what waits at the hub, once.
pub fn sync(arguments: &SyncArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    desk.sync()?;
    // What a serving desk's beats keep up; with --queued there is one.
    let beats = if arguments.queued { 0 } else { desk.keep_up()? };
    let report = settle(&desk, arguments.queued)?;
    let waiting =
        desk.with_cases(|cases| cases.by_waiting().iter().filter(|c| c.waiting_since().is_some()).count());
    if arguments.common.json {
        println!(
            "{}",
            json!({ "waiting": waiting, "beats": beats, "commits": report.commits, "drops": report.drops })
        );
    } else {
        let wait = if waiting == 1 { "call waits" } else { "calls wait" };
        println!("{waiting} {wait} for an answer.");
    }
    Ok(())
}

/// Opens a call and prints it.
pub fn show(arguments: &ShowArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    let case = taking_new_calls(&desk, || {
        desk.find(&arguments.call_sign).and_then(|caller| desk.open_call(&caller))
    })?;
    let (name, callers) =
        desk.with_cases(|cases| (cases.name(&case, Language::English), callers_name(cases, &case)));
    if arguments.common.json {
        let messages: Vec<_> = case.items.iter().map(item_json).collect();
        let about = json!({
            "call_sign": name,
            "call_sign_of_caller": callers,
            "track": case.track,
            "language": case.language,
            "safe_times": case.safe_times,
            "messages": messages,
        });
        println!("{about}");
    } else {
        print_case(&name, &callers, &case);
    }
    settle(&desk, arguments.queued).map(|_| ())
}

/// Answers a call.
pub fn reply(arguments: &ReplyArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    let text = match arguments.text.as_deref().or(arguments.input.as_deref()) {
        Some("-") | None => read_text("Your answer; Ctrl-D on an empty line ends it:")?,
        Some(text) => text.to_owned(),
    };
    taking_new_calls(&desk, || {
        desk.find(&arguments.call_sign).and_then(|caller| desk.answer(&NewAnswer::new(&caller, &text)))
    })?;
    let report = settle(&desk, arguments.queued)?;
    let name = desk.with_cases(|cases| {
        cases.find(&arguments.call_sign).map(|case| cases.name(case, Language::English))
    })?;
    if arguments.common.json {
        let drops = report.drops;
        println!(
            "{}",
            json!({ "call_sign": name, "stored": true, "drops": drops, "queued": arguments.queued })
        );
    } else if arguments.queued {
        println!("The answer to {name} waits for the beat of the serving desk.");
    } else {
        println!("The answer to {name} is stored at the hub.");
    }
    Ok(())
}

/// Does something to a call; where it is not known here yet, takes what waits at the hub first.
fn taking_new_calls<T>(desk: &Desk, act: impl Fn() -> Result<T, DeskError>) -> Result<T, DeskError> {
    match act() {
        Err(DeskError::NoSuchCall) => {
            desk.sync()?;
            act()
        }
        done => done,
    }
}

/// Ends a command: with a flush and its price, or by leaving all to the beat of the serving desk.
pub(super) fn settle(desk: &Desk, queued: bool) -> Result<FlushReport, Failure> {
    if queued {
        return Ok(FlushReport::default());
    }
    let report = desk.flush()?;
    if report.commits > 0 {
        let (commits, drops) = (report.commits, report.drops);
        eprintln!(
            "price: {commits} commits and {drops} drops went outside the cadence; \
             the hub can see that this desk has just taken, opened or answered something"
        );
    }
    Ok(report)
}

fn item_json(item: &Item) -> serde_json::Value {
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
            "posted": answer.is_posted(),
        }),
    }
}

/// Text from outside as a terminal may show it: control characters, which could drive the terminal, as escapes.
fn harmless(text: &str) -> String {
    let escape = |c: char| match c {
        '\n' | '\t' => c.to_string(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

/// The call sign as the caller says it.
fn callers_name(cases: &Cases, case: &Case) -> String {
    cases.name(case, Language::of_tag(&case.language))
}

fn print_case(name: &str, callers: &str, case: &Case) {
    println!("{name}   track: {}   language: {}", harmless(&case.track), harmless(&case.language));
    if callers != name {
        println!("The caller says: {callers}");
    }
    if let Some(times) = &case.safe_times {
        println!("Safe times: {}", harmless(times));
    }
    for item in &case.items {
        match item {
            Item::Call(call) => {
                let forged = if call.doubted {
                    " (may be forged: proven with a key that a removed device knows)"
                } else {
                    ""
                };
                println!("\n--- caller{forged} ---\n{}", harmless(&call.text()));
                if call.missing() > 0 {
                    println!("[{} of {} parts have not arrived]", call.missing(), call.parts.len());
                }
            }
            Item::Answer(answer) => {
                let state = if answer.is_posted() { "posted" } else { "waits for its turn" };
                println!("\n--- desk ({state}) ---\n{}", harmless(&answer.text()));
            }
        }
    }
}

/// Text from standard input, byte for byte; at a terminal with a word of what to do.
fn read_text(prompt: &str) -> Result<String, Failure> {
    let mut input = std::io::stdin().lock();
    if input.is_terminal() {
        eprintln!("{prompt}");
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    String::from_utf8(bytes)
        .map_err(|_| Failure::new("not-text", "the text is not valid UTF-8; nothing was sent"))
}
