//! The digest of a day's list: a chain over its drops, which the desk signs whenever it has posted to the list, and once more
//! when nothing can be appended to it any more.

use serde::{Deserialize, Serialize};

use crate::{
    derive::sha256,
    drop::Drop,
    encoding::Bytes,
    identity::{self, BadSignature, Fingerprint, PrivateKey, PublicKey},
    plan::SHARDS_MAX,
    time::{Day, Minute},
};

/// SHA-256 of a drop.
pub type DropHash = Bytes<32>;
/// The duty key's signature over a [`ListDigest`].
pub type ListSignature = Bytes<64>;

/// How many drops a list has, and `h_total`: `h_0` is zeros, `h_{i+1} = SHA-256(h_i || SHA-256(drop_i))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Drops so far.
    pub total: u32,
    /// The hash over all of them, in order.
    pub hash: Bytes<32>,
}

/// One list and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListDigest {
    /// Its day.
    pub day: Day,
    /// Its shard.
    pub shard: u32,
    /// Its drops.
    pub chain: Chain,
    /// The minute of its day in which the desk posted to it last; 0 of an empty list.
    pub minute: Minute,
}

/// What a signature says of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The list may still grow: this is its **head** after a commit.
    Head,
    /// Its day is finished.
    Day,
}

/// The signature over a finished list as it travels in a commit: the hub knows the drops itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedList {
    /// The list's day.
    pub day: Day,
    /// Its shard.
    pub shard: u32,
    /// The minute in its [`ListDigest`].
    pub minute: Minute,
    /// The duty key's signature over its [`ListDigest`].
    pub signature: ListSignature,
}

/// The signature over the head of a list of the commit's own day, drops of that commit included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// The list's shard.
    pub shard: u32,
    /// The minute in its [`ListDigest`].
    pub minute: Minute,
    /// The duty key's signature over its [`ListDigest`].
    pub signature: ListSignature,
}

impl Chain {
    /// Of an empty list.
    pub const EMPTY: Self = Self { total: 0, hash: Bytes([0; 32]) };

    /// The chain with one drop more.
    #[must_use]
    pub fn with(self, drop: &DropHash) -> Self {
        Self { total: self.total.saturating_add(1), hash: Bytes(sha256(&[&self.hash.0, &drop.0])) }
    }

    /// The chain over a whole list.
    pub fn of<'a>(drops: impl IntoIterator<Item = &'a DropHash>) -> Self {
        drops.into_iter().fold(Self::EMPTY, Self::with)
    }
}

/// The chains of all lists of one day, by their shards, as a hub shows them to a device: 36 bytes each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayChains(pub Vec<Chain>);

/// Hashes of drops of one list, in order, as a hub shows them to a device: 32 bytes each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropHashes(pub Vec<DropHash>);

/// Hashes that are shown at once, at most.
pub const DROP_HASHES_MAX: usize = 1_024;

/// What a hub shows of lists is not of this form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no row of chains or hashes")]
pub struct NoRow;

impl DayChains {
    const CHAIN: usize = 36;
    /// The longest row: that of a day with the most shards.
    pub const LEN_MAX: usize = SHARDS_MAX as usize * Self::CHAIN;

    /// `u32 total || h_total` of each.
    pub fn encode(&self) -> Vec<u8> {
        let chains = self.0.iter();
        chains.flat_map(|chain| chain.total.to_be_bytes().into_iter().chain(chain.hash.0)).collect()
    }

    /// Reads [`DayChains::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, NoRow> {
        let (chains, rest) = bytes.as_chunks::<{ Self::CHAIN }>();
        if !rest.is_empty() || bytes.len() > Self::LEN_MAX {
            return Err(NoRow);
        }
        let chain = |bytes: &[u8; Self::CHAIN]| {
            let (total, hash) = bytes.split_first_chunk()?;
            Some(Chain { total: u32::from_be_bytes(*total), hash: Bytes(hash.try_into().ok()?) })
        };
        Ok(Self(chains.iter().filter_map(chain).collect()))
    }
}

impl DropHashes {
    /// The longest row.
    pub const LEN_MAX: usize = DROP_HASHES_MAX * 32;

    /// One after the other.
    pub fn encode(&self) -> Vec<u8> {
        self.0.iter().flat_map(|hash| hash.0).collect()
    }

    /// Reads [`DropHashes::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, NoRow> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || bytes.len() > Self::LEN_MAX {
            return Err(NoRow);
        }
        Ok(Self(hashes.iter().copied().map(Bytes).collect()))
    }
}

impl Stage {
    fn label(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Day => "day",
        }
    }
}

impl ListDigest {
    /// `signed("head" or "day", fingerprint || u32 day || u32 shard || u32 total || h || u16 minute)`.
    pub fn sign(&self, stage: Stage, desk: &Fingerprint, duty_key: &PrivateKey) -> ListSignature {
        Bytes(duty_key.sign(stage.label(), &[&desk.0, &self.fields()]))
    }

    /// Checks [`ListDigest::sign`].
    pub fn verify(
        &self,
        stage: Stage,
        desk: &Fingerprint,
        duty_key: &PublicKey,
        signature: &ListSignature,
    ) -> Result<(), BadSignature> {
        identity::verify(duty_key, stage.label(), &[&desk.0, &self.fields()], &signature.0)
    }

    fn fields(&self) -> [u8; 46] {
        let mut fields = [0; 46];
        fields[..4].copy_from_slice(&self.day.0.to_be_bytes());
        fields[4..8].copy_from_slice(&self.shard.to_be_bytes());
        fields[8..12].copy_from_slice(&self.chain.total.to_be_bytes());
        fields[12..44].copy_from_slice(&self.chain.hash.0);
        fields[44..].copy_from_slice(&u16::from(self.minute).to_be_bytes());
        fields
    }
}

/// What stands for a drop in the chain.
pub fn drop_hash(drop: &Drop) -> DropHash {
    Bytes(sha256(&[&drop.0]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Secret;

    #[test]
    fn a_chain_depends_on_each_drop_and_on_their_order() {
        let [a, b] = [1, 2].map(|byte| Bytes([byte; 32]));
        assert_eq!(Chain::of([]), Chain::EMPTY);
        assert_eq!(Chain::of([&a, &b]), Chain::EMPTY.with(&a).with(&b));
        let chains = [Chain::of([&a, &b]), Chain::of([&b, &a]), Chain::of([&a]), Chain::of([&a, &b, &b])];
        for (n, chain) in chains.iter().enumerate() {
            assert!(!chains[..n].contains(chain));
        }
    }

    #[test]
    fn rows_of_chains_and_hashes_are_read_as_they_were_written() {
        let [a, b] = [1, 2].map(|byte| Bytes([byte; 32]));
        let chains = DayChains(vec![Chain::EMPTY, Chain::of([&a, &b])]);
        assert_eq!(DayChains::decode(&chains.encode()), Ok(chains.clone()));
        let hashes = DropHashes(vec![a, b]);
        assert_eq!(DropHashes::decode(&hashes.encode()), Ok(hashes.clone()));
        assert_eq!(DayChains::decode(&chains.encode()[1..]), Err(NoRow));
        assert_eq!(DropHashes::decode(&hashes.encode()[1..]), Err(NoRow));
        assert_eq!(DayChains::decode(&vec![0; DayChains::LEN_MAX + 36]), Err(NoRow));
        assert_eq!(DropHashes::decode(&vec![0; DropHashes::LEN_MAX + 32]), Err(NoRow));
    }

    #[test]
    fn a_signature_holds_for_its_own_desk_list_drops_minute_and_stage_alone() {
        let (desk, key) = (Fingerprint([1; 32]), PrivateKey::from_seed(&Secret([2; 32])));
        let [minute, later] = [8, 9].map(|minute| Minute::try_from(minute).unwrap());
        let digest = ListDigest { day: Day(9), shard: 3, chain: Chain::EMPTY.with(&Bytes([4; 32])), minute };
        let signature = digest.sign(Stage::Head, &desk, &key);
        let verify = |digest: &ListDigest, desk: &Fingerprint, key: &PublicKey| {
            digest.verify(Stage::Head, desk, key, &signature)
        };
        assert!(verify(&digest, &desk, &key.public()).is_ok());
        assert!(digest.verify(Stage::Day, &desk, &key.public(), &signature).is_err());
        assert!(verify(&digest, &Fingerprint([2; 32]), &key.public()).is_err());
        let other = PrivateKey::from_seed(&Secret([3; 32])).public();
        assert!(verify(&digest, &desk, &other).is_err());
        let chain = Chain { total: 2, ..digest.chain };
        for changed in [
            ListDigest { day: Day(8), ..digest },
            ListDigest { shard: 2, ..digest },
            ListDigest { chain, ..digest },
            ListDigest { chain: Chain::EMPTY, ..digest },
            ListDigest { minute: later, ..digest },
        ] {
            assert!(verify(&changed, &desk, &key.public()).is_err());
        }
    }
}
