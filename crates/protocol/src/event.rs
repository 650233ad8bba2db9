//! Events of the desk log: what the desk's state is folded from.

use serde::{Deserialize, Serialize};

use crate::{
    call::CallPart,
    caller_keys::CallerId,
    derive::sha256_id,
    digest::DropHash,
    drop::Place,
    encoding::Bytes,
    time::{Day, UnixSeconds},
};

/// Names an event; a second one of the same id is ignored.
pub type EventId = Bytes<16>;

/// Messages in one event of opening at most, so that it fits a bundle whatever a caller does.
pub const OPENED_MAX: usize = 64;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// 16 bytes, random or made from what the event says.
    pub id: EventId,
    /// What happened.
    #[serde(flatten)]
    pub body: EventBody,
}

/// What happened. Never edited once released: a changed meaning is a new type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventBody {
    /// An operator has written a part of an answer.
    AnswerQueued {
        /// To whom.
        caller: CallerId,
        /// The answer.
        answer: Bytes<16>,
        /// From 1.
        part: u8,
        /// 1 to 16.
        parts: u8,
        /// This part of the text.
        text: String,
        /// When, in whole minutes.
        queued: UnixSeconds,
    },
    /// A drop to a caller was posted, in the same commit as this event.
    DropPosted {
        /// To whom.
        caller: CallerId,
        /// Under which place of the lists.
        place: Place,
        /// Its running number.
        number: u32,
        /// The part of an answer that it carried.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<(Bytes<16>, u8)>,
        /// The "opened" ids that it carried.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        opened: Vec<Bytes<16>>,
    },
    /// An operator had this commit posted at once, outside the cadence.
    Flushed,
    /// Signatures of finished days' lists were sent, in the same commit as this event.
    DaysSigned {
        /// The key that signed; another one signs all listed days anew.
        duty_key: Bytes<32>,
        /// Day and shard of each.
        lists: Vec<(Day, u32)>,
    },
    /// Drops were posted, dummies among them, in the same commit as this event: so each device knows every list from the
    /// log, and not from the hub.
    Listed {
        /// The day they are listed under.
        day: Day,
        /// Shard and SHA-256 of each drop, in order.
        posted: Vec<(u32, DropHash)>,
    },
    /// A part of a call came in.
    MessageReceived {
        /// Its content.
        call: Box<CallPart>,
        /// When it was taken, rounded down to ten minutes: waiting times need no more.
        received: UnixSeconds,
    },
    /// A notice was published; cells sealed under it can be opened from now on.
    NoticePublished {
        /// SHA-256 of its body.
        hash: Bytes<32>,
        /// Its serial.
        serial: u64,
        /// The epochs whose keys it carries.
        epochs: Vec<Day>,
    },
    /// A person has opened messages.
    Opened {
        /// Whose.
        caller: CallerId,
        /// Which.
        messages: Vec<Bytes<16>>,
    },
    /// The drops of the cadence's ticks up to one were posted, in the same commit as this event.
    Ticked {
        /// The Unix second in which the last one that was served began.
        tick: u64,
    },
    /// A type of a later version: kept in the log, skipped by this fold.
    #[serde(other)]
    Unknown,
}

impl EventBody {
    /// The caller whose case an event continues; none where it begins one or is about none.
    pub fn caller(&self) -> Option<&CallerId> {
        match self {
            Self::AnswerQueued { caller, .. }
            | Self::DropPosted { caller, .. }
            | Self::Opened { caller, .. } => Some(caller),
            Self::DaysSigned { .. }
            | Self::Flushed
            | Self::Listed { .. }
            | Self::MessageReceived { .. }
            | Self::NoticePublished { .. }
            | Self::Ticked { .. }
            | Self::Unknown => None,
        }
    }
}

impl Event {
    /// The event of a part received: its id is made from the message, so two devices make the same one.
    pub fn message_received(call: Box<CallPart>, received: UnixSeconds) -> Self {
        let caller = call.caller_id();
        let id = sha256_id(&[b"message", &caller.0, &call.id.0, &[call.part]]);
        Self { id, body: EventBody::MessageReceived { call, received } }
    }

    /// The events of messages opened, [`OPENED_MAX`] in each: opening them again makes the same ones.
    pub fn opened(caller: CallerId, messages: &[Bytes<16>]) -> Vec<Self> {
        let event = |messages: &[Bytes<16>]| {
            let ids: Vec<u8> = messages.iter().flat_map(|id| id.0).collect();
            let id = sha256_id(&[b"opened", &caller.0, &ids]);
            Self { id, body: EventBody::Opened { caller, messages: messages.to_vec() } }
        };
        messages.chunks(OPENED_MAX).map(event).collect()
    }

    /// The event of a notice published.
    pub fn notice_published(hash: [u8; 32], serial: u64, epochs: Vec<Day>) -> Self {
        let id = sha256_id(&[b"notice", &hash]);
        Self { id, body: EventBody::NoticePublished { hash: Bytes(hash), serial, epochs } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_a_later_version_is_skipped() {
        let json = r#"{"id":"AAAAAAAAAAAAAAAAAAAAAA","type":"case_merged","with":[1,2]}"#;
        let event: Event = serde_json::from_str(json).unwrap();
        assert_eq!(event, Event { id: Bytes([0; 16]), body: EventBody::Unknown });
    }

    #[test]
    fn events_read_back() {
        let event = Event::opened(Bytes([1; 16]), &[Bytes([2; 16])]).remove(0);
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }
}
