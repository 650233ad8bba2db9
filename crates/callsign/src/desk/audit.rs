//! `callsign desk audit`: who did what in which hour, in which case, and whether it counted.

use callsign_desk::{
    AuditQuery, Audited, AuditedCase, AuditedLine,
    cases::{ActKind, Tag},
};
use clap::Args;
use serde_json::{Value, json};

use super::{Common, open_to_read};
use crate::{
    calendar::{self, Month},
    failure::Failure,
    output::{self, Done, Lines, count, label},
};

/// Arguments of `desk audit`.
#[derive(Args)]
pub struct AuditArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The month, as YYYY-MM, by UTC; without it the one that it is now
    #[arg(long, value_name = "YYYY-MM", value_parser = calendar::month)]
    month: Option<Month>,
    /// Only what this person did
    #[arg(long, value_name = "PSEUDONYM")]
    person: Option<String>,
    /// Only acts of these kinds, such as claimed,opened: the types of events in docs/protocol.md
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = kind)]
    kind: Vec<ActKind>,
    /// Only what was done in one case
    #[arg(long, value_name = "CALL-SIGN", conflicts_with = "tag")]
    call_sign: Option<String>,
    /// Only what was done in the case of this tag, which may be erased
    #[arg(long, value_name = "TAG", value_parser = tag, allow_hyphen_values = true)]
    tag: Option<Tag>,
}

/// Lists acts, the oldest first.
pub fn audit(arguments: &AuditArguments) -> Result<(), Failure> {
    let desk = open_to_read(&arguments.common.data)?;
    let month = arguments.month.unwrap_or_else(|| Month::of(desk.now().day()));
    let caller = arguments.call_sign.as_deref().map(|sign| desk.find(sign)).transpose()?;
    let case = caller.map(AuditedCase::Caller).or(arguments.tag.map(AuditedCase::Tag));
    let query =
        AuditQuery { days: month.days(), person: arguments.person.as_deref(), kinds: &arguments.kind, case };
    let audited = desk.audit(&query)?;
    output::give(Done::Read, &lines(&audited, month), &as_json(&audited, month))
}

fn kind(text: &str) -> Result<ActKind, String> {
    ActKind::of_code(text.trim()).ok_or_else(|| {
        let all: Vec<_> = ActKind::ALL.iter().map(|kind| kind.code()).collect();
        format!("the audit has no such kind of acts; it has {}", all.join(", "))
    })
}

fn tag(text: &str) -> Result<Tag, &'static str> {
    Tag::from_base64url(text).ok_or("a tag has eight characters, as `callsign desk audit` shows it")
}

fn lines(audited: &Audited, month: Month) -> Lines {
    let mut lines = Lines::new();
    let mut former = None;
    for one in &audited.lines {
        if former.replace(one.day) != Some(one.day) {
            lines.push(calendar::written(one.day));
        }
        lines.push(line_of(one));
    }
    let acts = count(audited.lines.len(), "act");
    let whose = if audited.of_all { "" } else { ", your own and those in cases that you have" };
    lines.push(format!("{acts} of {month}{whose}. Hours are those of UTC, by each device's clock."));
    if audited.left_out > 0 {
        let more = audited.left_out;
        lines.push(format!(
            "{more} more have no line, because somebody's device wrote too many in a day. Have that device looked at."
        ));
    }
    if audited.kept_from > *month.days().start() {
        lines.push(format!("What was done before {} is forgotten.", calendar::written(audited.kept_from)));
    }
    lines
}

fn line_of(one: &AuditedLine) -> String {
    let hour = one.line.hour.map_or("--:--".to_owned(), |hour| format!("{hour:02}:00"));
    let name = one.name.as_deref().map_or("a device that was nobody's".to_owned(), label);
    let kind = one.line.kind.code().replace('_', " ");
    let tag = one.line.tag.map_or("-".to_owned(), |tag| tag.to_string());
    let void = one.line.refusal.map(|refusal| format!("   no effect: {}", refusal.sentence()));
    format!("  {hour}  {tag:<8}  {kind:<19} {name}{}", void.unwrap_or_default())
}

fn as_json(audited: &Audited, month: Month) -> Value {
    let line = |one: &AuditedLine| {
        json!({
            "day": calendar::written(one.day),
            "hour": one.line.hour,
            "person": one.name,
            "kind": one.line.kind.code(),
            "tag": one.line.tag,
            "void": one.line.refusal.map(callsign_desk::cases::Refusal::code),
        })
    };
    json!({
        "month": month.to_string(),
        "of_all": audited.of_all,
        "kept_from": calendar::written(audited.kept_from),
        "left_out": audited.left_out,
        "lines": audited.lines.iter().map(line).collect::<Vec<_>>(),
    })
}
