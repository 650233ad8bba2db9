//! Commits: an entry with the drops and the inbox position that belong to it, applied whole or not at all.

use thiserror::Error;

use crate::{
    derive::sha256,
    digest::{SignedHead, SignedList},
    drop::{DROP_LEN, Drop},
    encoding::Bytes,
    entry::{ENTRY_LEN, Entry, EntryError, EntryHash},
    layout::{LayoutError, Reader},
    snapshot::{CHUNKS_MAX, ChunkList},
    time::Day,
};

/// Drops in a commit at most.
pub const DROPS_MAX: usize = 64;
/// Signatures of finished lists in a commit at most.
pub const SIGNATURES_MAX: usize = 64;
/// Heads in a commit at most; each list that it posts to has one.
pub const HEADS_MAX: usize = DROPS_MAX;
/// Bytes of a commit at most.
pub const COMMIT_MAX: usize = ENTRY_LEN
    + FIXED_LEN
    + DROPS_MAX * (4 + DROP_LEN)
    + SIGNATURES_MAX * SIGNED_LIST_LEN
    + HEADS_MAX * SIGNED_HEAD_LEN
    + ChunkList::LEN;
/// Bytes of inbox and log position, and of the four counts.
const FIXED_LEN: usize = 23;
const SIGNED_LIST_LEN: usize = 74;
const SIGNED_HEAD_LEN: usize = 70;

/// What travels with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Inbox cells up to and including this position are done with; 0 is none.
    pub inbox_done: u64,
    /// Entries up to and including this sequence are kept no more; 0 is none.
    pub log_done: u64,
    /// Shard and drop, in order.
    pub drops: Vec<(u32, Drop)>,
    /// Signatures of lists of finished days.
    pub signed: Vec<SignedList>,
    /// Heads of the day's lists that have drops, these among them: of each that these go to, and of others after a new notice.
    pub heads: Vec<SignedHead>,
    /// The chunks of a snapshot of the entry's generation that is whole: the hub keeps exactly these from now on.
    pub whole: Option<ChunkList>,
}

/// A commit as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The entry; its hash is the commit's id.
    pub entry: Entry,
    /// What belongs to it.
    pub rest: Rest,
}

/// The head of the log after a commit, 40 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Entries in the log.
    pub sequence: u64,
    /// Hash of the last one, zeros where there is none.
    pub hash: EntryHash,
}

/// Why a commit is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CommitError {
    /// The entry is malformed.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The sizes do not agree.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// What travels with the entry is not what the device signed.
    #[error("the drops are not those that the entry was signed with")]
    RestHash,
    /// More than [`DROPS_MAX`] drops.
    #[error("too many drops")]
    TooManyDrops,
    /// More than [`SIGNATURES_MAX`] signatures.
    #[error("too many signatures")]
    TooManySignatures,
    /// More than [`HEADS_MAX`] heads.
    #[error("too many heads")]
    TooManyHeads,
    /// More than one snapshot, or one of no chunk or more than [`CHUNKS_MAX`].
    #[error("no snapshot has so many chunks")]
    Snapshot,
}

impl Rest {
    /// The bytes behind the entry.
    ///
    /// # Panics
    /// With more than 65,535 drops, signatures or heads.
    pub fn encode(&self) -> Vec<u8> {
        let varying = self.drops.len() * (4 + DROP_LEN)
            + self.signed.len() * SIGNED_LIST_LEN
            + self.heads.len() * SIGNED_HEAD_LEN;
        let mut bytes = Vec::with_capacity(FIXED_LEN + varying + ChunkList::LEN);
        bytes.extend_from_slice(&self.inbox_done.to_be_bytes());
        bytes.extend_from_slice(&self.log_done.to_be_bytes());
        bytes.extend_from_slice(&u16::try_from(self.drops.len()).expect("few drops").to_be_bytes());
        for (shard, drop) in &self.drops {
            bytes.extend_from_slice(&shard.to_be_bytes());
            bytes.extend_from_slice(&drop.0);
        }
        bytes.extend_from_slice(&u16::try_from(self.signed.len()).expect("few signatures").to_be_bytes());
        for SignedList { day, shard, minute, signature } in &self.signed {
            bytes.extend_from_slice(&day.0.to_be_bytes());
            bytes.extend_from_slice(&shard.to_be_bytes());
            bytes.extend_from_slice(&u16::from(*minute).to_be_bytes());
            bytes.extend_from_slice(&signature.0);
        }
        bytes.extend_from_slice(&u16::try_from(self.heads.len()).expect("few heads").to_be_bytes());
        for SignedHead { shard, minute, signature } in &self.heads {
            bytes.extend_from_slice(&shard.to_be_bytes());
            bytes.extend_from_slice(&u16::from(*minute).to_be_bytes());
            bytes.extend_from_slice(&signature.0);
        }
        bytes.push(u8::from(self.whole.is_some()));
        bytes.extend(self.whole.iter().flat_map(ChunkList::encode));
        bytes
    }

    /// What the entry is signed with.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[&self.encode()])
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CommitError> {
        let (inbox_done, log_done) = (reader.u64()?, reader.u64()?);
        let count = usize::from(reader.u16()?);
        if count > DROPS_MAX {
            return Err(CommitError::TooManyDrops);
        }
        let mut drops = Vec::with_capacity(count);
        for _ in 0..count {
            drops.push((reader.u32()?, Drop(reader.array()?)));
        }
        let count = usize::from(reader.u16()?);
        if count > SIGNATURES_MAX {
            return Err(CommitError::TooManySignatures);
        }
        let mut signed = Vec::with_capacity(count);
        for _ in 0..count {
            let (day, shard, minute) = (Day(reader.u32()?), reader.u32()?, reader.u16()?.try_into()?);
            signed.push(SignedList { day, shard, minute, signature: Bytes(reader.array()?) });
        }
        let count = usize::from(reader.u16()?);
        if count > HEADS_MAX {
            return Err(CommitError::TooManyHeads);
        }
        let mut heads = Vec::with_capacity(count);
        for _ in 0..count {
            let (shard, minute) = (reader.u32()?, reader.u16()?.try_into()?);
            heads.push(SignedHead { shard, minute, signature: Bytes(reader.array()?) });
        }
        let whole = match reader.u8()? {
            0 => None,
            1 => Some(ChunkList::read(reader)?),
            _ => return Err(CommitError::Snapshot),
        };
        if whole.is_some_and(|whole| !(1..=CHUNKS_MAX).contains(&whole.count)) {
            return Err(CommitError::Snapshot);
        }
        Ok(Self { inbox_done, log_done, drops, signed, heads, whole })
    }
}

impl Commit {
    /// The day that the drops are listed under.
    pub fn day(&self) -> Day {
        self.entry.header().day
    }

    /// The bytes of section 10.
    pub fn encode(&self) -> Vec<u8> {
        [self.entry.as_bytes().as_slice(), &self.rest.encode()].concat()
    }

    /// Reads a commit; that the rest is what the entry was signed with is checked here, the signature is not.
    pub fn decode(bytes: &[u8]) -> Result<Self, CommitError> {
        let mut reader = Reader::new(bytes);
        let entry = Entry::from_bytes(reader.slice(ENTRY_LEN)?)?;
        let rest = Rest::read(&mut reader)?;
        reader.finish()?;
        if entry.rest_hash() != rest.hash() {
            return Err(CommitError::RestHash);
        }
        Ok(Self { entry, rest })
    }
}

impl Head {
    /// The head of an empty log.
    pub const EMPTY: Self = Self { sequence: 0, hash: Bytes([0; 32]) };

    /// `u64 sequence || hash 32`.
    pub fn encode(&self) -> [u8; 40] {
        let mut bytes = [0; 40];
        bytes[..8].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[8..].copy_from_slice(&self.hash.0);
        bytes
    }

    /// Reads [`Head::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, LayoutError> {
        let mut reader = Reader::new(bytes);
        let head = Self { sequence: reader.u64()?, hash: Bytes(reader.array()?) };
        reader.finish()?;
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        encoding::Secret,
        entry::{Bundle, EVENTS_MAX, EntryHeader, Writer},
        identity::{Fingerprint, PrivateKey},
        json,
        keyring::device_id,
        time::{Minute, UnixSeconds},
    };
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    /// So many events.
    fn bundle(events: usize) -> Bundle {
        let event = serde_json::json!({ "id": Bytes([4; 16]), "type": "flushed" });
        Bundle::of(UnixSeconds(777_659), 1, &vec![event; events]).unwrap()
    }

    fn commit() -> (Commit, PrivateKey, Bundle) {
        let key = PrivateKey::from_seed(&Secret([1; 32]));
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let (minute, signature) = (Minute::try_from(1_439).unwrap(), Bytes([7; 64]));
        let signed = vec![SignedList { day: Day(8), shard: 3, minute, signature }];
        let heads = vec![SignedHead { shard: 0, minute, signature }];
        let drops = vec![(0, Drop::dummy(&mut rng)); 2];
        let whole = Some(ChunkList { attempt: Bytes([8; 16]), count: 128, hash: Bytes([9; 32]) });
        let rest = Rest { inbox_done: 5, log_done: 2, drops, signed, heads, whole };
        let (device, prev) = (device_id(&key.public()), Head::EMPTY.hash);
        let header = EntryHeader { generation: 1, device, prev, day: Day(9) };
        let bundle = bundle(1);
        let writer =
            Writer { fingerprint: &Fingerprint([2; 32]), log_key: &Secret([3; 32]), signing_key: &key };
        let entry = Entry::write(&header, &rest.hash(), &bundle, &writer, &mut rng).unwrap();
        (Commit { entry, rest }, key, bundle)
    }

    #[test]
    fn a_commit_encodes_back_and_its_entry_opens() {
        let (commit, key, bundle) = commit();
        let bytes = commit.encode();
        let decoded = Commit::decode(&bytes).unwrap();
        assert_eq!(decoded, commit);
        assert_eq!((decoded.day(), bundle.at), (Day(9), UnixSeconds(777_600)));
        let desk = Fingerprint([2; 32]);
        assert_eq!(decoded.entry.verify(&desk, &key.public()), Ok(()));
        assert_eq!(decoded.entry.open(&desk, &Secret([3; 32])), Ok(bundle));
        assert_eq!(decoded.entry.open(&desk, &Secret([4; 32])), Err(EntryError::Sealed));
        assert_eq!(decoded.entry.open(&Fingerprint([0; 32]), &Secret([3; 32])), Err(EntryError::Sealed));
    }

    #[test]
    fn whatever_is_changed_or_cut_is_noticed() {
        let (commit, key, _) = commit();
        let bytes = commit.encode();
        for at in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
            let mut tampered = bytes.clone();
            tampered[at] ^= 1;
            let accepted = Commit::decode(&tampered)
                .is_ok_and(|c| c.entry.verify(&Fingerprint([2; 32]), &key.public()).is_ok());
            assert!(!accepted, "byte {at}");
            assert!(Commit::decode(&bytes[..at]).is_err(), "cut at {at}");
        }
        let mut swapped = bytes.clone();
        swapped[ENTRY_LEN + 28] ^= 1;
        assert_eq!(Commit::decode(&swapped), Err(CommitError::RestHash));
        let mut many = bytes.clone();
        many[ENTRY_LEN + 16] = 1;
        assert_eq!(Commit::decode(&many), Err(CommitError::TooManyDrops));
        let mut many = bytes.clone();
        many[ENTRY_LEN + 18 + 2 * 1_028] = 1;
        assert_eq!(Commit::decode(&many), Err(CommitError::TooManySignatures));
        let heads_at = ENTRY_LEN + 20 + 2 * 1_028 + 74;
        let mut many = bytes.clone();
        many[heads_at] = 1;
        assert_eq!(Commit::decode(&many), Err(CommitError::TooManyHeads));
        // Minute 1,440 of a finished list, then of a head.
        for minute_at in [heads_at - 66, heads_at + 6] {
            let mut later = bytes.clone();
            later[minute_at + 1] += 1;
            assert_eq!(Commit::decode(&later), Err(CommitError::Layout(LayoutError::OutOfRange)));
        }
        let whole_at = heads_at + 2 + 70;
        // Two of them; none of its chunks; more than there may be.
        for (at, byte) in [(0, 2), (20, 0), (18, 0x11)] {
            let mut refused = bytes.clone();
            refused[whole_at + at] = byte;
            assert_eq!(Commit::decode(&refused), Err(CommitError::Snapshot), "{at}");
        }
    }

    #[test]
    fn events_that_do_not_fit_are_refused() {
        let (commit, key, _) = commit();
        let many = bundle(EVENTS_MAX / 40);
        let writer =
            Writer { fingerprint: &Fingerprint([2; 32]), log_key: &Secret([3; 32]), signing_key: &key };
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let mut write = |bundle| Entry::write(&commit.entry.header(), &[0; 32], bundle, &writer, &mut rng);
        assert_eq!(write(&many), Err(EntryError::TooLarge));
        // What counts as fitting fits whatever else the bundle says.
        let event = |len: usize| serde_json::json!({ "id": "x".repeat(len - 9) });
        let most = [event(EVENTS_MAX - 2)];
        assert_eq!(serde_json::to_vec(&most).unwrap().len(), EVENTS_MAX);
        let most = Bundle::of(UnixSeconds(json::NUMBER_MAX), u32::MAX, &most).unwrap().with_identity(true);
        assert!(write(&most).is_ok());
    }
}
