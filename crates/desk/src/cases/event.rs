//! The events of the desk's log as they are written: an id, a type, and the members of that type.
//!
//! Each type stands in the file of its noun, with its rule and with what it does to the state.

use callsign_protocol::{caller_keys::CallerId, encoding::Bytes, entry::EVENTS_MAX, json, snapshot::Whole};
use serde::{Deserialize, Serialize};

use super::{
    act::EventKind,
    answers::{AnswerQueued, AnswerReleased, AnswerWithdrawn},
    cadence::{Flushed, Ticked},
    calls::{MessageReceived, Opened},
    checklists::StepDone,
    claims::{ClaimReleased, Claimed},
    closing::{CaseClosed, CaseReopened},
    delivery::DropPosted,
    devices::{DeviceAdmitted, DeviceRemoved},
    erasure::CaseErased,
    escalation::Escalated,
    flags::{FlagLifted, Flagged},
    flood::{Sifted, Unsifted},
    follow_ups::{FollowUpDone, FollowUpSet},
    generations::{GenerationBegun, SnapshotWhole, WrappingKeyAnnounced},
    handover::{HandoverTaken, ShiftEnded},
    lists::{DaysSigned, Listed, ListsTaken},
    notes::{NoteStruck, NoteWritten},
    notices::{NoticePublished, SuccessorAnnounced},
    people::{DeviceGiven, PersonAdded, PersonLeft, RoleSet},
    presence::PresenceSaid,
    safe_windows::SafeWindowSet,
    second_reader::{AnswerApproved, AnswerRefused},
    settings::SettingsSet,
    transfer::{TransferAnswered, TransferAsked, TransferOffered, TransferWithdrawn},
    turns::{NotReady, Passed, Ready},
    urgency::UrgencySet,
};

/// Names an event; a second one of the same id is ignored. 16 bytes, random or made from what the event says.
pub type EventId = Bytes<16>;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What names it.
    pub id: EventId,
    /// What happened.
    #[serde(flatten)]
    pub body: EventBody,
}

/// What happened. Never edited once released: a changed meaning is a new type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(missing_docs, reason = "each type is described where it is defined")]
pub enum EventBody {
    AnswerApproved(AnswerApproved),
    AnswerQueued(AnswerQueued),
    AnswerRefused(AnswerRefused),
    AnswerReleased(AnswerReleased),
    AnswerWithdrawn(AnswerWithdrawn),
    CaseClosed(CaseClosed),
    CaseErased(CaseErased),
    CaseReopened(CaseReopened),
    ClaimReleased(ClaimReleased),
    Claimed(Claimed),
    DaysSigned(DaysSigned),
    DeviceAdmitted(DeviceAdmitted),
    DeviceGiven(DeviceGiven),
    DeviceRemoved(DeviceRemoved),
    DropPosted(DropPosted),
    Escalated(Escalated),
    FlagLifted(FlagLifted),
    Flagged(Flagged),
    Flushed(Flushed),
    FollowUpDone(FollowUpDone),
    FollowUpSet(FollowUpSet),
    GenerationBegun(GenerationBegun),
    HandoverTaken(HandoverTaken),
    Listed(Listed),
    ListsTaken(ListsTaken),
    MessageReceived(MessageReceived),
    NotReady(NotReady),
    NoteStruck(NoteStruck),
    NoteWritten(NoteWritten),
    NoticePublished(NoticePublished),
    Opened(Opened),
    Passed(Passed),
    PersonAdded(PersonAdded),
    PersonLeft(PersonLeft),
    Presence(PresenceSaid),
    Ready(Ready),
    RoleSet(RoleSet),
    SafeWindowSet(SafeWindowSet),
    SettingsSet(Box<SettingsSet>),
    ShiftEnded(ShiftEnded),
    StepDone(StepDone),
    Sifted(Sifted),
    SuccessorAnnounced(SuccessorAnnounced),
    Ticked(Ticked),
    TransferAnswered(TransferAnswered),
    TransferAsked(TransferAsked),
    TransferOffered(TransferOffered),
    TransferWithdrawn(TransferWithdrawn),
    Unsifted(Unsifted),
    UrgencySet(UrgencySet),
    #[serde(rename = "whole")]
    SnapshotWhole(SnapshotWhole),
    #[serde(rename = "wrapping_key")]
    WrappingKeyAnnounced(WrappingKeyAnnounced),
    /// A type that this program does not know: the log keeps it, and it has no effect.
    #[serde(other)]
    Unknown,
}

impl EventBody {
    /// Its rule and its effect; none of a type that this program does not know.
    pub(super) fn kind(&self) -> Option<&dyn EventKind> {
        Some(match self {
            Self::AnswerApproved(event) => event,
            Self::AnswerQueued(event) => event,
            Self::AnswerRefused(event) => event,
            Self::AnswerReleased(event) => event,
            Self::AnswerWithdrawn(event) => event,
            Self::CaseClosed(event) => event,
            Self::CaseErased(event) => event,
            Self::CaseReopened(event) => event,
            Self::ClaimReleased(event) => event,
            Self::Claimed(event) => event,
            Self::DaysSigned(event) => event,
            Self::DeviceAdmitted(event) => event,
            Self::DeviceGiven(event) => event,
            Self::DeviceRemoved(event) => event,
            Self::DropPosted(event) => event,
            Self::Escalated(event) => event,
            Self::FlagLifted(event) => event,
            Self::Flagged(event) => event,
            Self::Flushed(event) => event,
            Self::FollowUpDone(event) => event,
            Self::FollowUpSet(event) => event,
            Self::GenerationBegun(event) => event,
            Self::HandoverTaken(event) => event,
            Self::Listed(event) => event,
            Self::ListsTaken(event) => event,
            Self::MessageReceived(event) => event,
            Self::NotReady(event) => event,
            Self::NoteStruck(event) => event,
            Self::NoteWritten(event) => event,
            Self::NoticePublished(event) => event,
            Self::Opened(event) => event,
            Self::Passed(event) => event,
            Self::PersonAdded(event) => event,
            Self::PersonLeft(event) => event,
            Self::Presence(event) => event,
            Self::Ready(event) => event,
            Self::RoleSet(event) => event,
            Self::SafeWindowSet(event) => event,
            Self::SettingsSet(event) => event.as_ref(),
            Self::ShiftEnded(event) => event,
            Self::StepDone(event) => event,
            Self::Sifted(event) => event,
            Self::SuccessorAnnounced(event) => event,
            Self::Ticked(event) => event,
            Self::TransferAnswered(event) => event,
            Self::TransferAsked(event) => event,
            Self::TransferOffered(event) => event,
            Self::TransferWithdrawn(event) => event,
            Self::Unsifted(event) => event,
            Self::UrgencySet(event) => event,
            Self::SnapshotWhole(event) => event,
            Self::WrappingKeyAnnounced(event) => event,
            Self::Unknown => return None,
        })
    }

    /// The caller whose case an event continues; none where it begins one or is about none.
    pub fn caller(&self) -> Option<&CallerId> {
        self.kind().and_then(EventKind::caller)
    }

    /// The caller whom an event is about, the beginning of a case included.
    pub fn about(&self) -> Option<CallerId> {
        match self {
            Self::MessageReceived(received) => Some(received.call.caller_id()),
            other => other.caller().copied(),
        }
    }

    /// The snapshot that an event says is whole.
    pub fn whole_snapshot(&self) -> Option<Whole> {
        let Self::SnapshotWhole(event) = self else { return None };
        Some(event.whole()).filter(|whole| whole.chunks.is_padded())
    }
}

impl Event {
    /// Whether those who read the log will read this event as it is: by their rules, not by the writer's.
    pub fn is_readable(&self) -> bool {
        let written = serde_json::to_vec(self).ok().filter(|json| json.len() <= EVENTS_MAX);
        written.and_then(|json| json::read::<Self>(&json).ok()).as_ref() == Some(self)
    }
}

#[cfg(test)]
mod tests;
