//! `callsign desk inbox|sync|reply|erase`: takes calls, answers them, erases them.

use std::io::{self, IsTerminal as _};

use callsign_desk::{
    AnswerKey, Answered, Desk, DeskError, FlushReport, KeptUp, NewAnswer,
    cases::{self, Case, Cases, Item, Reach},
    meant_brackets,
    ui::span,
};
use callsign_protocol::{caller_keys::CallerId, invisible, time::UnixSeconds, words::Language};
use clap::Args;
use serde_json::json;

use super::{Common, acting::settle, open, open_to_read, passphrases, unsent::Unsent};
use crate::{
    calendar,
    failure::Failure,
    input::{self, InputError},
    output::{self, Done, Lines, count, label},
};

/// Bytes of an answer that are read, at most; far more than any answer has.
const ANSWER_MAX: u64 = 1 << 20;
/// Characters of a key, at most.
const KEY_MAX: usize = 200;

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
    #[arg(value_name = "-", value_parser = crate::input::standard_mark)]
    input: Option<String>,
    /// A name for this answer: given again under it, by any device of the desk, it is known and posted once
    #[arg(long, value_name = "KEY", value_parser = once_key)]
    once: Option<String>,
    /// The caller is to read what stands in [square brackets]: it is no place to fill in
    #[arg(long)]
    brackets: bool,
    /// Have a colleague read it before it leaves
    #[arg(long)]
    second_reader: bool,
    /// Leave it to the beat of the desk that serves DIR
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
    let name = desk.call_sign(&caller);
    if !arguments.yes {
        output::note(&format!(
            "All calls and answers of {name} will be gone, on every device. What they write later begins a new case."
        ));
        passphrases::yes("Type yes to erase them: ", "nothing was erased; --yes erases without asking")?;
    }
    desk.erase(&caller)?;
    let done = format!("{name} was erased here");
    settle(&desk, arguments.queued).map_err(|failure| match desk.outside() {
        Some(_) => failure.because(format!("{done}, and that does not leave this device")),
        None => failure
            .after(format!(
                "{done}; that is kept here and goes into the log with the next beat or `callsign desk sync`"
            ))
            .of_what_is_kept(),
    })?;
    let last = calendar::written(desk.erased_for_good());
    let lines = Lines::new().line(format!(
        "{name} is erased. On {last} the desk's keys turn over, and minutes later nothing of it can be opened from desk and hub, \
         if the desk's devices are at work then."
    ));
    let result = json!({ "erased": name, "final": last, "queued": arguments.queued });
    output::give(Done::Changed(&done), &lines, &result)
}

/// Lists the cases that are known here.
pub fn inbox(arguments: &InboxArguments) -> Result<(), Failure> {
    let desk = open_to_read(&arguments.common.data)?;
    let now = desk.now();
    let (today, kept) = (now.day(), desk.answers_kept_here()?);
    let (lines, rows) = desk.with_cases(|cases| {
        let known = cases.by_waiting(today)?;
        let rows: Vec<_> = known
            .iter()
            .map(|case| {
                json!({
                    "call_sign": cases.name(&case.id(), Language::English),
                    "call_sign_of_caller": callers_name(cases, case),
                    "track": case.track,
                    "language": case.language,
                    "messages": case.calls().count(),
                    "unopened": case.unopened().len(),
                    "possibly_forged": case.is_doubted(),
                    "waiting_since": case.waiting_since(today),
                    "closed": case.closed().map(|closed| closed.why.code()),
                    "answer": Unsent::of(case, &kept, today).map(Unsent::code),
                })
            })
            .collect();
        let mut lines = Lines::new();
        if rows.is_empty() {
            lines.push("No calls are known here. `callsign desk sync` takes what waits at the hub.");
        }
        for case in &known {
            let unsent = Unsent::of(case, &kept, today).map_or("", Unsent::told);
            lines.push(inbox_line(cases, case, now) + unsent);
        }
        Ok((lines, rows))
    })?;
    output::give(Done::Read, &lines, &rows)
}

/// One case of the inbox: its call sign, track and language, and what it waits for.
fn inbox_line(cases: &Cases, case: &Case, now: UnixSeconds) -> String {
    let waits = match case.waiting_since(now.day()) {
        Some(since) => format!("waits {}", span(now.since(since))),
        None => {
            case.closed().map_or("answered".to_owned(), |closed| format!("closed: {}", closed.why.told()))
        }
    };
    let (name, callers) = (cases.name(&case.id(), Language::English), callers_name(cases, case));
    let track = if case.track.is_empty() { "no track".to_owned() } else { label(&case.track) };
    let opened = match case.unopened().len() {
        0 => String::new(),
        unopened => format!(", {unopened} not opened"),
    };
    let callers = if callers == name { String::new() } else { format!("   the caller says: {callers}") };
    let forged = if case.is_doubted() { "   may be forged" } else { "" };
    let messages = count(case.calls().count(), "message");
    let language = label(&case.language);
    format!("{name:<28} {track:<10} {language:<3} {waits}, {messages}{opened}{callers}{forged}")
}

/// Takes what waits at the hub, once.
pub fn sync(arguments: &SyncArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    let done = "what waited at the hub was taken";
    // What a serving desk's beats keep up; with --queued there is one.
    let nothing = KeptUp { beats: 0, drops_wait: false };
    let kept = if arguments.queued { desk.sync().map(|()| nothing)? } else { desk.keep_up()? };
    let settled = settle(&desk, arguments.queued);
    // Where nothing could be sent, the error says it.
    if kept.drops_wait && settled.is_ok() {
        output::warn("clock", &DeskError::DropsWait.to_string());
    }
    let report = settled.map_err(|failure| failure.after(done))?;
    for line in desk.health().without_effect {
        output::warn("without-effect", &format!("{} {}", line.told(), line.way_out()));
    }
    if let Some(refused) = desk.health().refused_notice {
        output::warn("notice-refused", &format!("{} {}", refused.told(), refused.way_out()));
    }
    if let Some(refused) = desk.health().refused_letters {
        output::warn("letter-keys-refused", &format!("{} {}", refused.told(), refused.way_out()));
    }
    if let Some(wrong) = desk.health().wrong_keyring {
        output::warn("keyring-wrong", &format!("{} {}", wrong.told(), wrong.way_out()));
    }
    let waiting = desk.with_cases(|cases| Ok(cases.waiting_count()))?;
    let wait = if waiting == 1 { "waits" } else { "wait" };
    let lines = Lines::new().line(format!("{} {wait} for an answer.", count(waiting, "call")));
    let result =
        json!({ "waiting": waiting, "beats": kept.beats, "commits": report.commits, "drops": report.drops });
    output::give(Done::Changed(done), &lines, &result)
}

/// Answers a call.
pub fn reply(arguments: &ReplyArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    let text = match arguments.text.as_deref().or(arguments.input.as_deref()) {
        Some("-") | None => read_answer()?,
        Some(text) => text.to_owned(),
    };
    // A repetition may have been taken by another device.
    if arguments.once.is_some() && !arguments.queued {
        desk.sync_first()?;
    }
    let caller = taking_new_calls(&desk, || desk.find(&arguments.call_sign))?;
    let is_again = arguments.once.is_none() && desk.has_answered_with(&caller, &text)?;
    let key = arguments.once.as_deref().map(AnswerKey::of);
    let second_reader = arguments.second_reader;
    let brackets = arguments.brackets.then(|| meant_brackets(&text));
    let answered =
        desk.answer(&NewAnswer { key, second_reader, brackets, ..NewAnswer::new(&caller, &text) })?;
    if is_again {
        warn_of_repetition();
    }
    let name = desk.call_sign(&caller);
    let settled = match settle(&desk, arguments.queued) {
        // Nothing takes it along, and no later beat does.
        Err(failure) if desk.outside().is_some() => {
            return Err(failure.because(format!("the answer to {name} is kept here and does not leave")));
        }
        settled => settled,
    };
    let replied = Replied {
        name: &name,
        // Of a colleague who was faster the hub may have told only now.
        keeps: match desk.keeps_answer(&caller, &text)? {
            cases::Keeps::Held => Keeps::Held,
            cases::Keeps::Overtaken => Keeps::Overtaken,
            _ if desk.waits_for_a_reader(&caller, &text)? => Keeps::ToBeRead,
            _ => Keeps::Nothing,
        },
        holder: desk
            .holder(&*desk.case(&caller)?)
            .filter(|holder| !holder.is_own)
            .map(|holder| label(&holder.name)),
        waiting: waiting_parts(&desk, &caller, &text)?,
        is_repeated: answered == Answered::Known,
        queued: arguments.queued,
    };
    match settled {
        Err(failure) if replied.is_held() || replied.waiting > 0 => replied.kept(failure),
        Err(failure) => Err(failure.after(format!("the answer to {name} was posted"))),
        Ok(_) if replied.is_held() => replied.held(),
        Ok(_) if replied.keeps == Keeps::ToBeRead => replied.to_be_read(),
        Ok(_)
            if !arguments.queued
                && replied.waiting > 0
                && desk.case(&caller)?.reach(desk.now().day()) == Reach::Lapsed =>
        {
            Err(DeskError::Lapsed.into())
        }
        Ok(report) => replied.left(&report),
    }
}

/// What keeps an answer from leaving.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Nothing,
    /// A colleague had the case when it came into the log.
    Held,
    /// The caller wrote before it came into the log, and its author had not read that.
    Overtaken,
    /// Another person has to read it first.
    ToBeRead,
}

/// What became of an answer that was taken.
struct Replied<'a> {
    name: &'a str,
    keeps: Keeps,
    /// The colleague who has the case.
    holder: Option<String>,
    /// Parts that are not posted.
    waiting: usize,
    /// Whether it had been taken already under its key.
    is_repeated: bool,
    /// Whether it is left to the beat of a serving desk.
    queued: bool,
}

impl Replied<'_> {
    fn is_held(&self) -> bool {
        matches!(self.keeps, Keeps::Held | Keeps::Overtaken)
    }

    /// It is kept on this device: what was to take it to the hub failed.
    fn kept(&self, failure: Failure) -> Result<(), Failure> {
        let result = json!({
            "call_sign": self.name,
            "stored": false,
            "kept": true,
            "held": self.is_held(),
            "second_reader": (self.keeps == Keeps::ToBeRead).then_some("waits"),
            "waiting_parts": self.waiting,
            "repeated": self.is_repeated,
            "queued": self.queued,
        });
        output::give(Done::Changed("the answer is kept here"), &Lines::new(), &result)?;
        Err(failure.after(self.for_the_next_beat()).of_what_is_kept())
    }

    /// A colleague had the case when it came into the log, or the caller had written again.
    fn held(&self) -> Result<(), Failure> {
        let name = self.name;
        let until = match &self.holder {
            _ if self.keeps == Keeps::Overtaken => format!(
                "the caller wrote again before the answer to {name} came into the log; read it (`callsign desk show`), and let the answer go then"
            ),
            Some(holder) => {
                format!("{holder} has this case, so the answer to {name} does not leave until they let it go")
            }
            None => format!(
                "a colleague had this case when the answer to {name} was written, so it does not leave until it is let go"
            ),
        };
        let line = format!(
            "Held: {until} (`callsign desk release --held`). `callsign desk take-back` takes it back."
        );
        let result = json!({
            "call_sign": name,
            "stored": false,
            "held": true,
            "held_by": self.holder,
            "overtaken": self.keeps == Keeps::Overtaken,
            "repeated": self.is_repeated,
        });
        output::give(
            Done::Changed(&format!("the answer to {name} is held")),
            &Lines::new().line(line),
            &result,
        )
    }

    /// Another person has to read it, and nobody has.
    fn to_be_read(&self) -> Result<(), Failure> {
        let name = self.name;
        let line = format!(
            "The answer to {name} leaves once a colleague has read it (`callsign desk approve`). `callsign desk take-back` takes it back."
        );
        let result = json!({
            "call_sign": name,
            "stored": false,
            "second_reader": "waits",
            "repeated": self.is_repeated,
            "queued": self.queued,
        });
        let done = format!("the answer to {name} waits for a second reader");
        output::give(Done::Changed(&done), &Lines::new().line(line), &result)
    }

    /// It is posted, as far as there were places, or waits for the beat.
    fn left(&self, report: &FlushReport) -> Result<(), Failure> {
        let name = self.name;
        let waiting = if self.queued { 0 } else { self.waiting };
        let (done, line) = if waiting > 0 {
            let parts = count(waiting, "part");
            let line = format!(
                "Not posted yet, and kept here: {parts} of the answer to {name}. `callsign desk sync` posts what can be posted; \
                 where a caller's places of one day are used up, that is after midnight UTC."
            );
            (format!("the answer to {name} is kept here, and {parts} of it not posted yet"), line)
        } else if self.is_repeated {
            let line =
                format!("An answer to {name} was taken already under this key; nothing was posted again.");
            (format!("the answer to {name} had been taken already under this key"), line)
        } else if self.queued {
            (
                self.for_the_next_beat(),
                format!("The answer to {name} waits for the beat of the serving desk."),
            )
        } else {
            (
                format!("the answer to {name} was posted"),
                format!("The answer to {name} is stored at the hub."),
            )
        };
        let result = json!({
            "call_sign": name,
            "stored": !self.queued && waiting == 0,
            "waiting_parts": waiting,
            "repeated": self.is_repeated,
            "drops": report.drops,
            "queued": self.queued,
        });
        output::give(Done::Changed(&done), &Lines::new().line(line), &result)
    }

    fn for_the_next_beat(&self) -> String {
        let name = self.name;
        format!("the answer to {name} is kept here and goes out with the next beat or `callsign desk sync`")
    }
}

/// Parts of this answer that a flush has not posted.
fn waiting_parts(desk: &Desk, caller: &CallerId, text: &str) -> Result<usize, DeskError> {
    let unposted = |item: &Item| match item {
        Item::Answer(answer) if answer.leaves() && answer.text() == text => answer.parts_waiting(),
        _ => 0,
    };
    Ok(desk.case(caller)?.items.iter().map(unposted).sum())
}

fn warn_of_repetition() {
    output::warn(
        "repeated",
        "the same text was taken for this caller within the hour, and it is taken once more; \
         --once KEY makes a repeated command harmless",
    );
}

/// A key is one line that a person or a program can give again.
fn once_key(key: &str) -> Result<String, &'static str> {
    let fits = !invisible::is_blank(key) && key.chars().count() <= KEY_MAX;
    if fits && !key.chars().any(char::is_control) {
        Ok(key.to_owned())
    } else {
        Err("a key has 1 to 200 characters, some of them visible and none of them a control character")
    }
}

/// Does something to a call; where it is not known here yet, takes what waits at the hub first.
pub(super) fn taking_new_calls<T>(
    desk: &Desk,
    act: impl Fn() -> Result<T, DeskError>,
) -> Result<T, DeskError> {
    match act() {
        Err(DeskError::NoSuchCall) => {
            desk.sync_first()?;
            act()
        }
        done => done,
    }
}

/// The call sign as the caller says it.
pub(super) fn callers_name(cases: &Cases, case: &Case) -> String {
    cases.name(&case.id(), Language::of_tag(&case.language))
}

/// An answer from standard input, byte for byte; at a terminal with a word of what to do.
fn read_answer() -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        output::note("Your answer; Ctrl-D on an empty line ends it:");
    }
    let bytes = match input::standard(ANSWER_MAX) {
        // The desk refuses it as every answer that shows nothing.
        Err(InputError::Empty { .. }) => Vec::new(),
        read => read?,
    };
    String::from_utf8(bytes).map_err(|_| {
        Failure::new(
            "not-text",
            "the answer is not UTF-8 text, so nothing was sent; save it as UTF-8 and try again",
        )
    })
}
