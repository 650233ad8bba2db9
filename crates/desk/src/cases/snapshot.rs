//! The state as a stream of records: what a generation begins with, so that the entries before it can be destroyed.

use callsign_protocol::{
    caller_keys::CallerId,
    snapshot::{CHUNK_LEN, CHUNKS_MAX, RECORD_MAX},
};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::cases::{Case, Cases, EventId};

/// The version of the records; another one is refused.
const VERSION: u8 = 2;
/// Ids of events in one record.
const IDS_MAX: usize = 4_096;
/// Bytes of JSON in one record at most, behind the byte that says whether more of it follows.
const PIECE_MAX: usize = RECORD_MAX - 1;
/// Bytes of what is put together from records at most: as many as a snapshot has.
const JSON_MAX: usize = CHUNK_LEN * CHUNKS_MAX as usize;

/// Why a state is not written or not restored.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// The hub does not have all of it.
    #[error(
        "the hub does not have the desk's saved state; let another device that knows the state work for a day, which saves it \
         anew by itself"
    )]
    Missing,
    /// What the hub has is not what the log names.
    #[error(
        "what the hub has of the desk's saved state is not what a device wrote ({0}); let another device that knows the state \
         work for a day, and tell whoever keeps the hub if it stays so"
    )]
    Altered(#[from] callsign_protocol::snapshot::SnapshotError),
    /// Not the records of a state, or of another version of the program.
    #[error("the desk's saved state is not readable by this version of the program; update it")]
    Json(#[from] serde_json::Error),
    /// Records are missing or doubled.
    #[error("the desk's saved state is not whole; update this program, and the one that wrote it")]
    Incomplete,
    /// Another version.
    #[error("the desk's saved state was made by another version of the program; update this one")]
    Version,
    /// Too large to be saved.
    #[error(
        "the desk's state is too large to be saved, so old keys are kept and what is erased stays readable; \
         erase cases that are closed"
    )]
    TooLarge,
}

/// A record as it is written.
#[derive(serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Written<'a> {
    Head { version: u8, sequence: u64, applied: usize, cases: usize, rest: &'a Cases },
    Applied(u32, Vec<&'a EventId>),
    Case(&'a CallerId, &'a Case),
}

/// A record as it is read.
#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Read {
    Head(Box<Head>),
    Applied(u32, Vec<EventId>),
    Case(CallerId, Box<Case>),
}

#[derive(serde::Deserialize)]
struct Head {
    version: u8,
    /// Entries up to this one are part of the state.
    sequence: u64,
    /// Records of ids, and of cases, that follow.
    applied: usize,
    cases: usize,
    /// All but ids and cases.
    rest: Cases,
}

/// A state whose records come in, in order.
#[derive(Debug, Default)]
pub(crate) struct StateReader {
    /// What has come of a record that is cut.
    json: Zeroizing<Vec<u8>>,
    state: Option<(u64, Cases)>,
    /// Records of ids, and of cases, that are still to come.
    expected: (usize, usize),
}

impl Cases {
    /// Passes on the records of this state, of which entries up to `sequence` are part. A case is a record of its own, or
    /// several where it is long.
    ///
    /// # Errors
    /// Those of `record`, and [`SnapshotError::TooLarge`] of a case that no reader would put together.
    pub(crate) fn write_records<E: From<SnapshotError>>(
        &self,
        sequence: u64,
        mut record: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let ids: Vec<_> =
            self.applied.iter().map(|(of, ids)| (*of, ids.iter().collect::<Vec<_>>())).collect();
        let ids: Vec<_> =
            ids.iter().flat_map(|(of, ids)| ids.chunks(IDS_MAX).map(|ids| (*of, ids.to_vec()))).collect();
        let (applied, cases) = (ids.len(), self.by_caller.size());
        let head = Written::Head { version: VERSION, sequence, applied, cases, rest: self };
        let ids = ids.into_iter().map(|(of, ids)| Written::Applied(of, ids));
        let cases = self.by_caller.iter().map(|(caller, case)| Written::Case(caller, case));
        for written in std::iter::once(head).chain(ids).chain(cases) {
            let json = Zeroizing::new(serde_json::to_vec(&written).map_err(SnapshotError::from)?);
            if json.len() > JSON_MAX {
                return Err(SnapshotError::TooLarge.into());
            }
            let mut pieces = json.chunks(PIECE_MAX).peekable();
            while let Some(piece) = pieces.next() {
                let follows = [u8::from(pieces.peek().is_some())];
                record(&Zeroizing::new([&follows, piece].concat()))?;
            }
        }
        Ok(())
    }
}

impl StateReader {
    /// Takes in the next record.
    pub(crate) fn record(&mut self, record: &[u8]) -> Result<(), SnapshotError> {
        let Some((follows, piece)) = record.split_first() else { return Err(SnapshotError::Incomplete) };
        if *follows > 1 || self.json.len().saturating_add(piece.len()) > JSON_MAX {
            return Err(SnapshotError::Incomplete);
        }
        self.json.extend_from_slice(piece);
        if *follows == 1 {
            return Ok(());
        }
        let json = std::mem::take(&mut self.json);
        match (serde_json::from_slice(&json)?, &mut self.state) {
            (Read::Head(head), None) => {
                let Head { version, sequence, applied, cases, rest } = *head;
                if version != VERSION {
                    return Err(SnapshotError::Version);
                }
                (self.state, self.expected) = (Some((sequence, rest)), (applied, cases));
            }
            (Read::Applied(of, ids), Some((_, state))) => {
                self.expected.0 = self.expected.0.checked_sub(1).ok_or(SnapshotError::Incomplete)?;
                let applied = state.applied.entry(of).or_default();
                for id in ids {
                    applied.insert_mut(id);
                }
            }
            (Read::Case(caller, case), Some((_, state))) => {
                self.expected.1 = self.expected.1.checked_sub(1).ok_or(SnapshotError::Incomplete)?;
                if !state.put(caller, *case) {
                    return Err(SnapshotError::Incomplete);
                }
            }
            _ => return Err(SnapshotError::Incomplete),
        }
        Ok(())
    }

    /// The sequence up to which entries are part of the state, and the state.
    pub(crate) fn finish(self) -> Result<(u64, Cases), SnapshotError> {
        let is_whole = self.json.is_empty() && self.expected == (0, 0);
        self.state.filter(|_| is_whole).ok_or(SnapshotError::Incomplete)
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
