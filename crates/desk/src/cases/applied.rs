//! Ids of events that are part of the state, so that none counts twice: sixteen bytes each.

use std::{collections::BTreeMap, sync::Arc};

use imbl::OrdSet;

use super::EventId;

/// Ids that lie in a tree at most before they are put into order with the others.
const FRESH_MAX: usize = 4_096;

/// Ids by the generation in which their events came.
#[derive(Clone, Debug, Default)]
pub(super) struct Applied {
    by_generation: BTreeMap<u32, Ids>,
    /// Those that are on no disk yet, in the order in which they came.
    unwritten: Vec<(u32, EventId)>,
}

/// Ids of one generation.
#[derive(Clone, Debug, Default)]
struct Ids {
    /// Runs in order, each at least twice as long as the next: what is looked for is in one of a few.
    runs: Vec<Arc<[EventId]>>,
    fresh: OrdSet<EventId>,
}

impl Applied {
    pub(super) fn contains(&self, id: &EventId) -> bool {
        self.by_generation
            .values()
            .any(|ids| ids.fresh.contains(id) || ids.runs.iter().any(|run| run.binary_search(id).is_ok()))
    }

    pub(super) fn insert(&mut self, generation: u32, id: EventId) {
        let ids = self.by_generation.entry(generation).or_default();
        self.unwritten.push((generation, id));
        ids.fresh.insert(id);
        if ids.fresh.len() >= FRESH_MAX {
            ids.settle();
        }
    }

    /// Puts in ids of one generation that are on the disk, in whatever order.
    pub(super) fn extend(&mut self, generation: u32, mut new: Vec<EventId>) {
        new.sort_unstable();
        let ids = self.by_generation.entry(generation).or_default();
        ids.runs.push(new.into());
        ids.merge();
    }

    /// Forgets generations before one.
    pub(super) fn forget_before(&mut self, generation: u32) {
        self.by_generation = self.by_generation.split_off(&generation);
        self.unwritten.retain(|(of, _)| *of >= generation);
    }

    /// Those that are on no disk yet.
    pub(super) fn unwritten(&self) -> &[(u32, EventId)] {
        &self.unwritten
    }

    /// Takes note that all are on the disk.
    pub(super) fn written(&mut self) {
        self.unwritten.clear();
    }

    /// The first generation of which ids are here.
    pub(super) fn first_generation(&self) -> u32 {
        self.by_generation.first_key_value().map_or(0, |(generation, _)| *generation)
    }

    /// All of each generation, in pieces of a size at most.
    pub(super) fn pieces(&self, max: usize) -> impl Iterator<Item = (u32, Vec<EventId>)> {
        self.by_generation.iter().flat_map(move |(generation, ids)| {
            let mut left = ids.all().into_iter();
            std::iter::from_fn(move || {
                let piece: Vec<_> = left.by_ref().take(max).collect();
                (!piece.is_empty()).then_some((*generation, piece))
            })
        })
    }
}

impl Ids {
    fn all(&self) -> Vec<EventId> {
        let mut all: Vec<EventId> =
            self.runs.iter().flat_map(|run| run.iter()).chain(&self.fresh).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn settle(&mut self) {
        self.runs.push(std::mem::take(&mut self.fresh).into_iter().collect());
        self.merge();
    }

    fn merge(&mut self) {
        while let [.., longer, last] = &self.runs[..]
            && longer.len() < 2 * last.len()
        {
            let mut both = [&**longer, last].concat();
            // The stable one sees two runs that are in order, and only merges them.
            both.sort();
            self.runs.truncate(self.runs.len() - 2);
            self.runs.push(both.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callsign_protocol::encoding::Bytes;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn id(n: u32) -> EventId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&n.wrapping_mul(0x9e37_79b9).to_be_bytes());
        Bytes(bytes)
    }

    proptest! {
        /// However ids come in, those that came are there, once, and no others.
        #[test]
        fn ids_that_came_are_there(steps in prop::collection::vec((1..4_u32, 0..3_000_u32, 0..2_500_u32), 1..12)) {
            let (mut applied, mut plain) = (Applied::default(), BTreeSet::new());
            for (generation, first, count) in steps {
                if count % 2 == 0 {
                    (first..first + count).for_each(|n| applied.insert(generation, id(n)));
                } else {
                    applied.extend(generation, (first..first + count).map(id).collect());
                }
                plain.extend((first..first + count).map(|n| (generation, id(n))));
            }
            for n in (0..6_000).step_by(7) {
                prop_assert_eq!(applied.contains(&id(n)), (1..4).any(|of| plain.contains(&(of, id(n)))));
            }
            let written: Vec<_> = applied.pieces(1_000)
                .flat_map(|(of, ids)| ids.into_iter().map(move |id| (of, id))).collect();
            prop_assert_eq!(written, plain.iter().copied().collect::<Vec<_>>());
            applied.forget_before(3);
            prop_assert!(applied.pieces(usize::MAX).all(|(of, _)| of == 3));
        }
    }
}
