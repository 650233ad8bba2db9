//! `callsign desk flood`: calls to which nobody has turned, by when they came, and what is said of many of them at once.

use callsign_desk::{
    Desk, DeskError, FloodError, Sift, SiftAs, SiftingLine, Unopened,
    cases::{EventId, FLAG_DAYS, FLAG_DAYS_MAX, Level, SIFTED_MAX, Verdict},
    ui::{moment, span},
};
use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds};
use clap::Args;
use serde_json::{Value, json};

use super::{
    Common,
    acting::{Act, finish},
    claims::level,
    open, open_to_read, passphrases,
};
use crate::{
    calendar,
    failure::Failure,
    numbers,
    output::{self, Done, Lines, count, label},
};

/// Seconds of one step of arrival.
const STEP_S: u64 = 600;

/// Arguments of `desk flood`.
#[derive(Args)]
pub struct FloodArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The ten minutes in which the calls came, by when these begin (UTC)
    #[arg(long, value_name = "YYYY-MM-DDTHH:MM", value_parser = step, conflicts_with = "undo")]
    from: Option<UnixSeconds>,
    /// The last ten minutes, where they are more than one; a day later at most
    #[arg(long, value_name = "YYYY-MM-DDTHH:MM", value_parser = step, requires = "from")]
    to: Option<UnixSeconds>,
    /// Flag them as junk
    #[arg(long, requires = "from", conflicts_with = "level")]
    junk: bool,
    /// For how long, today counted
    #[arg(long, value_name = "N", default_value_t = FLAG_DAYS, value_parser = numbers::within(1..=FLAG_DAYS_MAX, "days"), requires = "junk")]
    days: u32,
    /// Give them this level, 1 to 4
    #[arg(long, value_name = "LEVEL", value_parser = level, requires = "from")]
    level: Option<Level>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Take an act on many back; ACT is its id, or how that begins
    #[arg(long, value_name = "ACT", conflicts_with_all = ["junk", "level"])]
    undo: Option<String>,
    /// Leave it to the beat of the desk that serves DIR
    #[arg(long)]
    queued: bool,
}

/// Lists calls to which nobody has turned, or says something of many of them.
pub fn flood(arguments: &FloodArguments) -> Result<(), Failure> {
    let data = &arguments.common.data;
    if let Some(act) = &arguments.undo {
        return undo(&open(data)?, act, arguments.queued);
    }
    let verdict = match arguments.level {
        Some(level) => Some(SiftAs::Level(level)),
        None => arguments.junk.then_some(SiftAs::Junk { days: arguments.days }),
    };
    let window = arguments.from.map(|from| (from, arguments.to.unwrap_or(from)));
    match (window, verdict) {
        (None, _) => list(&open_to_read(data)?),
        (Some(window), None) => list_of(&open_to_read(data)?, window),
        (Some(window), Some(verdict)) => {
            let desk = open(data)?;
            let arrived = desk.arrived_within(window)?;
            say(&desk, window, &arrived, verdict, arguments)
        }
    }
}

fn list(desk: &Desk) -> Result<(), Failure> {
    let (now, unopened, acts) = (desk.now(), desk.unopened()?, desk.siftings()?);
    let (waiting, aside, news) = desk.with_cases(|cases| {
        let (aside, news) = cases.aside_counts();
        Ok((cases.waiting_count(), aside, news))
    })?;
    let mut lines = Lines::new().line(format!("{} wait.", count(waiting, "call")));
    let Unopened { steps, spread, not_in_log } = &unopened;
    for step in steps {
        let (calls, ago) = (count(step.calls, "call"), span(now.since(step.at)));
        lines.push(format!("{}   {calls} that nobody has opened   {ago} ago", written(step.at)));
    }
    if *spread > 0 {
        lines.push(format!(
            "{} wrote at several times; --from and --to take a longer span.",
            count(*spread, "caller")
        ));
    }
    if *not_in_log > 0 {
        lines.push(format!(
            "{} more on the way into the desk's log; `callsign desk sync` takes them there.",
            count(*not_in_log, "call")
        ));
    }
    if aside > 0 {
        lines.push(format!("{} flagged as junk; {news} of them have written since.", count(aside, "call")));
    }
    for act in &acts {
        lines.push(told(act));
    }
    let json = json!({
        "waiting": waiting, "junk": aside, "junk_wrote_since": news, "spread": spread, "not_in_log": not_in_log,
        "arrivals": steps.iter().map(|step| json!({ "from": written(step.at), "calls": step.calls })).collect::<Vec<_>>(),
        "acts": acts.iter().map(as_json).collect::<Vec<_>>(),
    });
    output::give(Done::Read, &lines, &json)
}

fn list_of(desk: &Desk, window: (UnixSeconds, UnixSeconds)) -> Result<(), Failure> {
    let arrived = desk.arrived_within(window)?;
    let names = names(desk, &arrived);
    let mut lines = Lines::new();
    if names.is_empty() {
        lines.push(
            "No call to which nobody has turned came then. `callsign desk flood` shows when they came.",
        );
    }
    for name in &names {
        lines.push(name.clone());
    }
    output::give(Done::Read, &lines, &json!(names))
}

/// Shows which calls are meant, and asks; one act takes the first of many.
fn say(
    desk: &Desk,
    window: (UnixSeconds, UnixSeconds),
    arrived: &[CallerId],
    verdict: SiftAs,
    arguments: &FloodArguments,
) -> Result<(), Failure> {
    let callers = &arrived[..arrived.len().min(SIFTED_MAX)];
    if callers.is_empty() {
        return Err(DeskError::from(FloodError::Nothing).into());
    }
    let (names, calls) = (names(desk, callers), count(callers.len(), "call"));
    let what = match verdict {
        SiftAs::Junk { days } => {
            format!("flagged as junk until the end of {}", calendar::written(desk.now().day().plus(days - 1)))
        }
        SiftAs::Level(level) => format!("given level {}", level.number()),
    };
    if !arguments.yes {
        output::note(&format!("{calls} that nobody has opened would be {what}:"));
        for name in &names {
            output::note(&format!("  {name}"));
        }
        let left = arrived.len() - callers.len();
        if left > 0 {
            output::note(&format!("{left} more came then; give the command again for them."));
        }
        passphrases::yes(
            "Type yes to do so: ",
            "nothing was said of any of them; --yes does it without asking",
        )?;
    }
    let event = desk.sift(&Sift { callers, window, verdict })?;
    let are = if callers.len() == 1 { "is" } else { "are" };
    let done = format!("{calls} {are} {what}; `callsign desk flood --undo {event}` takes that back");
    let result = json!({ "act": event, "named": names });
    let finished = finish(desk, Act { event, done: &done, result, queued: arguments.queued });
    for act in desk.siftings()?.iter().filter(|act| act.sifting.id == event && !act.void.is_empty()) {
        let why = "a colleague had turned to them first, or they had written again";
        output::note(&format!("Not so for {}: {why}.", act.void.join(", ")));
    }
    finished
}

fn undo(desk: &Desk, begins: &str, queued: bool) -> Result<(), Failure> {
    let acts = desk.siftings()?;
    let meant: Vec<EventId> =
        acts.iter().map(|act| act.sifting.id).filter(|id| id.to_string().starts_with(begins)).collect();
    let [act] = meant[..] else {
        let sentence = "there is no such act on many calls, or more than one begins so; `callsign desk flood` shows them";
        return Err(Failure::new("no-such-act", sentence));
    };
    let event = desk.unsift(&act)?;
    let result = json!({ "act": act, "undone": true });
    finish(desk, Act { event, done: "what that act said is taken back", result, queued })
}

fn names(desk: &Desk, callers: &[CallerId]) -> Vec<String> {
    callers.iter().map(|caller| desk.call_sign(caller)).collect()
}

fn told(act: &SiftingLine) -> String {
    let SiftingLine { sifting, by, stands, .. } = act;
    let what = match sifting.verdict {
        Verdict::Junk(until) => format!("junk until {}", calendar::written(until)),
        Verdict::Level(level) => format!("level {}", level.number()),
    };
    let void = match sifting.named - sifting.counted {
        0 => String::new(),
        void if act.void.is_empty() => format!("; not so for {void}"),
        void => format!("; not so for {void}: {}", act.void.join(", ")),
    };
    let waits = if act.is_waiting { "   not in the log yet" } else { "" };
    let (id, at, by) = (sifting.id, sifting.at.map_or_else(String::new, moment), label(by));
    format!(
        "act {id}   {by}   {at}   {}: {what}   stands for {stands}{void}{waits}",
        count(sifting.counted as usize, "call")
    )
}

fn as_json(act: &SiftingLine) -> Value {
    let sifting = &act.sifting;
    let (until, level) = match sifting.verdict {
        Verdict::Junk(until) => (Some(calendar::written(until)), None),
        Verdict::Level(level) => (None, Some(level)),
    };
    json!({
        "act": sifting.id, "by": act.by, "at": sifting.at, "until": until, "level": level, "named": sifting.named,
        "counted": sifting.counted, "stands": act.stands, "void": act.void, "kept": act.is_waiting,
    })
}

/// The beginning of a step as it is typed.
fn written(at: UnixSeconds) -> String {
    let minutes = u16::try_from(at.0 % 86_400 / 60).unwrap_or(0);
    format!("{}T{:02}:{:02}", calendar::written(at.day()), minutes / 60, minutes % 60)
}

fn step(typed: &str) -> Result<UnixSeconds, &'static str> {
    const FORM: &str = "a time is written YYYY-MM-DDTHH:MM, as `callsign desk flood` shows it";
    let (date, time) = typed.split_once('T').ok_or(FORM)?;
    let minute = callsign_desk::cases::SafeWindow::minute(time).ok_or(FORM)?;
    let at = calendar::parse(date)?.start().plus(u64::from(minute) * 60);
    if at.0.is_multiple_of(STEP_S) {
        Ok(at)
    } else {
        Err("calls are kept by ten minutes; name one that `callsign desk flood` shows")
    }
}
