//! The fold of a log: the state, and where the generation stands that the log is in.

use callsign_protocol::{
    keyring::DeviceId,
    snapshot::Whole,
    time::{Day, UnixSeconds},
};

use serde::{Deserialize, Serialize};

use crate::{
    DeskError,
    cases::{Cases, EntryRead, EventBody, Origin, SnapshotError, Unread},
    keys::Keys,
    store::{Cache, CacheError},
};

/// Entries of a generation after which any device writes its snapshot: who began it may be gone.
const STALLED_ENTRIES: u64 = 20;

/// Whole snapshots of a generation that are remembered, the newest: the hub keeps two of them, and a device that saves the state anew
/// each day writes no more than seven.
const WHOLE_MAX: usize = 8;

/// The fold of the entries that were taken so far.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Fold {
    pub(crate) cases: Cases,
    /// Entries up to this one were part of the state when it was restored.
    pub(super) restored_to: u64,
    /// The sequence of the newest entry; 0 before the first.
    pub(super) newest: u64,
    /// The generation of the newest entry; 0 before the first.
    pub(super) generation: u32,
    /// The sequence of that generation's first entry, and who wrote it.
    pub(super) begun: (u64, Option<DeviceId>),
    /// The day of the log's time before that entry; none where nothing of before is known.
    #[serde(default)]
    pub(super) before: Option<Day>,
    /// The newest of the generation's snapshots that are whole, as the log says; oldest first.
    pub(super) whole: Vec<Whole>,
    /// The day on which the first became whole, by the ticks of the log.
    pub(super) whole_on: Option<Day>,
    /// What came since the generation began, for a device that does not know the state in which it did; since `former` began, where
    /// there is one.
    #[serde(skip)]
    pub(super) behind: Option<Vec<(u64, EntryRead)>>,
    /// For such a device, while no snapshot of this generation is whole: the last generation before that has one.
    #[serde(skip)]
    pub(super) former: Option<Former>,
}

/// A generation that has ended, of which a snapshot is whole.
#[derive(Clone, Debug)]
pub(super) struct Former {
    generation: u32,
    begun_at: u64,
    whole: Vec<Whole>,
}

impl Fold {
    /// The log of a device that begins in the middle: its state is known once a snapshot is restored.
    pub(crate) fn from_the_middle() -> Self {
        Self { behind: Some(Vec::new()), ..Self::default() }
    }

    /// Whether an entry begins its generation, so that a device may start with it.
    pub(crate) fn begins_with(entry: &EntryRead) -> bool {
        let begins = |body: &EventBody| matches!(body, EventBody::GenerationBegun(begun) if begun.generation == entry.origin.generation);
        entry.events.iter().any(|event| begins(&event.body))
    }

    /// Takes in the next entry.
    ///
    /// # Errors
    /// [`Unread`]; the log is to be read anew then.
    pub(crate) fn take(&mut self, sequence: u64, entry: &EntryRead) -> Result<(), Unread> {
        self.newest = sequence;
        if entry.origin.generation > self.generation {
            self.turn_over(sequence, entry);
        }
        if sequence > self.restored_to {
            self.cases.take(entry)?;
        }
        if let Some(behind) = &mut self.behind {
            behind.push((sequence, entry.clone()));
        }
        for whole in entry.events.iter().filter_map(|event| event.body.whole_snapshot()) {
            // The first that is said of an attempt counts, as of all acts.
            if self.whole.iter().any(|known| known.chunks.attempt == whole.chunks.attempt) {
                continue;
            }
            if self.whole.is_empty() {
                self.whole_on =
                    self.cases.last_tick(UnixSeconds(u64::MAX)).map(|tick| UnixSeconds(tick).day());
                self.forget_former();
            }
            if self.whole.len() == WHOLE_MAX {
                self.whole.remove(0);
            }
            self.whole.push(whole);
        }
        Ok(())
    }

    /// Begins the generation of an entry.
    fn turn_over(&mut self, sequence: u64, entry: &EntryRead) {
        if self.behind.is_some() && !self.whole.is_empty() {
            let (generation, begun_at) = (self.generation, self.begun.0);
            self.former = Some(Former { generation, begun_at, whole: std::mem::take(&mut self.whole) });
        }
        if self.former.is_none() {
            self.behind = self.behind.take().map(|_| Vec::new());
        }
        self.before = (self.generation > 0).then(|| self.cases.time().day());
        self.generation = entry.origin.generation;
        self.begun = (sequence, Some(entry.origin.author));
        (self.whole, self.whole_on) = (Vec::new(), None);
    }

    /// A snapshot of this generation is whole, so that whoever knows the state destroys what went before.
    fn forget_former(&mut self) {
        self.former = None;
        if let Some(behind) = &mut self.behind {
            behind.retain(|(at, _)| *at >= self.begun.0);
        }
    }

    /// Goes on from a state of this generation, or of the one before that [`Fold::saved`] names, of which entries up to `sequence` are part.
    ///
    /// # Errors
    /// [`SnapshotError::Incomplete`] where it is of another generation, or of entries that have not come yet; [`Unread`].
    pub(crate) fn restore(&mut self, sequence: u64, mut cases: Cases) -> Result<(), DeskError> {
        let (generation, version) = (cases.generation(), cases.fold());
        let former = self.former.as_ref().filter(|former| former.generation == generation);
        let begun_at =
            former.map(|former| former.begun_at).or((generation == self.generation).then_some(self.begun.0));
        if begun_at.is_none_or(|begun_at| sequence < begun_at) || sequence > self.newest {
            return Err(SnapshotError::Incomplete.into());
        }
        let is_former = former.is_some();
        let behind = self.behind.iter().flatten().filter(|(at, _)| *at > sequence);
        for (_, entry) in behind {
            if is_former && entry.origin.generation == generation {
                // Its keyring is lost, but its state says which version of the fold was in force.
                let origin = Origin { fold: version, ..entry.origin };
                cases.take(&EntryRead { origin, ..entry.clone() })?;
            } else {
                cases.take(entry)?;
            }
        }
        // Once all of it is taken in: until then the state is not known.
        (self.cases, self.restored_to, self.behind, self.former) = (cases, sequence, None, None);
        Ok(())
    }

    /// The generation of the newest entry; 0 before the first.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// The version of the fold in force in a generation, which its keyring names and no later one lowers; none where this device has not
    /// kept that one.
    ///
    /// # Errors
    /// [`CacheError`]
    pub(crate) fn version_in(
        &self,
        generation: u32,
        keys: &Keys,
        cache: &Cache,
    ) -> Result<Option<u32>, CacheError> {
        let (known, newest) = (self.cases.fold(), keys.keyring.fold);
        if generation == keys.keyring.generation {
            return Ok(Some(newest));
        }
        // Who begins, with its cache lost, knows no former keyring, and may find the state nowhere but in these entries.
        if generation <= self.generation || self.generation == 0 || known == newest {
            return Ok(Some(known));
        }
        let kept = cache.keyrings()?;
        let mut kept = kept.iter().filter_map(|(_, envelope)| keys.opened(envelope));
        Ok(kept.find(|keyring| keyring.generation == generation).map(|keyring| keyring.fold))
    }

    /// The day of the log's time when a generation began, or would begin now; none where nothing of before is known.
    pub(crate) fn time_before(&self, generation: u32) -> Option<Day> {
        match self.generation {
            0 => None,
            now if now >= generation => self.before,
            _ => Some(self.cases.time().day()),
        }
    }

    /// The sequence of the first entry of the generation.
    pub(crate) fn begun_at(&self) -> u64 {
        self.begun.0
    }

    /// The sequence of the newest entry.
    pub(crate) fn newest(&self) -> u64 {
        self.newest
    }

    /// Whether the state is known. Nothing may be written before: what was posted where would be guessed.
    pub(crate) fn is_known(&self) -> bool {
        self.behind.is_none()
    }

    /// The day on which the generation's snapshot became whole.
    pub(crate) fn whole_on(&self) -> Option<Day> {
        self.whole_on
    }

    /// The generation's snapshots that are whole, the newest first.
    pub(crate) fn whole(&self) -> impl Iterator<Item = &Whole> {
        self.whole.iter().rev()
    }

    /// Snapshots that the state can be read from, each with its generation, the newest first: of this generation, or where none of it is
    /// whole yet, of the one before that has some.
    pub(crate) fn saved(&self) -> impl Iterator<Item = (u32, &Whole)> {
        let former = self
            .former
            .iter()
            .flat_map(|former| former.whole.iter().rev().map(|whole| (former.generation, whole)));
        self.whole().map(|whole| (self.generation, whole)).chain(former)
    }

    /// Whether all that went before the generation is at the hub once more, so that it can be destroyed. Before the first
    /// generation there was nothing.
    pub(crate) fn snapshot_is_whole(&self) -> bool {
        self.generation <= 1 || !self.whole.is_empty()
    }

    /// Whether it is a device's turn to write the generation's snapshot.
    pub(crate) fn is_writer(&self, device: &DeviceId) -> bool {
        let (begun_at, by) = self.begun;
        by == Some(*device) || self.newest.saturating_sub(begun_at) >= STALLED_ENTRIES
    }
}

#[cfg(test)]
mod tests {
    use callsign_protocol::{encoding::Bytes, snapshot::ChunkList};

    use super::*;
    use crate::cases::Event;

    fn whole(attempt: u8, count: u32, hash: u8) -> Whole {
        let chunks = ChunkList { attempt: Bytes([attempt; 16]), count, hash: Bytes([hash; 32]) };
        Whole { chunks, state: Bytes([hash; 32]) }
    }

    fn entry(sequence: u64, events: Vec<Event>) -> EntryRead {
        let origin = Origin {
            author: Bytes([1; 16]),
            at: UnixSeconds(1_800_000_000),
            day: UnixSeconds(1_800_000_000).day(),
            sequence: Some(sequence),
            generation: 2,
            fold: 1,
            program: 1,
            has_identity: false,
        };
        EntryRead { origin, events, unreadable: 0 }
    }

    #[test]
    fn of_whole_snapshots_the_newest_are_remembered_and_the_first_that_is_said_of_each() {
        // Of a device that does not know the state, too.
        for mut fold in [Fold::default(), Fold::from_the_middle()] {
            let mut next = 0;
            let mut say = |fold: &mut Fold, whole: Whole| {
                next += 1;
                fold.take(next, &entry(next, vec![Event::whole(&whole)])).unwrap();
            };
            for count in [0, 1, 127, 129, 4_097, 8_192] {
                say(&mut fold, whole(9, count, 9));
                assert!(!fold.snapshot_is_whole(), "{count}");
            }
            say(&mut fold, whole(1, 128, 1));
            say(&mut fold, whole(1, 256, 2));
            assert_eq!(fold.whole().copied().collect::<Vec<_>>(), [whole(1, 128, 1)]);
            for attempt in 2..=20 {
                say(&mut fold, whole(attempt, 4_096, attempt));
            }
            let newest: Vec<Whole> = (13..=20).rev().map(|attempt| whole(attempt, 4_096, attempt)).collect();
            assert_eq!(fold.whole().copied().collect::<Vec<_>>(), newest);
        }
    }
}
