//! Generations as the log tells them: how one begins, what its snapshot is, and who is ready for the next.

use callsign_protocol::{
    WrappingKey,
    derive::sha256_id,
    encoding::Bytes,
    keyring::DeviceId,
    snapshot::{AttemptId, ChunkList, Whole},
    time::Day,
};
use serde::{Deserialize, Serialize};

use super::{
    Cases, Event, EventBody, EventId,
    act::{Act, EventKind, Refusal, ToldAgain, Writer},
};

/// Days after the end of a generation for which its events' ids are remembered: longer than any cell opens.
const REPEAT_DAYS: u32 = 8;
/// Generations whose first day is remembered. A desk begins two in the days for which that is needed; who means ill, one a keyring.
const REMEMBERED_MAX: usize = 32;

/// The first entry of a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenerationBegun {
    /// Its number.
    pub generation: u32,
    /// The day on which it began.
    pub day: Day,
}

/// A snapshot of the generation lies at the hub, and this device has read all of it back. Its commit freezes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotWhole {
    /// The attempt that wrote it.
    pub attempt: AttemptId,
    /// Its chunks, filler included.
    pub chunks: u32,
    /// SHA-256 over their hashes.
    pub hash: Bytes<32>,
    /// SHA-256 over its records.
    pub state: Bytes<32>,
}

/// A device's wrapping key for the generation to come. It also says that the device has destroyed the keys of the generation
/// before its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappingKeyAnnounced {
    /// Which device.
    pub device: DeviceId,
    /// The generation to come.
    pub generation: u32,
    /// X-Wing.
    pub key: Box<WrappingKey>,
}

impl EventKind for GenerationBegun {
    fn noun(&self) -> &'static str {
        "the beginning of a generation"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        act.origin.bounds_day(self.day, state)?;
        let is_own = self.generation == act.origin.generation;
        if is_own && self.generation > state.generation() { Ok(()) } else { Err(Refusal::Generation) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        state.generations.insert(self.generation, self.day);
        state.begin_time(act.origin);
        if state.restarted == self.generation {
            state.reinstate(act.origin.author, act.event.id);
            state.lists.restarted_by(act.origin.author);
        }
        state.forget_repeats();
        state.forget_said();
        state.forget_programs();
        state.marks.forget_all();
        state.forget_devices();
        state.forget_void();
    }
}

impl EventKind for SnapshotWhole {
    fn noun(&self) -> &'static str {
        "a saved state"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    /// By its numbers alone: who has no state yet must judge as everybody else.
    fn authorize(&self, _: &Act<'_>, _: &Cases) -> Result<(), Refusal> {
        if self.whole().chunks.is_padded() { Ok(()) } else { Err(Refusal::Numbers) }
    }

    /// Nothing of the state: the log takes note of it, by [`EventBody::whole_snapshot`].
    fn apply(&self, _: &Act<'_>, _: &mut Cases) {}
}

impl EventKind for WrappingKeyAnnounced {
    fn noun(&self) -> &'static str {
        "a wrapping key"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    /// A device that named one for another would read on after its removal.
    fn authorize(&self, act: &Act<'_>, _: &Cases) -> Result<(), Refusal> {
        if self.device != act.origin.author {
            return Err(Refusal::Author);
        }
        let is_next = self.generation <= act.origin.generation.saturating_add(1);
        if is_next { Ok(()) } else { Err(Refusal::Generation) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        state.next_keys.insert(self.device, (self.generation, *self.key, act.origin.day));
    }
}

impl SnapshotWhole {
    /// What a reader needs to fetch and check it.
    pub fn whole(&self) -> Whole {
        let Self { attempt, chunks, hash, state } = *self;
        Whole { chunks: ChunkList { attempt, count: chunks, hash }, state }
    }
}

impl Event {
    /// The event of a generation's first entry.
    ///
    /// Its id is made from the number alone: of two devices that begin a generation, one is first.
    pub fn generation_begun(generation: u32, day: Day) -> Self {
        let id = sha256_id(&[b"generation", &generation.to_be_bytes()]);
        Self { id, body: EventBody::GenerationBegun(GenerationBegun { generation, day }) }
    }

    /// The event of a snapshot that is whole.
    pub fn whole(whole: &Whole) -> Self {
        let Whole { chunks: ChunkList { attempt, count, hash }, state } = *whole;
        let id = sha256_id(&[b"whole", &attempt.0]);
        Self { id, body: EventBody::SnapshotWhole(SnapshotWhole { attempt, chunks: count, hash, state }) }
    }

    /// The event of a device's next wrapping key.
    pub fn wrapping_key(device: DeviceId, generation: u32, key: WrappingKey) -> Self {
        let id = sha256_id(&[b"wrapping key", &device.0, &generation.to_be_bytes()]);
        let announced = WrappingKeyAnnounced { device, generation, key: Box::new(key) };
        Self { id, body: EventBody::WrappingKeyAnnounced(announced) }
    }
}

impl Cases {
    /// The generation in which the log stands, from 1.
    pub fn generation(&self) -> u32 {
        self.generations.last_key_value().map_or(1, |(generation, _)| *generation)
    }

    /// The wrapping key that a device has announced for a generation.
    pub fn wrapping_key(&self, device: &DeviceId, generation: u32) -> Option<&WrappingKey> {
        self.next_keys.get(device).filter(|(of, ..)| *of == generation).map(|(_, key, _)| key)
    }

    /// Whether an event of this id is part of the state.
    pub fn has_applied(&self, id: &EventId) -> bool {
        self.applied.contains(id)
    }

    /// Events of a generation that ended so long ago that none of its cells opens any more cannot come again.
    fn forget_repeats(&mut self) {
        let Some((_, now)) = self.generations.last_key_value() else { return };
        let old = |ended: &Day| ended.plus(REPEAT_DAYS) < *now;
        let ended: Vec<_> = self.generations.iter().filter(|(_, day)| old(day)).map(|(g, _)| *g).collect();
        for next in ended {
            self.generations.remove(&next);
            self.applied.forget_before(next);
        }
        // Whose end is not remembered is forgotten with the next one.
        while self.generations.len() > REMEMBERED_MAX {
            self.generations.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::support::DAY;

    #[test]
    fn so_many_generations_are_remembered_however_many_begin_in_a_day() {
        let mut cases = Cases::staffed();
        for generation in 2..200 {
            cases.see(&Event::generation_begun(generation, DAY));
        }
        assert_eq!((cases.generations.len(), cases.generation()), (REMEMBERED_MAX, 199));
        let of_before = Event::generation_begun(150, DAY).id;
        assert!(cases.has_applied(&of_before), "it can still come again");
        cases.see(&Event::generation_begun(200, DAY.plus(REPEAT_DAYS + 1)));
        assert!(!cases.has_applied(&of_before));
        assert_eq!(cases.generations.len(), 1);
    }
}
