//! The state as JSON: what a generation begins with, so that the entries before it can be destroyed.

use std::collections::BTreeMap;

use callsign_protocol::{
    derive::sha256,
    encoding::Bytes,
    event::{Event, EventBody},
};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::cases::Cases;

/// The version of the JSON; another one is refused.
const VERSION: u8 = 1;

/// Why a state is not restored.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// Not the JSON of a state, or of another version of the program.
    #[error("the snapshot in the desk's log is not readable by this version of the program; update it")]
    Json(#[from] serde_json::Error),
    /// Another version.
    #[error("the snapshot in the desk's log was made by another version of the program; update this one")]
    Version,
    /// Too large for the log.
    #[error("the desk's state is too large for a snapshot; erase cases that are closed")]
    TooLarge,
}

#[derive(serde::Serialize)]
struct Written<'a> {
    version: u8,
    state: &'a Cases,
}

#[derive(serde::Deserialize)]
struct Read {
    version: u8,
    state: Cases,
}

/// The pieces of a generation's snapshots as they come in, in any order.
#[derive(Debug, Default)]
pub struct SnapshotParts {
    /// The generation, and the snapshot that it began with.
    begun: Option<(u32, Bytes<32>)>,
    snapshots: BTreeMap<Bytes<32>, Pieces>,
}

#[derive(Debug, Default)]
struct Pieces {
    count: u16,
    pieces: BTreeMap<u16, Zeroizing<Vec<u8>>>,
}

impl Cases {
    /// The whole state as JSON.
    pub fn snapshot(&self) -> Result<Zeroizing<Vec<u8>>, SnapshotError> {
        Ok(Zeroizing::new(serde_json::to_vec(&Written { version: VERSION, state: self })?))
    }

    /// The state that [`Cases::snapshot`] wrote.
    pub fn restore(json: &[u8]) -> Result<Self, SnapshotError> {
        let Read { version, mut state } = serde_json::from_slice(json)?;
        if version != VERSION {
            return Err(SnapshotError::Version);
        }
        for case in state.by_caller.values() {
            *state.signs.entry(case.call_sign()).or_default() += 1;
        }
        Ok(state)
    }
}

impl SnapshotParts {
    /// Takes a generation's beginning, and pieces of snapshots.
    pub fn take(&mut self, event: &Event) {
        match &event.body {
            EventBody::GenerationBegun { generation, snapshot, .. } => {
                self.begun.get_or_insert((*generation, *snapshot));
            }
            EventBody::Snapshot { of, part, parts, data } => {
                let Pieces { count, pieces } = self.snapshots.entry(*of).or_default();
                *count = *parts;
                pieces.insert(*part, Zeroizing::new(data.clone()));
            }
            _ => {}
        }
    }

    /// The first snapshot that is whole: the one that the generation began with, or one that was made later in it. One of
    /// a generation before, which would lack what came last in that, is none.
    pub fn whole(&self) -> Option<Zeroizing<Vec<u8>>> {
        let (generation, first) = self.begun?;
        self.snapshots.iter().find_map(|(of, snapshot)| {
            let json = snapshot.joined()?;
            let is_right = Bytes(sha256(&[&json])) == *of;
            let is_later = || Cases::restore(&json).is_ok_and(|state| state.generation() == generation);
            (is_right && (*of == first || is_later())).then_some(json)
        })
    }
}

impl Pieces {
    fn joined(&self) -> Option<Zeroizing<Vec<u8>>> {
        let is_whole = (1..=self.count).all(|part| self.pieces.contains_key(&part));
        let joined = || self.pieces.values().flat_map(|piece| piece.iter().copied()).collect();
        is_whole.then(|| Zeroizing::new(joined()))
    }
}

/// Maps whose keys are not texts, as lists of pairs.
pub(super) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<K, V, S>(map: &BTreeMap<K, V>, serializer: S) -> Result<S::Ok, S::Error>
    where
        K: Serialize,
        V: Serialize,
        S: Serializer,
    {
        serializer.collect_seq(map)
    }

    pub fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
