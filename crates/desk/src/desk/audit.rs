//! The audit as people read it: which acts a month has, by whoever may know of them.

use std::{collections::BTreeSet, ops::RangeInclusive};

use callsign_protocol::{caller_keys::CallerId, time::Day};
use thiserror::Error;

use crate::{
    Desk, DeskError, PeopleError,
    cases::{ActKind, AuditLine, Cases, PersonId, Role, Tag},
};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditQuery<'a> {
    /// From the first to the last day, in UTC.
    pub days: RangeInclusive<Day>,
    /// Only the acts of whoever has this pseudonym.
    pub person: Option<&'a str>,
    /// Only acts of one of these kinds; of all where there is none.
    pub kinds: &'a [ActKind],
    /// Only acts in one case.
    pub case: Option<AuditedCase>,
}

/// A case that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditedCase {
    /// By what names it in the audit.
    Tag(Tag),
    /// By its caller.
    Caller(CallerId),
}

/// The audit of some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// Its lines, day by day, those of one day in the order of the log.
    pub lines: Vec<AuditedLine>,
    /// Whether the lines of all people were looked through; otherwise one's own, and those in cases that one has.
    pub of_all: bool,
    /// The first day of which lines are kept.
    pub kept_from: Day,
    /// How many acts of these days have no line, because one person wrote too many in a day; 0 where not all people are looked through.
    pub left_out: u64,
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedLine {
    /// The day.
    pub day: Day,
    /// The pseudonym of who did it; none of a device that was nobody's.
    pub name: Option<String>,
    /// Hour, kind, tag, and whether it counted.
    pub line: AuditLine,
}

/// Why the audit is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AuditError {
    /// An operator asks for what somebody else did.
    #[error(
        "what colleagues did is told to leaders and custodians alone, beside what was done in cases that you have; leave the person out, or ask a leader"
    )]
    Others,
    /// Nothing names the case.
    #[error(
        "this case has no tag, so the audit has nothing of it: its messages were taken by a program that gave none; look for the person and the day"
    )]
    NoTag,
}

impl Desk {
    /// Reads the audit. Leaders and custodians are told of all; anybody else of what they did, and of what was done in cases that they have.
    /// That is a rule of this program, and no key.
    ///
    /// # Errors
    /// [`AuditError`], [`PeopleError::Nobody`], [`PeopleError::NoSuchPerson`], [`DeskError::NoSuchCall`]
    pub fn audit(&self, query: &AuditQuery<'_>) -> Result<Audited, DeskError> {
        self.state().reading(|state| {
            let (cases, device) = (&state.log.view, state.keys.author);
            let me = cases.person_of(&device).ok_or(PeopleError::Nobody)?;
            let of_all = [Role::Leader, Role::Custodian].iter().any(|role| cases.has_role(&device, *role));
            let person = query.person.map(|name| known_as(cases, name)).transpose()?;
            if !of_all && person.is_some_and(|person| person != me) {
                return Err(AuditError::Others.into());
            }
            let tag = query.case.map(|case| tag_of(cases, case)).transpose()?;
            let own = if of_all { BTreeSet::new() } else { own_tags(cases, &me)? };
            let is_told = |line: &AuditLine| {
                of_all || line.person == Some(me) || line.tag.is_some_and(|tag| own.contains(&tag))
            };
            let is_meant = |line: &AuditLine| {
                person.is_none_or(|person| line.person == Some(person))
                    && (query.kinds.is_empty() || query.kinds.contains(&line.kind))
                    && tag.is_none_or(|tag| line.tag == Some(tag))
            };
            let named = |(day, line): (Day, &AuditLine)| {
                let person = line.person.and_then(|person| cases.person(&person));
                AuditedLine { day, name: person.map(|person| person.name.clone()), line: *line }
            };
            let lines = cases.audit(query.days.clone()).filter(|(_, line)| is_told(line) && is_meant(line));
            let left_out = if of_all { cases.audit_left_out(query.days.clone()) } else { 0 };
            Ok(Audited { lines: lines.map(named).collect(), of_all, kept_from: cases.audit_from(), left_out })
        })
    }
}

fn known_as(cases: &Cases, name: &str) -> Result<PersonId, PeopleError> {
    let wanted = cases.person_called(name).ok_or(PeopleError::NoSuchPerson)?;
    let known = cases.people().find(|(_, person)| person.name == wanted.name);
    known.map(|(id, _)| *id).ok_or(PeopleError::NoSuchPerson)
}

fn tag_of(cases: &Cases, case: AuditedCase) -> Result<Tag, DeskError> {
    match case {
        AuditedCase::Tag(tag) => Ok(tag),
        AuditedCase::Caller(caller) => {
            let case = cases.get(&caller)?.ok_or(DeskError::NoSuchCall)?;
            Ok(case.tag().ok_or(AuditError::NoTag)?)
        }
    }
}

/// The tags of cases that somebody has.
fn own_tags(cases: &Cases, me: &PersonId) -> Result<BTreeSet<Tag>, DeskError> {
    let mut tags = BTreeSet::new();
    for caller in cases.claimed_by(me) {
        tags.extend(cases.get(&caller)?.and_then(|case| case.tag()));
    }
    Ok(tags)
}
