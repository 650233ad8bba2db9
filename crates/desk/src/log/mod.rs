//! The log as a device has folded it: the state, and where the generation stands that the log is in.

mod alarm;
pub(crate) mod bundle;

use callsign_protocol::{
    event::{Event, EventBody},
    time::{Day, UnixSeconds},
};

use crate::cases::{Cases, SnapshotError, SnapshotParts};

pub use alarm::Alarm;

/// The fold of the entries that were taken so far.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) cases: Cases,
    /// The generation of the newest entry; 0 before the first.
    generation: u32,
    /// The sequence of that generation's first entry.
    begun_at: u64,
    /// The pieces of the snapshot that the generation began with, until it is whole.
    parts: SnapshotParts,
    snapshot_is_whole: bool,
    /// The day on which it became whole, by the ticks of the log; none where the generation began with none.
    whole_on: Option<Day>,
    /// What came since the generation began, for a device that does not know the state in which it did.
    behind: Option<Vec<Event>>,
}

impl Log {
    /// The log of a device that begins in the middle: its state is whole once a snapshot is.
    pub(crate) fn from_the_middle() -> Self {
        Self { behind: Some(Vec::new()), ..Self::default() }
    }

    /// Whether entries begin a generation, so that a device may start with them.
    pub(crate) fn begins_with(events: &[Event]) -> bool {
        events.iter().any(|event| matches!(event.body, EventBody::GenerationBegun { .. }))
    }

    /// Takes in the events of the next entry.
    pub(crate) fn take(
        &mut self,
        sequence: u64,
        generation: u32,
        events: &[Event],
    ) -> Result<(), SnapshotError> {
        if generation > self.generation {
            (self.generation, self.begun_at) = (generation, sequence);
            self.parts = SnapshotParts::default();
            // Before the first generation there was nothing.
            self.snapshot_is_whole = generation == 1;
            self.whole_on = None;
            self.behind = self.behind.take().map(|_| Vec::new());
        }
        for event in events {
            if !self.snapshot_is_whole {
                self.parts.take(event);
            }
            self.cases.apply(event);
        }
        if let Some(behind) = &mut self.behind {
            behind.extend_from_slice(events);
        }
        if !self.snapshot_is_whole
            && let Some(json) = self.parts.whole()
        {
            self.snapshot_is_whole = true;
            self.whole_on = self.cases.last_tick(UnixSeconds(u64::MAX)).map(|tick| UnixSeconds(tick).day());
            self.parts = SnapshotParts::default();
            if let Some(behind) = self.behind.take() {
                self.cases = Cases::restore(&json)?;
                for event in &behind {
                    self.cases.apply(event);
                }
            }
        }
        Ok(())
    }

    /// The generation of the newest entry; 0 before the first.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// The sequence of the first entry of the generation.
    pub(crate) fn begun_at(&self) -> u64 {
        self.begun_at
    }

    /// Whether the state is known. Nothing may be written before: what was posted where would be guessed.
    pub(crate) fn is_known(&self) -> bool {
        self.behind.is_none()
    }

    /// The day on which the generation's snapshot became whole.
    pub(crate) fn whole_on(&self) -> Option<Day> {
        self.whole_on
    }

    /// Whether all that went before the generation is in the log once more, so that it can be destroyed.
    pub(crate) fn snapshot_is_whole(&self) -> bool {
        self.snapshot_is_whole
    }
}
