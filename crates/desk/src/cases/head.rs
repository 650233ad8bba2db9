//! Heads: what of a case is looked at beside all others, and stays in memory when the case does not.

use callsign_protocol::time::{Day, UnixSeconds};
use serde::{Deserialize, Serialize};

use super::{Case, EventId};

/// A case at a glance, of some 150 bytes; all of it is made from the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// Since when somebody waits for an answer, on the day of the queues.
    pub(super) waiting: Option<UnixSeconds>,
    /// When the caller last wrote.
    pub(super) heard: Option<UnixSeconds>,
    /// The newest message that a person has opened, or the newest answer.
    pub(super) spoken: Option<UnixSeconds>,
    /// The turn of the first part of an answer that is not posted.
    pub(super) to_answer: Option<u64>,
    /// The turn of the first message of whose opening the caller has not been told.
    pub(super) to_tell: Option<u64>,
    /// The first day of the lists on which something of it is to be destroyed.
    pub(super) forgets: Option<Day>,
    /// Its follow-ups.
    pub(super) due: Box<[((Day, u8), EventId)]>,
    pub(super) track: Box<str>,
    pub(super) language: Box<str>,
    pub(super) messages: u32,
    pub(super) shard_bits: u16,
}

impl Head {
    pub(super) fn of(case: &Case, today: Day) -> Self {
        Self {
            waiting: case.waiting_since(today),
            heard: case.last_heard(),
            spoken: case.last_spoken_with(),
            to_answer: case.first_unposted(),
            to_tell: case.untold.first().map(|(order, _)| *order),
            forgets: case.forgets_on(),
            due: case.follow_ups().iter().map(|one| (one.at(), one.id)).collect(),
            track: case.track.as_str().into(),
            language: case.language.as_str().into(),
            messages: u32::try_from(case.calls().count()).unwrap_or(u32::MAX),
            shard_bits: case.shard_bits,
        }
    }
}
