//! The audit: which person did what in which hour, in which case, and whether it counted. A line names its case by a tag, which belongs to
//! nobody once the case is erased; it outlives the case, and generations, for as many days as the desk has set.

use std::{collections::BTreeSet, ops::RangeInclusive};

use callsign_protocol::{caller_keys::CallerId, encoding::Bytes, time::Day};
use imbl::{OrdMap, Vector};
use serde::{Deserialize, Serialize};

use super::{
    Cases, EventBody, PersonId, Refusal,
    act::{Act, Origin},
};

/// Names a case in the audit: random, and gone with the case.
pub type Tag = Bytes<6>;

/// Days for which lines are kept where nobody has said otherwise.
pub const AUDIT_DAYS: u32 = 90;
/// Days for which they may be kept: no custodian can switch the audit off, and no desk keeps it for longer than a year.
pub const AUDIT_DAYS_RANGE: RangeInclusive<u32> = 30..=366;
/// Lines of one person and day that are kept; of more it is only known how many there were. Nobody writes so many by hand.
pub const AUDIT_LINES_MAX: u32 = 4_096;

/// Makes the kinds of acts that the audit has, with the names that the log has for them.
macro_rules! kinds {
    ($($kind:ident $name:literal,)*) => {
        /// What a person did: a type of event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "each type is described where it is defined")]
        pub enum ActKind {
            $($kind,)*
        }

        impl ActKind {
            /// All, in the order of their names.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Its type in the log.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    AnswerApproved "answer_approved",
    AnswerQueued "answer_queued",
    AnswerRefused "answer_refused",
    AnswerReleased "answer_released",
    AnswerWithdrawn "answer_withdrawn",
    CaseClosed "case_closed",
    CaseErased "case_erased",
    CaseReopened "case_reopened",
    ClaimReleased "claim_released",
    Claimed "claimed",
    DeviceAdmitted "device_admitted",
    DeviceGiven "device_given",
    DeviceRemoved "device_removed",
    FlagLifted "flag_lifted",
    Flagged "flagged",
    FollowUpDone "follow_up_done",
    FollowUpSet "follow_up_set",
    HandoverTaken "handover_taken",
    NotReady "not_ready",
    NoteStruck "note_struck",
    NoteWritten "note_written",
    Opened "opened",
    Passed "passed",
    PersonAdded "person_added",
    PersonLeft "person_left",
    Ready "ready",
    RoleSet "role_set",
    SafeWindowSet "safe_window_set",
    SettingsSet "settings_set",
    ShiftEnded "shift_ended",
    Sifted "sifted",
    StepDone "step_done",
    SuccessorAnnounced "successor_announced",
    TransferAnswered "transfer_answered",
    TransferAsked "transfer_asked",
    TransferOffered "transfer_offered",
    TransferWithdrawn "transfer_withdrawn",
    Unsifted "unsifted",
    UrgencySet "urgency_set",
}

/// One act of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// The hour of the day in which it was written, by its device's clock; none where that clock was more than a day off.
    pub hour: Option<u8>,
    /// Who; none of a device that was nobody's.
    pub person: Option<PersonId>,
    /// What.
    pub kind: ActKind,
    /// In which case; none where it is about none, or that was not there.
    pub tag: Option<Tag>,
    /// Why it had no effect; none of an act that counted.
    pub refusal: Option<Refusal>,
}

/// The lines of a day, in the order of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenDay", into = "WrittenDay")]
pub(crate) struct AuditDay {
    lines: Vector<AuditLine>,
    /// How many acts each person wrote, those without a line among them.
    counts: OrdMap<Option<PersonId>, u32>,
}

/// The same as it is written: each person once, and named in lines by their place.
#[derive(Serialize, Deserialize)]
struct WrittenDay {
    people: Vec<Option<PersonId>>,
    /// How many acts of each have no line.
    left_out: Vec<u32>,
    lines: Vec<WrittenLine>,
}

/// Hour, place of the person, what, in which case, and why it had no effect.
type WrittenLine = (Option<u8>, usize, ActKind, Option<Tag>, Option<Refusal>);

/// Lines by day.
#[derive(Clone, Debug, Default)]
pub(super) struct Audit {
    days: OrdMap<Day, AuditDay>,
    /// Days of which lines are on no disk yet.
    unwritten: BTreeSet<Day>,
}

impl ActKind {
    /// The kind that the audit has of an event, where a person writes it; none of what a device writes by itself, and of what says only that
    /// somebody is there.
    fn of(body: &EventBody) -> Option<Self> {
        Some(match body {
            EventBody::AnswerApproved(_) => Self::AnswerApproved,
            EventBody::AnswerQueued(_) => Self::AnswerQueued,
            EventBody::AnswerRefused(_) => Self::AnswerRefused,
            EventBody::AnswerReleased(_) => Self::AnswerReleased,
            EventBody::AnswerWithdrawn(_) => Self::AnswerWithdrawn,
            EventBody::CaseClosed(_) => Self::CaseClosed,
            EventBody::CaseErased(_) => Self::CaseErased,
            EventBody::CaseReopened(_) => Self::CaseReopened,
            EventBody::ClaimReleased(_) => Self::ClaimReleased,
            EventBody::Claimed(_) => Self::Claimed,
            EventBody::DeviceAdmitted(_) => Self::DeviceAdmitted,
            EventBody::DeviceGiven(_) => Self::DeviceGiven,
            EventBody::DeviceRemoved(_) => Self::DeviceRemoved,
            EventBody::FlagLifted(_) => Self::FlagLifted,
            EventBody::Flagged(_) => Self::Flagged,
            EventBody::FollowUpDone(_) => Self::FollowUpDone,
            EventBody::FollowUpSet(_) => Self::FollowUpSet,
            EventBody::HandoverTaken(_) => Self::HandoverTaken,
            EventBody::NotReady(_) => Self::NotReady,
            EventBody::NoteStruck(_) => Self::NoteStruck,
            EventBody::NoteWritten(_) => Self::NoteWritten,
            EventBody::Opened(_) => Self::Opened,
            EventBody::Passed(_) => Self::Passed,
            EventBody::PersonAdded(_) => Self::PersonAdded,
            EventBody::PersonLeft(_) => Self::PersonLeft,
            EventBody::Ready(_) => Self::Ready,
            EventBody::RoleSet(_) => Self::RoleSet,
            EventBody::SafeWindowSet(_) => Self::SafeWindowSet,
            EventBody::SettingsSet(_) => Self::SettingsSet,
            EventBody::ShiftEnded(_) => Self::ShiftEnded,
            EventBody::Sifted(_) => Self::Sifted,
            EventBody::StepDone(_) => Self::StepDone,
            EventBody::SuccessorAnnounced(_) => Self::SuccessorAnnounced,
            EventBody::TransferAnswered(_) => Self::TransferAnswered,
            EventBody::TransferAsked(_) => Self::TransferAsked,
            EventBody::TransferOffered(_) => Self::TransferOffered,
            EventBody::TransferWithdrawn(_) => Self::TransferWithdrawn,
            EventBody::Unsifted(_) => Self::Unsifted,
            EventBody::UrgencySet(_) => Self::UrgencySet,
            EventBody::DaysSigned(_)
            | EventBody::DropPosted(_)
            | EventBody::Escalated(_)
            | EventBody::Flushed(_)
            | EventBody::GenerationBegun(_)
            | EventBody::Listed(_)
            | EventBody::ListsTaken(_)
            | EventBody::MessageReceived(_)
            | EventBody::NoticePublished(_)
            | EventBody::Presence(_)
            | EventBody::SnapshotWhole(_)
            | EventBody::Ticked(_)
            | EventBody::WrappingKeyAnnounced(_)
            | EventBody::Unknown => return None,
        })
    }

    /// The kind of a name, as the log writes it or with blanks.
    pub fn of_code(name: &str) -> Option<Self> {
        let name = name.replace([' ', '-'], "_");
        Self::ALL.iter().copied().find(|kind| kind.code() == name)
    }

    /// Whether it is about many cases, each of which has a line.
    fn is_of_many(self) -> bool {
        matches!(self, Self::Sifted | Self::Unsifted)
    }
}

impl From<AuditDay> for WrittenDay {
    fn from(day: AuditDay) -> Self {
        let people: Vec<_> = day.counts.keys().copied().collect();
        let left_out = day.counts.values().map(|count| count.saturating_sub(AUDIT_LINES_MAX)).collect();
        let place = |person: &Option<PersonId>| people.binary_search(person).unwrap_or_default();
        let line = |line: &AuditLine| (line.hour, place(&line.person), line.kind, line.tag, line.refusal);
        let lines = day.lines.iter().map(line).collect();
        Self { people, left_out, lines }
    }
}

impl From<WrittenDay> for AuditDay {
    fn from(WrittenDay { people, left_out, lines }: WrittenDay) -> Self {
        let mut day = Self::default();
        for (hour, place, kind, tag, refusal) in lines {
            let person = people.get(place).copied().flatten();
            day.keep(AuditLine { hour, person, kind, tag, refusal });
        }
        for (person, left_out) in people.into_iter().zip(left_out).filter(|(_, left_out)| *left_out > 0) {
            let count = day.counts.entry(person).or_default();
            *count = count.saturating_add(left_out);
        }
        day
    }
}

impl AuditDay {
    fn keep(&mut self, line: AuditLine) {
        let count = self.counts.entry(line.person).or_default();
        *count = count.saturating_add(1);
        if *count <= AUDIT_LINES_MAX {
            self.lines.push_back(line);
        }
    }

    /// Its lines, in the order of the log.
    pub(crate) fn lines(&self) -> impl DoubleEndedIterator<Item = &AuditLine> {
        self.lines.iter()
    }

    /// How many acts have no line.
    pub(crate) fn left_out(&self) -> u64 {
        self.counts.values().map(|count| u64::from(count.saturating_sub(AUDIT_LINES_MAX))).sum()
    }
}

/// The day and hour of an act: those of its device's clock, where that is within a day of the commit, which the hub has bounded.
fn when(origin: &Origin) -> (Day, Option<u8>) {
    let day = origin.at.day();
    let is_near = day.plus(1) >= origin.day && day <= origin.day.plus(1);
    let hour = || u8::try_from(origin.at.since(day.start()) / 3_600).ok();
    if is_near { (day, hour()) } else { (origin.day, None) }
}

impl Cases {
    /// The kind of an act that is a person's at this place, with the tag of its case.
    pub(super) fn audited(&self, act: &Act<'_>) -> Option<(ActKind, Option<Tag>)> {
        let kind = ActKind::of(&act.event.body)?;
        let is_persons = act.event.body.kind().is_some_and(|kind| kind.writer(self).is_person());
        is_persons.then(|| (kind, act.event.body.about().and_then(|caller| self.tag_of(&caller))))
    }

    /// Keeps what came of an act. One on many cases has a line for each of them already, where it counted.
    pub(super) fn keep_line(
        &mut self,
        origin: &Origin,
        (kind, tag): (ActKind, Option<Tag>),
        refusal: Option<Refusal>,
    ) {
        if refusal.is_some() || !kind.is_of_many() {
            self.push_line(origin, kind, tag, refusal);
        }
    }

    /// Keeps what came of an act on many cases for one of them, which is in memory where it is there.
    pub(super) fn keep_line_of(&mut self, act: &Act<'_>, caller: &CallerId, refusal: Option<Refusal>) {
        if let Some(kind) = ActKind::of(&act.event.body) {
            let tag = self.tag_of(caller);
            self.push_line(act.origin, kind, tag, refusal);
        }
    }

    fn push_line(&mut self, origin: &Origin, kind: ActKind, tag: Option<Tag>, refusal: Option<Refusal>) {
        let (person, (day, hour)) = (self.person_of(&origin.author), when(origin));
        // What waits for the log is judged there.
        if origin.sequence.is_some() && day >= self.audit_from() {
            self.audit.days.entry(day).or_default().keep(AuditLine { hour, person, kind, tag, refusal });
            self.audit.unwritten.insert(day);
        }
    }

    fn tag_of(&self, caller: &CallerId) -> Option<Tag> {
        self.loaded(caller).and_then(|case| case.tag)
    }

    /// Forgets lines whose time is over, by the time of the log.
    pub(super) fn forget_lines(&mut self) {
        let first = self.audit_from();
        while let Some(day) = self.audit.days.get_min().map(|(day, _)| *day).filter(|day| *day < first) {
            self.audit.days.remove(&day);
            self.audit.unwritten.remove(&day);
        }
    }

    /// Days for which lines are kept.
    pub fn audit_days(&self) -> u32 {
        self.settings.audit_days.unwrap_or(AUDIT_DAYS)
    }

    /// The first day of which lines are kept.
    pub fn audit_from(&self) -> Day {
        self.time.day().minus(self.audit_days())
    }

    /// Lines with their days, in order, from one day to another.
    pub fn audit(&self, days: RangeInclusive<Day>) -> impl Iterator<Item = (Day, &AuditLine)> {
        self.audit.days.range(days).flat_map(|(day, lines)| lines.lines().map(|line| (*day, line)))
    }

    /// How many acts of these days have no line, because one person wrote so many in a day.
    pub fn audit_left_out(&self, days: RangeInclusive<Day>) -> u64 {
        self.audit.days.range(days).map(|(_, lines)| lines.left_out()).sum()
    }

    /// All lines, a day after the other.
    pub(crate) fn audit_all(&self) -> impl Iterator<Item = (Day, &AuditDay)> {
        self.audit.days.iter().map(|(day, lines)| (*day, lines))
    }

    /// Days of which lines are in no row yet.
    pub(crate) fn audit_new(&self) -> impl Iterator<Item = (Day, &AuditDay)> {
        self.audit.unwritten.iter().filter_map(|day| self.audit.days.get(day).map(|lines| (*day, lines)))
    }

    /// The first day that is there, and that none is there before.
    pub(crate) fn audit_first(&self) -> Day {
        self.audit.days.get_min().map_or(Day(u32::MAX), |(day, _)| *day)
    }

    /// Puts in the lines of a day.
    pub(crate) fn put_audit(&mut self, day: Day, lines: AuditDay) {
        self.audit.days.insert(day, lines);
    }

    /// Takes note that all lines are in rows.
    pub(super) fn audit_written(&mut self) {
        self.audit.unwritten.clear();
    }
}

#[cfg(test)]
mod tests;
