//! Which words of a case follow each other, in some bits for each pair: so words between quotation marks are looked for in few cases
//! besides those in which they stand so.

use zeroize::Zeroizing;

/// Bits for each pair of words.
const BITS: usize = 12;
/// Bits that a pair sets: with so many of [`BITS`] one case in two hundred seems to have a pair that it does not have.
const PROBES: u64 = 6;
/// Bytes of a case's pairs at least: fewer would be too full.
const BYTES_MIN: usize = 8;

/// The pairs of one case. Who asks for one that it has is told so; who asks for another mostly is told that it has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pairs(Zeroizing<Box<[u8]>>);

/// A pair of words that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair(u64);

impl Pairs {
    /// Those of a case whose words come folded, with spaces between them.
    pub(super) fn of(folded: &str) -> Self {
        let words: Vec<u64> = folded.split(' ').map(hash).collect();
        let mut pairs: Vec<Pair> = words.windows(2).map(|two| Pair::of_hashes(two[0], two[1])).collect();
        pairs.sort_unstable();
        pairs.dedup();
        if pairs.is_empty() {
            return Self(Zeroizing::new(Box::new([])));
        }
        let mut bits = vec![0_u8; (pairs.len() * BITS).div_ceil(8).max(BYTES_MIN)].into_boxed_slice();
        for pair in pairs {
            for (at, bit) in pair.places(bits.len()) {
                bits[at] |= bit;
            }
        }
        Self(Zeroizing::new(bits))
    }

    /// As they are kept in an image.
    pub(super) fn from_bytes(bytes: Box<[u8]>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// What an image keeps.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether all of these may be among them.
    pub(super) fn may_have(&self, pairs: &[Pair]) -> bool {
        let has = |pair: &Pair| {
            !self.0.is_empty() && pair.places(self.0.len()).all(|(at, bit)| self.0[at] & bit != 0)
        };
        pairs.iter().all(has)
    }
}

impl Pair {
    /// Of two folded words.
    pub(super) fn of(first: &str, second: &str) -> Self {
        Self::of_hashes(hash(first), hash(second))
    }

    fn of_hashes(first: u64, second: u64) -> Self {
        let both = (first.rotate_left(23) ^ second).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self((both ^ (both >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93))
    }

    /// Its bits among those of so many bytes.
    fn places(self, bytes: usize) -> impl Iterator<Item = (usize, u8)> {
        let (from, step, bits) = (self.0 & 0xffff_ffff, self.0 >> 32 | 1, bytes as u64 * 8);
        (0..PROBES).map(move |probe| {
            let place = (from + probe * step) % bits;
            ((place / 8) as usize, 1 << (place % 8))
        })
    }
}

/// The same with every program: an image outlives the one that wrote it. Whoever makes words with one hash hides nothing by that.
fn hash(word: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    word.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_pair_that_is_there_is_never_missed(words in prop::collection::vec("[а-яa-z0-9]{1,6}", 0..200)) {
            let pairs = Pairs::of(&words.join(" "));
            for two in words.windows(2) {
                prop_assert!(pairs.may_have(&[Pair::of(&two[0], &two[1])]));
            }
            let kept = Pairs::from_bytes(pairs.as_bytes().into());
            prop_assert_eq!(&kept, &pairs);
            prop_assert!(kept.may_have(&[]));
        }
    }

    #[test]
    fn of_pairs_that_are_not_there_few_seem_to_be() {
        let words: Vec<String> = (0..130).map(|at| format!("слово{at}")).collect();
        let pairs = Pairs::of(&words.join(" "));
        assert!(pairs.as_bytes().len() <= 200, "{}", pairs.as_bytes().len());
        let others = (0..130).flat_map(|one| (0..130).map(move |other| (one, other)));
        let others = others.filter(|(one, other)| one + 1 != *other);
        let seem =
            others.filter(|(one, other)| pairs.may_have(&[Pair::of(&words[*one], &words[*other])])).count();
        assert!(seem < 130 * 130 / 100, "{seem}");
        assert!(!Pairs::of("слово").may_have(&[Pair::of("слово", "слово")]));
    }
}
