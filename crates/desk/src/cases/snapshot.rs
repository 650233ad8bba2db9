//! The state as a stream of records: what a generation begins with, so that the entries before it can be destroyed.

use std::sync::Arc;

use callsign_protocol::{
    caller_keys::CallerId,
    snapshot::{CHUNK_LEN, CHUNKS_MAX, RECORD_MAX},
    time::Day,
};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{
    AuditDay, Case, Cases, EventId, Row, Unread,
    shelf::{Lies, Slot},
};

/// The version of the records; another one is refused.
const VERSION: u8 = 3;
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
    Head { version: u8, sequence: u64, applied: usize, audit: usize, cases: usize, rest: &'a Cases },
    Applied(u32, Vec<EventId>),
    Audit(Day, AuditDay),
    Case(CallerId, #[serde(serialize_with = "as_it_is")] Arc<Case>),
}

/// A case that is shared, as one that is not.
fn as_it_is<S: serde::Serializer>(case: &Case, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(case, serializer)
}

/// A record as it is read.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Read {
    Head(Box<Head>),
    Applied(u32, Vec<EventId>),
    Audit(Day, AuditDay),
    Case(CallerId, Box<Case>),
}

#[derive(Debug, serde::Deserialize)]
struct Head {
    version: u8,
    /// Entries up to this one are part of the state.
    sequence: u64,
    /// Records of ids, of days of the audit, and of cases, that follow.
    applied: usize,
    audit: usize,
    cases: usize,
    /// All but these.
    rest: Cases,
}

/// The records of a state as they come in, none of which stays in memory.
#[derive(Debug, Default)]
pub(crate) struct RecordReader {
    /// What has come of a record that is cut.
    json: Zeroizing<Vec<u8>>,
    /// Records of ids, of days of the audit, and of cases, that are still to come; none before the head.
    expected: Option<[usize; 3]>,
}

/// A state whose records come in, in order.
#[derive(Debug, Default)]
pub(crate) struct StateReader {
    records: RecordReader,
    state: Option<(u64, Cases)>,
    cases: Vec<(CallerId, Arc<Slot>)>,
}

impl Cases {
    /// Passes on the records of this state, of which entries up to `sequence` are part. A case is a record of its own, or
    /// several where it is long.
    ///
    /// # Errors
    /// Those of `record`, [`Unread`], and [`SnapshotError::TooLarge`] of a case that no reader would put together.
    pub(crate) fn write_records<E: From<SnapshotError> + From<Unread>>(
        &self,
        sequence: u64,
        mut record: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let applied = self.applied.pieces(IDS_MAX).count();
        let (audit, cases) = (self.audit_all().count(), self.count());
        let head = Written::Head { version: VERSION, sequence, applied, audit, cases, rest: self };
        let ids = self.applied.pieces(IDS_MAX).map(|(of, ids)| Ok(Written::Applied(of, ids)));
        let cases = self.callers().zip(self.all()).map(|(caller, case)| Ok(Written::Case(caller, case?)));
        let audit = self.audit_all().map(|(day, lines)| Ok(Written::Audit(day, lines.clone())));
        for written in std::iter::once(Ok(head)).chain(ids).chain(audit).chain(cases) {
            let written: Written<'_> = written.map_err(|unread: Unread| E::from(unread))?;
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

impl RecordReader {
    /// Reads the next record, and keeps nothing of it.
    ///
    /// # Errors
    /// [`SnapshotError`]
    pub(crate) fn check(&mut self, record: &[u8]) -> Result<(), SnapshotError> {
        self.next(record).map(drop)
    }

    /// The record that has come whole with this piece of it, where it is its turn.
    fn next(&mut self, record: &[u8]) -> Result<Option<Read>, SnapshotError> {
        let Some(json) = self.piece(record)? else { return Ok(None) };
        let read = serde_json::from_slice(&json)?;
        match (&read, &mut self.expected) {
            (Read::Head(head), None) => {
                if head.version != VERSION {
                    return Err(SnapshotError::Version);
                }
                self.expected = Some([head.applied, head.audit, head.cases]);
            }
            (Read::Applied(..), Some([left, ..])) | (Read::Audit(..), Some([0, left, _])) => {
                *left = left.checked_sub(1).ok_or(SnapshotError::Incomplete)?;
            }
            (Read::Case(caller, case), Some([0, 0, left])) => {
                *left = left.checked_sub(1).ok_or(SnapshotError::Incomplete)?;
                if case.id() != *caller {
                    return Err(SnapshotError::Incomplete);
                }
            }
            _ => return Err(SnapshotError::Incomplete),
        }
        Ok(Some(read))
    }

    fn piece(&mut self, record: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, SnapshotError> {
        let Some((follows, piece)) = record.split_first() else { return Err(SnapshotError::Incomplete) };
        if *follows > 1 || self.json.len().saturating_add(piece.len()) > JSON_MAX {
            return Err(SnapshotError::Incomplete);
        }
        self.json.extend_from_slice(piece);
        Ok((*follows == 0).then(|| std::mem::take(&mut self.json)))
    }

    /// Sees that all records have come.
    ///
    /// # Errors
    /// [`SnapshotError::Incomplete`]
    pub(crate) fn finish(self) -> Result<(), SnapshotError> {
        let is_whole = self.json.is_empty() && self.expected == Some([0; 3]);
        if is_whole { Ok(()) } else { Err(SnapshotError::Incomplete) }
    }
}

impl StateReader {
    /// Takes in the next record. `shelve` may put a case into a row; then it does not stay in memory.
    ///
    /// # Errors
    /// Those of `shelve`, and [`SnapshotError`].
    pub(crate) fn record<E: From<SnapshotError>>(
        &mut self,
        record: &[u8],
        shelve: impl FnOnce(&Case) -> Result<Option<Row>, E>,
    ) -> Result<(), E> {
        match (self.records.next(record)?, &mut self.state) {
            (None, _) => {}
            (Some(Read::Head(head)), state) => *state = Some((head.sequence, head.rest)),
            (Some(Read::Applied(of, ids)), Some((_, state))) => state.put_applied(vec![(of, ids)]),
            (Some(Read::Audit(day, lines)), Some((_, state))) => state.put_audit(day, lines),
            (Some(Read::Case(caller, case)), _) => {
                let head = super::Head::of(&case, Day(0));
                let lies = match shelve(&case)? {
                    Some(row) => Lies::Row(row),
                    None => Lies::Memory(Arc::from(case), None),
                };
                self.cases.push((caller, Arc::new(Slot { head, lies })));
            }
            (Some(Read::Applied(..) | Read::Audit(..)), None) => return Err(SnapshotError::Incomplete.into()),
        }
        Ok(())
    }

    /// The sequence up to which entries are part of the state, and the state.
    pub(crate) fn finish(self) -> Result<(u64, Cases), SnapshotError> {
        self.records.finish()?;
        let (sequence, mut state) = self.state.ok_or(SnapshotError::Incomplete)?;
        let cases = self.cases.len();
        state.put_slots(self.cases);
        if state.count() == cases { Ok((sequence, state)) } else { Err(SnapshotError::Incomplete) }
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
