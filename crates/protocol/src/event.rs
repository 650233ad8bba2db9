//! Events of the desk log: what the desk's state is folded from.

use serde::{Deserialize, Serialize};

use crate::{
    WrappingKey,
    call::CallPart,
    caller_keys::CallerId,
    derive::sha256_id,
    digest::DropHash,
    drop::Place,
    encoding::Bytes,
    json,
    keyring::DeviceId,
    snapshot::{AttemptId, ChunkList, Whole},
    successor::Successor,
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
    /// An operator has erased a case: all that is known of a caller. What comes in later begins a new one.
    CaseErased {
        /// Whose.
        caller: CallerId,
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
    /// The first entry of a generation.
    GenerationBegun {
        /// Its number.
        generation: u32,
        /// The day on which it began.
        day: Day,
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
        /// Whether its proof was made for a key that a removed device knows: it may not be the caller's.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        doubted: bool,
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
    /// The custodian has said which identity comes after the desk's; of two, the one that stands later in the log counts.
    SuccessorAnnounced {
        /// As the notice will say it.
        successor: Successor,
    },
    /// The drops of the cadence's ticks up to one were posted, in the same commit as this event.
    Ticked {
        /// The Unix second in which the last one that was served began.
        tick: u64,
    },
    /// A snapshot of the generation lies at the hub, and this device has read all of it back. Its commit freezes it.
    Whole {
        /// The attempt that wrote it.
        attempt: AttemptId,
        /// Its chunks, filler included.
        chunks: u32,
        /// SHA-256 over their hashes.
        hash: Bytes<32>,
        /// SHA-256 over its records.
        state: Bytes<32>,
    },
    /// A device's wrapping key for the generation to come. It also says that the device has destroyed the keys of the
    /// generation before its own.
    WrappingKey {
        /// Which device.
        device: DeviceId,
        /// The generation to come.
        generation: u32,
        /// X-Wing.
        key: Box<WrappingKey>,
    },
    /// A type of a later version: kept in the log, skipped by this fold.
    #[serde(other)]
    Unknown,
}

impl EventBody {
    /// The snapshot that an event says is whole.
    pub fn whole_snapshot(&self) -> Option<Whole> {
        let Self::Whole { attempt, chunks, hash, state } = *self else { return None };
        Some(Whole { chunks: ChunkList { attempt, count: chunks, hash }, state })
    }

    /// The caller whose case an event continues; none where it begins one or is about none.
    pub fn caller(&self) -> Option<&CallerId> {
        match self {
            Self::AnswerQueued { caller, .. }
            | Self::CaseErased { caller }
            | Self::DropPosted { caller, .. }
            | Self::Opened { caller, .. } => Some(caller),
            Self::DaysSigned { .. }
            | Self::Flushed
            | Self::GenerationBegun { .. }
            | Self::Listed { .. }
            | Self::MessageReceived { .. }
            | Self::NoticePublished { .. }
            | Self::SuccessorAnnounced { .. }
            | Self::Ticked { .. }
            | Self::Whole { .. }
            | Self::WrappingKey { .. }
            | Self::Unknown => None,
        }
    }
}

impl Event {
    /// Whether those who read the log will read this event as it is: by their rules, not by the writer's.
    pub fn is_readable(&self) -> bool {
        let written = serde_json::to_vec(self).ok();
        written.and_then(|json| json::read::<Self>(&json).ok()).as_ref() == Some(self)
    }

    /// The event of a part received: its id is made from the message, so two devices make the same one.
    pub fn message_received(call: Box<CallPart>, received: UnixSeconds) -> Self {
        Self { id: message_id(&call), body: EventBody::MessageReceived { call, received, doubted: false } }
    }

    /// The same, of a part whose proof a removed device could have made.
    pub fn doubted_message(call: Box<CallPart>, received: UnixSeconds) -> Self {
        Self { id: message_id(&call), body: EventBody::MessageReceived { call, received, doubted: true } }
    }

    /// The same, told once more behind an erasure whose author did not know it.
    #[must_use]
    pub fn behind_erasure(&self, erasure: &EventId) -> Self {
        let id = sha256_id(&[b"behind erasure", &erasure.0, &self.id.0]);
        Self { id, body: self.body.clone() }
    }

    /// The event of a generation's first entry.
    ///
    /// Its id is made from the number alone: of two devices that begin a generation, one is first.
    pub fn generation_begun(generation: u32, day: Day) -> Self {
        let id = sha256_id(&[b"generation", &generation.to_be_bytes()]);
        Self { id, body: EventBody::GenerationBegun { generation, day } }
    }

    /// The event of a snapshot that is whole.
    pub fn whole(whole: &Whole) -> Self {
        let Whole { chunks: ChunkList { attempt, count, hash }, state } = *whole;
        let id = sha256_id(&[b"whole", &attempt.0]);
        Self { id, body: EventBody::Whole { attempt, chunks: count, hash, state } }
    }

    /// The event of a device's next wrapping key.
    pub fn wrapping_key(device: DeviceId, generation: u32, key: WrappingKey) -> Self {
        let id = sha256_id(&[b"wrapping key", &device.0, &generation.to_be_bytes()]);
        Self { id, body: EventBody::WrappingKey { device, generation, key: Box::new(key) } }
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

fn message_id(call: &CallPart) -> EventId {
    sha256_id(&[b"message", &call.caller_id().0, &call.id.0, &[call.part]])
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
